// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire

/// Transfers files and objects, several at a time, and reports on each.
struct S3Transfer: Sendable {
    let context: CommandContext
    let options: S3TransferOptions
    let client: S3Client
    let sourceClient: S3Client
    let report: S3Report

    /// From this size on, objects are sent in parts.
    var multipartThreshold: Int { setting("multipart_threshold", absent: 8 << 20) }
    /// How many requests run at the same time.
    var concurrency: Int { min(setting("max_concurrent_requests", absent: 10), 64) }

    /// The size of a part: as configured, larger where an object would have more than 10,000 parts, within S3's limits.
    func partByteCount(of byteCount: Int) -> Int {
        var part = setting("multipart_chunksize", absent: 8 << 20)
        while (byteCount + part - 1) / part > 10_000 { part *= 2 }
        return min(max(part, 5 << 20), 5 << 30)
    }

    private func setting(_ name: String, absent: Int) -> Int {
        guard let text = context.configuration.value("s3.\(name)"), let count = S3Path.byteCount(text), count > 0 else {
            return absent
        }
        return count
    }

    /// Transfers all items that can be.
    func run(_ items: [S3Item]) async throws {
        var accepted: [S3Item] = []
        for item in items {
            if await isLeftOut(item) { continue }
            if options.flag("dryrun") {
                await report.dryRun(line(for: item))
            } else {
                accepted.append(item)
            }
        }
        if !accepted.isEmpty, let failure = options.grantFailure { throw failure }
        let chosen = accepted
        await report.expect(chosen.map(line(for:)))
        try await Self.forEach(0..<chosen.count, limit: concurrency) { index in
            let outcome = try await outcome(of: chosen[index], index)
            await report.end(index, outcome)
        }
    }

    /// Runs `body` for all indices, at most `limit` at the same time, starting them in their order.
    ///
    /// - Throws: The first error; what is still running is cancelled.
    static func forEach(_ indices: Range<Int>, limit: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in indices {
                if index - indices.lowerBound >= limit { try await group.next() }
                try Task.checkCancellation()
                group.addTask { try await body(index) }
            }
            try await group.waitForAll()
        }
    }

    private func shown(_ path: String, isLocal: Bool) -> String {
        isLocal ? S3Path.relative(path, to: context.environment.workingDirectory) : S3Path.scheme + path
    }

    private func line(for item: S3Item) -> S3TransferLine {
        let source = shown(item.source, isLocal: item.isSourceLocal)
        if item.operation == .delete { return S3TransferLine(kind: "delete", source: source) }
        return S3TransferLine(
            kind: options.isMove ? "move" : item.operation.rawValue, source: source,
            destination: shown(item.destination, isLocal: item.operation == .download), byteCount: item.byteCount)
    }

    /// Warns about items that cannot be transferred, and finds those that need not be.
    private func isLeftOut(_ item: S3Item) async -> Bool {
        let name = item.operation.rawValue
        if item.operation == .download || item.operation == .copy, !options.flag("force-glacier-transfer"), item.isArchived {
            if !options.flag("ignore-glacier-warnings") {
                await report.warn(
                    "warning: Skipping file s3://\(item.source). Object is of storage class GLACIER. Unable to perform \(name) "
                        + "operations on GLACIER objects. You must restore the object to be able to perform the operation. See aws s3 "
                        + "\(name) help for additional parameter options to ignore or force these transfers.")
            }
            return true
        }
        if item.operation == .download {
            if S3Path.normalized(item.name).hasPrefix("../") {
                await report.warn("warning: Skipping file \(item.name). File references a parent directory.")
                return true
            }
            return options.flag("no-overwrite") && LocalFile.status(item.destination) != nil
        }
        if item.operation == .upload, let byteCount = item.byteCount, byteCount > 5 << 40 {
            let path = shown(item.source, isLocal: true)
            await report.warn("warning: File \(path) exceeds s3 upload limit of 5.0 TiB.")
        }
        return false
    }

    private func outcome(of item: S3Item, _ index: Int) async throws -> S3Report.Outcome {
        do {
            var warning: String?
            switch item.operation {
            case .upload: try await upload(item, index)
            case .download: warning = try await download(item, index)
            case .copy: try await copy(item, index)
            case .delete: try await delete(item)
            }
            if options.isMove { try await deleteSource(of: item) }
            return warning.map { .warning($0) } ?? .success
        } catch is CancellationError {
            throw CancellationError()
        } catch let refusal as OperationError where refusal.error.code == "PreconditionFailed" && options.flag("no-overwrite") {
            return .skipped
        } catch {
            return .failure(String(describing: error))
        }
    }

    private func delete(_ item: S3Item) async throws {
        if item.isSourceLocal { return try LocalFile.remove(item.source) }
        try await deleteObject(item.source, client)
    }

    private func deleteSource(of item: S3Item) async throws {
        if item.isSourceLocal { return try LocalFile.remove(item.source) }
        try await deleteObject(item.source, sourceClient)
    }

    private func deleteObject(_ path: String, _ client: S3Client) async throws {
        let (bucket, key) = S3Path.bucketAndKey(path)
        var input = options.payerParameters
        input["Bucket"] = .string(bucket)
        input["Key"] = .string(key)
        _ = try await client.send("DeleteObject", input)
    }

    // MARK: Downloads

    /// - Returns: A warning where the file is complete but something about it is not as it should be.
    private func download(_ item: S3Item, _ index: Int) async throws -> String? {
        let folder = item.destination.lastIndex(of: "/").map { String(item.destination[..<$0]) } ?? "/"
        do {
            try LocalFile.makeDirectories(folder.isEmpty ? "/" : folder)
        } catch {
            throw CommandFailure.general("Could not create directory \(folder): \(error)")
        }
        if LocalFile.status(item.destination)?.isDirectory == true { throw FileError(code: EISDIR, path: item.destination) }
        let response = try await sourceClient.send("GetObject", objectInput(item.source, options.sourceParameters(isCopy: false)))
        let file = try PendingFile(target: item.destination)
        var unreported = 0
        try await response.body?.forEachPiece { piece in
            try Task.checkCancellation()
            try file.write(piece)
            unreported += piece.count
            if unreported >= 1 << 20 {
                await report.progress(index, byteCount: unreported)
                unreported = 0
            }
        }
        try file.finish()
        if unreported > 0 { await report.progress(index, byteCount: unreported) }
        guard let modified = response.output["LastModified"]?.doubleValue ?? item.modified else { return nil }
        do {
            try LocalFile.setModified(item.destination, seconds: modified)
        } catch {
            return
                "warning: Skipping file \(item.destination). Successfully Downloaded \(item.destination) but was unable to update the "
                + "last modified time. \(error)"
        }
        return nil
    }

    func objectInput(_ path: String, _ parameters: Value) -> Value {
        let (bucket, key) = S3Path.bucketAndKey(path)
        var input = parameters
        input["Bucket"] = .string(bucket)
        input["Key"] = .string(key)
        return input
    }

    // MARK: Standard streams

    /// `cp - s3://…` and `cp s3://… -`.
    func runStream(operation: S3Operation, source: String, destination: String) async throws {
        let line = S3TransferLine(kind: operation.rawValue, source: source, destination: destination)
        if options.flag("dryrun") { return await report.dryRun(line) }
        await report.expect([line])
        do {
            switch operation {
            case .download:
                let parameters = options.sourceParameters(isCopy: false)
                let (bucket, key) = S3Path.bucketAndKey(source)
                _ = try await sourceClient.headObject(bucket: bucket, key: key, parameters)
                let response = try await sourceClient.send("GetObject", objectInput(source, parameters))
                try await response.body?.forEachPiece { piece in
                    let bytes = copy piece
                    context.environment.streams.writeOutput(bytes)
                }
            default: try await uploadStream(to: destination)
            }
            await report.end(0, .success)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            await report.end(0, .failure(String(describing: error)))
        }
    }
}
