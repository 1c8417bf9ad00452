// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire

/// Dates as people write them, in the forms that the real client's parser (Python's dateutil) takes beside ISO 8601:
/// `Jan 5 2024`, `5 January 2024 10:30 pm`, `2024/01/05`, `1/31/2024`, `10:00`.
///
/// What is not said is taken from today, midnight, UTC.
enum WrittenDate {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    private static let weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    /// Seconds since 1970; nil where the text is no date.
    static func seconds(_ text: String, now: Double = Date().timeIntervalSince1970) -> Double? {
        let today = CalendarTime(now, zone: .universal)
        var month: Int?
        var numbers: [(value: Int, digits: Int)] = []
        var clock: Double?
        var pending = text.lowercased().split { " ,/\t".contains($0) }[...]
        while let word = pending.popFirst() {
            if word.contains(":") {
                guard clock == nil, let time = self.clock(word, isAfternoon: half(&pending)) else { return nil }
                clock = time
            } else if let number = Int(word), word.allSatisfy(\.isNumber) {
                if let next = pending.first, next == "am" || next == "pm" {
                    guard clock == nil, (1...12).contains(number) else { return nil }
                    clock = Double((number % 12 + (next == "pm" ? 12 : 0)) * 3600)
                    pending.removeFirst()
                } else {
                    numbers.append((number, word.count))
                }
            } else if let place = months.firstIndex(where: { word.hasPrefix($0) }), isName(word, months[place]) {
                guard month == nil else { return nil }
                month = place + 1
            } else if weekdays.contains(where: { word.hasPrefix($0) }) || ["utc", "gmt", "z", "at", "on", "of"].contains(word) {
                continue
            } else if let number = Int(word.prefix { $0.isNumber }), ["st", "nd", "rd", "th"].contains(word.drop { $0.isNumber }) {
                numbers.append((number, 2))
            } else {
                return nil
            }
        }
        if numbers.isEmpty, month == nil, clock == nil { return nil }
        guard let date = date(numbers, month, today) else { return nil }
        return date + (clock ?? 0)
    }

    private static func isName(_ word: Substring, _ month: String) -> Bool {
        let long = [
            "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
            "december",
        ]
        return word == month || word == month + "." || word == "sept" || long.contains(String(word))
    }

    /// `am` or `pm` after a time.
    private static func half(_ words: inout ArraySlice<Substring>) -> Bool? {
        guard let next = words.first, next == "am" || next == "pm" else { return nil }
        words.removeFirst()
        return next == "pm"
    }

    private static func clock(_ word: Substring, isAfternoon: Bool?) -> Double? {
        let parts = word.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), var hour = Int(parts[0]), let minute = Int(parts[1]), (0..<60).contains(minute),
            let second = parts.count == 3 ? Double(parts[2]) : 0, (0..<60).contains(second)
        else { return nil }
        if let isAfternoon {
            guard (1...12).contains(hour) else { return nil }
            hour = hour % 12 + (isAfternoon ? 12 : 0)
        }
        return (0..<24).contains(hour) ? Double(hour * 3600 + minute * 60) + second : nil
    }

    private static func date(_ numbers: [(value: Int, digits: Int)], _ month: Int?, _ today: CalendarTime) -> Double? {
        var (year, chosenMonth, day) = (today.year, month ?? today.month, today.day)
        var rest = numbers
        if let place = rest.firstIndex(where: { $0.digits > 2 || $0.value > 31 }) { year = full(rest.remove(at: place)) }
        let hasYear = rest.count < numbers.count
        switch (month, rest.count) {
        case (nil, 0) where numbers.isEmpty: break
        case (nil, 1): day = rest[0].value
        case (nil, 2), (nil, 3):
            // The month comes first, unless there is no such month; a year of two digits comes last.
            let isDayFirst = rest[0].value > 12
            (chosenMonth, day) = isDayFirst ? (rest[1].value, rest[0].value) : (rest[0].value, rest[1].value)
            if rest.count == 3 {
                if hasYear { return nil }
                year = full(rest[2])
            }
        case (.some, 1): day = rest[0].value
        case (.some, 2) where !hasYear: (day, year) = (rest[0].value, full(rest[1]))
        case (.some, 0): break
        default: return nil
        }
        guard let days = Wire.CalendarTime.daysSince1970(year: year, month: chosenMonth, day: day) else { return nil }
        return Double(days) * 86_400
    }

    private static func full(_ number: (value: Int, digits: Int)) -> Int {
        guard number.digits <= 2 else { return number.value }
        return number.value + (number.value < 70 ? 2000 : 1900)
    }
}
