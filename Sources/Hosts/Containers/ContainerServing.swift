// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import NIOCore
import NIOPosix
import Wire
import World

/// An endpoint's instance whose image is the user's own: its program is run as `serve` and listens at port 8080 of a loopback interface of
/// its own, to which what is asked here is passed on.
///
/// Source: developer guide, "Custom Inference Code with Hosting Services".
struct ContainerServing: Sendable {
    let container: ContainerDefinition
    let folder: ContainerFolder
    let process: HostProcess
    let environment: HostEnvironment

    private static let port = 8080
    /// How long the program may take to answer its first ping well, in seconds: four minutes.
    private static let startLimitSeconds = 240.0

    /// Serves until the flag is up or the program ends.
    ///
    /// - Parameter onReady: is told the address once a ping is answered.
    /// - Throws: `UserError` where bubblewrap is not installed; `UserProgram.Failure`.
    func run(
        client: any ServiceClient, stopFlag: StopFlag, write: @escaping @Sendable (String) -> Void,
        onReady: @escaping @Sendable (_ address: String) throws -> Void
    ) async throws {
        let image = try await PulledImage(container.image ?? "", client: client, world: environment.world)
        let sandbox = try image.sandbox(folder: folder, hostName: "model", hosts: [], network: .inherited)
        defer { sandbox.clear() }
        let variables = image.variables((container.environment ?? [:]).merging([HostProcess.marker: process.id]) { $1 })
        let inner = try sandbox.program(
            image.configuration.words(["serve"]), environment: variables, directory: image.configuration.directory)
        // A socket's path has little room.
        let socket = "/tmp/sagebrush-\(process.id).sock"
        defer { unlink(socket) }
        let program = try ContainerRelay.program(around: inner, socketPath: socket, port: Self.port).start(write: write)
        let forwarder = StreamForwarder()
        try await withTaskCancellationHandler {
            let address = try await forwarder.start(fromPort: 0, to: .unixSocket(socket))
            do {
                try await serve(program, address: address, stopFlag: stopFlag, onReady: onReady)
            } catch {
                program.kill()
                throw error
            }
        } onCancel: {
            program.kill()
        }
        try await forwarder.stop()
    }

    private func serve(
        _ program: RunningProgram, address: Int, stopFlag: StopFlag, onReady: @Sendable (_ address: String) throws -> Void
    ) async throws {
        let limit = ContinuousClock.now + .seconds(Self.startLimitSeconds)
        while await !Ping.isAnswered(port: address) {
            guard program.isRunning, !stopFlag.isSet else { break }
            guard ContinuousClock.now < limit else {
                program.kill()
                throw UserProgram.Failure(
                    reason: "The container did not pass the ping health check. Please check CloudWatch logs for this endpoint.")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        guard program.isRunning else {
            throw UserProgram.Failure(
                reason:
                    "The program ended with exit code \((await program.ending).exitCode) before it answered a ping. Please check "
                    + "CloudWatch logs for this endpoint.")
        }
        if !stopFlag.isSet { try onReady("127.0.0.1:\(address)") }
        while program.isRunning, !stopFlag.isSet { try await Task.sleep(for: .milliseconds(20)) }
        await program.stop(graceSeconds: UserProgram.graceSeconds)
    }
}

/// Health checks.
enum Ping {
    /// How long an answer may take, in seconds.
    private static let limitSeconds = 2

    /// Whether `GET /ping` is answered with 200.
    static func isAnswered(port: Int) async -> Bool {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: ask(port: port)) }
        }
    }

    private static func ask(port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: limitSeconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        let request = Array("GET /ping HTTP/1.1\r\nHost: localhost:\(port)\r\nConnection: close\r\n\r\n".utf8)
        guard isConnected, send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            return false
        }
        var answer = [UInt8](repeating: 0, count: 64)
        let count = recv(descriptor, &answer, answer.count, 0)
        guard count > 12 else { return false }
        return String(decoding: answer[..<count], as: UTF8.self).split(separator: " ").dropFirst().first == "200"
    }
}
