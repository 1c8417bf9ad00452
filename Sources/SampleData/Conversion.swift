// SPDX-License-Identifier: Apache-2.0

import Algorithm

/// What becomes of labels: rules of a value (or `*` for all others) and its replacement.
public struct LabelMap: Sendable, Equatable {
    private var replacements: [UInt8: Int] = [:]
    private var others: Int?

    /// Labels as they are.
    public static let identity = LabelMap()

    private init() {}

    /// 1 for the digit, 0 for all others.
    public static func isDigit(_ digit: UInt8) -> LabelMap {
        var map = LabelMap()
        map.replacements[digit] = 1
        map.others = 0
        return map
    }

    /// Reads `identity`, `is:0`, or rules such as `0=1,*=0`; throws ``UserError``.
    public init(parsing text: String) throws {
        let wrong = UserError("the label map '\(text)' is not understood; it is 'identity', 'is:DIGIT', or rules such as '0=1,*=0'")
        if text == "identity" { return }
        if text.hasPrefix("is:") {
            guard let digit = UInt8(text.dropFirst(3)) else { throw wrong }
            self = .isDigit(digit)
            return
        }
        for rule in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = rule.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, let replacement = Int(sides[1]), replacement.magnitude < 1 << 24 else { throw wrong }
            if sides[0] == "*" {
                others = replacement
            } else {
                guard let value = UInt8(sides[0]) else { throw wrong }
                replacements[value] = replacement
            }
        }
    }

    /// What the label becomes.
    public func callAsFunction(_ label: UInt8) -> Int { replacements[label] ?? others ?? Int(label) }
}

/// What becomes of pixels of 0 to 255.
public enum PixelScale: String, Sendable, CaseIterable {
    /// Whole numbers of 0 to 255.
    case raw
    /// Divided by 255: 0 to 1.
    case over255
    /// Divided by 256, as in the much-used pickle of MNIST: 0 to 0.99609375, exact in float32.
    case over256

    /// What pixels are divided by.
    public var divisor: Float {
        switch self {
        case .raw: return 1
        case .over255: return 255
        case .over256: return 256
        }
    }

    /// The value of each pixel.
    var table: [Float] { (0...255).map { Float($0) / divisor } }

    /// The shortest text of each pixel's value.
    var texts: [[UInt8]] {
        table.map { value in
            let text = "\(value)"
            return Array((text.hasSuffix(".0") ? String(text.dropLast(2)) : text).utf8)
        }
    }
}

extension LabelledImages {
    /// RecordIO-protobuf: a record a picture, dense float32 features, and the mapped label where one is wanted.
    public func recordIO(labels map: LabelMap?, scale: PixelScale) -> [UInt8] {
        var encoder = RecordIOEncoder()
        encoder.reserve(byteCount: count * (pixelCount * 4 + 64))
        let table = scale.table
        var row = [Float](repeating: 0, count: pixelCount)
        for index in 0..<count {
            for pixel in 0..<pixelCount { row[pixel] = table[Int(pixels[index * pixelCount + pixel])] }
            encoder.append(features: row, label: map.map { Float($0(labels[index])) })
        }
        return encoder.take()
    }

    /// CSV without header: a line a picture, the mapped label first where one is wanted.
    public func csv(labels map: LabelMap?, scale: PixelScale) -> [UInt8] {
        let texts = scale.texts
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * pixelCount * 4)
        for index in 0..<count {
            if let map {
                bytes.append(contentsOf: "\(map(labels[index])),".utf8)
            }
            for pixel in 0..<pixelCount {
                bytes.append(contentsOf: texts[Int(pixels[index * pixelCount + pixel])])
                bytes.append(pixel == pixelCount - 1 ? UInt8(ascii: "\n") : UInt8(ascii: ","))
            }
        }
        return bytes
    }

    /// The mapped labels, one a line.
    public func labelLines(_ map: LabelMap) -> [UInt8] {
        Array(labels.map { "\(map($0))\n" }.joined().utf8)
    }
}

extension LabelledImages {
    /// A picture of one digit in characters, two pixel rows a line; throws ``UserError`` where there is no such picture.
    ///
    /// With colour, shades of grey (escape sequences for 256 colours); without, a pixel is either on or off.
    public func drawing(of index: Int, color: Bool) throws -> String {
        guard index >= 0, index < count else {
            throw UserError("there is no picture \(index); the pictures are numbered 0 to \(count - 1)")
        }
        func pixel(_ row: Int, _ column: Int) -> Int {
            row < rowCount ? Int(pixels[index * pixelCount + row * columnCount + column]) : 0
        }
        var text = ""
        for row in stride(from: 0, to: rowCount, by: 2) {
            var line = ""
            for column in 0..<columnCount {
                let upper = pixel(row, column)
                let lower = pixel(row + 1, column)
                if color {
                    line += "\u{1b}[38;5;\(232 + upper * 23 / 255);48;5;\(232 + lower * 23 / 255)m▀"
                } else {
                    line += [" ", "▄", "▀", "█"][(upper >= 96 ? 2 : 0) + (lower >= 96 ? 1 : 0)]
                }
            }
            if color {
                line += "\u{1b}[0m"
            } else {
                while line.last == " " { line.removeLast() }
            }
            text += line + "\n"
        }
        return text
    }
}
