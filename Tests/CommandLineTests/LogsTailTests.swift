// SPDX-License-Identifier: Apache-2.0

import Testing
import Wire

@testable import CommandLine

/// `aws logs tail`.
@Suite struct LogsTailTests {
    static func event(_ milliseconds: Int, _ message: String, stream: String = "job/algo-1") -> Value {
        [
            "timestamp": .integer(milliseconds), "message": .string(message), "logStreamName": .string(stream),
            "eventId": .string("\(milliseconds)-\(message)"),
        ]
    }

    static let pages: [Value] = [
        ["events": [event(1_795_390_358_498, "first\n"), event(1_795_390_358_500, "{\"a\": [1, \"é\"]}")], "nextToken": "t"],
        ["events": [event(1_795_390_360_000, "last", stream: "job/algo-2")]],
    ]

    static func client() -> ScriptedClient {
        ScriptedClient { request, _ in ServiceResponse(output: pages[request.input["nextToken"] == nil ? 0 : 1]) }
    }

    @Test func formats() async throws {
        let harness = try CommandLineHarness(Self.client())
        #expect(
            try await harness.run("logs tail group").output == """
                2026-11-22T23:32:38.498000+00:00 job/algo-1 first
                2026-11-22T23:32:38.500000+00:00 job/algo-1 {"a": [1, "é"]}
                2026-11-22T23:32:40.000000+00:00 job/algo-2 last

                """)
        #expect(
            try await harness.run("logs tail group --format short").output == """
                2026-11-22T23:32:38 first
                2026-11-22T23:32:38 {"a": [1, "é"]}
                2026-11-22T23:32:40 last

                """)
        #expect(
            try await harness.run("logs tail group --format json").output == """
                2026-11-22T23:32:38.498000+00:00 job/algo-1 first
                2026-11-22T23:32:38.500000+00:00 job/algo-1\u{20}
                {
                    "a": [
                        1,
                        "\\u00e9"
                    ]
                }
                2026-11-22T23:32:40+00:00 job/algo-2 last

                """)
        #expect(
            try await harness.run("logs tail group --format short --color on").output.hasPrefix(
                "\u{1B}[32m2026-11-22T23:32:38\u{1B}[0m first\n"))
    }

    @Test func requests() async throws {
        let client = Self.client()
        let harness = try CommandLineHarness(client)
        _ = try await harness.run("logs tail /aws/x --since 2h --filter-pattern ERROR --log-stream-names a b")
        let first = try #require(client.requests.first)
        #expect(first.operation == "FilterLogEvents")
        #expect(first.input["logGroupName"] == "/aws/x")
        #expect(first.input["filterPattern"] == "ERROR")
        #expect(first.input["logStreamNames"] == ["a", "b"])
        #expect(client.requests.count == 2)
    }

    @Test(arguments: [("30s", 970_000), ("10m", 400_000), ("1970-01-01T00:00:05Z", 5000), ("1970-01-02", 86_400_000)])
    func starts(text: String, milliseconds: Int) throws {
        #expect(try LogsTailCommand.milliseconds(since: text, now: 1000) == milliseconds)
    }

    @Test func missingGroups() async throws {
        let harness = try CommandLineHarness(
            ScriptedClient { _, _ in throw ServiceError("ResourceNotFoundException", "The specified log group does not exist.") })
        let outcome = try await harness.run("logs tail nope")
        #expect(outcome.status == 254)
        #expect(
            outcome.error
                == "\naws: [ERROR]: An error occurred (ResourceNotFoundException) when calling the FilterLogEvents operation: "
                + "The specified log group does not exist.\n")
    }

    /// Events of the newest millisecond come again with each request; they are shown once.
    @Test func followingShowsEachEventOnce() async throws {
        let client = ScriptedClient { _, place in
            switch place {
            case 0: return ServiceResponse(output: ["events": [Self.event(1000, "a"), Self.event(2000, "b")]])
            case 1: return ServiceResponse(output: ["events": [Self.event(2000, "b"), Self.event(2000, "c")]])
            default: throw CancellationError()
            }
        }
        let harness = try CommandLineHarness(client)
        let outcome = try await harness.run("logs tail group --follow --format short")
        #expect(outcome.output == "1970-01-01T00:00:01 a\n1970-01-01T00:00:02 b\n1970-01-01T00:00:02 c\n")
        #expect(client.requests[1].input["startTime"] == 2000)
        #expect(client.waitCount == 2)
    }
}
