// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// The members that SageMaker's list operations have in common.
struct RecordListingInput: Decodable, Sendable {
    var nextToken: String?
    var maxResults: Int?
    var creationTimeAfter: Date?
    var creationTimeBefore: Date?
    var lastModifiedTimeAfter: Date?
    var lastModifiedTimeBefore: Date?
    var nameContains: String?
    var statusEquals: String?
    var sortBy: String?
    var sortOrder: String?
    var notebookInstanceLifecycleConfigNameContains: String?
    var defaultCodeRepositoryContains: String?
    var additionalCodeRepositoryEquals: String?
}

/// One page of a list.
struct RecordListing<Record: ResourceRecord> {
    var records: [Record]
    var nextToken: String?

    /// The page that `input` asks for; at most 10 records where it does not say.
    ///
    /// - Throws: `ServiceError` ValidationException for a token that is none of this list.
    static func page(
        _ input: RecordListingInput, sortKey: ResourceQuery.SortKey = .creationTime, isAscending: Bool = false, _ call: Call
    ) throws -> RecordListing<Record> {
        var query = ResourceQuery()
        query.nameContains = input.nameContains
        query.status = input.statusEquals
        query.createdAfter = input.creationTimeAfter?.timeIntervalSince1970
        query.createdBefore = input.creationTimeBefore?.timeIntervalSince1970
        query.modifiedAfter = input.lastModifiedTimeAfter?.timeIntervalSince1970
        query.modifiedBefore = input.lastModifiedTimeBefore?.timeIntervalSince1970
        query.sortKey =
            switch input.sortBy {
            case "Name": .name
            case "CreationTime": .creationTime
            case "LastModifiedTime": .lastModifiedTime
            case "Status": .status
            default: sortKey
            }
        query.isAscending = input.sortOrder.map { $0 == "Ascending" } ?? isAscending
        query.limit = input.maxResults ?? 10
        if let token = input.nextToken { query.offset = try PageToken.offset(token, list: Record.kind) }
        let wanted = query
        let page = try call.world.store.read { try $0.resources(Record.self, in: call.scope, matching: wanted) }
        return RecordListing(
            records: page.records, nextToken: page.nextOffset.map { PageToken.text(offset: $0, list: Record.kind) })
    }
}

/// What a list's next page is asked for with: opaque to callers.
enum PageToken {
    static func text(offset: Int, list: String) -> String {
        Base64.encode(Array("\(list) \(offset)".utf8))
    }

    /// - Throws: `ServiceError` ValidationException.
    static func offset(_ token: String, list: String) throws -> Int {
        let parts = Base64.decode(token).map { String(decoding: $0, as: UTF8.self).split(separator: " ") } ?? []
        guard parts.count == 2, parts[0] == list, let offset = Int(parts[1]), offset >= 0 else {
            throw SageMakerError.validation("Invalid pagination token: \(token)")
        }
        return offset
    }
}
