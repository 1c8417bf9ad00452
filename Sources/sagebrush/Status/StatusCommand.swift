// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Services
import Wire
import World

/// `status`: what exists, what runs and what it would cost, what to clean up.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows what exists, what runs and what it would cost, and what to clean up.")

    @OptionGroup var options: ProgramOptions

    func run() async throws {
        let session = try Session.open(options.effective)
        try session.checkIsHere("status")
        let context = session.context
        await session.settle()
        let inventory = try session.world.store.read { try AccountInventory(of: context.account, in: $0) }
        let plan = try CleanupPlan(account: context.account, region: context.region, in: session.world.store)
        let report = StatusReport(
            account: context.account, region: context.region, inventory: inventory, cleanUpCommands: plan.commands)
        print(report.text, terminator: "")
    }
}

/// What an account has, as text.
struct StatusReport {
    var account: String
    var region: String
    var inventory: AccountInventory
    var cleanUpCommands: [String]

    /// So many lines of a list are shown.
    private static let shown = 8

    var text: String {
        var text = "Account \(account) in all regions, \(region) here; clock \(inventory.clock.mode)\n\n"
        text += storage
        for service in services { text += line(service.title, service.things) }
        if inventory.buckets.isEmpty, services.isEmpty { text += "Nothing yet.\n" }
        return text + costs + cleanUp
    }

    private func line(_ title: String, _ text: String) -> String {
        title.padding(toLength: max(14, title.count + 1), withPad: " ", startingAt: 0) + text + "\n"
    }

    // MARK: What exists

    private var storage: String {
        guard !inventory.buckets.isEmpty else { return "" }
        let bytes = inventory.buckets.reduce(0) { $0 + $1.byteCount }
        let objects = inventory.buckets.reduce(0) { $0 + $1.objectCount }
        var text = line(
            "S3", "\(Self.counted(inventory.buckets.count, "bucket")), \(Self.counted(objects, "object")), \(Self.size(bytes))")
        let width = inventory.buckets.prefix(Self.shown).map(\.name.count).max() ?? 0
        for bucket in inventory.buckets.prefix(Self.shown) {
            text += line(
                "",
                bucket.name.padding(toLength: width + 2, withPad: " ", startingAt: 0)
                    + "\(bucket.region)  \(Self.counted(bucket.objectCount, "object"))  \(Self.size(bucket.byteCount))")
        }
        if inventory.buckets.count > Self.shown { text += line("", "… and \(inventory.buckets.count - Self.shown) more") }
        return text
    }

    /// The services that have something, by name: `SageMaker`, `2 training jobs Completed, 1 model`.
    private var services: [(title: String, things: String)] {
        let titles = ["iam": "IAM", "sagemaker": "SageMaker", "ecr": "ECR", "logs": "Logs", "cloudwatch": "CloudWatch"]
        var byService: [String: [(String, Int)]] = [:]
        for ((kind, status), count) in merged {
            let parts = kind.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2, !Self.hiddenServices.contains(parts[0]) else { continue }
            let noun = parts[1].replacingOccurrences(of: "-", with: " ")
            byService[parts[0], default: []].append((Self.counted(count, noun) + (status.isEmpty ? "" : " " + status), count))
        }
        return byService.sorted { $0.key < $1.key }.map { (titles[$0.key] ?? $0.key, $0.value.map(\.0).joined(separator: ", ")) }
    }

    /// Services whose records are settings rather than things.
    private static let hiddenServices: Set<String> = ["servicequotas"]

    private var merged: [((kind: String, status: String), Int)] {
        var sums: [[String]: Int] = [:]
        for count in inventory.counts { sums[[count.kind, count.status], default: 0] += count.count }
        return sums.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { (($0.key[0], $0.key[1]), $0.value) }
    }

    // MARK: What it costs

    private var costs: String {
        guard !inventory.machines.isEmpty else { return "\nNothing runs that would cost by the hour.\n" }
        let text = "\nBy the hour in the real service (nothing is charged here):\n"
        var rows = inventory.machines.map { machine in
            [
                machine.purpose.rawValue, machine.name + (machine.variant.map { "/" + $0 } ?? ""), machine.region,
                machine.instanceType.map { "\(machine.count) × \($0)" } ?? "on demand",
                machine.hourlyPrice.map { "$" + RunningCost.amount($0.dollars) + ($0.isEstimated ? " estimated" : "") }
                    ?? "no price known",
            ]
        }
        let sum = inventory.machines.reduce(0) { $0 + ($1.hourlyPrice?.dollars ?? 0) }
        let isEstimated = inventory.machines.contains { $0.hourlyPrice?.isEstimated == true }
        rows.append([
            "together", "", "", "",
            "$\(RunningCost.amount(sum)), $\(RunningCost.amount(sum * 24)) a day" + (isEstimated ? ", part of it estimated" : ""),
        ])
        return text + TextTable.text(rows)
    }

    // MARK: What to clean up

    private var cleanUp: String {
        guard !cleanUpCommands.isEmpty else { return "" }
        var text = "\nTo clean up (cleanup --yes does all of it):\n"
        for command in cleanUpCommands.prefix(2 * Self.shown) { text += "  \(command)\n" }
        if cleanUpCommands.count > 2 * Self.shown {
            text += "  … and \(cleanUpCommands.count - 2 * Self.shown) more: see cleanup\n"
        }
        return text
    }

    // MARK: Words

    private static func counted(_ count: Int, _ noun: String) -> String {
        let isPlural = count != 1
        let plural = noun.hasSuffix("y") ? noun.dropLast() + "ies" : noun + "s"
        return "\(count) \(isPlural ? String(plural) : noun)"
    }

    private static func size(_ bytes: Int) -> String {
        var amount = Double(bytes)
        for unit in ["bytes", "KiB", "MiB", "GiB"] {
            if amount < 1024 { return unit == "bytes" ? "\(bytes) bytes" : String(format: "%.1f %@", amount, unit) }
            amount /= 1024
        }
        return String(format: "%.1f TiB", amount)
    }
}
