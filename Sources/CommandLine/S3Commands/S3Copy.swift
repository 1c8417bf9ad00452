// SPDX-License-Identifier: Apache-2.0

import OrderedCollections
import Wire

extension S3Transfer {
    /// Has the service copy an object, in parts where it is large.
    func copy(_ item: S3Item, _ index: Int) async throws {
        var input = objectInput(item.destination, options.copyParameters)
        let source = PercentEncoding.encode(item.source, keepsSlash: true)
        let byteCount = item.byteCount ?? 0
        let isMultipart = byteCount >= multipartThreshold
        try await addProperties(&input, item, isMultipart: isMultipart)
        if !isMultipart {
            input["CopySource"] = .string(source)
            if options.flag("no-overwrite") { input["IfNoneMatch"] = "*" }
            _ = try await client.send("CopyObject", input)
            if byteCount > 0 { await report.progress(index, byteCount: byteCount) }
            return
        }
        for name in ["MetadataDirective", "TaggingDirective"] + (options.copySourceKey.objectValue ?? [:]).keys {
            input[name] = nil
        }
        let partByteCount = partByteCount(of: byteCount)
        try await multipart(input) { upload in
            let partCount = (byteCount + partByteCount - 1) / partByteCount
            try await Self.forEach(0..<partCount, limit: min(concurrency, 4)) { part in
                let offset = part * partByteCount
                let length = min(partByteCount, byteCount - offset)
                try await upload.copy(
                    part: part + 1, source: source, range: "bytes=\(offset)-\(offset + length - 1)",
                    parameters: options.copySourceKey)
                await report.progress(index, byteCount: length)
            }
        }
    }

    /// `--copy-props`: what of the source's metadata and tags the copy gets.
    private func addProperties(_ input: inout Value, _ item: S3Item, isMultipart: Bool) async throws {
        // A directive says it all.
        if options.text("metadata-directive") != nil { return }
        let mode = options.text("copy-props") ?? "default"
        if mode != "default" { input["TaggingDirective"] = "REPLACE" }
        if mode == "none" {
            input["MetadataDirective"] = "REPLACE"
            return
        }
        let replacesMetadata = S3TransferOptions.replacedParameters.contains { input[$0] != nil }
        if replacesMetadata { input["MetadataDirective"] = "REPLACE" }
        if isMultipart || replacesMetadata {
            // The service copies these only as a whole, and not at all in parts.
            let (bucket, key) = S3Path.bucketAndKey(item.source)
            let head =
                options.isRecursive
                ? try await sourceClient.headObject(bucket: bucket, key: key, options.sourceParameters(isCopy: true))
                : item.description
            for name in S3TransferOptions.replacedParameters where input[name] == nil { input[name] = head[name] }
        }
        guard isMultipart, mode == "default" else { return }
        let answer = try await sourceClient.send("GetObjectTagging", objectInput(item.source, options.payerParameters))
        let tags = (answer.output["TagSet"]?.listValue ?? []).map { tag in
            PercentEncoding.encode(tag["Key"]?.stringValue ?? "") + "=" + PercentEncoding.encode(tag["Value"]?.stringValue ?? "")
        }
        if !tags.isEmpty { input["Tagging"] = .string(tags.joined(separator: "&")) }
    }
}
