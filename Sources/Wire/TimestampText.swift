// SPDX-License-Identifier: Apache-2.0

/// Timestamps that people and programs write: seconds since 1970, ISO 8601 in its usual cuts, RFC 822.
public enum TimestampText {
    /// The seconds since 1970-01-01T00:00:00Z, or nil where the text is not a moment.
    ///
    /// Without a zone, UTC.
    public static func seconds(_ text: String) -> Double? {
        let trimmed = text.drop { $0 == " " }
        if let number = Double(trimmed), number.isFinite {
            // Eight digits are a date, as the real client's parser reads them only in longer texts: numbers are seconds.
            return number
        }
        return isoSeconds(Array(trimmed.utf8)) ?? mailSeconds(String(trimmed))
    }

    /// `2024-01-31`, `2024-01-31T10:20`, `2024-01-31 10:20:30.5+09:00`, `20240131T102030Z`, `2024-01`.
    private static func isoSeconds(_ bytes: [UInt8]) -> Double? {
        var reader = Reader(bytes: bytes)
        guard let year = reader.digits(4) else { return nil }
        let isExtended = reader.take(UInt8(ascii: "-"))
        guard let month = reader.digits(2), (1...12).contains(month) else { return nil }
        var day = 1
        if isExtended ? reader.take(UInt8(ascii: "-")) : !reader.isAtEnd {
            guard let found = reader.digits(2), (1...31).contains(found) else { return nil }
            day = found
        }
        guard day <= daysInMonth(year, month) else { return nil }
        let midnight = Double(daysSinceEpoch(year, month, day)) * 86_400
        if reader.isAtEnd { return midnight }
        guard reader.take(UInt8(ascii: "T")) || reader.take(UInt8(ascii: "t")) || reader.take(UInt8(ascii: " ")) else { return nil }
        return reader.timeAndZone().map { midnight + $0 }
    }

    /// `Mon, 23 Nov 2026 03:54:44 GMT`.
    private static func mailSeconds(_ text: String) -> Double? {
        var words = text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "-" }).map(String.init)
        if let first = words.first, Int(first) == nil { words.removeFirst() }
        guard words.count >= 3, let day = Int(words[0]), let year = Int(words[2]),
            let month = months.firstIndex(of: words[1].prefix(3).lowercased()).map({ $0 + 1 }), (1...31).contains(day)
        else { return nil }
        let midnight = Double(daysSinceEpoch(year, month, day)) * 86_400
        if words.count == 3 { return midnight }
        let zone = words.count > 4 ? words[4] : "Z"
        var reader = Reader(bytes: Array((words[3] + (zone == "GMT" || zone == "UTC" ? "Z" : zone)).utf8))
        return reader.timeAndZone().map { midnight + $0 }
    }

    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    private static func daysInMonth(_ year: Int, _ month: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant's `days_from_civil`).
    static func daysSinceEpoch(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private struct Reader {
        let bytes: [UInt8]
        var place = 0

        var isAtEnd: Bool { place >= bytes.count }

        mutating func take(_ byte: UInt8) -> Bool {
            guard place < bytes.count, bytes[place] == byte else { return false }
            place += 1
            return true
        }

        /// Exactly `count` digits.
        mutating func digits(_ count: Int) -> Int? {
            guard place + count <= bytes.count else { return nil }
            var number = 0
            for byte in bytes[place..<place + count] {
                guard byte >= 0x30, byte <= 0x39 else { return nil }
                number = number * 10 + Int(byte - 0x30)
            }
            place += count
            return number
        }

        /// Hours, minutes and so on to the end: seconds since midnight UTC.
        mutating func timeAndZone() -> Double? {
            guard let hour = digits(2), hour < 24 else { return nil }
            var seconds = Double(hour) * 3600
            if take(UInt8(ascii: ":")) || nextIsDigit {
                guard let minute = digits(2), minute < 60 else { return nil }
                seconds += Double(minute) * 60
                if take(UInt8(ascii: ":")) || nextIsDigit {
                    guard let second = digits(2), second < 61 else { return nil }
                    seconds += Double(second)
                    if take(UInt8(ascii: ".")) || take(UInt8(ascii: ",")) {
                        guard let fraction = fraction() else { return nil }
                        seconds += fraction
                    }
                }
            }
            _ = take(UInt8(ascii: " "))
            if isAtEnd || ((take(UInt8(ascii: "Z")) || take(UInt8(ascii: "z"))) && isAtEnd) { return seconds }
            let isEast = take(UInt8(ascii: "+"))
            guard isEast || take(UInt8(ascii: "-")), let hours = digits(2) else { return nil }
            _ = take(UInt8(ascii: ":"))
            let minutes = isAtEnd ? 0 : digits(2)
            guard let minutes, isAtEnd else { return nil }
            let offset = Double(hours * 3600 + minutes * 60)
            return seconds + (isEast ? -offset : offset)
        }

        private var nextIsDigit: Bool { place < bytes.count && bytes[place] >= 0x30 && bytes[place] <= 0x39 }

        private mutating func fraction() -> Double? {
            let start = place
            while nextIsDigit { place += 1 }
            guard place > start else { return nil }
            return Double("0." + String(decoding: bytes[start..<place], as: UTF8.self))
        }
    }
}
