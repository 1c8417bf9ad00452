// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Points of several groups, as lines of text or as SVG.
struct ScatterPicture {
    struct Group {
        var name: String
        var points: [ChartSeries.Point]
    }

    var title: String
    var xTitle: String
    var yTitle: String
    var groups: [Group]

    private static let terminalColors = ["36", "33", "35", "32", "34", "31", "96", "93", "95", "92", "94", "91"]
    /// For people who do not see all colours too (Okabe and Ito, "Color universal design", 2008), then lighter ones.
    private static let colors = [
        "#0072b2", "#e69f00", "#cc79a7", "#009e73", "#56b4e9", "#d55e00", "#332288", "#999933", "#882255", "#44aa99", "#88ccee",
        "#661100",
    ]

    private var bounds: (x: ClosedRange<Double>, y: ClosedRange<Double>)? {
        let points = groups.flatMap(\.points)
        guard let first = points.first else { return nil }
        func range(_ value: (ChartSeries.Point) -> Double) -> ClosedRange<Double> {
            let low = points.reduce(value(first)) { min($0, value($1)) }
            let high = points.reduce(value(first)) { max($0, value($1)) }
            return low < high ? low...high : (low - 1)...(high + 1)
        }
        return (range(\.x), range(\.y))
    }

    /// The picture in so many columns and rows; empty without points.
    ///
    /// With colour: dots in Braille, a colour a group (the one that drew last has a character). Without: a letter a group.
    func lines(width: Int, height: Int, isColored: Bool) -> [String] {
        guard let bounds else { return [] }
        let columns = max(width - 2, 10)
        let rows = isColored ? braille(bounds, columns, height) : letters(bounds, columns, height)
        func label(_ value: Double) -> String { Chart.text(value) }
        let right = "\(label(bounds.x.upperBound)) \(xTitle)"
        let left = label(bounds.x.lowerBound)
        let legend = groups.enumerated().map { index, group in
            let mark = isColored ? Self.paint("●", index) : Self.letter(index)
            return "\(mark) \(group.name) (\(group.points.count))"
        }
        return [title, "\(label(bounds.y.upperBound)) \(yTitle)"] + rows.map { "│" + $0 }
            + ["└" + String(repeating: "─", count: columns)]
            + [" " + left + String(repeating: " ", count: max(1, columns - left.count - right.count)) + right]
            + ["lowest \(yTitle): \(label(bounds.y.lowerBound))", legend.joined(separator: "  ")]
    }

    private static func letter(_ index: Int) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        return String(letters[index % letters.count])
    }

    private static func paint(_ text: String, _ index: Int) -> String {
        "\u{1b}[\(terminalColors[index % terminalColors.count])m\(text)\u{1b}[0m"
    }

    private func braille(_ bounds: (x: ClosedRange<Double>, y: ClosedRange<Double>), _ columns: Int, _ rows: Int) -> [String] {
        var canvas = BrailleCanvas(columns: columns, rows: rows)
        for (index, group) in groups.enumerated() {
            for point in group.points {
                canvas.set(
                    Chart.place(point.x, in: bounds.x, canvas.width), Chart.place(point.y, in: bounds.y, canvas.height),
                    series: index
                )
            }
        }
        return (0..<canvas.rows).map { canvas.row($0, paint: Self.paint) }
    }

    /// The letter of the group that has most points in a place.
    private func letters(_ bounds: (x: ClosedRange<Double>, y: ClosedRange<Double>), _ columns: Int, _ rows: Int) -> [String] {
        var counts = [[Int: Int]](repeating: [:], count: columns * rows)
        for (index, group) in groups.enumerated() {
            for point in group.points {
                let row = rows - 1 - Chart.place(point.y, in: bounds.y, rows)
                counts[row * columns + Chart.place(point.x, in: bounds.x, columns)][index, default: 0] += 1
            }
        }
        return (0..<rows).map { row in
            let text = (0..<columns).map { column -> String in
                let most = counts[row * columns + column].max { ($0.value, -$0.key) < ($1.value, -$1.key) }
                return most.map { Self.letter($0.key) } ?? " "
            }.joined()
            return text.trimmingSuffixSpaces()
        }
    }

    /// The picture as an SVG file of 720 by 540 pixels.
    var svg: String {
        let (left, top, width, height) = (70.0, 50.0, 500.0, 420.0)
        func number(_ value: Double) -> String { String(format: "%.1f", value) }
        func escaped(_ text: String) -> String {
            text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
        }
        func text(_ x: Double, _ y: Double, _ content: String, _ attributes: String = "") -> String {
            "<text x=\"\(number(x))\" y=\"\(number(y))\"\(attributes.isEmpty ? "" : " " + attributes)>\(escaped(content))</text>"
        }
        var parts = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"540\" viewBox=\"0 0 720 540\" font-family=\"sans-serif\" font-size=\"13\">",
            "<rect width=\"720\" height=\"540\" fill=\"#ffffff\"/>",
            text(left, 30, title, "font-size=\"16\""),
            "<rect x=\"\(number(left))\" y=\"\(number(top))\" width=\"\(number(width))\" height=\"\(number(height))\" fill=\"none\" stroke=\"#888888\"/>",
            text(left + width / 2, top + height + 40, xTitle, "text-anchor=\"middle\""),
            text(20, top + height / 2, yTitle, "text-anchor=\"middle\" transform=\"rotate(-90 20 \(number(top + height / 2)))\""),
        ]
        guard let bounds else { return (parts + ["</svg>\n"]).joined(separator: "\n") }
        func x(_ value: Double) -> Double {
            left + 12 + (value - bounds.x.lowerBound) / (bounds.x.upperBound - bounds.x.lowerBound) * (width - 24)
        }
        func y(_ value: Double) -> Double {
            top + height - 12 - (value - bounds.y.lowerBound) / (bounds.y.upperBound - bounds.y.lowerBound) * (height - 24)
        }
        for tick in [bounds.x.lowerBound, (bounds.x.lowerBound + bounds.x.upperBound) / 2, bounds.x.upperBound] {
            parts.append(text(x(tick), top + height + 18, Chart.text(tick), "text-anchor=\"middle\" fill=\"#555555\""))
        }
        for tick in [bounds.y.lowerBound, (bounds.y.lowerBound + bounds.y.upperBound) / 2, bounds.y.upperBound] {
            parts.append(text(left - 6, y(tick) + 4, Chart.text(tick), "text-anchor=\"end\" fill=\"#555555\""))
        }
        for (index, group) in groups.enumerated() {
            let color = Self.colors[index % Self.colors.count]
            let circles = group.points.map { "<circle cx=\"\(number(x($0.x)))\" cy=\"\(number(y($0.y)))\" r=\"3.5\"/>" }
            parts.append("<g fill=\"\(color)\" fill-opacity=\"0.7\"><title>\(escaped(group.name))</title>\(circles.joined())</g>")
            let line = top + 10 + 17 * Double(index)
            parts.append("<circle cx=\"\(number(left + width + 18))\" cy=\"\(number(line))\" r=\"5\" fill=\"\(color)\"/>")
            parts.append(text(left + width + 30, line + 4, "\(group.name) (\(group.points.count))"))
        }
        return (parts + ["</svg>\n"]).joined(separator: "\n")
    }
}
