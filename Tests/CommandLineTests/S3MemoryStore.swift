// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import Synchronization
import Wire

/// The few operations of S3 that the `s3` commands use, over dictionaries.
final class S3MemoryStore: Sendable {
    struct Object: Sendable {
        var bytes: [UInt8]
        /// What HeadObject answers beside size and time.
        var properties: Value
        var modified: Double
        var partCount = 0
    }

    struct Upload: Sendable {
        var bucket: String
        var key: String
        var properties: Value
        var parts: [Int: [UInt8]] = [:]
    }

    struct State: Sendable {
        var buckets: OrderedDictionary<String, [String: Object]> = [:]
        var uploads: [String: Upload] = [:]
        var requests: [ServiceRequest] = []
        /// The time that objects get: 2026-11-22T23:11:02Z unless a test says otherwise.
        var now = 1_795_389_062.0
        /// Operations that fail, with what they say.
        var failures: [String: ServiceError] = [:]
        var pageLimit = 1000
    }

    let state = Mutex(State())

    init(buckets: String...) {
        state.withLock { state in
            for bucket in buckets { state.buckets[bucket] = [:] }
        }
    }

    var client: ScriptedClient { ScriptedClient { [self] request, _ in try answer(request) } }

    var uploadCount: Int { state.withLock { $0.uploads.count } }
    func fail(_ operation: String, _ error: ServiceError) { state.withLock { $0.failures[operation] = error } }
    func object(_ bucket: String, _ key: String) -> Object? { state.withLock { $0.buckets[bucket]?[key] } }
    func text(_ bucket: String, _ key: String) -> String? { object(bucket, key).map { String(decoding: $0.bytes, as: UTF8.self) } }
    func keys(_ bucket: String) -> [String] { state.withLock { ($0.buckets[bucket] ?? [:]).keys.sorted() } }
    func requests(_ operation: String) -> [ServiceRequest] { state.withLock { $0.requests.filter { $0.operation == operation } } }

    func put(_ bucket: String, _ key: String, _ text: String, modified: Double? = nil, properties: Value = .emptyObject) {
        state.withLock { state in
            state.buckets[bucket, default: [:]][key] = Object(
                bytes: Array(text.utf8), properties: properties, modified: modified ?? state.now)
        }
    }

    private static func bytes(of body: Body?) throws -> [UInt8] {
        switch body?.source {
        case .bytes(let bytes): return bytes
        case .file(let path, let offset, let length):
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? handle.close() }
            try handle.seek(toOffset: UInt64(offset))
            return [UInt8](try handle.read(upToCount: length) ?? Data())
        default: return []
        }
    }

    private func answer(_ request: ServiceRequest) throws -> ServiceResponse {
        let bytes = try Self.bytes(of: request.body)
        return try state.withLock { state in
            state.requests.append(request)
            if let failure = state.failures[request.operation] { throw failure }
            let input = request.input
            let bucket = input["Bucket"]?.stringValue ?? ""
            switch request.operation {
            case "ListBuckets":
                let now = state.now
                return ServiceResponse(output: [
                    "Buckets": .list(state.buckets.keys.map { ["Name": .string($0), "CreationDate": .timestamp(now)] })
                ])
            case "CreateBucket":
                if state.buckets[bucket] != nil { throw ServiceError("BucketAlreadyOwnedByYou", "You have it.") }
                state.buckets[bucket] = [:]
                return ServiceResponse(output: ["Location": .string("/" + bucket)])
            default: break
            }
            guard let objects = state.buckets[bucket] else {
                throw ServiceError("NoSuchBucket", "The specified bucket does not exist", status: 404)
            }
            switch request.operation {
            case "DeleteBucket":
                if !objects.isEmpty { throw ServiceError("BucketNotEmpty", "The bucket you tried to delete is not empty") }
                state.buckets[bucket] = nil
                return ServiceResponse()
            case "PutBucketWebsite": return ServiceResponse()
            case "ListObjectsV2": return Self.list(objects, input, limit: state.pageLimit)
            case "CreateMultipartUpload", "UploadPart", "UploadPartCopy", "CompleteMultipartUpload", "AbortMultipartUpload":
                return try Self.multipart(request.operation, input, bytes, &state)
            default: return try Self.single(request.operation, input, bytes, &state)
            }
        }
    }

    private static func list(_ objects: [String: Object], _ input: Value, limit: Int) -> ServiceResponse {
        let prefix = input["Prefix"]?.stringValue ?? ""
        let after = input["ContinuationToken"]?.stringValue ?? ""
        let limit = min(input["MaxKeys"]?.integerValue ?? limit, limit)
        var contents: [Value] = []
        var prefixes: OrderedSet<String> = []
        let keys = objects.keys.filter {
            $0.hasPrefix(prefix) && $0.utf8.lexicographicallyPrecedes(after.utf8) == false && $0 != after
        }
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for key in keys.prefix(limit) {
            let rest = key.dropFirst(prefix.count)
            if input["Delimiter"] != nil, let slash = rest.firstIndex(of: "/") {
                prefixes.append(prefix + rest[...slash])
            } else if let object = objects[key] {
                contents.append([
                    "Key": .string(key), "LastModified": .timestamp(object.modified), "Size": .integer(object.bytes.count),
                ])
            }
        }
        var output: Value = ["IsTruncated": .boolean(keys.count > limit), "Contents": .list(contents)]
        if !prefixes.isEmpty { output["CommonPrefixes"] = .list(prefixes.map { ["Prefix": .string($0)] }) }
        if keys.count > limit { output["NextContinuationToken"] = .string(keys[limit - 1]) }
        return ServiceResponse(output: output)
    }

    private static let kept = S3Kept.names

    private static func properties(_ input: Value) -> Value {
        var properties = Value.emptyObject
        for name in kept { if let value = input[name] { properties[name] = value } }
        return properties
    }

    private static func source(_ input: Value, _ state: State) throws -> Object {
        let parts = PercentEncoding.decode(input["CopySource"]?.stringValue ?? "").split(separator: "/", maxSplits: 1).map(
            String.init)
        guard parts.count == 2, let object = state.buckets[parts[0]]?[parts[1]] else {
            throw ServiceError("NoSuchKey", "The specified key does not exist.", status: 404)
        }
        return object
    }

    private static func single(_ operation: String, _ input: Value, _ bytes: [UInt8], _ state: inout State) throws
        -> ServiceResponse
    {
        let bucket = input["Bucket"]?.stringValue ?? ""
        let key = input["Key"]?.stringValue ?? ""
        let existing = state.buckets[bucket]?[key]
        switch operation {
        case "PutObject":
            if input["IfNoneMatch"] != nil, existing != nil { throw ServiceError("PreconditionFailed", "No.", status: 412) }
            state.buckets[bucket]?[key] = Object(bytes: bytes, properties: properties(input), modified: state.now)
            return ServiceResponse(output: ["ETag": "\"x\""])
        case "DeleteObject":
            state.buckets[bucket]?[key] = nil
            return ServiceResponse()
        case "CopyObject":
            var copy = try source(input, state)
            if input["MetadataDirective"]?.stringValue == "REPLACE" { copy.properties = properties(input) }
            copy.modified = state.now
            state.buckets[bucket]?[key] = copy
            return ServiceResponse()
        case "GetObjectTagging": return ServiceResponse(output: ["TagSet": [["Key": "a b", "Value": "c/d"]]])
        case "GetObject", "HeadObject":
            guard let existing else { throw ServiceError("NoSuchKey", "The specified key does not exist.", status: 404) }
            var output: Value = ["LastModified": .timestamp(existing.modified), "ContentLength": .integer(existing.bytes.count)]
            for (name, value) in existing.properties.objectValue ?? [:] { output[name] = value }
            return ServiceResponse(output: output, body: operation == "GetObject" ? Body(bytes: existing.bytes) : nil)
        default: throw ServiceError("NotImplemented", operation)
        }
    }

    private static func multipart(_ operation: String, _ input: Value, _ bytes: [UInt8], _ state: inout State) throws
        -> ServiceResponse
    {
        let existing = state.uploads.count
        let identifier = input["UploadId"]?.stringValue ?? "upload-\(existing)"
        let number = input["PartNumber"]?.integerValue ?? 0
        switch operation {
        case "CreateMultipartUpload":
            state.uploads[identifier] = Upload(
                bucket: input["Bucket"]?.stringValue ?? "", key: input["Key"]?.stringValue ?? "", properties: properties(input))
            return ServiceResponse(output: ["UploadId": .string(identifier)])
        case "UploadPart":
            state.uploads[identifier]?.parts[number] = bytes
            return ServiceResponse(output: ["ETag": .string("\"\(number)\"")])
        case "UploadPartCopy":
            let range = (input["CopySourceRange"]?.stringValue ?? "").dropFirst("bytes=".count).split(separator: "-").compactMap {
                Int($0)
            }
            let copied = Array(try source(input, state).bytes[range[0]...range[1]])
            state.uploads[identifier]?.parts[number] = copied
            return ServiceResponse(output: ["CopyPartResult": ["ETag": .string("\"\(number)\"")]])
        case "AbortMultipartUpload":
            state.uploads[identifier] = nil
            return ServiceResponse()
        default:
            guard let upload = state.uploads.removeValue(forKey: identifier) else {
                throw ServiceError("NoSuchUpload", "No upload")
            }
            let parts = input["MultipartUpload"]?["Parts"]?.listValue ?? []
            let numbers = parts.compactMap { $0["PartNumber"]?.integerValue }
            guard numbers == upload.parts.keys.sorted(),
                parts.allSatisfy({ $0["ETag"]?.stringValue == "\"\($0["PartNumber"]?.integerValue ?? 0)\"" })
            else { throw ServiceError("InvalidPart", "Wrong parts") }
            state.buckets[upload.bucket]?[upload.key] = Object(
                bytes: numbers.flatMap { upload.parts[$0] ?? [] }, properties: upload.properties, modified: state.now,
                partCount: numbers.count)
            return ServiceResponse(output: ["ETag": .string("\"x-\(numbers.count)\"")])
        }
    }
}

/// The properties of objects that the store keeps.
enum S3Kept {
    static let names = [
        "ContentType", "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "Expires", "Metadata", "Tagging",
        "ACL", "StorageClass", "ServerSideEncryption", "WebsiteRedirectLocation", "GrantRead",
    ]
}
