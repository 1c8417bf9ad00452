// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import OrderedCollections
import Wire
import World

/// Finds out in which state alarms are, from the metrics that there are.
///
/// As the user guide's "Evaluating an alarm" says: of the last EvaluationPeriods data points, DatapointsToAlarm must be beyond the threshold;
/// what is missing counts as TreatMissingData says.
enum AlarmEvaluation {
    /// Alarms are not evaluated more often, in world seconds.
    private static let leastSeconds = 1.0

    /// Evaluates the caller's alarms.
    static func run(_ call: Call) throws {
        let alarms = try call.allKept(Alarms.metricKind).filter { isDue($0, call) }
        for alarm in alarms {
            guard let (state, reason) = try judge(alarm.document, call) else { continue }
            try update(alarm, state, reason, call)
        }
        let composites = try call.allKept(Alarms.compositeKind).filter { isDue($0, call) }
        guard !composites.isEmpty else { return }
        let states = try (call.allKept(Alarms.metricKind) + composites).reduce(into: [String: String]()) {
            $0[$1.name] = $1.status
            $0[$1.arn] = $1.status
        }
        for composite in composites {
            let rule = composite.document["AlarmRule"]?.stringValue ?? ""
            let state = try AlarmRule(rule).holds(states) ? "ALARM" : "OK"
            try update(composite, state, "The rule \(rule) is \(state == "ALARM" ? "true" : "false").", call)
        }
    }

    private static func isDue(_ alarm: KeptRecord, _ call: Call) -> Bool {
        (alarm.document["EvaluatedAt"]?.doubleValue ?? -.infinity) + leastSeconds <= call.now
    }

    private static func update(_ alarm: KeptRecord, _ state: String, _ reason: String, _ call: Call) throws {
        guard alarm.status != state else { return }
        try call.world.store.write { database in
            guard var record = try database.keptRecord(alarm.kind, named: alarm.name, in: call.scope), record == alarm else {
                return
            }
            try AlarmState.move(&record, to: state, reason: reason, data: nil, call, database)
            record.document["EvaluatedAt"] = .timestamp(call.now)
            try database.updateKept(record, in: call.scope)
        }
    }

    /// - Returns: nil where the present state stays.
    private static func judge(_ alarm: Value, _ call: Call) throws -> (state: String, reason: String)? {
        guard let threshold = alarm["Threshold"]?.doubleValue else { return nil }
        let count = max(1, alarm["EvaluationPeriods"]?.integerValue ?? 1)
        let needed = alarm["DatapointsToAlarm"]?.integerValue ?? count
        guard let (points, period) = try points(alarm, count: count, call) else { return nil }
        let comparison = alarm["ComparisonOperator"]?.stringValue ?? ""
        let breaching = points.compactMap(\.self).filter { isBreaching($0, comparison, threshold) }.count
        let present = points.compactMap(\.self).count
        let missing = count - present
        let text =
            "\(present) datapoints of the last \(count) periods of \(period) seconds, \(breaching) of them beyond the threshold "
            + "(\(JSON.text(of: threshold)))"
        switch alarm["TreatMissingData"]?.stringValue ?? "missing" {
        case "breaching":
            return breaching + missing >= needed
                ? ("ALARM", "Threshold Crossed: \(text).") : ("OK", "Threshold not crossed: \(text).")
        case "notBreaching":
            return breaching >= needed ? ("ALARM", "Threshold Crossed: \(text).") : ("OK", "Threshold not crossed: \(text).")
        case "ignore" where present == 0: return nil
        default:
            if present == 0 { return ("INSUFFICIENT_DATA", "Insufficient Data: \(text).") }
            return breaching >= needed ? ("ALARM", "Threshold Crossed: \(text).") : ("OK", "Threshold not crossed: \(text).")
        }
    }

    private static func isBreaching(_ value: Double, _ comparison: String, _ threshold: Double) -> Bool {
        switch comparison {
        case "GreaterThanOrEqualToThreshold": value >= threshold
        case "GreaterThanThreshold": value > threshold
        case "LessThanThreshold": value < threshold
        case "LessThanOrEqualToThreshold": value <= threshold
        default: false
        }
    }

    /// The last data points, the newest last, nil where there is none.
    private static func points(_ alarm: Value, count: Int, _ call: Call) throws -> (points: [Double?], period: Int)? {
        if let queries = alarm["Metrics"]?.listValue {
            let period = queries.compactMap { $0["MetricStat"]?["Period"]?.integerValue ?? $0["Period"]?.integerValue }.max() ?? 60
            let (start, end) = window(count: count, period: period, call)
            let typed = try ValueDecoder().decode([GetMetricData.Query].self, from: .list(queries))
            let math = MetricMath(queries: typed, startTime: start, endTime: end, call: call)
            guard let shown = typed.first(where: { $0.returnData != false }), let series = try? math.series(shown.id).first else {
                return nil
            }
            return ((0..<count).map { series.points[start + Double($0 * period)] }, period)
        }
        let name = alarm["Statistic"]?.stringValue ?? alarm["ExtendedStatistic"]?.stringValue ?? ""
        guard let statistic = MetricStatistic(name), let period = alarm["Period"]?.integerValue else { return nil }
        let (start, end) = window(count: count, period: period, call)
        let shape = try ValueDecoder().decode(MetricShape.self, from: alarm)
        var query = MetricQuery(shape.identity, startTime: start, endTime: end, periodInSeconds: period)
        query.unit = alarm["Unit"]?.stringValue
        query.includesValues = statistic.needsValues
        let wanted = query
        let periods = try call.world.store.read { try $0.metricPeriods(wanted, in: call.scope) }
        let values = MetricPeriod.joined(periods).mapValues(statistic.value(of:))
        return ((0..<count).map { values[start + Double($0 * period)] }, period)
    }

    /// The last whole periods, and the one that is under way.
    private static func window(count: Int, period: Int, _ call: Call) -> (start: Double, end: Double) {
        let step = Double(period)
        let end = (call.now / step).rounded(.down) * step + step
        return (end - Double(count) * step, end)
    }
}

/// The rule of a composite alarm: `ALARM(x)`, `OK(x)`, `INSUFFICIENT_DATA(x)`, `TRUE`, `FALSE`, joined by AND, OR, NOT and parentheses.
struct AlarmRule: Sendable {
    private indirect enum Node: Sendable {
        case constant(Bool)
        case state(String, alarm: String)
        case not(Node)
        case and(Node, Node)
        case or(Node, Node)
    }

    private let root: Node

    /// - Throws: `ServiceError` ValidationError.
    init(_ text: String) throws {
        var tokens = Self.tokens(text)[...]
        root = try Self.disjunction(&tokens)
        guard tokens.isEmpty else { throw Self.error(text) }
    }

    private static func error(_ text: String) -> ServiceError {
        CloudWatchError.validation("AlarmRule must not contain what is no rule: \(text)")
    }

    private static func tokens(_ text: String) -> [String] {
        var tokens: [String] = []
        var rest = Substring(text)
        while let first = rest.first {
            if first.isWhitespace {
                rest.removeFirst()
            } else if first == "(" || first == ")" {
                tokens.append(String(rest.removeFirst()))
            } else if first == "\"" {
                let body = rest.dropFirst().prefix { $0 != "\"" }
                tokens.append(String(body))
                rest = rest.dropFirst(body.count + 2)
            } else {
                let word = rest.prefix { !$0.isWhitespace && $0 != "(" && $0 != ")" }
                tokens.append(String(word))
                rest = rest.dropFirst(word.count)
            }
        }
        return tokens
    }

    private static func disjunction(_ tokens: inout ArraySlice<String>) throws -> Node {
        var left = try conjunction(&tokens)
        while tokens.first == "OR" {
            tokens.removeFirst()
            left = .or(left, try conjunction(&tokens))
        }
        return left
    }

    private static func conjunction(_ tokens: inout ArraySlice<String>) throws -> Node {
        var left = try term(&tokens)
        while tokens.first == "AND" {
            tokens.removeFirst()
            left = .and(left, try term(&tokens))
        }
        return left
    }

    private static func term(_ tokens: inout ArraySlice<String>) throws -> Node {
        guard let token = tokens.popFirst() else { throw error("") }
        switch token {
        case "NOT": return .not(try term(&tokens))
        case "TRUE": return .constant(true)
        case "FALSE": return .constant(false)
        case "(":
            let node = try disjunction(&tokens)
            guard tokens.popFirst() == ")" else { throw error(token) }
            return node
        case "ALARM", "OK", "INSUFFICIENT_DATA":
            guard tokens.popFirst() == "(", let name = tokens.popFirst(), tokens.popFirst() == ")" else { throw error(token) }
            return .state(token, alarm: name)
        default: throw error(token)
        }
    }

    /// Whether the rule holds, where alarms are in the given states.
    func holds(_ states: [String: String]) -> Bool { Self.holds(root, states) }

    private static func holds(_ node: Node, _ states: [String: String]) -> Bool {
        switch node {
        case .constant(let flag): flag
        case .state(let state, let alarm): states[alarm] == state
        case .not(let inner): !holds(inner, states)
        case .and(let left, let right): holds(left, states) && holds(right, states)
        case .or(let left, let right): holds(left, states) || holds(right, states)
        }
    }
}
