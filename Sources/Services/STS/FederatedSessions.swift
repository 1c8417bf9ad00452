// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// What AssumeRoleWithWebIdentity and AssumeRoleWithSAML share: a session of a role for somebody whom an identity provider vouches for.
///
/// The provider must be known to the account and the role must trust it. The provider's own signature is not checked: its keys are on a
/// network that this world does not reach.
enum FederatedSession {
    struct Request: Sendable {
        var action: String
        var roleARN: String
        var sessionName: String
        /// The provider's ARN.
        var provider: String
        var context: RequestContext
        var seconds: Int
        var policy: String?
        var policyARNs: [Value]?
    }

    /// `Credentials`, `AssumedRoleUser` and, with session policies, `PackedPolicySize`.
    static func create(_ request: Request, _ call: Call, in database: Database) throws -> [(String, Value?)] {
        guard let arn = ARN(request.roleARN), arn.service == "iam", arn.resourceType == "role" else {
            throw IAMError.validation("\(request.roleARN) is invalid")
        }
        let denied = IAMError.accessDenied("Not authorized to perform \(request.action)")
        guard var role = try database.resource(RoleRecord.self, arn: request.roleARN) else { throw denied }
        let caller = Principal(
            kind: .federatedIdentity(provider: request.provider), account: "", arn: request.provider, userID: request.provider)
        var asked = AuthorizationRequest(
            action: request.action, resource: request.roleARN, resourceAccount: arn.account, principal: caller,
            context: request.context)
        asked.context["aws:FederatedProvider"] = [request.provider]
        guard PolicyEvaluator.evaluate(asked, PolicySet(resource: role.trust, resourceIsRoleTrust: true)).isAllowed else {
            throw denied
        }
        if request.seconds > role.maximumSessionSeconds {
            throw IAMError.validation("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
        }
        let policies = try SessionPolicies(
            document: request.policy, arns: request.policyARNs, tags: [], account: arn.account, in: database)
        let key = try TemporaryCredentials.create(
            for: .role(name: role.name, session: request.sessionName), account: arn.account, seconds: request.seconds,
            policies: policies.documents, in: database)
        role.lastUsedTime = call.now
        role.lastUsedRegion = call.region
        try database.updateResource(role, in: Scope(account: arn.account, region: ""))
        return [
            ("Credentials", TemporaryCredentials.value(key)),
            (
                "AssumedRoleUser",
                [
                    "AssumedRoleId": .string("\(role.id):\(request.sessionName)"),
                    "Arn": .string("arn:aws:sts::\(arn.account):assumed-role/\(role.name)/\(request.sessionName)"),
                ]
            ),
            policies.packedSizeMember,
        ]
    }
}

/// Makes a session of a role for whoever an OpenID Connect token names.
enum AssumeRoleWithWebIdentity: Operation {
    struct Input: Decodable, Sendable {
        var roleArn: String
        var roleSessionName: String
        var webIdentityToken: String
        var policyArns: [Value]?
        var policy: String?
        var durationSeconds: Int?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        let claims = try claims(of: input.webIdentityToken)
        let issuer = claims["iss"]?.stringValue ?? ""
        let name = issuer.hasPrefix("https://") ? String(issuer.dropFirst(8)) : issuer
        let audiences = claims["aud"]?.stringValue.map { [$0] } ?? (claims["aud"]?.listValue ?? []).compactMap(\.stringValue)
        let audience = claims["azp"]?.stringValue ?? audiences.first ?? ""
        let subject = claims["sub"]?.stringValue ?? ""
        guard let end = claims["exp"]?.doubleValue else { throw invalid("Missing a required claim: exp") }
        guard end > Date().timeIntervalSince1970 else {
            throw ServiceError(
                "ExpiredTokenException", "Token expired: current date/time must be before the expiration date/time", status: 400)
        }
        return try call.world.store.write { database in
            let account = ARN(input.roleArn)?.account ?? ""
            let provider = "arn:aws:iam::\(account):oidc-provider/\(name)"
            guard let record = try database.resource(OpenIDProviderRecord.self, arn: provider) else {
                throw invalid("No OpenIDConnect provider found in your account for \(issuer)")
            }
            guard audiences.contains(where: record.clientIDs.contains) || record.clientIDs.contains(audience) else {
                throw invalid("Incorrect token audience")
            }
            var context = RequestContext(["\(name):aud": audiences, "\(name):sub": [subject], "\(name):iss": [issuer]])
            context["sts:RoleSessionName"] = [input.roleSessionName]
            let members = try FederatedSession.create(
                FederatedSession.Request(
                    action: "sts:AssumeRoleWithWebIdentity", roleARN: input.roleArn, sessionName: input.roleSessionName,
                    provider: provider, context: context, seconds: input.durationSeconds ?? 3600, policy: input.policy,
                    policyARNs: input.policyArns), call, in: database)
            return .members(
                members + [
                    ("SubjectFromWebIdentityToken", .string(subject)), ("Provider", .string(provider)),
                    ("Audience", .string(audience)),
                ])
        }
    }

    /// The middle part of a JSON Web Token (RFC 7519).
    private static func claims(of token: String) throws -> Value {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else {
            throw invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
        }
        var text = String(parts[1]).replacing("-", with: "+").replacing("_", with: "/")
        while text.utf8.count % 4 != 0 { text += "=" }
        guard let bytes = Base64.decode(text), let claims = try? JSON.parse(bytes), claims.objectValue != nil else {
            throw invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
        }
        return claims
    }

    private static func invalid(_ message: String) -> ServiceError {
        ServiceError("InvalidIdentityToken", message, status: 400)
    }
}

/// Makes a session of a role for whoever a SAML assertion names.
enum AssumeRoleWithSAML: Operation {
    struct Input: Decodable, Sendable {
        var roleArn: String
        var principalArn: String
        var sAMLAssertion: String
        var policyArns: [Value]?
        var policy: String?
        var durationSeconds: Int?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        let assertion = try SAMLAssertion(input.sAMLAssertion)
        let pairs = assertion.values("https://aws.amazon.com/SAML/Attributes/Role").map {
            Set($0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) })
        }
        guard pairs.contains([input.roleArn, input.principalArn]) else {
            throw IAMError.accessDenied("Not authorized to perform sts:AssumeRoleWithSAML")
        }
        guard let session = assertion.values("https://aws.amazon.com/SAML/Attributes/RoleSessionName").first, !session.isEmpty
        else {
            throw ServiceError(
                "InvalidIdentityToken", "RoleSessionName is required in AuthnResponse (Service: AWSSecurityTokenService)",
                status: 400)
        }
        let longest = assertion.values("https://aws.amazon.com/SAML/Attributes/SessionDuration").first.flatMap { Int($0) }
        let seconds = min(input.durationSeconds ?? longest ?? 3600, longest ?? Int.max)
        return try call.world.store.write { database in
            guard try database.resource(SAMLProviderRecord.self, arn: input.principalArn) != nil else {
                throw ServiceError(
                    "InvalidIdentityToken", "Specified provider doesn't exist (Service: AWSSecurityTokenService)", status: 400)
            }
            var context = RequestContext([
                "saml:aud": [assertion.audience], "saml:iss": [assertion.issuer], "saml:sub": [assertion.subject],
            ])
            context["saml:sub_type"] = [assertion.subjectType]
            context["saml:namequalifier"] = [assertion.nameQualifier(for: input.principalArn)]
            let members = try FederatedSession.create(
                FederatedSession.Request(
                    action: "sts:AssumeRoleWithSAML", roleARN: input.roleArn, sessionName: session, provider: input.principalArn,
                    context: context, seconds: seconds, policy: input.policy, policyARNs: input.policyArns), call, in: database)
            return .members(
                members + [
                    ("Subject", .string(assertion.subject)), ("SubjectType", .string(assertion.subjectType)),
                    ("Issuer", .string(assertion.issuer)), ("Audience", .string(assertion.audience)),
                    ("NameQualifier", .string(assertion.nameQualifier(for: input.principalArn))),
                ])
        }
    }
}

/// What is asked of a SAML 2.0 response: subject, issuer, attributes.
private struct SAMLAssertion {
    private let assertion: XMLElement
    let issuer: String
    let subject: String
    /// `persistent`, `transient`, or the whole name of another format.
    let subjectType: String
    let audience: String

    init(_ text: String) throws {
        func fail(_ problem: String) -> ServiceError { ServiceError("InvalidIdentityToken", problem, status: 400) }
        guard var bytes = Base64.decode(text) else { throw fail("Invalid base64 SAMLResponse") }
        bytes = Array(bytes.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) })
        guard let root = try? XMLElement.parse(bytes) else { throw fail("Invalid XML in SAMLResponse") }
        guard let assertion = root.name == "Assertion" ? root : root.child("Assertion") else {
            throw fail("SAMLResponse has no assertion")
        }
        self.assertion = assertion
        func trimmed(_ text: String?) -> String { (text ?? "").trimmingCharacters(in: .whitespacesAndNewlines) }
        issuer = trimmed(assertion.child("Issuer")?.text)
        let name = assertion.child("Subject")?.child("NameID")
        subject = trimmed(name?.text)
        let format = name?.attribute("Format") ?? ""
        let known = "urn:oasis:names:tc:SAML:2.0:nameid-format:"
        subjectType = format.hasPrefix(known) ? String(format.dropFirst(known.count)) : format
        let confirmation = assertion.child("Subject")?.child("SubjectConfirmation")?.child("SubjectConfirmationData")
        audience = confirmation?.attribute("Recipient") ?? "https://signin.aws.amazon.com/saml"
    }

    func values(_ name: String) -> [String] {
        let attributes = assertion.children.filter { $0.name == "AttributeStatement" }.flatMap(\.children)
        return attributes.filter { $0.name == "Attribute" && $0.attribute("Name") == name }.flatMap(\.children)
            .filter { $0.name == "AttributeValue" }.map { $0.text.trimmingCharacters(in: .whitespacesAndNewlines) }
    }

    /// The digest that tells subjects of different providers apart (IAM User Guide, "Uniquely identifying users in SAML-based federation").
    func nameQualifier(for provider: String) -> String {
        let account = ARN(provider)?.account ?? ""
        let friendly = ARN(provider)?.resourceName ?? ""
        return Base64.encode(Digest.sha1(Array("\(issuer)\(account)/\(friendly)".utf8)))
    }
}

/// Explains why a request was denied, from the text that the denial carried; no service of this world gives such a text.
enum DecodeAuthorizationMessage: Operation {
    struct Input: Decodable, Sendable { var encodedMessage: String }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        throw ServiceError("InvalidAuthorizationMessageException", "Message is not valid.", status: 400)
    }
}
