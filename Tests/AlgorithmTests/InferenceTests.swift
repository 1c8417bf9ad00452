// SPDX-License-Identifier: Apache-2.0

import SwiftProtobuf
import Testing

@testable import Algorithm

/// Scores an example with the sum of its features.
private struct Summing: TabularPredictor {
    var featureCount: Int? = 3

    func predict(_ examples: ExampleSet) -> Predictions {
        let sums = examples.rows.map { $0.reduce(0, +) }
        return Predictions(
            count: examples.count,
            columns: [.init("score", values: sums), .init("predicted_label", values: sums.map { $0 > 5 ? 1 : 0 })])
    }
}

@Suite struct InferenceTests {
    private func answer(_ body: String, _ contentType: String?, accept: String? = nil) throws -> String {
        let response = try Summing().predict(InferenceRequest(body: Array(body.utf8), contentType: contentType, accept: accept))
        return String(decoding: response.body, as: UTF8.self)
    }

    private static let two = "{\"predictions\":[{\"score\":3.5,\"predicted_label\":0.0},{\"score\":6.0,\"predicted_label\":1.0}]}"

    @Test(arguments: [
        ("1,2,0.5\n1,2,3", "text/csv"),
        ("1,2,0.5\n1,2,3\n", nil),
        ("{\"instances\": [{\"features\": [1, 2, 0.5]}, {\"features\": [1, 2.0, 3e0]}]}", "application/json"),
        (
            "{\"x\": [null, {\"y\": \"\\u00e9\"}], \"instances\": [{\"data\": {\"features\": {\"values\": [1, 2, 0.5]}}},"
                + " {\"data\": {\"features\": {\"values\": [1, 2, 3], \"keys\": [0, 1, 2], \"shape\": [3]}}}]}", nil
        ),
        ("{\"features\": [1, 2, 0.5]}\n\n{\"data\": {\"features\": {\"values\": [1, 2, 3]}}}\n", "application/jsonlines"),
    ])
    func everyTextFormatGivesTheSameAnswer(body: String, contentType: String?) throws {
        #expect(try answer(body, contentType) == Self.two)
    }

    @Test func recordsGoInAndOut() throws {
        var encoder = RecordIOEncoder()
        encoder.append(features: [1, 2, 0.5], label: nil)
        encoder.append(features: [RecordTensor(values: [6], keys: [1], shape: [3])], labels: [])
        let type = ContentType.recordIOProtobuf.mediaType
        let response = try Summing().predict(InferenceRequest(body: encoder.take(), contentType: type, accept: type))
        var reader = RecordIOReader(InputBuffer(MemorySource(response.body), name: nil))
        var scores: [Float] = []
        while let record = try reader.next({ try RecordMessage_Record(serializedBytes: Array($0)) }) {
            scores += record.label["score"]?.float32Tensor.values ?? []
            #expect(record.label["predicted_label"]?.float32Tensor.values.count == 1)
            #expect(record.features.isEmpty)
        }
        #expect(scores == [3.5, 6])
        #expect(response.contentType == type)
    }

    @Test(arguments: [
        ("text/csv", "3.5,0.0\n6.0,1.0\n"),
        ("application/jsonlines", "{\"score\":3.5,\"predicted_label\":0.0}\n{\"score\":6.0,\"predicted_label\":1.0}\n"),
        ("application/json", two),
        ("*/*", two),
        ("text/html;q=0.9, text/csv;q=0.5, application/jsonlines;q=0.1", "3.5,0.0\n6.0,1.0\n"),
    ])
    func answersAsAccepted(accept: String, expected: String) throws {
        #expect(try answer("1,2,0.5\n1,2,3\n", "text/csv", accept: accept) == expected)
    }

    @Test func listsOfNumbersAreWrittenAsLists() {
        let predictions = Predictions(
            count: 1, columns: [.init("score", width: 2, values: [0.25, 0.75]), .init("predicted_label", values: [1])])
        let json = InferenceEncoder.response(of: predictions, as: "application/json").body
        #expect(String(decoding: json, as: UTF8.self) == "{\"predictions\":[{\"score\":[0.25,0.75],\"predicted_label\":1.0}]}")
    }

    @Test(arguments: [
        ("1,2\n", "text/csv", 400, "example 1 has 2 features; the model takes 3"),
        ("1,2,3\n1,2,3,4\n", "text/csv", 400, "example 2 has 4 features; the model takes 3"),
        ("1,a,3\n", "text/csv", 400, "line 1, column 2, byte offset 2: 'a' is not a number"),
        ("", "text/csv", 400, "there is no data"),
        ("{}", "application/json", 400, "no member 'instances'"),
        ("{\"instances\": [{\"features\": [1,2,3]}", "application/json", 400, "not well formed"),
        ("{\"instances\": [{\"features\": [1,2,NaN]}]}", "application/json", 400, "a number is expected"),
        ("{\"features\": [1,2,3]}\n{]", "application/jsonlines", 400, "line 2"),
        ("x", "image/png", 415, "unsupported content type 'image/png'"),
    ])
    func saysWhyARequestIsRefused(body: String, contentType: String, status: Int, text: String) {
        let error = #expect(throws: InferenceError.self) { try answer(body, contentType) }
        #expect(error?.httpStatus == status)
        #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
    }

    @Test func anAnswerThatNobodyAcceptsIsRefused() {
        #expect(throws: InferenceError.self) { try answer("1,2,3", "text/csv", accept: "image/png") }
    }

    @Test func randomJSONNeverTraps() {
        var generator = SeededGenerator(5)
        let good = Array(
            "{\"instances\":[{\"features\":[1,2.5e1,-3]},{\"data\":{\"features\":{\"values\":[1],\"keys\":[2],\"shape\":[3]}}}]}"
                .utf8)
        for _ in 0..<4000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                if Bool.random(using: &generator) {
                    bytes[index] = good.randomElement(using: &generator) ?? 0
                } else {
                    bytes.remove(at: index)
                }
            }
            _ = try? Summing().predict(InferenceRequest(body: bytes, contentType: "application/json"))
        }
        for length in 0..<good.count {
            #expect(throws: InferenceError.self) {
                try Summing().predict(InferenceRequest(body: Array(good[..<length]), contentType: "application/json"))
            }
        }
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: InferenceError.self) { try answer("{\"x\":\(deep)", "application/json") }
    }
}
