// SPDX-License-Identifier: Apache-2.0

import Foundation
import JMESPath
import Wire

/// `aws logs tail GROUP`: the events of a log group, the latest ten minutes unless told otherwise, and those to come.
public struct LogsTailCommand: CustomCommand {
    /// `aws logs tail`.
    public static let path = ["logs", "tail"]

    /// The command; it has no state.
    public init() {}

    static let specifications = [
        ArgumentSpecification(positional: "group_name"), ArgumentSpecification(option: "--since"),
        ArgumentSpecification(option: "--follow", arity: .flag(true)),
        ArgumentSpecification(option: "--format", choices: ["detailed", "short", "json"]),
        ArgumentSpecification(option: "--filter-pattern"),
        ArgumentSpecification(option: "--log-stream-names", arity: .atLeastOne),
        ArgumentSpecification(option: "--log-stream-name-prefix"),
    ]

    /// Prints what is there; with `--follow`, until the user ends it.
    public func run(_ arguments: [String], _ context: CommandContext) async throws -> Int32 {
        let parsed = try ArgumentParser(Self.specifications).parse(arguments)
        if !parsed.remaining.isEmpty {
            throw CommandFailure.unknownOptions(parsed.remaining)
        }
        let start = try Self.milliseconds(since: parsed.text("since") ?? "10m", now: context.environment.now())
        var input: Value = [
            "logGroupName": .string(parsed.text("group_name") ?? ""), "interleaved": true, "startTime": .integer(start),
        ]
        if let pattern = parsed.text("filter-pattern") { input["filterPattern"] = .string(pattern) }
        if let names = parsed.list("log-stream-names") { input["logStreamNames"] = .list(names.map { .string($0) }) }
        if let prefix = parsed.text("log-stream-name-prefix") { input["logStreamNamePrefix"] = .string(prefix) }
        let format = LogLineFormat(
            rawValue: parsed.text("format") ?? "detailed",
            usesColor: context.options.usesColor(
                isTerminal: context.environment.streams.isOutputTerminal, context.environment))
        if parsed.flag("follow") {
            try await follow(input, format, context)
        } else {
            try await printAll(input, format, context)
        }
        return 0
    }

    private func printAll(_ input: Value, _ format: LogLineFormat, _ context: CommandContext) async throws {
        var input = input
        while true {
            let page = try await context.send("logs", "FilterLogEvents", input).output
            context.write((page["events"]?.listValue ?? []).map(format.line).joined())
            guard let token = page["nextToken"] else { return }
            input["nextToken"] = token
        }
    }

    /// Prints until the user has seen enough.
    private func follow(_ first: Value, _ format: LogLineFormat, _ context: CommandContext) async throws {
        var input = first
        // Events of the newest millisecond come again with the next request.
        var newest = Int.min
        var seen: Set<String> = []
        while !Task.isCancelled {
            let page: Value
            do {
                page = try await context.send("logs", "FilterLogEvents", input).output
            } catch is CancellationError {
                return
            }
            for event in page["events"]?.listValue ?? [] {
                let time = event["timestamp"]?.integerValue ?? 0
                let identifier = event["eventId"]?.stringValue ?? ""
                if time > newest {
                    newest = time
                    seen.removeAll()
                }
                guard time < newest || seen.insert(identifier).inserted else { continue }
                context.write(format.line(event))
            }
            if let token = page["nextToken"] {
                input["nextToken"] = token
                continue
            }
            input["nextToken"] = nil
            if newest > .min { input["startTime"] = .integer(newest) }
            do {
                try await context.client.waitForChange(atMost: 5)
            } catch is CancellationError {
                return
            }
        }
    }

    /// Milliseconds since 1970 for `10m`, `3h`, `2d`, `1w`, `30s` before `now`, or for an ISO 8601 time.
    static func milliseconds(since text: String, now: Double) throws -> Int {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        if let unit = text.last.flatMap({ units[$0] }), let amount = UInt32(text.dropLast()) {
            return Int((now - Double(amount) * unit) * 1000)
        }
        guard let seconds = Timestamp.parse(text) else {
            throw CommandFailure.general("Invalid timestamp \"\(text)\": Unknown string format: \(text)")
        }
        return Int(seconds * 1000)
    }
}

/// How `logs tail` writes an event.
struct LogLineFormat: Sendable {
    let rawValue: String
    let usesColor: Bool

    func line(_ event: Value) -> String {
        let milliseconds = event["timestamp"]?.doubleValue ?? 0
        let message = event["message"]?.stringValue ?? ""
        let text: String
        if rawValue == "short" {
            let time = CalendarTime(milliseconds / 1000, zone: .universal)
            text = colored("\(time.date)T\(time.clock)", "\u{1B}[32m") + " " + message
        } else {
            let time = isoTimestamp(milliseconds / 1000, zone: .universal, alwaysMicroseconds: rawValue == "detailed")
            let stream = colored(event["logStreamName"]?.stringValue ?? "", "\u{1B}[36m")
            text = colored(time, "\u{1B}[32m") + " " + stream + " " + (rawValue == "json" ? pretty(message) : message)
        }
        var line = Substring(text)
        while line.last?.isWhitespace == true { line.removeLast() }
        return line + "\n"
    }

    private func colored(_ text: String, _ color: String) -> String { usesColor ? color + text + "\u{1B}[0m" : text }

    private func pretty(_ message: String) -> String {
        (try? JSONValue(parsing: message)).map { "\n" + $0.json(indent: 4, ascii: true) } ?? message
    }
}
