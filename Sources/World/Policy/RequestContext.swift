// SPDX-License-Identifier: Apache-2.0

/// The condition keys of a request, each with no, one or several values.
///
/// Names of keys ignore case.
public struct RequestContext: Sendable, Hashable {
    private var valuesByKey: [String: [String]] = [:]

    /// A context without keys.
    public init() {}

    /// A context with the given keys.
    public init(_ values: [String: [String]]) {
        for (key, list) in values { self[key] = list }
    }

    /// The values of a key; empty where the request does not have it.
    ///
    /// An empty list removes it.
    public subscript(key: String) -> [String] {
        get { valuesByKey[key.lowercased()] ?? [] }
        set { valuesByKey[key.lowercased()] = newValue.isEmpty ? nil : newValue }
    }

    /// Whether the request has the key.
    public func has(_ key: String) -> Bool {
        valuesByKey[key.lowercased()] != nil
    }

    /// Adds the keys of `other`, whose values win.
    public mutating func merge(_ other: RequestContext) {
        valuesByKey.merge(other.valuesByKey) { _, new in new }
    }

    /// The keys, in lower case, in order.
    public var keys: [String] { valuesByKey.keys.sorted() }
}

extension RequestContext {
    /// The keys that every request of `principal` has because of who it is: `aws:PrincipalArn`, `aws:username`, `aws:PrincipalTag/…` and so on.
    public init(principal: Principal) {
        self.init()
        if !principal.account.isEmpty { self["aws:PrincipalAccount"] = [principal.account] }
        self["aws:userid"] = [principal.userID]
        self["aws:PrincipalArn"] = [principal.issuerARN ?? principal.arn]
        self["aws:PrincipalIsAWSService"] = ["false"]
        for (key, value) in principal.tags { self["aws:PrincipalTag/" + key] = [value] }
        if let time = principal.tokenIssueTime {
            self["aws:TokenIssueTime"] = [PolicyDate.text(time)]
            self["aws:MultiFactorAuthPresent"] = ["false"]
        }
        switch principal.kind {
        case .root:
            self["aws:PrincipalType"] = ["Account"]
        case .user(let name):
            self["aws:username"] = [name]
            self["aws:PrincipalType"] = ["User"]
        case .assumedRole:
            self["aws:PrincipalType"] = ["AssumedRole"]
        case .federatedUser:
            self["aws:PrincipalType"] = ["FederatedUser"]
            self["aws:PrincipalArn"] = [principal.arn]
        case .service(let name):
            self["aws:PrincipalIsAWSService"] = ["true"]
            self["aws:PrincipalServiceName"] = [name]
            self["aws:PrincipalServiceNamesList"] = [name]
            self["aws:PrincipalType"] = ["Service"]
            self["aws:PrincipalArn"] = []
            self["aws:userid"] = []
        case .federatedIdentity:
            self["aws:PrincipalArn"] = []
            self["aws:userid"] = []
        case .anonymous:
            self["aws:PrincipalType"] = ["Anonymous"]
        }
    }

    /// Sets the keys that every request has because of when and from where it comes.
    ///
    /// - Parameters:
    ///   - time: seconds since 1970.
    ///   - sourceAddress: the caller's IP address.
    ///   - isSecure: whether it came over TLS. The shell counts as such, as its commands would go over TLS to the real service.
    public mutating func setEnvironment(
        time: Double, sourceAddress: String, region: String, userAgent: String, isSecure: Bool
    ) {
        self["aws:CurrentTime"] = [PolicyDate.text(time)]
        self["aws:EpochTime"] = [String(Int(time))]
        self["aws:SourceIp"] = [sourceAddress]
        self["aws:RequestedRegion"] = [region]
        self["aws:UserAgent"] = [userAgent]
        self["aws:SecureTransport"] = [isSecure ? "true" : "false"]
    }
}
