// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import ServiceModel

/// The help page of an operation, or of a waiter that asks it.
struct OperationPage {
    let arguments: OperationArguments
    let waiter: Waiter?
    let simulation: Simulation?

    private var operation: OperationModel { arguments.operation }

    private var words: [String] {
        ["aws", operation.serviceModel.commandName] + (waiter.map { ["wait", $0.commandName] } ?? [operation.commandName])
    }

    /// What the user can give, required ones first.
    private var entries: [OperationArguments.Entry] {
        let shown = arguments.entries.values.filter { entry in
            if case .negation = entry.role { return false }
            return !entry.isHidden
        }
        return shown.filter(\.specification.isRequired) + shown.filter { !$0.specification.isRequired }
    }

    var page: Page {
        var page = Page()
        page.add("NAME", [.paragraph(.bold(words.joined(separator: " ")) + PageText(" - " + summary), hanging: 4)])
        page.add("DESCRIPTION", description)
        page.add("SYNOPSIS", synopsis)
        if waiter == nil { page.add("EXAMPLE", HelpExample.blocks(service: operation.service, operation: operation.name)) }
        let options = entries.flatMap { option($0) }
        page.add("OPTIONS", options + [.paragraph("Options of every command: see aws help.")])
        if waiter == nil {
            page.add("OUTPUT", output)
            page.add("ERRORS", errors)
        }
        return page
    }

    private var summary: String { waiter.map(Descriptions.waiter) ?? Descriptions.operation(operation) }

    private var description: [PageBlock] {
        var blocks: [PageBlock] = []
        if let waiter {
            for acceptor in waiter.acceptors where acceptor.state != .retry {
                let outcome = acceptor.state == .success ? "Done" : "Fails"
                blocks.append(.paragraph(PageText("\(outcome) when \(acceptor.meaning)."), hanging: 2))
            }
            blocks.append(.paragraph("Ends with status 255 where it fails or takes too long."))
            return blocks
        }
        if operation.isDeprecated { blocks.append(.paragraph("The service keeps this for old programs only.")) }
        if let simulation {
            let limit = Descriptions.kept(operation.service, operation.name)
            blocks.append(.paragraph(PageText(simulation.sentence(limit: limit))))
        }
        if operation.paginator != nil {
            blocks.append(.paragraph("A listing: it asks for page after page until all is there."))
        }
        return blocks
    }

    private var synopsis: [PageBlock] {
        var blocks: [PageBlock] = [.paragraph(PageText(words.joined(separator: " ")))]
        for entry in entries {
            blocks.append(.paragraph(synopsisText(entry), indent: 4))
        }
        return blocks
    }

    private func synopsisText(_ entry: OperationArguments.Entry) -> PageText {
        let specification = entry.specification
        var text = PageText.bold(specification.shownName)
        switch (entry.role, specification.arity) {
        case (.outputFile, _): text = .underlined("outfile")
        case (_, .flag): text = text + " | " + .bold("--no-\(specification.shownName.dropFirst(2))")
        case (_, .any): text = text + PageText(" <value> ...")
        default: text = text + PageText(" <value>")
        }
        return specification.isRequired ? text : "[" + text + "]"
    }

    private func option(_ entry: OperationArguments.Entry) -> [PageBlock] {
        let name = entry.specification.shownName
        switch entry.role {
        case .member(let member):
            var head = PageText.bold(name)
            if member.shape.kind == .boolean { head = head + " | " + .bold("--no-\(name.dropFirst(2))") }
            head = head + PageText(" (\(member.shape.kind.rawValue))\(entry.specification.isRequired ? " [required]" : "")")
            return [.paragraph(head)] + memberBlocks(member) + [.gap]
        case .outputFile:
            return [
                .paragraph(.underlined("outfile") + " (string) [required]"),
                .paragraph("The file that the content is saved to.", indent: 4), .gap,
            ]
        case .paging, .whole, .custom:
            var blocks: [PageBlock] = [.paragraph(.bold(name) + " (string)")]
            if let text = Descriptions.globalOption(name) { blocks.append(.paragraph(PageText(text), indent: 4)) }
            if let choices = entry.specification.choices {
                blocks.append(.paragraph(PageText("One of: \(choices.joined(separator: ", "))."), indent: 4))
            }
            return blocks + [.gap]
        case .negation: return []
        }
    }

    private func memberBlocks(_ member: Member) -> [PageBlock] {
        let shape = member.shape
        var blocks: [PageBlock] = []
        if let text = Descriptions.option(member, of: operation) { blocks.append(.paragraph(PageText(text), indent: 4)) }
        if let value = Descriptions.defaultValue(member, of: operation) {
            blocks.append(.paragraph(PageText("Without it: \(value)."), indent: 4))
        }
        blocks += ShapeLimits.sentences(shape).map { .paragraph(PageText($0), indent: 4, hanging: 2) }
        if member.isStreaming { blocks.append(.paragraph("Takes the path of a file.", indent: 4)) }
        if let shorthand = ShapeSyntax.shorthand(shape) {
            blocks += [.paragraph("Shorthand syntax:", indent: 4), .verbatim([shorthand], indent: 8)]
        }
        if let json = ShapeSyntax.json(shape) {
            blocks += [.paragraph("JSON syntax:", indent: 4), .verbatim(json, indent: 8)]
        }
        return blocks
    }

    private var output: [PageBlock] {
        guard let output = operation.output, !output.members.isEmpty else { return [.paragraph("Nothing where it goes well.")] }
        var blocks: [PageBlock] = []
        if operation.streamingOutputMember != nil { blocks.append(.paragraph("The content goes to outfile; beside it:")) }
        return blocks + [.verbatim(ShapeTree.lines(output))]
    }

    private var errors: [PageBlock] {
        guard !operation.errors.isEmpty else { return [] }
        return [
            .columns(
                operation.errors.map { error in
                    (.bold(error.errorCode), Descriptions.error(error.errorCode) ?? "")
                })
        ]
    }
}

/// The limits of a value, in sentences.
enum ShapeLimits {
    static func sentences(_ shape: Shape) -> [String] {
        var sentences: [String] = []
        if let range = range(shape) { sentences.append(range) }
        if !shape.enumValues.isEmpty { sentences.append("One of: \(shape.enumValues.joined(separator: ", ")).") }
        if let element = shape.element?.shape, element.kind.isScalar, !element.enumValues.isEmpty {
            sentences.append("Each one of: \(element.enumValues.joined(separator: ", ")).")
        }
        // A pattern that takes anything says nothing.
        if let pattern = shape.pattern, ![".*", "[\\S\\s]*", "^.*$"].contains(pattern) { sentences.append("Pattern: \(pattern)") }
        return sentences
    }

    private static func range(_ shape: Shape) -> String? {
        let unit =
            switch shape.kind {
            case .string: " characters"
            case .list: " elements"
            case .map: " entries"
            case .blob: " bytes"
            default: ""
            }
        func text(_ number: Double) -> String { Int(exactly: number).map(String.init) ?? "\(number)" }
        // The models say 0 where they mean that there is no lower limit.
        switch (shape.minimum, shape.maximum) {
        case (let minimum?, let maximum?) where minimum == maximum: return "Exactly \(text(minimum))\(unit)."
        case (let minimum?, let maximum?): return "\(text(minimum)) to \(text(maximum))\(unit)."
        case (nil, let maximum?): return "At most \(text(maximum))\(unit)."
        case (let minimum?, nil) where minimum > 0: return "At least \(text(minimum))\(unit)."
        default: return nil
        }
    }
}

extension Waiter.Acceptor {
    /// `EndpointStatus is InService`.
    fileprivate var meaning: String {
        switch matcher {
        case .path: "\(argument) is \(expected)"
        case .pathAll: "all of \(argument) are \(expected)"
        case .pathAny: "any of \(argument) is \(expected)"
        case .status: "the answer's HTTP status is \(expected)"
        case .error:
            expected == "true" ? "there is an error" : expected == "false" ? "there is no error" : "the error is \(expected)"
        }
    }
}
