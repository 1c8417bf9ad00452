// SPDX-License-Identifier: Apache-2.0

import ServiceModel

/// `help`, made from the tables, our own descriptions and the examples.
public enum Help {
    /// The help page of what the words name; nil where the first is no command.
    ///
    /// `["sagemaker", "create-model"]`, `["s3", "cp"]`, `["sagemaker", "wait", "endpoint-deleted"]`: of several words, the longest part
    /// that has a page; options are passed over.
    ///
    /// - Parameters:
    ///   - terminalWidth: In columns; pages take at most 80.
    ///   - isStyled: Whether letters are bold and underlined by escape sequences.
    ///   - simulation: How much of an operation of a service there is; nil where nobody knows.
    public static func text(
        about words: [String], terminalWidth: Int = 80, isStyled: Bool = false,
        simulation: ((_ service: String, _ operation: String) -> Simulation)? = nil
    ) -> String? {
        let words = words.filter { !$0.hasPrefix("-") && $0 != "help" }
        let page = page(about: words.first == "aws" ? Array(words.dropFirst()) : words) { operation in
            simulation.map { $0(operation.service, operation.name) }
        }
        return page.map { PageWriter.text($0, style: PageStyle(terminalWidth: terminalWidth, isStyled: isStyled)) }
    }

    static func page(
        about words: [String], customCommands: [any CustomCommand.Type] = CustomCommands.standard,
        simulation: (OperationModel) -> Simulation?
    ) -> Page? {
        guard let first = words.first else { return ListPages.top(commandNames(customCommands)) }
        for length in (1...max(words.count, 1)).reversed() {
            let path = Array(words.prefix(length))
            if ServiceCatalog.service(commandName: first) != nil, length == 1 { break }
            if Descriptions.command(path) != nil || customCommands.contains(where: { $0.path == path }) {
                return CommandPage(path: path).page
            }
        }
        guard let service = ServiceCatalog.service(commandName: first) else { return nil }
        if words.count > 1, let operation = service.operation(commandName: words[1]) {
            return OperationPage(arguments: OperationArguments(operation), waiter: nil, simulation: simulation(operation)).page
        }
        if words.count > 1, words[1] == "wait" {
            guard words.count > 2, let waiter = service.waiter(commandName: words[2]),
                let operation = service.operation(waiter.operation)
            else { return ListPages.waiters(service) }
            return OperationPage(arguments: OperationArguments(operation), waiter: waiter, simulation: nil).page
        }
        return ListPages.service(service, operationNames(of: service, customCommands), simulation: simulation)
    }

    /// The names that can follow `aws`: services, and commands of one word.
    static func commandNames(_ customCommands: [any CustomCommand.Type]) -> [String] {
        Array(Set(ServiceCatalog.services.map(\.commandName) + customCommands.compactMap { $0.path.first })).sorted()
    }

    /// The names that can follow a service: operations, `wait`, and commands that stand among them.
    static func operationNames(of service: ServiceModel, _ customCommands: [any CustomCommand.Type]) -> [String] {
        let operations = service.operations.filter(\.isOffered).map(\.commandName)
        let custom = customCommands.filter { $0.path.count == 2 && $0.path[0] == service.commandName }.map { $0.path[1] }
        return operations + custom + (service.waiters.isEmpty ? [] : ["wait"])
    }
}

extension CommandContext {
    /// Shows the help page of what the words name, through the pager on a terminal.
    func showHelp(_ words: [String], customCommands: [any CustomCommand.Type] = CustomCommands.standard) throws(CommandFailure) {
        // What another endpoint simulates, nobody knows.
        let simulation = options.endpointURL == nil ? environment.simulation : nil
        let page = Help.page(about: words, customCommands: customCommands) { operation in
            simulation.map { $0(operation.service, operation.name) }
        }
        guard let page else { return }
        let isStyled = environment.streams.isOutputTerminal && options.color != "off" && environment.variables["NO_COLOR"] == nil
        let style = PageStyle(
            terminalWidth: environment.streams.isOutputTerminal ? environment.terminalWidth : PageStyle.widest,
            isStyled: isStyled || options.color == "on")
        let pager = Pager(self)
        try pager.write(PageWriter.text(page, style: style))
        pager.finish()
    }
}
