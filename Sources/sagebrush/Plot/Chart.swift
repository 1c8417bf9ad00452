// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A curve to draw.
struct ChartSeries: Sendable, Equatable {
    struct Point: Sendable, Equatable {
        var x: Double
        var y: Double
    }

    var name: String
    /// By x.
    var points: [Point]
}

/// Curves with axes, as lines of text.
struct Chart {
    /// What the numbers along the bottom are.
    enum Axis {
        /// 1, 2, 3 …: which value of a training it is.
        case number(String)
        /// World time, seconds since 1970, shown in a zone.
        case time(TimeZone)
    }

    var title: String
    var series: [ChartSeries]
    var axis: Axis
    /// The columns that it takes.
    var width = 80
    /// The rows of the curve itself.
    var height = 12
    var isColored = false

    private static let colors = ["36", "33", "35", "32", "34", "31"]

    /// The chart, a line each; empty without points.
    var lines: [String] {
        let points = series.flatMap(\.points).filter { $0.x.isFinite && $0.y.isFinite }
        guard let first = points.first else { return [] }
        var (left, right, bottom, top) = (first.x, first.x, first.y, first.y)
        for point in points {
            (left, right) = (min(left, point.x), max(right, point.x))
            (bottom, top) = (min(bottom, point.y), max(top, point.y))
        }
        if bottom == top { (bottom, top) = (bottom - max(abs(bottom), 1) / 2, top + max(abs(top), 1) / 2) }
        let labels = (0...2).map { Self.text(top - (top - bottom) * Double($0) / 2) }
        let margin = labels.map(\.count).max() ?? 0
        let columns = max(width - margin - 2, 10)
        let canvas = drawn(columns: columns, x: left...right, y: bottom...top)
        var lines = [bold(title)]
        for row in 0..<height {
            let place = [0: 0, (height - 1) / 2: 1, height - 1: 2][row]
            let label = place.map { labels[$0] } ?? ""
            let tick = place == nil ? "│" : "┤"
            let curve = canvas.row(row, paint: paint)
            lines.append(pad(label, margin) + " " + tick + curve.trimmingSuffixSpaces())
        }
        lines.append(String(repeating: " ", count: margin + 1) + "└" + String(repeating: "─", count: columns))
        lines.append(String(repeating: " ", count: margin + 2) + axisLabels(left...right, columns))
        if series.count > 1 {
            lines += series.enumerated().map { paint("●", $0.offset) + " " + $0.element.name }
        }
        return lines
    }

    private func drawn(columns: Int, x: ClosedRange<Double>, y: ClosedRange<Double>) -> BrailleCanvas {
        var canvas = BrailleCanvas(columns: columns, rows: height)
        for (number, curve) in series.enumerated() {
            let dots = curve.points.filter { $0.x.isFinite && $0.y.isFinite }.map {
                (Self.place($0.x, in: x, canvas.width), Self.place($0.y, in: y, canvas.height))
            }
            if let only = dots.first { canvas.set(only.0, only.1, series: number) }
            for (from, to) in zip(dots, dots.dropFirst()) { canvas.line(from.0, from.1, to.0, to.1, series: number) }
        }
        return canvas
    }

    private func axisLabels(_ range: ClosedRange<Double>, _ columns: Int) -> String {
        let (left, right): (String, String)
        switch axis {
        case .number(let unit): (left, right) = (Self.text(range.lowerBound), "\(Self.text(range.upperBound)) \(unit)")
        case .time(let zone):
            let format = Date.FormatStyle(timeZone: zone).hour(.twoDigits(amPM: .omitted)).minute(.twoDigits).second(.twoDigits)
            func text(_ seconds: Double) -> String {
                Date(timeIntervalSince1970: seconds).formatted(format.locale(Locale(identifier: "en_GB")))
            }
            (left, right) = (text(range.lowerBound), text(range.upperBound))
        }
        if range.lowerBound == range.upperBound { return right }
        return left + String(repeating: " ", count: max(columns - left.count - right.count, 1)) + right
    }

    private func paint(_ text: String, _ number: Int) -> String {
        guard isColored else { return text }
        return "\u{1b}[\(Self.colors[number % Self.colors.count])m\(text)\u{1b}[0m"
    }

    private func bold(_ text: String) -> String { isColored ? "\u{1b}[1m\(text)\u{1b}[0m" : text }

    private func pad(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(width - text.count, 0)) + text }

    /// Which of `size` dots along a range a value is at.
    static func place(_ value: Double, in range: ClosedRange<Double>, _ size: Int) -> Int {
        let length = range.upperBound - range.lowerBound
        return length > 0 ? Int(((value - range.lowerBound) / length * Double(size - 1)).rounded()) : 0
    }

    /// A number in at most four digits that count: `0.3125`, `12.5k`, `1.2e-05`.
    static func text(_ number: Double) -> String {
        let size = abs(number)
        if size >= 1e15 || (size < 1e-4 && size > 0) { return String(format: "%.2g", number) }
        let steps: [(Double, String)] = [(1e9, "G"), (1e6, "M"), (1e4, "k")]
        for (limit, unit) in steps where size >= limit {
            return short(number / (unit == "k" ? 1e3 : limit)) + unit
        }
        return short(number)
    }

    private static func short(_ number: Double) -> String {
        let digits = max(0, 3 - Int(log10(max(abs(number), 1e-4)).rounded(.down)))
        var text = String(format: "%.\(min(digits, 7))f", number)
        guard text.contains(".") else { return text }
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text == "-0" ? "0" : text
    }
}
