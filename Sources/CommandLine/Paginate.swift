// SPDX-License-Identifier: Apache-2.0

import Foundation
import JMESPath
import OrderedCollections
import ServiceModel
import Wire

/// Follows a listing page by page, cut to `--max-items` and continued from `--starting-token`, as botocore's paginator does.
struct Paginate {
    /// Sends one input and gives the shaped output.
    typealias Fetch = (Value) async throws -> JSONValue

    private let paginator: Paginator
    private let input: Shape?
    private let parameters: CallParameters
    private let resultQueries: [Query]
    private let moreResults: Query?
    private let outputTokens: [Query]

    /// What all pages share, from the first page.
    private(set) var shared = JSONValue.object(JSONObject())
    /// Where to go on after a cut, encoded.
    private(set) var resumeToken: String?

    init(_ paginator: Paginator, input: Shape?, parameters: CallParameters) throws(CommandFailure) {
        self.paginator = paginator
        self.input = input
        self.parameters = parameters
        do {
            resultQueries = try paginator.resultKeys.map { try Query($0) }
            moreResults = try paginator.moreResults.map { try Query($0) }
            outputTokens = try paginator.outputTokens.map { try Query($0) }
        } catch {
            throw .general("\(error)")
        }
    }

    /// Fetches pages until there are no more or enough; each goes to `show` with whether it is the first.
    mutating func forEachPage(from request: Value, fetch: Fetch, show: (JSONValue, Bool) throws -> Void) async throws {
        var request = request
        var token: OrderedDictionary<String, JSONValue> = [:]
        for name in paginator.inputTokens { token[name] = .null }
        var skip = 0
        if let start = parameters.startingToken {
            (token, skip) = try Self.decode(start, inputTokens: paginator.inputTokens)
            inject(token, into: &request)
        }
        if let size = parameters.pageSize, let key = paginator.limitKey {
            let isText = input?.member(named: key)?.shape.kind == .string
            request[key] = isText ? .string(String(size)) : .integer(size)
        }
        var total = 0
        var previous: OrderedDictionary<String, JSONValue>?
        var isFirst = true
        while true {
            var page = try await fetch(request)
            var skipped = 0
            if isFirst {
                if parameters.startingToken != nil {
                    skipped = skip
                    dropFirst(skip, of: &page)
                }
                recordShared(page)
            }
            let count = try resultCount(page)
            if let maximum = parameters.maximumItems, total + count > maximum {
                let kept = maximum - total
                if let key = paginator.resultKeys.first, case .array(let all)? = try resultQueries.first?.search(page) {
                    page.set(.array(Array(all.prefix(max(kept, 0)))), at: Self.path(key))
                }
                token["boto_truncate_amount"] = .integer(kept + skipped)
                resumeToken = try encode(token)
                return try show(page, isFirst)
            }
            try show(page, isFirst)
            isFirst = false
            total += count
            token = try nextToken(page)
            if token.values.allSatisfy({ $0 == .null }) { return }
            if total == parameters.maximumItems {
                resumeToken = try encode(token)
                return
            }
            if previous == token {
                let shown = token.map { "'\($0.key)': \($0.value.pythonRepresentation)" }.joined(separator: ", ")
                throw CommandFailure.general("Error during pagination: The same next token was received twice: {\(shown)}")
            }
            inject(token, into: &request)
            previous = token
        }
    }

    /// All pages as one output.
    mutating func fullResult(from request: Value, fetch: Fetch) async throws -> JSONValue {
        var complete = JSONValue.object(JSONObject())
        let queries = resultQueries
        let keys = paginator.resultKeys
        try await forEachPage(from: request, fetch: fetch) { page, _ in
            for (query, key) in zip(queries, keys) {
                let value = try query.search(page)
                if value == .null { continue }
                complete.set(Self.joined(try query.search(complete), value), at: Self.path(key))
            }
        }
        Self.merge(shared, into: &complete)
        if let resumeToken { complete.set(.string(resumeToken), at: ["NextToken"]) }
        return complete
    }

    private static func path(_ expression: String) -> ArraySlice<String> { expression.split(separator: ".").map(String.init)[...] }

    private static func joined(_ left: JSONValue, _ right: JSONValue) -> JSONValue {
        switch (left, right) {
        case (.array(let first), .array(let second)): .array(first + second)
        case (.integer(let first), .integer(let second)): .integer(first + second)
        case (.string(let first), .string(let second)): .string(first + second)
        default: right
        }
    }

    private static func merge(_ source: JSONValue, into target: inout JSONValue) {
        guard case .object(let members) = source else { return }
        for (key, value) in members.members {
            if case .object = value, case .object? = target[key], var child = target[key] {
                merge(value, into: &child)
                target.set(child, at: [key])
            } else {
                target.set(value, at: [key])
            }
        }
    }

    private mutating func recordShared(_ page: JSONValue) {
        for expression in paginator.nonAggregateKeys {
            shared.set((try? Query(expression).search(page)) ?? .null, at: Self.path(expression))
        }
    }

    private func resultCount(_ page: JSONValue) throws -> Int {
        switch try resultQueries.first?.search(page) {
        case .array(let elements)?: elements.count
        case .string(let text)?: text.count
        case .object(let members)?: members.count
        default: 0
        }
    }

    /// What an earlier command has shown already of the first page goes; the other results of that page are not repeated.
    private func dropFirst(_ count: Int, of page: inout JSONValue) {
        for (place, key) in paginator.resultKeys.enumerated() {
            guard let found = try? resultQueries[place].search(page) else { continue }
            let rest: JSONValue
            switch found {
            case .array(let elements): rest = .array(place == 0 ? Array(elements.dropFirst(count)) : [])
            case .string(let text): rest = .string(place == 0 ? String(text.dropFirst(count)) : "")
            case .integer, .double: rest = place == 0 ? .null : .integer(0)
            default: rest = .null
            }
            page.set(rest, at: Self.path(key))
        }
    }

    private func nextToken(_ page: JSONValue) throws -> OrderedDictionary<String, JSONValue> {
        if let moreResults {
            switch try moreResults.search(page) {
            case .boolean(true): break
            default: return [:]
            }
        }
        var token: OrderedDictionary<String, JSONValue> = [:]
        for (query, name) in zip(outputTokens, paginator.inputTokens) {
            let found = try query.search(page)
            token[name] = found.isPythonFalse ? .null : found
        }
        return token
    }

    private func inject(_ token: OrderedDictionary<String, JSONValue>, into request: inout Value) {
        for (name, value) in token {
            request[name] = value == .null || value == "None" ? nil : Value(value)
        }
    }

    /// `{"Marker": null, "boto_truncate_amount": 1}` in Base64.
    private func encode(_ token: OrderedDictionary<String, JSONValue>) throws(CommandFailure) -> String {
        let object = Value.object(OrderedDictionary(uniqueKeysWithValues: token.map { ($0.key, Value($0.value)) }))
        return Base64.encode(Array(JSON.serialize(object, style: .pythonDefault).utf8))
    }

    /// A token of ours, or one of the service's own as older commands took them: `TOKEN` or `TOKEN___SKIP`.
    private static func decode(
        _ text: String, inputTokens: [String]
    ) throws(CommandFailure) -> (token: OrderedDictionary<String, JSONValue>, skip: Int) {
        var token: OrderedDictionary<String, JSONValue> = [:]
        if let bytes = LenientBase64.decode(text), case .object(let members)? = try? JSON.parse(bytes) {
            for (name, value) in members where name != "boto_truncate_amount" { token[name] = JSONValue(value, zone: .universal) }
            return (token, members["boto_truncate_amount"]?.integerValue ?? 0)
        }
        var parts = text.components(separatedBy: "___")
        var skip = 0
        if parts.count == inputTokens.count + 1 {
            guard let number = Int(parts.removeLast()) else { throw .general("Bad starting token: \(text)") }
            skip = number
        }
        if parts.count > inputTokens.count { throw .general("Bad starting token: \(text)") }
        for (place, name) in inputTokens.enumerated() {
            token[name] = place < parts.count && parts[place] != "None" ? .string(parts[place]) : .null
        }
        return (token, skip)
    }
}
