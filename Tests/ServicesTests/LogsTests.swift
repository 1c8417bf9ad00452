// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Testing
import Wire
import World

@testable import Services

@Suite struct LogsTests {
    private static let place: Value = ["logGroupName": "/lab", "logStreamName": "job/algo-1"]

    private func filled() async throws -> (test: SageMakerTestWorld, start: Int) {
        let test = try await SageMakerTestWorld()
        try await test.send("logs", "CreateLogGroup", ["logGroupName": "/lab"])
        try await test.send("logs", "CreateLogStream", Self.place)
        let start = Int(Date().timeIntervalSince1970 * 1000) - 60_000
        var input = Self.place
        input["logEvents"] = .list(
            (0..<10).map { ["timestamp": .integer(start + $0), "message": .string("line \($0)\($0 % 5 == 0 ? " ERROR" : "")")] })
        try await test.send("logs", "PutLogEvents", input)
        return (test, start)
    }

    private func messages(_ output: Value) -> [String] {
        output["events"]?.listValue?.compactMap { $0["message"]?.stringValue } ?? []
    }

    @Test func aStreamIsReadForwardAndBackward() async throws {
        let (test, _) = try await filled()
        var input = Self.place
        input["limit"] = 4
        let last = try await test.send("logs", "GetLogEvents", input)
        #expect(messages(last) == ["line 6", "line 7", "line 8", "line 9"])
        input["nextToken"] = last["nextBackwardToken"]
        #expect(messages(try await test.send("logs", "GetLogEvents", input)) == ["line 2", "line 3", "line 4", "line 5 ERROR"])
        input["nextToken"] = nil
        input["startFromHead"] = true
        let first = try await test.send("logs", "GetLogEvents", input)
        #expect(messages(first) == ["line 0 ERROR", "line 1", "line 2", "line 3"])
        input["nextToken"] = first["nextForwardToken"]
        input["limit"] = 100
        let rest = try await test.send("logs", "GetLogEvents", input)
        #expect(messages(rest).count == 6)
        input["nextToken"] = rest["nextForwardToken"]
        let end = try await test.send("logs", "GetLogEvents", input)
        #expect(messages(end) == [] && end["nextForwardToken"] == rest["nextForwardToken"])
    }

    @Test func eventsAreFilteredByPatternTimeAndPage() async throws {
        let (test, start) = try await filled()
        var input: Value = ["logGroupName": "/lab", "filterPattern": "ERROR"]
        #expect(messages(try await test.send("logs", "FilterLogEvents", input)) == ["line 0 ERROR", "line 5 ERROR"])
        input["limit"] = 1
        let page = try await test.send("logs", "FilterLogEvents", input)
        #expect(messages(page) == ["line 0 ERROR"])
        input["nextToken"] = page["nextToken"]
        #expect(messages(try await test.send("logs", "FilterLogEvents", input)) == ["line 5 ERROR"])
        let window: Value = ["logGroupName": "/lab", "startTime": .integer(start + 3), "endTime": .integer(start + 4)]
        #expect(messages(try await test.send("logs", "FilterLogEvents", window)) == ["line 3", "line 4"])
        let bad = try await test.failure("logs", "FilterLogEvents", ["logGroupName": "/lab", "filterPattern": "{ $.x }"])
        #expect(bad.code == "InvalidParameterException")
    }

    @Test func groupsAndStreamsAreListed() async throws {
        let (test, start) = try await filled()
        let groups = try await test.send("logs", "DescribeLogGroups", ["logGroupNamePrefix": "/la"])
        #expect(groups["logGroups"]?[0]?["arn"]?.stringValue == "arn:aws:logs:us-east-1:123456789012:log-group:/lab:*")
        let streams = try await test.send(
            "logs", "DescribeLogStreams", ["logGroupName": "/lab", "logStreamNamePrefix": "job/", "orderBy": "LogStreamName"])
        #expect(streams["logStreams"]?[0]?["firstEventTimestamp"]?.integerValue == start)
        #expect(streams["logStreams"]?[0]?["lastEventTimestamp"]?.integerValue == start + 9)
        let missing = try await test.failure("logs", "DescribeLogStreams", ["logGroupName": "/none"])
        #expect(missing == ServiceError("ResourceNotFoundException", "The specified log group does not exist.", status: 400))
        #expect(try await test.failure("logs", "CreateLogGroup", ["logGroupName": "/lab"]).code == "ResourceAlreadyExistsException")
        try await test.send("logs", "DeleteLogGroup", ["logGroupName": "/lab"])
        #expect(try await test.failure("logs", "GetLogEvents", Self.place).code == "ResourceNotFoundException")
    }
}
