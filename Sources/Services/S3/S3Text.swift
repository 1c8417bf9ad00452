// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire
import World

/// The small grammars of S3's names, headers and parameters.
enum S3Text {
    /// Whether a new bucket may have that name (the general purpose bucket naming rules).
    static func isBucketName(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        func isAlphanumeric(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) }
        guard (3...63).contains(bytes.count), isAlphanumeric(bytes[0]), isAlphanumeric(bytes[bytes.count - 1]) else { return false }
        guard bytes.allSatisfy({ isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }) else { return false }
        if name.contains("..") { return false }
        let parts = name.split(separator: ".")
        if parts.count == 4, parts.allSatisfy({ $0.allSatisfy(\.isNumber) && $0.count <= 3 }) { return false }
        if ["xn--", "sthree-", "amzn-s3-demo-"].contains(where: name.hasPrefix) { return false }
        return !["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"].contains(where: name.hasSuffix)
    }

    /// A key as lists show it where `encoding-type=url` is asked for.
    static func encoded(_ text: String, _ encoding: String?) -> String {
        encoding == "url" ? PercentEncoding.encode(text, keepsSlash: true) : text
    }

    /// An entity tag as answers show it.
    static func quoted(_ eTag: String) -> String { "\"\(eTag)\"" }

    /// An entity tag as requests name it, with or without quotation marks.
    static func unquoted(_ eTag: String) -> String {
        var text = eTag.trimmingPrefix { $0 == " " }
        if text.hasPrefix("W/") { text = text.dropFirst(2) }
        if text.hasPrefix("\"") { text = text.dropFirst() }
        if text.hasSuffix("\"") { text = text.dropLast() }
        return String(text)
    }

    /// Whether a list of entity tags (`"a", "b"` or `*`) has this one.
    static func eTagList(_ list: String, has eTag: String) -> Bool {
        list.split(separator: ",").contains { part in
            let tag = unquoted(String(part))
            return tag == "*" || tag == eTag
        }
    }

    /// The tags of an `x-amz-tagging` header: `key=value&key=value`.
    static func tags(fromHeader header: String) throws -> [Tag] {
        let tags = QueryItem.parse(header, plusIsSpace: true).map { Tag(Key: $0.name, Value: $0.value ?? "") }
        try check(objectTags: tags)
        return tags
    }

    /// Checks the tags of an object.
    static func check(objectTags tags: [Tag]) throws {
        if tags.count > 10 { throw ServiceError("BadRequest", "Object tags cannot be greater than 10", status: 400) }
        if let tag = tags.first(where: { $0.Key.hasPrefix("aws:") }) {
            throw ServiceError(
                "InvalidTag", "Your TagKey cannot be prefixed with aws:", status: 400, details: [.init("TagKey", .string(tag.Key))])
        }
        try check(tags)
    }

    /// Checks tags as all of S3's must be.
    static func check(_ tags: [Tag]) throws {
        var seen: Set<String> = []
        for tag in tags {
            if tag.Key.isEmpty || tag.Key.unicodeScalars.count > 128 || tag.Key.hasPrefix("aws:") {
                let message =
                    tag.Key.hasPrefix("aws:")
                    ? "System tags cannot be added/updated by requester" : "The TagKey you have provided is invalid"
                throw ServiceError("InvalidTag", message, status: 400, details: [.init("TagKey", .string(tag.Key))])
            }
            if tag.Value.unicodeScalars.count > 256 {
                throw ServiceError(
                    "InvalidTag", "The TagValue you have provided is invalid", status: 400,
                    details: [.init("TagKey", .string(tag.Key)), .init("TagValue", .string(tag.Value))])
            }
            guard seen.insert(tag.Key).inserted else {
                throw ServiceError(
                    "InvalidTag", "Cannot provide multiple Tags with the same key", status: 400,
                    details: [.init("TagKey", .string(tag.Key))])
            }
        }
    }

    /// Checks a new object's key.
    static func check(key: String) throws {
        guard key.utf8.count > 1024 else { return }
        throw ServiceError(
            "KeyTooLongError", "Your key is too long", status: 400,
            details: [.init("Size", .string(String(key.utf8.count))), .init("MaxSizeAllowed", .string("1024"))])
    }

    static let storageClasses: Set<String> = [
        "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE",
        "GLACIER_IR",
    ]

    /// A list's `max-keys` and its like, cut to what one answer holds.
    static func limit(_ number: Int?, name: String) throws -> Int {
        guard let number else { return 1000 }
        try check(number, name: name)
        return min(number, 1000)
    }

    /// Checks a number that must be one of 32 bits and not negative.
    static func check(_ number: Int, name: String) throws {
        guard number >= 0 else {
            throw S3Error.invalidArgument(
                "Argument \(name) must be an integer between 0 and 2147483647", name: name, value: String(number))
        }
        guard number <= Int(Int32.max) else {
            throw S3Error.invalidArgument(
                "Provided \(name) not an integer or within integer range", name: name, value: String(number))
        }
    }

    /// Checks the `encoding-type` of a list.
    static func check(encodingType: String?) throws {
        guard let encodingType, encodingType != "url" else { return }
        throw S3Error.invalidArgument("Invalid Encoding Method specified in Request", name: "encoding-type", value: encodingType)
    }
}

/// What `x-amz-copy-source` names: `bucket/key` or `/bucket/key`, percent-encoded, with `?versionId=` where one is meant.
struct CopySource {
    var bucket: String
    var key: String
    var versionID: String?

    init(_ text: String) throws {
        var path = Substring(text)
        if let mark = text.range(of: "?versionId=") {
            versionID = PercentEncoding.decode(text[mark.upperBound...])
            path = text[..<mark.lowerBound]
        }
        let decoded = PercentEncoding.decode(path)
        let parts = (decoded.hasPrefix("/") ? decoded.dropFirst() : decoded[...])
            .split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw S3Error.invalidArgument(
                "Copy Source must mention the source bucket and key: sourcebucket/sourcekey", name: "x-amz-copy-source", value: text
            )
        }
        bucket = String(parts[0])
        key = String(parts[1])
    }
}

/// A range of bytes as the Range header names it (RFC 9110, 14.1.2).
enum ByteRange {
    /// The bytes meant of `size` bytes; nil where the header is to be ignored, as malformed ones and lists of ranges are.
    ///
    /// - Throws: InvalidRange where no byte is meant.
    static func resolve(_ header: String, size: Int) throws -> Range<Int>? {
        guard header.hasPrefix("bytes="), !header.contains(",") else { return nil }
        let parts = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        switch (Int(parts[0]), Int(parts[1])) {
        case (let first?, let last?) where first >= 0 && first <= last:
            guard first < size else { throw S3Error.invalidRange(header, size: size) }
            return first..<min(last + 1, size)
        case (let first?, nil) where first >= 0 && parts[1].isEmpty:
            guard first < size else { throw S3Error.invalidRange(header, size: size) }
            return first..<size
        case (nil, let count?) where parts[0].isEmpty && count >= 0:
            guard count > 0, size > 0 else { throw S3Error.invalidRange(header, size: size) }
            return max(0, size - count)..<size
        default: return nil
        }
    }
}
