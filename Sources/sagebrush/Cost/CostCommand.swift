// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Services
import Wire
import World

/// `cost`: what an account would have cost so far in the real service, and what it would cost from now on.
struct CostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cost",
        abstract: "Shows what all this would have cost in the real service, and what it would cost from now on.",
        discussion: """
            Time is the world's: `clock advance 12h` shows what a forgotten endpoint comes to over night. Prices are those of \
            public tables; what none has is marked as estimated.
            """)

    @OptionGroup var options: ProgramOptions

    @Option(help: ArgumentHelp("service, resource (one line each), or lab.", valueName: "what"))
    var by: CostGrouping = .service

    @Option(
        help: ArgumentHelp(
            "One month of the calendar, such as 2026-11; without it, all since the account was made.", valueName: "month"))
    var month: String?

    func run() async throws {
        let session = try Session.open(options.effective)
        try session.checkIsHere("cost")
        let account = session.context.account
        await session.settle()
        let bill = try session.bill(month: try month.map(CostCommand.month))
        let clock = try session.world.store.read { try $0.clock() }
        print(CostReport(bill: bill, grouping: by, clock: clock, account: account).text, terminator: "")
    }

    private static func month(_ text: String) throws -> Month {
        guard let month = Month(text) else { throw UsageError("\"\(text)\" is not a month: write it as 2026-11.") }
        return month
    }
}

/// What the lines of a bill are put together by.
enum CostGrouping: String, ExpressibleByArgument, CaseIterable {
    case service, resource, lab
}

extension Session {
    /// Moves on what only waited for time to pass, in the region at hand and all others: a request does.
    func settle() async {
        _ = try? await dispatcher.send(
            ServiceRequest(
                service: "sagemaker", operation: "ListEndpoints", input: ["MaxResults": 1], credentials: effectiveCredentials,
                region: context.region))
    }

    /// The bill of the session's account: of one month, or of all time.
    func bill(month: Month? = nil) throws -> Bill {
        let account = context.account
        dispatcher.meter.flush()
        return try world.store.write { database in
            try database.resumeUsage(of: account)
            let now = try database.clock().now()
            let creation = try Account.all(in: database).first { $0.id == account }?.creationTime ?? now
            let start = max(month?.startTime ?? creation, min(creation, now))
            return try Bill(of: account, from: start, to: min(month?.endTime ?? now, now), in: database)
        }
    }
}

/// A bill as text.
struct CostReport {
    var bill: Bill
    var grouping: CostGrouping
    var clock: Clock
    var account: String

    /// So many lines of a list are shown.
    private static let shown = 40

    var text: String {
        let start = Date(timeIntervalSince1970: bill.startTime).formatted(.iso8601)
        let end = Date(timeIntervalSince1970: bill.endTime).formatted(.iso8601)
        var text =
            "Account \(account), \(start) to \(end) (\(CostText.duration(bill.endTime - bill.startTime)) of the world's clock)\n"
        text += "In the real service this would have cost (nothing is charged here):\n"
        text += bill.lines.isEmpty ? "  nothing yet\n" : table
        return text + allowances + fromNowOn
    }

    // MARK: So far

    private var table: String {
        var rows: [[String]] = []
        for (title, lines) in groups {
            for (index, line) in lines.prefix(Self.shown).enumerated() {
                rows.append([index == 0 ? title : ""] + cells(line))
            }
            if lines.count > Self.shown { rows.append(["", "… and \(lines.count - Self.shown) more", "", "", "", ""]) }
            if groups.count > 1 {
                rows.append(["", "", "", "", "", CostText.dollars(lines.reduce(0) { $0 + $1.dollars }) + " together"])
            }
        }
        let isEstimated = bill.lines.contains { $0.isEstimated && $0.amount > 0 }
        rows.append(["all", "", "", "", "", CostText.dollars(bill.dollars) + (isEstimated ? " (part of it estimated)" : "")])
        return TextTable.text(rows, rightAligned: [3])
    }

    private func cells(_ line: Bill.Line) -> [String] {
        let price = line.price == nil ? "no price known" : CostText.dollars(line.dollars) + (line.isEstimated ? " estimated" : "")
        let amount = CostText.amount(line.amount, line.unit)
        let name = grouping == .service ? line.item : "\(line.item) \(line.resource)"
        return [name, line.detail, line.region, amount, price + (line.freeAmount > 0 ? ", \(free(line))" : "")]
    }

    private func free(_ line: Bill.Line) -> String {
        line.freeAmount >= line.amount * 0.999_999 ? "free" : CostText.amount(line.freeAmount, line.unit) + " free"
    }

    /// The lines below their titles: dearest group first.
    private var groups: [(title: String, lines: [Bill.Line])] {
        var lines = bill.lines
        if grouping == .service { lines = merged(lines) }
        let byTitle = Dictionary(grouping: lines, by: title)
        return byTitle.map { ($0.key, $0.value) }.sorted {
            let (first, second) = ($0.lines.reduce(0) { $0 + $1.dollars }, $1.lines.reduce(0) { $0 + $1.dollars })
            return first == second ? $0.title < $1.title : first > second
        }
    }

    private func title(_ line: Bill.Line) -> String {
        switch grouping {
        case .service, .resource: line.service
        case .lab: WorkshopLab.title(algorithm: line.algorithm)
        }
    }

    /// One line for all resources of a kind.
    private func merged(_ lines: [Bill.Line]) -> [Bill.Line] {
        var merged: [Bill.Line] = []
        for var line in lines {
            line.resource = ""
            line.algorithm = ""
            let index = merged.firstIndex {
                ($0.service, $0.item, $0.region, $0.detail, $0.price) == (
                    line.service, line.item, line.region, line.detail, line.price
                )
            }
            if let index {
                merged[index].amount += line.amount
                merged[index].freeAmount += line.freeAmount
            } else {
                merged.append(line)
            }
        }
        return merged
    }

    // MARK: Free tier, and what is to come

    private var allowances: String {
        guard !bill.allowances.isEmpty else { return "" }
        let parts = bill.allowances.map { allowance, used in
            let details = allowance.details.joined(separator: " or ")
            return "  \(allowance.item) (\(details)): \(CostText.amount(used, allowance.unit)) of "
                + "\(CostText.amount(allowance.amount, allowance.unit)) a month\n"
        }
        return "Free in a new account's first months (estimated), used this month:\n" + parts.joined()
    }

    private var fromNowOn: String {
        guard !bill.hourly.isEmpty else { return "From now on: nothing runs and nothing is stored that would cost.\n" }
        let rows = bill.hourly.sorted { $0.dollars > $1.dollars }.prefix(Self.shown).map { line in
            [
                line.item, line.resource, line.detail, line.region,
                line.price == nil
                    ? "no price known" : CostText.dollars(line.dollars) + " an hour" + (line.isEstimated ? " estimated" : ""),
            ]
        }
        let hour = bill.hourlyDollars
        return "From now on \(CostText.dollars(hour)) an hour, \(CostText.dollars(hour * 24)) a day, "
            + "\(CostText.dollars(hour * Bill.monthHours)) a month, without what is free\(bill.isHourlyEstimated ? " (part of it estimated)" : ""):\n"
            + TextTable.text(Array(rows))
            + (bill.hourly.contains { $0.service == "SageMaker" } ? "What to switch off, and in which order: cleanup\n" : "")
    }
}

/// The labs of the workshop, by the algorithm that each of them trains.
enum WorkshopLab {
    /// `lab 1, linear-learner`; what serves all of them has no algorithm.
    static func title(algorithm: String) -> String {
        let labs = [
            "linear-learner": "lab 1", "factorization-machines": "lab 1", "sagemaker-tensorflow": "lab 2",
            "image-classification": "lab 2",
            "decision-trees-sample": "lab 3", "kmeans": "lab 4",
        ]
        if algorithm.isEmpty { return "all labs" }
        return labs[algorithm].map { "\($0), \(algorithm)" } ?? algorithm
    }
}

/// Amounts as people read them.
enum CostText {
    /// `$1.23`; four digits after the point below a cent.
    static func dollars(_ dollars: Double) -> String {
        if dollars > 0, dollars < 0.00005 { return "under $0.0001" }
        return "$" + RunningCost.amount(dollars)
    }

    /// `12.5 hours`, `1,234 requests`.
    static func amount(_ amount: Double, _ unit: String) -> String {
        let singular = String(unit.dropLast())
        if unit == "requests" { return "\(Int(amount)) \(amount == 1 ? singular : unit)" }
        if amount == amount.rounded(), amount < 1e9 { return "\(Int(amount)) \(amount == 1 ? singular : unit)" }
        if unit == "hours", amount < 0.1 { return String(format: "%.0f seconds", max(1, amount * 3600)) }
        return String(format: amount < 0.01 ? "%.6f %@" : "%.2f %@", amount, unit)
    }

    /// `12 h 5 min`.
    static func duration(_ seconds: Double) -> String {
        let minutes = Int(max(0, seconds) / 60)
        if minutes < 1 { return "\(Int(max(0, seconds))) s" }
        if minutes < 60 { return "\(minutes) min" }
        if minutes < 48 * 60 { return "\(minutes / 60) h \(minutes % 60) min" }
        return "\(minutes / 1440) days \(minutes / 60 % 24) h"
    }
}
