// SPDX-License-Identifier: Apache-2.0

import Foundation
import JMESPath
import Testing

/// The public compliance suite of JMESPath: every case of every file must come out as it says.
@Suite struct ComplianceTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Vectors/jmespath").standardized

    struct Tally {
        var results = 0
        var errors = 0
        var benchmarks = 0
        var failures: [String] = []
    }

    @Test func everyCasePasses() throws {
        var tally = Tally()
        let files = try FileManager.default.contentsOfDirectory(at: Self.folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }
        for file in files.sorted(by: { $0.path < $1.path }) {
            let document = try JSONValue(parsing: String(contentsOf: file, encoding: .utf8))
            guard case .array(let suites) = document else { continue }
            for suite in suites {
                guard case .array(let cases) = suite["cases"] else { continue }
                for test in cases { check(test, given: suite["given"] ?? .null, file: file.lastPathComponent, &tally) }
            }
        }
        print("JMESPath compliance: \(tally.results) results, \(tally.errors) errors, \(tally.benchmarks) benchmarks")
        #expect(tally.failures == [])
        #expect(tally.results == 752)
        #expect(tally.errors == 150)
        #expect(tally.benchmarks == 6)
    }

    private func check(_ test: JSONValue, given: JSONValue, file: String, _ tally: inout Tally) {
        let expression = test["expression"]?.stringValue ?? ""
        let place = "\(file): \(expression)"
        do throws(JMESPathError) {
            let result = try Query(expression).search(given)
            if let expected = test["result"] {
                tally.results += 1
                if result != expected { tally.failures.append("\(place) gave \(result.json()) for \(expected.json())") }
            } else if test["bench"] != nil {
                tally.benchmarks += 1
            } else {
                tally.errors += 1
                tally.failures.append("\(place) gave \(result.json()) for an error")
            }
        } catch {
            guard let expected = test["error"]?.stringValue else {
                tally.failures.append("\(place) threw \(error)")
                return
            }
            tally.errors += 1
            let kind =
                switch error {
                case .unknownFunction: "unknown-function"
                case .arity: "invalid-arity"
                case .type: "invalid-type"
                case .value: "invalid-value"
                default: "syntax"
                }
            if kind != expected { tally.failures.append("\(place) threw \(kind) for \(expected)") }
        }
    }
}
