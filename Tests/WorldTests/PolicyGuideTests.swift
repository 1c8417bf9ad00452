// SPDX-License-Identifier: Apache-2.0

import Testing
import World

/// The cases that the IAM user guide works through under "Policy evaluation logic", "Permissions boundaries", "NotPrincipal" and
/// "Policy variables", with its names.
@Suite("Cases of the IAM user guide")
struct PolicyGuideTests {
    private let boundary = #"{"Effect": "Allow", "Action": ["s3:*", "cloudwatch:*", "ec2:*"], "Resource": "*"}"#

    private func s3(_ bucket: String, principal: String, action: String = "s3:*", effect: String = "Allow") throws -> NamedPolicy {
        try PolicyCase.policy(
            #"{"Effect": "\#(effect)", "Principal": \#(principal), "Action": "\#(action)", "Resource": ["arn:aws:s3:::\#(bucket)", "arn:aws:s3:::\#(bucket)/*"]}"#,
            kind: .resource)
    }

    @Test("Carlos has his own bucket; a Deny on everything with log in its name beats the policy of the bucket that is his alone")
    func carlos() throws {
        let own = try PolicyCase.policy(
            #"{"Sid": "AllowS3ListRead", "Effect": "Allow", "Action": ["s3:GetBucketLocation", "s3:ListAllMyBuckets"], "Resource": "arn:aws:s3:::*"}"#,
            #"{"Sid": "AllowS3Self", "Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::carlossalazar", "arn:aws:s3:::carlossalazar/*"]}"#,
            #"{"Sid": "DenyS3Logs", "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::*log*"}"#)
        let carlos = PolicyCase.user("carlossalazar")
        let logs = try s3(
            "carlossalazar-logs", principal: #"{"AWS": "arn:aws:iam::111122223333:user/carlossalazar"}"#)
        let his = PolicySet(identity: [own], resource: logs)
        #expect(PolicyCase.allows("s3:PutObject", "arn:aws:s3:::carlossalazar/report", by: PolicySet(identity: [own]), as: carlos))
        guard
            case .explicitlyDenied(let statement) = PolicyCase.decide(
                "s3:GetObject", "arn:aws:s3:::carlossalazar-logs/day", by: his, as: carlos
            ).outcome
        else {
            Issue.record("not denied")
            return
        }
        #expect(statement.sid == "DenyS3Logs")
        // Without that statement the bucket's policy would do alone.
        #expect(PolicyCase.allows("s3:GetObject", "arn:aws:s3:::carlossalazar-logs/day", by: PolicySet(resource: logs), as: carlos))
    }

    @Test(
        "A boundary and an identity policy: what both allow",
        arguments: [
            // What the identity policy has, the action, whether it is allowed (the guide's example of ShirleyRodriguez).
            (#"{"Effect": "Allow", "Action": "iam:CreateUser", "Resource": "*"}"#, "iam:CreateUser", false),
            (#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#, "s3:CreateBucket", true),
            (#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#, "cloudwatch:PutMetricData", false),
            (#"{"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}"#, "ec2:RunInstances", false),
        ])
    func boundaries(identity: String, action: String, allowed: Bool) throws {
        let policies = PolicySet(identity: [try PolicyCase.policy(identity)], boundary: try PolicyCase.policy(boundary))
        #expect(PolicyCase.allows(action, by: policies, as: PolicyCase.user("ShirleyRodriguez")) == allowed)
    }

    /// Which grants of a resource policy a limit's silence cuts: the guide's list of principals in one account.
    @Test(
        "A resource's grant against silent limits",
        arguments: [
            ("arn:aws:iam::111122223333:user/alice", "user", "boundary", true),
            ("arn:aws:iam::111122223333:role/path/reader", "role", "boundary", false),
            ("arn:aws:iam::111122223333:role/path/reader", "role", "session", false),
            ("arn:aws:sts::111122223333:assumed-role/reader/work", "role", "boundary", true),
            ("arn:aws:sts::111122223333:assumed-role/reader/work", "role", "session", true),
            ("arn:aws:iam::111122223333:user/alice", "federated", "session", false),
            ("arn:aws:sts::111122223333:federated-user/fred", "federated", "session", true),
            ("*", "role", "boundary", true), ("*", "role", "session", true),
            ("111122223333", "user", "boundary", false),
        ])
    func silentLimits(principal: String, caller: String, limit: String, allowed: Bool) throws {
        let silent = try PolicyCase.policy(#"{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}"#)
        var policies = PolicySet(
            boundary: limit == "boundary" ? silent : nil, session: limit == "session" ? [silent] : nil,
            resource: try s3("data", principal: #"{"AWS": "\#(principal)"}"#))
        let callers = ["user": PolicyCase.user(), "role": PolicyCase.session(), "federated": PolicyCase.federated()]
        let who = try #require(callers[caller])
        #expect(PolicyCase.allows("s3:GetObject", "arn:aws:s3:::data/x", by: policies, as: who) == allowed)
        // A limit that says no, rather than nothing, holds for all of them.
        let denying = try PolicyCase.policy(#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}"#)
        if limit == "boundary" { policies.boundary = denying } else { policies.session = [denying] }
        #expect(!PolicyCase.allows("s3:GetObject", "arn:aws:s3:::data/x", by: policies, as: who))
    }

    /// A Deny for all but those listed: what is listed, who asks, and whether he is left alone.
    @Test(
        "NotPrincipal spares whoever is listed with his account",
        arguments: [
            (["arn:aws:iam::111122223333:user/alice", "arn:aws:iam::111122223333:root"], "alice", true),
            (["arn:aws:iam::111122223333:user/alice", "arn:aws:iam::111122223333:root"], "bob", false),
            (["arn:aws:iam::111122223333:user/alice", "arn:aws:iam::111122223333:root"], "root", true),
            (["arn:aws:iam::111122223333:user/alice", "111122223333"], "alice", true),
            (["arn:aws:iam::111122223333:user/alice"], "alice", false),
            (["arn:aws:iam::111122223333:user/alice"], "root", false),
            (["arn:aws:iam::111122223333:root"], "alice", false),
            (["arn:aws:iam::111122223333:root"], "root", true),
            (
                [
                    "arn:aws:sts::111122223333:assumed-role/reader/work", "arn:aws:iam::111122223333:role/path/reader",
                    "arn:aws:iam::111122223333:root",
                ], "session", true
            ),
            (["arn:aws:iam::111122223333:role/path/reader", "arn:aws:iam::111122223333:root"], "session", false),
            (
                [
                    "arn:aws:sts::111122223333:assumed-role/reader/play", "arn:aws:iam::111122223333:role/path/reader",
                    "arn:aws:iam::111122223333:root",
                ], "session", false
            ),
            (["arn:aws:iam::444455556666:root"], "alice", false), (["*"], "bob", true),
        ])
    func notPrincipal(listed: [String], caller: String, isSpared: Bool) throws {
        let list = listed.map { "\"\($0)\"" }.joined(separator: ", ")
        let policy = try PolicyCase.policy(
            #"{"Effect": "Deny", "NotPrincipal": {"AWS": [\#(list)]}, "Action": "s3:*", "Resource": "arn:aws:s3:::data/*"}"#,
            kind: .resource)
        let callers = [
            "alice": PolicyCase.user(), "bob": PolicyCase.user("bob"), "root": PolicyCase.root, "session": PolicyCase.session(),
        ]
        let all = try PolicyCase.policy(#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#)
        let who = try #require(callers[caller])
        var policies = PolicySet(identity: [all], resource: policy)
        #expect(PolicyCase.allows("s3:GetObject", "arn:aws:s3:::data/x", by: policies, as: who) == isSpared)
        // Whoever has a permissions boundary is never spared, whatever is listed.
        policies.boundary = all
        #expect(PolicyCase.allows("s3:GetObject", "arn:aws:s3:::data/x", by: policies, as: who) == (listed == ["*"]))
    }

    @Test("Between accounts: Carlos of 1111 in the buckets Production and Production-logs of 2222")
    func betweenAccounts() throws {
        let carlos = PolicyCase.user("carlossalazar")
        let identity = try PolicyCase.policy(
            #"{"Sid": "AllowS3ListRead", "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}"#,
            #"{"Sid": "AllowS3ProductionObjectActions", "Effect": "Allow", "Action": "s3:*Object*", "Resource": "arn:aws:s3:::Production/*"}"#,
            #"{"Sid": "DenyS3Logs", "Effect": "Deny", "Action": "s3:*", "Resource": ["arn:aws:s3:::*log*", "arn:aws:s3:::*log*/*"]}"#
        )
        let consent = try PolicyCase.policy(
            #"{"Effect": "Allow", "Action": ["s3:GetObject*", "s3:PutObject*", "s3:ReplicateObject", "s3:RestoreObject"], "Principal": {"AWS": "arn:aws:iam::111122223333:user/carlossalazar"}, "Resource": "arn:aws:s3:::Production/*"}"#,
            kind: .resource)
        func decide(_ action: String, _ resource: String, _ policies: PolicySet, as who: Principal? = nil) -> Bool {
            PolicyCase.decide(action, resource, by: policies, as: who ?? carlos, resourceAccount: PolicyCase.otherAccount).isAllowed
        }
        let both = PolicySet(identity: [identity], resource: consent)
        #expect(decide("s3:PutObject", "arn:aws:s3:::Production/x", both))
        #expect(!decide("s3:DeleteObject", "arn:aws:s3:::Production/x", both), "the bucket does not consent")
        #expect(!decide("s3:PutObject", "arn:aws:s3:::Production-logs/x", both))
        #expect(!decide("s3:PutObject", "arn:aws:s3:::Production/x", PolicySet(identity: [identity])))
        #expect(!decide("s3:PutObject", "arn:aws:s3:::Production/x", PolicySet(resource: consent)), "his own account does not")
        // Even the root of another account needs the bucket's consent, and his own limits follow him there.
        #expect(!decide("s3:PutObject", "arn:aws:s3:::Production/x", PolicySet(), as: PolicyCase.root))
        let limited = PolicySet(
            identity: [identity], boundary: try PolicyCase.policy(#"{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}"#),
            resource: consent)
        #expect(decide("s3:GetObject", "arn:aws:s3:::Production/x", limited))
        #expect(!decide("s3:PutObject", "arn:aws:s3:::Production/x", limited))
    }

    @Test("An Allow with NotAction leaves out what it lists; a Deny with NotAction takes everything else")
    func notAction() throws {
        let notDelete = try PolicyCase.policy(
            #"{"Effect": "Allow", "NotAction": "s3:DeleteBucket", "Resource": "arn:aws:s3:::*"}"#)
        #expect(PolicyCase.allows("s3:ListBucket", "arn:aws:s3:::data", by: PolicySet(identity: [notDelete])))
        #expect(!PolicyCase.allows("s3:DeleteBucket", "arn:aws:s3:::data", by: PolicySet(identity: [notDelete])))
        let withoutMFA = try PolicyCase.policy(
            #"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#,
            #"{"Sid": "DenyAllUsersNotUsingMFA", "Effect": "Deny", "NotAction": "iam:*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#
        )
        #expect(PolicyCase.allows("iam:ChangePassword", by: PolicySet(identity: [withoutMFA])))
        // Lasting keys come without the key of the condition, and IfExists then holds.
        #expect(!PolicyCase.allows("s3:ListAllMyBuckets", by: PolicySet(identity: [withoutMFA])))
        #expect(
            !PolicyCase.allows(
                "s3:ListAllMyBuckets", by: PolicySet(identity: [withoutMFA]), context: ["aws:MultiFactorAuthPresent": ["false"]]))
        #expect(
            PolicyCase.allows(
                "s3:ListAllMyBuckets", by: PolicySet(identity: [withoutMFA]), context: ["aws:MultiFactorAuthPresent": ["true"]]))
    }

    @Test("A Deny outside of some regions leaves global services alone")
    func regions() throws {
        let policy = try PolicyCase.policy(
            #"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#,
            #"{"Sid": "DenyAllOutsideRequestedRegions", "Effect": "Deny", "NotAction": ["cloudfront:*", "iam:*", "route53:*", "support:*"], "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1"]}}}"#
        )
        let policies = PolicySet(identity: [policy])
        #expect(PolicyCase.allows("sagemaker:CreateModel", by: policies, context: ["aws:RequestedRegion": ["eu-west-1"]]))
        #expect(!PolicyCase.allows("sagemaker:CreateModel", by: policies, context: ["aws:RequestedRegion": ["us-east-1"]]))
        #expect(PolicyCase.allows("iam:CreateUser", by: policies, context: ["aws:RequestedRegion": ["us-east-1"]]))
    }

    @Test("Variables: defaults, special characters, and a value that is absent")
    func variables() throws {
        let folder = try PolicyCase.policy(
            #"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/${aws:PrincipalTag/team, 'company-wide'}/*"}"#
        )
        let blue = PolicyCase.user(tags: ["team": "blue"])
        #expect(PolicyCase.allows("s3:GetObject", "arn:aws:s3:::data/blue/x", by: PolicySet(identity: [folder]), as: blue))
        #expect(!PolicyCase.allows("s3:GetObject", "arn:aws:s3:::data/company-wide/x", by: PolicySet(identity: [folder]), as: blue))
        #expect(PolicyCase.allows("s3:GetObject", "arn:aws:s3:::data/company-wide/x", by: PolicySet(identity: [folder])))
        let stars = try PolicyCase.policy(
            #"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/${*}${?}${$}"}"#)
        #expect(PolicyCase.allows("s3:GetObject", "arn:aws:s3:::data/*?$", by: PolicySet(identity: [stars])))
        #expect(!PolicyCase.allows("s3:GetObject", "arn:aws:s3:::data/abc", by: PolicySet(identity: [stars])))
        // A value is text: a star in it matches a star and nothing else.
        let tagged = PolicyCase.user(tags: ["team": "*"])
        #expect(!PolicyCase.allows("s3:GetObject", "arn:aws:s3:::data/red/x", by: PolicySet(identity: [folder]), as: tagged))
    }
}
