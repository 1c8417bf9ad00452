// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import World

/// One condition, the request's keys, and whether the condition holds.
struct ConditionCase: Sendable, CustomTestStringConvertible {
    var condition: String
    var context: [String: [String]]
    var holds: Bool

    init(_ condition: String, _ context: [String: [String]], _ holds: Bool) {
        self.condition = condition
        self.context = context
        self.holds = holds
    }

    var testDescription: String { "\(condition) with \(context)" }
}

@Suite("Conditions of policies")
struct PolicyConditionTests {
    private func check(_ testCase: ConditionCase, version: String = "2012-10-17") throws {
        let policy = try PolicyCase.policy(
            "{\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\", \"Condition\": \(testCase.condition)}", kind: .session,
            version: version)
        let allowed = PolicyCase.allows("s3:GetObject", by: PolicySet(identity: [policy]), context: testCase.context)
        #expect(allowed == testCase.holds)
    }

    @Test(
        "Strings, with and without case, with and without wildcards",
        arguments: [
            ConditionCase(#"{"StringEquals": {"k:a": "x"}}"#, ["k:a": ["x"]], true),
            ConditionCase(#"{"StringEquals": {"k:a": "x"}}"#, ["K:A": ["x"]], true),
            ConditionCase(#"{"StringEquals": {"k:a": "x"}}"#, ["k:a": ["X"]], false),
            ConditionCase(#"{"StringEquals": {"k:a": "x"}}"#, [:], false),
            ConditionCase(#"{"StringEquals": {"k:a": ["x", "y"]}}"#, ["k:a": ["y"]], true),
            ConditionCase(#"{"StringEquals": {"k:a": "x*"}}"#, ["k:a": ["xy"]], false),
            ConditionCase(#"{"StringEquals": {"k:a": "x*"}}"#, ["k:a": ["x*"]], true),
            ConditionCase(#"{"StringNotEquals": {"k:a": ["x", "y"]}}"#, ["k:a": ["y"]], false),
            ConditionCase(#"{"StringNotEquals": {"k:a": ["x", "y"]}}"#, ["k:a": ["z"]], true),
            ConditionCase(#"{"StringNotEquals": {"k:a": "x"}}"#, [:], true),
            ConditionCase(#"{"StringEqualsIgnoreCase": {"k:a": "Ab"}}"#, ["k:a": ["aB"]], true),
            ConditionCase(#"{"StringNotEqualsIgnoreCase": {"k:a": "Ab"}}"#, ["k:a": ["aB"]], false),
            ConditionCase(#"{"StringLike": {"k:a": "home/*"}}"#, ["k:a": ["home/a/b"]], true),
            ConditionCase(#"{"StringLike": {"k:a": "home/?"}}"#, ["k:a": ["home/ab"]], false),
            ConditionCase(#"{"StringLike": {"k:a": "m3.*"}}"#, ["k:a": ["m3x"]], false),
            ConditionCase(#"{"StringLike": {"k:a": ""}}"#, ["k:a": [""]], true),
            ConditionCase(#"{"StringNotLike": {"k:a": "home/*"}}"#, ["k:a": ["home/a"]], false),
            ConditionCase(#"{"StringNotLike": {"k:a": "home/*"}}"#, ["k:a": ["other"]], true),
            ConditionCase(#"{"StringEquals": {"k:a": "x", "k:b": "y"}}"#, ["k:a": ["x"], "k:b": ["z"]], false),
            ConditionCase(#"{"StringEquals": {"k:a": "x"}, "Bool": {"k:b": "true"}}"#, ["k:a": ["x"], "k:b": ["true"]], true),
            ConditionCase(#"{"StringEquals": {"k:a": "x"}, "Bool": {"k:b": "true"}}"#, ["k:a": ["x"], "k:b": ["false"]], false),
        ])
    func strings(_ testCase: ConditionCase) throws { try check(testCase) }

    @Test(
        "Numbers, dates and truth values",
        arguments: [
            ConditionCase(#"{"NumericEquals": {"k:n": "10"}}"#, ["k:n": ["10.0"]], true),
            ConditionCase(#"{"NumericEquals": {"k:n": 10}}"#, ["k:n": ["10"]], true),
            ConditionCase(#"{"NumericNotEquals": {"k:n": "10"}}"#, ["k:n": ["11"]], true),
            ConditionCase(#"{"NumericLessThan": {"k:n": "10"}}"#, ["k:n": ["9.5"]], true),
            ConditionCase(#"{"NumericLessThan": {"k:n": "10"}}"#, ["k:n": ["10"]], false),
            ConditionCase(#"{"NumericLessThanEquals": {"k:n": "10"}}"#, ["k:n": ["10"]], true),
            ConditionCase(#"{"NumericGreaterThan": {"k:n": "-1"}}"#, ["k:n": ["0"]], true),
            ConditionCase(#"{"NumericGreaterThanEquals": {"k:n": "3"}}"#, ["k:n": ["2"]], false),
            ConditionCase(#"{"NumericEquals": {"k:n": "10"}}"#, ["k:n": ["ten"]], false),
            ConditionCase(
                #"{"DateGreaterThan": {"aws:CurrentTime": "2020-04-01T00:00:00Z"}}"#, ["aws:CurrentTime": ["2020-04-01T00:00:01Z"]],
                true),
            ConditionCase(
                #"{"DateLessThan": {"aws:CurrentTime": "2020-06-30"}}"#, ["aws:CurrentTime": ["2020-06-29T23:59:59.9Z"]], true),
            ConditionCase(
                #"{"DateEquals": {"aws:CurrentTime": "2020-01-01T01:00:00+01:00"}}"#, ["aws:CurrentTime": ["1577836800"]], true),
            ConditionCase(#"{"DateNotEquals": {"aws:CurrentTime": "2020"}}"#, ["aws:CurrentTime": ["2020-01-01"]], false),
            ConditionCase(#"{"DateLessThanEquals": {"aws:EpochTime": "1577836800"}}"#, ["aws:EpochTime": ["1577836800"]], true),
            ConditionCase(#"{"DateGreaterThanEquals": {"aws:EpochTime": "1577836801"}}"#, ["aws:EpochTime": ["1577836800"]], false),
            ConditionCase(#"{"DateLessThan": {"aws:TokenIssueTime": "2099-01-01"}}"#, [:], false),
            ConditionCase(#"{"Bool": {"aws:SecureTransport": "false"}}"#, ["aws:SecureTransport": ["false"]], true),
            ConditionCase(#"{"Bool": {"aws:SecureTransport": true}}"#, ["aws:SecureTransport": ["TRUE"]], true),
            ConditionCase(#"{"Bool": {"aws:MultiFactorAuthPresent": "false"}}"#, [:], false),
            ConditionCase(#"{"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}"#, [:], true),
            ConditionCase(
                #"{"BinaryEquals": {"k:b": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}}"#, ["k:b": ["QmluYXJ5VmFsdWVJbkJhc2U2NA=="]], true),
            ConditionCase(#"{"BinaryEquals": {"k:b": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}}"#, ["k:b": ["QmluYXJ5"]], false),
        ])
    func scalars(_ testCase: ConditionCase) throws { try check(testCase) }

    @Test(
        "Addresses and ARNs",
        arguments: [
            ConditionCase(#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#, ["aws:SourceIp": ["203.0.113.77"]], true),
            ConditionCase(#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/25"}}"#, ["aws:SourceIp": ["203.0.113.200"]], false),
            ConditionCase(#"{"IpAddress": {"aws:SourceIp": "203.0.113.7"}}"#, ["aws:SourceIp": ["203.0.113.7"]], true),
            ConditionCase(
                #"{"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:DB8:1234:5678::/64"]}}"#,
                ["aws:SourceIp": ["2001:db8:1234:5678:1::9"]], true),
            ConditionCase(#"{"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}"#, ["aws:SourceIp": ["::1"]], false),
            ConditionCase(#"{"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#, ["aws:SourceIp": ["198.51.100.1"]], true),
            ConditionCase(#"{"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#, ["aws:SourceIp": ["203.0.113.1"]], false),
            ConditionCase(
                #"{"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:123456789012:*"}}"#,
                ["aws:SourceArn": ["arn:aws:sns:us-east-1:123456789012:topic"]], true),
            ConditionCase(
                #"{"ArnLike": {"k:a": "arn:aws:someservice:*:111122223333:finance/*"}}"#,
                ["k:a": ["arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"]], false),
            ConditionCase(
                #"{"StringLike": {"k:a": "arn:aws:someservice:*:111122223333:finance/*"}}"#,
                ["k:a": ["arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"]], true),
            ConditionCase(
                #"{"ArnLike": {"k:a": "arn:aws:iam::1111222233*:role/?x"}}"#, ["k:a": ["arn:aws:iam::111122223333:role/ax"]], true),
            ConditionCase(#"{"ArnNotLike": {"k:a": "arn:aws:iam::*:role/x"}}"#, ["k:a": ["arn:aws:iam::1:role/x"]], false),
            ConditionCase(#"{"ArnNotEquals": {"k:a": "arn:aws:iam::*:role/x"}}"#, [:], true),
            ConditionCase(#"{"ArnLike": {"k:a": "arn:aws:iam::*:role/x"}}"#, ["k:a": ["not an arn"]], false),
        ])
    func addressesAndARNs(_ testCase: ConditionCase) throws { try check(testCase) }

    @Test(
        "Null, IfExists and the set operators",
        arguments: [
            ConditionCase(#"{"Null": {"aws:TokenIssueTime": "true"}}"#, [:], true),
            ConditionCase(#"{"Null": {"aws:TokenIssueTime": "true"}}"#, ["aws:TokenIssueTime": ["2020-01-01"]], false),
            ConditionCase(#"{"Null": {"aws:TokenIssueTime": "false"}}"#, ["aws:TokenIssueTime": ["2020-01-01"]], true),
            ConditionCase(#"{"StringLikeIfExists": {"ec2:InstanceType": "t1.*"}}"#, [:], true),
            ConditionCase(#"{"StringLikeIfExists": {"ec2:InstanceType": "t1.*"}}"#, ["ec2:InstanceType": ["m5.large"]], false),
            ConditionCase(#"{"StringNotEqualsIfExists": {"k:a": "x"}}"#, [:], true),
            ConditionCase(#"{"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}"#, ["aws:TagKeys": ["a", "b"]], true),
            ConditionCase(#"{"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}"#, ["aws:TagKeys": ["a", "c"]], false),
            ConditionCase(#"{"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}"#, [:], true),
            ConditionCase(#"{"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}"#, ["aws:TagKeys": [""]], true),
            ConditionCase(#"{"ForAllValues:StringNotLike": {"aws:TagKeys": "key1*"}}"#, ["aws:TagKeys": ["key2", "key3"]], true),
            ConditionCase(#"{"ForAllValues:StringNotLike": {"aws:TagKeys": "key1*"}}"#, ["aws:TagKeys": ["key2", "key1a"]], false),
            ConditionCase(#"{"ForAnyValue:StringEquals": {"aws:TagKeys": ["a", "b"]}}"#, ["aws:TagKeys": ["c", "b"]], true),
            ConditionCase(#"{"ForAnyValue:StringEquals": {"aws:TagKeys": ["a", "b"]}}"#, ["aws:TagKeys": ["c"]], false),
            ConditionCase(#"{"ForAnyValue:StringEquals": {"aws:TagKeys": ["a", "b"]}}"#, [:], false),
            ConditionCase(#"{"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["a", "b"]}}"#, ["aws:TagKeys": ["a", "c"]], true),
            ConditionCase(#"{"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["a", "b"]}}"#, ["aws:TagKeys": ["a", "b"]], false),
            ConditionCase(#"{"ForAnyValue:StringEqualsIfExists": {"aws:TagKeys": ["a"]}}"#, [:], true),
            ConditionCase(#"{"ForAnyValue:Foo": {}}"#, [:], true),
        ])
    func sets(_ testCase: ConditionCase) throws { try check(testCase) }

    @Test(
        "Variables stand for values, defaults and the special characters",
        arguments: [
            ConditionCase(#"{"StringLike": {"s3:prefix": "home/${aws:username}/*"}}"#, ["s3:prefix": ["home/alice/x"]], true),
            ConditionCase(#"{"StringLike": {"s3:prefix": "home/${AWS:UserName}/*"}}"#, ["s3:prefix": ["home/bob/x"]], false),
            ConditionCase(#"{"StringEquals": {"k:a": "${k:b}"}}"#, ["k:a": ["x"], "k:b": ["x"]], true),
            ConditionCase(#"{"StringLike": {"k:a": "${k:b}"}}"#, ["k:a": ["xyz"], "k:b": ["x*"]], false),
            ConditionCase(#"{"StringEquals": {"k:a": "${k:missing}"}}"#, ["k:a": [""]], false),
            ConditionCase(#"{"StringNotEquals": {"k:a": "${k:missing}"}}"#, ["k:a": ["x"]], false),
            ConditionCase(#"{"StringEquals": {"k:a": ["${k:missing}", "x"]}}"#, ["k:a": ["x"]], true),
            ConditionCase(#"{"StringEquals": {"k:a": "${k:missing, 'team blue'}"}}"#, ["k:a": ["team blue"]], true),
            ConditionCase(#"{"StringEquals": {"k:a": "${k:b, 'blue'}"}}"#, ["k:a": ["blue"], "k:b": ["red"]], false),
            ConditionCase(#"{"StringLike": {"k:a": "a${*}b${?}${$}*"}}"#, ["k:a": ["a*b?$rest"]], true),
            ConditionCase(#"{"StringLike": {"k:a": "a${*}b"}}"#, ["k:a": ["axb"]], false),
            ConditionCase(
                #"{"ArnLike": {"k:a": "arn:aws:iam::*:user/${aws:username}"}}"#, ["k:a": ["arn:aws:iam::1:user/alice"]], true),
            ConditionCase(#"{"NumericEquals": {"k:n": "${k:m}"}}"#, ["k:n": ["1"], "k:m": ["1"]], false),
        ])
    func variables(_ testCase: ConditionCase) throws { try check(testCase) }

    @Test("Version 2008-10-17 knows no variables")
    func variablesNeedVersion() throws {
        try check(
            ConditionCase(#"{"StringEquals": {"k:a": "${aws:username}"}}"#, ["k:a": ["alice"]], false), version: "2008-10-17")
        try check(
            ConditionCase(#"{"StringEquals": {"k:a": "${aws:username}"}}"#, ["k:a": ["${aws:username}"]], true),
            version: "2008-10-17")
    }
}
