// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire
import World

/// One object in a list.
struct ListedObject: Encodable, Sendable {
    var key: String
    var lastModified: Date
    var eTag: String
    var checksumAlgorithm: [String]?
    var checksumType: String?
    var size: Int
    var storageClass: String
    var owner: ObjectOwner?

    init(_ summary: ObjectSummary, encoding: String?, showsOwner: Bool) {
        key = S3Text.encoded(summary.key, encoding)
        lastModified = Date(timeIntervalSince1970: summary.lastModifiedTime.rounded(.down))
        eTag = S3Text.quoted(summary.eTag)
        checksumAlgorithm = summary.checksumAlgorithm.map { [$0] }
        checksumType = summary.checksumType
        size = summary.size
        storageClass = summary.storageClass
        owner = showsOwner ? ObjectOwner(account: summary.owner) : nil
    }
}

/// A common prefix in a list.
struct ListedPrefix: Encodable, Sendable {
    var prefix: String

    init(_ text: String, encoding: String?) { prefix = S3Text.encoded(text, encoding) }
}

enum Listing {
    /// A page of a bucket's objects; public data whose size nobody has asked for yet is made first.
    static func page(_ request: ObjectListRequest, in bucket: Bucket, call: Call) async throws -> ObjectList {
        var list = try call.world.store.read { try $0.listObjects(in: bucket, request) }
        guard list.objects.contains(where: { $0.size < 0 }) else { return list }
        for (index, summary) in list.objects.enumerated() where summary.size < 0 {
            guard let object = try call.world.store.read({ try $0.object(id: summary.id) }) else { continue }
            list.objects[index] = try await ObjectStorage.materialize(object, call: call).summary
        }
        return list
    }

    /// Where a page began, as a token that clients don't look into.
    static func token(_ start: ObjectListRequest.Start?) -> String? {
        switch start {
        case .afterKey(let key): Base64.encode(Array("k\(key)".utf8))
        case .afterPrefix(let prefix): Base64.encode(Array("p\(prefix)".utf8))
        case .beginning, .afterVersion, nil: nil
        }
    }

    static func start(token: String) throws -> ObjectListRequest.Start {
        let text = Base64.decode(token).flatMap { String(validating: $0, as: UTF8.self) }
        switch text?.first {
        case "k": return .afterKey(String(text?.dropFirst() ?? ""))
        case "p": return .afterPrefix(String(text?.dropFirst() ?? ""))
        default:
            throw S3Error.invalidArgument("The continuation token provided is incorrect", name: "continuation-token", value: token)
        }
    }
}

extension S3Service {
    /// The objects of a bucket, in pages.
    enum ListObjectsV2: Operation {
        struct Input: Decodable {
            var bucket: String
            var delimiter: String?
            var encodingType: String?
            var maxKeys: Int?
            var prefix: String?
            var continuationToken: String?
            var fetchOwner: Bool?
            var startAfter: String?
        }

        struct Output: Encodable {
            var isTruncated: Bool
            var contents: [ListedObject]?
            var name: String
            var prefix: String
            var delimiter: String?
            var maxKeys: Int
            var commonPrefixes: [ListedPrefix]?
            var encodingType: String?
            var keyCount: Int
            var continuationToken: String?
            var nextContinuationToken: String?
            var startAfter: String?
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Output {
            let bucket = try call.bucket(input.bucket)
            try S3Text.check(encodingType: input.encodingType)
            var request = ObjectListRequest()
            request.prefix = input.prefix ?? ""
            request.delimiter = input.delimiter
            request.limit = try S3Text.limit(input.maxKeys, name: "max-keys")
            if let token = input.continuationToken {
                request.start = try Listing.start(token: token)
            } else if let key = input.startAfter, !key.isEmpty {
                request.start = .afterKey(key)
            }
            let list = try await Listing.page(request, in: bucket, call: call)
            let encoding = input.encodingType
            let prefixes = list.commonPrefixes.map { ListedPrefix($0, encoding: encoding) }
            return Output(
                isTruncated: list.next != nil,
                contents: list.objects.isEmpty
                    ? nil : list.objects.map { ListedObject($0, encoding: encoding, showsOwner: input.fetchOwner == true) },
                name: bucket.name, prefix: S3Text.encoded(request.prefix, encoding),
                delimiter: input.delimiter.flatMap { $0.isEmpty ? nil : S3Text.encoded($0, encoding) }, maxKeys: request.limit,
                commonPrefixes: prefixes.isEmpty ? nil : prefixes, encodingType: encoding,
                keyCount: list.objects.count + prefixes.count, continuationToken: input.continuationToken,
                nextContinuationToken: Listing.token(list.next),
                // A token overrules it.
                startAfter: input.continuationToken == nil ? input.startAfter.map { S3Text.encoded($0, encoding) } : nil)
        }
    }

    /// The objects of a bucket as S3's first version lists them.
    enum ListObjects: Operation {
        struct Input: Decodable {
            var bucket: String
            var delimiter: String?
            var encodingType: String?
            var marker: String?
            var maxKeys: Int?
            var prefix: String?
        }

        struct Output: Encodable {
            var isTruncated: Bool
            var marker: String
            var nextMarker: String?
            var contents: [ListedObject]?
            var name: String
            var prefix: String
            var delimiter: String?
            var maxKeys: Int
            var commonPrefixes: [ListedPrefix]?
            var encodingType: String?
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Output {
            let bucket = try call.bucket(input.bucket)
            try S3Text.check(encodingType: input.encodingType)
            var request = ObjectListRequest()
            request.prefix = input.prefix ?? ""
            request.delimiter = input.delimiter
            request.limit = try S3Text.limit(input.maxKeys, name: "max-keys")
            if let marker = input.marker, !marker.isEmpty { request.start = .afterKey(marker) }
            let list = try await Listing.page(request, in: bucket, call: call)
            let encoding = input.encodingType
            let prefixes = list.commonPrefixes.map { ListedPrefix($0, encoding: encoding) }
            var next: String?
            if input.delimiter?.isEmpty == false {
                switch list.next {
                case .afterKey(let text), .afterPrefix(let text): next = S3Text.encoded(text, encoding)
                default: break
                }
            }
            return Output(
                isTruncated: list.next != nil, marker: S3Text.encoded(input.marker ?? "", encoding), nextMarker: next,
                contents: list.objects.isEmpty ? nil : list.objects.map { ListedObject($0, encoding: encoding, showsOwner: true) },
                name: bucket.name, prefix: S3Text.encoded(request.prefix, encoding),
                delimiter: input.delimiter.flatMap { $0.isEmpty ? nil : S3Text.encoded($0, encoding) }, maxKeys: request.limit,
                commonPrefixes: prefixes.isEmpty ? nil : prefixes, encodingType: encoding)
        }
    }

    /// All versions and delete markers of a bucket's objects, newest first for each key.
    enum ListObjectVersions: Operation {
        struct Input: Decodable {
            var bucket: String
            var delimiter: String?
            var encodingType: String?
            var keyMarker: String?
            var maxKeys: Int?
            var prefix: String?
            var versionIdMarker: String?
        }

        struct Output: Encodable {
            struct Version: Encodable {
                var eTag: String
                var checksumAlgorithm: [String]?
                var checksumType: String?
                var size: Int
                var storageClass: String
                var key: String
                var versionId: String
                var isLatest: Bool
                var lastModified: Date
                var owner: ObjectOwner
            }

            struct Marker: Encodable {
                var owner: ObjectOwner
                var key: String
                var versionId: String
                var isLatest: Bool
                var lastModified: Date
            }

            var isTruncated: Bool
            var keyMarker: String
            var versionIdMarker: String
            var nextKeyMarker: String?
            var nextVersionIdMarker: String?
            var versions: [Version]?
            var deleteMarkers: [Marker]?
            var name: String
            var prefix: String
            var delimiter: String?
            var maxKeys: Int
            var commonPrefixes: [ListedPrefix]?
            var encodingType: String?
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Output {
            let bucket = try call.bucket(input.bucket)
            try S3Text.check(encodingType: input.encodingType)
            var request = ObjectListRequest()
            request.includesVersions = true
            request.prefix = input.prefix ?? ""
            request.delimiter = input.delimiter
            request.limit = try S3Text.limit(input.maxKeys, name: "max-keys")
            request.start = try start(input, bucket: bucket, call: call)
            let list = try await Listing.page(request, in: bucket, call: call)
            let encoding = input.encodingType
            let versions = list.objects.filter { !$0.isDeleteMarker }.map { version($0, encoding: encoding) }
            let markers = list.objects.filter(\.isDeleteMarker).map { object in
                Output.Marker(
                    owner: ObjectOwner(account: object.owner), key: S3Text.encoded(object.key, encoding),
                    versionId: object.versionID,
                    isLatest: object.isLatest, lastModified: Date(timeIntervalSince1970: object.lastModifiedTime.rounded(.down)))
            }
            let prefixes = list.commonPrefixes.map { ListedPrefix($0, encoding: encoding) }
            var output = Output(
                isTruncated: list.next != nil, keyMarker: S3Text.encoded(input.keyMarker ?? "", encoding),
                versionIdMarker: input.versionIdMarker ?? "", versions: versions.isEmpty ? nil : versions,
                deleteMarkers: markers.isEmpty ? nil : markers, name: bucket.name, prefix: S3Text.encoded(request.prefix, encoding),
                delimiter: input.delimiter.flatMap { $0.isEmpty ? nil : S3Text.encoded($0, encoding) }, maxKeys: request.limit,
                commonPrefixes: prefixes.isEmpty ? nil : prefixes, encodingType: encoding)
            switch list.next {
            case .afterPrefix(let prefix): output.nextKeyMarker = S3Text.encoded(prefix, encoding)
            case .afterVersion(let key, let id):
                output.nextKeyMarker = S3Text.encoded(key, encoding)
                output.nextVersionIdMarker = list.objects.last { $0.id == id }?.versionID
            default: break
            }
            return output
        }

        private static func start(_ input: Input, bucket: Bucket, call: Call) throws -> ObjectListRequest.Start {
            guard let key = input.keyMarker, !key.isEmpty else {
                if let version = input.versionIdMarker, !version.isEmpty {
                    throw S3Error.invalidArgument(
                        "A version-id marker cannot be specified without a key marker.", name: "version-id-marker", value: version)
                }
                return .beginning
            }
            guard let version = input.versionIdMarker, !version.isEmpty else { return .afterKey(key) }
            guard let object = try call.world.store.read({ try $0.object(key, version: version, in: bucket) }) else {
                throw S3Error.invalidArgument("Invalid version id specified", name: "version-id-marker", value: version)
            }
            return .afterVersion(key: key, id: object.summary.id)
        }

        private static func version(_ object: ObjectSummary, encoding: String?) -> Output.Version {
            Output.Version(
                eTag: S3Text.quoted(object.eTag), checksumAlgorithm: object.checksumAlgorithm.map { [$0] },
                checksumType: object.checksumType, size: object.size, storageClass: object.storageClass,
                key: S3Text.encoded(object.key, encoding), versionId: object.versionID, isLatest: object.isLatest,
                lastModified: Date(timeIntervalSince1970: object.lastModifiedTime.rounded(.down)),
                owner: ObjectOwner(account: object.owner))
        }
    }
}
