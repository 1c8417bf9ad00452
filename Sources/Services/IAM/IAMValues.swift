// SPDX-License-Identifier: Apache-2.0

import OrderedCollections
import Wire
import World

extension Value {
    /// An object of the members that are there.
    static func members(_ members: [(String, Value?)]) -> Value {
        var object: OrderedDictionary<String, Value> = [:]
        for (name, value) in members { if let value { object[name] = value } }
        return .object(object)
    }

    /// IAM's dates have whole seconds.
    static func date(_ seconds: Double) -> Value {
        .timestamp(seconds.rounded(.down))
    }

    /// Policy documents are percent-encoded in answers (RFC 3986).
    static func encodedPolicy(_ document: String) -> Value {
        var result = ""
        for byte in document.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return .string(result)
    }

    /// A list of tags; nil where there are none, as IAM leaves the member out then.
    static func tags(_ tags: [Tag]?) -> Value? {
        guard let tags, !tags.isEmpty else { return nil }
        return tagList(tags)
    }

    /// A list of tags, empty where there are none.
    static func tagList(_ tags: [Tag]) -> Value {
        .list(tags.map { ["Key": .string($0.Key), "Value": .string($0.Value)] })
    }

    /// The output shape `AttachedPermissionsBoundary`.
    static func boundary(_ arn: String?) -> Value? {
        arn.map { ["PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": .string($0)] }
    }
}

/// The input of a list operation and the page that it asks for.
struct IAMPage<Element: Sendable>: Sendable {
    var elements: [Element]
    /// Where the next page begins; nil at the end.
    var nextOffset: Int?

    /// Cuts a page out of `all`.
    ///
    /// - Parameters:
    ///   - marker: what the page before ended with.
    ///   - maximumCount: 100 where the caller says nothing.
    init(of all: [Element], marker: String?, maximumCount: Int?) throws {
        var offset = 0
        if let marker {
            guard let decoded = Int(marker, radix: 36), decoded >= 0 else { throw IAMError.validation("Invalid Marker.") }
            offset = min(decoded, all.count)
        }
        let end = min(all.count, offset + (maximumCount ?? 100))
        elements = Array(all[offset..<end])
        nextOffset = end < all.count ? end : nil
    }

    /// `IsTruncated` and, where there is more, `Marker`.
    var endMembers: [(String, Value?)] {
        [("IsTruncated", .boolean(nextOffset != nil)), ("Marker", nextOffset.map { .string(String($0, radix: 36)) })]
    }
}

/// What the inputs of IAM's list operations share.
struct IAMListInput: Decodable, Sendable {
    var pathPrefix: String?
    var marker: String?
    var maxItems: Int?
    var roleName: String?
    var userName: String?
    var groupName: String?
    var policyArn: String?
    var instanceProfileName: String?
}
