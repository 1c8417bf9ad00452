// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// The report that the account asked for last.
struct CredentialReportRecord: ResourceRecord {
    static let kind = "iam:credential-report"
    /// A report is made anew when it is this old, in seconds.
    static let lifetimeSeconds = 4 * 3600.0

    var name = "report"
    var arn: String
    var creationTime: Double
    var lastModifiedTime: Double
    /// False between the first and the second request for it.
    var isReady: Bool

    static func find(_ call: Call, in database: Database) throws -> CredentialReportRecord? {
        try database.resource(CredentialReportRecord.self, named: "report", in: call.globalScope)
    }
}

/// Asks for a report; it is ready at the next request.
enum GenerateCredentialReport: Operation {
    static func handle(_ input: Empty, _ call: Call) async throws -> Value {
        try call.world.store.write { database in
            if var report = try CredentialReportRecord.find(call, in: database),
                call.now - report.creationTime < CredentialReportRecord.lifetimeSeconds
            {
                report.isReady = true
                try database.updateResource(report, in: call.globalScope)
                return ["State": "COMPLETE"]
            }
            let report = CredentialReportRecord(
                arn: "arn:aws:iam::\(call.account):credential-report", creationTime: call.now, lastModifiedTime: call.now,
                isReady: false)
            try database.deleteResource(report, in: call.globalScope)
            _ = try database.insertResource(report, in: call.globalScope)
            return ["State": "STARTED", "Description": "No report exists. Starting a new report generation task"]
        }
    }
}

/// Gives the report: a table of all users and how they sign in.
enum GetCredentialReport: Operation {
    private static let columns = [
        "user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
        "password_next_rotation", "mfa_active", "access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date",
        "access_key_1_last_used_region", "access_key_1_last_used_service", "access_key_2_active", "access_key_2_last_rotated",
        "access_key_2_last_used_date", "access_key_2_last_used_region", "access_key_2_last_used_service", "cert_1_active",
        "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated",
    ]

    static func handle(_ input: Empty, _ call: Call) async throws -> Value {
        try call.world.store.read { database in
            guard let report = try CredentialReportRecord.find(call, in: database), report.isReady else {
                throw ServiceError("ReportNotPresent", "No report exists. Use GenerateCredentialReport to create one.", status: 410)
            }
            let policy = try PasswordPolicyRecord.find(call, in: database)
            let account = try Account.all(in: database).first { $0.id == call.account }
            var lines = [columns.joined(separator: ","), rootLine(call, created: account?.creationTime ?? 0)]
            for user in try database.resources(UserRecord.self, in: call.globalScope).records {
                let keys = try AccessKey.all(of: .user(name: user.name), account: call.account, in: database)
                    .filter { $0.expirationTime == nil }
                lines.append(line(of: user, keys: keys, policy: policy))
            }
            return [
                "Content": .blob(Array(lines.joined(separator: "\n").utf8)), "ReportFormat": "text/csv",
                "GeneratedTime": .date(report.creationTime),
            ]
        }
    }

    private static func rootLine(_ call: Call, created: Double) -> String {
        let key = ["false", "N/A", "N/A", "N/A", "N/A"]
        let fields =
            [
                "<root_account>", "arn:aws:iam::\(call.account):root", date(created), "not_supported", "no_information",
                "not_supported",
            ]
            + ["not_supported", "false"] + key + key + ["false", "N/A", "false", "N/A"]
        return fields.joined(separator: ",")
    }

    private static func line(of user: UserRecord, keys: [AccessKey], policy: PasswordPolicyRecord?) -> String {
        let credentials = user.credentials ?? UserCredentials()
        var fields = [user.name, user.arn, date(user.creationTime)]
        if let profile = credentials.loginProfile {
            let rotation = policy?.maximumAgeDays.map { date(profile.changeTime + Double($0) * 86_400) }
            fields += ["true", "no_information", date(profile.changeTime), rotation ?? "N/A"]
        } else {
            fields += ["false", "N/A", "N/A", "N/A"]
        }
        fields.append(String(!credentials.devices.isEmpty))
        for index in 0..<2 {
            guard keys.indices.contains(index) else {
                fields += ["false", "N/A", "N/A", "N/A", "N/A"]
                continue
            }
            let key = keys[index]
            fields += [
                String(key.isActive), date(key.creationTime), key.lastUsedTime.map(date) ?? "N/A", key.lastUsedRegion ?? "N/A",
                key.lastUsedService ?? "N/A",
            ]
        }
        for index in 0..<2 {
            let certificate = credentials.certificates.indices.contains(index) ? credentials.certificates[index] : nil
            fields += [String(certificate?.isActive ?? false), certificate.map { date($0.uploadTime) } ?? "N/A"]
        }
        return fields.joined(separator: ",")
    }

    private static func date(_ seconds: Double) -> String {
        Timestamp.iso8601(seconds.rounded(.down)).replacingOccurrences(of: "Z", with: "+00:00")
    }
}
