// SPDX-License-Identifier: Apache-2.0

import JMESPath

/// What `--output` chooses.
public enum OutputFormat: String, Sendable, CaseIterable {
    case json
    case text
    case table
    case yaml
    case yamlStream = "yaml-stream"
    case off
}

/// Why an output cannot be printed.
public enum OutputError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The query does not fit the output.
    case query(JMESPathError)
    /// The format cannot show a value of this shape.
    case layout(String)

    /// The text as the real CLI prints it after `aws: [ERROR]: `.
    public var description: String {
        switch self {
        case .query(let error): error.description
        case .layout(let text): text
        }
    }
}

/// Turns an operation's output into what is printed: applies the query, then lays the result out.
public struct OutputFormatter: Sendable {
    /// `--output`.
    public let format: OutputFormat
    /// `--query`.
    public let query: Query?
    /// Only tables have colours.
    public let usesColor: Bool
    /// The columns of the terminal; tables that are wider turn their single rows upright.
    public let terminalWidth: Int

    /// A formatter for one command; `usesColor` and `terminalWidth` matter to tables only.
    public init(format: OutputFormat, query: Query? = nil, usesColor: Bool = false, terminalWidth: Int = 80) {
        self.format = format
        self.query = query
        self.usesColor = usesColor
        self.terminalWidth = terminalWidth
    }

    /// True where each page of a listing is queried and printed by itself; false where all pages are joined first.
    public var printsPages: Bool { format == .text || format == .yamlStream }

    /// The text to print for a whole output, or for one page of it where `printsPages`.
    ///
    /// - Parameters:
    ///   - output: The output in member order.
    ///   - operation: The operation's name: the title of tables.
    /// - Returns: Complete lines, or nothing.
    public func text(of output: JSONValue, operation: String) throws(OutputError) -> String {
        var result = output
        if let query {
            do throws(JMESPathError) {
                result = try query.search(output)
            } catch {
                throw .query(error)
            }
        }
        switch format {
        case .off: return ""
        case .json: return result == .object(JSONObject()) ? "" : result.json(indent: 4) + "\n"
        case .text:
            var writer = TextWriter()
            try writer.write(result)
            return writer.text
        case .table:
            var builder = TableBuilder()
            guard try builder.build(title: operation, result, level: 0) else { return "" }
            return builder.table.render(usesColor: usesColor, terminalWidth: terminalWidth)
        case .yaml: return result == .object(JSONObject()) ? "" : YAMLWriter.document(result)
        case .yamlStream: return result == .object(JSONObject()) ? "" : YAMLWriter.document(.array([result]))
        }
    }

    /// What of a listing's page is printed in text format: its results, and on the first page what all pages share.
    ///
    /// - Parameters:
    ///   - resultKeys: The paginator's JMESPath expressions of the results; a missing result shows as null.
    ///   - nonAggregateKeys: The paginator's expressions of what is the same on each page.
    public static func textPage(
        of page: JSONValue, resultKeys: [String], nonAggregateKeys: [String], isFirst: Bool
    ) -> JSONValue {
        var shown = JSONValue.object(JSONObject())
        for expression in isFirst ? nonAggregateKeys + resultKeys : resultKeys {
            let found = (try? Query(expression).search(page)) ?? .null
            shown.set(found, at: expression.split(separator: ".").map(String.init)[...])
        }
        return shown
    }

    /// What is printed in text format after a listing that was cut short.
    public static func textPage(resumeToken: String) -> JSONValue {
        ["NextToken": ["NextToken": .string(resumeToken)]]
    }
}

extension JSONValue {
    /// Sets the member at the end of `path`, making the objects on the way.
    mutating func set(_ value: JSONValue, at path: ArraySlice<String>) {
        guard let key = path.first else {
            self = value
            return
        }
        var members = JSONObject()
        if case .object(let object) = self { members = object }
        var child = members[key] ?? .null
        child.set(value, at: path.dropFirst())
        members[key] = child
        self = .object(members)
    }

    var isScalar: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }

    /// Python's notion of nothing: what tables do not show.
    var isPythonFalse: Bool {
        switch self {
        case .null: true
        case .boolean(let flag): !flag
        case .integer(let number): number == 0
        case .double(let number): number == 0
        case .string(let text): text.isEmpty
        case .array(let elements): elements.isEmpty
        case .object(let object): object.isEmpty
        }
    }
}

/// Names in the order of their code points.
func sortedByCodePoints(_ names: some Sequence<String>) -> [String] {
    names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}
