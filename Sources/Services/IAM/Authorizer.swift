// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire
import World

/// Asks the policies, and says no in the words of the service that was called.
enum Authorizer {
    /// - Throws: `ServiceError` where the answer is no.
    static func authorize(_ question: AuthorizationQuestion, call: Call) throws {
        let (request, decision) = try decide(question, call: call)
        if decision.isAllowed { return }
        // What an access control list opens to everybody, only a policy that says no closes.
        if question.isPublicRead, case .implicitlyDenied = decision.outcome { return }
        throw denial(of: request, decision, service: call.service)
    }

    /// The question in full, and the answer.
    static func decide(_ question: AuthorizationQuestion, call: Call) throws -> (AuthorizationRequest, Decision) {
        var policies = try call.world.store.read { try IdentityPolicies.load(for: call.principal, in: $0) }
        if let document = question.resourcePolicy {
            policies.resource = NamedPolicy(name: "resource policy", document: try PolicyCache.document(document, kind: .resource))
        }
        var context = RequestContext(question.context)
        context.setEnvironment(
            time: Date().timeIntervalSince1970, sourceAddress: call.sourceAddress, region: call.region, userAgent: call.userAgent,
            isSecure: true)
        let request = AuthorizationRequest(
            action: question.action, resource: question.resource, resourceAccount: question.resourceAccount,
            principal: call.principal, context: context)
        return (request, PolicyEvaluator.evaluate(request, policies))
    }

    /// The error for a request that policies do not let through.
    static func denial(of request: AuthorizationRequest, _ decision: Decision, service: String) -> ServiceError {
        let message = decision.message(for: request, quotesResource: service == "s3") ?? ""
        switch service {
        case "s3":
            // S3 gives its reasons only to callers of the account that owns the bucket.
            let isForeign = request.resourceAccount.map { $0 != request.principal.account } ?? false
            let isNobody = request.principal.kind == .anonymous
            return ServiceError("AccessDenied", isForeign || isNobody ? "Access Denied" : message, status: 403)
        case "iam", "sts", "cloudwatch":
            return ServiceError("AccessDenied", message, status: 403)
        case "sagemaker-runtime", "sagemaker-metrics":
            return ServiceError("AccessDeniedException", message, status: 403)
        default:
            return ServiceError("AccessDeniedException", message, status: 400)
        }
    }
}
