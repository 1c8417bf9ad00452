// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// A certificate for servers, with its private key.
struct ServerCertificateRecord: TaggedRecord {
    static let kind = "iam:server-certificate"
    static let title = "ServerCertificate"
    static let identifierMember = "ServerCertificateName"

    var name: String
    var path: String
    var id: String
    var arn: String
    var creationTime: Double
    var lastModifiedTime: Double
    var expirationTime: Double
    var body: String
    var chain: String?
    var privateKey: String

    static func find(_ name: String, _ call: Call, in database: Database) throws -> ServerCertificateRecord {
        guard let record = try database.resource(ServerCertificateRecord.self, named: name, in: call.globalScope) else {
            throw IAMError.notFound("Server Certificate", name)
        }
        return record
    }

    /// The output shape `ServerCertificateMetadata`.
    var metadata: Value {
        [
            "Path": .string(path), "ServerCertificateName": .string(name), "ServerCertificateId": .string(id),
            "Arn": .string(arn), "UploadDate": .date(creationTime), "Expiration": .date(expirationTime),
        ]
    }
}

/// What the operations on server certificates take.
struct ServerCertificateInput: Decodable, Sendable {
    var path: String?
    var serverCertificateName: String?
    var certificateBody: String?
    var privateKey: String?
    var certificateChain: String?
    var tags: [Tag]?
    var newPath: String?
    var newServerCertificateName: String?
}

/// Keeps a certificate.
enum UploadServerCertificate: Operation {
    static func handle(_ input: ServerCertificateInput, _ call: Call) async throws -> Value {
        let body = input.certificateBody ?? ""
        guard let expirationTime = PEMText.expirationTime(ofCertificateIn: body) else {
            throw ServiceError(
                "MalformedCertificate", "Unable to parse certificate. Please ensure the certificate is in PEM format.", status: 400)
        }
        let path = input.path ?? "/"
        let name = input.serverCertificateName ?? ""
        let record = ServerCertificateRecord(
            name: name, path: path, id: IAMIdentifier.make(.serverCertificate, account: call.account),
            arn: call.iamARN("server-certificate", path: path, name: name), creationTime: call.now, lastModifiedTime: call.now,
            expirationTime: expirationTime, body: body, chain: input.certificateChain, privateKey: input.privateKey ?? "")
        let tags = input.tags ?? []
        try call.world.store.write { database in
            try IAMCheck.tags(tags)
            if try database.isNameTaken(ServerCertificateRecord.self, name, in: call.globalScope) {
                throw IAMError.alreadyExists("The Server Certificate with name \(name) already exists.")
            }
            try IAMCheck.room(
                for: ServerCertificateRecord.self, "Server certificates per account", error: "ServerCertificatesPerAccount",
                in: call.globalScope, database)
            _ = try database.insertResource(record, in: call.globalScope)
            try database.setTags(tags, of: record.arn)
        }
        return .members([("ServerCertificateMetadata", record.metadata), ("Tags", .tags(tags))])
    }
}

/// Shows a certificate without its private key.
enum GetServerCertificate: Operation {
    static func handle(_ input: ServerCertificateInput, _ call: Call) async throws -> Value {
        try call.world.store.read { database in
            let record = try ServerCertificateRecord.find(input.serverCertificateName ?? "", call, in: database)
            return [
                "ServerCertificate": .members([
                    ("ServerCertificateMetadata", record.metadata), ("CertificateBody", .string(record.body)),
                    ("CertificateChain", record.chain.map { .string($0) }), ("Tags", .tags(try database.tags(of: record.arn))),
                ])
            ]
        }
    }
}

/// Lists the certificates of the account.
enum ListServerCertificates: Operation {
    static func handle(_ input: IAMListInput, _ call: Call) async throws -> Value {
        let records = try call.world.store.read {
            try $0.records(ServerCertificateRecord.self, in: call.globalScope, pathPrefix: input.pathPrefix) { $0.path }
        }
        let page = try IAMPage(of: records, marker: input.marker, maximumCount: input.maxItems)
        return .members([("ServerCertificateMetadataList", .list(page.elements.map(\.metadata)))] + page.endMembers)
    }
}

/// Renames or moves a certificate.
enum UpdateServerCertificate: Operation {
    static func handle(_ input: ServerCertificateInput, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            var record = try ServerCertificateRecord.find(input.serverCertificateName ?? "", call, in: database)
            let tags = try database.tags(of: record.arn)
            let name = input.newServerCertificateName ?? record.name
            if name != record.name, try database.isNameTaken(ServerCertificateRecord.self, name, in: call.globalScope) {
                throw IAMError.alreadyExists("The Server Certificate with name \(name) already exists.")
            }
            try database.deleteResource(record, in: call.globalScope)
            record.name = name
            record.path = input.newPath ?? record.path
            record.arn = call.iamARN("server-certificate", path: record.path, name: name)
            _ = try database.insertResource(record, in: call.globalScope)
            try database.setTags(tags, of: record.arn)
        }
        return Empty()
    }
}

/// Removes a certificate.
enum DeleteServerCertificate: Operation {
    static func handle(_ input: ServerCertificateInput, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            _ = try database.deleteResource(
                try ServerCertificateRecord.find(input.serverCertificateName ?? "", call, in: database), in: call.globalScope)
        }
        return Empty()
    }
}
