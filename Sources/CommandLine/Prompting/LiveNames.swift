// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Synchronization
import Wire

/// A thing that is there.
struct LiveItem: Sendable, Equatable {
    var name: String
    /// Its state, when it was made.
    var summary: String
}

/// The names of what is in the world, asked for through the services as the user, and kept until the world changes.
///
/// Typing never waits for them: an answer that takes longer than the budget is there at the next question.
public final class LiveNames: Sendable {
    private struct Entry {
        var mark: String
        var items: [LiveItem]
        var isComplete: Bool
        /// Left once the answer that is under way is here.
        var loading: DispatchGroup?
    }

    private struct Answer {
        var items: [LiveItem]
        var isComplete: Bool
    }

    private let client: any ServiceClient
    private let credentials: Credentials?
    private let region: String
    private let changeMark: @Sendable () -> String
    private let budgetSeconds: Double
    private let entries = Mutex<[String: Entry]>([:])

    /// How many answers of a whole listing are asked for at most; of what fits a beginning, one is enough to choose from.
    private static let pageMaximum = 5
    /// What services call the place where the next answer goes on.
    private static let tokens = ["NextToken", "nextToken", "ContinuationToken"]

    /// - Parameters:
    ///   - changeMark: Something that is another text once the world has changed.
    ///   - budgetSeconds: How long a question may take.
    public init(
        client: any ServiceClient, credentials: Credentials?, region: String, changeMark: @escaping @Sendable () -> String,
        budgetSeconds: Double = 0.05
    ) {
        self.client = client
        self.credentials = credentials
        self.region = region
        self.changeMark = changeMark
        self.budgetSeconds = budgetSeconds
    }

    /// The things of a kind whose names may fit what is typed; not yet filtered.
    func items(_ resource: LiveResource, typed: String, given: [String: String], waits: Bool = true) -> [LiveItem] {
        var input = resource.input
        var key = resource.key
        if let parent = resource.parent {
            guard let value = given[parent.option], !value.isEmpty else { return [] }
            input[parent.member] = .string(value)
            key += " " + value
        }
        let all = look(up: key, waits: waits) { [self, input] in
            await list(resource, input, pageMaximum: LiveNames.pageMaximum)
        }
        guard !all.isComplete, let filter = resource.filter, !typed.isEmpty else { return all.items }
        input[filter] = .string(typed)
        let fitting = look(up: "\(key) \(typed)", waits: waits) { [self, input] in await list(resource, input, pageMaximum: 1) }
            .items
        return fitting.isEmpty ? all.items : fitting
    }

    /// The objects and folders of a bucket whose keys begin so.
    func objects(bucket: String, prefix: String, waits: Bool = true) -> [LiveItem] {
        look(up: "s3://\(bucket)/\(prefix)", waits: waits) { [self] in
            let input: Value = ["Bucket": .string(bucket), "Prefix": .string(prefix), "Delimiter": "/", "MaxKeys": 500]
            guard let output = await send("s3", "ListObjectsV2", input) else { return Answer(items: [], isComplete: true) }
            let folders = (output["CommonPrefixes"]?.listValue ?? []).compactMap { $0["Prefix"]?.stringValue }
            let objects = (output["Contents"]?.listValue ?? []).compactMap { object -> LiveItem? in
                guard let key = object["Key"]?.stringValue else { return nil }
                let size = object["Size"]?.integerValue.map { "\($0) bytes" } ?? ""
                return LiveItem(name: key, summary: LiveNames.joined([size, LiveNames.text(object["LastModified"])]))
            }
            return Answer(items: folders.map { LiveItem(name: $0, summary: "") } + objects, isComplete: true)
        }.items
    }

    private func look(up key: String, waits: Bool, load: @escaping @Sendable () async -> Answer) -> Answer {
        let mark = changeMark()
        let (loading, isFirst) = entries.withLock { entries -> (DispatchGroup?, Bool) in
            var entry = entries[key] ?? Entry(mark: "", items: [], isComplete: true)
            if let loading = entry.loading { return (loading, false) }
            if entry.mark == mark { return (nil, false) }
            let loading = DispatchGroup()
            loading.enter()
            entry.loading = loading
            entries[key] = entry
            return (loading, true)
        }
        if let loading, isFirst {
            Task.detached { [self] in
                let answer = await load()
                entries.withLock { entries in
                    // What is kept does not grow for ever: names that were asked for long ago go.
                    if entries.count > 200 { entries = entries.filter { $0.value.loading != nil } }
                    entries[key] = Entry(mark: mark, items: answer.items, isComplete: answer.isComplete)
                }
                loading.leave()
            }
        }
        if let loading, waits { _ = loading.wait(timeout: .now() + budgetSeconds) }
        let entry = entries.withLock { $0[key] }
        return Answer(items: entry?.items ?? [], isComplete: entry?.isComplete ?? true)
    }

    private func list(_ resource: LiveResource, _ input: Value, pageMaximum: Int) async -> Answer {
        var items: [LiveItem] = []
        var seen = Set<String>()
        var input = input
        for _ in 0..<pageMaximum {
            guard let output = await send(resource.service, resource.operation, input) else { break }
            for item in output[resource.items]?.listValue ?? [] {
                guard let name = item[resource.name]?.stringValue, seen.insert(name).inserted else { continue }
                items.append(LiveItem(name: name, summary: LiveNames.joined(resource.details.map { LiveNames.text(item[$0]) })))
            }
            if let name = LiveNames.tokens.first(where: { output[$0] != nil }) {
                input[name] = output[name]
            } else if let marker = output["Marker"] {
                input["Marker"] = marker
            } else {
                return Answer(items: items, isComplete: true)
            }
        }
        return Answer(items: items, isComplete: items.isEmpty)
    }

    private func send(_ service: String, _ operation: String, _ input: Value) async -> Value? {
        let request = ServiceRequest(
            service: service, operation: operation, input: input, credentials: credentials, region: region,
            userAgent: "sagebrush-completion")
        // What the user may not list, or what is not there, has no names to show.
        return try? await client.send(request).output
    }

    private static func joined(_ parts: [String]) -> String { parts.filter { !$0.isEmpty }.joined(separator: ", ") }

    private static func text(_ value: Value?) -> String {
        switch value {
        case .string(let text): return text
        case .integer(let number): return "\(number)"
        case .double(let number): return number == number.rounded() ? "\(Int(exactly: number) ?? 0)" : "\(number)"
        case .timestamp(let seconds):
            var time = time_t(seconds)
            var parts = tm()
            localtime_r(&time, &parts)
            var bytes = [UInt8](repeating: 0, count: 32)
            let count = bytes.withUnsafeMutableBytes { buffer in
                buffer.withMemoryRebound(to: CChar.self) { strftime($0.baseAddress, $0.count, "%Y-%m-%d %H:%M", &parts) }
            }
            return String(decoding: bytes.prefix(count), as: UTF8.self)
        default: return ""
        }
    }
}
