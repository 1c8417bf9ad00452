// SPDX-License-Identifier: Apache-2.0

import Wire

/// What a form may upload, as whoever signed it said (S3 API Reference, "POST policy").
struct PostPolicy {
    private var conditions: [Value] = []
    /// The sizes that the file may have, in bytes.
    private(set) var sizes: ClosedRange<Int>?

    /// Fields that no condition has to name.
    private static let free: Set<String> = [
        "x-amz-signature", "signature", "awsaccesskeyid", "policy", "file", "submit",
    ]

    /// Reads a policy as it stands in the form: JSON in base64.
    init(_ text: String, now: Double) throws(ServiceError) {
        guard let bytes = Base64.decode(text), let document = try? JSON.parse(bytes) else {
            throw ServiceError("InvalidPolicyDocument", "Invalid Policy: Invalid JSON.", status: 400)
        }
        guard let expiration = document["expiration"]?.stringValue.flatMap(Timestamp.parse) else {
            throw ServiceError("InvalidPolicyDocument", "Invalid Policy: Policy missing expiration.", status: 400)
        }
        guard let list = document["conditions"]?.listValue else {
            throw ServiceError("InvalidPolicyDocument", "Invalid Policy: Policy missing conditions.", status: 400)
        }
        if now > expiration { throw Self.denied("Policy expired.") }
        for condition in list {
            if condition[0]?.stringValue?.lowercased() == "content-length-range" {
                guard let low = Self.number(condition[1]), let high = Self.number(condition[2]), low <= high else {
                    throw ServiceError(
                        "InvalidPolicyDocument", "Invalid Policy: Invalid content-length-range condition.", status: 400)
                }
                sizes = low...high
            } else {
                conditions.append(condition)
            }
        }
    }

    private static func number(_ value: Value?) -> Int? { value?.integerValue ?? value?.stringValue.flatMap { Int($0) } }

    private static func denied(_ problem: String) -> ServiceError {
        ServiceError("AccessDenied", "Invalid according to Policy: " + problem, status: 403)
    }

    /// Checks that every condition holds and that every field has one.
    func check(_ fields: [String: String]) throws(ServiceError) {
        var named: Set<String> = []
        for condition in conditions {
            let rules: [(match: String, name: String, value: String)]
            switch condition {
            case .object(let members): rules = members.map { ("eq", $0.key, $0.value.stringValue ?? JSON.serialize($0.value)) }
            case .list(let parts) where parts.count == 3:
                let name = parts[1].stringValue ?? ""
                rules = [
                    (
                        parts[0].stringValue?.lowercased() ?? "", name.hasPrefix("$") ? String(name.dropFirst()) : name,
                        parts[2].stringValue ?? JSON.serialize(parts[2])
                    )
                ]
            default:
                throw ServiceError(
                    "InvalidPolicyDocument", "Invalid Policy: Invalid Simple-Condition: \(JSON.serialize(condition))", status: 400)
            }
            for rule in rules {
                let name = rule.name.lowercased()
                named.insert(name)
                let value = fields[name] ?? ""
                let holds =
                    switch rule.match {
                    case "eq": value == rule.value
                    // A list of content types is checked one by one.
                    case "starts-with":
                        name == "content-type"
                            ? value.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { $0.hasPrefix(rule.value) }
                            : value.hasPrefix(rule.value)
                    default: false
                    }
                guard holds else {
                    throw Self.denied(
                        "Policy Condition failed: [\"\(rule.match)\", \"$\(rule.name)\", \"\(rule.value)\"]")
                }
            }
        }
        let extra = fields.keys.filter { !named.contains($0) && !Self.free.contains($0) && !$0.hasPrefix("x-ignore-") }.sorted()
        if let first = extra.first { throw Self.denied("Extra input fields: \(first)") }
    }

    /// A file's bytes, refused where they are too many or too few.
    func limited(_ next: @escaping @Sendable () async throws -> [UInt8]?) -> @Sendable () async throws -> [UInt8]? {
        guard let sizes else { return next }
        let counter = PieceCounter()
        return {
            guard let piece = try await next() else {
                if counter.byteCount < sizes.lowerBound {
                    throw ServiceError(
                        "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", status: 400,
                        details: [
                            .init("ProposedSize", .string(String(counter.byteCount))),
                            .init("MinSizeAllowed", .string(String(sizes.lowerBound))),
                        ])
                }
                return nil
            }
            counter.byteCount += piece.count
            if counter.byteCount > sizes.upperBound {
                throw ServiceError(
                    "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", status: 400,
                    details: [
                        .init("ProposedSize", .string(String(counter.byteCount))),
                        .init("MaxSizeAllowed", .string(String(sizes.upperBound))),
                    ])
            }
            return piece
        }
    }
}

/// How many bytes have come.
///
/// Unchecked: a body is read by one task.
final class PieceCounter: @unchecked Sendable { var byteCount = 0 }
