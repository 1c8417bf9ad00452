// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Points in time as seconds since 1970-01-01T00:00:00Z, and the texts of them that AWS's protocols use.
public enum Timestamp {
    private static let dayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// The machine's clock.
    public static var now: Double { Date().timeIntervalSince1970 }

    // MARK: Writing

    /// `2026-11-23T04:05:06Z`, with milliseconds where there are any or where asked for.
    public static func iso8601(_ seconds: Double, alwaysMilliseconds: Bool = false) -> String {
        let (whole, milliseconds) = split(seconds)
        let time = CalendarTime(secondsSince1970: whole)
        var text =
            "\(pad(time.year, 4))-\(pad(time.month))-\(pad(time.day))T\(pad(time.hour)):\(pad(time.minute)):\(pad(time.second))"
        if milliseconds != 0 || alwaysMilliseconds { text += "." + pad(milliseconds, 3) }
        return text + "Z"
    }

    /// `Mon, 23 Nov 2026 04:05:06 GMT`.
    public static func rfc822(_ seconds: Double) -> String {
        let time = CalendarTime(secondsSince1970: whole(seconds))
        let date = "\(dayNames[time.weekday]), \(pad(time.day)) \(monthNames[time.month - 1]) \(pad(time.year, 4))"
        return "\(date) \(pad(time.hour)):\(pad(time.minute)):\(pad(time.second)) GMT"
    }

    /// `20261123T040506Z`: the form of signatures.
    public static func basic(_ seconds: Double) -> String {
        let time = CalendarTime(secondsSince1970: whole(seconds))
        return "\(pad(time.year, 4))\(pad(time.month))\(pad(time.day))T\(pad(time.hour))\(pad(time.minute))\(pad(time.second))Z"
    }

    /// `1795406706` or `1795406706.123`.
    public static func epoch(_ seconds: Double) -> String {
        let (whole, milliseconds) = split(seconds)
        if milliseconds == 0 { return String(whole) }
        let rounded = Double(whole) + Double(milliseconds) / 1000
        return JSON.text(of: rounded)
    }

    private static func split(_ seconds: Double) -> (Int, Int) {
        let milliseconds = (seconds * 1000).rounded()
        guard let total = Int(exactly: milliseconds) else { return (0, 0) }
        let whole = total >= 0 ? total / 1000 : (total - 999) / 1000
        return (whole, total - whole * 1000)
    }

    private static func whole(_ seconds: Double) -> Int { Int(exactly: seconds.rounded(.down)) ?? 0 }

    private static func pad(_ number: Int, _ width: Int = 2) -> String {
        let digits = String(number)
        return digits.utf8.count >= width ? digits : String(repeating: "0", count: width - digits.utf8.count) + digits
    }

    // MARK: Reading

    /// The time that a text of any of these forms, or a number of seconds, stands for; nil where it is none.
    public static func parse(_ text: String) -> Double? {
        let utf8 = Array(text.utf8)
        guard let first = utf8.first else { return nil }
        if first >= 0x41 { return parseRFC822(text) }
        if utf8.count >= 8, let time = parseISO8601(utf8) { return time }
        guard let seconds = Double(text), seconds.isFinite, seconds.magnitude < 1e12 else { return nil }
        return seconds
    }

    /// The time of `20261123T040506Z`; nil where the text has another form.
    public static func parseBasic(_ text: String) -> Double? {
        guard text.utf8.count == 16 else { return nil }
        return parseISO8601(Array(text.utf8))
    }

    private static func parseISO8601(_ text: [UInt8]) -> Double? {
        var reader = DigitReader(text: text)
        guard let year = reader.number(4) else { return nil }
        let isExtended = reader.skip("-")
        guard let month = reader.number(2) else { return nil }
        if isExtended, !reader.skip("-") { return nil }
        guard let day = reader.number(2) else { return nil }
        guard let days = CalendarTime.daysSince1970(year: year, month: month, day: day) else { return nil }
        var seconds = Double(days) * 86400
        // Eight digits alone are a number of seconds, not a date.
        if reader.isAtEnd { return isExtended ? seconds : nil }
        guard reader.skip("T") || reader.skip("t") || reader.skip(" "), let hour = reader.number(2) else { return nil }
        let hasColon = reader.skip(":")
        guard let minute = reader.number(2) else { return nil }
        var second = 0
        if hasColon ? reader.skip(":") : true {
            guard let number = reader.number(2) else { return nil }
            second = number
        }
        guard hour < 24, minute < 60, second <= 60 else { return nil }
        seconds += Double(hour * 3600 + minute * 60 + second)
        if reader.skip(".") || reader.skip(",") {
            guard let fraction = reader.fraction() else { return nil }
            seconds += fraction
        }
        return reader.zoneOffset().flatMap { reader.isAtEnd ? seconds - Double($0) : nil }
    }

    private static func parseRFC822(_ text: String) -> Double? {
        let fields = text.split { $0 == " " || $0 == "," || $0 == "-" }.map(String.init)
        guard fields.count >= 5, let day = Int(fields[1]), let month = monthNames.firstIndex(of: String(fields[2].prefix(3))),
            var year = Int(fields[3])
        else { return nil }
        if fields[3].utf8.count == 2 { year += year < 70 ? 2000 : 1900 }
        guard let days = CalendarTime.daysSince1970(year: year, month: month + 1, day: day) else { return nil }
        let clock = fields[4].split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard clock.count == 3, let hour = clock[0], let minute = clock[1], let second = clock[2], (0..<24).contains(hour),
            (0..<60).contains(minute), (0...60).contains(second)
        else { return nil }
        return Double(days) * 86400 + Double(hour * 3600 + minute * 60 + second)
    }
}

/// The fields of a time in UTC.
public struct CalendarTime: Sendable, Hashable {
    /// Four digits.
    public var year: Int
    /// From 1.
    public var month: Int
    /// From 1.
    public var day: Int
    /// 0 to 23.
    public var hour: Int
    /// 0 to 59.
    public var minute: Int
    /// 0 to 59.
    public var second: Int
    /// From 0, Sunday.
    public var weekday: Int

    /// The fields of a whole number of seconds since 1970 (Hinnant, "chrono-compatible low-level date algorithms").
    public init(secondsSince1970: Int) {
        let days = secondsSince1970 >= 0 ? secondsSince1970 / 86400 : (secondsSince1970 - 86399) / 86400
        let secondOfDay = secondsSince1970 - days * 86400
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        hour = secondOfDay / 3600
        minute = secondOfDay / 60 % 60
        second = secondOfDay % 60
        weekday = ((days + 4) % 7 + 7) % 7
    }

    /// The days from 1970-01-01 to a date; nil where there is no such date.
    public static func daysSince1970(year: Int, month: Int, day: Int) -> Int? {
        guard (1...12).contains(month), (0...9999).contains(year) else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard day >= 1, day <= lengths[month - 1] else { return nil }
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

private struct DigitReader {
    let text: [UInt8]
    var index = 0

    init(text: [UInt8]) { self.text = text }

    var isAtEnd: Bool { index >= text.count }

    mutating func number(_ digitCount: Int) -> Int? {
        guard index + digitCount <= text.count else { return nil }
        var value = 0
        for position in index..<(index + digitCount) {
            let digit = text[position] &- 0x30
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
        }
        index += digitCount
        return value
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard index < text.count, text[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    mutating func fraction() -> Double? {
        let start = index
        while index < text.count, text[index] &- 0x30 < 10 { index += 1 }
        return index > start ? Double("0." + String(decoding: text[start..<index], as: UTF8.self)) : nil
    }

    /// Seconds east of UTC; none said is UTC.
    mutating func zoneOffset() -> Int? {
        if isAtEnd || skip("Z") || skip("z") { return 0 }
        let sign: Int
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = number(2) else { return nil }
        _ = skip(":")
        let minutes = isAtEnd ? 0 : number(2)
        return minutes.map { sign * (hours * 3600 + $0 * 60) }
    }
}
