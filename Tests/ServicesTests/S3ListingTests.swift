// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Testing
import Wire
import World

@testable import Services

struct S3ListingTests {
    @Test func keysComeInTheOrderOfTheirBytes() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        let keys = ["b", "a/2", "a/10", "B", "ä", "a", "z", "\u{FFFD}", "\u{1F600}", "a-"]
        for key in keys { try await world.put(key) }
        let list = try await world.send("ListObjectsV2", ["Bucket": "bucket"])
        #expect(S3TestWorld.keys(list) == keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        #expect(list["KeyCount"] == 10)
        #expect(list["IsTruncated"] == false)
        #expect(list["Contents"]?[0]?["Owner"] == nil)
        #expect(list["Contents"]?[0]?["StorageClass"] == "STANDARD")
    }

    @Test func delimitersRollKeysUp() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        for key in ["a/1", "a/2", "a/b/3", "b", "c/1", "c/", "d"] { try await world.put(key) }
        let root = try await world.send("ListObjectsV2", ["Bucket": "bucket", "Delimiter": "/"])
        #expect(S3TestWorld.prefixes(root) == ["a/", "c/"])
        #expect(S3TestWorld.keys(root) == ["b", "d"])
        let below = try await world.send("ListObjectsV2", ["Bucket": "bucket", "Delimiter": "/", "Prefix": "a/"])
        #expect(S3TestWorld.prefixes(below) == ["a/b/"])
        #expect(S3TestWorld.keys(below) == ["a/1", "a/2"])
        let marker = try await world.send("ListObjectsV2", ["Bucket": "bucket", "Delimiter": "/", "Prefix": "c/"])
        #expect(S3TestWorld.keys(marker) == ["c/", "c/1"])
        let long = try await world.send("ListObjectsV2", ["Bucket": "bucket", "Delimiter": "/b/"])
        #expect(S3TestWorld.prefixes(long) == ["a/b/"])
    }

    @Test(arguments: [nil, "/"], [1, 2, 3, 7])
    func pagesAddUpToTheWhole(delimiter: String?, size: Int) async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        for key in ["a", "b/1", "b/2", "b/3", "b0", "c/x/1", "c/x/2", "d"] { try await world.put(key) }
        var input: Value = ["Bucket": "bucket", "MaxKeys": .integer(size)]
        if let delimiter { input["Delimiter"] = .string(delimiter) }
        var names: [String] = []
        var pages = 0
        repeat {
            let page = try await world.send("ListObjectsV2", input)
            names += (S3TestWorld.keys(page) + S3TestWorld.prefixes(page)).sorted()
            #expect(page["KeyCount"]?.integerValue ?? 0 <= size)
            input["ContinuationToken"] = page["NextContinuationToken"]
            pages += 1
        } while input["ContinuationToken"] != nil && pages < 20
        let whole = delimiter == nil ? ["a", "b/1", "b/2", "b/3", "b0", "c/x/1", "c/x/2", "d"] : ["a", "b/", "b0", "c/", "d"]
        #expect(names == whole)

        var first: Value = ["Bucket": "bucket", "MaxKeys": .integer(size)]
        if let delimiter { first["Delimiter"] = .string(delimiter) }
        var older: [String] = []
        while true {
            let page = try await world.send("ListObjects", first)
            let names = (S3TestWorld.keys(page) + S3TestWorld.prefixes(page)).sorted()
            older += names
            guard page["IsTruncated"] == true, let last = names.last else { break }
            first["Marker"] = page["NextMarker"] ?? .string(last)
        }
        #expect(older == whole)
    }

    @Test func limitsAndStarts() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        for key in ["a", "b c", "d"] { try await world.put(key) }
        let none = try await world.send("ListObjectsV2", ["Bucket": "bucket", "MaxKeys": 0])
        #expect(none["IsTruncated"] == false)
        #expect(S3TestWorld.keys(none).isEmpty)
        #expect(try await world.failure("ListObjectsV2", ["Bucket": "bucket", "MaxKeys": -1]).code == "InvalidArgument")
        let after = try await world.send(
            "ListObjectsV2", ["Bucket": "bucket", "StartAfter": "a", "EncodingType": "url", "FetchOwner": true])
        #expect(S3TestWorld.keys(after) == ["b%20c", "d"])
        #expect(after["Contents"]?[0]?["Owner"]?["ID"]?.stringValue?.count == 64)
        #expect(
            try await world.failure("ListObjectsV2", ["Bucket": "bucket", "ContinuationToken": "nonsense"]).message
                == "The continuation token provided is incorrect")
    }

    /// A hundred thousand keys below three prefixes: only the rows that are shown are read.
    @Test func delimitersSeekOverWhatTheyRollUp() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        try world.world.store.write { database in
            let bucket = try #require(try database.bucket(named: "bucket"))
            let insert = try database.makeStatement(
                sql: """
                    INSERT INTO object (bucket, key, version_id, is_latest, is_delete_marker, size, etag, modified_at, storage_class,
                        owner, details) VALUES (?, ?, 'null', 1, 0, 1, '', 0, 'STANDARD', '123456789012', '{}')
                    """)
            for prefix in ["a", "b", "c"] {
                for number in 0..<33_334 { try insert.execute(arguments: [bucket.id, "\(prefix)/\(number)"]) }
            }
        }
        let root = try await world.send("ListObjectsV2", ["Bucket": "bucket", "Delimiter": "/"])
        #expect(S3TestWorld.prefixes(root) == ["a/", "b/", "c/"])
        let list = try world.world.store.read { database in
            var request = ObjectListRequest()
            request.delimiter = "/"
            return try database.listObjects(in: try #require(try database.bucket(named: "bucket")), request)
        }
        #expect(list.commonPrefixes.count == 3)
        #expect(list.examinedRowCount == 3)
        let deep = try await world.send("ListObjectsV2", ["Bucket": "bucket", "Prefix": "b/", "StartAfter": "b/9998"])
        #expect(S3TestWorld.keys(deep) == ["b/9999"])
    }
}
