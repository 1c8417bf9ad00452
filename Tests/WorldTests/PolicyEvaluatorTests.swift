// SPDX-License-Identifier: Apache-2.0

import Testing
import World

@Suite("Decisions of policies")
struct PolicyEvaluatorTests {
    private let object = "arn:aws:s3:::data/train/part-0"
    private let allowGet = #"{"Sid": "Get", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"}"#
    private let denyGet = #"{"Sid": "NoGet", "Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}"#
    private let allowAll = #"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#
    private let allowList = #"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}"#

    private func bucketPolicy(for principal: String, effect: String = "Allow", condition: String = "{}") throws -> NamedPolicy {
        try PolicyCase.policy(
            """
            {"Effect": "\(effect)", "Principal": \(principal), "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*",
             "Condition": \(condition)}
            """, kind: .resource)
    }

    private func trust(_ principal: String, condition: String = "{}") throws -> NamedPolicy {
        try PolicyCase.policy(
            #"{"Effect": "Allow", "Principal": \#(principal), "Action": "sts:AssumeRole", "Condition": \#(condition)}"#,
            kind: .trust)
    }

    // MARK: What peers get wrong

    @Test("A Deny whose condition does not hold denies nothing")
    func denyWithCondition() throws {
        let policies = PolicySet(identity: [
            try PolicyCase.policy(
                allowAll,
                #"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}"#
            )
        ])
        #expect(PolicyCase.allows("s3:GetObject", object, by: policies, context: ["aws:SourceIp": ["203.0.113.5"]]))
        #expect(!PolicyCase.allows("s3:GetObject", object, by: policies, context: ["aws:SourceIp": ["198.51.100.5"]]))
    }

    @Test("Actions ignore case, resources do not")
    func caseRules() throws {
        let policies = PolicySet(identity: [
            try PolicyCase.policy(#"{"Effect": "Allow", "Action": "S3:getOBJECT", "Resource": "arn:aws:s3:::data/*"}"#)
        ])
        #expect(PolicyCase.allows("s3:GetObject", object, by: policies))
        #expect(!PolicyCase.allows("s3:GetObject", "arn:aws:s3:::DATA/x", by: policies))
    }

    @Test("NotAction and NotResource match everything else")
    func negatedElements() throws {
        let policies = PolicySet(identity: [
            try PolicyCase.policy(
                #"{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}"#,
                #"{"Effect": "Deny", "Action": "s3:*", "NotResource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]}"#)
        ])
        #expect(PolicyCase.allows("s3:GetObject", object, by: policies))
        #expect(!PolicyCase.allows("s3:GetObject", "arn:aws:s3:::other/x", by: policies))
        #expect(!PolicyCase.allows("iam:GetUser", "arn:aws:iam::111122223333:user/alice", by: policies))
        #expect(PolicyCase.allows("sagemaker:CreateModel", by: policies))
    }

    @Test("Variables in resources: the home folder of each user")
    func homeFolder() throws {
        let policies = PolicySet(identity: [
            try PolicyCase.policy(
                #"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::data/home/${aws:username}/*"}"#,
                #"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::data", "Condition": {"StringLike": {"s3:prefix": ["", "home/${aws:username}/*"]}}}"#
            )
        ])
        #expect(PolicyCase.allows("s3:PutObject", "arn:aws:s3:::data/home/alice/x", by: policies))
        #expect(!PolicyCase.allows("s3:PutObject", "arn:aws:s3:::data/home/bob/x", by: policies))
        #expect(PolicyCase.allows("s3:ListBucket", "arn:aws:s3:::data", by: policies, context: ["s3:prefix": ["home/alice/"]]))
        #expect(PolicyCase.allows("s3:ListBucket", "arn:aws:s3:::data", by: policies, context: ["s3:prefix": [""]]))
        #expect(!PolicyCase.allows("s3:ListBucket", "arn:aws:s3:::data", by: policies, context: ["s3:prefix": ["home/bob/"]]))
        #expect(!PolicyCase.allows("s3:ListBucket", "arn:aws:s3:::data", by: policies))
        // A role's session has no user name, so the statement says nothing about it.
        #expect(!PolicyCase.allows("s3:PutObject", "arn:aws:s3:::data/home//x", by: policies, as: PolicyCase.session()))
    }

    @Test("Tags of the caller, in conditions and in variables")
    func principalTags() throws {
        let policies = PolicySet(identity: [
            try PolicyCase.policy(
                #"{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}}"#
            )
        ])
        let caller = PolicyCase.user(tags: ["team": "blue"])
        #expect(PolicyCase.allows("sagemaker:DeleteModel", by: policies, as: caller, context: ["aws:ResourceTag/team": ["blue"]]))
        #expect(!PolicyCase.allows("sagemaker:DeleteModel", by: policies, as: caller, context: ["aws:ResourceTag/team": ["red"]]))
        #expect(!PolicyCase.allows("sagemaker:DeleteModel", by: policies, context: ["aws:ResourceTag/team": ["blue"]]))
    }

    // MARK: One account

    @Test("Nothing is allowed by default, and a Deny wins anywhere")
    func defaults() throws {
        #expect(PolicyCase.decide("s3:GetObject", object, by: PolicySet()).outcome == .implicitlyDenied(missing: .identityBased))
        let deny = try PolicyCase.policy(denyGet)
        let allow = try PolicyCase.policy(allowAll)
        for policies in [
            PolicySet(identity: [allow, deny]), PolicySet(identity: [deny, allow]),
            PolicySet(identity: [allow], boundary: deny), PolicySet(identity: [allow], session: [allow, deny]),
            PolicySet(identity: [allow], resource: try bucketPolicy(for: #""*""#, effect: "Deny")),
        ] {
            let decision = PolicyCase.decide("s3:GetObject", object, by: policies)
            guard case .explicitlyDenied = decision.outcome else {
                Issue.record("\(decision)")
                continue
            }
        }
    }

    @Test("A decision names its statement")
    func statementNames() throws {
        let policies = PolicySet(identity: [
            NamedPolicy(
                name: "two", arn: "arn:aws:iam::111122223333:policy/two",
                document: try PolicyCase.policy(allowList, allowGet).document)
        ])
        guard case .allowed(let statement?) = PolicyCase.decide("s3:GetObject", object, by: policies).outcome else {
            Issue.record("not allowed by a statement")
            return
        }
        #expect(statement.policyName == "two")
        #expect(statement.policyARN == "arn:aws:iam::111122223333:policy/two")
        #expect(statement.sid == "Get")
        #expect(statement.index == 1)
    }

    @Test("A boundary and session policies cut what the identity has and give nothing")
    func limits() throws {
        let all = try PolicyCase.policy(allowAll)
        let list = try PolicyCase.policy(allowList)
        #expect(
            PolicyCase.decide("s3:GetObject", object, by: PolicySet(identity: [all], boundary: list)).outcome
                == .implicitlyDenied(missing: .permissionsBoundary))
        #expect(PolicyCase.allows("s3:ListBucket", "arn:aws:s3:::data", by: PolicySet(identity: [all], boundary: list)))
        #expect(!PolicyCase.allows("s3:GetObject", object, by: PolicySet(identity: [list], boundary: all)))
        #expect(
            PolicyCase.decide("s3:GetObject", object, by: PolicySet(identity: [all], session: [list]), as: PolicyCase.session())
                .outcome
                == .implicitlyDenied(missing: .session))
        #expect(!PolicyCase.allows("s3:GetObject", object, by: PolicySet(identity: [], session: [all]), as: PolicyCase.session()))
        // Several session policies add up among themselves.
        let get = try PolicyCase.policy(allowGet)
        #expect(
            PolicyCase.allows(
                "s3:GetObject", object, by: PolicySet(identity: [all], session: [list, get]), as: PolicyCase.session()))
    }

    @Test("A bucket policy alone grants to the user, session or everybody it names, whatever the other policies leave out")
    func directGrants() throws {
        let none = try PolicyCase.policy(allowList)
        let limits = { (resource: NamedPolicy) in PolicySet(identity: [], boundary: none, session: [none], resource: resource) }
        let user = try bucketPolicy(for: #"{"AWS": "arn:aws:iam::111122223333:user/alice"}"#)
        #expect(PolicyCase.allows("s3:GetObject", object, by: PolicySet(boundary: none, resource: user)))
        #expect(!PolicyCase.allows("s3:GetObject", object, by: PolicySet(resource: user), as: PolicyCase.user("bob")))
        let session = try bucketPolicy(for: #"{"AWS": "arn:aws:sts::111122223333:assumed-role/reader/work"}"#)
        #expect(PolicyCase.allows("s3:GetObject", object, by: limits(session), as: PolicyCase.session()))
        #expect(!PolicyCase.allows("s3:GetObject", object, by: limits(session), as: PolicyCase.session(name: "play")))
        let everybody = try bucketPolicy(for: #""*""#)
        #expect(PolicyCase.allows("s3:GetObject", object, by: limits(everybody), as: PolicyCase.session()))
        let federated = try bucketPolicy(for: #"{"AWS": "arn:aws:sts::111122223333:federated-user/fred"}"#)
        #expect(PolicyCase.allows("s3:GetObject", object, by: limits(federated), as: PolicyCase.federated()))
    }

    @Test("A grant to a role, or to the user behind a federated session, is cut by boundary and session policies")
    func entityGrants() throws {
        let none = try PolicyCase.policy(allowList)
        let role = try bucketPolicy(for: #"{"AWS": "arn:aws:iam::111122223333:role/path/reader"}"#)
        let session = PolicyCase.session()
        #expect(PolicyCase.allows("s3:GetObject", object, by: PolicySet(resource: role), as: session))
        #expect(!PolicyCase.allows("s3:GetObject", object, by: PolicySet(boundary: none, resource: role), as: session))
        #expect(!PolicyCase.allows("s3:GetObject", object, by: PolicySet(session: [none], resource: role), as: session))
        let user = try bucketPolicy(for: #"{"AWS": "arn:aws:iam::111122223333:user/alice"}"#)
        #expect(
            !PolicyCase.allows("s3:GetObject", object, by: PolicySet(session: [none], resource: user), as: PolicyCase.federated()))
    }

    @Test("A grant to the account leaves the decision to the account's own policies")
    func accountGrants() throws {
        for name in ["111122223333", "arn:aws:iam::111122223333:root"] {
            let account = try bucketPolicy(for: #"{"AWS": "\#(name)"}"#)
            #expect(!PolicyCase.allows("s3:GetObject", object, by: PolicySet(resource: account)))
            #expect(
                PolicyCase.allows(
                    "s3:GetObject", object, by: PolicySet(identity: [try PolicyCase.policy(allowGet)], resource: account)))
        }
    }

    @Test("Root may do everything in its account that no policy denies")
    func root() throws {
        #expect(PolicyCase.allows("s3:GetObject", object, by: PolicySet(), as: PolicyCase.root))
        let deny = try bucketPolicy(for: #""*""#, effect: "Deny")
        #expect(!PolicyCase.allows("s3:GetObject", object, by: PolicySet(resource: deny), as: PolicyCase.root))
    }

    // MARK: Two accounts, services, nobody

    @Test("Between accounts both sides must allow")
    func crossAccount() throws {
        let caller = PolicyCase.user(account: PolicyCase.otherAccount)
        let identity = try PolicyCase.policy(allowGet)
        func decide(_ policies: PolicySet) -> Decision {
            PolicyCase.decide("s3:GetObject", object, by: policies, as: caller, resourceAccount: PolicyCase.account)
        }
        #expect(decide(PolicySet(identity: [identity])).outcome == .implicitlyDenied(missing: .resourceBased))
        for name in ["arn:aws:iam::444455556666:user/alice", "444455556666", "*"] {
            let resource = try bucketPolicy(for: #"{"AWS": "\#(name)"}"#)
            #expect(decide(PolicySet(resource: resource)).outcome == .implicitlyDenied(missing: .identityBased))
            #expect(decide(PolicySet(identity: [identity], resource: resource)).isAllowed)
            #expect(
                !decide(PolicySet(identity: [identity], boundary: try PolicyCase.policy(allowList), resource: resource)).isAllowed)
        }
        let wrong = try bucketPolicy(for: #"{"AWS": "arn:aws:iam::444455556666:user/bob"}"#)
        #expect(!decide(PolicySet(identity: [identity], resource: wrong)).isAllowed)
    }

    @Test("Without credentials only a policy for everybody helps")
    func anonymous() throws {
        #expect(!PolicyCase.allows("s3:GetObject", object, by: PolicySet(), as: .anonymous))
        #expect(PolicyCase.allows("s3:GetObject", object, by: PolicySet(resource: try bucketPolicy(for: #""*""#)), as: .anonymous))
        let account = try bucketPolicy(for: #"{"AWS": "111122223333"}"#)
        #expect(!PolicyCase.allows("s3:GetObject", object, by: PolicySet(resource: account), as: .anonymous))
    }

    @Test("Services come in by their names")
    func services() throws {
        let policy = try bucketPolicy(
            for: #"{"Service": "sagemaker.amazonaws.com"}"#, condition: #"{"StringEquals": {"aws:SourceAccount": "111122223333"}}"#)
        let policies = PolicySet(resource: policy)
        #expect(
            PolicyCase.allows(
                "s3:GetObject", object, by: policies, as: PolicyCase.service(), context: ["aws:SourceAccount": ["111122223333"]]))
        #expect(!PolicyCase.allows("s3:GetObject", object, by: policies, as: PolicyCase.service()))
        #expect(
            !PolicyCase.allows(
                "s3:GetObject", object, by: policies, as: PolicyCase.service("ec2.amazonaws.com"),
                context: ["aws:SourceAccount": ["111122223333"]]))
    }

    @Test("A role's trust policy must consent, and may suffice")
    func trustPolicies() throws {
        let role = "arn:aws:iam::111122223333:role/path/reader"
        let all = try PolicyCase.policy(allowAll)
        func decide(_ principal: Principal, _ trust: NamedPolicy, identity: [NamedPolicy], context: [String: [String]] = [:])
            -> Decision
        {
            PolicyCase.decide(
                "sts:AssumeRole", role, by: PolicySet(identity: identity, resource: trust, resourceIsRoleTrust: true),
                as: principal,
                context: context)
        }
        let service = try trust(#"{"Service": "sagemaker.amazonaws.com"}"#)
        #expect(decide(PolicyCase.user(), service, identity: [all]).outcome == .implicitlyDenied(missing: .roleTrust))
        #expect(decide(PolicyCase.service(), service, identity: []).isAllowed)
        let account = try trust(#"{"AWS": "arn:aws:iam::111122223333:root"}"#)
        #expect(decide(PolicyCase.user(), account, identity: [all]).isAllowed)
        #expect(decide(PolicyCase.user(), account, identity: []).outcome == .implicitlyDenied(missing: .identityBased))
        let alice = try trust(#"{"AWS": "arn:aws:iam::111122223333:user/alice"}"#)
        #expect(decide(PolicyCase.user(), alice, identity: []).isAllowed)
        #expect(!decide(PolicyCase.user("bob"), alice, identity: [all]).isAllowed)
        let other = try trust(#"{"AWS": "444455556666"}"#, condition: #"{"StringEquals": {"sts:ExternalId": "secret"}}"#)
        let outsider = PolicyCase.user(account: PolicyCase.otherAccount)
        #expect(decide(outsider, other, identity: [all], context: ["sts:ExternalId": ["secret"]]).isAllowed)
        #expect(!decide(outsider, other, identity: [all]).isAllowed)
        #expect(!decide(outsider, other, identity: [], context: ["sts:ExternalId": ["secret"]]).isAllowed)
    }

    // MARK: Words

    @Test("The sentences of AccessDenied")
    func sentences() throws {
        let request = AuthorizationRequest(action: "s3:GetObject", resource: object, principal: PolicyCase.user())
        let start =
            "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: s3:GetObject on resource: \"\(object)\""
        func sentence(_ policies: PolicySet) -> String? {
            PolicyEvaluator.evaluate(request, policies).message(for: request, quotesResource: true)
        }
        let all = try PolicyCase.policy(allowAll)
        #expect(sentence(PolicySet()) == start + " because no identity-based policy allows the s3:GetObject action")
        #expect(
            sentence(PolicySet(identity: [try PolicyCase.policy(denyGet)]))
                == start + " with an explicit deny in an identity-based policy")
        #expect(
            sentence(PolicySet(identity: [all], boundary: try PolicyCase.policy(denyGet)))
                == start + " with an explicit deny in a permissions boundary")
        #expect(
            sentence(PolicySet(identity: [all], resource: try bucketPolicy(for: #""*""#, effect: "Deny")))
                == start + " with an explicit deny in a resource-based policy")
        #expect(sentence(PolicySet(identity: [all])) == nil)
        let list = AuthorizationRequest(action: "s3:ListAllMyBuckets", resource: "*", principal: PolicyCase.session())
        #expect(
            PolicyEvaluator.evaluate(list, PolicySet()).message(for: list, showsWildcard: false)
                == "User: arn:aws:sts::111122223333:assumed-role/reader/work is not authorized to perform: s3:ListAllMyBuckets "
                + "because no identity-based policy allows the s3:ListAllMyBuckets action")
    }

    @Test("Findings say of each statement why it does not apply")
    func findings() throws {
        let policies = PolicySet(identity: [
            try PolicyCase.policy(
                allowList, #"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::other/*"}"#,
                #"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"k:a": "x"}}}"#,
                #"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::${k:b}/*"}"#, allowGet)
        ])
        let request = AuthorizationRequest(action: "s3:GetObject", resource: object, principal: PolicyCase.user())
        #expect(
            PolicyEvaluator.findings(request, policies).map(\.mismatch) == [
                .action, .resource, .condition(operator: "StringEquals", key: "k:a"), .unresolvedVariable(key: "k:b"), nil,
            ])
    }
}
