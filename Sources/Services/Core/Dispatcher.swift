// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import ServiceModel
import Wire
import World

/// What the services need from the program around them.
public struct ServiceEnvironment: Sendable {
    /// The algorithms that training jobs and models can name.
    public var algorithms: [any Algorithm.Type]
    /// Starts the processes that are instances.
    public var launcher: HostLauncher
    /// Makes the bodies of the objects in public buckets, by the name of their source; each is made when it is first read.
    public var publicData: @Sendable (_ name: String) -> (@Sendable () throws -> [UInt8])?
    /// Whether some of AWS's checks are left out that other emulators do not make, for test suites that were written for those: any
    /// text is a new role's trust policy, new buckets are neither blocked for the public nor without lists, requests may be signed at
    /// any time, SageMaker takes roles that do not exist, models without containers and names of any plain text, images need no layers.
    public var isRelaxed: Bool

    /// Makes one from its parts.
    public init(
        algorithms: [any Algorithm.Type], launcher: HostLauncher, isRelaxed: Bool = false,
        publicData: @escaping @Sendable (_ name: String) -> (@Sendable () throws -> [UInt8])? = { _ in nil }
    ) {
        self.isRelaxed = isRelaxed
        self.algorithms = algorithms
        self.launcher = launcher
        self.publicData = publicData
    }

    /// The algorithm of that image repository's name (`linear-learner`); nil where there is none.
    public func algorithm(named name: String) -> (any Algorithm.Type)? {
        algorithms.first { $0.isNamed(name) }
    }
}

/// The one way to every operation: who asks, may he, does the input fit the model, do it.
public final class Dispatcher: ServiceClient {
    /// The world that requests change.
    public let world: World
    /// What the program around gave.
    public let environment: ServiceEnvironment
    /// What requests to buckets come to.
    public let meter: RequestMeter
    private let tables: [String: @Sendable () -> ServiceTable]

    /// Makes one from its parts.
    public init(world: World, environment: ServiceEnvironment, tables: [String: @Sendable () -> ServiceTable] = ServiceTables.all) {
        self.world = world
        meter = RequestMeter(store: world.store)
        self.environment = environment
        self.tables = tables
    }

    /// Authenticates the caller by the request's credentials, then authorises, validates and handles the request.
    public func send(_ request: ServiceRequest) async throws -> ServiceResponse {
        let (model, operation) = try lookUp(request)
        let principal = try Authenticator.principal(of: request, model: model, in: world.store)
        return try await answer(request, operation: operation, model: model, as: principal)
    }

    /// Does what `request` asks for, as somebody whose identity is established.
    public func send(_ request: ServiceRequest, as principal: Principal) async throws -> ServiceResponse {
        let (model, operation) = try lookUp(request)
        return try await answer(request, operation: operation, model: model, as: principal)
    }

    /// Returns when a process has committed a change, and soon in any case: time that passes and processes that die commit nothing.
    public func waitForChange(atMost seconds: Double) async throws {
        let clock = try world.store.read { try $0.clock() }
        // A process that dies and time that passes write nothing: look again soon anyway.
        try await world.store.waitForChange(atMost: min(clock.outsideSeconds(seconds), 0.2))
    }

    private func lookUp(_ request: ServiceRequest) throws -> (ServiceModel, OperationModel) {
        guard let model = ServiceCatalog.service(request.service), let operation = model.operation(request.operation) else {
            throw ServiceError(
                "UnknownOperationException", "There is no operation \(request.operation) of \(request.service).", status: 404)
        }
        return (model, operation)
    }

    private func answer(
        _ request: ServiceRequest, operation: OperationModel, model: ServiceModel, as principal: Principal
    ) async throws -> ServiceResponse {
        do {
            return try await perform(request, operation: operation, model: model, as: principal)
        } catch let error as ServiceError {
            if error.explanation != nil { Refusals.keep(error, request: request, account: principal.account, in: world) }
            throw error
        }
    }

    private func perform(
        _ request: ServiceRequest, operation: OperationModel, model: ServiceModel, as principal: Principal
    ) async throws -> ServiceResponse {
        guard let table = tables[request.service]?(), let row = table.rows[request.operation] else {
            throw ServiceError(
                "OperationNotSimulated",
                "\(request.operation) of \(request.service) is modelled, but Sagebrush does not simulate it yet.", status: 501)
        }
        let clock = try world.store.read { try $0.clock() }
        // A blob that is the whole body may come among the members where the codec does not stream it.
        let inline = operation.streamingInputMember.flatMap { request.input[$0.name]?.blobValue }
        let call = Call(
            world: world, service: request.service, operation: request.operation, principal: principal, region: request.region,
            now: clock.now(), clock: clock, body: request.body ?? inline.map { Body(bytes: $0) },
            sourceAddress: request.sourceAddress, userAgent: request.userAgent,
            requestID: UUID().uuidString.lowercased(), dispatcher: self)
        for question in try await questions(row, table: table, input: request.input, call: call) {
            try authorize(question, call: call)
        }
        if let error = ParameterValidator.serviceError(
            request.input, operation: operation, isRelaxed: environment.isRelaxed)
        {
            throw error
        }
        try await table.settle?(call)
        do {
            let response = try await row.handle(request.input, call)
            if request.service == "s3", let bucket = request.input["Bucket"]?.stringValue {
                meter.count(request.operation, bucket: bucket, now: call.now)
            }
            return response
        } catch let error as ValueDecodingError {
            throw ServiceError("SerializationException", String(describing: error), status: 400)
        }
    }

    private func questions(
        _ row: OperationRow, table: ServiceTable, input: Value, call: Call
    ) async throws -> [AuthorizationQuestion] {
        let action = "\(table.prefix):\(row.name)"
        switch row.authorization {
        case .open: return []
        case .none:
            if call.principal.kind == .anonymous { throw Authenticator.missingCredentials(service: call.service) }
            return []
        case .template(let template):
            return [
                AuthorizationQuestion(
                    action: action, resource: ResourceTemplate(template).resource(of: input, table: table, call: call))
            ]
        case .action(let action, let template):
            return [
                AuthorizationQuestion(
                    action: action, resource: ResourceTemplate(template).resource(of: input, table: table, call: call))
            ]
        case .custom(let questions):
            return try await questions(input, call)
        }
    }

    func authorize(_ question: AuthorizationQuestion, call: Call) throws {
        if call.principal.kind == .anonymous, call.service != "s3" {
            throw Authenticator.missingCredentials(service: call.service)
        }
        try Authorizer.authorize(question, call: call)
    }
}

/// The pattern of a resource's ARN with the input's members in it.
///
/// See `Authorization.template`.
struct ResourceTemplate {
    var text: String

    init(_ text: String) {
        self.text = text
    }

    func resource(of input: Value, table: ServiceTable, call: Call) -> String {
        if text == "*" { return text }
        var result = ""
        var rest = Substring(text)
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            result += rest[..<open]
            let value = self.value(of: rest[rest.index(after: open)..<close], input: input, call: call)
            if value.hasPrefix("arn:") { return value }
            result += value
            rest = rest[rest.index(after: close)...]
        }
        result += rest
        if result.hasPrefix("arn:") { return result }
        return "arn:aws:\(table.prefix):\(table.isGlobal ? "" : call.region):\(call.account):\(result)"
    }

    private func value(of placeholder: Substring, input: Value, call: Call) -> String {
        let parts = placeholder.split(separator: "|")
        guard let name = parts.first else { return "*" }
        switch name {
        case "region": return call.region
        case "account": return call.account
        default: break
        }
        var value: Value? = input
        for member in name.split(separator: ".") { value = value?[String(member)] }
        guard let text = value?.stringValue else { return "*" }
        return parts.contains("lower") && !text.hasPrefix("arn:") ? text.lowercased() : text
    }
}
