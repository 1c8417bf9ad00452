// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import Wire
import World

/// A query of Logs Insights: commands joined by bars.
///
/// Of the language (user guide, "CloudWatch Logs Insights query syntax") there are `fields`, `display`, `filter` with `like`, `not like`, `=`,
/// `!=`, `<`, `<=`, `>`, `>=`, `and`, `or`, `sort`, `limit`, `dedup`, and `stats` with `count`, `sum`, `avg`, `min`, `max` by fields and
/// `bin(N[smhd])`.
struct LogsInsightsQuery: Sendable {
    /// One event that a query looks at.
    struct Event: Sendable {
        var id: Int64
        /// Milliseconds since 1970.
        var timestamp: Int
        var ingestionTime: Int
        var message: String
        var stream: String
        var log: String
    }

    typealias Row = OrderedDictionary<String, String>

    private enum Command: Sendable {
        case fields([String])
        case filter(LogsInsightsCondition)
        case sort(field: String, isAscending: Bool)
        case limit(Int)
        case dedup([String])
        case stats([Aggregate], by: [String])
    }

    private struct Aggregate: Sendable {
        var function: String
        var field: String
        var name: String
    }

    private var commands: [Command] = []
    private let defaultLimit: Int

    /// - Throws: `ServiceError` MalformedQueryException for a command that isn't one.
    init(_ text: String, defaultLimit: Int) throws {
        self.defaultLimit = defaultLimit
        for part in Self.split(text, at: "|") where !part.isEmpty {
            commands.append(try Self.command(part))
        }
    }

    static func malformed(_ problem: String) -> ServiceError {
        ServiceError("MalformedQueryException", "unexpected symbol found \(problem)", status: 400)
    }

    /// Splits at a character outside quotation marks, parentheses and regular expressions.
    private static func split(_ text: String, at separator: Character) -> [String] {
        var parts = [""]
        var quote: Character?
        var depth = 0
        for character in text {
            if let open = quote {
                if character == open { quote = nil }
            } else if "\"'/`".contains(character) {
                quote = character
            } else if character == "(" {
                depth += 1
            } else if character == ")" {
                depth -= 1
            } else if character == separator, depth == 0 {
                parts.append("")
                continue
            }
            parts[parts.count - 1].append(character)
        }
        return parts.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
    }

    private static func command(_ text: String) throws -> Command {
        let word = text.prefix { !$0.isWhitespace }.lowercased()
        let rest = text.dropFirst(word.count).trimmingCharacters(in: .whitespacesAndNewlines)
        switch word {
        case "fields", "display": return .fields(split(rest, at: ","))
        case "filter": return .filter(try LogsInsightsCondition(rest))
        case "sort":
            let words = rest.split(whereSeparator: \.isWhitespace)
            guard let field = words.first else { throw malformed("after sort") }
            return .sort(field: String(field), isAscending: words.count > 1 && words[1].lowercased() == "asc")
        case "limit", "head", "tail":
            guard let count = Int(rest), count > 0 else { throw malformed("\(rest) after \(word)") }
            return .limit(count)
        case "dedup": return .dedup(split(rest, at: ","))
        case "stats": return try stats(rest)
        default:
            // As the service does, a query that is one word is taken for a field.
            guard rest.isEmpty else { throw malformed("\(word)") }
            return .fields([text])
        }
    }

    private static func stats(_ text: String) throws -> Command {
        let parts = text.components(separatedBy: " by ")
        let aggregates = try split(parts[0], at: ",").map { part -> Aggregate in
            let pieces = part.components(separatedBy: " as ")
            let call = pieces[0].trimmingCharacters(in: .whitespaces)
            guard let open = call.firstIndex(of: "("), call.last == ")" else { throw malformed("\(call) in stats") }
            let function = call[..<open].lowercased()
            guard ["count", "sum", "avg", "min", "max", "count_distinct"].contains(function) else {
                throw malformed("\(function) in stats")
            }
            let field = call[call.index(after: open)...].dropLast().trimmingCharacters(in: .whitespaces)
            return Aggregate(
                function: function, field: field, name: pieces.count > 1 ? pieces[1].trimmingCharacters(in: .whitespaces) : call)
        }
        return .stats(aggregates, by: parts.count > 1 ? split(parts[1], at: ",") : [])
    }

    // MARK: Answering

    /// The rows of the answer, and how many events passed the filters.
    func results(_ events: [Event]) -> (rows: [Value], matched: Int) {
        var entries: [(row: Row, event: Event?)] = events.map { (Self.known($0), $0) }
        var shown: [String]?
        var limit: Int?
        var matched = entries.count
        for command in commands {
            switch command {
            case .fields(let names): shown = (shown ?? []) + names.filter { !(shown ?? []).contains($0) }
            case .filter(let condition):
                entries = entries.filter { condition.holds($0.row) }
                matched = entries.count
            case .sort(let field, let isAscending):
                entries.sort {
                    LogsInsightsCondition.isLess($0.row[field], $1.row[field]) == isAscending && $0.row[field] != $1.row[field]
                }
            case .limit(let count): limit = count
            case .dedup(let names):
                var seen = Set<[String?]>()
                entries = entries.filter { entry in seen.insert(names.map { entry.row[$0] }).inserted }
            case .stats(let aggregates, let keys):
                entries = Self.aggregate(entries.map(\.row), aggregates, by: keys).map { ($0, nil) }
                shown = keys + aggregates.map(\.name)
            }
        }
        let rows = entries.prefix(limit ?? defaultLimit).map { entry -> Value in
            var cells = (shown ?? ["@timestamp", "@message"]).compactMap { name in
                entry.row[name].map { Value.object(["field": .string(name), "value": .string($0)]) }
            }
            if let event = entry.event { cells.append(["field": "@ptr", "value": .string(Self.pointer(event))]) }
            return .list(cells)
        }
        return (Array(rows), matched)
    }

    private static func pointer(_ event: Event) -> String {
        Base64.encode(Array(LogPosition.digits(.init(timestamp: event.timestamp, id: event.id)).utf8))
    }

    /// The fields of an event: the service's own, and those of a message in JSON.
    private static func known(_ event: Event) -> Row {
        var row: Row = [
            "@timestamp": time(event.timestamp), "@message": event.message, "@logStream": event.stream, "@log": event.log,
            "@ingestionTime": time(event.ingestionTime),
        ]
        guard event.message.first == "{", let document = try? JSON.parse(Array(event.message.utf8)) else { return row }
        flatten(document, prefix: "", into: &row)
        return row
    }

    private static func flatten(_ value: Value, prefix: String, into row: inout Row) {
        for (key, member) in value.objectValue ?? [:] {
            switch member {
            case .object: flatten(member, prefix: prefix + key + ".", into: &row)
            case .string(let text): row[prefix + key] = text
            default: row[prefix + key] = JSON.serialize(member)
            }
        }
    }

    private static func time(_ milliseconds: Int) -> String {
        let text = Timestamp.iso8601((Double(milliseconds) / 1000).rounded(.down))
        let fraction = String(1000 + ((milliseconds % 1000) + 1000) % 1000).dropFirst()
        return text.prefix(19).replacing("T", with: " ") + ".\(fraction)"
    }

    private static func aggregate(_ rows: [Row], _ aggregates: [Aggregate], by keys: [String]) -> [Row] {
        var groups: OrderedDictionary<[String], [Row]> = [:]
        for row in rows { groups[keys.map { key(of: row, $0) }, default: []].append(row) }
        if groups.isEmpty, keys.isEmpty { groups[[]] = [] }
        return groups.map { values, members in
            var row: Row = [:]
            for (key, value) in zip(keys, values) { row[key] = value }
            for aggregate in aggregates { row[aggregate.name] = value(of: aggregate, members) }
            return row
        }
    }

    /// The value of a field, or of `bin(5m)`: the beginning of the stretch of time that the row falls into.
    private static func key(of row: Row, _ name: String) -> String {
        guard name.hasPrefix("bin("), name.hasSuffix(")") else { return row[name] ?? "" }
        let text = name.dropFirst(4).dropLast()
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        let seconds = (Double(text.dropLast()) ?? 1) * (text.last.flatMap { units[$0] } ?? 60)
        let time = Timestamp.parse((row["@timestamp"] ?? "").replacing(" ", with: "T") + "Z") ?? 0
        return Self.time(Int((time / seconds).rounded(.down) * seconds) * 1000)
    }

    private static func value(of aggregate: Aggregate, _ rows: [Row]) -> String {
        let texts = rows.compactMap { $0[aggregate.field] }
        let numbers = texts.compactMap(Double.init)
        switch aggregate.function {
        case "count": return String(["*", ""].contains(aggregate.field) ? rows.count : texts.count)
        case "count_distinct": return String(Set(texts).count)
        case "sum": return number(numbers.reduce(0, +))
        case "avg": return numbers.isEmpty ? "" : number(numbers.reduce(0, +) / Double(numbers.count))
        case "min": return numbers.min().map(number) ?? texts.min() ?? ""
        default: return numbers.max().map(number) ?? texts.max() ?? ""
        }
    }

    private static func number(_ value: Double) -> String {
        Int(exactly: value).map(String.init) ?? JSON.text(of: value)
    }
}
