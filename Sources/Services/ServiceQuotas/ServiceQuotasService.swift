// SPDX-License-Identifier: Apache-2.0

import Wire
import World

/// Service Quotas: how much of everything an account may have.
public enum ServiceQuotasService {
    /// The operations, a row each.
    public static let table = ServiceTable(
        service: "service-quotas", prefix: "servicequotas",
        [
            OperationRow(ListServices.self), OperationRow(ListServiceQuotas.self), OperationRow(ListAWSDefaultServiceQuotas.self),
            OperationRow(GetServiceQuota.self, .template("{ServiceCode}/{QuotaCode}")),
            OperationRow(GetAWSDefaultServiceQuota.self),
            OperationRow(RequestServiceQuotaIncrease.self, .template("{ServiceCode}/{QuotaCode}")),
            OperationRow(GetRequestedServiceQuotaChange.self), OperationRow(ListRequestedServiceQuotaChangeHistory.self),
            OperationRow(ListRequestedServiceQuotaChangeHistoryByQuota.self),
        ])
}

/// What the service's operations share.
enum ServiceQuotas {
    static let names = [
        "ecr": "Amazon Elastic Container Registry (Amazon ECR)", "iam": "AWS Identity and Access Management (IAM)",
        "logs": "Amazon CloudWatch Logs", "monitoring": "Amazon CloudWatch", "s3": "Amazon Simple Storage Service (Amazon S3)",
        "sagemaker": "Amazon SageMaker",
    ]

    static let noQuota = ServiceError(
        "NoSuchResourceException", "The request failed because the specified quota does not exist.", status: 400)
    static let noService = ServiceError(
        "NoSuchResourceException", "The request failed because the specified service does not exist.", status: 400)

    static func quotas(ofService code: String) throws -> [Quota] {
        guard names[code] != nil else { throw noService }
        return Quota.all.filter { $0.serviceCode == code }
    }

    static func quota(service: String, code: String) throws -> Quota {
        guard let quota = try quotas(ofService: service).first(where: { $0.code == code }) else { throw noQuota }
        return quota
    }
}

/// The shape `ServiceQuota`.
struct ServiceQuotaShape: Encodable, Sendable {
    var serviceCode: String
    var serviceName: String
    var quotaArn: String
    var quotaCode: String
    var quotaName: String
    var value: Double
    var unit: String
    var adjustable: Bool
    var globalQuota: Bool
    var quotaAppliedAtLevel: String
    var description: String?

    /// - Parameter isDefault: whether it is about what every account has.
    init(_ quota: Quota, value: Double, isDefault: Bool = false, _ call: Call) {
        serviceCode = quota.serviceCode
        serviceName = ServiceQuotas.names[quota.serviceCode] ?? quota.serviceCode
        quotaArn = quota.arn(call, isDefault: isDefault)
        quotaCode = quota.code
        quotaName = quota.name
        self.value = value
        unit = "None"
        adjustable = true
        globalQuota = quota.isGlobal
        quotaAppliedAtLevel = "ACCOUNT"
        description = isDefault ? nil : quota.note
    }
}

extension Quota {
    /// The quota's ARN in the caller's account and region; that of a default has no account.
    func arn(_ call: Call, isDefault: Bool = false) -> String {
        ARN(
            service: "servicequotas", region: isGlobal ? "" : call.region, account: isDefault ? "" : call.account,
            resource: "\(serviceCode)/\(code)"
        ).description
    }
}

/// One page of quotas.
struct ServiceQuotaPage: Encodable, Sendable {
    var nextToken: String?
    var quotas: [ServiceQuotaShape]

    init(
        _ quotas: [Quota], _ input: ServiceCodeInput, isDefault: Bool = false, _ call: Call, value: (Quota) throws -> Double
    ) throws {
        let start = min(try input.nextToken.map { try PageToken.offset($0, list: "quota") } ?? 0, quotas.count)
        let end = min(start + (input.maxResults ?? 100), quotas.count)
        self.quotas = try quotas[start..<end].map { ServiceQuotaShape($0, value: try value($0), isDefault: isDefault, call) }
        nextToken = end < quotas.count ? PageToken.text(offset: end, list: "quota") : nil
    }
}

/// An input that names a service.
struct ServiceCodeInput: Decodable, Sendable {
    var serviceCode: String
    var quotaCode: String?
    var nextToken: String?
    var maxResults: Int?
}

/// An input that names a quota.
struct QuotaCodeInput: Decodable, Sendable {
    var serviceCode: String
    var quotaCode: String
}

/// Lists the services that have quotas here.
enum ListServices: Operation {
    struct Service: Encodable, Sendable {
        var serviceCode: String
        var serviceName: String
    }

    struct Output: Encodable, Sendable {
        var services: [Service]
    }

    static func handle(_ input: Empty, _ call: Call) async throws -> Output {
        Output(services: ServiceQuotas.names.sorted { $0.key < $1.key }.map { Service(serviceCode: $0.key, serviceName: $0.value) })
    }
}

/// Lists what holds for the account.
enum ListServiceQuotas: Operation {
    static func handle(_ input: ServiceCodeInput, _ call: Call) async throws -> ServiceQuotaPage {
        let quotas = try ServiceQuotas.quotas(ofService: input.serviceCode).filter {
            input.quotaCode == nil || input.quotaCode == $0.code
        }
        let requests = try QuotaHistory.requests(call)
        return try ServiceQuotaPage(quotas, input, call) { try $0.appliedValue(requests: requests, now: call.now) }
    }
}

/// Lists what every account has.
enum ListAWSDefaultServiceQuotas: Operation {
    static func handle(_ input: ServiceCodeInput, _ call: Call) async throws -> ServiceQuotaPage {
        try ServiceQuotaPage(try ServiceQuotas.quotas(ofService: input.serviceCode), input, isDefault: true, call) {
            $0.defaultValue
        }
    }
}

/// Shows what holds for the account.
enum GetServiceQuota: Operation {
    struct Output: Encodable, Sendable {
        var quota: ServiceQuotaShape
    }

    static func handle(_ input: QuotaCodeInput, _ call: Call) async throws -> Output {
        let quota = try ServiceQuotas.quota(service: input.serviceCode, code: input.quotaCode)
        return Output(
            quota: ServiceQuotaShape(quota, value: try call.world.store.read { try quota.appliedValue(in: call.scope, $0) }, call))
    }
}

/// Shows what every account has.
enum GetAWSDefaultServiceQuota: Operation {
    static func handle(_ input: QuotaCodeInput, _ call: Call) async throws -> GetServiceQuota.Output {
        let quota = try ServiceQuotas.quota(service: input.serviceCode, code: input.quotaCode)
        return GetServiceQuota.Output(quota: ServiceQuotaShape(quota, value: quota.defaultValue, isDefault: true, call))
    }
}
