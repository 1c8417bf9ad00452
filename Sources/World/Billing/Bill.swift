// SPDX-License-Identifier: Apache-2.0

import GRDB

/// What an account has come to in the real service's prices, and what it comes to from now on.
public struct Bill: Sendable {
    /// One thing that costs, over the time of the bill.
    public struct Line: Sendable, Hashable {
        /// `SageMaker`, `S3`.
        public var service: String
        /// `notebook instances`.
        public var item: String
        /// The region's code.
        public var region: String
        /// The name of the endpoint, job, instance or bucket.
        public var resource: String
        /// The machine's type or the storage class; empty where there is none.
        public var detail: String
        /// The image repository of what ran; empty where nothing is known of it.
        public var algorithm: String
        /// How much was used.
        public var amount: Double
        /// How much of it is free for a new account.
        public var freeAmount: Double
        /// `hours`, `GB-months`, `requests`.
        public var unit: String
        /// For one unit; nil where no table has one.
        public var price: Price?

        /// What it costs.
        public var dollars: Double { max(0, amount - freeAmount) * (price?.dollars ?? 0) }
        /// Whether the price, or that a part is free, is in no public table.
        public var isEstimated: Bool { price?.isEstimated ?? true || freeAmount > 0 }
    }

    /// The account's ID.
    public let account: String
    /// World time.
    public let startTime: Double
    /// World time.
    public let endTime: Double
    /// What was used: dearest first.
    public private(set) var lines: [Line] = []
    /// What runs at the end, with what it costs in an hour: `amount` is 1.
    public private(set) var hourly: [Line] = []
    /// How much of each allowance of a new account has been used in the last of the months.
    public private(set) var allowances: [(allowance: FreeAllowance, used: Double)] = []

    /// The hours of a month, as prices by the month have it.
    public static let monthHours = 730.0
    private static let gigabyte = 1_073_741_824.0

    /// Works out what an account has used between two times of the world's clock.
    public init(of account: String, from start: Double, to end: Double, in database: Database) throws {
        self.account = account
        startTime = start
        endTime = end
        let creation = try Account.all(in: database).first { $0.id == account }?.creationTime ?? start
        let usage = try database.usage(of: account, since: start)
        let storage = try database.storage(of: account)
        let counts = try database.requestCounts(of: account)
        var sums: [Line: Int] = [:]
        for month in Month.all(from: start, to: end) {
            var remaining = FreeAllowance.all.filter { $0.holds(in: month, accountCreatedAt: creation) }.map { ($0, $0.amount) }
            let span = max(start, month.startTime)..<min(end, month.endTime)
            guard !span.isEmpty else { continue }
            var monthLines = usage.compactMap { Self.line($0, in: span) }
            monthLines += storage.compactMap { Self.line($0, in: span) }
            monthLines += counts.filter { $0.month == month.name }.map(Self.line)
            for var line in monthLines where line.amount > 0 {
                for index in remaining.indices where remaining[index].0.covers(line) {
                    let free = min(remaining[index].1, line.amount - line.freeAmount)
                    line.freeAmount += free
                    remaining[index].1 -= free
                }
                add(line, &sums)
            }
            allowances = remaining.map { ($0.0, $0.0.amount - $0.1) }.filter { $0.1 > 0 }
        }
        lines.sort { ($1.dollars, $0.service, $0.item, $0.resource) < ($0.dollars, $1.service, $1.item, $1.resource) }
        hourly =
            usage.filter { $0.endTime == nil }.map(Self.hourlyLine) + storage.compactMap { Self.hourlyLine($0, at: end) }
    }

    /// What all of it costs.
    public var dollars: Double { lines.reduce(0) { $0 + $1.dollars } }
    /// What runs at the end costs in an hour.
    public var hourlyDollars: Double { hourly.reduce(0) { $0 + $1.dollars } }

    /// Whether a part of what all of it costs is in no public table.
    public var isEstimated: Bool { lines.contains { $0.isEstimated && $0.dollars > 0 } }
    /// Whether a part of what an hour costs is in no public table.
    public var isHourlyEstimated: Bool { hourly.contains { $0.isEstimated && $0.dollars > 0 } }

    /// Adds to the line of the same thing.
    private mutating func add(_ line: Line, _ sums: inout [Line: Int]) {
        var key = line
        key.amount = 0
        key.freeAmount = 0
        if let index = sums[key] {
            lines[index].amount += line.amount
            lines[index].freeAmount += line.freeAmount
        } else {
            sums[key] = lines.count
            lines.append(line)
        }
    }

    // MARK: Lines

    private static func title(_ item: RunningUsage.Item) -> String {
        switch item {
        case .notebook: "notebook instances"
        case .notebookVolume: "notebook disks"
        case .training: "training jobs"
        case .transform: "transform jobs"
        case .hosting: "endpoints"
        }
    }

    private static func line(_ usage: Usage, in span: Range<Double>) -> Line? {
        let seconds = min(usage.endTime ?? .infinity, span.upperBound) - max(usage.startTime, span.lowerBound)
        guard seconds > 0 else { return nil }
        return line(usage, hours: seconds / 3600)
    }

    private static func line(_ usage: Usage, hours: Double) -> Line {
        let running = usage.running
        var line = Line(
            service: "SageMaker", item: title(running.item), region: usage.region, resource: usage.name, detail: running.detail,
            algorithm: running.algorithm, amount: hours * running.quantity, freeAmount: 0, unit: "hours",
            price: Price.hour(of: running.detail, in: usage.region))
        if !running.item.isMachines {
            line.unit = "GB-months"
            line.amount /= monthHours
            line.price = Price.volumeGigabyteMonth.inRegion(usage.region)
        }
        return line
    }

    private static func hourlyLine(_ usage: Usage) -> Line { perHour(line(usage, hours: 1)) }

    private static func line(_ storage: StorageLedger, in span: Range<Double>) -> Line? {
        let amount = storage.byteSeconds(in: span) / gigabyte / 3600 / monthHours
        guard amount > 0 else { return nil }
        return line(storage, amount: amount)
    }

    private static func line(_ storage: StorageLedger, amount: Double) -> Line {
        Line(
            service: "S3", item: "storage", region: storage.region, resource: storage.bucket, detail: storage.storageClass,
            algorithm: "", amount: amount, freeAmount: 0, unit: "GB-months",
            price: Price.gigabyteMonth(inClass: storage.storageClass).inRegion(storage.region))
    }

    private static func hourlyLine(_ storage: StorageLedger, at time: Double) -> Line? {
        let bytes = Double(storage.bytes)
        guard bytes > 0 else { return nil }
        return perHour(line(storage, amount: bytes / gigabyte / monthHours))
    }

    private static func line(_ count: RequestCount) -> Line {
        Line(
            service: "S3", item: "requests", region: count.region, resource: count.bucket,
            detail: count.kind == .write ? "PUT, COPY, POST, LIST" : "GET and others", algorithm: "", amount: Double(count.count),
            freeAmount: 0, unit: "requests", price: Price.request(count.kind).inRegion(count.region))
    }

    /// One unit of an hour of what `line` says for an hour.
    private static func perHour(_ line: Line) -> Line {
        var line = line
        line.price = line.price.map { Price($0.dollars * line.amount, isEstimated: $0.isEstimated) }
        line.amount = 1
        line.unit = "hours"
        return line
    }
}
