// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Worlds that are copied, written to a file and made from one.
@Suite struct WorldTransferTests {
    @Test func aWorldComesBackFromItsFile() throws {
        let runner = try ProgramRunner()
        _ = try runner.aws("s3 mb s3://handed-out")
        let body = try runner.file("body", String(repeating: "sagebrush ", count: 2000))
        let uploaded = try runner.aws("s3 cp \(body) s3://handed-out/body")
        #expect(uploaded.status == 0)
        let archive = body + ".world"
        let exported = try runner.run(["world", "export", archive])
        #expect(exported.status == 0)
        #expect(exported.output.contains("access keys are in it"))
        let mode = try FileManager.default.attributesOfItem(atPath: archive)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try runner.run(["world", "export", archive]).status != 0, "no file is overwritten")

        let folder = body + ".imported"
        let imported = try runner.run(["world", "import", archive, folder])
        #expect(imported.status == 0)
        let back = try runner.run(["--world", folder, "aws", "s3", "cp", "s3://handed-out/body", "-"])
        #expect(back.output == String(repeating: "sagebrush ", count: 2000))

        let copy = body + ".copied"
        #expect(try runner.run(["world", "copy", copy]).status == 0)
        #expect(try runner.run(["--world", copy, "aws", "s3", "rm", "s3://handed-out/body"]).status == 0)
        #expect(try runner.aws("s3 ls s3://handed-out").output.contains("body"), "the original keeps what its copy deletes")
    }

    @Test func whatIsNoWorldLeavesNothing() throws {
        let runner = try ProgramRunner()
        let text = try runner.file("text", "no archive at all")
        let folder = text + ".imported"
        let outcome = try runner.run(["world", "import", text, folder])
        #expect(outcome.status != 0)
        #expect(!FileManager.default.fileExists(atPath: folder))
        #expect(!FileManager.default.fileExists(atPath: folder + ".partial"))
    }
}
