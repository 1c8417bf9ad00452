// SPDX-License-Identifier: Apache-2.0

/// Where an algorithm's log lines go, and the shapes that the built-in algorithms' lines have.
public struct JobLog: Sendable {
    /// The word after the time.
    public enum Level: String, Sendable {
        case info = "INFO"
        case warning = "WARNING"
        case error = "ERROR"
    }

    /// One metric of a `#metrics` line.
    public struct Sample: Sendable, Equatable {
        /// The metric.
        public var name: String
        /// How often it was seen.
        public var count: Int
        /// The least value.
        public var minimum: PythonNumber
        /// The greatest value.
        public var maximum: PythonNumber
        /// The sum of the values.
        public var sum: PythonNumber

        /// Makes one from its parts.
        public init(_ name: String, count: Int = 1, minimum: PythonNumber, maximum: PythonNumber, sum: PythonNumber) {
            self.name = name
            self.count = count
            self.minimum = minimum
            self.maximum = maximum
            self.sum = sum
        }

        /// A metric that was seen once.
        public init(_ name: String, _ value: Double) {
            self.init(name, minimum: .real(value), maximum: .real(value), sum: .real(value))
        }

        /// A count that was seen once: whole as least and greatest, real as sum.
        public init(_ name: String, whole value: Int) {
            self.init(name, minimum: .whole(value), maximum: .whole(value), sum: .real(Double(value)))
        }
    }

    /// A value of a dimension of a `#metrics` line.
    public enum Dimension: Sendable, Equatable {
        case text(String)
        case whole(Int)
    }

    /// The host's name in metric lines, such as `algo-1`.
    public var host: String
    /// The thread number of the lines' prefix.
    public var threadNumber: UInt64
    /// The seconds since 1970 that lines are stamped with.
    public var now: @Sendable () -> Double
    /// Takes one line without its end, from any thread.
    public var write: @Sendable (String) -> Void

    /// Makes one from its parts.
    public init(
        host: String = "algo-1", threadNumber: UInt64 = 140_513_285_547_840, now: @escaping @Sendable () -> Double,
        write: @escaping @Sendable (String) -> Void
    ) {
        self.host = host
        self.threadNumber = threadNumber
        self.now = now
        self.write = write
    }

    /// A log that keeps nothing.
    public static let discarding = JobLog(now: { 0 }, write: { _ in })

    /// A line as it is.
    public func line(_ text: String) { write(text) }

    /// `[11/24/2020 18:53:54 INFO 140513285547840] text`.
    public func info(_ text: String) { write(prefix(.info) + text) }

    /// As `info`, with the word WARNING.
    public func warning(_ text: String) { write(prefix(.warning) + text) }

    /// As `info`, with the word ERROR.
    public func error(_ text: String) { write(prefix(.error) + text) }

    /// `[MM/DD/YYYY hh:mm:ss LEVEL thread] `, in UTC.
    public func prefix(_ level: Level) -> String {
        let time = CalendarTime(secondsSince1970: now())
        return "[\(two(time.month))/\(two(time.day))/\(time.year) \(time.clock) \(level.rawValue) \(threadNumber)] "
    }

    /// The data reader's line of an epoch: `[2020-11-24 18:53:55.211] [tensorio] [info] epoch_stats={…}`.
    ///
    /// The container counts batches as examples, and bytes as they are framed.
    public func epochStatistics(dataPath: String, epoch: Int, durationMilliseconds: Int, batchCount: Int, byteCount: Int) {
        let time = CalendarTime(secondsSince1970: now())
        let stamp = "\(time.year)-\(two(time.month))-\(two(time.day)) \(time.clock).\(three(time.millisecond))"
        write(
            "[\(stamp)] [tensorio] [info] epoch_stats={\"data_pipeline\": \(JSONText.quoted(dataPath)), \"epoch\": \(epoch), "
                + "\"duration\": \(durationMilliseconds), \"num_examples\": \(batchCount), \"num_bytes\": \(byteCount)}")
    }

    /// A `#metrics` line; times are seconds since 1970.
    public func metrics(_ samples: [Sample], dimensions: [(String, Dimension)], start: Double, end: Double) {
        let metrics = samples.map { sample in
            "\(JSONText.quoted(sample.name)): {\"count\": \(sample.count), \"max\": \(sample.maximum.representation), "
                + "\"sum\": \(sample.sum.representation), \"min\": \(sample.minimum.representation)}"
        }
        let dimensions = dimensions.map { name, value in
            switch value {
            case .text(let text): return "\(JSONText.quoted(name)): \(JSONText.quoted(text))"
            case .whole(let number): return "\(JSONText.quoted(name)): \(number)"
            }
        }
        write(
            "#metrics {\"Metrics\": {\(metrics.joined(separator: ", "))}, \"EndTime\": \(PythonNumber.real(end).representation), "
                + "\"Dimensions\": {\(dimensions.joined(separator: ", "))}, \"StartTime\": \(PythonNumber.real(start).representation)}"
        )
    }

    private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    private func three(_ number: Int) -> String { number < 10 ? "00\(number)" : number < 100 ? "0\(number)" : "\(number)" }
}

/// A number as Python prints it.
public enum PythonNumber: Sendable, Equatable {
    case whole(Int)
    case real(Double)

    /// Python's `repr`, which JSON has too: the shortest text that reads back as the same number.
    public var representation: String {
        switch self {
        case .whole(let value): return "\(value)"
        case .real(let value): return Self.representation(of: value)
        }
    }

    /// `repr(float)`: positional from 1e-4 below 1e16, else with an exponent of at least two digits.
    public static func representation(of value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity" }
        let (digits, exponent) = shortestDigits(of: value.magnitude)
        return (value.sign == .minus ? "-" : "") + layOut(digits, exponent, positionalBelow: 16, keepsPointZero: true)
    }

    /// Python 2's `str(float)`: twelve significant digits at most, always with a point or an exponent.
    public static func text12(of value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
        let (digits, exponent) = rounded(value.magnitude, toDigits: 12)
        return (value.sign == .minus ? "-" : "") + layOut(digits, exponent, positionalBelow: 12, keepsPointZero: true)
    }

    /// The digits of a magnitude without trailing zeros, and the power of ten of the first.
    private static func shortestDigits(of value: Double) -> (digits: [UInt8], exponent: Int) {
        digits(fromText: "\(value)")
    }

    private static func rounded(_ value: Double, toDigits count: Int) -> (digits: [UInt8], exponent: Int) {
        digits(fromText: SystemFormat.exponential(value, fractionDigits: count - 1))
    }

    private static func digits(fromText text: String) -> (digits: [UInt8], exponent: Int) {
        var digits: [UInt8] = []
        var pointAt: Int?
        var power = 0
        let bytes = Array(text.utf8)
        for (i, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: ".") {
                pointAt = digits.count
            } else if byte == UInt8(ascii: "e") {
                power = Int(String(decoding: bytes[(i + 1)...], as: UTF8.self)) ?? 0
                break
            } else {
                digits.append(byte)
            }
        }
        var exponent = (pointAt ?? digits.count) - 1 + power
        while digits.count > 1, digits.first == UInt8(ascii: "0") {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        if digits == [UInt8(ascii: "0")] { exponent = 0 }
        return (digits, exponent)
    }

    private static func layOut(_ digits: [UInt8], _ exponent: Int, positionalBelow limit: Int, keepsPointZero: Bool) -> String {
        let text = String(decoding: digits, as: UTF8.self)
        if exponent < -4 || exponent >= limit {
            let magnitude = exponent.magnitude
            let tail = "e\(exponent < 0 ? "-" : "+")\(magnitude < 10 ? "0" : "")\(magnitude)"
            return (digits.count > 1 ? "\(text.prefix(1)).\(text.dropFirst())" : text) + tail
        }
        if exponent < 0 { return "0." + String(repeating: "0", count: -exponent - 1) + text }
        if digits.count <= exponent + 1 {
            return text + String(repeating: "0", count: exponent + 1 - digits.count) + (keepsPointZero ? ".0" : "")
        }
        return "\(text.prefix(exponent + 1)).\(text.dropFirst(exponent + 1))"
    }
}

/// A UTC date and time of the proleptic Gregorian calendar (days-from-civil, Howard Hinnant's algorithm).
struct CalendarTime {
    var year: Int
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int
    var millisecond: Int

    init(secondsSince1970: Double) {
        let bounded = min(max(secondsSince1970.isFinite ? secondsSince1970 : 0, -6e10), 2.5e11)
        let milliseconds = Int((bounded * 1000).rounded(.down))
        let daySeconds = 86_400_000
        let days = Int((Double(milliseconds) / Double(daySeconds)).rounded(.down))
        var rest = milliseconds - days * daySeconds
        millisecond = rest % 1000
        rest /= 1000
        second = rest % 60
        minute = rest / 60 % 60
        hour = rest / 3600
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// `hh:mm:ss`.
    var clock: String {
        [hour, minute, second].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }
}
