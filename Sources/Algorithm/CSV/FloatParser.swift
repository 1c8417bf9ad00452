// SPDX-License-Identifier: Apache-2.0

/// Decimal text to numbers, as `Double(text)` then `Float` would give them, without making strings.
///
/// A mantissa below 2^53 and a power of ten up to 22 are exact doubles, so that one multiplication or division rounds correctly
/// (Clinger 1990, "How to read floating point numbers accurately"); everything else goes through the standard library.
enum FloatParser {
    static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
        1e22,
    ]

    /// What a field's bytes are.
    enum Outcome: Equatable {
        case number(Double)
        case empty
        case notANumber
    }

    /// Reads a whole field; blanks around it are not looked at.
    static func parse(_ field: UnsafeRawBufferPointer) -> Outcome {
        var start = 0
        var end = field.count
        while start < end, isBlank(field[start]) { start += 1 }
        while end > start, isBlank(field[end - 1]) { end -= 1 }
        guard start < end else { return .empty }
        let bytes = UnsafeRawBufferPointer(rebasing: field[start..<end])
        if let number = parseExactly(bytes) { return .number(number) }
        return parseSlowly(bytes)
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }

    /// Sign, digits, point, digits, exponent, where the result is exact; nil for everything else.
    private static func parseExactly(_ bytes: UnsafeRawBufferPointer) -> Double? {
        var position = 0
        var isNegative = false
        if bytes[0] == UInt8(ascii: "-") || bytes[0] == UInt8(ascii: "+") {
            isNegative = bytes[0] == UInt8(ascii: "-")
            position = 1
        }
        var mantissa: UInt64 = 0
        var digitCount = 0
        var fractionDigitCount = 0
        var sawPoint = false
        while position < bytes.count {
            let digit = bytes[position] &- UInt8(ascii: "0")
            if digit < 10 {
                mantissa = mantissa &* 10 &+ UInt64(digit)
                digitCount += mantissa == 0 ? 0 : 1
                if sawPoint { fractionDigitCount += 1 }
                if digitCount > 18 { return nil }
            } else if bytes[position] == UInt8(ascii: "."), !sawPoint {
                sawPoint = true
            } else {
                break
            }
            position += 1
        }
        let length = position - (sawPoint ? 1 : 0) - (bytes[0] == UInt8(ascii: "-") || bytes[0] == UInt8(ascii: "+") ? 1 : 0)
        guard length > 0 else { return nil }
        var exponent = -fractionDigitCount
        if position < bytes.count {
            guard bytes[position] | 0x20 == UInt8(ascii: "e"), let power = wholeNumber(bytes, from: position + 1) else {
                return nil
            }
            exponent += power
        }
        guard mantissa <= 1 << 53 else { return nil }
        let magnitude = Double(mantissa)
        let value: Double
        if mantissa == 0 {
            value = 0
        } else if exponent >= 0, exponent < powersOfTen.count {
            value = magnitude * powersOfTen[exponent]
        } else if exponent < 0, -exponent < powersOfTen.count {
            value = magnitude / powersOfTen[-exponent]
        } else {
            return nil
        }
        return isNegative ? -value : value
    }

    /// An exponent of at most four digits.
    private static func wholeNumber(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var position = start
        guard position < bytes.count else { return nil }
        let isNegative = bytes[position] == UInt8(ascii: "-")
        if isNegative || bytes[position] == UInt8(ascii: "+") { position += 1 }
        guard position < bytes.count, bytes.count - position <= 4 else { return nil }
        var value = 0
        while position < bytes.count {
            let digit = bytes[position] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
            position += 1
        }
        return isNegative ? -value : value
    }

    /// The standard library takes hexadecimal too, which no CSV means.
    private static func parseSlowly(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        guard bytes.count <= 1024, bytes.allSatisfy({ $0 | 0x20 != UInt8(ascii: "x") && $0 < 0x80 }) else { return .notANumber }
        guard let number = Double(String(decoding: bytes, as: UTF8.self)) else { return .notANumber }
        return .number(number)
    }
}
