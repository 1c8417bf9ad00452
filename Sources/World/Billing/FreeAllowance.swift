// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a new account need not pay for in its first months.
///
/// No public table has them: figures are as new accounts were told in the workshop's time, and count as estimated.
public struct FreeAllowance: Sendable, Hashable {
    /// `endpoints`, as a bill's lines name it.
    public var item: String
    /// The machine's types, storage classes or kinds of requests that it is for.
    public var details: [String]
    /// So much in a month.
    public var amount: Double
    /// The unit of a bill's lines.
    public var unit: String
    /// For so many months from the account's first.
    public var monthCount: Int

    /// All of them.
    public static let all = [
        FreeAllowance(
            item: "notebook instances", details: ["ml.t2.medium", "ml.t3.medium"], amount: 250, unit: "hours", monthCount: 2),
        FreeAllowance(item: "training jobs", details: ["ml.m4.xlarge", "ml.m5.xlarge"], amount: 50, unit: "hours", monthCount: 2),
        FreeAllowance(item: "endpoints", details: ["ml.m4.xlarge", "ml.m5.xlarge"], amount: 125, unit: "hours", monthCount: 2),
        FreeAllowance(item: "storage", details: ["STANDARD"], amount: 5, unit: "GB-months", monthCount: 12),
        FreeAllowance(item: "requests", details: ["PUT, COPY, POST, LIST"], amount: 2_000, unit: "requests", monthCount: 12),
        FreeAllowance(item: "requests", details: ["GET and others"], amount: 20_000, unit: "requests", monthCount: 12),
    ]

    func covers(_ line: Bill.Line) -> Bool {
        line.item == item && details.contains(line.detail)
    }

    func holds(in month: Month, accountCreatedAt creation: Double) -> Bool {
        let passed = month.number - Month(at: creation).number
        return (0..<monthCount).contains(passed)
    }
}

/// A month of the calendar in UTC, as bills go by it.
public struct Month: Sendable, Hashable {
    /// Months since the year 0.
    public let number: Int

    /// The month of a time, in seconds since 1970.
    public init(at time: Double) {
        var status = tm()
        var seconds = time_t(exactly: time.rounded(.down)) ?? 0
        gmtime_r(&seconds, &status)
        number = (Int(status.tm_year) + 1900) * 12 + Int(status.tm_mon)
    }

    private init(number: Int) {
        self.number = number
    }

    /// Reads `2026-11`; nil for anything else.
    public init?(_ name: String) {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 4, parts[1].utf8.count == 2, let year = Int(parts[0]),
            let month = Int(parts[1]), (1970...9999).contains(year), (1...12).contains(month)
        else { return nil }
        number = year * 12 + month - 1
    }

    /// `2026-11`.
    public var name: String { String(format: "%04d-%02d", number / 12, number % 12 + 1) }

    /// Its first moment, in seconds since 1970.
    public var startTime: Double {
        var status = tm()
        status.tm_year = Int32(number / 12 - 1900)
        status.tm_mon = Int32(number % 12)
        status.tm_mday = 1
        return Double(timegm(&status))
    }

    /// The first moment after it.
    public var endTime: Double { Month(number: number + 1).startTime }

    /// The months that a stretch of time touches.
    static func all(from start: Double, to end: Double) -> [Month] {
        let (first, last) = (Month(at: start).number, Month(at: end).number)
        return first <= last ? (first...last).map(Month.init(number:)) : []
    }
}
