// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import Synchronization
import Testing
import World

@testable import Hosts

/// Lines as they come.
private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }

    func wait(for line: String) async throws {
        while !all.contains(line) { try await Task.sleep(for: .milliseconds(5)) }
    }
}

@Suite struct UserProgramTests {
    private func bash(_ script: String, environment: [String: String] = [:]) -> UserProgram {
        UserProgram(executable: "/bin/bash", arguments: ["-c", script], environment: environment, directory: "/")
    }

    private func isAlive(_ pid: String) -> Bool { kill(pid_t(pid) ?? 0, 0) == 0 }

    @Test func linesOfOutputAndErrorsComeInOrderWithTheStatus() async throws {
        let lines = Lines()
        let ending = try await bash(
            #"echo one; echo two >&2; printf 'three\r\n'; pwd; echo "$NAME"; printf last; exit 7"#, environment: ["NAME": "x"]
        )
        .run(stopFlag: StopFlag(), write: lines.add)
        #expect(ending == .exited(status: 7) && ending.exitCode == 7)
        #expect(lines.all == ["one", "two", "three", "/", "x", "last"])
    }

    @Test func aKilledProgramNamesItsSignal() async throws {
        let ending = try await bash("kill -9 $$").run(stopFlag: StopFlag()) { _ in }
        #expect(ending == .killed(signal: 9) && ending.exitCode == 137)
    }

    @Test func aStopLetsTheProgramSaveAndEnd() async throws {
        let (lines, flag) = (Lines(), StopFlag())
        async let ending = bash("trap 'echo saved; exit 3' TERM; echo ready; while :; do sleep 0.05; done")
            .run(stopFlag: flag, write: lines.add)
        try await lines.wait(for: "ready")
        flag.set()
        #expect(try await ending == .exited(status: 3))
        #expect(lines.all.last == "saved")
    }

    @Test func whatIgnoresAStopIsKilledWithItsChildren() async throws {
        let (lines, flag) = (Lines(), StopFlag())
        async let ending = bash("trap '' TERM; sleep 1000 & echo $!; echo ready; while :; do wait; done")
            .run(stopFlag: flag, graceSeconds: 0.1, write: lines.add)
        try await lines.wait(for: "ready")
        flag.set()
        #expect(try await ending == .killed(signal: 9))
        let child = try #require(lines.all.first)
        while isAlive(child) { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test func whatAProgramLeavesBehindEndsWithIt() async throws {
        let lines = Lines()
        let ending = try await bash("sleep 1000 & echo $!; exit 0").run(stopFlag: StopFlag(), write: lines.add)
        #expect(ending == .exited(status: 0))
        let child = try #require(lines.all.first)
        while isAlive(child) { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test func aProgramThatIsNotThereIsNamed() async {
        let program = UserProgram(executable: "/nowhere/train", arguments: [], environment: [:], directory: "/")
        let error = await #expect(throws: UserError.self) { try await program.run(stopFlag: StopFlag()) { _ in } }
        #expect(error?.message.contains("/nowhere/train") == true)
    }

    @Test func aStopReachesTheProgramInsideASandbox() async throws {
        guard access("/usr/bin/bwrap", X_OK) == 0 else { return }
        let (lines, flag) = (Lines(), StopFlag())
        let sandboxed = UserProgram(
            executable: "/usr/bin/bwrap",
            arguments: [
                "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-pid", "--die-with-parent", "/bin/bash", "-c",
                "trap 'echo saved; exit 4' TERM; echo ready; while :; do sleep 0.05; done",
            ], environment: ["PATH": "/usr/bin:/bin"], directory: "/")
        async let ending = sandboxed.run(stopFlag: flag, write: lines.add)
        while !lines.all.contains("ready") {
            // Where namespaces are not allowed there is no sandbox to look into.
            if lines.all.contains(where: { $0.hasPrefix("bwrap:") }) { break }
            try await Task.sleep(for: .milliseconds(5))
        }
        let isAllowed = lines.all.contains("ready")
        flag.set()
        let status = try await ending
        if isAllowed { #expect(status == .exited(status: 4) && lines.all.last == "saved") }
    }
}

@Suite struct ContainerFolderTests {
    @Test func theFirstCharactersOfTheFailureFileAreKept() throws {
        let folder = ContainerFolder(path: NSTemporaryDirectory() + UUID().uuidString)
        defer { try? FileManager.default.removeItem(atPath: folder.path) }
        try folder.make()
        #expect(folder.failure == nil)
        try Data(String(repeating: "é", count: 3000).utf8).write(to: URL(fileURLWithPath: folder.outputPath + "/failure"))
        #expect(folder.failure == String(repeating: "é", count: 1024))
    }
}

@Suite struct PythonRuntimeTests {
    @Test func pipsLinesBecomeAFewWords() {
        let report = PipReport()
        #expect(report.text(of: "Collecting scikit-learn") == "package 1: scikit-learn")
        #expect(report.text(of: "Collecting numpy>=1.19.5 (from scikit-learn)") == "package 2: numpy>=1.19.5")
        #expect(
            report.text(of: "  Downloading scikit_learn-1.5.2-cp311-cp311-manylinux_2_17_x86_64.whl (13.3 MB)")
                == "downloading scikit_learn 1.5.2 (13.3 MB)")
        #expect(report.text(of: "Installing collected packages: a, b, c") == "writing 3 packages to disk")
        #expect(report.text(of: "Requirement already satisfied: pip") == nil)
    }

    @Test func namesAreUniqueAndFound() {
        #expect(Set(PythonRuntime.all.map(\.name)).count == PythonRuntime.all.count)
        #expect(PythonRuntime.named("scikit-learn")?.modules.contains("sklearn") == true)
        #expect(PythonRuntime.named("sklearn") == nil)
    }
}
