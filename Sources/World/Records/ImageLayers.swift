// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// A layer of a repository's images.
public struct ImageLayer: Sendable, Hashable {
    /// `sha256:…` of its bytes.
    public var digest: String
    /// In bytes.
    public var size: Int
    /// Where its bytes are.
    public var body: StoredBody

    /// Makes one from its parts.
    public init(digest: String, size: Int, body: StoredBody) {
        self.digest = digest
        self.size = size
        self.body = body
    }
}

/// A part of a layer that is being uploaded.
public struct LayerPart: Sendable, Hashable {
    /// Where in the layer it begins.
    public var firstByte: Int
    /// In bytes.
    public var size: Int
    /// Where its bytes are.
    public var body: StoredBody

    /// Makes one from its parts.
    public init(firstByte: Int, size: Int, body: StoredBody) {
        self.firstByte = firstByte
        self.size = size
        self.body = body
    }
}

extension Database {
    /// The layer of a repository with that digest; nil where there is none.
    public func imageLayer(_ digest: String, repository: String, in scope: Scope) throws -> ImageLayer? {
        try Row.fetchOne(
            self, sql: "SELECT * FROM image_layer WHERE account = ? AND region = ? AND repository = ? AND digest = ?",
            arguments: [scope.account, scope.region, repository, digest]
        ).map { ImageLayer(digest: $0["digest"], size: $0["size"], body: StoredBody(layerRow: $0)) }
    }

    /// Adds a layer to a repository.
    public func insertImageLayer(_ layer: ImageLayer, repository: String, in scope: Scope) throws {
        let (id, _, bytes) = layer.body.columns
        try execute(
            sql: "INSERT INTO image_layer (account, region, repository, digest, size, body_id, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)",
            arguments: [scope.account, scope.region, repository, layer.digest, layer.size, id, bytes])
    }

    /// The manifests of the images of all accounts and regions.
    public func manifestsOfAllRegistries() throws -> [String] {
        try Account.all(in: self).flatMap { try resources(ContainerImageRecord.self, ofAccount: $0.id, limit: .max) }.map(
            \.manifest)
    }

    /// Removes a repository's layers and unfinished uploads.
    public func deleteImageLayers(repository: String, in scope: Scope) throws {
        for table in ["image_layer", "layer_upload"] {
            try execute(
                sql: "DELETE FROM \(table) WHERE account = ? AND region = ? AND repository = ?",
                arguments: [scope.account, scope.region, repository])
        }
    }

    /// Begins the upload of a layer.
    public func insertLayerUpload(id: String, repository: String, in scope: Scope, now: Double) throws {
        try execute(
            sql: "INSERT INTO layer_upload (id, account, region, repository, started_at) VALUES (?, ?, ?, ?, ?)",
            arguments: [id, scope.account, scope.region, repository, now])
    }

    /// Whether there is such an upload of the repository's.
    public func layerUploadExists(id: String, repository: String, in scope: Scope) throws -> Bool {
        try Int.fetchOne(
            self, sql: "SELECT 1 FROM layer_upload WHERE id = ? AND account = ? AND region = ? AND repository = ?",
            arguments: [id, scope.account, scope.region, repository]) != nil
    }

    /// The parts of an upload, in order.
    public func layerParts(ofUpload id: String) throws -> [LayerPart] {
        try Row.fetchAll(self, sql: "SELECT * FROM layer_upload_part WHERE upload = ? ORDER BY first_byte", arguments: [id])
            .map { LayerPart(firstByte: $0["first_byte"], size: $0["size"], body: StoredBody(layerRow: $0)) }
    }

    /// How many bytes of an upload are there.
    public func layerUploadSize(id: String) throws -> Int {
        try Int.fetchOne(self, sql: "SELECT coalesce(sum(size), 0) FROM layer_upload_part WHERE upload = ?", arguments: [id]) ?? 0
    }

    /// Adds a part to an upload.
    public func insertLayerPart(_ part: LayerPart, upload id: String) throws {
        let (bodyID, _, bytes) = part.body.columns
        try execute(
            sql: "INSERT INTO layer_upload_part (upload, first_byte, size, body_id, bytes) VALUES (?, ?, ?, ?, ?)",
            arguments: [id, part.firstByte, part.size, bodyID, bytes])
    }

    /// Removes an upload with its parts.
    public func deleteLayerUpload(id: String) throws {
        try execute(sql: "DELETE FROM layer_upload WHERE id = ?", arguments: [id])
    }
}

extension StoredBody {
    fileprivate init(layerRow row: Row) {
        if let id = row["body_id"] as String? {
            self = .file(id: id)
        } else {
            self = .inline([UInt8]((row["bytes"] as Data?) ?? Data()))
        }
    }
}
