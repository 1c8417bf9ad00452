// SPDX-License-Identifier: Apache-2.0

import Wire

/// Which pages of other sites may use a bucket from a browser: the rules of its CORS configuration (S3 User Guide, "Elements of a
/// CORS configuration").
struct CrossOriginRules {
    private var rules: [Value]

    init(_ document: Value) {
        rules = document["CORSRules"]?.listValue ?? []
    }

    /// The headers that let a page of `origin` do what it asks; nil where no rule does.
    ///
    /// - Parameter requestedHeaders: what a preflight asks for; nil for the request itself.
    func headers(origin: String, method: String, requestedHeaders: [String]?) -> HTTPHeaders? {
        for rule in rules {
            let origins = Self.texts(rule["AllowedOrigins"])
            let methods = Self.texts(rule["AllowedMethods"])
            let allowedHeaders = Self.texts(rule["AllowedHeaders"])
            guard let matching = origins.first(where: { Self.matches($0, origin) }), methods.contains(method),
                (requestedHeaders ?? []).allSatisfy({ name in
                    allowedHeaders.contains { Self.matches($0.lowercased(), name.lowercased()) }
                })
            else { continue }
            var headers: HTTPHeaders = ["Access-Control-Allow-Origin": matching == "*" ? "*" : origin]
            headers["Access-Control-Allow-Methods"] = methods.joined(separator: ", ")
            if let requestedHeaders, !requestedHeaders.isEmpty {
                headers["Access-Control-Allow-Headers"] = requestedHeaders.map { $0.lowercased() }.joined(separator: ", ")
            }
            let exposed = Self.texts(rule["ExposeHeaders"])
            if !exposed.isEmpty { headers["Access-Control-Expose-Headers"] = exposed.joined(separator: ", ") }
            if let seconds = rule["MaxAgeSeconds"]?.integerValue { headers["Access-Control-Max-Age"] = String(seconds) }
            if matching != "*" { headers["Access-Control-Allow-Credentials"] = "true" }
            headers["Vary"] = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"
            return headers
        }
        return nil
    }

    /// The answer to a browser's question before the request itself.
    static func preflight(_ request: HTTPRequestParts, rules: CrossOriginRules?, isObject: Bool) throws(ServiceError) -> HTTPHeaders
    {
        guard let origin = request.headers["Origin"] else {
            throw ServiceError("BadRequest", "Insufficient information. Origin request header needed.", status: 400)
        }
        let method = request.headers["Access-Control-Request-Method"]
        guard let method, ["GET", "PUT", "POST", "DELETE", "HEAD"].contains(method) else {
            throw ServiceError("BadRequest", "Invalid Access-Control-Request-Method: \(method ?? "null")", status: 400)
        }
        let names = (request.headers["Access-Control-Request-Headers"] ?? "").split(separator: ",").map { name in
            String(name.drop { $0 == " " }.prefix { $0 != " " })
        }
        guard let rules else { throw forbidden("CORS is not enabled for this bucket.", method, isObject) }
        guard let headers = rules.headers(origin: origin, method: method, requestedHeaders: names) else {
            throw forbidden(
                "This CORS request is not allowed. This is usually because the evalution of Origin, request method / "
                    + "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
                method, isObject)
        }
        return headers
    }

    private static func forbidden(_ message: String, _ method: String, _ isObject: Bool) -> ServiceError {
        ServiceError(
            "AccessForbidden", "CORSResponse: " + message, status: 403,
            details: [.init("Method", .string(method)), .init("ResourceType", isObject ? "OBJECT" : "BUCKET")])
    }

    private static func texts(_ value: Value?) -> [String] { value?.listValue?.compactMap(\.stringValue) ?? [] }

    /// A pattern has one `*` at the most.
    private static func matches(_ pattern: String, _ text: String) -> Bool {
        guard let star = pattern.firstIndex(of: "*") else { return pattern == text }
        let (start, end) = (pattern[..<star], pattern[pattern.index(after: star)...])
        return text.utf8.count >= start.utf8.count + end.utf8.count && text.hasPrefix(start) && text.hasSuffix(end)
    }
}
