// SPDX-License-Identifier: Apache-2.0

import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The zone in which the real CLI prints a service's timestamps.
public enum TimestampZone: Sendable {
    /// The user's zone: for services that send numbers (the JSON protocols).
    case local
    /// Universal time: for services that send text (the query and XML protocols).
    case universal

    /// The zone for a service of this protocol (`json`, `rest-json`, `query`, `rest-xml`, `ec2`).
    public init(protocolName: String) {
        self = protocolName == "json" || protocolName == "rest-json" ? .local : .universal
    }
}

/// A moment broken down into a calendar's fields.
struct CalendarTime {
    var year: Int
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int
    var microsecond: Int
    var offsetSeconds: Int

    /// - Parameter seconds: Since 1970-01-01T00:00:00Z.
    init(_ seconds: Double, zone: TimestampZone) {
        // Beyond these the fields of `tm` overflow.
        let bounded = seconds.isNaN ? 0 : min(max(seconds, -62_135_596_800), 253_402_300_799)
        var whole = bounded.rounded(.down)
        var fraction = ((bounded - whole) * 1_000_000).rounded(.toNearestOrEven)
        if fraction >= 1_000_000 {
            fraction = 0
            whole += 1
        }
        var time = time_t(whole)
        var fields = tm()
        if zone == .local {
            tzset()
            localtime_r(&time, &fields)
        } else {
            gmtime_r(&time, &fields)
        }
        year = Int(fields.tm_year) + 1900
        month = Int(fields.tm_mon) + 1
        day = Int(fields.tm_mday)
        hour = Int(fields.tm_hour)
        minute = Int(fields.tm_min)
        second = Int(fields.tm_sec)
        microsecond = Int(fraction)
        offsetSeconds = zone == .local ? Int(fields.tm_gmtoff) : 0
    }

    /// The fields on the clocks of `timeZone`.
    init(_ seconds: Double, timeZone: TimeZone) {
        let offset = timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: seconds))
        self.init(seconds + Double(offset), zone: .universal)
        offsetSeconds = offset
    }

    /// `2026-11-23`.
    var date: String { "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))" }
    /// `08:25:09`.
    var clock: String { "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2))" }
    /// `+09:00`.
    var offset: String {
        let minutes = abs(offsetSeconds) / 60
        return (offsetSeconds < 0 ? "-" : "+") + padded(minutes / 60, 2) + ":" + padded(minutes % 60, 2)
    }
}

/// A number with zeros in front up to `width` digits.
func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// A moment as Python's `datetime.isoformat` writes it: microseconds only where there are some.
///
/// - Parameter seconds: Since 1970-01-01T00:00:00Z.
func isoTimestamp(_ seconds: Double, zone: TimestampZone, alwaysMicroseconds: Bool = false) -> String {
    let time = CalendarTime(seconds, zone: zone)
    let fraction = time.microsecond != 0 || alwaysMicroseconds ? "." + padded(time.microsecond, 6) : ""
    return time.date + "T" + time.clock + fraction + time.offset
}
