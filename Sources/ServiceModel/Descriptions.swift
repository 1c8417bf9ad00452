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
        table.text(of: member, operation, in: \.options) ?? DescriptionRules.option(member.name, kind: member.shape.kind)
    }

    /// What holds where an option is not given: `1000`; nil where that is nothing to tell.
    public static func defaultValue(_ member: Member, of operation: OperationModel) -> String? {
        table.text(of: member, operation, in: \.defaults)
    }

    /// What does not follow from the settings that an operation stores; nil where it does all that it should.
    public static func kept(_ service: String, _ operation: String) -> String? {
        table.kept[service]?[operation]
    }

    /// What an error code means.
    public static func error(_ code: String) -> String? {
        table.errors[code]
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

    /// How such a command is written, after its words: `FROM TO [options]`.
    public static func usage(_ path: [String]) -> String? {
        table.usages[path.joined(separator: ".")]
    }

    /// The options of exactly this command that the table knows, in its order, names without dashes.
    public static func flags(of path: [String]) -> [(name: String, takesValue: Bool)] {
        table.flagNames[path.joined(separator: ".")] ?? []
    }

    /// The commands below this one, in the table's order.
    public static func commands(below path: [String]) -> [[String]] {
        let start = path.isEmpty ? "" : path.joined(separator: ".") + "."
        return table.commandNames.filter { $0.hasPrefix(start) && !$0.dropFirst(start.count).contains(".") }
            .map { $0.split(separator: ".").map(String.init) }
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
    var commandNames: [String] = []
    /// By the command's words, joined with dots.
    var usages: [String: String] = [:]
    /// By command, then by option without dashes.
    var flags: [String: [String: String]] = [:]
    var flagNames: [String: [(name: String, takesValue: Bool)]] = [:]
    /// By service, then by member or `Operation.Member`.
    var defaults: [String: [String: String]] = [:]
    /// By service, then by operation.
    var kept: [String: [String: String]] = [:]
    var errors: [String: String] = [:]

    /// The most particular text about a member of an operation's input.
    func text(of member: Member, _ operation: OperationModel, in texts: KeyPath<DescriptionTable, [String: [String: String]]>)
        -> String?
    {
        let ofService = self[keyPath: texts][operation.service]
        return ofService?["\(operation.name).\(member.name)"] ?? ofService?[member.name] ?? self[keyPath: texts][""]?[member.name]
    }

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
            let name = text[(kindEnd + 1)..<nameEnd].string
            let description = text[min(nameEnd + 1, end)..<end].string
            switch text[line..<kindEnd].string {
            case "service":
                service = name
                services[name] = description
            case "operation": operations[service, default: [:]][name] = description
            case "option": options[service, default: [:]][name] = description
            case "default": defaults[service, default: [:]][name] = description
            case "kept": kept[service, default: [:]][name] = description
            case "global": globals[name] = description
            case "error": errors[name] = description
            case "command":
                command = name
                commands[name] = description
                commandNames.append(name)
            case "usage": usages[name] = description
            case "flag":
                let takesValue = name.hasSuffix("=")
                let option = takesValue ? String(name.dropLast()) : name
                flags[command, default: [:]][option] = description
                flagNames[command, default: []].append((option, takesValue))
            default: break
            }
        }
    }
}
