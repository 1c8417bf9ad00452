// SPDX-License-Identifier: Apache-2.0

import Foundation
import JMESPath
import Testing
import Wire

@testable import CommandLine

/// Every format against what the real CLI's formatters printed.
@Suite struct FormatterTests {
    static func suites() throws -> [JSONValue] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Vectors/formatter/cases.json").standardized
        guard case .array(let suites) = try JSONValue(parsing: String(contentsOf: file, encoding: .utf8)) else { return [] }
        return suites
    }

    @Test func printsWhatTheRealFormattersPrint() throws {
        var count = 0
        for suite in try Self.suites() {
            guard case .array(let cases) = suite["cases"], let output = suite["output"] else { continue }
            let operation = suite["operation"]?.stringValue ?? ""
            for test in cases {
                let name = test["format"]?.stringValue ?? ""
                let query = try test["query"]?.stringValue.map { try Query($0) }
                let formatter = OutputFormatter(
                    format: try #require(OutputFormat(rawValue: name)), query: query,
                    usesColor: test["color"] == .boolean(true))
                var text: String?
                var message: String?
                do throws(OutputError) {
                    text = try formatter.text(of: output, operation: operation)
                } catch {
                    message = error.description
                }
                count += 1
                let place: Comment = "\(operation) as \(name), query \(query?.expression ?? "none")"
                #expect(text == test["expected"]?.stringValue, place)
                #expect(message == test["error"]?.stringValue, place)
            }
        }
        print("formatter: \(count) cases")
        #expect(count > 600)
    }

    @Test func textPagesShowResultsAndOnceWhatPagesShare() throws {
        let formatter = OutputFormatter(format: .text)
        let page: JSONValue = ["Contents": [["Key": "k", "Size": 6]], "Prefix": "", "IsTruncated": false, "NextToken": "t"]
        let shown = OutputFormatter.textPage(
            of: page, resultKeys: ["Contents", "CommonPrefixes"], nonAggregateKeys: ["RequestCharged", "Prefix"], isFirst: true)
        #expect(try formatter.text(of: shown, operation: "ListObjectsV2") == "None\t\tNone\nCONTENTS\tk\t6\n")
        let second = OutputFormatter.textPage(
            of: page, resultKeys: ["Contents"], nonAggregateKeys: ["RequestCharged", "Prefix"], isFirst: false)
        #expect(try formatter.text(of: second, operation: "ListObjectsV2") == "CONTENTS\tk\t6\n")
        let token = OutputFormatter.textPage(resumeToken: "abc")
        #expect(try formatter.text(of: token, operation: "ListObjectsV2") == "NEXTTOKEN\tabc\n")
        let queried = OutputFormatter(format: .text, query: try Query("Contents[].Key"))
        #expect(try queried.text(of: token, operation: "ListObjectsV2") == "None\n")
    }

    @Test func nestedResultKeys() {
        let page: JSONValue = ["A": ["B": [1, 2], "C": 3]]
        let shown = OutputFormatter.textPage(of: page, resultKeys: ["A.B"], nonAggregateKeys: ["A.C"], isFirst: true)
        #expect(shown == ["A": ["C": 3, "B": [1, 2]]])
    }

    @Test(arguments: [
        (0.0, "1970-01-01T00:00:00+00:00"), (1_795_390_269.496, "2026-11-22T23:31:09.496000+00:00"),
        (1_795_390_269, "2026-11-22T23:31:09+00:00"), (-0.5, "1969-12-31T23:59:59.500000+00:00"),
        (253_402_300_799, "9999-12-31T23:59:59+00:00"), (0.9999999, "1970-01-01T00:00:01+00:00"),
    ])
    func timestamps(seconds: Double, text: String) {
        #expect(JSONValue(.timestamp(seconds), zone: .universal) == .string(text))
    }

    @Test func valuesBecomeJSONAndBack() {
        let value: Value = ["b": .blob([1, 2, 3]), "n": nil, "l": [1, 2.5, true, "x"]]
        let json = JSONValue(value, zone: .universal)
        #expect(json.json() == #"{"b": "AQID", "n": null, "l": [1, 2.5, true, "x"]}"#)
        #expect(Value(json) == ["b": "AQID", "n": nil, "l": [1, 2.5, true, "x"]])
    }

    @Test func protocolsChooseTheZone() {
        #expect(TimestampZone(protocolName: "json") == .local)
        #expect(TimestampZone(protocolName: "rest-xml") == .universal)
        #expect(TimestampZone(protocolName: "query") == .universal)
    }
}
