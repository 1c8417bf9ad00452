// SPDX-License-Identifier: Apache-2.0

import Foundation
import JMESPath
import Testing

/// Error texts and printed results against what jmespath.py answered, word for word.
@Suite struct ReferenceTextTests {
    static func document() throws -> JSONValue {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Vectors/jmespath-texts/texts.json").standardized
        return try JSONValue(parsing: String(contentsOf: file, encoding: .utf8))
    }

    @Test func syntaxErrors() throws {
        guard case .array(let cases) = try Self.document()["compile"] else { return }
        #expect(cases.count > 50)
        for test in cases {
            let expression = test["expression"]?.stringValue ?? ""
            var text: String?
            do throws(JMESPathError) {
                _ = try Query(expression)
            } catch {
                text = error.description
                #expect(error.isSyntaxError)
            }
            #expect(text == test["error"]?.stringValue, "\(expression)")
        }
    }

    @Test func resultsAndRuntimeErrors() throws {
        let document = try Self.document()
        guard case .array(let cases) = document["search"] else { return }
        #expect(cases.count > 50)
        for test in cases {
            let expression = test["expression"]?.stringValue ?? ""
            var result: String?
            var text: String?
            do throws(JMESPathError) {
                result = try Query(expression).search(document["document"] ?? .null).json(ascii: true)
            } catch {
                text = error.description
                #expect(!error.isSyntaxError)
            }
            #expect(result == test["result"]?.stringValue, "\(expression)")
            #expect(text == test["error"]?.stringValue, "\(expression)")
        }
    }

    @Test func deepNestingIsRefused() {
        let expression = String(repeating: "(", count: 100_000)
        #expect(throws: JMESPathError.self) { try Query(expression) }
        #expect(throws: JSONParseError.self) { try JSONValue(parsing: String(repeating: "[", count: 100_000)) }
    }

    @Test(arguments: [
        ("", "Expecting value: line 1 column 1 (char 0)"),
        ("{\"TagSet\":[}", "Expecting value: line 1 column 12 (char 11)"),
        ("{\"a\" 1}", "Expecting ':' delimiter: line 1 column 6 (char 5)"),
        ("{\"a\": 1 \"b\"}", "Expecting ',' delimiter: line 1 column 9 (char 8)"),
        ("{a: 1}", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("[1,\n 2] x", "Extra data: line 2 column 5 (char 8)"),
        ("\"abc", "Unterminated string starting at: line 1 column 1 (char 0)"),
        ("\"a\nb\"", "Invalid control character at: line 1 column 3 (char 2)"),
        ("[1,]", "Expecting value: line 1 column 4 (char 3)"),
    ])
    func jsonErrorsReadAsPythons(text: String, message: String) {
        do throws(JSONParseError) {
            _ = try JSONValue(parsing: text)
            Issue.record("\(text) was taken")
        } catch {
            #expect(error.description == message)
        }
    }
}
