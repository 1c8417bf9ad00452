// SPDX-License-Identifier: Apache-2.0

import OrderedCollections
import ServiceModel

/// `help`, made from the tables: what there is, which values it takes, and how they are written.
enum Help {
    static func top(_ commands: [String]) -> String {
        header("aws") + section("SYNOPSIS", ["   aws [options] <command> <subcommand> [parameters]"])
            + section("GLOBAL OPTIONS", GlobalOptions.specifications.map(globalOption))
            + section("AVAILABLE COMMANDS", commands.map { "o \($0)" })
    }

    static func service(_ service: ServiceModel, _ operations: [String]) -> String {
        header(service.commandName) + section("AVAILABLE COMMANDS", (operations + ["help"]).sorted().map { "o \($0)" })
    }

    static func waiters(_ service: ServiceModel) -> String {
        header("wait")
            + section(
                "AVAILABLE COMMANDS",
                service.waiters.map {
                    "o \($0.commandName): asks \(kebabName($0.operation)) every \($0.delaySeconds) s, "
                        + "at most \($0.maximumAttempts) times"
                })
    }

    static func custom(_ path: [String]) -> String {
        header(path.last ?? "") + section("SYNOPSIS", ["   aws \(path.joined(separator: " ")) [parameters]"])
    }

    static func operation(_ arguments: OperationArguments, waiter: Waiter?) -> String {
        let operation = arguments.operation
        let name = waiter?.commandName ?? operation.commandName
        let entries = arguments.entries.values.filter { !$0.isHidden }
        var synopsis = ["    \(name)"]
        var options: [String] = []
        for entry in entries {
            if case .negation = entry.role { continue }
            synopsis.append(synopsisLine(entry))
            options += optionLines(entry, operation)
        }
        synopsis += GlobalOptions.specifications.map { "[\(globalOption($0))]" }
        var text = header(name) + section("SYNOPSIS", synopsis) + section("OPTIONS", options)
        if waiter == nil, let output = operation.output, !output.members.isEmpty {
            text += section("OUTPUT", output.members.map { "\($0.name) -> (\($0.shape.kind.rawValue))" })
        }
        if waiter == nil, !operation.errors.isEmpty { text += section("ERRORS", operation.errors.map(\.errorCode)) }
        return text
    }

    private static func kebabName(_ name: String) -> String { commandName(name) }

    private static func header(_ name: String) -> String {
        let gap = max(1, 80 - 2 * (name.count + 2))
        return "\(name)()\(String(repeating: " ", count: gap))\(name)()\n\n\n\nNAME\n       \(name) -\n\n"
    }

    private static func section(_ title: String, _ lines: [String]) -> String {
        lines.isEmpty ? "" : "\(title)\n" + lines.map { "       \($0)\n" }.joined() + "\n"
    }

    private static func globalOption(_ specification: ArgumentSpecification) -> String {
        let name = specification.shownName
        if case .flag = specification.arity { return name }
        return specification.choices.map { "\(name) <\($0.joined(separator: "|"))>" } ?? "\(name) <value>"
    }

    private static func synopsisLine(_ entry: OperationArguments.Entry) -> String {
        let name = entry.specification.shownName
        let shown: String
        switch (entry.role, entry.specification.arity) {
        case (.outputFile, _): return "<outfile>"
        case (_, .flag): shown = "\(name) | --no-\(name.dropFirst(2))"
        default: shown = "\(name) <value>"
        }
        return entry.specification.isRequired ? shown : "[\(shown)]"
    }

    private static func optionLines(_ entry: OperationArguments.Entry, _ operation: OperationModel) -> [String] {
        let name = entry.specification.shownName
        switch entry.role {
        case .member(let member):
            let shape = member.shape
            var lines = ["\(name) (\(shape.kind.rawValue))\(entry.specification.isRequired ? " [required]" : "")"]
            lines += constraints(shape).map { "   \($0)" }
            if let syntax = shorthand(shape) { lines.append("   Shorthand: \(syntax)") }
            return lines + [""]
        case .paging: return ["\(name) (paging)", ""]
        case .outputFile: return ["outfile (string)", "   The file that the content is saved to", ""]
        case .whole: return ["\(name) (string)", ""]
        case .negation: return []
        }
    }

    private static func constraints(_ shape: Shape) -> [String] {
        var lines: [String] = []
        let measure = shape.kind.isNumber ? "value" : "length"
        func text(_ number: Double) -> String { Int(exactly: number).map(String.init) ?? "\(number)" }
        if let minimum = shape.minimum { lines.append("Smallest \(measure): \(text(minimum))") }
        if let maximum = shape.maximum { lines.append("Largest \(measure): \(text(maximum))") }
        if let pattern = shape.pattern { lines.append("Pattern: \(pattern)") }
        if !shape.enumValues.isEmpty { lines.append("Values: " + shape.enumValues.joined(separator: ", ")) }
        return lines
    }

    private static func shorthand(_ shape: Shape) -> String? {
        switch shape.kind {
        case .structure, .map: return syntax(shape, depth: 0)
        case .list:
            guard let element = shape.element?.shape else { return nil }
            return syntax(element, depth: 0) + " ..."
        default: return nil
        }
    }

    private static func syntax(_ shape: Shape, depth: Int) -> String {
        if depth > 3 { return "…" }
        switch shape.kind {
        case .structure:
            let inner = shape.members.map { "\($0.name)=\(syntax($0.shape, depth: depth + 1))" }.joined(separator: ",")
            return depth == 0 ? inner : "{\(inner)}"
        case .map:
            let content = shape.value.map { syntax($0.shape, depth: depth + 1) } ?? "string"
            return depth == 0 ? "KeyName1=\(content),KeyName2=\(content)" : "{KeyName1=\(content),KeyName2=\(content)}"
        case .list:
            let content = shape.element.map { syntax($0.shape, depth: depth + 1) } ?? "string"
            return "[\(content),\(content)]"
        default: return shape.kind.rawValue
        }
    }
}
