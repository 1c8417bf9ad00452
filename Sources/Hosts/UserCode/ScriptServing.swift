// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import Wire
import World

/// An endpoint's instance whose image holds a framework: the user's script loads the model and answers, by the public SageMaker Inference
/// Toolkit's contract (`model_fn`, `input_fn`, `predict_fn`, `output_fn`, or `transform_fn`).
struct ScriptServing: Sendable {
    let framework: FrameworkImage
    let container: ContainerDefinition
    let folder: ContainerFolder
    let process: HostProcess
    let environment: HostEnvironment
    let roleARN: String
    let region: String

    /// How long the server may take to answer its first ping, in seconds.
    ///
    /// Source: developer guide, "Custom Inference Code with Hosting Services": four minutes.
    private static let startLimitSeconds = 240.0

    /// Serves until the flag is up or the program ends.
    ///
    /// - Parameters:
    ///   - staging: brings the script where it is an object of its own.
    ///   - onReady: is told the address once the server answers.
    /// - Throws: `UserError`, `UserProgram.Failure`, `DataStaging.Failure`.
    func run(
        staging: DataStaging, stopFlag: StopFlag, write: @escaping @Sendable (String) -> Void,
        onReady: @escaping @Sendable (_ address: String) throws -> Void
    ) async throws {
        let runtime = try FrameworkRuntime(framework, in: environment.world)
        let code = try await bringCode(staging)
        for (name, text) in [("serve", ServingProgram.text), ("tensorflow_serving", TensorFlowServingProgram.text)] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder.path)/\(name).py"))
        }
        let keys = try environment.roleCredentials(roleARN)
        let port = try Self.freePort()
        try await environment.withEndpoint { endpointPort in
            var variables = runtime.variables(keys: keys, endpointPort: endpointPort, region: region)
            variables.merge(container.environment ?? [:]) { $1 }
            variables.merge([
                "SAGEBRUSH_FRAMEWORK": framework.runtime, "SAGEBRUSH_CODE": code, "SAGEMAKER_BIND_TO_PORT": String(port),
                "SAGEMAKER_BASE_DIR": "/opt/ml", HostProcess.marker: process.id,
            ]) { $1 }
            let sandbox = Sandbox(folder: folder, readable: runtime.folders, hostName: "model", hosts: [])
            let program = try sandbox.program(
                runtime.command("python"), ["/opt/ml/serve.py"], environment: variables, directory: "/opt/ml"
            ).start(write: write)
            try await withTaskCancellationHandler {
                try await serve(program, port: port, stopFlag: stopFlag, onReady: onReady)
            } onCancel: {
                program.kill()
            }
        }
    }

    private func serve(
        _ program: RunningProgram, port: Int, stopFlag: StopFlag, onReady: @Sendable (_ address: String) throws -> Void
    ) async throws {
        let limit = ContinuousClock.now + .seconds(Self.startLimitSeconds)
        while !Self.answers(port: port) {
            guard program.isRunning, !stopFlag.isSet else { break }
            guard ContinuousClock.now < limit else {
                program.kill()
                throw UserProgram.Failure(
                    reason: "The container did not pass the ping health check. Please check CloudWatch logs for this endpoint.")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        guard program.isRunning else {
            throw UserProgram.Failure(
                reason:
                    "The program ended with exit code \((await program.ending).exitCode) before it answered a ping. Please check "
                    + "CloudWatch logs for this endpoint.")
        }
        if !stopFlag.isSet { try onReady("127.0.0.1:\(port)") }
        while program.isRunning, !stopFlag.isSet { try await Task.sleep(for: .milliseconds(20)) }
        await program.stop(graceSeconds: UserProgram.graceSeconds)
    }

    /// Unpacks the script where it is an archive in S3.
    ///
    /// - Returns: its folder, as the program sees it.
    private func bringCode(_ staging: DataStaging) async throws -> String {
        let directory = container.environment?["SAGEMAKER_SUBMIT_DIRECTORY"] ?? "/opt/ml/model/code"
        guard directory.hasPrefix("s3://") else { return directory }
        guard let location = S3Location(directory) else {
            throw UserError("SAGEMAKER_SUBMIT_DIRECTORY \(directory) is not an s3:// URI.")
        }
        let archive = folder.path + "/sourcedir.tar.gz"
        try await staging.fetch(location, to: archive)
        try FileManager.default.createDirectory(atPath: folder.codePath, withIntermediateDirectories: true)
        try Archive.extract(archive, into: folder.codePath)
        return "/opt/ml/code"
    }

    /// A port of the loopback interface that nobody listens at now.
    private static func freePort() throws -> Int {
        try withSocket { descriptor in
            var address = loopback(port: 0)
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isBound = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
                }
            }
            guard isBound else { throw PlatformError("No port can be had: \(String(cString: strerror(errno)))") }
            return Int(UInt16(bigEndian: address.sin_port))
        }
    }

    /// Whether somebody listens there; the server does once the model is loaded.
    private static func answers(port: Int) -> Bool {
        let isConnected = try? withSocket { descriptor in
            var address = loopback(port: UInt16(port))
            return withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
        }
        return isConnected ?? false
    }

    private static func withSocket<Result>(_ body: (Int32) throws -> Result) throws -> Result {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw PlatformError("No socket can be had: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        return try body(descriptor)
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
