// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// How much of something an account may have in a region.
struct Quota: Sendable, Hashable {
    /// `sagemaker`, `s3`, as Service Quotas names services.
    var serviceCode: String
    /// `ml.c4.xlarge for training job usage`.
    var name: String
    /// `L-85D4BAF3`.
    var code: String
    /// What every account has.
    var defaultValue: Double
    /// What an account of a new world has been granted: the default, or what the workshop asks its students to apply for.
    var grantedValue: Double
    /// The use, where it is about one type of instances: `training job usage`.
    var use: String?

    /// All quotas, by service, then by name.
    static let all: [Quota] = (general + instances).sorted { ($0.serviceCode, $0.name) < ($1.serviceCode, $1.name) }

    /// The quota on instances of a type for one use, such as `training job usage`; nil where there is none.
    static func instances(of type: String, for use: String) -> Quota? {
        guard type.hasPrefix("ml."), let line = instanceLines.first(where: { $0.hasPrefix(use + "|") }) else { return nil }
        let key = type.dropFirst(3) + "="
        guard let entry = line.dropFirst(use.utf8.count + 1).split(separator: " ").first(where: { $0.hasPrefix(key) }) else {
            return nil
        }
        return instanceQuota(entry, use: use)
    }

    /// The quota of that name among those that are not about one instance type.
    static func named(_ name: String, service: String = "sagemaker") -> Quota? {
        general.first { $0.name == name && $0.serviceCode == service }
    }

    private static let instanceLines = QuotaTable.instances.split(separator: "\n")

    private static let general: [Quota] = QuotaTable.general.split(separator: "\n").compactMap { line in
        let parts = line.split(separator: " ", maxSplits: 3)
        guard parts.count == 4, let value = Double(parts[2]) else { return nil }
        let name = String(parts[3])
        return Quota(
            serviceCode: String(parts[0]), name: name, code: String(parts[1]), defaultValue: value,
            grantedValue: max(value, name.hasPrefix("Number of instances across") ? workshopInstanceCount : value))
    }

    private static var instances: [Quota] {
        instanceLines.flatMap { line -> [Quota] in
            let parts = line.split(separator: "|", maxSplits: 1)
            guard parts.count == 2 else { return [] }
            return parts[1].split(separator: " ").compactMap { instanceQuota($0, use: String(parts[0])) }
        }
    }

    private static func instanceQuota(_ entry: Substring, use: String) -> Quota? {
        let parts = entry.split { $0 == "=" || $0 == ":" }
        guard parts.count == 3, let value = Double(parts[2]) else { return nil }
        let isGeneralPurpose = ["c4.", "c5.", "m4.", "m5.", "t2.", "t3."].contains { parts[0].hasPrefix($0) }
        return Quota(
            serviceCode: "sagemaker", name: "ml.\(parts[0]) for \(use)", code: "L-\(parts[1])", defaultValue: value,
            grantedValue: isGeneralPurpose ? max(value, workshopInstanceCount) : value, use: use)
    }

    /// What a student has to know of it: where this world's accounts have more than a new account of AWS's, and what is not counted.
    var note: String? {
        let amount =
            grantedValue == defaultValue
            ? nil
            : "Accounts of this world have \(Int(grantedValue)) from the start; AWS's default is \(Int(defaultValue))."
        let enforcement = isEnforced ? nil : "This world shows it and does not enforce it."
        let parts = [amount, enforcement].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }

    /// Whether something is refused here because of it.
    var isEnforced: Bool {
        use.map { !["training warm pool usage", "cluster usage"].contains($0) } ?? QuotaTable.enforced.contains(name)
    }

    /// So many machines without accelerators an account of a new world may have of each type, where its default is less: accounts of
    /// the workshop's time had that many, and several of its labs could not be run with today's defaults.
    private static let workshopInstanceCount = 20.0
}

extension Quota {
    /// Whether it holds for the account in all regions together.
    var isGlobal: Bool { serviceCode == "iam" || name == "General purpose buckets" }

    /// Where requests to raise it are kept.
    func home(_ scope: Scope) -> Scope { isGlobal ? Scope(account: scope.account, region: "") : scope }

    /// What holds for that account and region.
    func appliedValue(in scope: Scope, _ database: Database) throws -> Double {
        try appliedValue(requests: try database.quotaRequests(in: home(scope)), now: try database.clock().now())
    }

    /// What holds where these requests have been made.
    func appliedValue(requests: [QuotaRequestRecord], now: Double) throws -> Double {
        let granted = requests.filter { $0.quotaCode == code && $0.status(at: now) == .approved }.map(\.desiredValue)
        return granted.reduce(grantedValue, max)
    }

    /// Checks that `requested` more fit beside the `used` ones.
    ///
    /// - Parameter unit: what is counted, as the message has it.
    /// - Throws: `ServiceError` ResourceLimitExceeded.
    func check(used: Int, requested: Int, unit: String = "Instances", in scope: Scope, _ database: Database) throws {
        let limit = try appliedValue(in: scope, database)
        guard Double(used + requested) > limit else { return }
        throw ServiceError(
            "ResourceLimitExceeded",
            "The account-level service limit '\(name)' is \(Int(limit)) \(unit), with current utilization of \(used) \(unit) and a "
                + "request delta of \(requested) \(unit). Please use AWS Service Quotas to request an increase for this quota. If AWS "
                + "Service Quotas is not available, contact AWS support to request an increase for this quota.")
    }
}

extension Database {
    /// How many of something an account may have.
    ///
    /// - Parameters:
    ///   - name: a quota that is not about one instance type.
    ///   - service: as Service Quotas names it.
    /// - Returns: nil where there is no quota of that name.
    func quotaValue(_ name: String, service: String, in scope: Scope) throws -> Int? {
        try Quota.named(name, service: service).map { Int(try $0.appliedValue(in: scope, self)) }
    }
}
