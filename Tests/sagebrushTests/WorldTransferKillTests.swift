// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Worlds whose copy, export or import is killed in the middle: there is a whole one afterwards, or none.
@Suite struct WorldTransferKillTests {
    /// Bytes that do not compress, from a fixed seed, so that packing takes a while.
    private func noise(_ count: Int) -> Data {
        var state: UInt64 = 42
        var data = Data(capacity: count)
        while data.count < count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            withUnsafeBytes(of: state) { data.append(contentsOf: $0) }
        }
        return data
    }

    /// Runs the program and kills it as soon as `moment` is there, or lets it end before.
    private func kill(_ runner: ProgramRunner, _ arguments: [String], at moment: () -> Bool) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: ProgramRunner.executable)
        process.arguments = arguments
        process.environment = runner.variables
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        while process.isRunning, !moment() { sched_yield() }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private func size(_ path: String) -> Int { (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0 }

    @Test func aKilledTransferLeavesAWholeWorldOrNone() throws {
        let runner = try ProgramRunner()
        let body = runner.folder + "/body"
        let noise = noise(24_000_000)
        try noise.write(to: URL(fileURLWithPath: body))
        _ = try runner.aws("s3 mb s3://kept")
        #expect(try runner.aws("s3 cp \(body) s3://kept/body").status == 0)
        func isWhole(_ world: String) throws -> Bool {
            let back = runner.folder + "/back"
            let read = try runner.run(["--world", world, "aws", "s3", "cp", "s3://kept/body", back])
            return read.status == 0 && FileManager.default.contents(atPath: back) == noise
        }
        let exists = FileManager.default.fileExists(atPath:)

        let archive = runner.folder + "/handed-out.tar.gz"
        let moments: [() -> Bool] = [
            { exists(archive + ".partial.contents") }, { exists(archive + ".partial.contents/world/world.sqlite") },
            { size(archive + ".partial.contents/archive") > 1_000_000 },
        ]
        for moment in moments {
            try kill(runner, ["world", "export", archive], at: moment)
            #expect(!exists(archive), "what is not whole has not the name")
        }
        #expect(try isWhole(runner.world), "the original is as it was")
        #expect(try runner.run(["world", "export", archive]).status == 0)
        #expect(!exists(archive + ".partial.contents"), "what killed ones left is gone")

        let imported = runner.folder + "/imported"
        let parts: [() -> Bool] = [{ exists(imported + ".partial") }, { exists(imported + ".partial/objects") }]
        for moment in parts {
            try kill(runner, ["world", "import", archive, imported], at: moment)
            #expect(!exists(imported))
        }
        #expect(try runner.run(["world", "import", archive, imported]).status == 0)
        #expect(try isWhole(imported))
        #expect(!exists(imported + ".partial"))

        let copied = runner.folder + "/copied"
        try kill(runner, ["world", "copy", copied], at: { exists(copied + ".partial") })
        if exists(copied) {
            #expect(try isWhole(copied))
        } else {
            #expect(try runner.run(["world", "copy", copied]).status == 0)
            #expect(try isWhole(copied))
        }
        #expect(!exists(copied + ".partial"))
        #expect(try isWhole(runner.world))
    }
}
