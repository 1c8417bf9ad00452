// SPDX-License-Identifier: Apache-2.0

/// Dates of the Date condition operators: ISO 8601 from the year down to fractions of a second, or seconds since 1970.
///
/// Done by hand because a formatter's start-up would cost more than the whole of a short command.
public enum PolicyDate {
    /// Seconds since 1970, or nil where `text` is not a date; a time without a zone is UTC.
    public static func seconds(_ text: String) -> Double? {
        if !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), text.utf8.count != 4 { return Double(text) }
        let halves = text.uppercased().split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
        let dateParts = halves[0].split(separator: "-", omittingEmptySubsequences: false)
        guard (1...3).contains(dateParts.count), dateParts[0].utf8.count == 4, let year = number(dateParts[0], in: 0...9999),
            let month = dateParts.count > 1 ? number(dateParts[1], in: 1...12) : 1,
            let day = dateParts.count > 2 ? number(dateParts[2], in: 1...31) : 1
        else { return nil }
        let days = daysSince1970(year: year, month: month, day: day)
        guard halves.count == 2 else { return Double(days * 86_400) }
        guard let time = secondsOfDay(halves[1]) else { return nil }
        return Double(days * 86_400) + time
    }

    /// Whether IAM takes `text` for a date when a policy is written, which it does for some that are none and never match.
    static func isAccepted(_ text: String) -> Bool {
        let digits = text.drop { $0 == "-" }
        if !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }) { return Int64(text) != nil }
        if let point = text.firstIndex(of: "."), text[point...].dropFirst().prefix(while: \.isNumber).count > 9 { return false }
        if text.uppercased().hasSuffix("T"), (1...4).contains(text.count - 1), text.dropLast().allSatisfy(\.isNumber) {
            return true
        }
        return seconds(text) != nil
    }

    /// ISO 8601 with whole seconds in UTC: `2020-01-31T23:59:59Z`.
    public static func text(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded(.down))
        let secondOfDay = ((whole % 86_400) + 86_400) % 86_400
        let (year, month, day) = civil(daysSince1970: (whole - secondOfDay) / 86_400)
        func padded(_ number: Int, _ width: Int = 2) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(year, 4))-\(padded(month))-\(padded(day))T"
            + "\(padded(secondOfDay / 3600)):\(padded(secondOfDay / 60 % 60)):\(padded(secondOfDay % 60))Z"
    }

    /// As above, civil_from_days.
    private static func civil(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func secondsOfDay(_ text: Substring) -> Double? {
        var clock = text
        var zoneSeconds = 0
        if clock.hasSuffix("Z") {
            clock = clock.dropLast()
        } else if let sign = clock.lastIndex(where: { $0 == "+" || $0 == "-" }) {
            let zone = clock[clock.index(after: sign)...].filter { $0 != ":" }
            guard zone.utf8.count == 4 || zone.utf8.count == 2, let hours = number(zone.prefix(2)[...], in: 0...23),
                let minutes = zone.utf8.count == 4 ? number(zone.suffix(2)[...], in: 0...59) : 0
            else { return nil }
            zoneSeconds = (hours * 3600 + minutes * 60) * (clock[sign] == "+" ? 1 : -1)
            clock = clock[..<sign]
        }
        let parts = clock.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count), let hours = number(parts[0], in: 0...23),
            let minutes = parts.count > 1 ? number(parts[1], in: 0...59) : 0
        else { return nil }
        var seconds = 0.0
        if parts.count > 2 {
            guard parts[2].first?.isNumber == true, let value = Double(parts[2]), (0..<61).contains(value) else { return nil }
            seconds = value
        }
        return Double(hours * 3600 + minutes * 60 - zoneSeconds) + seconds
    }

    private static func number(_ text: some StringProtocol, in range: ClosedRange<Int>) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let value = Int(text), range.contains(value)
        else { return nil }
        return value
    }

    /// Howard Hinnant, "chrono-compatible low-level date algorithms", days_from_civil.
    private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
