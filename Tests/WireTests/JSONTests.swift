// SPDX-License-Identifier: Apache-2.0

import OrderedCollections
import Testing
import Wire

@Suite struct JSONTests {
    @Test func keepsKeyOrderAndTellsIntegersFromDoubles() throws {
        let value = try JSON.parse(#"{"b": [1, -2.5, 1e3, 1.2345678901234567e22, true, null], "a": {"é": "\u00e9\ud83d\ude00\n"}}"#)
        #expect(
            value
                == [
                    "b": [1, -2.5, .double(1000), .double(1.2345678901234567e22), true, nil],
                    "a": ["é": "é😀\n"],
                ])
        #expect(value.objectValue?.keys.elements == ["b", "a"])
    }

    @Test(arguments: [
        ("", "Expecting value: line 1 column 1 (char 0)"),
        ("hello", "Expecting value: line 1 column 1 (char 0)"),
        ("{\"a\": 1,\n  b}", "Expecting property name enclosed in double quotes: line 2 column 3 (char 11)"),
        ("{\"a\" 1}", "Expecting ':' delimiter: line 1 column 6 (char 5)"),
        ("[1 2]", "Expecting ',' delimiter: line 1 column 4 (char 3)"),
        ("[1,]", "Expecting value: line 1 column 4 (char 3)"),
        ("\"é\" x", "Extra data: line 1 column 5 (char 4)"),
        ("[\"ab", "Unterminated string starting at: line 1 column 2 (char 1)"),
        ("\"a\nb\"", "Invalid control character at: line 1 column 3 (char 2)"),
        ("\"a\\q\"", "Invalid \\escape: line 1 column 3 (char 2)"),
        ("\"\\u12g4\"", "Invalid \\uXXXX escape: line 1 column 3 (char 2)"),
        ("01", "Extra data: line 1 column 2 (char 1)"),
        ("-", "Expecting value: line 1 column 1 (char 0)"),
    ]) func errorsArePlacedAsPythonPlacesThem(text: String, expected: String) {
        let error = #expect(throws: JSONError.self) { try JSON.parse(text) }
        #expect(error?.description == expected)
    }

    @Test func refusesDeepNestingInsteadOfCrashing() {
        #expect(throws: JSONError.self) { try JSON.parse(String(repeating: "[", count: 100_000)) }
    }

    @Test(arguments: [
        (1.0, "1.0"), (0.1, "0.1"), (1e-5, "1e-05"), (0.0001, "0.0001"), (1e16, "1e+16"), (1.25e16, "1.25e+16"), (1e100, "1e+100"),
        (9_007_199_254_740_992, "9007199254740992.0"), (-2.5e-7, "-2.5e-07"), (.infinity, "Infinity"), (123456.789, "123456.789"),
    ]) func doublesAreWrittenAsPythonDoes(number: Double, expected: String) {
        #expect(JSON.text(of: number) == expected)
    }

    @Test func layouts() {
        let value: Value = ["a": [1, "é\"\u{1}\\"], "b": [:], "c": [], "d": .blob([1, 2, 3]), "e": .timestamp(1.5)]
        #expect(JSON.serialize(value) == #"{"a":[1,"é\"\u0001\\"],"b":{},"c":[],"d":"AQID","e":1.5}"#)
        #expect(
            JSON.serialize(value, style: .pythonDefault)
                == #"{"a": [1, "\u00e9\"\u0001\\"], "b": {}, "c": [], "d": "AQID", "e": 1.5}"#)
        #expect(
            JSON.serialize(["a": [1, ["b": nil]]], indent: 4)
                == "{\n    \"a\": [\n        1,\n        {\n            \"b\": null\n        }\n    ]\n}")
        #expect(JSON.serialize("😀", style: .pythonDefault) == #""\ud83d\ude00""#)
    }
}
