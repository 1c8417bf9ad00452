// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import ServiceModel
import Wire

/// What the client does between a command's parameters and the request: blobs decoded, names checked, tokens filled in,
/// all of it validated, texts turned into the moments and bytes they stand for.
struct ClientCall {
    let operation: OperationModel
    let binaryFormat: GlobalOptions.BinaryFormat

    /// The input and body to send.
    ///
    /// - Throws: `CommandFailure` with all problems.
    func prepare(_ members: OrderedDictionary<String, Value>, body: Body?) throws(CommandFailure) -> (input: Value, body: Body?) {
        var input = Value.object(members)
        guard let shape = operation.input else { return (input, body) }
        if binaryFormat == .base64 { input = try decodeBlobs(input, shape) }
        if operation.service == "s3" { try checkForS3(input) }
        for member in shape.members where member.isIdempotencyToken && input[member.name] == nil {
            input[member.name] = .string(UUID().uuidString.lowercased())
        }
        input = datesRead(input, shape)
        var checked = input
        if body != nil, let stream = operation.streamingInputMember { checked[stream.name] = "" }
        let problems = ParameterValidator.clientProblems(checked, shape: shape)
        if !problems.isEmpty { throw .parameter("Parameter validation failed:\n" + problems.joined(separator: "\n")) }
        input = typed(input, shape)
        var body = body
        if body == nil, let stream = operation.streamingInputMember, let bytes = input[stream.name]?.blobValue {
            body = Body(bytes: bytes)
            input[stream.name] = nil
        }
        if operation.service == "s3" { input = addS3Facts(input, shape) }
        return (input, body)
    }

    /// Base64 text of blobs becomes bytes.
    private func decodeBlobs(_ value: Value, _ shape: Shape) throws(CommandFailure) -> Value {
        switch (shape.kind, value) {
        case (.structure, .object(var members)):
            for (name, content) in members {
                if let member = shape.member(named: name) { members[name] = try decodeBlobs(content, member.shape) }
            }
            return .object(members)
        case (.list, .list(var elements)):
            guard let element = shape.element?.shape else { return value }
            for index in elements.indices { elements[index] = try decodeBlobs(elements[index], element) }
            return .list(elements)
        case (.map, .object(var members)):
            guard let content = shape.value?.shape else { return value }
            for (name, value) in members { members[name] = try decodeBlobs(value, content) }
            return .object(members)
        case (.blob, .string(let text)):
            guard let bytes = LenientBase64.decode(text) else { throw .general("Invalid base64: \"\(text)\"") }
            return .blob(bytes)
        default: return value
        }
    }

    /// Dates that only people write become moments before they are judged.
    private func datesRead(_ value: Value, _ shape: Shape) -> Value {
        switch (shape.kind, value) {
        case (.structure, .object(var members)):
            for (name, content) in members {
                if let member = shape.member(named: name) { members[name] = datesRead(content, member.shape) }
            }
            return .object(members)
        case (.list, .list(let elements)):
            guard let element = shape.element?.shape, !element.kind.isScalar || element.kind == .timestamp else { return value }
            return .list(elements.map { datesRead($0, element) })
        case (.timestamp, .string(let text)) where TimestampText.seconds(text) == nil:
            return WrittenDate.seconds(text).map { .timestamp($0) } ?? value
        default: return value
        }
    }

    /// Text that stands for a moment, bytes or a number, as what it stands for; the value has been checked.
    private func typed(_ value: Value, _ shape: Shape) -> Value {
        switch (shape.kind, value) {
        case (.structure, .object(var members)):
            for (name, content) in members {
                if let member = shape.member(named: name) { members[name] = typed(content, member.shape) }
            }
            return .object(members)
        case (.list, .list(let elements)):
            guard let element = shape.element?.shape else { return value }
            return .list(elements.map { typed($0, element) })
        case (.map, .object(var members)):
            guard let content = shape.value?.shape else { return value }
            for (name, value) in members { members[name] = typed(value, content) }
            return .object(members)
        case (.blob, .string(let text)): return .blob(Array(text.utf8))
        case (.timestamp, .string(let text)): return TimestampText.seconds(text).map { .timestamp($0) } ?? value
        case (.timestamp, .integer), (.timestamp, .double): return value.doubleValue.map { .timestamp($0) } ?? value
        case (.float, .integer(let number)), (.double, .integer(let number)): return .double(Double(number))
        case (.integer, .boolean(let flag)), (.long, .boolean(let flag)): return .integer(flag ? 1 : 0)
        default: return value
        }
    }

    private func checkForS3(_ input: Value) throws(CommandFailure) {
        if let bucket = input["Bucket"]?.stringValue, !BucketName.isSendable(bucket) {
            throw .parameter("Parameter validation failed:\n\(BucketName.complaint(bucket))")
        }
        for (key, value) in input["Metadata"]?.objectValue ?? [:] {
            guard let text = value.stringValue, !(key + text).utf8.allSatisfy({ $0 < 0x80 }) else { continue }
            throw .parameter(
                "Parameter validation failed:\nNon ascii characters found in S3 metadata for key \"\(key)\", "
                    + "value: \"\(text)\".  \nS3 metadata can only contain ASCII characters. ")
        }
    }

    /// What clients of S3 add by themselves: checksums wanted in answers, sources of copies percent-encoded.
    private func addS3Facts(_ input: Value, _ shape: Shape) -> Value {
        var input = input
        if let mode = operation.checksumModeMember, input[mode] == nil { input[mode] = "ENABLED" }
        if let source = input["CopySource"]?.stringValue {
            let parts = source.components(separatedBy: "?versionId=")
            var allowed = CharacterSet(charactersIn: "-._~/")
            allowed.formUnion(CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))
            let path = parts[0].addingPercentEncoding(withAllowedCharacters: allowed) ?? parts[0]
            input["CopySource"] = .string(parts.count > 1 ? "\(path)?versionId=\(parts[1])" : path)
        }
        return input
    }
}

/// Which bucket names clients send at all; the service has stricter rules for new ones.
public enum BucketName {
    private static let accessPoint =
        #"^arn:(aws).*:(s3|s3-object-lambda):[a-z\-0-9]*:[0-9]{12}:accesspoint[/:][a-zA-Z0-9\-.]{1,63}$|"#
        + #"^arn:(aws).*:s3-outposts:[a-z\-0-9]+:[0-9]{12}:outpost[/:][a-zA-Z0-9\-]{1,63}[/:]accesspoint[/:][a-zA-Z0-9\-]{1,63}$"#

    /// True for a name of 1 to 255 letters, digits, dots, dashes and underscores, and for access points' ARNs.
    public static func isSendable(_ name: String) -> Bool {
        if name.hasPrefix("arn:aws") { return name.range(of: accessPoint, options: .regularExpression) != nil }
        return (1...255).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: true
                default: false
                }
            }
    }

    /// The client's words about a name that it does not send.
    public static func complaint(_ name: String) -> String {
        "Invalid bucket name \"\(name)\": Bucket name must match the regex \"^[a-zA-Z0-9.\\-_]{1,255}$\" or be an ARN matching "
            + "the regex \"\(accessPoint)\""
    }
}

/// Base64 as Python's `b64decode` reads it by default: characters of no meaning are passed over.
enum LenientBase64 {
    static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer: UInt32 = 0
        var position = 0
        var padding = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "=") {
                padding += 1
                if position >= 2, position + padding >= 4 { return bytes }
                continue
            }
            guard let digit = digit(byte) else { continue }
            padding = 0
            buffer = buffer << 6 | digit
            position = (position + 1) % 4
            switch position {
            case 2: bytes.append(UInt8(truncatingIfNeeded: buffer >> 4))
            case 3: bytes.append(UInt8(truncatingIfNeeded: buffer >> 2))
            case 0: bytes.append(UInt8(truncatingIfNeeded: buffer))
            default: break
            }
        }
        return position == 0 ? bytes : nil
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x41...0x5a: UInt32(byte) - 0x41
        case 0x61...0x7a: UInt32(byte) - 0x61 + 26
        case 0x30...0x39: UInt32(byte) - 0x30 + 52
        case 0x2b: 62
        case 0x2f: 63
        default: nil
        }
    }
}
