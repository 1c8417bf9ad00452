// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import World

@Suite struct ObservabilityFilterTests {
    @Test(arguments: [
        ("", "anything", true), ("ERROR", "an ERROR here", true), ("ERROR", "an error here", false),
        ("ERROR disk", "disk ERROR", true), ("ERROR disk", "ERROR", false), ("?ERROR ?WARN", "a WARN", true),
        ("?ERROR ?WARN", "fine", false), ("ERROR -timeout", "ERROR timeout", false), ("ERROR -timeout", "ERROR disk", true),
        ("\"Epoch 0\"", "Epoch 0: Loss improved", true), ("\"Epoch 0\"", "0 Epoch", false), ("%4\\d\\d%", "status 404", true),
        ("%4\\d\\d%", "status 200", false),
    ])
    func terms(pattern: String, message: String, isMatch: Bool) throws {
        #expect(try LogFilterPattern(pattern).matches(message) == isMatch)
    }

    @Test(arguments: [
        ("{ $.level = \"error\" }", true), ("{ $.level = \"err*\" }", true), ("{ $.level != \"error\" }", false),
        ("{ $.code >= 500 && $.code < 600 }", true), ("{ $.code = 500 }", false),
        ("{ ($.code = 1) || ($.tags[0] = \"a\") }", true), ("{ $.tags[*] = \"b\" }", true), ("{ $.none NOT EXISTS }", true),
        ("{ $.user.name IS NULL }", true), ("{ $.ok IS TRUE }", true), ("{ $.level = %^e.*r$% }", true),
    ])
    func json(pattern: String, isMatch: Bool) throws {
        let line = #"{"level": "error", "code": 503, "tags": ["a", "b"], "user": {"name": null}, "ok": true}"#
        #expect(try LogFilterPattern(pattern).matches(line) == isMatch)
        #expect(try !LogFilterPattern(pattern).matches("no json"))
    }

    @Test(arguments: [
        ("[host, user, date, request, status = 4*, bytes]", true), ("[host, ..., bytes > 1000]", true),
        ("[host, ..., bytes > 3000]", false), ("[host, bytes]", false), ("[host, ..., status = 500 || status = 404, bytes]", true),
    ])
    func fields(pattern: String, isMatch: Bool) throws {
        let line = #"127.0.0.1 frank [10/Oct/2000:13:25:15 -0700] "GET /index.html" 404 1534"#
        #expect(try LogFilterPattern(pattern).matches(line) == isMatch)
    }

    @Test(arguments: ["{ $.x", "{ x = 1 }", "[a, b", "\"open", "{ $.x IS BLUE }", "{ $.a = 1 } b"])
    func whatIsNoPatternIsRefused(pattern: String) {
        #expect(throws: LogFilterPattern.SyntaxError.self) { try LogFilterPattern(pattern) }
    }
}

@Suite struct ObservabilityMetricTests {
    private func period(_ samples: [(Double, Double)]) -> MetricPeriod {
        let values = samples.map { MetricPeriod.Sample(value: $0.0, count: $0.1) }
        let count = samples.reduce(0) { $0 + $1.1 }
        return MetricPeriod(
            startTime: 0, unit: "None", count: count, sum: samples.reduce(0) { $0 + $1.0 * $1.1 },
            minimum: samples.first?.0 ?? 0, maximum: samples.last?.0 ?? 0, values: values)
    }

    @Test func percentilesLieBetweenNeighbours() {
        let even = period([(0, 1), (1, 1), (2, 1), (3, 1)])
        #expect(even.percentile(0) == 0 && even.percentile(50) == 1.5 && even.percentile(100) == 3)
        let counted = period([(10, 9), (20, 1)])
        #expect(counted.percentile(50) == 10 && counted.percentile(100) == 20)
        #expect(period([]).percentile(50) == nil)
    }
}
