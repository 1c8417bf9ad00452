// SPDX-License-Identifier: Apache-2.0

import OrderedCollections
import Wire

extension S3Transfer {
    /// Sends a file, in parts where it is large.
    func upload(_ item: S3Item, _ index: Int) async throws {
        try LocalFile.checkUploadable(item.source)
        var input = objectInput(item.destination, options.writeParameters)
        if options.guessesContentType, let type = MimeTypes.guess(fileName: item.source) { input["ContentType"] = .string(type) }
        let byteCount = item.byteCount ?? 0
        if byteCount < multipartThreshold {
            if options.flag("no-overwrite") { input["IfNoneMatch"] = "*" }
            do {
                _ = try await client.send("PutObject", input, body: Body(path: item.source, offset: 0, length: byteCount))
            } catch let refusal as OperationError {
                // The bytes are on their way before the service can refuse them.
                if byteCount > 0 { await report.progress(index, byteCount: byteCount) }
                throw refusal
            }
            if byteCount > 0 { await report.progress(index, byteCount: byteCount) }
            return
        }
        let partByteCount = partByteCount(of: byteCount)
        try await multipart(input) { upload in
            let partCount = (byteCount + partByteCount - 1) / partByteCount
            try await Self.forEach(0..<partCount, limit: min(concurrency, 4)) { part in
                let offset = part * partByteCount
                let length = min(partByteCount, byteCount - offset)
                try await upload.send(part: part + 1, body: Body(path: item.source, offset: offset, length: length))
                await report.progress(index, byteCount: length)
            }
        }
    }

    /// Sends what comes from standard input, in parts as soon as there is enough for one.
    func uploadStream(to destination: String) async throws {
        let input = objectInput(destination, options.writeParameters)
        let partByteCount = partByteCount(of: try options.expectedByteCount())
        var piece = try read(upTo: max(partByteCount, multipartThreshold))
        if piece.count < multipartThreshold {
            var input = input
            if options.flag("no-overwrite") { input["IfNoneMatch"] = "*" }
            _ = try await client.send("PutObject", input, body: Body(bytes: piece))
            return await report.progress(0, byteCount: piece.count)
        }
        try await multipart(input) { upload in
            var part = 1
            while !piece.isEmpty {
                try Task.checkCancellation()
                try await upload.send(part: part, body: Body(bytes: piece))
                await report.progress(0, byteCount: piece.count)
                part += 1
                piece = try read(upTo: partByteCount)
            }
        }
    }

    private func read(upTo byteCount: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < byteCount {
            let more = try context.environment.streams.readInput(min(1 << 20, byteCount - bytes.count))
            if more.isEmpty { break }
            bytes += more
        }
        return bytes
    }

    /// Starts an upload in parts, has `sendParts` send them, and completes it; takes it back where anything fails.
    func multipart(_ input: Value, _ sendParts: (MultipartUpload) async throws -> Void) async throws {
        let created = try await client.send("CreateMultipartUpload", input)
        guard let identifier = created.output["UploadId"]?.stringValue else {
            throw CommandFailure.general("The answer to CreateMultipartUpload has no UploadId")
        }
        var base = options.readParameters
        for name in ["Bucket", "Key"] { base[name] = input[name] }
        base["UploadId"] = .string(identifier)
        let upload = MultipartUpload(client: client, input: base)
        do {
            try await sendParts(upload)
            var completion = base
            completion["MultipartUpload"] = ["Parts": .list(await upload.parts)]
            if options.flag("no-overwrite") { completion["IfNoneMatch"] = "*" }
            _ = try await client.send("CompleteMultipartUpload", completion)
        } catch {
            // What was sent is of no use; that it cannot be taken back changes nothing about the failure.
            var removal = options.payerParameters
            for name in ["Bucket", "Key", "UploadId"] { removal[name] = base[name] }
            let abort = removal
            _ = try? await Task { try await client.send("AbortMultipartUpload", abort) }.value
            throw error
        }
    }
}

/// An upload in parts that has been started.
actor MultipartUpload {
    private let client: S3Client
    private let input: Value
    private var answers: [Int: Value] = [:]

    init(client: S3Client, input: Value) {
        self.client = client
        self.input = input
    }

    /// What CompleteMultipartUpload wants to know of the parts, in their order.
    var parts: [Value] { answers.sorted { $0.key < $1.key }.map(\.value) }

    /// Sends one part; parts are numbered from 1.
    func send(part number: Int, body: Body) async throws {
        var input = input
        input["PartNumber"] = .integer(number)
        let answer = try await client.send("UploadPart", input, body: body)
        record(number, answer.output)
    }

    /// Has the service copy one part from another object.
    func copy(part number: Int, source: String, range: String, parameters: Value) async throws {
        var input = input
        for (key, value) in parameters.objectValue ?? [:] { input[key] = value }
        input["PartNumber"] = .integer(number)
        input["CopySource"] = .string(source)
        input["CopySourceRange"] = .string(range)
        let answer = try await client.send("UploadPartCopy", input)
        record(number, answer.output["CopyPartResult"] ?? answer.output)
    }

    private func record(_ number: Int, _ answer: Value) {
        var part: Value = ["ETag": answer["ETag"] ?? .null, "PartNumber": .integer(number)]
        for name in ["ChecksumCRC32", "ChecksumCRC32C", "ChecksumCRC64NVME", "ChecksumSHA1", "ChecksumSHA256"] {
            if let checksum = answer[name] { part[name] = checksum }
        }
        answers[number] = part
    }
}
