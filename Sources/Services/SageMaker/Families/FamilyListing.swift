// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import OrderedCollections
import ServiceModel
import Wire
import World

extension ResourceFamily {
    /// Members of list inputs that are not filters.
    private static let paging: Set = ["NextToken", "MaxResults", "SortBy", "SortOrder"]
    /// Entries of a page where the request doesn't say.
    private static let pageLength = 10

    func list(_ input: Value, _ call: Call) throws -> Value {
        try list(input, call) { _, _ in true }
    }

    /// One page of the resources that the input's filters, and `isWanted`, let through.
    func list(
        _ input: Value, _ call: Call, where isWanted: @Sendable (KeptRecord, Database) throws -> Bool
    ) throws -> Value {
        let output = ResourceFamilies.model?.operation(call.operation)?.output
        guard let member = output?.members.first(where: { $0.shape.kind == .list }) else { return .emptyObject }
        let records = try call.world.store.read { database in
            try database.keptRecords(kind, in: call.scope).filter { try isWanted($0, database) }
        }
        var entries = records.map { (record: $0, facts: summary($0)) }
        for (filter, wanted) in input.objectValue ?? [:] where !Self.paging.contains(filter) && wanted != .null {
            entries = entries.filter { passes($0.facts, $0.record, filter, wanted) }
        }
        sort(&entries, by: input["SortBy"]?.stringValue, order: input["SortOrder"]?.stringValue)
        let page = try ListPage(
            of: entries.map(\.facts), token: input["NextToken"]?.stringValue,
            limit: input["MaxResults"]?.integerValue ?? Self.pageLength, list: kind,
            invalid: SageMakerError.validation("Invalid pagination token because \"\(input["NextToken"]?.stringValue ?? "")\"."))
        var result: Value = .emptyObject
        result[member.name] = .list(page.elements)
        result["NextToken"] = page.nextToken.map(Value.string)
        return result
    }

    /// What list entries take their members from.
    private func summary(_ record: KeptRecord) -> Value {
        var facts = facts(record)
        for (name, source) in summaryNames { facts[name] = facts[source] }
        return facts
    }

    private func passes(_ facts: Value, _ record: KeptRecord, _ filter: String, _ wanted: Value) -> Bool {
        if let time = wanted.doubleValue, filter.hasSuffix("After") || filter.hasSuffix("Before") {
            let own = filter.hasPrefix("Creat") ? record.creationTime : record.lastModifiedTime
            return filter.hasSuffix("After") ? own >= time : own <= time
        }
        guard let text = wanted.stringValue else { return true }
        switch filter {
        case "NameContains": return record.name.range(of: text, options: .caseInsensitive) != nil
        case "StatusEquals", "Status": return record.status == text
        default: break
        }
        for (suffix, compare) in Self.comparisons where filter.hasSuffix(suffix) {
            let found = member(String(filter.dropLast(suffix.count)), of: facts)
            return found.map { compare($0, text) } ?? false
        }
        return member(filter, of: facts).map { $0 == text || Self.nameOfARN(text) == $0 } ?? false
    }

    private static let comparisons: [(String, @Sendable (String, String) -> Bool)] = [
        ("Equals", { $0 == $1 }), ("Contains", { $0.range(of: $1, options: .caseInsensitive) != nil }),
        ("NamePrefix", { $0.hasPrefix($1) }),
    ]

    /// The member that a filter speaks of; `PipelineNamePrefix` speaks of `PipelineName`.
    private func member(_ name: String, of facts: Value) -> String? {
        facts[name]?.stringValue ?? facts[name + "Name"]?.stringValue
            ?? (name == "SourceUri" ? facts["Source"]?["SourceUri"]?.stringValue : nil)
    }

    private func sort(_ entries: inout [(record: KeptRecord, facts: Value)], by key: String?, order: String?) {
        let name = (key ?? "CreationTime").replacing("_", with: "").lowercased()
        let isAscending = order.map { $0.hasPrefix("Asc") || $0 == "ASCENDING" } ?? listsAscending
        entries.sort { left, right in
            let (first, second) = isAscending ? (left.record, right.record) : (right.record, left.record)
            switch name {
            case let name where name.hasSuffix("status"): return (first.status, first.name) < (second.status, second.name)
            case let name where name.hasPrefix("lastmodified"):
                return (first.lastModifiedTime, first.name) < (second.lastModifiedTime, second.name)
            case let name where name.hasSuffix("name"): return first.name < second.name
            default: return (first.creationTime, first.name) < (second.creationTime, second.name)
            }
        }
    }
}
