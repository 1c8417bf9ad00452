// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// An identity provider that speaks OpenID Connect.
struct OpenIDProviderRecord: TaggedRecord {
    static let kind = "iam:oidc-provider"
    static let title = "OpenIDConnectProvider"
    static let identifierMember = "OpenIDConnectProviderArn"

    /// The URL without its scheme and query.
    var name: String
    var arn: String
    var creationTime: Double
    var lastModifiedTime: Double
    var clientIDs: [String]
    var thumbprints: [String]

    static func find(_ arn: String, _ call: Call, in database: Database) throws -> OpenIDProviderRecord {
        guard let record = try database.resource(OpenIDProviderRecord.self, arn: arn) else {
            throw IAMError.noSuchEntity("OpenIDConnect Provider not found for arn \(arn)")
        }
        return record
    }
}

/// What the operations on OpenID Connect providers take.
struct OpenIDProviderInput: Decodable, Sendable {
    var url: String?
    var clientIDList: [String]?
    var thumbprintList: [String]?
    var tags: [Tag]?
    var openIDConnectProviderArn: String?
    var clientID: String?

    fileprivate func change(_ call: Call, _ body: @Sendable (inout OpenIDProviderRecord) throws -> Void) throws {
        try call.world.store.write { database in
            var record = try OpenIDProviderRecord.find(openIDConnectProviderArn ?? "", call, in: database)
            try body(&record)
            try database.updateResource(record, in: call.globalScope)
        }
    }

    fileprivate static func check(thumbprints: [String]) throws {
        if thumbprints.count > 5 { throw IAMError.invalidInput("Thumbprint list must contain fewer than 5 entries.") }
    }
}

/// Makes a provider known.
enum CreateOpenIDConnectProvider: Operation {
    static func handle(_ input: OpenIDProviderInput, _ call: Call) async throws -> Value {
        let text = input.url ?? ""
        guard let url = URLComponents(string: text), ["http", "https"].contains(url.scheme?.lowercased()), let host = url.host,
            !host.isEmpty
        else { throw IAMError.validation("Invalid Open ID Connect Provider URL") }
        let clientIDs = input.clientIDList ?? []
        try OpenIDProviderInput.check(thumbprints: input.thumbprintList ?? [])
        if clientIDs.count > 100 { throw IAMError.quota("ClientIdsPerOpenIdConnectProvider", 100) }
        let path = url.path.hasSuffix("/") ? String(url.path.dropLast()) : url.path
        let name = host + (url.port.map { ":\($0)" } ?? "") + path
        let record = OpenIDProviderRecord(
            name: name, arn: "arn:aws:iam::\(call.account):oidc-provider/\(name)", creationTime: call.now,
            lastModifiedTime: call.now,
            clientIDs: clientIDs, thumbprints: input.thumbprintList ?? [])
        let tags = input.tags ?? []
        try call.world.store.write { database in
            try IAMCheck.tags(tags)
            if try database.resourceCount(OpenIDProviderRecord.self, in: call.globalScope) >= 100 {
                throw IAMError.quota("OpenIdConnectProvidersPerAccount", 100)
            }
            guard try database.insertResource(record, in: call.globalScope) else {
                throw IAMError.alreadyExists("Provider with url \(text) already exists.")
            }
            try database.setTags(tags, of: record.arn)
        }
        return .members([("OpenIDConnectProviderArn", .string(record.arn)), ("Tags", .tags(tags))])
    }
}

/// Shows a provider.
enum GetOpenIDConnectProvider: Operation {
    static func handle(_ input: OpenIDProviderInput, _ call: Call) async throws -> Value {
        try call.world.store.read { database in
            let record = try OpenIDProviderRecord.find(input.openIDConnectProviderArn ?? "", call, in: database)
            return .members([
                ("Url", .string(record.name)), ("ClientIDList", .list(record.clientIDs.map { .string($0) })),
                ("ThumbprintList", .list(record.thumbprints.map { .string($0) })), ("CreateDate", .date(record.creationTime)),
                ("Tags", .tags(try database.tags(of: record.arn))),
            ])
        }
    }
}

/// Lists the OpenID Connect providers of the account.
enum ListOpenIDConnectProviders: Operation {
    static func handle(_ input: Empty, _ call: Call) async throws -> Value {
        let records = try call.world.store.read { try $0.resources(OpenIDProviderRecord.self, in: call.globalScope).records }
        return ["OpenIDConnectProviderList": .list(records.map { ["Arn": .string($0.arn)] })]
    }
}

/// Removes a provider; that there was none is no error.
enum DeleteOpenIDConnectProvider: Operation {
    static func handle(_ input: OpenIDProviderInput, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            let record = try database.resource(OpenIDProviderRecord.self, arn: input.openIDConnectProviderArn ?? "")
            if let record { try database.deleteResource(record, in: call.globalScope) }
        }
        return Empty()
    }
}

/// Replaces the thumbprints of a provider's certificates.
enum UpdateOpenIDConnectProviderThumbprint: Operation {
    static func handle(_ input: OpenIDProviderInput, _ call: Call) async throws -> Empty {
        let thumbprints = input.thumbprintList ?? []
        try OpenIDProviderInput.check(thumbprints: thumbprints)
        try input.change(call) { $0.thumbprints = thumbprints }
        return Empty()
    }
}

/// Lets a further application use a provider.
enum AddClientIDToOpenIDConnectProvider: Operation {
    static func handle(_ input: OpenIDProviderInput, _ call: Call) async throws -> Empty {
        let clientID = input.clientID ?? ""
        try input.change(call) { record in
            if record.clientIDs.contains(clientID) { return }
            if record.clientIDs.count >= 100 { throw IAMError.quota("ClientIdsPerOpenIdConnectProvider", 100) }
            record.clientIDs.append(clientID)
        }
        return Empty()
    }
}

/// Lets an application no longer use a provider.
enum RemoveClientIDFromOpenIDConnectProvider: Operation {
    static func handle(_ input: OpenIDProviderInput, _ call: Call) async throws -> Empty {
        let clientID = input.clientID ?? ""
        try input.change(call) { record in record.clientIDs.removeAll { $0 == clientID } }
        return Empty()
    }
}

// MARK: SAML

/// An identity provider that speaks SAML 2.0.
struct SAMLProviderRecord: TaggedRecord {
    static let kind = "iam:saml-provider"
    static let title = "SAMLProvider"
    static let identifierMember = "SAMLProviderArn"
    private static let lifetimeSeconds = 100 * 365.25 * 86_400

    var name: String
    var arn: String
    var creationTime: Double
    var lastModifiedTime: Double
    var metadata: String
    var identifier: String

    /// When the metadata says that they end, else in a hundred years.
    var validUntil: Double {
        let mark = metadata.range(of: "validUntil=\"")
        let text = mark.map { metadata[$0.upperBound...].prefix { $0 != "\"" } }
        return text.flatMap { Timestamp.parse(String($0)) } ?? creationTime + Self.lifetimeSeconds
    }

    static func find(_ arn: String, _ call: Call, in database: Database) throws -> SAMLProviderRecord {
        guard let record = try database.resource(SAMLProviderRecord.self, arn: arn) else {
            throw IAMError.noSuchEntity("Manifest not found for arn \(arn)")
        }
        return record
    }
}

/// What the operations on SAML providers take.
struct SAMLProviderInput: Decodable, Sendable {
    var name: String?
    var sAMLMetadataDocument: String?
    var sAMLProviderArn: String?
    var tags: [Tag]?
}

/// Makes a provider known.
enum CreateSAMLProvider: Operation {
    static func handle(_ input: SAMLProviderInput, _ call: Call) async throws -> Value {
        let name = input.name ?? ""
        let record = SAMLProviderRecord(
            name: name, arn: "arn:aws:iam::\(call.account):saml-provider/\(name)", creationTime: call.now,
            lastModifiedTime: call.now,
            metadata: input.sAMLMetadataDocument ?? "", identifier: UUID().uuidString.lowercased())
        let tags = input.tags ?? []
        try call.world.store.write { database in
            try IAMCheck.tags(tags)
            guard try database.insertResource(record, in: call.globalScope) else {
                throw IAMError.alreadyExists("SAMLProvider \(name) already exists.")
            }
            try database.setTags(tags, of: record.arn)
        }
        return .members([("SAMLProviderArn", .string(record.arn)), ("Tags", .tags(tags))])
    }
}

/// Shows a provider's metadata.
enum GetSAMLProvider: Operation {
    static func handle(_ input: SAMLProviderInput, _ call: Call) async throws -> Value {
        try call.world.store.read { database in
            let record = try SAMLProviderRecord.find(input.sAMLProviderArn ?? "", call, in: database)
            return .members([
                ("SAMLProviderUUID", .string(record.identifier)), ("SAMLMetadataDocument", .string(record.metadata)),
                ("CreateDate", .date(record.creationTime)), ("ValidUntil", .date(record.validUntil)),
                ("Tags", .tags(try database.tags(of: record.arn))),
            ])
        }
    }
}

/// Replaces a provider's metadata.
enum UpdateSAMLProvider: Operation {
    static func handle(_ input: SAMLProviderInput, _ call: Call) async throws -> Value {
        try call.world.store.write { database in
            var record = try SAMLProviderRecord.find(input.sAMLProviderArn ?? "", call, in: database)
            record.metadata = input.sAMLMetadataDocument ?? record.metadata
            record.lastModifiedTime = call.now
            try database.updateResource(record, in: call.globalScope)
            return ["SAMLProviderArn": .string(record.arn)]
        }
    }
}

/// Lists the SAML providers of the account.
enum ListSAMLProviders: Operation {
    static func handle(_ input: Empty, _ call: Call) async throws -> Value {
        let records = try call.world.store.read { try $0.resources(SAMLProviderRecord.self, in: call.globalScope).records }
        let values: [Value] = records.map {
            ["Arn": .string($0.arn), "ValidUntil": .date($0.validUntil), "CreateDate": .date($0.creationTime)]
        }
        return ["SAMLProviderList": .list(values)]
    }
}

/// Removes a provider.
enum DeleteSAMLProvider: Operation {
    static func handle(_ input: SAMLProviderInput, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            _ = try database.deleteResource(
                try SAMLProviderRecord.find(input.sAMLProviderArn ?? "", call, in: database), in: call.globalScope)
        }
        return Empty()
    }
}
