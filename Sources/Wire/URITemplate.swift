// SPDX-License-Identifier: Apache-2.0

/// The address pattern of an operation, `/{Bucket}/{Key+}?tagging` for one.
///
/// `{Name}` stands for one segment, `{Name+}` for one or more.
public struct URITemplate: Sendable, Hashable {
    enum Segment: Sendable, Hashable {
        case literal(String)
        case label(String)
        case greedyLabel(String)
    }

    let segments: [Segment]
    /// The query items that a request must have; one without value may have any.
    let queryItems: [QueryItem]
    /// Ends in `/`.
    let hasTrailingSlash: Bool

    /// Reads a template.
    public init(_ text: String) {
        let question = text.firstIndex(of: "?") ?? text.endIndex
        let path = text[..<question]
        segments = path.split(separator: "/", omittingEmptySubsequences: true).map { part in
            guard part.hasPrefix("{"), part.hasSuffix("}") else { return .literal(String(part)) }
            let name = part.dropFirst().dropLast()
            return name.hasSuffix("+") ? .greedyLabel(String(name.dropLast())) : .label(String(name))
        }
        queryItems = question < text.endIndex ? QueryItem.parse(text[text.index(after: question)...]) : []
        hasTrailingSlash = path.count > 1 && path.hasSuffix("/")
    }

    /// How much a match says: literal segments and query items count most.
    var literalCount: Int {
        segments.reduce(queryItems.count) { if case .literal = $1 { $0 + 1 } else { $0 } }
    }

    /// The labels' values where a path fits; nil where it does not.
    ///
    /// - Parameter path: Percent-encoded segments of the request's path.
    func match(_ path: [Substring]) -> [String: String]? {
        var labels: [String: String] = [:]
        var position = 0
        for (index, segment) in segments.enumerated() {
            switch segment {
            case .literal(let text):
                guard position < path.count, PercentEncoding.decode(path[position]) == text else { return nil }
                position += 1
            case .label(let name):
                guard position < path.count, !path[position].isEmpty else { return nil }
                labels[name] = PercentEncoding.decode(path[position])
                position += 1
            case .greedyLabel(let name):
                let end = path.count - (segments.count - index - 1)
                guard end > position else { return nil }
                let value = path[position..<end].map { PercentEncoding.decode($0) }.joined(separator: "/")
                guard !value.isEmpty else { return nil }
                labels[name] = value
                position = end
            }
        }
        return position == path.count ? labels : nil
    }

    /// The percent-encoded path with the labels filled in.
    func path(_ values: (String) -> String?) -> String {
        let parts = segments.map { segment in
            switch segment {
            case .literal(let text): text
            case .label(let name): PercentEncoding.encode(values(name) ?? "")
            case .greedyLabel(let name): PercentEncoding.encode(values(name) ?? "", keepsSlash: true)
            }
        }
        return "/" + parts.joined(separator: "/") + (hasTrailingSlash ? "/" : "")
    }
}
