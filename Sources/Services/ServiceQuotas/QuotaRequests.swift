// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// A request to raise a quota.
///
/// Here nobody reads it: it is approved after the minutes that the real service takes for small ones, on the world's clock.
struct QuotaRequestRecord: ResourceRecord {
    static let kind = "servicequotas:request"

    /// How far it is, as the service names it.
    enum Status: String, Codable {
        case pending = "PENDING"
        case approved = "APPROVED"
    }

    /// The request's id.
    var name: String
    /// The quota's ARN.
    var arn: String
    var serviceCode: String
    var quotaCode: String
    var desiredValue: Double
    /// Who asked: an account and an ARN, as JSON.
    var requester: String
    var creationTime: Double
    /// World time at which it is approved.
    var approvalTime: Double
    var lastModifiedTime: Double { approvalTime }
    var status: String { "" }
    var dueTime: Double? { nil }

    /// How far it is at a time of the world's clock.
    func status(at now: Double) -> Status { now >= approvalTime ? .approved : .pending }

    /// How long the real service takes, in seconds.
    static let approvalSeconds = 900.0

    /// The shape `RequestedServiceQuotaChange`.
    func change(status: Status, at now: Double) -> QuotaChange {
        let quota = Quota.all.first { $0.serviceCode == serviceCode && $0.code == quotaCode }
        return QuotaChange(
            id: name, serviceCode: serviceCode, serviceName: ServiceQuotas.names[serviceCode] ?? serviceCode, quotaCode: quotaCode,
            quotaName: quota?.name ?? quotaCode, desiredValue: desiredValue, status: status.rawValue,
            created: .timestamp(creationTime), lastUpdated: .timestamp(status == .approved ? approvalTime : creationTime),
            requester: requester, quotaArn: arn, globalQuota: quota?.isGlobal ?? false, unit: "None",
            quotaRequestedAtLevel: "ACCOUNT")
    }
}

extension Database {
    /// The requests of an account in a region, newest first.
    func quotaRequests(in scope: Scope) throws -> [QuotaRequestRecord] {
        try resources(QuotaRequestRecord.self, in: scope, matching: ResourceQuery()).records.sorted {
            ($0.creationTime, $0.name) > ($1.creationTime, $1.name)
        }
    }
}

/// The shape `RequestedServiceQuotaChange`.
struct QuotaChange: Encodable, Sendable {
    var id: String
    var serviceCode: String
    var serviceName: String
    var quotaCode: String
    var quotaName: String
    var desiredValue: Double
    var status: String
    var created: Value
    var lastUpdated: Value
    var requester: String
    var quotaArn: String
    var globalQuota: Bool
    var unit: String
    var quotaRequestedAtLevel: String
}

/// An output with one request.
struct QuotaChangeOutput: Encodable, Sendable {
    var requestedQuota: QuotaChange
}

/// Asks for more of something; one request a quota can be open at once.
enum RequestServiceQuotaIncrease: Operation {
    struct Input: Decodable, Sendable {
        var serviceCode: String
        var quotaCode: String
        var desiredValue: Double
    }

    static func handle(_ input: Input, _ call: Call) async throws -> QuotaChangeOutput {
        let quota = try ServiceQuotas.quota(service: input.serviceCode, code: input.quotaCode)
        let record = QuotaRequestRecord(
            name: call.requestID.filter { $0 != "-" }, arn: quota.arn(call), serviceCode: quota.serviceCode, quotaCode: quota.code,
            desiredValue: input.desiredValue,
            requester: "{\"accountId\":\"\(call.account)\",\"callerArn\":\"\(call.principal.arn)\"}", creationTime: call.now,
            approvalTime: call.now + call.clock.wait(QuotaRequestRecord.approvalSeconds))
        try call.world.store.write { database in
            let requests = try database.quotaRequests(in: quota.home(call.scope))
            guard !requests.contains(where: { $0.quotaCode == quota.code && $0.status(at: call.now) == .pending }) else {
                throw ServiceError(
                    "ResourceAlreadyExistsException", "Only one open service quota increase request is allowed per quota.",
                    status: 400)
            }
            guard input.desiredValue > (try quota.appliedValue(requests: requests, now: call.now)) else {
                throw ServiceError(
                    "IllegalArgumentException", "You must provide a quota value greater than the current quota value.", status: 400)
            }
            _ = try database.insertResource(record, in: quota.home(call.scope))
        }
        return QuotaChangeOutput(requestedQuota: record.change(status: .pending, at: call.now))
    }
}

/// Shows a request.
enum GetRequestedServiceQuotaChange: Operation {
    struct Input: Decodable, Sendable {
        var requestId: String
    }

    static func handle(_ input: Input, _ call: Call) async throws -> QuotaChangeOutput {
        let requests = try QuotaHistory.requests(call)
        guard let record = requests.first(where: { $0.name == input.requestId }) else {
            throw ServiceError(
                "NoSuchResourceException", "The request failed because the specified quota request does not exist.", status: 400)
        }
        return QuotaChangeOutput(requestedQuota: record.change(status: record.status(at: call.now), at: call.now))
    }
}

/// What the two lists of requests share.
enum QuotaHistory {
    struct Input: Decodable, Sendable {
        var serviceCode: String?
        var quotaCode: String?
        var status: String?
        var nextToken: String?
        var maxResults: Int?
    }

    struct Output: Encodable, Sendable {
        var nextToken: String?
        var requestedQuotas: [QuotaChange]
    }

    /// Those for the region and those for all regions, newest first.
    static func requests(_ call: Call) throws -> [QuotaRequestRecord] {
        try call.world.store.read { database in
            try database.quotaRequests(in: call.scope) + database.quotaRequests(in: Scope(account: call.account, region: ""))
        }
    }

    static func list(_ input: Input, _ call: Call) throws -> Output {
        if let service = input.serviceCode {
            let quotas = try ServiceQuotas.quotas(ofService: service)
            if let code = input.quotaCode, !quotas.contains(where: { $0.code == code }) { throw ServiceQuotas.noQuota }
        }
        let changes = try requests(call).filter {
            (input.serviceCode == nil || input.serviceCode == $0.serviceCode)
                && (input.quotaCode == nil || input.quotaCode == $0.quotaCode)
                && (input.status == nil || input.status == $0.status(at: call.now).rawValue)
        }
        let start = min(try input.nextToken.map { try PageToken.offset($0, list: "quota-request") } ?? 0, changes.count)
        let end = min(start + (input.maxResults ?? 100), changes.count)
        return Output(
            nextToken: end < changes.count ? PageToken.text(offset: end, list: "quota-request") : nil,
            requestedQuotas: changes[start..<end].map { $0.change(status: $0.status(at: call.now), at: call.now) })
    }
}

/// Lists the requests of the account, of all services or one.
enum ListRequestedServiceQuotaChangeHistory: Operation {
    static func handle(_ input: QuotaHistory.Input, _ call: Call) async throws -> QuotaHistory.Output {
        try QuotaHistory.list(input, call)
    }
}

/// Lists the requests for one quota.
enum ListRequestedServiceQuotaChangeHistoryByQuota: Operation {
    static func handle(_ input: QuotaHistory.Input, _ call: Call) async throws -> QuotaHistory.Output {
        try QuotaHistory.list(input, call)
    }
}
