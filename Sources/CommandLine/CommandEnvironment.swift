// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire

/// Where a command reads and writes.
///
/// The prompt, scripts, the shim and tests each bring their own.
public struct CommandStreams: Sendable {
    /// Standard output.
    public var writeOutput: @Sendable ([UInt8]) -> Void
    /// Standard error.
    public var writeError: @Sendable ([UInt8]) -> Void
    /// At most the given number of bytes; none at the end of the input.
    ///
    /// Throws `CancellationError` where the task is cancelled.
    public var readInput: @Sendable (Int) throws -> [UInt8]
    /// True where standard output shows colours.
    public var isOutputTerminal: Bool
    /// True where standard error shows colours.
    public var isErrorTerminal: Bool

    /// Made of its parts.
    public init(
        writeOutput: @escaping @Sendable ([UInt8]) -> Void, writeError: @escaping @Sendable ([UInt8]) -> Void,
        readInput: @escaping @Sendable (Int) throws -> [UInt8] = { _ in [] }, isOutputTerminal: Bool = false,
        isErrorTerminal: Bool = false
    ) {
        self.writeOutput = writeOutput
        self.writeError = writeError
        self.readInput = readInput
        self.isOutputTerminal = isOutputTerminal
        self.isErrorTerminal = isErrorTerminal
    }

    /// The process's own standard streams, unbuffered.
    public static let process = CommandStreams(
        writeOutput: { write($0, to: STDOUT_FILENO) }, writeError: { write($0, to: STDERR_FILENO) },
        readInput: { limit in
            try waitForInput()
            var bytes = [UInt8](repeating: 0, count: limit)
            let count = bytes.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
            // Who cancels may close the input as well; that is no end of the data.
            try Task.checkCancellation()
            return Array(bytes.prefix(max(count, 0)))
        },
        isOutputTerminal: isatty(STDOUT_FILENO) == 1, isErrorTerminal: isatty(STDERR_FILENO) == 1)

    /// Returns when something can be read, or the input's end; a read itself could not be cancelled.
    private static func waitForInput() throws {
        let longestDeafnessMilliseconds: Int32 = 50
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        repeat { try Task.checkCancellation() } while poll(&descriptor, 1, longestDeafnessMilliseconds) == 0
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        bytes.withUnsafeBytes { buffer in
            var place = 0
            while place < buffer.count {
                let count = Foundation.write(descriptor, buffer.baseAddress?.advanced(by: place), buffer.count - place)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                place += count
            }
        }
    }
}

/// What stands in for settings that neither options, environment nor files give: the shell's own.
public struct CommandDefaults: Sendable {
    /// `us-east-1`.
    public var region: String?
    /// Whose requests they are.
    public var credentials: Credentials?
    /// What `--output` is without the option.
    public var output: OutputFormat

    /// Made of its parts.
    public init(region: String? = nil, credentials: Credentials? = nil, output: OutputFormat = .json) {
        self.region = region
        self.credentials = credentials
        self.output = output
    }
}

/// All that a command sees of the outside, besides services.
public struct CommandEnvironment: Sendable {
    /// Environment variables.
    public var variables: [String: String]
    /// Environment variables that hold only where a command goes to another endpoint: keys of the real service.
    public var foreignVariables: [String: String] = [:]
    /// The folder that relative paths start from.
    public var workingDirectory: String
    /// Where it reads and writes.
    public var streams: CommandStreams
    /// What holds where nothing else is set.
    public var defaults: CommandDefaults
    /// Where the configuration files are unless variables say otherwise: `~/.aws`, or the shell's own.
    public var configurationFolder: String
    /// The columns of the terminal.
    public var terminalWidth: Int
    /// The user's zone.
    public var timeZone: TimeZone
    /// Seconds since 1970 now: the world's clock for what a user sees.
    public var now: @Sendable () -> Double
    /// A client of another endpoint (`--endpoint-url`); nil where that address is not one to talk to.
    public var remoteClient: @Sendable (RemoteAddress) -> (any ServiceClient)?
    /// How much of an operation of a service there is, for help; nil where nobody knows.
    public var simulation: (@Sendable (_ service: String, _ operation: String) -> Simulation)?
    /// How the last call that policies refused was decided, as lines of text; nil where none was.
    public var lastRefusal: @Sendable () -> String? = { nil }
    /// Where progress is shown; nil for the real CLI's own lines.
    public var progress: (any ProgressDisplay)?

    /// Made of its parts.
    public init(
        variables: [String: String] = ProcessInfo.processInfo.environment,
        workingDirectory: String = FileManager.default.currentDirectoryPath, streams: CommandStreams = .process,
        defaults: CommandDefaults = CommandDefaults(), configurationFolder: String? = nil, terminalWidth: Int = 80,
        timeZone: TimeZone = .current,
        now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 },
        remoteClient: @escaping @Sendable (RemoteAddress) -> (any ServiceClient)? = { _ in nil },
        simulation: (@Sendable (_ service: String, _ operation: String) -> Simulation)? = nil,
        progress: (any ProgressDisplay)? = nil
    ) {
        self.variables = variables
        self.workingDirectory = workingDirectory
        self.streams = streams
        self.defaults = defaults
        self.configurationFolder = configurationFolder ?? "\(variables["HOME"] ?? "")/.aws"
        self.terminalWidth = terminalWidth
        self.timeZone = timeZone
        self.now = now
        self.remoteClient = remoteClient
        self.simulation = simulation
        self.progress = progress
    }

    /// A path as files are opened by: `~` expanded, relative paths below the working directory.
    public func absolutePath(_ path: String) -> String {
        var path = path
        if path == "~" || path.hasPrefix("~/"), let home = variables["HOME"] { path = home + path.dropFirst() }
        if path.hasPrefix("/") { return path }
        return workingDirectory.hasSuffix("/") ? workingDirectory + path : workingDirectory + "/" + path
    }
}
