// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import Wire
import World

/// An instance's JupyterLab: a program from PyPI on the loopback interface, started when it is first needed and again when it is gone.
actor JupyterServer {
    private let process: HostProcess
    private let world: World
    private var folders: NotebookFolders?
    private var variables: [String: String] = [:]
    private var write: @Sendable (String) -> Void = { _ in }
    private var running: RunningProgram?
    private var starting: Task<String, any Error>?

    /// How long Jupyter may take to start, in seconds.
    private static let startSeconds = 120.0

    init(process: HostProcess, world: World) {
        self.process = process
        self.world = world
    }

    /// The runtime with Jupyter in it; it may be installed while the instance is in service.
    nonisolated private var installation: PythonRuntime? { PythonRuntime.named("jupyter") }

    /// The virtual environment's folder, which need not be there yet.
    nonisolated var runtime: String { installation?.path(in: world) ?? world.runtimesPath }

    /// What makes the virtual environment.
    nonisolated var installCommand: String { installation?.installCommand ?? "" }

    /// Whether Jupyter can be started.
    nonisolated var isInstalled: Bool { installation?.installed(in: world) != nil }

    /// Says where Jupyter is to run; before, there is none.
    func prepare(folders: NotebookFolders, variables: [String: String], write: @escaping @Sendable (String) -> Void) {
        self.folders = folders
        self.variables = variables
        self.write = write
    }

    /// The URL that opens Jupyter, with its token; it is started where it doesn't run.
    ///
    /// - Throws: `PlatformError` where it does not come up.
    func address() async throws -> String {
        if running?.isRunning != true { starting = nil }
        let task = starting ?? Task { try await start() }
        starting = task
        do {
            return try await task.value
        } catch {
            starting = nil
            throw error
        }
    }

    private func start() async throws -> String {
        guard let folders else { throw PlatformError("The instance is not ready yet.") }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folders.runFiles)) ?? [] {
            try? FileManager.default.removeItem(atPath: folders.runFiles + "/" + name)
        }
        var environment = variables
        let token = UUID().uuidString.lowercased() + UUID().uuidString.lowercased()
        // Not among the arguments, which everybody on the machine can read.
        environment["JUPYTER_TOKEN"] = token
        let program = UserProgram(
            executable: runtime + "/bin/jupyter-lab",
            arguments: [
                "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=\(Self.freePort())",
                "--ServerApp.root_dir=\(folders.files)", "--ServerApp.allow_remote_access=False",
                "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            ], environment: environment, directory: folders.files)
        let running = try program.start(write: write)
        self.running = running
        let deadline = ContinuousClock.now + .seconds(Self.startSeconds)
        while ContinuousClock.now < deadline, running.isRunning {
            if let port = port(in: folders.runFiles) { return "http://127.0.0.1:\(port)/lab?token=\(token)" }
            try await Task.sleep(for: .milliseconds(50))
        }
        running.kill()
        throw PlatformError("Jupyter did not start: see jupyter.log in the log group /aws/sagemaker/NotebookInstances.")
    }

    /// Ends Jupyter and its kernels.
    func stop() async {
        await running?.stop(graceSeconds: 3)
    }

    /// The port that Jupyter says in `jpserver-PID.json`, once it listens.
    private func port(in folder: String) -> Int? {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        where name.hasPrefix("jpserver-") && name.hasSuffix(".json") {
            if let data = FileManager.default.contents(atPath: folder + "/" + name), let server = try? JSON.parse(Array(data)),
                let port = server["port"]?.integerValue
            {
                return port
            }
        }
        return nil
    }

    /// A port that was free a moment ago; Jupyter tries others where it is not any more.
    private static func freePort() -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return 8888 }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard bind(descriptor, generic, length) == 0, getsockname(descriptor, generic, &length) == 0 else { return false }
                return true
            }
        } ? Int(UInt16(bigEndian: address.sin_port)) : 8888
    }
}
