// SPDX-License-Identifier: Apache-2.0

/// Checks a document that has the right grammar against what IAM and S3 ask of it.
enum PolicyValidator {
    /// What may stand after the fifth colon of an IAM ARN in `Resource`.
    static let iamResourcePaths = [
        "user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/", "server-certificate/", "policy/", "sms-mfa/",
        "saml-provider/", "oidc-provider/", "report/", "access-report/",
    ]

    private static let partitions: Set<String> = [
        "aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc",
    ]

    static func validate(
        _ document: PolicyDocument, namesVersion: Bool, kind: PolicyDocument.Kind, legacyProblem: String?
    ) throws(PolicyDocumentError) {
        if kind == .identity, !namesVersion || document.version != .version2012 { throw .version }
        if let legacyProblem { throw .legacyParsing(place: legacyProblem) }
        for resource in document.statements.flatMap(\.resourceTexts) where !isReadable(resource) {
            throw .legacyParsing(place: resource)
        }
        var sids: Set<String> = []
        for statement in document.statements {
            if let sid = statement.sid, !sid.isEmpty, !sids.insert(sid).inserted { throw .duplicateSid(sid) }
        }
        for statement in document.statements {
            if statement.actions.patterns.isEmpty { throw .noActions }
        }
        for statement in document.statements {
            for resource in statement.resources?.patterns ?? [] { try validateResource(resource.text) }
            for action in statement.actions.patterns { try validateAction(action.text) }
            try validateElements(of: statement, kind: kind)
        }
    }

    private static func validateElements(
        of statement: PolicyStatement, kind: PolicyDocument.Kind
    ) throws(PolicyDocumentError) {
        switch kind {
        case .identity, .session:
            if statement.principals != nil { throw .principalNotAllowed }
            guard let resources = statement.resources, !resources.patterns.isEmpty else { throw .noResources }
        case .trust:
            if statement.resources != nil { throw .resourceNotAllowed }
            for action in statement.actions.patterns where !isTrustAction(action.text) { throw .trustAction(action.text) }
            try validatePrincipals(of: statement)
        case .resource:
            guard let resources = statement.resources, !resources.patterns.isEmpty else { throw .noResources }
            try validatePrincipals(of: statement)
        }
    }

    private static func isTrustAction(_ action: String) -> Bool {
        let lowercased = action.lowercased()
        return lowercased.hasPrefix("sts:") && lowercased != "sts:" || lowercased == "*"
    }

    private static func validatePrincipals(of statement: PolicyStatement) throws(PolicyDocumentError) {
        guard let principals = statement.principals, !principals.entries.isEmpty else { throw .principalMissing }
        for entry in principals.entries where !isWellFormed(entry) {
            throw .invalidPrincipal(type: entry.type.rawValue, value: entry.value)
        }
    }

    private static func isWellFormed(_ principal: PolicyPrincipal) -> Bool {
        let value = principal.value
        switch principal.type {
        case .aws:
            if value == "*" || Account.isAccountID(value) || isUniqueID(value) { return true }
            guard let arn = ARN(value), Account.isAccountID(arn.account), arn.region.isEmpty, !value.contains("*") else {
                return false
            }
            switch arn.service {
            case "iam": return arn.resource == "root" || ["user", "role"].contains(arn.resourceType) && !arn.resourceName.isEmpty
            case "sts": return ["assumed-role", "federated-user"].contains(arn.resourceType)
            default: return false
            }
        case .service:
            return value.hasSuffix(".amazonaws.com") || value.hasSuffix(".amazonaws.com.cn") || value == "*"
        case .federated:
            return !value.isEmpty
        case .canonicalUser:
            return value.utf8.count == 64 && value.allSatisfy(\.isHexDigit)
        }
    }

    /// `AIDA…` and `AROA…`, which stand where a user or role has been deleted.
    private static func isUniqueID(_ text: String) -> Bool {
        ["AIDA", "AROA", "AGPA"].contains(String(text.prefix(4)))
            && (16...128).contains(text.utf8.count) && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
    }

    private static func validateAction(_ action: String) throws(PolicyDocumentError) {
        if action == "*" { return }
        let parts = action.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 1 { throw .actionWithoutService(action) }
        if parts.count > 2 { throw .actionWithSeveralColons(action) }
        let service = parts[0]
        let isValid = service.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "-" || $0 == ".")
        }
        if service != "*", !isValid || service.isEmpty { throw .invalidService(String(service)) }
        if parts[1].isEmpty { throw .invalidService(action) }
    }

    /// What the first of IAM's two readers can take apart: a service, and where parts are empty, all six of them.
    private static func isReadable(_ resource: String) -> Bool {
        let parts = resource.split(separator: ":", omittingEmptySubsequences: false)
        guard resource.hasPrefix("arn:"), parts.count > 2 else { return true }
        return !parts[2].isEmpty && (parts.count >= 6 || !resource.contains("::"))
    }

    private static func validateResource(_ resource: String) throws(PolicyDocumentError) {
        if resource == "*" { return }
        let parts = resource.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1 else { throw .resourceNotARN(resource) }
        guard parts[1] == "*" || partitions.contains(parts[1]) else {
            var shown = parts
            shown[0] = "arn"
            while shown.count < 6 { shown.append("*") }
            throw .invalidPartition(partition: parts[1], resource: shown.joined(separator: ":"))
        }
        guard parts.count > 2 else { throw .resourceServiceMissing(resource) }
        guard parts[0] == "arn" else { throw .legacyParsing(place: resource) }
        // `arn:aws:s3*` and the like: IAM takes what is cut off.
        if parts.count < 6 { return }
        let isAccessPoint = parts[2] == "s3" && parts[5].hasPrefix("accesspoint")
        if ["iam", "s3"].contains(parts[2]), !parts[3].isEmpty, parts[3] != "*", !isAccessPoint {
            throw .resourceWithRegion(service: parts[2], resource: resource)
        }
        if parts[2] == "iam", !parts[5].hasPrefix("*"), parts[5] != "root",
            !iamResourcePaths.contains(where: {
                parts[5].hasPrefix($0) || parts[5].hasSuffix("*") && $0.hasPrefix(parts[5].dropLast())
            })
        {
            throw .iamResourcePath
        }
    }
}
