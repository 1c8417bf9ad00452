// SPDX-License-Identifier: Apache-2.0

import OrderedCollections
import ServiceModel
import Wire

/// What the command line offers for one operation: its parameters as options, and what the command adds.
struct OperationArguments {
    /// One row of the table.
    struct Entry {
        enum Role {
            /// A member of the input.
            case member(Member)
            /// The `--no-…` half of a boolean member.
            case negation(Member)
            /// `--starting-token`, `--page-size`, `--max-items`.
            case paging(String)
            /// `--cli-input-json`, `--cli-input-yaml`, `--generate-cli-skeleton`.
            case whole
            /// The file that a streamed output goes to.
            case outputFile
            /// An option that the CLI adds to this operation by hand.
            case custom
        }

        var specification: ArgumentSpecification
        var role: Role
        /// True where a `long` or `double` is read while the words are, with a usage complaint.
        var conversion: ShapeKind?
        /// Options that work but are not shown: the service's own paging parameters.
        var isHidden = false
    }

    let operation: OperationModel
    let customization: OperationCustomization?
    private(set) var entries: OrderedDictionary<String, Entry> = [:]
    /// Members whose options the paging options have taken the place of.
    private(set) var shadowed: [String: Member] = [:]
    /// The options of members that page by hand.
    private(set) var manualPagingNames: Set<String> = []

    init(_ operation: OperationModel) {
        self.operation = operation
        customization = OperationCustomization.of(operation)
        let input = operation.input
        for member in input?.members ?? [] { addMember(member) }
        for name in customization?.optionalMembers ?? [] { entries[name]?.specification.isRequired = false }
        for specification in customization?.arguments ?? [] {
            entries[specification.destination] = Entry(specification: specification, role: .custom)
        }
        addPaging(input)
        if operation.streamingOutputMember != nil || operation.output?.members.contains(where: \.shape.isEventStream) == true {
            entries["outfile"] = Entry(specification: ArgumentSpecification(positional: "outfile"), role: .outputFile)
        } else {
            addWhole("cli-input-json", .one)
            addWhole("cli-input-yaml", .one)
            addWhole("generate-cli-skeleton", .optional(constant: "input"), choices: ["input", "output", "yaml-input"])
        }
    }

    private mutating func addMember(_ member: Member) {
        let name = operation.optionName(of: member)
        let shape = member.shape
        let isRequired = member.isRequired && !member.isIdempotencyToken
        switch shape.kind {
        case .boolean:
            var positive = ArgumentSpecification(option: "--\(name)", arity: .flag(true), destination: name)
            positive.isRequired = false
            entries[name] = Entry(specification: positive, role: .member(member))
            entries["no-\(name)"] = Entry(
                specification: ArgumentSpecification(option: "--no-\(name)", arity: .flag(false), destination: name),
                role: .negation(member))
        case .list:
            entries[name] = Entry(
                specification: ArgumentSpecification(option: "--\(name)", arity: .any, isRequired: isRequired),
                role: .member(member))
        default:
            let isConverted = shape.kind == .long || shape.kind == .float || shape.kind == .double
            entries[name] = Entry(
                specification: ArgumentSpecification(option: "--\(name)", isRequired: isRequired), role: .member(member),
                conversion: isConverted ? shape.kind : nil)
        }
    }

    private mutating func addPaging(_ input: Shape?) {
        guard let paginator = operation.paginator else { return }
        for name in paginator.inputTokens + [paginator.limitKey].compactMap({ $0 }) {
            guard let member = input?.member(named: name) else { continue }
            let option = operation.optionName(of: member)
            manualPagingNames.insert(option)
            entries[option]?.isHidden = true
        }
        let limit = paginator.limitKey.flatMap { input?.member(named: $0)?.shape.kind } ?? .integer
        addPagingOption("starting-token", conversion: nil)
        if paginator.limitKey != nil { addPagingOption("page-size", conversion: limit == .string ? nil : limit) }
        addPagingOption("max-items", conversion: limit == .string ? nil : limit)
    }

    private mutating func addPagingOption(_ name: String, conversion: ShapeKind?) {
        if case .member(let member) = entries[name]?.role { shadowed[name] = member }
        // A key that is there keeps its place, as in the real table.
        entries[name] = Entry(
            specification: ArgumentSpecification(option: "--\(name)"), role: .paging(name),
            conversion: conversion == nil ? nil : .long)
    }

    private mutating func addWhole(_ name: String, _ arity: ArgumentSpecification.Arity, choices: [String]? = nil) {
        entries[name] = Entry(
            specification: ArgumentSpecification(option: "--\(name)", arity: arity, choices: choices), role: .whole)
    }

    /// Reads an operation's words.
    ///
    /// - Throws: `CommandFailure` for what is missing, unknown or not a number.
    func parse(_ words: [String]) throws(CommandFailure) -> ParsedArguments {
        var specifications = entries.values.map(\.specification)
        if isSkeletonAsked(words) {
            for index in specifications.indices { specifications[index].isRequired = false }
        }
        specifications.append(ArgumentSpecification(positional: "help", arity: .optional(constant: nil)))
        if words == ["help"] {
            var parsed = ParsedArguments()
            parsed.values["help"] = .text("help")
            return parsed
        }
        var parsed = try ArgumentParser(specifications, conversions: conversions).parse(words)
        if let help = parsed.text("help"), help != "help" {
            parsed.remaining.append(help)
            parsed.values["help"] = nil
        }
        if parsed.text("help") == nil, !parsed.remaining.isEmpty {
            throw CommandFailure(.unknownOptions, "Unknown options: \(parsed.remaining.joined(separator: ", "))")
        }
        return parsed
    }

    private var conversions: [String: ShapeKind] {
        Dictionary(
            entries.values.compactMap { entry in entry.conversion.map { (entry.specification.shownName, $0) } },
            uniquingKeysWith: { first, _ in first })
    }

    /// True where an option makes all arguments optional.
    private func isSkeletonAsked(_ words: [String]) -> Bool {
        if entries["cli-input-json"] == nil { return false }
        if words.contains("--cli-input-json") || words.contains("--cli-input-yaml") { return true }
        guard let place = words.firstIndex(of: "--generate-cli-skeleton") else { return false }
        return !(place + 1 < words.count && words[place + 1] == "output")
    }
}
