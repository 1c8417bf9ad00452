// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// What a list of objects shall hold.
public struct ObjectListRequest: Sendable {
    /// Where a page begins.
    public enum Start: Sendable, Hashable {
        case beginning
        /// After all versions of a key; with a delimiter also after the common prefix that the key is or lies in.
        case afterKey(String)
        /// After everything with that prefix.
        case afterPrefix(String)
        /// After one version of a key.
        case afterVersion(key: String, id: Int64)
    }

    /// Only keys that begin with it.
    public var prefix = ""
    /// Keys with this text after the prefix are rolled up into one common prefix; nil or empty for none.
    public var delimiter: String?
    /// Where the page begins.
    public var start = Start.beginning
    /// The most keys and common prefixes together.
    public var limit = 1000
    /// All versions and delete markers rather than current objects only.
    public var includesVersions = false

    /// Makes one from its parts.
    public init() {}
}

/// One page of a list.
public struct ObjectList: Sendable {
    /// The objects, by key.
    public var objects: [ObjectSummary] = []
    /// What keys were rolled up into, in order.
    public var commonPrefixes: [String] = []
    /// Where the next page begins; nil at the end.
    public var next: ObjectListRequest.Start?
    /// How many rows were read to make it.
    public var examinedRowCount = 0
}

extension Database {
    /// One page of the objects of a bucket, by the bytes of their keys.
    ///
    /// With a delimiter the list seeks from one common prefix to the next instead of reading what lies in them.
    public func listObjects(in bucket: Bucket, _ request: ObjectListRequest) throws -> ObjectList {
        var list = ObjectList()
        guard request.limit > 0 else { return list }
        var cursor = ListCursor(bucket: bucket, request: request)
        while let row = try cursor.next(in: self) {
            list.examinedRowCount += 1
            if list.objects.count + list.commonPrefixes.count == request.limit {
                list.next = cursor.last
                return list
            }
            if let rolledUp = cursor.commonPrefix(of: row.key) {
                if cursor.isBeforeStart(commonPrefix: rolledUp) {
                    cursor.skip(rolledUp)
                } else {
                    list.commonPrefixes.append(rolledUp)
                    cursor.take(commonPrefix: rolledUp)
                }
            } else {
                list.objects.append(row)
                cursor.take(row)
            }
        }
        return list
    }
}

/// A place in the order of keys, and the rows from there on.
private struct ListCursor {
    private let bucket: Bucket
    private let request: ObjectListRequest
    private let sql: String
    private let upperBound: [UInt8]
    /// Rows at or after these bytes.
    private var lowerBound: [UInt8]
    /// With versions: rows of exactly this key come only with smaller ids.
    private var version: (key: String, id: Int64)?
    private var rows: RowCursor?
    /// What has been taken last: where another page would begin after.
    private(set) var last: ObjectListRequest.Start

    init(bucket: Bucket, request: ObjectListRequest) {
        self.bucket = bucket
        self.request = request
        last = request.start
        sql = """
            SELECT \(ObjectSummary.columns) FROM object
            WHERE bucket = ? AND key >= CAST(? AS TEXT) AND key < CAST(? AS TEXT)\(request.includesVersions ? "" : " AND is_latest AND NOT is_delete_marker")
            ORDER BY key\(request.includesVersions ? ", id DESC" : "")
            """
        let prefix = Array(request.prefix.utf8)
        upperBound = prefix.isEmpty ? [0xFF] : ListCursor.successor(ofPrefix: prefix)
        lowerBound = prefix
        switch request.start {
        case .beginning: break
        case .afterKey(let key): raise(to: Array(key.utf8) + [0])
        case .afterPrefix(let prefix): raise(to: ListCursor.successor(ofPrefix: Array(prefix.utf8)))
        case .afterVersion(let key, let id):
            raise(to: Array(key.utf8))
            version = (key, id)
        }
    }

    private mutating func raise(to bytes: [UInt8]) {
        if lowerBound.lexicographicallyPrecedes(bytes) { lowerBound = bytes }
        rows = nil
    }

    /// The smallest bytes that come after everything that begins with `prefix`.
    static func successor(ofPrefix prefix: [UInt8]) -> [UInt8] {
        // No byte of UTF-8 text is 0xFF, so the last one can always be raised.
        var bytes = prefix
        if let last = bytes.popLast() { bytes.append(last + 1) }
        return bytes
    }

    mutating func next(in database: Database) throws -> ObjectSummary? {
        while true {
            if rows == nil {
                guard lowerBound.lexicographicallyPrecedes(upperBound) else { return nil }
                rows = try Row.fetchCursor(
                    try database.cachedStatement(sql: sql), arguments: [bucket.id, Data(lowerBound), Data(upperBound)])
            }
            guard let row = try rows?.next().map(ObjectSummary.init) else { return nil }
            if let version, row.key == version.key, row.id >= version.id { continue }
            return row
        }
    }

    /// What a key is rolled up into; nil where it stands for itself.
    func commonPrefix(of key: String) -> String? {
        guard let delimiter = request.delimiter, !delimiter.isEmpty else { return nil }
        let bytes = Array(key.utf8)
        let mark = Array(delimiter.utf8)
        var position = request.prefix.utf8.count
        while position + mark.count <= bytes.count {
            if bytes[position] == mark[0], bytes[position..<position + mark.count].elementsEqual(mark) {
                return String(decoding: bytes[..<(position + mark.count)], as: UTF8.self)
            }
            position += 1
        }
        return nil
    }

    /// Whether the page began after a key that is, or is in, the prefix.
    func isBeforeStart(commonPrefix: String) -> Bool {
        switch request.start {
        case .afterKey(let key), .afterVersion(let key, _): key.utf8.starts(with: commonPrefix.utf8)
        case .beginning, .afterPrefix: false
        }
    }

    mutating func take(_ row: ObjectSummary) {
        last = request.includesVersions ? .afterVersion(key: row.key, id: row.id) : .afterKey(row.key)
    }

    mutating func take(commonPrefix: String) {
        last = .afterPrefix(commonPrefix)
        skip(commonPrefix)
    }

    mutating func skip(_ prefix: String) {
        raise(to: ListCursor.successor(ofPrefix: Array(prefix.utf8)))
    }
}
