// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import ServiceModel
import Testing
import Wire

@testable import CommandLine

/// Lines of recorded inputs and what the reference implementations made of them.
private func vectors(_ name: String) throws -> [Value] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Vectors/\(name)")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { try JSON.parse(String($0)) }
}

@Suite struct VectorTests {
    /// aws-cli's own shorthand parser (2.36.7) on hand-written, generated and damaged texts.
    @Test func shorthandReadsAsTheRealOne() throws {
        let files = ParameterFile(environment: CommandEnvironment(variables: [:], workingDirectory: "/"))
        let all = try vectors("shorthand.jsonl")
        #expect(all.count > 300)
        for vector in all {
            let input = try #require(vector["input"]?.stringValue)
            do {
                #expect(try Shorthand.parse(input, files: files) == vector["output"], "\(input)")
            } catch let error as ShorthandError {
                #expect(error.text == vector["error"]?.stringValue, "\(input)")
            }
        }
    }

    /// botocore's own validator (1.43.55) on damaged inputs.
    @Test func problemsAreBotocores() throws {
        let all = try vectors("client-validation.jsonl")
        #expect(all.count > 200)
        for vector in all {
            let service = try #require(vector["service"]?.stringValue.flatMap { ServiceCatalog.service($0) })
            let operation = try #require(vector["operation"]?.stringValue.flatMap { service.operation($0) })
            let shape = try #require(operation.input)
            let found = ParameterValidator.clientProblems(vector["input"] ?? .emptyObject, shape: shape)
            #expect(found == vector["problems"]?.listValue?.compactMap(\.stringValue), "\(operation.name)")
        }
    }

    @Test func similarNamesAreDifflibs() {
        let names = ["list-models", "list-model-packages", "describe-model", "create-model", "create-models", "list-model-cards"]
        #expect(CloseMatches.find("list-model", in: names) == ["list-models"])
        #expect(CloseMatches.find("creat-model", in: names) == ["create-model", "create-models"])
        #expect(CloseMatches.find("zzz", in: names).isEmpty)
    }
}
