// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How one value of the request is compared with one value of the policy: the condition operators without their prefixes and suffix.
enum ConditionComparison: String, Sendable, Hashable, CaseIterable {
    case stringEquals = "StringEquals"
    case stringNotEquals = "StringNotEquals"
    case stringEqualsIgnoreCase = "StringEqualsIgnoreCase"
    case stringNotEqualsIgnoreCase = "StringNotEqualsIgnoreCase"
    case stringLike = "StringLike"
    case stringNotLike = "StringNotLike"
    case numericEquals = "NumericEquals"
    case numericNotEquals = "NumericNotEquals"
    case numericLessThan = "NumericLessThan"
    case numericLessThanEquals = "NumericLessThanEquals"
    case numericGreaterThan = "NumericGreaterThan"
    case numericGreaterThanEquals = "NumericGreaterThanEquals"
    case dateEquals = "DateEquals"
    case dateNotEquals = "DateNotEquals"
    case dateLessThan = "DateLessThan"
    case dateLessThanEquals = "DateLessThanEquals"
    case dateGreaterThan = "DateGreaterThan"
    case dateGreaterThanEquals = "DateGreaterThanEquals"
    case bool = "Bool"
    case binaryEquals = "BinaryEquals"
    case ipAddress = "IpAddress"
    case notIPAddress = "NotIpAddress"
    case arnEquals = "ArnEquals"
    case arnNotEquals = "ArnNotEquals"
    case arnLike = "ArnLike"
    case arnNotLike = "ArnNotLike"
    case null = "Null"

    /// Negated operators hold where no value of the policy matches.
    var isNegated: Bool {
        switch self {
        case .stringNotEquals, .stringNotEqualsIgnoreCase, .stringNotLike, .numericNotEquals, .dateNotEquals, .notIPAddress,
            .arnNotEquals, .arnNotLike:
            true
        default: false
        }
    }

    /// Whether `*` and `?` are wildcards in the policy's value.
    var usesWildcards: Bool {
        switch self {
        case .stringLike, .stringNotLike, .arnEquals, .arnNotEquals, .arnLike, .arnNotLike: true
        default: false
        }
    }

    /// Policy variables are for strings, ARNs and truth values.
    var allowsVariables: Bool {
        rawValue.hasPrefix("String") || rawValue.hasPrefix("Arn") || self == .bool
    }

    /// Whether `value` and `expected` match, before negation.
    func matches(_ value: String, _ expected: PolicyPattern) -> Bool {
        switch self {
        case .stringEquals, .stringNotEquals:
            value == expected.literalText
        case .stringEqualsIgnoreCase, .stringNotEqualsIgnoreCase:
            value.lowercased() == expected.literalText.lowercased()
        case .stringLike, .stringNotLike:
            expected.matches(value)
        case .bool:
            value.lowercased() == expected.literalText.lowercased()
        case .binaryEquals:
            Data(base64Encoded: value) == Data(base64Encoded: expected.text) && Data(base64Encoded: value) != nil
        case .ipAddress, .notIPAddress:
            if let address = IPAddress(value), let range = IPAddressRange(expected.text) { range.contains(address) } else { false }
        case .arnEquals, .arnNotEquals, .arnLike, .arnNotLike:
            ConditionComparison.arnMatches(value, expected)
        case .null:
            false
        default:
            rawValue.hasPrefix("Numeric")
                ? compare(Double(value), Double(expected.text))
                : compare(PolicyDate.seconds(value), PolicyDate.seconds(expected.text))
        }
    }

    private func compare(_ value: Double?, _ expected: Double?) -> Bool {
        guard let value, let expected else { return false }
        return switch self {
        case .numericLessThan, .dateLessThan: value < expected
        case .numericLessThanEquals, .dateLessThanEquals: value <= expected
        case .numericGreaterThan, .dateGreaterThan: value > expected
        case .numericGreaterThanEquals, .dateGreaterThanEquals: value >= expected
        default: value == expected
        }
    }

    /// Part by part, so that no wildcard runs over one of the first five colons.
    private static func arnMatches(_ value: String, _ expected: PolicyPattern) -> Bool {
        if expected.pieces == [.anyRun(.anything)] { return true }
        let valueParts = value.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard valueParts.count == 6, let expectedParts = expected.arnParts() else { return false }
        return zip(valueParts, expectedParts).allSatisfy { $1.matches(String($0)) }
    }

    /// Dates must be readable when a policy is written; other values are judged when it is evaluated.
    func accepts(_ texts: [String]) -> Bool {
        !rawValue.hasPrefix("Date") || texts.allSatisfy(PolicyDate.isAccepted)
    }
}

/// A condition operator's name: an optional set operator, a comparison, an optional `IfExists`.
struct ConditionOperatorName {
    var setOperator: PolicyCondition.SetOperator?
    var comparison: ConditionComparison
    var isIfExists = false

    /// Nil where there is no such operator.
    init?(_ text: String) {
        var name = text[...]
        for (prefix, setOperator) in [("ForAllValues:", PolicyCondition.SetOperator.forAllValues), ("ForAnyValue:", .forAnyValue)]
        where name.hasPrefix(prefix) {
            self.setOperator = setOperator
            name = name.dropFirst(prefix.count)
        }
        if name.hasSuffix("IfExists") {
            isIfExists = true
            name = name.dropLast("IfExists".count)
        }
        guard let comparison = ConditionComparison(rawValue: String(name)) else { return nil }
        self.comparison = comparison
        if comparison == .null, isIfExists || setOperator != nil { return nil }
    }
}

extension PolicyCondition {
    /// Whether the request satisfies the condition.
    ///
    /// - Throws: `UnresolvedVariable` where the answer depends on a variable that has no value.
    func isSatisfied(in context: RequestContext) throws(PolicyPattern.UnresolvedVariable) -> Bool {
        let exists = context.has(key)
        if comparison == .null {
            return values.contains { $0.text.lowercased() == (exists ? "false" : "true") }
        }
        guard exists else {
            if isIfExists { return true }
            return switch setOperator {
            case .forAllValues: true
            case .forAnyValue: false
            case nil: comparison.isNegated
            }
        }
        var patterns: [PolicyPattern] = []
        var unresolved: PolicyPattern.UnresolvedVariable?
        for value in values {
            do { patterns.append(try value.resolved(in: context)) } catch { unresolved = error }
        }
        if let unresolved, comparison.isNegated || patterns.isEmpty { throw unresolved }

        func holds(_ value: String) -> Bool {
            patterns.contains { comparison.matches(value, $0) } != comparison.isNegated
        }
        let requestValues = context[key]
        switch setOperator {
        case .forAllValues:
            // Empty strings count as no value here.
            return requestValues.allSatisfy { $0.isEmpty || holds($0) }
        case .forAnyValue:
            return requestValues.contains(where: holds)
        case nil:
            return comparison.isNegated ? requestValues.allSatisfy(holds) : requestValues.contains(where: holds)
        }
    }
}
