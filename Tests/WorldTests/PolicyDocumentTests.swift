// SPDX-License-Identifier: Apache-2.0

import Testing
import World

@Suite("Policy documents")
struct PolicyDocumentTests {
    private func message(_ text: String, _ kind: PolicyDocument.Kind = .identity) -> String? {
        do {
            _ = try PolicyDocument(parsing: text, kind: kind)
            return nil
        } catch {
            return kind == .resource ? error.bucketMessage : error.message
        }
    }

    private func statement(_ members: String) -> String {
        "{\"Version\": \"2012-10-17\", \"Statement\": {\(members)}}"
    }

    @Test(
        "What IAM accepts",
        arguments: [
            #""Effect": "Allow", "Action": "*", "Resource": "*""#,
            #""Sid": "", "Effect": "Deny", "NotAction": ["iam:*", "sts:Get*"], "NotResource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]"#,
            #""Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:username}/*", "Condition": {"Bool": {"aws:SecureTransport": true}}"#,
            #""Effect": "Allow", "Action": "iam:PassRole", "Resource": ["arn:aws:iam::*:role/*AmazonSageMaker*", "arn:aws:iam::123456789012:role/service-role/x"]"#,
            #""Effect": "Allow", "Action": "iam:GetUser", "Resource": "arn:aws:iam::123456789012:*""#,
            #""Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:*:*:*""#,
        ])
    func accepted(_ members: String) {
        #expect(message(statement(members)) == nil)
    }

    @Test(
        "What IAM refuses, and how",
        arguments: [
            ("", "Syntax errors in policy."),
            ("{", "Syntax errors in policy."),
            ("[]", "Syntax errors in policy."),
            (#"{"Version": "2012-10-17"}"#, "Syntax errors in policy."),
            (#"{"Version": "2012-10-17", "Statement": []}"#, "Syntax errors in policy."),
            (
                #"{"Version": "2020-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#,
                "Syntax errors in policy."
            ),
            (
                #"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#,
                "Policy document must be version 2012-10-17 or greater."
            ),
            (
                #"{"Version": "2012-10-17", "Extra": 1, "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#,
                "Syntax errors in policy."
            ),
        ])
    func refusedDocuments(text: String, expected: String) {
        #expect(message(text) == expected)
    }

    @Test(
        "Statements that IAM refuses, and how",
        arguments: [
            (#""Action": "*", "Resource": "*""#, "Syntax errors in policy."),
            (#""Effect": "Maybe", "Action": "*", "Resource": "*""#, "Syntax errors in policy."),
            (#""Effect": "Allow", "Action": "*", "NotAction": "*", "Resource": "*""#, "Syntax errors in policy."),
            (#""Effect": "Allow", "Action": {"a": "b"}, "Resource": "*""#, "Syntax errors in policy."),
            (#""Effect": "Allow", "Resource": "*""#, "Policy statement must contain actions."),
            (#""Effect": "Allow", "Action": [], "Resource": "*""#, "Policy statement must contain actions."),
            (#""Effect": "Allow", "Action": "s3:*""#, "Policy statement must contain resources."),
            (
                #""Effect": "Allow", "Action": "GetObject", "Resource": "*""#,
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
            ),
            (#""Effect": "Allow", "Action": "s3:a:b", "Resource": "*""#, "Actions/Condition can contain only one colon."),
            (#""Effect": "Allow", "Action": "s 3:Get", "Resource": "*""#, "Vendor s 3 is not valid"),
            (#""Effect": "Allow", "Action": "s3:*", "Resource": "bucket""#, "Resource bucket must be in ARN format or \"*\"."),
            (
                #""Effect": "Allow", "Action": "s3:*", "Resource": "arn:ows:s3:::b""#,
                "Partition \"ows\" is not valid for resource \"arn:ows:s3:::b\"."
            ),
            (
                #""Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:us-east-1::b""#,
                "Resource arn:aws:s3:us-east-1::b can not contain region information."
            ),
            (
                #""Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*""#,
                "Policy document should not specify a principal."
            ),
            (
                #""Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEqual": {"a:b": "c"}}"#,
                "Syntax errors in policy."
            ),
            (
                #""Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"NullIfExists": {"a:b": "true"}}"#,
                "Syntax errors in policy."
            ),
            (
                #""Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"DateLessThan": {"a:b": "soon"}}"#,
                "The policy failed legacy parsing"
            ),
        ])
    func refusedStatements(members: String, expected: String) {
        #expect(message(statement(members)) == expected)
    }

    @Test("Sids are unique in a document")
    func sids() {
        let one = #"{"Sid": "A", "Effect": "Allow", "Action": "*", "Resource": "*"}"#
        #expect(
            message("{\"Version\": \"2012-10-17\", \"Statement\": [\(one), \(one)]}")
                == "Statement IDs (SID) in a single policy must be unique.")
    }

    @Test(
        "Trust policies",
        arguments: [
            (#""Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole""#, nil),
            (
                #""Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::123456789012:root", "123456789012", "*"]}, "Action": ["sts:AssumeRole", "sts:TagSession"]"#,
                nil
            ),
            (
                #""Effect": "Allow", "Principal": {"Service": "sagemaker"}, "Action": "sts:AssumeRole""#,
                "Invalid principal in policy: \"SERVICE\":\"sagemaker\""
            ),
            (
                #""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:user/*"}, "Action": "sts:AssumeRole""#,
                "Invalid principal in policy: \"AWS\":\"arn:aws:iam::123456789012:user/*\""
            ),
            (
                #""Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Resource": "*""#,
                "Has prohibited field Resource."
            ),
            (#""Effect": "Allow", "Action": "sts:AssumeRole""#, "Missing required field Principal"),
            (
                #""Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject""#,
                "Trust Policy statement actions can only be sts:AssumeRole, sts:AssumeRoleWithSAML,  and sts:AssumeRoleWithWebIdentity"
            ),
        ])
    func trust(members: String, expected: String?) {
        #expect(message(statement(members), .trust) == expected)
        #expect(message(statement(members).replacing("2012-10-17", with: "2008-10-17"), .trust) == expected)
    }

    @Test(
        "Bucket policies are refused with S3's words",
        arguments: [
            ("x", "Policies must be valid JSON and the first byte must be '{'"),
            (
                #"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}}"#,
                "Missing required field Principal"
            ),
            (
                #"{"Version": "2012-10-17", "Statement": {"Effect": "Yes", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}}"#,
                "Invalid effect: Yes"
            ),
            (
                #"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "alice", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}}"#,
                "Invalid principal in policy"
            ),
            (
                #"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "GetObject", "Resource": "arn:aws:s3:::b/*"}}"#,
                "Policy has invalid action"
            ),
            (
                #"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "b"}}"#,
                "Policy has invalid resource"
            ),
        ])
    func bucketPolicies(text: String, expected: String) {
        #expect(message(text, .resource) == expected)
    }
}
