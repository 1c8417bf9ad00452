// SPDX-License-Identifier: Apache-2.0

/// What services, operations, options and commands are for, in a line each: by hand from descriptions.model, else by rule from the name.
///
/// The table is read at the first question: 0.3 ms, once.
public enum Descriptions {
    private static let table = DescriptionTable(ModelText.descriptions)

    /// What a service is for (`Objects in buckets.`), by the table.
    public static func service(_ service: ServiceModel) -> String {
        table.services[service.identifier] ?? "\(service.serviceID)."
    }

    /// What an operation does (`Starts a training job: data in, a model out.`), by table or rule.
    public static func operation(_ operation: OperationModel) -> String {
        table.operations[operation.service]?[operation.name] ?? DescriptionRules.operation(operation.name)
    }

    /// What an input member is for: `The bucket's name.`; nil where neither table nor rule knows.
    public static func option(_ member: Member, of operation: OperationModel) -> String? {
        let ofService = table.options[operation.service]
        return ofService?["\(operation.name).\(member.name)"] ?? ofService?[member.name] ?? table.options[""]?[member.name]
            ?? DescriptionRules.option(member.name, kind: member.shape.kind)
    }

    /// What an option of every command (`--query`), or one that the command line adds to operations (`--max-items`), is for.
    public static func globalOption(_ name: String) -> String? {
        table.globals[name]
    }

    /// How a waiter waits: which operation it asks how often.
    public static func waiter(_ waiter: Waiter) -> String {
        "Asks \(commandName(waiter.operation)) every \(waiter.delaySeconds) s, at most \(waiter.maximumAttempts) times."
    }

    /// What a command that is not an operation is for, by its words: `["s3", "cp"]`.
    public static func command(_ path: [String]) -> String? {
        table.commands[path.joined(separator: ".")]
    }

    /// What an option of such a command is for, by its name without dashes.
    ///
    /// A command has the options of those that it stands below.
    public static func flag(_ name: String, of path: [String]) -> String? {
        var path = path
        while !path.isEmpty {
            if let text = table.flags[path.joined(separator: ".")]?[name] { return text }
            path.removeLast()
        }
        return nil
    }
}

/// descriptions.model, read; the file's head says what its lines mean.
struct DescriptionTable: Sendable {
    var services: [String: String] = [:]
    /// By service, then by operation.
    var operations: [String: [String: String]] = [:]
    /// By service (empty for all), then by member or `Operation.Member`.
    var options: [String: [String: String]] = [:]
    var globals: [String: String] = [:]
    /// By the command's words, joined with dots.
    var commands: [String: String] = [:]
    /// By command, then by option without dashes.
    var flags: [String: [String: String]] = [:]

    init(_ text: ModelText) {
        var service = ""
        var command = ""
        var line = 0
        while line < text.count {
            let end = text.lineEnd(from: line)
            defer { line = end + 1 }
            let kindEnd = text.place(of: 0x20, from: line)
            guard kindEnd < end, !text.hasPrefix("#", at: line) else { continue }
            let nameEnd = min(text.place(of: 0x20, from: kindEnd + 1), end)
            let kind = text[line..<kindEnd]
            let name = text[(kindEnd + 1)..<nameEnd].string
            let description = text[min(nameEnd + 1, end)..<end].string
            if kind.equals("operation") {
                operations[service, default: [:]][name] = description
            } else if kind.equals("option") {
                options[service, default: [:]][name] = description
            } else if kind.equals("flag") {
                flags[command, default: [:]][name] = description
            } else if kind.equals("global") {
                globals[name] = description
            } else if kind.equals("command") {
                command = name
                commands[name] = description
            } else if kind.equals("service") {
                service = name
                services[name] = description
            }
        }
    }
}
