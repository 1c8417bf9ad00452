// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import Synchronization
import World

extension PythonRuntime {
    /// Makes the virtual environment and fills it, with the package index that pip is configured for; what was there before is replaced,
    /// and comes back where the installation fails.
    ///
    /// - Parameters:
    ///   - requirements: what pip is asked for beyond, or with other versions than, the runtime's own.
    ///   - report: gets a few words whenever the installation comes on.
    /// - Throws: `RuntimeError`.
    public func install(
        in world: World, requirements more: [String] = [], report: @escaping @Sendable (String) -> Void
    ) async throws {
        try FileManager.default.createDirectory(atPath: world.runtimesPath, withIntermediateDirectories: true)
        guard let lease = Lease.acquire(path: lockPath(in: world)) else { throw RuntimeError.isBusy(name: name) }
        defer { lease.release() }
        guard let python = Self.python() else { throw RuntimeError.noPython }
        let folder = path(in: world)
        let before = folder + ".before"
        try? FileManager.default.removeItem(atPath: before)
        try? FileManager.default.moveItem(atPath: folder, toPath: before)
        do {
            try await fill(folder, with: python, requirements + more, world, report)
        } catch {
            try? FileManager.default.removeItem(atPath: folder)
            try? FileManager.default.moveItem(atPath: before, toPath: folder)
            throw error
        }
        try? FileManager.default.removeItem(atPath: before)
    }

    private func fill(
        _ folder: String, with python: String, _ wanted: [String], _ world: World, _ report: @escaping @Sendable (String) -> Void
    ) async throws {
        report("making a virtual environment with \(python)")
        let made = try await Self.run(python, ["-m", "venv", folder], in: world.runtimesPath) { _ in }
        guard made.status == 0 else { throw RuntimeError.noVirtualEnvironment(python: python, reason: made.lastLine) }
        let words = PipReport()
        let filled = try await Self.run(
            pythonPath(in: world), ["-m", "pip", "install", "--progress-bar", "off", "--no-input"] + wanted, in: folder
        ) { line in
            if let text = words.text(of: line) { report(text) }
        }
        guard filled.status == 0 else { throw RuntimeError.packages(name: name, reason: filled.errorLine) }
        report("trying it")
        let program = "import platform, " + modules.joined(separator: ", ") + "; print(platform.python_version())"
        let tried = try await Self.run(pythonPath(in: world), ["-c", program], in: folder) { _ in }
        guard tried.status == 0 else { throw RuntimeError.doesNotWork(name: name, reason: tried.lastLine) }
        let record = Installed(requirements: wanted, pythonVersion: tried.lastLine, installTime: Date().timeIntervalSince1970)
        try JSONEncoder().encode(record).write(to: URL(fileURLWithPath: recordPath(in: world)), options: .atomic)
    }

    /// Removes the runtime's folder.
    ///
    /// - Throws: `RuntimeError`.
    public func remove(from world: World) throws {
        guard FileManager.default.fileExists(atPath: path(in: world)) else { throw RuntimeError.isNotInstalled(name: name) }
        guard let lease = Lease.acquire(path: lockPath(in: world)) else { throw RuntimeError.isBusy(name: name) }
        defer { lease.release() }
        // The record goes first: a removal that is broken off leaves nothing that looks whole.
        try? FileManager.default.removeItem(atPath: recordPath(in: world))
        try FileManager.default.removeItem(atPath: path(in: world))
    }

    private func lockPath(in world: World) -> String { world.runtimesPath + "/.\(name).lock" }

    /// The system's own Python, else the first on PATH.
    static func python(path: String? = ProcessInfo.processInfo.environment["PATH"]) -> String? {
        (["/usr/bin"] + (path ?? "").split(separator: ":").map(String.init)).map { $0 + "/python3" }
            .first { access($0, X_OK) == 0 }
    }

    /// How a step of the installation ended.
    struct Outcome: Sendable {
        var status: Int32
        var lines: [String]
        var lastLine: String { lines.last { !$0.isEmpty } ?? "it said nothing" }
        /// What pip says itself of a failure, else the last line.
        var errorLine: String {
            lines.first { $0.hasPrefix("ERROR:") }.map { $0.dropFirst(6).trimmingCharacters(in: .whitespaces) } ?? lastLine
        }
    }

    private static func run(
        _ executable: String, _ arguments: [String], in directory: String, onLine: @escaping @Sendable (String) -> Void
    ) async throws -> Outcome {
        var environment = ProcessInfo.processInfo.environment
        for name in ["PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"] { environment[name] = nil }
        environment["PYTHONUNBUFFERED"] = "1"
        environment["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
        let program = UserProgram(executable: executable, arguments: arguments, environment: environment, directory: directory)
        let lines = Mutex<[String]>([])
        let ending = try await program.run(stopFlag: StopFlag()) { line in
            lines.withLock { $0.append(line) }
            onLine(line)
        }
        return Outcome(status: ending.exitCode, lines: lines.withLock { $0 })
    }
}

/// Reads in pip's lines how far an installation has come.
final class PipReport: Sendable {
    private let collectedCount = Mutex(0)

    /// A few words for a line that says something new; nil for the others.
    func text(of line: String) -> String? {
        let words = line.split(separator: " ").map(String.init)
        switch words.first {
        case "Collecting":
            let count = collectedCount.withLock { count in
                count += 1
                return count
            }
            return words.count > 1 ? "package \(count): \(words[1])" : nil
        case "Downloading" where words.count > 1:
            let name = (words[1] as NSString).lastPathComponent.split(separator: "-").prefix(2).joined(separator: " ")
            return "downloading \(name) \(words.dropFirst(2).joined(separator: " "))"
        case "Building": return "building a package"
        case "Installing":
            // "Installing collected packages: a, b, c"
            return "writing \(line.split(separator: ",").count) packages to disk"
        default: return nil
        }
    }
}
