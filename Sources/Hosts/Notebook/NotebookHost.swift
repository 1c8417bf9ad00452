// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import Wire
import World

/// A started notebook instance: its endpoint of this world, its lifecycle scripts, its Jupyter, and the door to it.
///
///     <host>/home        the user's home, new at each start; `SageMaker` in it is the volume
///     <host>/jupyter     Jupyter's configuration and run-time files
///     <host>/python      what the instance's Python finds first
///     <volume>/SageMaker the instance's files
struct NotebookHost {
    let environment: HostEnvironment
    let process: HostProcess
    let instance: NotebookInstanceRecord
    let clock: LiveClock

    /// Finds the instance that `process` works for.
    ///
    /// - Throws: `HostError.ownerGone` where it was deleted meanwhile.
    init(process: HostProcess, environment: HostEnvironment) throws {
        self.environment = environment
        self.process = process
        let store = environment.world.store
        guard let instance = try store.read({ try $0.resource(NotebookInstanceRecord.self, arn: process.ownerARN) }) else {
            throw HostError.ownerGone(arn: process.ownerARN)
        }
        self.instance = instance
        clock = try LiveClock(store)
    }

    /// Brings the instance into service and keeps it there until it is asked to end; nothing that it started is left then.
    func run(stopFlag: StopFlag) async throws {
        defer { process.killStrays() }
        do {
            try await environment.withEndpoint { port in try await serveInstance(endpointPort: port, stopFlag: stopFlag) }
        } catch is CancellationError {
            return
        } catch let failure as LifecycleScript.Failure {
            try report(.failed(reason: failure.reason))
        } catch let error as any ClassifiedError {
            try report(.failed(reason: FailureReason.text(of: error)))
        } catch {
            try report(.failed(reason: FailureReason.text(of: PlatformError("\(error)"))))
        }
    }

    private func serveInstance(endpointPort: Int, stopFlag: StopFlag) async throws {
        let volume = "\(environment.world.volumesPath)/\(instance.volumeFolder)"
        let credentials = RoleCredentialSource(roleARN: instance.request.roleArn, make: environment.roleCredentials)
        let server = JupyterServer(process: process, world: environment.world)
        let door = NotebookDoor(process: process, instanceName: instance.name, credentials: credentials, jupyter: server)
        let port = try await door.start()
        let folders = NotebookFolders(
            process: process, volume: volume, runtime: server.runtime, world: environment.world.path,
            scope: instance.scope)
        try folders.make()
        let variables = folders.variables(
            instance: instance, endpoint: "http://127.0.0.1:\(endpointPort)",
            credentialsURL: "http://127.0.0.1:\(port)/credentials",
            credentialsToken: credentials.token)
        try await runLifecycleScripts(folders, variables, stopFlag: stopFlag)
        let log = try makeLog("jupyter.log")
        let flushing = Task { await log.flushRegularly() }
        await server.prepare(folders: folders, variables: variables) { log.write($0) }
        // Without Jupyter the instance is in service all the same: its page says what is missing.
        if server.isInstalled { _ = try await server.address() }
        try report(.ready, address: "127.0.0.1:\(port)")
        while !stopFlag.isSet { try await Task.sleep(for: .milliseconds(50)) }
        await server.stop()
        try await door.stop()
        flushing.cancel()
        try log.flush()
    }

    /// `OnCreate` until it has gone well once, and `OnStart` each time.
    private func runLifecycleScripts(_ folders: NotebookFolders, _ variables: [String: String], stopFlag: StopFlag) async throws {
        let mark = folders.createdMarkPath
        if let name = instance.request.lifecycleConfigName {
            let configuration = try environment.world.store.read {
                try $0.resource(LifecycleConfigRecord.self, named: name, in: instance.scope)
            }
            guard let configuration else {
                throw UserError("The lifecycle configuration \(name) does not exist any more.")
            }
            let isNew = !FileManager.default.fileExists(atPath: mark)
            let scripts =
                (isNew ? [("OnCreate", configuration.request.onCreate)] : []) + [("OnStart", configuration.request.onStart)]
            for (hook, contents) in scripts {
                for content in (contents ?? []).compactMap(\.content) {
                    let script = LifecycleScript(
                        hook: hook, content: content, configurationARN: configuration.arn, instanceARN: instance.arn,
                        limitSeconds: clock.outsideSeconds(LifecycleScript.limitSeconds))
                    try await script.run(
                        in: folders, variables: variables, stopFlag: stopFlag, log: try makeLog("LifecycleConfig\(hook)"))
                }
            }
        }
        _ = FileManager.default.createFile(atPath: mark, contents: nil, attributes: [.posixPermissions: 0o600])
    }

    private func makeLog(_ stream: String) throws -> HostLog {
        try HostLog(
            store: environment.world.store, scope: instance.scope, group: LogGroupName.notebookInstances,
            stream: "\(instance.name)/\(stream)", clock: clock)
    }

    private func report(_ state: HostProcess.State, address: String? = nil) throws {
        let id = process.id
        try environment.world.store.write { database in
            guard var current = try HostProcess.find(id, in: database) else { return }
            current.state = state
            current.address = address
            try current.save(in: database)
        }
    }
}
