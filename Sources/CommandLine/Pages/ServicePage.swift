// SPDX-License-Identifier: Apache-2.0

import ServiceModel

/// The help pages that list what there is: of `aws`, of a service, of a service's waiters.
enum ListPages {
    static func top(_ commands: [String]) -> Page {
        var page = Page()
        page.add("NAME", [.paragraph(.bold("aws") + PageText(" - the command line of the services here."))])
        page.add(
            "SYNOPSIS",
            [
                .paragraph("aws [options] <command> <subcommand> [parameters]"), .paragraph("aws help"),
                .paragraph("aws <command> help"), .paragraph("aws <command> <subcommand> help"),
            ])
        page.add("AVAILABLE COMMANDS", [.columns(commands.map { (.bold($0), described($0)) })])
        page.add("GLOBAL OPTIONS", GlobalOptions.specifications.flatMap(option))
        page.add("EXIT STATUS", [.columns(statuses.map { (PageText($0.0), $0.1) })])
        return page
    }

    private static let statuses = [
        ("0", "It went well."), ("1", "An s3 command failed for some files; configure get found nothing."),
        ("2", "An s3 command passed over some files."), ("130", "It was cancelled with Ctrl-C."),
        ("252", "The command line is wrong."), ("253", "Region, keys or settings are missing."),
        ("254", "The service refused."), ("255", "Anything else."),
    ]

    private static func described(_ command: String) -> String {
        if let text = Descriptions.command([command]) { return text }
        return ServiceCatalog.service(commandName: command).map(Descriptions.service) ?? ""
    }

    private static func option(_ specification: ArgumentSpecification) -> [PageBlock] {
        var head = PageText.bold(specification.shownName)
        if case .flag = specification.arity {} else { head = head + PageText(" <value>") }
        var blocks: [PageBlock] = [.paragraph(head)]
        if let text = Descriptions.globalOption(specification.shownName) {
            blocks.append(.paragraph(PageText(text), indent: 4))
        }
        if let choices = specification.choices {
            blocks.append(.paragraph(PageText("One of: \(choices.joined(separator: ", "))."), indent: 4))
        }
        return blocks
    }

    /// - Parameters:
    ///   - operations: The names that can follow the service.
    ///   - simulation: How much of an operation there is here; nil where that is not known.
    static func service(
        _ service: ServiceModel, _ operations: [String], simulation: (OperationModel) -> Simulation?
    ) -> Page {
        var page = Page()
        let name = "aws \(service.commandName)"
        page.add("NAME", [.paragraph(.bold(name) + PageText(" - " + Descriptions.service(service)), hanging: 4)])
        page.add("SYNOPSIS", [.paragraph(PageText("\(name) <operation> [parameters]"))])
        var simulated: [(name: PageText, text: String)] = []
        var others: [(name: PageText, text: String)] = []
        for operation in operations.sorted() {
            guard let model = service.operation(commandName: operation) else {
                let text = Descriptions.command([service.commandName, operation]) ?? Descriptions.command([operation]) ?? ""
                simulated.append((.bold(operation), text))
                continue
            }
            let row = (name: PageText.bold(operation), text: Descriptions.operation(model))
            if simulation(model) == .modelledOnly { others.append(row) } else { simulated.append(row) }
        }
        page.add("AVAILABLE COMMANDS", simulated.isEmpty ? [] : [.columns(simulated)])
        page.add(
            "NOT SIMULATED",
            others.isEmpty
                ? []
                : [
                    .paragraph("Options are checked and skeletons made; the answer is the error OperationNotSimulated."), .gap,
                    .columns(others),
                ])
        return page
    }

    static func waiters(_ service: ServiceModel) -> Page {
        var page = Page()
        let name = "aws \(service.commandName) wait"
        page.add("NAME", [.paragraph(.bold(name) + " - Waits until a resource is in a state.", hanging: 4)])
        page.add("SYNOPSIS", [.paragraph(PageText("\(name) <state> [parameters]"))])
        page.add("AVAILABLE COMMANDS", [.columns(service.waiters.map { (.bold($0.commandName), Descriptions.waiter($0)) })])
        return page
    }
}

/// The help page of a command that is not an operation.
struct CommandPage {
    let path: [String]

    var page: Page {
        var page = Page()
        let name = (["aws"] + path).joined(separator: " ")
        let summary = Descriptions.command(path).map { " - \($0)" } ?? ""
        page.add("NAME", [.paragraph(.bold(name) + PageText(summary), hanging: 4)])
        let usage = Descriptions.usage(path).map { " \($0)" } ?? ""
        page.add("SYNOPSIS", [.paragraph(PageText(name + usage), hanging: 4)])
        page.add("EXAMPLE", HelpExample.blocks(command: path))
        let below = Descriptions.commands(below: path)
        page.add(
            "AVAILABLE COMMANDS",
            below.isEmpty ? [] : [.columns(below.map { (.bold($0.last ?? ""), Descriptions.command($0) ?? "") })])
        page.add("OPTIONS", below.isEmpty ? options : [])
        return page
    }

    private var options: [PageBlock] {
        specifications.flatMap { specification -> [PageBlock] in
            let name = specification.shownName
            var head = PageText.bold(name)
            if case .flag = specification.arity {} else { head = head + PageText(" <value>") }
            var blocks: [PageBlock] = [.paragraph(head)]
            if let text = Descriptions.flag(String(name.dropFirst(2)), of: path) {
                blocks.append(.paragraph(PageText(text), indent: 4))
            }
            if let choices = specification.choices {
                blocks.append(.paragraph(PageText("One of: \(choices.joined(separator: ", "))."), indent: 4))
            }
            return blocks
        }
    }

    /// The parser's own table where the command shares one, else the options that the table of descriptions has.
    private var specifications: [ArgumentSpecification] {
        switch path {
        case ["logs", "tail"]: LogsTailCommand.specifications.filter { $0.option != nil }
        case ["s3", "cp"], ["s3", "mv"], ["s3", "rm"], ["s3", "sync"]:
            S3TransferOptions.specifications(for: path[1]).filter { $0.option != nil }
        default:
            Descriptions.flags(of: path).map {
                ArgumentSpecification(option: "--\($0.name)", arity: $0.takesValue ? .one : .flag(true))
            }
        }
    }
}
