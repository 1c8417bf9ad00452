// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// What the operations on credentials for one service take.
struct ServiceCredentialInput: Decodable, Sendable {
    var userName: String?
    var serviceName: String?
    var serviceSpecificCredentialId: String?
    var status: String?
}

private enum ServiceCredentials {
    static func value(_ credential: UserCredentials.ServiceCredential, of user: String, password: String? = nil) -> Value {
        .members([
            ("CreateDate", .date(credential.creationTime)), ("ServiceName", .string(credential.serviceName)),
            ("ServiceUserName", .string(credential.serviceUserName)), ("ServicePassword", password.map { .string($0) }),
            ("ServiceSpecificCredentialId", .string(credential.id)), ("UserName", .string(user)),
            ("Status", credential.isActive ? "Active" : "Inactive"),
        ])
    }

    static func index(_ id: String?, in credentials: UserCredentials) throws -> Int {
        guard let index = credentials.serviceCredentials.firstIndex(where: { $0.id == id }) else {
            throw IAMError.noSuchEntity("No such credential \(id ?? "") exists")
        }
        return index
    }
}

/// Makes a name and password for one service; the password is shown once.
enum CreateServiceSpecificCredential: Operation {
    static func handle(_ input: ServiceCredentialInput, _ call: Call) async throws -> Value {
        let service = input.serviceName ?? ""
        guard ["codecommit.amazonaws.com", "cassandra.amazonaws.com", "bedrock.amazonaws.com"].contains(service) else {
            throw IAMError.noSuchEntity("No such service \(service) is supported for Service Specific Credentials")
        }
        return try call.changeCredentials(of: input.userName) { credentials, user, _ in
            let number = credentials.serviceCredentials.filter { $0.serviceName == service }.count
            if number >= 2 { throw IAMError.quota("ServiceSpecificCredentialsPerUser", 2) }
            let suffix = number == 0 ? "" : "+\(number)"
            let credential = UserCredentials.ServiceCredential(
                id: IAMIdentifier.make(.serviceCredential, account: call.account), serviceName: service,
                serviceUserName: "\(user.name)\(suffix)-at-\(call.account)", creationTime: call.now, isActive: true)
            credentials.serviceCredentials.append(credential)
            return [
                "ServiceSpecificCredential": ServiceCredentials.value(credential, of: user.name, password: IAMIdentifier.secret())
            ]
        }
    }
}

/// Lists a user's credentials for services.
enum ListServiceSpecificCredentials: Operation {
    static func handle(_ input: ServiceCredentialInput, _ call: Call) async throws -> Value {
        let (user, credentials) = try call.credentials(of: input.userName)
        let chosen = credentials.serviceCredentials.filter { input.serviceName == nil || $0.serviceName == input.serviceName }
        return ["ServiceSpecificCredentials": .list(chosen.map { ServiceCredentials.value($0, of: user) })]
    }
}

/// Switches a credential on or off.
enum UpdateServiceSpecificCredential: Operation {
    static func handle(_ input: ServiceCredentialInput, _ call: Call) async throws -> Empty {
        try call.changeCredentials(of: input.userName) { credentials, _, _ in
            let index = try ServiceCredentials.index(input.serviceSpecificCredentialId, in: credentials)
            credentials.serviceCredentials[index].isActive = input.status == "Active"
        }
        return Empty()
    }
}

/// Gives a credential another password.
enum ResetServiceSpecificCredential: Operation {
    static func handle(_ input: ServiceCredentialInput, _ call: Call) async throws -> Value {
        let (user, credentials) = try call.credentials(of: input.userName)
        let index = try ServiceCredentials.index(input.serviceSpecificCredentialId, in: credentials)
        let credential = credentials.serviceCredentials[index]
        return ["ServiceSpecificCredential": ServiceCredentials.value(credential, of: user, password: IAMIdentifier.secret())]
    }
}

/// Removes a credential.
enum DeleteServiceSpecificCredential: Operation {
    static func handle(_ input: ServiceCredentialInput, _ call: Call) async throws -> Empty {
        try call.changeCredentials(of: input.userName) { credentials, _, _ in
            _ = credentials.serviceCredentials.remove(
                at: try ServiceCredentials.index(input.serviceSpecificCredentialId, in: credentials))
        }
        return Empty()
    }
}
