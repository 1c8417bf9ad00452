// SPDX-License-Identifier: Apache-2.0

/// The command line's name of an operation, a parameter or a waiter: `CreateAutoMLJobV2` → `create-auto-ml-job-v2`.
///
/// The rule is botocore's `xform_name` with a dash: first a plural acronym at the end (`ModelARNs`) becomes a word of its
/// own, then a dash goes before every capital followed by small letters, then between a small letter or digit and a capital.
public func commandName(_ camelCase: String) -> String {
    var bytes = Array(camelCase.utf8)
    if bytes.contains(dash) { return camelCase }
    if let exception = exceptions[camelCase] { return exception }
    splitPluralAcronym(&bytes)
    let words = splitWords(bytes)
    var name: [UInt8] = []
    name.reserveCapacity(words.count + 8)
    for (index, byte) in words.enumerated() {
        if isUpper(byte), index > 0, isLower(words[index - 1]) || isDigit(words[index - 1]) { name.append(dash) }
        name.append(isUpper(byte) ? byte | 0x20 : byte)
    }
    return String(decoding: name, as: UTF8.self)
}

/// Names that the rule would cut in the wrong places; the table is botocore's.
private let exceptions = [
    "CreateCachediSCSIVolume": "create-cached-iscsi-volume",
    "DescribeCachediSCSIVolumes": "describe-cached-iscsi-volumes",
    "GetOTelEnrichment": "get-otel-enrichment",
    "StartOTelEnrichment": "start-otel-enrichment",
    "StopOTelEnrichment": "stop-otel-enrichment",
]

private let dash = UInt8(ascii: "-")

private func isUpper(_ byte: UInt8) -> Bool { byte >= 0x41 && byte <= 0x5a }
private func isLower(_ byte: UInt8) -> Bool { byte >= 0x61 && byte <= 0x7a }
private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

/// `ModelARNs` → `Model-arns`: two or more capitals and an `s` at the end.
private func splitPluralAcronym(_ bytes: inout [UInt8]) {
    guard bytes.last == UInt8(ascii: "s") else { return }
    var start = bytes.count - 1
    while start > 0, isUpper(bytes[start - 1]) { start -= 1 }
    guard bytes.count - 1 - start >= 2 else { return }
    for index in start..<bytes.count - 1 { bytes[index] |= 0x20 }
    bytes.insert(dash, at: start)
}

/// A dash before each capital that small letters follow; as a regular expression's matches, these do not overlap.
private func splitWords(_ bytes: [UInt8]) -> [UInt8] {
    var words: [UInt8] = []
    words.reserveCapacity(bytes.count + 8)
    var index = 0
    while index < bytes.count {
        words.append(bytes[index])
        if index + 2 < bytes.count, isUpper(bytes[index + 1]), isLower(bytes[index + 2]) {
            words.append(dash)
            words.append(bytes[index + 1])
            index += 2
            while index < bytes.count, isLower(bytes[index]) {
                words.append(bytes[index])
                index += 1
            }
        } else {
            index += 1
        }
    }
    return words
}

/// `commandName(_:)` where a property of the same name hides it.
func kebabCase(_ camelCase: String) -> String { commandName(camelCase) }
