// SPDX-License-Identifier: Apache-2.0

import ServiceModel

/// Help on the word under the cursor, short enough to stand below the line.
struct WordHelp {
    let vocabulary: PromptVocabulary

    /// Nil where there is nothing to say about the word.
    func text(_ line: String, cursor: Int) -> String? {
        let scalars = Array(line.unicodeScalars)
        var end = min(cursor, scalars.count)
        while end < scalars.count, !scalars[end].properties.isWhitespace { end += 1 }
        let reading = LineReading(String(String.UnicodeScalarView(scalars[..<end])), vocabulary: vocabulary)
        guard let current = reading.current else { return help(reading.command) }
        var command = reading.command
        _ = command.take(current.text, isExpanded: current.isExpanded, isGrowing: false)
        if current.text.hasPrefix("-") {
            let name = current.text.prefix { $0 != "=" }
            let option =
                command.options.first { $0.name == name } ?? command.options.first { $0.name.hasPrefix(name) }
            if let option { return help(option) }
        }
        if let option = reading.command.openOption { return help(option) }
        return help(command)
    }

    private func help(_ option: OfferedOption) -> String {
        var lines = ["\(option.name) \(option.syntax)\(option.isRequired ? "   required" : "")"]
        if !option.summary.isEmpty { lines.append(option.summary) }
        if option.choices.count > 1 { lines.append("One of: " + option.choices.joined(separator: ", ")) }
        guard let shape = option.member?.shape else { return lines.joined(separator: "\n") }
        let measure = shape.kind.isNumber ? "Value" : shape.kind.isScalar ? "Length" : "Count"
        func text(_ number: Double?) -> String { number.map { Int(exactly: $0).map(String.init) ?? "\($0)" } ?? "" }
        if shape.minimum != nil || shape.maximum != nil {
            lines.append("\(measure): \(text(shape.minimum)) to \(text(shape.maximum))")
        }
        if let pattern = shape.pattern { lines.append("Pattern: \(pattern)") }
        let structure = shape.kind == .list ? shape.element?.shape : shape
        for member in structure?.members ?? [] where structure?.kind == .structure {
            lines.append("  \(member.name)  \(ValueSyntax.text(member.shape))\(member.isRequired ? "   required" : "")")
        }
        return lines.joined(separator: "\n")
    }

    private func help(_ command: CommandReading) -> String? {
        switch command.context {
        case .service(let service):
            return list(
                "\(service.commandName): \(Descriptions.service(service))",
                PromptNames.operations(of: service).sorted().map { name in
                    (name, service.operation(commandName: name).map(Descriptions.operation) ?? "")
                })
        case .waiters(let service): return list("wait", service.waiters.map { ($0.commandName, Descriptions.waiter($0)) })
        case .operation(let operation, let waiter):
            let title =
                waiter.map { "\($0.commandName): \(Descriptions.waiter($0))" }
                ?? "\(operation.commandName): \(Descriptions.operation(operation))"
            return title + "\n" + optionTable(command.options)
        case .custom(let path):
            let title = "\(path.joined(separator: " ")): \(Descriptions.command(path) ?? "")"
            if CustomWords.hasFollowers(path) {
                return list(title, CustomWords.followers(of: path).map { ($0, Descriptions.command(path + [$0]) ?? "") })
            }
            return ([title] + CustomWords.positionalSyntax(path).map { "  \($0)" } + [optionTable(command.options)]).joined(
                separator: "\n")
        case .own(let own): return list("\(own.name) \(own.usage)\n\(own.summary)", own.arguments(command.argumentWords))
        case .aws:
            return list(
                "aws", PromptNames.services.map { ($0, ServiceCatalog.service(commandName: $0).map(Descriptions.service) ?? "") })
        case .start, .program: return nil
        }
    }

    private func optionTable(_ options: [OfferedOption]) -> String {
        let globals = Set(CustomWords.globalOptions.map(\.name))
        let own = options.filter { !globals.contains($0.name) }
        return (own.filter(\.isRequired) + own.filter { !$0.isRequired }).map { option in
            let head = "  \(option.name) \(option.syntax)\(option.isRequired ? "   required" : "")"
            return option.summary.isEmpty ? head : "\(head)   \(option.summary)"
        }.joined(separator: "\n")
    }

    private func list(_ title: String, _ rows: [(text: String, summary: String)]) -> String {
        let width = rows.map { $0.text.count }.max() ?? 0
        return
            ([title]
            + rows.map { row in
                "  \(row.text)\(String(repeating: " ", count: width - row.text.count))  \(row.summary)"
            }).joined(separator: "\n")
    }
}
