// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import GRDB
import Wire
import World

/// Asks an endpoint's model for predictions.
enum InvokeEndpoint: StreamingOperation {
    struct Input: Decodable, Sendable {
        var endpointName: String
        var contentType: String?
        var accept: String?
        var customAttributes: String?
        var targetModel: String?
        var targetVariant: String?
        var targetContainerHostname: String?
        var inferenceId: String?
        var enableExplanations: String?
        var inferenceComponentName: String?
        var sessionId: String?
    }

    struct Output: Encodable, Sendable {
        var contentType: String
        var invokedProductionVariant: String
        var customAttributes: String?
    }

    /// The largest body of a request, in bytes.
    static let maximumBodyByteCount = 6_291_456

    static func handle(_ input: Input, _ call: Call) async throws -> Streamed<Output> {
        let start = ContinuousClock.now
        let body = try await collect(call.body)
        let endpoint = try await endpoint(input.endpointName, call)
        let target = try InvocationTarget.choose(in: endpoint, variantName: input.targetVariant, call)
        let invocation = Invocation(
            endpoint: endpoint, target: target, headers: headers(input), body: body, call: call)
        let (response, modelTime, hostID) = try await invocation.send()
        let recorder = InvocationMetrics(endpoint: endpoint.name, variant: target.variant.name, call: call)
        try recorder.record(
            status: response.status, modelTime: modelTime, overheadTime: ContinuousClock.now - start - modelTime, host: hostID)
        guard (200..<300).contains(response.status) else { throw RuntimeError.model(response, endpoint, target, call) }
        if let capture = DataCapture(endpoint.dataCaptureConfig) {
            await capture.write(
                DataCapture.Exchange(
                    endpoint: endpoint.name, variant: target.variant.name, role: target.variant.executionRoleArn ?? "", input: body,
                    inputType: input.contentType ?? "application/json", output: response.body,
                    outputType: response.headers["content-type"] ?? "application/octet-stream", inferenceID: input.inferenceId),
                call)
        }
        return Streamed(
            Output(
                contentType: response.headers["content-type"] ?? "application/octet-stream",
                invokedProductionVariant: target.variant.name,
                customAttributes: response.headers["x-amzn-sagemaker-custom-attributes"]),
            body: Body(bytes: response.body))
    }

    private static func collect(_ body: Body?) async throws -> [UInt8] {
        guard let body else { return [] }
        if let length = body.length, length > maximumBodyByteCount { throw RuntimeError.tooLarge }
        let bytes = try await body.collect()
        guard bytes.count <= maximumBodyByteCount else { throw RuntimeError.tooLarge }
        return bytes
    }

    private static func endpoint(_ name: String, _ call: Call) async throws -> EndpointRecord {
        let read = { try call.world.store.read { try $0.resource(EndpointRecord.self, named: name, in: call.scope) } }
        guard var endpoint = try read() else { throw RuntimeError.noEndpoint(name, account: call.account) }
        if let due = endpoint.dueTime, due <= call.now {
            try await call.deployment.settle(endpoint)
            guard let settled = try read() else { throw RuntimeError.noEndpoint(name, account: call.account) }
            endpoint = settled
        }
        // While it is being updated the old hosts go on serving.
        guard endpoint.endpointStatus == .inService || endpoint.endpointStatus == .updating else {
            throw RuntimeError.notInService(name, account: call.account)
        }
        return endpoint
    }

    private static func headers(_ input: Input) -> [(name: String, value: String)] {
        let prefix = "X-Amzn-SageMaker-"
        let all: [(String, String?)] = [
            ("Content-Type", input.contentType ?? "application/json"), ("Accept", input.accept),
            (prefix + "Custom-Attributes", input.customAttributes), (prefix + "Target-Model", input.targetModel),
            (prefix + "Target-Variant", input.targetVariant), (prefix + "Target-Container-Hostname", input.targetContainerHostname),
            (prefix + "Inference-Id", input.inferenceId), (prefix + "Enable-Explanations", input.enableExplanations),
            (prefix + "Session-Id", input.sessionId),
        ]
        return all.compactMap { name, value in value.map { (name: name, value: $0) } }
    }
}

/// The errors of the runtime and their texts.
enum RuntimeError {
    static let tooLarge = ServiceError(
        "ValidationError", "The request body must not be larger than \(InvokeEndpoint.maximumBodyByteCount) bytes.", status: 400)

    static func noEndpoint(_ name: String, account: String) -> ServiceError {
        ServiceError("ValidationError", "Endpoint \(name) of account \(account) not found.", status: 400)
    }

    static func notInService(_ name: String, account: String) -> ServiceError {
        ServiceError("ValidationError", "Endpoint \(name) of account \(account) is not in service.", status: 400)
    }

    static func noVariant(_ variant: String, endpoint: String) -> ServiceError {
        ServiceError("ValidationError", "Variant \(variant) not found for endpoint \(endpoint).", status: 400)
    }

    /// A host that could not be started or does not answer.
    static func unavailable(_ reason: String) -> ServiceError {
        ServiceError("ServiceUnavailable", reason, status: 503)
    }

    static func model(_ response: HostResponse, _ endpoint: EndpointRecord, _ target: InvocationTarget, _ call: Call)
        -> ServiceError
    {
        let text = String(decoding: response.body, as: UTF8.self)
        let kind = response.status < 500 ? "client" : "server"
        let group = LogGroupName.endpoint(endpoint.name)
        return ServiceError(
            "ModelError",
            "Received \(kind) error (\(response.status)) from \(target.variant.name) with message \"\(text)\". "
                + "See https://\(call.region).console.aws.amazon.com/cloudwatch/home?region=\(call.region)#logEventViewer:group=\(group) "
                + "in account \(call.account) for more information.",
            status: 424,
            details: [
                .init("OriginalStatusCode", .integer(response.status)), .init("OriginalMessage", .string(text)),
                .init("LogStreamArn", .string(call.arn("logs", "log-group:\(group)"))),
            ])
    }
}

/// Which machine of which variant answers.
struct InvocationTarget: Sendable {
    var variant: EndpointRecord.Variant
    var hostName: String

    /// Shares requests out by weight, evenly from the first request on.
    ///
    /// The n-th request falls on the n-th point of van der Corput's sequence, which leaves no stretch of requests with a share far from the
    /// weights, and needs nothing kept but n.
    ///
    /// - Throws: `ServiceError` where there is no such variant.
    static func choose(in endpoint: EndpointRecord, variantName: String?, _ call: Call) throws -> InvocationTarget {
        let instances = endpoint.variants.map { max($0.currentInstanceCount, 1) }
        let isAlone = endpoint.variants.count == 1 && instances.first == 1
        let turn = isAlone ? 0 : try nextTurn(of: endpoint.arn, call)
        let index: Int
        if let variantName {
            guard let found = endpoint.variants.firstIndex(where: { $0.name == variantName }) else {
                throw RuntimeError.noVariant(variantName, endpoint: endpoint.name)
            }
            index = found
        } else {
            index = place(turn: turn, weights: endpoint.variants.map(\.currentWeight))
        }
        let variant = endpoint.variants[index]
        let name = EndpointRecord.hostName(
            generation: endpoint.generation, variant: variant.name, index: turn % instances[index])
        return InvocationTarget(variant: variant, hostName: name)
    }

    /// The index of the weight whose stretch of the whole the turn falls into; 0 where all weights are 0.
    static func place(turn: Int, weights: [Double]) -> Int {
        let total = weights.reduce(0, +)
        guard total > 0 else { return 0 }
        let fraction = Double(UInt32(truncatingIfNeeded: turn).bitReversed) / 4_294_967_296
        var left = fraction * total
        for (index, weight) in weights.enumerated() {
            if left < weight { return index }
            left -= weight
        }
        return weights.lastIndex { $0 > 0 } ?? 0
    }

    private static func nextTurn(of arn: String, _ call: Call) throws -> Int {
        try call.world.store.write { database in
            try Int.fetchOne(
                database,
                sql: """
                    INSERT INTO invocation_count (arn, count) VALUES (?, 1)
                    ON CONFLICT (arn) DO UPDATE SET count = count + 1 RETURNING count - 1
                    """,
                arguments: [arn]) ?? 0
        }
    }
}

extension UInt32 {
    /// The same bits from the last to the first.
    fileprivate var bitReversed: UInt32 {
        var value = self
        value = (value >> 1) & 0x5555_5555 | (value & 0x5555_5555) << 1
        value = (value >> 2) & 0x3333_3333 | (value & 0x3333_3333) << 2
        value = (value >> 4) & 0x0F0F_0F0F | (value & 0x0F0F_0F0F) << 4
        return value.byteSwapped
    }
}

/// One request on its way to a host.
struct Invocation: Sendable {
    var endpoint: EndpointRecord
    var target: InvocationTarget
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    var call: Call

    /// How long a model may take to answer, in seconds.
    private static let modelSeconds = 60
    /// How long a host that had ended may take to be back, in seconds outside.
    private static let relaunchSeconds = 60.0

    /// Sends the request to the target's host, which is started again where it has ended.
    ///
    /// - Returns: the answer, how long it took, and the host's id.
    /// - Throws: `ServiceError` where the host can't be had.
    func send() async throws -> (HostResponse, Duration, String) {
        let deadline = ContinuousClock.now + .seconds(Self.relaunchSeconds)
        while true {
            let host = try await host(until: deadline)
            let start = ContinuousClock.now
            do {
                let response = try await post(host.address ?? "")
                return (response, ContinuousClock.now - start, host.id)
            } catch let error as HostConnectionError {
                // A host that ended meanwhile is started again; one that lives and does not answer is the caller's to know of.
                guard case .system(_, _, let number) = error, number == ECONNREFUSED || number == ENOENT,
                    ContinuousClock.now < deadline
                else {
                    if case .closed(_, isBeforeAnswer: true) = error, !host.isAlive, ContinuousClock.now < deadline { continue }
                    throw RuntimeError.unavailable(String(describing: error))
                }
                try await Task.sleep(for: .milliseconds(2))
            }
        }
    }

    /// Blocking, so not on the threads that tasks share.
    private func post(_ address: String) async throws -> HostResponse {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result {
                        try HostConnectionPool.shared.post(
                            address, "/invocations", headers: headers, body: body, timeoutInSeconds: Self.modelSeconds)
                    })
            }
        }
    }

    /// The target's host once it is ready; started where it isn't there.
    private func host(until deadline: ContinuousClock.Instant) async throws -> HostProcess {
        while true {
            let hosts = try call.world.store.read { try HostProcess.all(of: endpoint.arn, in: $0) }
            let host = hosts.last { $0.name == target.hostName }
            switch host?.state {
            case .ready where host?.isAlive == true:
                if let host { return host }
            case .starting where host?.isAlive == true:
                break
            case .failed(let reason):
                throw RuntimeError.unavailable("The model of variant \(target.variant.name) can't be loaded: \(reason)")
            case .ready, .starting, nil:
                try start()
            }
            guard ContinuousClock.now < deadline else {
                throw RuntimeError.unavailable(
                    "The host of variant \(target.variant.name) was not ready within \(Int(Self.relaunchSeconds)) s.")
            }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    private func start() throws {
        let current = try call.world.store.read { try $0.resource(EndpointRecord.self, arn: endpoint.arn) }
        guard current?.generation == endpoint.generation else {
            throw RuntimeError.noEndpoint(endpoint.name, account: call.account)
        }
        do {
            try call.deployment.start([target.hostName], of: endpoint.arn)
        } catch let error as WorldError {
            throw RuntimeError.unavailable(String(describing: error))
        }
    }
}
