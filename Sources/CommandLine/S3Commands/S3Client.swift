// SPDX-License-Identifier: Apache-2.0

import OrderedCollections
import Wire

/// The operations of the `s3` model that the `s3` commands are made of.
struct S3Client: Sendable {
    let context: CommandContext
    /// Where it is not the command's own.
    var region: String?

    func send(_ operation: String, _ input: Value, body: Body? = nil) async throws -> ServiceResponse {
        do {
            return try await context.send("s3", operation, input, body: body, region: region)
        } catch let refusal as OperationError {
            // The bucket is elsewhere: ask there, as the real CLI does.
            guard refusal.error.code == "PermanentRedirect" || refusal.error.code == "301", body == nil || !body.isStream,
                let home = Self.region(in: refusal.error), home != region ?? context.region
            else { throw refusal }
            return try await context.send("s3", operation, input, body: body, region: home)
        }
    }

    private static func region(in error: ServiceError) -> String? {
        error.details.first { $0.name == "BucketRegion" || $0.name == "Region" }?.value.stringValue
    }

    /// An object's description.
    ///
    /// Answers to HEAD have no body, so that the status is all the real CLI knows of a refusal.
    func headObject(bucket: String, key: String, _ parameters: Value) async throws -> Value {
        var input = parameters
        input["Bucket"] = .string(bucket)
        input["Key"] = .string(key)
        do {
            return try await send("HeadObject", input).output
        } catch var refusal as OperationError {
            switch (refusal.error.status, refusal.error.code) {
            case (404, _), (_, "NoSuchKey"), (_, "NoSuchBucket"), (_, "NotFound"):
                refusal.error = ServiceError("404", "Not Found", status: 404)
            case (403, _), (_, "AccessDenied"): refusal.error = ServiceError("403", "Forbidden", status: 403)
            default: break
            }
            throw refusal
        }
    }

    /// All pages of ListObjectsV2, one after the other.
    func listObjects(_ parameters: Value, pageSize: Int?, _ each: (Value) async throws -> Void) async throws {
        var input = parameters
        if let pageSize { input["MaxKeys"] = .integer(pageSize) }
        while true {
            let page = try await send("ListObjectsV2", input).output
            try await each(page)
            guard page["IsTruncated"]?.booleanValue == true, let token = page["NextContinuationToken"] else { return }
            input["ContinuationToken"] = token
        }
    }
}

extension Optional where Wrapped == Body {
    /// True for bytes that are gone once they are read.
    fileprivate var isStream: Bool {
        if case .stream = self?.source { true } else { false }
    }
}

/// Finds what a command works on: files below folders, objects below prefixes.
struct S3Lister: Sendable {
    let client: S3Client
    let options: S3TransferOptions
    let operation: S3Operation?
    /// Called with each warning about a file that is left out.
    let warn: @Sendable (String) async -> Void

    /// Everything at `origin`, in the order of the names' bytes, with where it goes.
    func items(at origin: S3Place, to destination: S3Place, isTree: Bool) async throws -> [S3Item] {
        var items: [S3Item] = []
        func add(_ source: String, byteCount: Int?, modified: Double?, description: Value = .emptyObject) {
            let (path, name) = destination.destination(of: source, from: origin, isTree: isTree)
            items.append(
                S3Item(
                    operation: operation ?? .delete, source: source, isSourceLocal: origin.isLocal, destination: path, name: name,
                    byteCount: byteCount, modified: modified, description: description))
        }
        if origin.isLocal {
            for (path, status) in await files(at: origin.path, isTree: isTree) {
                add(path, byteCount: status.byteCount, modified: status.modified)
            }
            return items
        }
        let (bucket, key) = S3Path.bucketAndKey(origin.path)
        if !isTree, !key.isEmpty {
            if operation == .delete {
                add(origin.path, byteCount: nil, modified: nil)
            } else {
                let head = try await headObject(bucket: bucket, key: key)
                add(
                    origin.path, byteCount: head["ContentLength"]?.integerValue ?? 0, modified: head["LastModified"]?.doubleValue,
                    description: head)
            }
            return items
        }
        var input = options.payerParameters
        input["Bucket"] = .string(bucket)
        input["Prefix"] = .string(key)
        try await client.listObjects(input, pageSize: options.pageSize) { page in
            for object in page["Contents"]?.listValue ?? [] {
                let source = bucket + "/" + (object["Key"]?.stringValue ?? "")
                let byteCount = object["Size"]?.integerValue ?? 0
                // Empty objects with a slash stand for folders, which are made where they are needed.
                if byteCount == 0, source.hasSuffix("/") {
                    guard operation == .delete else { continue }
                } else if !isTree, source != origin.path {
                    continue
                }
                add(source, byteCount: byteCount, modified: object["LastModified"]?.doubleValue, description: object)
            }
        }
        return items
    }

    private func headObject(bucket: String, key: String) async throws -> Value {
        do {
            return try await client.headObject(bucket: bucket, key: key, options.sourceParameters(isCopy: operation == .copy))
        } catch var refusal as OperationError where refusal.error.code == "404" {
            refusal.error.message = "Key \"\(key)\" does not exist"
            throw refusal
        }
    }

    private func files(at path: String, isTree: Bool) async -> [(path: String, status: LocalFile.Status)] {
        guard let status = await usableStatus(path) else { return [] }
        if !isTree { return [(path, status)] }
        var found: [(path: String, status: LocalFile.Status)] = []
        // Folders still to be looked into, the next one last, beside the files between them.
        var pending: [(path: String, status: LocalFile.Status)] = [(path, status)]
        while let (path, status) = pending.popLast() {
            guard status.isDirectory else {
                found.append((path, status))
                continue
            }
            var entries: [(path: String, status: LocalFile.Status)] = []
            for name in LocalFile.names(inDirectory: path) ?? [] {
                let entry = path.hasSuffix("/") ? path + name : path + "/" + name
                guard let status = await usableStatus(entry) else { continue }
                entries.append((status.isDirectory ? entry + "/" : entry, status))
            }
            // A folder's slash takes part in the order, as it does in keys.
            pending += entries.sorted { $1.path.utf8.lexicographicallyPrecedes($0.path.utf8) }
        }
        return found
    }

    /// A file's facts; nil, perhaps with a warning, for one that is left out.
    private func usableStatus(_ path: String) async -> LocalFile.Status? {
        if !options.followsLinks, LocalFile.isLink(path.hasSuffix("/") ? String(path.dropLast()) : path) { return nil }
        guard let status = LocalFile.status(path) else {
            await warn("warning: Skipping file \(path). File does not exist.")
            return nil
        }
        if status.isSpecial {
            await warn("warning: Skipping file \(path). File is character special device, block special device, FIFO, or socket.")
            return nil
        }
        if !LocalFile.isReadable(path) {
            await warn("warning: Skipping file \(path). File/Directory is not readable.")
            return nil
        }
        return status
    }
}
