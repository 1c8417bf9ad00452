// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import Wire
import World

/// One instance of an endpoint: loads the artifact and answers invocations until nobody has asked for ten minutes.
struct ModelHost {
    /// How long an instance waits for requests before it gives its memory back; it is started again at the next call.
    static let idleLimitSeconds = 600.0

    let environment: HostEnvironment
    let process: HostProcess
    let endpoint: EndpointRecord
    let variant: EndpointRecord.Variant
    let log: HostLog

    /// Finds the endpoint and variant that `process` works for.
    ///
    /// - Throws: `HostError.ownerGone` where it was deleted meanwhile.
    init(process: HostProcess, environment: HostEnvironment) throws {
        self.environment = environment
        self.process = process
        let store = environment.world.store
        guard let endpoint = try store.read({ try $0.resource(EndpointRecord.self, arn: process.ownerARN) }),
            let variant = endpoint.variant(ofHostNamed: process.name)
        else { throw HostError.ownerGone(arn: process.ownerARN) }
        self.endpoint = endpoint
        self.variant = variant
        let clock = try LiveClock(store)
        log = try HostLog(
            store: store, scope: endpoint.scope, group: LogGroupName.endpoint(endpoint.name),
            stream: "\(variant.name)/i-\(process.id.filter(\.isHexDigit).prefix(17))", clock: clock)
    }

    /// Serves until the instance is idle or asked to end.
    func run(stopFlag: StopFlag) async throws {
        do {
            if let image = ImageReference(variant.container.image ?? ""), !image.isBuiltIn(in: endpoint.scope.region),
                try environment.world.store.read({ try $0.hasRepository(of: image) })
            {
                return try await serveContainer(stopFlag: stopFlag)
            }
            if let framework = FrameworkImage(image: variant.container.image ?? "") {
                return try await serveScript(framework, stopFlag: stopFlag)
            }
            let predictor = try await load()
            let server = ModelServer(predictor: predictor, threadCount: max(1, ProcessInfo.processInfo.activeProcessorCount))
            let address = try await server.start()
            log.write("Model server started.")
            try log.flush()
            try report(.ready, address: address)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.waitUntilIdle(forSeconds: ModelHost.idleLimitSeconds) }
                group.addTask { while !stopFlag.isSet { try await Task.sleep(for: .milliseconds(20)) } }
                try await group.next()
                group.cancelAll()
            }
            try await server.stop()
        } catch let failure as DataStaging.Failure {
            try report(.failed(reason: failure.reason))
        } catch let failure as UserProgram.Failure {
            try report(.failed(reason: failure.reason))
        } catch let error as any ClassifiedError {
            try report(.failed(reason: FailureReason.text(of: error)))
        } catch {
            try report(.failed(reason: FailureReason.text(of: PlatformError("\(error)"))))
        }
    }

    /// Brings the model for a program that is not ours, which may need none.
    private func bringModel() async throws -> ModelLoader {
        var loader = try loader()
        loader.staging.mayLink = false
        if variant.container.artifactURI != nil {
            try await loader.unpack(variant.container, modelName: variant.modelName)
        } else {
            try FileManager.default.createDirectory(atPath: loader.modelPath, withIntermediateDirectories: true)
        }
        return loader
    }

    private var containerFolder: ContainerFolder { ContainerFolder(path: process.folder + "/opt/ml") }

    /// Serves with the program of the user's own image.
    private func serveContainer(stopFlag: StopFlag) async throws {
        let loader = try await bringModel()
        let serving = ContainerServing(
            container: variant.container, folder: containerFolder, process: process, environment: environment)
        let flushing = Task { await log.flushRegularly() }
        defer { flushing.cancel() }
        try await serving.run(client: loader.staging.client, stopFlag: stopFlag) { [log] in
            log.write($0)
        } onReady: { address in
            try report(.ready, address: address)
        }
        try log.flush()
    }

    /// Serves with the user's script.
    private func serveScript(_ framework: FrameworkImage, stopFlag: StopFlag) async throws {
        let loader = try await bringModel()
        let serving = ScriptServing(
            framework: framework, container: variant.container, folder: containerFolder, process: process, environment: environment,
            roleARN: variant.executionRoleArn ?? "", region: endpoint.scope.region)
        let flushing = Task { await log.flushRegularly() }
        defer { flushing.cancel() }
        try await serving.run(staging: loader.staging, stopFlag: stopFlag) { [log] in
            log.write($0)
        } onReady: { address in
            try report(.ready, address: address)
        }
        try log.flush()
    }

    private func load() async throws -> any Predictor {
        try await loader().load(variant.container, modelName: variant.modelName)
    }

    private func loader() throws -> ModelLoader {
        let role = try environment.clientAssumingRole(variant.executionRoleArn ?? "", "SageMaker")
        return ModelLoader(
            environment: environment, folder: process.folder, staging: DataStaging(client: role, region: endpoint.scope.region))
    }

    private func report(_ state: HostProcess.State, address: String? = nil) throws {
        if case .failed(let reason) = state { log.write(reason) }
        try log.flush()
        let id = process.id
        try environment.world.store.write { database in
            guard var current = try HostProcess.find(id, in: database) else { return }
            current.state = state
            current.address = address
            try current.save(in: database)
        }
    }
}
