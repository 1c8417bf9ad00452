// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire
import World

/// Metrics and expressions over them, as `GetMetricData` and alarms ask for them.
///
/// Of metric math (user guide, "Using math expressions with CloudWatch metrics") there are numbers, `+ - * / ^`, comparisons, parentheses, the
/// ids of other queries, `METRICS()`, and the functions in `MetricFunction`.
final class MetricMath {
    /// Values by the beginning of their stretch of time.
    struct Series {
        var label: String
        var points: [Double: Double]
    }

    /// What an expression stands for.
    enum Term {
        case number(Double)
        case series([Series])
    }

    private let queries: [GetMetricData.Query]
    private let startTime: Double
    private let endTime: Double
    private let call: Call
    private var known: [String: Term] = [:]
    /// Queries that are being looked at, against circles.
    private var open: Set<String> = []

    init(queries: [GetMetricData.Query], startTime: Double, endTime: Double, call: Call) {
        self.queries = queries
        self.startTime = startTime
        self.endTime = endTime
        self.call = call
    }

    /// The series that a query stands for.
    ///
    /// - Throws: `ServiceError` ValidationError.
    func series(_ id: String) throws -> [Series] {
        switch try term(id) {
        case .series(let series): return series
        case .number(let number):
            // A number alone is a line through all stretches of time.
            let step = Double(period(of: id))
            var points: [Double: Double] = [:]
            var time = (startTime / step).rounded(.down) * step
            while time < endTime, points.count < 100_800 {
                points[time] = number
                time += step
            }
            return [Series(label: id, points: points)]
        }
    }

    func term(_ id: String) throws -> Term {
        if let found = known[id] { return found }
        guard let query = queries.first(where: { $0.id == id }) else {
            throw CloudWatchError.validation("Error in expression: there is no metric or expression with the id \(id).")
        }
        guard open.insert(id).inserted else {
            throw CloudWatchError.validation("Error in expression: \(id) depends on itself.")
        }
        defer { open.remove(id) }
        let result: Term
        if let stat = query.metricStat {
            result = .series([try metric(stat, of: query)])
        } else if let expression = query.expression {
            var parser = MetricExpression(expression, id: id, math: self)
            result = try parser.evaluate()
        } else {
            let place = (queries.firstIndex { $0.id == id } ?? 0) + 1
            throw CloudWatchError.validation("The parameter MetricDataQueries.member.\(place).MetricStat is required.\n")
        }
        known[id] = result
        return result
    }

    /// All queries that are metrics, those whose ids hold `text` where it is given.
    func metrics(containing text: String?) throws -> [Series] {
        try queries.filter { $0.metricStat != nil && (text.map($0.id.contains) ?? true) }.flatMap { try series($0.id) }
    }

    /// The length of a query's stretches of time, in seconds.
    func period(of id: String) -> Int {
        let query = queries.first { $0.id == id }
        return query?.metricStat?.period ?? query?.period ?? queries.compactMap { $0.metricStat?.period }.max() ?? 60
    }

    /// The metric's name, and its statistic where the name alone says too little.
    private func label(of query: GetMetricData.Query, _ stat: GetMetricData.MetricStat) -> String {
        if let label = query.label { return label }
        let name = stat.metric.metricName ?? ""
        let isAlone = queries.filter { $0.metricStat?.metric.metricName == name }.count == 1
        return isAlone ? name : "\(name) \(stat.stat)"
    }

    private func metric(_ stat: GetMetricData.MetricStat, of query: GetMetricData.Query) throws -> Series {
        guard let statistic = MetricStatistic(stat.stat) else {
            throw CloudWatchError.validation("The value \(stat.stat) for parameter Stat of query \(query.id) is not supported.")
        }
        var wanted = try MetricQuery(
            stat.metric.identity, from: Date(timeIntervalSince1970: startTime), to: Date(timeIntervalSince1970: endTime),
            period: stat.period)
        wanted.unit = stat.unit
        wanted.includesValues = statistic.needsValues
        let (asked, scope) = (wanted, call.scope)
        let periods = try call.world.store.read { try $0.metricPeriods(asked, in: scope) }
        let points = MetricPeriod.joined(periods).mapValues(statistic.value(of:))
        return Series(label: label(of: query, stat), points: points)
    }
}

/// One expression, read and evaluated in one go.
struct MetricExpression {
    private let text: String
    private let id: String
    private let math: MetricMath
    private var rest: Substring

    init(_ text: String, id: String, math: MetricMath) {
        self.text = text
        self.id = id
        self.math = math
        rest = Substring(text)
    }

    private func error(_ problem: String) -> ServiceError {
        CloudWatchError.validation("Error in expression '\(id)': \(problem)")
    }

    /// - Throws: `ServiceError` ValidationError.
    mutating func evaluate() throws -> MetricMath.Term {
        let result = try comparison()
        skipBlanks()
        guard rest.isEmpty else { throw error("unexpected \"\(rest.prefix(20))\"") }
        return result
    }

    private mutating func skipBlanks() { rest = rest.drop(while: \.isWhitespace) }

    private mutating func take(_ signs: [String]) -> String? {
        skipBlanks()
        guard let sign = signs.first(where: rest.hasPrefix) else { return nil }
        rest = rest.dropFirst(sign.count)
        return sign
    }

    private mutating func comparison() throws -> MetricMath.Term {
        var left = try sum()
        while let sign = take([">=", "<=", "==", "!=", ">", "<"]) { left = try combine(left, sign, try sum()) }
        return left
    }

    private mutating func sum() throws -> MetricMath.Term {
        var left = try product()
        while let sign = take(["+", "-"]) { left = try combine(left, sign, try product()) }
        return left
    }

    private mutating func product() throws -> MetricMath.Term {
        var left = try power()
        while let sign = take(["*", "/"]) { left = try combine(left, sign, try power()) }
        return left
    }

    private mutating func power() throws -> MetricMath.Term {
        let base = try atom()
        guard let sign = take(["^"]) else { return base }
        return try combine(base, sign, try power())
    }

    private mutating func atom() throws -> MetricMath.Term {
        skipBlanks()
        guard let first = rest.first else { throw error("it ends too early") }
        if first == "-" {
            rest.removeFirst()
            return try combine(.number(0), "-", try atom())
        }
        if first == "(" {
            rest.removeFirst()
            let inner = try comparison()
            guard take([")"]) != nil else { throw error("a ) is missing") }
            return inner
        }
        if first.isNumber || first == "." {
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            guard let number = Double(digits) else { throw error("\(digits) is no number") }
            return .number(number)
        }
        guard first.isLetter || first == "[" else { throw error("unexpected \"\(first)\"") }
        if first == "[" { return try list() }
        let name = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
        rest = rest.dropFirst(name.count)
        guard take(["("]) != nil else { return try math.term(name) }
        return try function(name)
    }

    /// `[a, b]`: several series as one.
    private mutating func list() throws -> MetricMath.Term {
        rest.removeFirst()
        var series: [MetricMath.Series] = []
        repeat {
            if case .series(let some) = try comparison() { series += some }
        } while take([","]) != nil
        guard take(["]"]) != nil else { throw error("a ] is missing") }
        return .series(series)
    }

    private mutating func function(_ name: String) throws -> MetricMath.Term {
        if name.uppercased() == "METRICS" {
            var filter: String?
            if let quote = take(["\"", "'"]) {
                filter = String(rest.prefix { String($0) != quote })
                rest = rest.dropFirst((filter?.count ?? 0) + 1)
            }
            guard take([")"]) != nil else { throw error("a ) is missing") }
            return .series(try math.metrics(containing: filter))
        }
        var arguments: [MetricMath.Term] = []
        if take([")"]) == nil {
            repeat { arguments.append(try comparison()) } while take([","]) != nil
            guard take([")"]) != nil else { throw error("a ) is missing") }
        }
        guard let result = MetricFunction.apply(name.uppercased(), arguments, period: Double(math.period(of: id))) else {
            throw error("the function \(name) is not simulated, or has other arguments")
        }
        return result
    }

    // MARK: Arithmetic

    private func combine(_ left: MetricMath.Term, _ sign: String, _ right: MetricMath.Term) throws -> MetricMath.Term {
        switch (left, right) {
        case (.number(let first), .number(let second)): return .number(Self.calculate(first, sign, second) ?? 0)
        case (.series(let many), .number(let number)):
            return .series(many.map { series in map(series) { Self.calculate($0, sign, number) } })
        case (.number(let number), .series(let many)):
            return .series(many.map { series in map(series) { Self.calculate(number, sign, $0) } })
        case (.series(let first), .series(let second)):
            guard first.count == 1 || second.count == 1 || first.count == second.count else {
                throw error("lists of \(first.count) and \(second.count) series can't be combined")
            }
            let count = max(first.count, second.count)
            guard !first.isEmpty, !second.isEmpty else { return .series([]) }
            return .series(
                (0..<count).map { place in
                    join(first[first.count == 1 ? 0 : place], second[second.count == 1 ? 0 : place], sign)
                })
        }
    }

    private func map(_ series: MetricMath.Series, _ change: (Double) -> Double?) -> MetricMath.Series {
        MetricMath.Series(label: series.label, points: series.points.compactMapValues(change))
    }

    /// Only where both have a value.
    private func join(_ left: MetricMath.Series, _ right: MetricMath.Series, _ sign: String) -> MetricMath.Series {
        var points: [Double: Double] = [:]
        for (time, value) in left.points {
            guard let other = right.points[time], let result = Self.calculate(value, sign, other) else { continue }
            points[time] = result
        }
        return MetricMath.Series(label: id, points: points)
    }

    /// Nil for a division by zero.
    private static func calculate(_ left: Double, _ sign: String, _ right: Double) -> Double? {
        switch sign {
        case "+": left + right
        case "-": left - right
        case "*": left * right
        case "/": right == 0 ? nil : left / right
        case "^": pow(left, right)
        case ">": left > right ? 1 : 0
        case "<": left < right ? 1 : 0
        case ">=": left >= right ? 1 : 0
        case "<=": left <= right ? 1 : 0
        case "==": left == right ? 1 : 0
        default: left != right ? 1 : 0
        }
    }
}

/// The functions of metric math.
enum MetricFunction {
    /// - Returns: nil where there is no such function for such arguments.
    static func apply(_ name: String, _ arguments: [MetricMath.Term], period: Double) -> MetricMath.Term? {
        switch (name, arguments.first, arguments.count) {
        case ("PERIOD", _, 1): return .number(period)
        case ("FILL", .series(let many), 2):
            guard case .number(let value) = arguments[1] else { return nil }
            return .series(many.map { fill($0, value, period) })
        case ("IF", .some, 3): return choose(arguments)
        case (_, .number(let number), 1):
            return unary(name).map { .number($0(number)) } ?? (reduction(name) == nil ? nil : .number(number))
        case (_, .series(let many), 1):
            if let change = unary(name) {
                return .series(many.map { MetricMath.Series(label: $0.label, points: $0.points.mapValues(change)) })
            }
            if let differ = difference(name, period) { return .series(many.map(differ)) }
            guard let reduce = reduction(name) else { return nil }
            // Of one series the result is a number; of several, a series of what each time has.
            if many.count == 1 { return .number(reduce(Array(many[0].points.values))) }
            var columns: [Double: [Double]] = [:]
            for series in many { for (time, value) in series.points { columns[time, default: []].append(value) } }
            return .series([MetricMath.Series(label: name, points: columns.mapValues(reduce))])
        default: return nil
        }
    }

    private static func unary(_ name: String) -> ((Double) -> Double)? {
        switch name {
        case "ABS": { abs($0) }
        case "CEIL": { $0.rounded(.up) }
        case "FLOOR": { $0.rounded(.down) }
        case "LOG": { log($0) }
        case "LOG10": { log10($0) }
        default: nil
        }
    }

    private static func reduction(_ name: String) -> (([Double]) -> Double)? {
        switch name {
        case "SUM": { $0.reduce(0, +) }
        case "AVG": { $0.isEmpty ? 0 : $0.reduce(0, +) / Double($0.count) }
        case "MIN": { $0.min() ?? 0 }
        case "MAX": { $0.max() ?? 0 }
        case "METRIC_COUNT": { Double($0.count) }
        case "STDDEV":
            { values in
                let mean = values.reduce(0, +) / Double(max(values.count, 1))
                return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(values.count, 1))).squareRoot()
            }
        default: nil
        }
    }

    /// Functions of a value and the one before it.
    private static func difference(_ name: String, _ period: Double) -> ((MetricMath.Series) -> MetricMath.Series)? {
        guard ["DIFF", "RATE", "RUNNING_SUM"].contains(name) else { return nil }
        return { series in
            let times = series.points.keys.sorted()
            var points: [Double: Double] = [:]
            var total = 0.0
            for (place, time) in times.enumerated() {
                let value = series.points[time] ?? 0
                total += value
                if name == "RUNNING_SUM" {
                    points[time] = total
                } else if place > 0 {
                    let change = value - (series.points[times[place - 1]] ?? 0)
                    points[time] = name == "DIFF" ? change : change / (time - times[place - 1])
                }
            }
            return MetricMath.Series(label: series.label, points: points)
        }
    }

    private static func fill(_ series: MetricMath.Series, _ value: Double, _ period: Double) -> MetricMath.Series {
        guard let first = series.points.keys.min(), let last = series.points.keys.max(), period > 0 else { return series }
        var filled = series
        var time = first
        while time < last, filled.points.count < 100_800 {
            filled.points[time] = series.points[time] ?? value
            time += period
        }
        return filled
    }

    /// `IF(condition, value, otherwise)`.
    private static func choose(_ arguments: [MetricMath.Term]) -> MetricMath.Term? {
        switch arguments[0] {
        case .number(let flag): return flag != 0 ? arguments[1] : arguments[2]
        case .series(let conditions):
            guard let condition = conditions.first else { return .series([]) }
            var points: [Double: Double] = [:]
            for (time, flag) in condition.points {
                switch arguments[flag != 0 ? 1 : 2] {
                case .number(let number): points[time] = number
                case .series(let series): points[time] = series.first?.points[time]
                }
            }
            return .series([MetricMath.Series(label: "IF", points: points)])
        }
    }
}
