// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import OrderedCollections
import Testing
import Wire

@testable import Hosts

@Suite struct TransformTests {
    /// Answers each row with the sum of its cells; refuses what is not a number.
    private struct Adder: Predictor {
        let featureCount: Int? = nil
        func predict(_ request: InferenceRequest) throws -> InferenceResponse {
            let lines = String(decoding: request.body, as: UTF8.self).split(separator: "\n")
            let sums = try lines.map { line in
                try line.split(separator: ",").reduce(0.0) { sum, cell in
                    guard let number = Double(cell) else { throw InferenceError.modelFailure("\(cell) is no number") }
                    return sum + number
                }
            }
            if request.accept == "text/csv" {
                return InferenceResponse(body: Array(sums.map { "\($0)" }.joined(separator: "\n").utf8), contentType: "text/csv")
            }
            let predictions = sums.map { "{\"score\":\($0)}" }.joined(separator: ",")
            return InferenceResponse(body: Array("{\"predictions\":[\(predictions)]}".utf8), contentType: "application/json")
        }
    }

    private func transform(_ text: String, _ settings: Value) throws -> String {
        var document: Value = [
            "TransformInput": ["SplitType": "Line", "ContentType": "text/csv"],
            "TransformOutput": ["Accept": "text/csv", "AssembleWith": "Line"],
        ]
        for (member, value) in settings.objectValue ?? [:] { document[member] = value }
        let pipeline = try TransformPipeline(document, predictor: Adder())
        return String(decoding: try pipeline.transform(Array(text.utf8), name: "rows.csv") { false }, as: UTF8.self)
    }

    @Test func linesInLinesOut() throws {
        #expect(try transform("1,2\n3,4\n", .emptyObject) == "3.0\n7.0\n")
        #expect(try transform("1,2\n3,4", ["BatchStrategy": "SingleRecord"]) == "3.0\n7.0\n")
        #expect(try transform("1,2\r\n3,4\r\n", .emptyObject) == "3.0\n7.0\n")
    }

    @Test func filtersAndJoins() throws {
        let filtered: Value = ["DataProcessing": ["InputFilter": "$[1:]"]]
        #expect(try transform("9,1,2\n9,3,4\n", filtered) == "3.0\n7.0\n")
        let joined: Value = ["DataProcessing": ["InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"]]
        #expect(try transform("a,1,2\nb,3,4\n", joined) == "a,3.0\nb,7.0\n")
        let json: Value = [
            "TransformOutput": ["Accept": "application/json", "AssembleWith": "Line"],
            "DataProcessing": ["OutputFilter": "$.score"],
        ]
        #expect(try transform("1,2\n3,4\n", json) == "3.0\n7.0\n")
        #expect(throws: UserError.self) { try transform("1\n", ["DataProcessing": ["InputFilter": "$[5:]"]]) }
        #expect(throws: UserError.self) { try transform("1\n", ["DataProcessing": ["InputFilter": "1:"]]) }
    }

    @Test func requestsHoldAsManyRecordsAsFit() throws {
        let splitter = TransformSplitter(split: .line, joinsRecords: true, maximumByteCount: 10)
        let records = try splitter.records(Array("1234\n1234\n1234\n".utf8), name: "x")
        #expect(splitter.batches(records).map(\.count) == [2, 1])
        let recordIO = TransformSplitter(split: .recordIO, joinsRecords: false, maximumByteCount: 10)
        var encoder = RecordIOEncoder()
        for value in 0..<3 { encoder.append(features: [Float(value)], label: nil) }
        #expect(try recordIO.records(encoder.bytes, name: "x").count == 3)
        #expect(throws: UserError.self) { try recordIO.records(encoder.bytes.dropLast(2) + [], name: "x") }
        #expect(throws: UserError.self) { try recordIO.records([1, 2, 3], name: "x") }
    }

    @Test func pathsNameParts() throws {
        let record: Value = ["a": ["b": [1, 2, 3]], "c d": true]
        for (path, wanted) in [
            ("$.a.b[0]", 1), ("$.a.b[1:]", [2, 3]), ("$.a.b[:-1]", [1, 2]), ("$['c d']", true), ("$", record),
            ("$.a.b[0,2]", [1, 3]),
        ] as [(String, Value)] {
            #expect(try TransformPath(path).value(in: record) == wanted, "\(path)")
        }
        #expect(try TransformPath("$.x").value(in: record) == nil)
    }
}
