// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Dispatch
import Foundation
import World

/// A process with a network of its own that starts a container's program in it and passes what comes in through a socket in the file system
/// on to the program's port: `sagebrush host relay SOCKET PORT PROGRAM WORD…`.
public enum ContainerRelay {
    /// The first word after `host`.
    public static let kind = "relay"

    /// The program that starts the relay around another.
    ///
    /// The relay sees the machine's files, as the other's sandbox is yet to be made; of the network it has a loopback interface.
    static func program(around inner: UserProgram, socketPath: String, port: Int) throws -> UserProgram {
        guard let launcher = Sandbox.launcherPath() else { throw Sandbox.noLauncher }
        return UserProgram(
            executable: launcher,
            arguments: [
                "--die-with-parent", "--unshare-net", "--dev-bind", "/", "/", "--", HostLauncher.ownExecutable(), "host", kind,
                socketPath, String(port), inner.executable,
            ] + inner.arguments, environment: inner.environment, directory: inner.directory)
    }

    /// Does a relay's work until its program ends.
    ///
    /// - Parameter words: the socket's path, the port, the program and its arguments.
    /// - Returns: the program's exit code.
    /// - Throws: what the system says.
    public static func run(_ words: [String]) async throws -> Int32 {
        guard words.count >= 3, let port = Int(words[1]) else { throw ImageError("host relay SOCKET PORT PROGRAM WORD…") }
        let stopFlag = StopFlag()
        let source = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
        signal(SIGTERM, SIG_IGN)
        source.setEventHandler { stopFlag.set() }
        source.resume()
        defer { source.cancel() }
        let forwarder = StreamForwarder()
        try await forwarder.start(fromSocket: words[0], to: .loopbackPort(port))
        let ending = try await UserProgram(
            executable: words[2], arguments: Array(words.dropFirst(3)), environment: ProcessInfo.processInfo.environment,
            directory: "/"
        ).run(stopFlag: stopFlag) { line in FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
        return ending.exitCode
    }
}
