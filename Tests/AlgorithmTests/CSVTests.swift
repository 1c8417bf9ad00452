// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Algorithm

@Suite struct CSVTests {
    private func read(
        _ text: String, labelColumnCount: Int = 1, featureCount: Int? = nil, capacity: Int = 64
    ) throws -> ExampleSet {
        var builder = ExampleBuilder(featureCount: featureCount)
        let input = InputBuffer(MemorySource(Array(text.utf8)), name: "data.csv", capacity: capacity)
        var reader = CSVReader(input, labelColumnCount: labelColumnCount)
        while try reader.read(into: &builder, upTo: Int.max) {}
        return builder.take()
    }

    @Test(arguments: ["1,2,3\n4,5,6\n", "1,2,3\r\n4,5,6\r\n", "1,2,3\n\n4,5,6", " 1 ,2, 3\n4,5.0,6e0\n\n"])
    func readsRowsAndLabels(text: String) throws {
        let set = try read(text)
        #expect(set.labels == [1, 4])
        #expect(set.rows == [[2, 3], [5, 6]])
        #expect(try read(text, labelColumnCount: 0).rows == [[1, 2, 3], [4, 5, 6]])
    }

    @Test func agreesWithAPlainParserOnRandomTables() throws {
        var generator = SeededGenerator(3)
        for round in 0..<120 {
            let width = Int.random(in: 1...30, using: &generator)
            var text = ""
            var expected: [[Float]] = []
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let fields = (0..<width).map { _ in field(&generator, round) }
                expected.append(fields.map { Float(Double($0) ?? .nan) })
                text += fields.joined(separator: ",") + "\n"
            }
            let set = try read(text, labelColumnCount: 0, capacity: [64, 100, 1 << 16][round % 3])
            #expect(set.rows == expected)
        }
    }

    /// Small whole numbers, zeros in runs, decimals, exponents, many digits.
    private func field(_ generator: inout SeededGenerator, _ round: Int) -> String {
        switch Int.random(in: 0...(round % 2 == 0 ? 2 : 7), using: &generator) {
        case 0, 1: return "0"
        case 2: return "\(Int.random(in: 0...1500, using: &generator))"
        case 3: return "\(Double.random(in: -10...10, using: &generator))"
        case 4: return "\(Float.random(in: 0...1, using: &generator))"
        case 5: return "\(Int.random(in: -9...9, using: &generator)).\(UInt64.random(in: 0...UInt64.max, using: &generator))"
        case 6: return "\(Double.random(in: -1...1, using: &generator))e\(Int.random(in: -30...30, using: &generator))"
        default: return ["+1", "-0", ".5", "5.", "-.25", "1E+2", "00012"].randomElement(using: &generator) ?? "0"
        }
    }

    @Test func agreesOnWideRowsOfMostlyZeros() throws {
        var generator = SeededGenerator(5)
        let fields = ["0", "0", "0", "0", "0", "0.000000", "0.000000", "0.0", "-0", "00", "7", "255", "0.501961", "1e2", "-12.5"]
        for round in 0..<200 {
            let width = Int.random(in: 1...300, using: &generator)
            let rows = (0..<3).map { _ in
                // Runs of one text, as pictures have them.
                var row: [String] = []
                while row.count < width {
                    let text = fields.randomElement(using: &generator) ?? "0"
                    row += Array(repeating: text, count: Int.random(in: 1...30, using: &generator))
                }
                return Array(row.prefix(width))
            }
            let text = rows.map { $0.joined(separator: ",") }.joined(separator: "\n")
            let set = try read(text, labelColumnCount: 0, capacity: [64, 100, 1 << 16][round % 3])
            #expect(set.rows == rows.map { $0.map { Float(Double($0) ?? .nan) } })
        }
    }

    @Test(arguments: [
        ("1,2,3\n4,,6\n", DataError.Problem.emptyField, 2, 2, 8),
        ("1,2,3\n4,5,\n", .emptyField, 2, 3, 10),
        ("1,2,3\n4,x,6\n", .notANumber(text: "x"), 2, 2, 8),
        ("label,a,b\n", .notANumber(text: "label"), 1, 1, 0),
        ("1,\"2\",3\n", .notANumber(text: "\"2\""), 1, 2, 2),
        ("1,NaN,3\n", .notFinite(text: "NaN"), 1, 2, 2),
        ("1,2,-inf\n", .notFinite(text: "-inf"), 1, 3, 4),
        ("1,2,1e99\n", .notFinite(text: "1e99"), 1, 3, 4),
        ("1,0x10,1\n", .notANumber(text: "0x10"), 1, 2, 2),
    ])
    func saysWhereAValueIsWrong(text: String, problem: DataError.Problem, line: Int, column: Int, byteOffset: Int) throws {
        let error = #expect(throws: DataError.self) { try read(text) }
        #expect(error?.problem == problem)
        #expect(
            error?.location == DataError.Location(file: "data.csv", line: line, column: column, byteOffset: byteOffset))
    }

    @Test(arguments: [
        ("1,2,3\n4,5\n", 1, 2, 6), ("1,2,3\n4,5,6,7\n", 3, 2, 6), ("1,2,3\n4,5,6\n7\n", 0, 3, 12), ("1,2,3\n4,5,6,", 3, 2, 6),
    ])
    func saysWhichLineHasAnotherWidth(text: String, found: Int, line: Int, byteOffset: Int) throws {
        let error = #expect(throws: DataError.self) { try read(text) }
        #expect(error?.problem == .wrongFieldCount(found: found, expected: 2))
        #expect(error?.location.line == line)
        #expect(error?.location.byteOffset == byteOffset)
    }

    @Test func everyTruncationIsReadOrRefused() throws {
        let text = "1,20.5,-3e2\n0,0,0\n1,255,17\n"
        for length in 0...text.utf8.count {
            let part = String(decoding: Array(text.utf8)[..<length], as: UTF8.self)
            if let set = try? read(part) { #expect(set.labels.count == set.count) }
        }
    }

    @Test func randomBytesNeverTrap() {
        var generator = SeededGenerator(4)
        let alphabet = Array("0123456789,,,,\n\n.-+eE \"\rxNa".utf8)
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0...80, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            _ = try? read(String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test func theContentTypeDecidesAboutLabels() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("data/a.csv", "1,2\n3,4\n")
        #expect(try folder.channel([file], "text/csv").readExamples().labels == [1, 3])
        let unlabelled = try folder.channel([file], "text/csv; label_size=0").readExamples(ReadOptions(labels: .optional))
        #expect(unlabelled.labels.isEmpty)
        #expect(unlabelled.rows == [[1, 2], [3, 4]])
        #expect(throws: UserError.self) { try folder.channel([file], "text/csv;label_size=0").readExamples() }
        #expect(throws: UserError.self) { try folder.channel([file], "text/csv;label_size=2").readExamples() }
        // Without a content type the algorithm's default holds, and CSV is no RecordIO.
        let error = #expect(throws: DataError.self) { try folder.channel([file]).readExamples() }
        #expect(error?.location.file == "train/data/a.csv")
        let compressed = try folder.write("b.csv", try Gzip.compress(Array("1,2\n3,4\n".utf8)))
        #expect(try folder.channel([compressed], "text/csv", compression: .gzip).readExamples().labels == [1, 3])
    }

    @Test func parsesContentTypes() {
        #expect(ContentType("text/csv;label_size=0")?.labelSize == 0)
        #expect(ContentType("Text/CSV; Charset=\"utf-8\"") == ContentType(mediaType: "text/csv", parameters: ["charset": "utf-8"]))
        #expect(ContentType("text/csv;label_size=x")?.labelSize == nil)
        for text in ["", "text", "text/", "/csv", "a b/c", "text/csv;x"] { #expect(ContentType(text) == nil) }
    }
}
