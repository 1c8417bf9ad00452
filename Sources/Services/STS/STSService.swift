// SPDX-License-Identifier: Apache-2.0

import Wire
import World

/// AWS Security Token Service.
public enum STSService {
    /// The service's operations.
    public static let table = ServiceTable(
        service: "sts", prefix: "sts", isGlobal: true,
        [
            // The role's trust policy has a say, which the handler asks for.
            OperationRow(AssumeRole.self, .none),
            OperationRow(GetCallerIdentity.self, .none),
            OperationRow(GetSessionToken.self, .none),
            OperationRow(GetFederationToken.self, .template("arn:aws:sts::{account}:federated-user/{Name}")),
            OperationRow(GetAccessKeyInfo.self, .template("*")),
            // Whoever calls them has no credentials yet.
            OperationRow(AssumeRoleWithWebIdentity.self, .open),
            OperationRow(AssumeRoleWithSAML.self, .open),
            OperationRow(DecodeAuthorizationMessage.self, .template("*")),
        ])
}

/// Says who calls.
enum GetCallerIdentity: Operation {
    static func handle(_ input: Empty, _ call: Call) async throws -> Value {
        ["UserId": .string(call.principal.userID), "Account": .string(call.account), "Arn": .string(call.principal.arn)]
    }
}

/// Says which account an access key belongs to: the key's id tells it.
enum GetAccessKeyInfo: Operation {
    struct Input: Decodable, Sendable { var accessKeyId: String }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        if let key = try call.world.store.read({ try AccessKey.find(input.accessKeyId, in: $0) }) {
            return ["Account": .string(key.account)]
        }
        let isKey = ["AKIA", "ASIA"].contains(String(input.accessKeyId.prefix(4)))
        guard isKey, let account = IAMIdentifier.account(ofAccessKey: input.accessKeyId) else {
            throw IAMError.validation("Invalid Access Key ID format: \(input.accessKeyId)")
        }
        return ["Account": .string(account)]
    }
}
