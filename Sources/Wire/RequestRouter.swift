// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceModel

/// Where a request goes, and in which protocol it came.
public struct RoutedRequest: Sendable {
    /// How to read it and to answer.
    public var codec: ServiceCodec
    /// What is asked for.
    public var operation: OperationModel
    /// The values of the path's labels.
    public var labels: [String: String]
}

/// Finds the operation that an HTTP request asks for.
public struct RequestRouter: Sendable {
    /// Why no operation was found.
    public struct Unroutable: Error, Sendable {
        /// How to answer.
        public var codec: ServiceCodec
        /// What to answer.
        public var error: ServiceError
    }

    /// Host names below which the first label is a bucket: `s3.amazonaws.com`, `localhost`.
    public var hostSuffixes: [String]
    private let restRoutes: [String: [Route]]
    private let targets: [String: ServiceModel]
    private let formServices: [String: ServiceModel]

    private struct Route: Sendable {
        let operation: OperationModel
        let template: URITemplate
        /// Query items and headers without which the operation makes no sense.
        let requiredQuery: [String]
        let requiredHeaders: [String]

        var weight: Int { (template.literalCount + requiredQuery.count + requiredHeaders.count) * 16 + template.segments.count }
    }

    /// A router for all services of the catalogue.
    public init(hostSuffixes: [String] = ["localhost", "s3.localhost.localstack.cloud", "s3.amazonaws.com"]) {
        self.hostSuffixes = hostSuffixes
        var routes: [String: [Route]] = [:]
        var targets: [String: ServiceModel] = [:]
        var forms: [String: ServiceModel] = [:]
        for model in ServiceCatalog.services {
            if let target = model.targetPrefix { targets[target] = model }
            if model.protocols.contains(.query) { forms[model.signingName] = model }
            guard model.protocols.contains(.restXML) || model.protocols.contains(.restJSON) else { continue }
            routes[model.identifier] = model.operations.filter { !Self.isSuperseded($0, in: model) }.map(Self.route)
                .sorted { $0.weight > $1.weight }
        }
        restRoutes = routes
        self.targets = targets
        formServices = forms
    }

    /// An older operation on the same address as a newer one.
    private static func isSuperseded(_ operation: OperationModel, in model: ServiceModel) -> Bool {
        operation.isDeprecated
            && (model.operation(operation.name + "Configuration") != nil || operation.name.hasSuffix("BucketNotification")
                || operation.name.hasSuffix("BucketLifecycle") && operation.httpMethod != "DELETE")
    }

    private static func route(_ operation: OperationModel) -> Route {
        let members = operation.input?.members.filter(\.isRequired) ?? []
        return Route(
            operation: operation, template: URITemplate(operation.requestURI),
            requiredQuery: members.filter { $0.location == .querystring }.map(\.locationName),
            requiredHeaders: members.filter { $0.location == .header }.map(\.locationName))
    }

    /// The operation of a request.
    ///
    /// - Parameters:
    ///   - signingName: The service that the signature's scope names, where the request is signed.
    ///   - form: The body's items, where the body is a form.
    public func route(_ request: HTTPRequestParts, signingName: String?, form: [QueryItem]) throws(Unroutable) -> RoutedRequest {
        if let target = request.headers["X-Amz-Target"] { return try routeTarget(target, request, signingName) }
        if let routed = try routeForm(form.isEmpty ? request.queryItems : form, signingName) { return routed }
        if signingName != "s3" {
            for identifier in ["sagemaker-runtime", "sagemaker-metrics"] {
                guard let model = ServiceCatalog.service(identifier), let routes = restRoutes[identifier],
                    signingName == nil || signingName == model.signingName
                else { continue }
                let codec = ServiceCodec(model: model)
                if let found = match(routes, request, path: Self.segments(request.path)) {
                    return RoutedRequest(codec: codec, operation: found.operation, labels: found.labels)
                }
            }
        }
        return try routeS3(request, signingName)
    }

    private func routeTarget(_ target: String, _ request: HTTPRequestParts, _ signingName: String?) throws(Unroutable)
        -> RoutedRequest
    {
        let dot = target.lastIndex(of: ".") ?? target.startIndex
        let name = target[dot...].drop { $0 == "." }
        let version = request.headers["Content-Type"].flatMap { $0.contains("json-1.0") ? "1.0" : nil } ?? "1.1"
        guard let model = targets[String(target[..<dot])] else {
            throw unknown("UnknownOperationException", "There is no service \(target[..<dot]).", signingName, version)
        }
        let codec = ServiceCodec(model: model, protocolName: .json, jsonVersion: version)
        guard let operation = model.operation(String(name)) else {
            throw Unroutable(codec: codec, error: ServiceError("UnknownOperationException", "", status: 400))
        }
        return RoutedRequest(codec: codec, operation: operation, labels: [:])
    }

    private func unknown(_ code: String, _ message: String, _ signingName: String?, _ version: String) -> Unroutable {
        let model = ServiceCatalog.services.first { $0.signingName == signingName } ?? ServiceCatalog.services[0]
        return Unroutable(
            codec: ServiceCodec(model: model, protocolName: .json, jsonVersion: version),
            error: ServiceError(code, message, status: 404))
    }

    private func routeForm(_ items: [QueryItem], _ signingName: String?) throws(Unroutable) -> RoutedRequest? {
        guard let action = items.first(where: { $0.name == "Action" })?.value else { return nil }
        let version = items.first { $0.name == "Version" }?.value
        let candidates =
            signingName.flatMap { formServices[$0] }.map { [$0] } ?? formServices.values.filter { $0.operation(action) != nil }
        guard let model = candidates.first(where: { version == nil || $0.apiVersion == version }) ?? candidates.first else {
            return nil
        }
        let codec = ServiceCodec(model: model, protocolName: .query)
        guard let operation = model.operation(action) else {
            throw Unroutable(
                codec: codec,
                error: ServiceError(
                    "InvalidAction", "Could not find operation \(action) for version \(version ?? model.apiVersion)", status: 400))
        }
        return RoutedRequest(codec: codec, operation: operation, labels: [:])
    }

    // MARK: REST

    private static func segments(_ path: String) -> [Substring] {
        path.drop { $0 == "/" }.split(separator: "/", omittingEmptySubsequences: false)
    }

    private func routeS3(_ request: HTTPRequestParts, _ signingName: String?) throws(Unroutable) -> RoutedRequest {
        guard let model = ServiceCatalog.service("s3"), let routes = restRoutes["s3"] else {
            throw unknown("UnknownOperationException", "There is no such operation.", signingName, "1.1")
        }
        let codec = ServiceCodec(model: model)
        let path = s3Path(request)
        if let found = match(routes, request, path: path) {
            return RoutedRequest(codec: codec, operation: found.operation, labels: found.labels)
        }
        throw Unroutable(
            codec: codec,
            error: ServiceError(
                "MethodNotAllowed", "The specified method is not allowed against this resource.", status: 405,
                details: [
                    .init("Method", .string(request.method)), .init("ResourceType", .string(path.count > 1 ? "OBJECT" : "SERVICE")),
                ]))
    }

    /// The bucket and the key that a request to S3 names, decoded; nil where it names none.
    public func target(ofS3 request: HTTPRequestParts) -> (bucket: String?, key: String?) {
        let path = s3Path(request)
        guard let bucket = path.first, !bucket.isEmpty else { return (nil, nil) }
        let key = path.dropFirst().joined(separator: "/")
        return (PercentEncoding.decode(bucket), key.isEmpty ? nil : PercentEncoding.decode(key[...]))
    }

    /// The bucket whose website a host name stands for (`bucket.s3-website-us-east-1.amazonaws.com`, `bucket.s3-website.localhost`);
    /// nil where it is none's.
    public static func websiteBucket(ofHost host: String) -> String? {
        let name = (host.split(separator: ":").first.map(String.init) ?? "").lowercased()
        guard name.hasSuffix(".localhost") || name.hasSuffix(".amazonaws.com"), let mark = name.range(of: ".s3-website"),
            name[mark.upperBound...].first.map({ $0 == "." || $0 == "-" }) == true
        else { return nil }
        return String(name[..<mark.lowerBound])
    }

    /// Bucket and key, whether the bucket is in the host name or in the path.
    private func s3Path(_ request: HTTPRequestParts) -> [Substring] {
        // A key may begin with slashes and have empty parts: only the first slash is the path's own.
        var path = request.path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        if path.count == 1, path[0].isEmpty { path = [] }
        if let bucket = bucket(inHost: request.headers["Host"] ?? "") { path.insert(bucket[...], at: 0) }
        if path.count == 2, path[1].isEmpty { path.removeLast() }
        return path
    }

    private func bucket(inHost host: String) -> String? {
        let name = (host.split(separator: ":", omittingEmptySubsequences: false).first.map(String.init) ?? "").lowercased()
        for suffix in hostSuffixes where name.hasSuffix("." + suffix) {
            let bucket = String(name.dropLast(suffix.count + 1))
            return bucket == "s3" ? nil : bucket
        }
        guard name.hasSuffix(".amazonaws.com") else { return nil }
        // bucket.s3.us-east-1.amazonaws.com, bucket.s3-us-west-2.amazonaws.com
        let labels = name.dropLast(".amazonaws.com".count).split(separator: ".")
        guard let index = labels.lastIndex(where: { $0 == "s3" || $0.hasPrefix("s3-") }), index > 0 else { return nil }
        return labels[..<index].joined(separator: ".")
    }

    private func match(_ routes: [Route], _ request: HTTPRequestParts, path: [Substring]) -> (
        operation: OperationModel, labels: [String: String]
    )? {
        let items = request.queryItems
        for route in routes where route.operation.httpMethod == request.method {
            let hasItems = route.template.queryItems.allSatisfy { wanted in
                items.contains {
                    $0.name == wanted.name && (wanted.value ?? "").isEmpty || $0.name == wanted.name && $0.value == wanted.value
                }
            }
            guard hasItems, route.requiredQuery.allSatisfy({ name in items.contains { $0.name == name } }),
                route.requiredHeaders.allSatisfy({ request.headers[$0] != nil }), let labels = route.template.match(path)
            else { continue }
            return (route.operation, labels)
        }
        return nil
    }
}
