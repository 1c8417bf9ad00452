// SPDX-License-Identifier: Apache-2.0

/// A picture of dots, written in Braille: each character is two dots wide and four high.
struct BrailleCanvas {
    /// In characters.
    let columns: Int
    /// In characters.
    let rows: Int
    private var dots: [UInt8]
    /// The series that drew last into each character.
    private var series: [Int]

    init(columns: Int, rows: Int) {
        self.columns = max(columns, 1)
        self.rows = max(rows, 1)
        dots = Array(repeating: 0, count: self.columns * self.rows)
        series = Array(repeating: 0, count: self.columns * self.rows)
    }

    /// In dots.
    var width: Int { 2 * columns }
    /// In dots.
    var height: Int { 4 * rows }

    /// The bit of each dot of a character, by row, left and right (Unicode's block Braille Patterns).
    private static let bits: [(left: UInt8, right: UInt8)] = [(0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80)]

    /// Sets a dot; the origin is at the bottom left.
    ///
    /// Dots outside are left out.
    mutating func set(_ x: Int, _ y: Int, series number: Int = 0) {
        guard (0..<width).contains(x), (0..<height).contains(y) else { return }
        let fromTop = height - 1 - y
        let place = fromTop / 4 * columns + x / 2
        let bits = Self.bits[fromTop % 4]
        dots[place] |= x % 2 == 0 ? bits.left : bits.right
        series[place] = number
    }

    /// Sets the dots of a straight line, by Bresenham's algorithm.
    mutating func line(_ x0: Int, _ y0: Int, _ x1: Int, _ y1: Int, series number: Int = 0) {
        let (stepX, stepY) = (x0 < x1 ? 1 : -1, y0 < y1 ? 1 : -1)
        let (distanceX, distanceY) = (abs(x1 - x0), -abs(y1 - y0))
        var (x, y, error) = (x0, y0, distanceX + distanceY)
        while true {
            set(x, y, series: number)
            if x == x1, y == y1 { return }
            let doubled = 2 * error
            if doubled >= distanceY {
                error += distanceY
                x += stepX
            }
            if doubled <= distanceX {
                error += distanceX
                y += stepY
            }
        }
    }

    /// One row of characters, the top one first; `paint` colours a stretch that one series drew.
    func row(_ row: Int, paint: (String, Int) -> String) -> String {
        var text = ""
        var stretch = ""
        var owner: Int?
        for column in 0..<columns {
            let place = row * columns + column
            let isEmpty = dots[place] == 0
            let character = isEmpty ? " " : String(UnicodeScalar(UInt32(0x2800) + UInt32(dots[place])) ?? " ")
            if !isEmpty, let known = owner, known != series[place] {
                text += paint(stretch, known)
                stretch = ""
            }
            if !isEmpty { owner = series[place] }
            stretch += character
        }
        return text + (owner.map { paint(stretch, $0) } ?? stretch)
    }
}

/// A row of values as little bars.
enum Sparkline {
    private static let bars = Array("▁▂▃▄▅▆▇█")

    /// The last `width` values, or the means of as many stretches of them where there are more; the least is the lowest bar.
    static func text(_ values: [Double], width: Int) -> String {
        let values = values.filter(\.isFinite)
        guard !values.isEmpty, width > 0 else { return "" }
        var shown = values
        if values.count > width {
            shown = (0..<width).map { index in
                let stretch = values[(index * values.count / width)..<((index + 1) * values.count / width)]
                return stretch.reduce(0, +) / Double(stretch.count)
            }
        }
        let low = shown.min() ?? 0
        let range = (shown.max() ?? 0) - low
        return String(shown.map { bars[range > 0 ? Int((($0 - low) / range * 7).rounded()) : 0] })
    }
}
