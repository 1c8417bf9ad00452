// SPDX-License-Identifier: Apache-2.0

import ServiceModel

/// An option that a command takes, as the prompt shows it.
struct OfferedOption: Sendable {
    /// With its dashes.
    var name: String
    var isRequired = false
    /// How many words follow: none, one, or any number.
    var takesWords: WordCount
    /// How its value is written: `<string>`; empty for a flag.
    var syntax: String
    /// The words that there are, where they are counted.
    var choices: [String] = []
    /// The parameter of the operation that it stands for.
    var member: Member?
    var summary = ""

    enum WordCount: Sendable {
        case none, one, optional, any
    }

    init(_ entry: OperationArguments.Entry, of operation: OperationModel) {
        self.init(entry.specification)
        switch entry.role {
        case .member(let member):
            self.member = member
            summary = Descriptions.option(member, of: operation) ?? ""
            if takesWords != .none { syntax = ValueSyntax.text(member.shape) }
            choices = ValueSyntax.choices(member.shape)
            if operation.streamingInputMember?.name == member.name { syntax = "<file>" }
        case .negation(let member):
            summary = Descriptions.option(member, of: operation).map { "Not: \($0)" } ?? ""
        case .paging, .whole, .outputFile, .custom: summary = Descriptions.globalOption(name) ?? ""
        }
    }

    init(_ specification: ArgumentSpecification, summary: String? = nil) {
        name = specification.shownName
        isRequired = specification.isRequired
        switch specification.arity {
        case .flag: takesWords = .none
        case .one: takesWords = .one
        case .optional: takesWords = .optional
        case .any, .atLeastOne, .exactly: takesWords = .any
        }
        choices = specification.choices ?? []
        syntax = takesWords == .none ? "" : choices.isEmpty ? "<value>" : ValueSyntax.alternatives(choices)
        self.summary = summary ?? Descriptions.globalOption(name) ?? ""
    }
}

/// How a value of a shape is written on the command line, short enough for a hint.
enum ValueSyntax {
    /// More alternatives than this are not spelled out.
    private static let alternativeMaximum = 4

    static func text(_ shape: Shape) -> String {
        switch shape.kind {
        case .structure, .map: "<\(inner(shape))>"
        case .list: shape.element.map { "\(text($0.shape))…" } ?? "<value>…"
        case .string where !shape.enumValues.isEmpty: alternatives(shape.enumValues)
        default: "<\(shape.kind.rawValue)>"
        }
    }

    static func alternatives(_ choices: [String]) -> String {
        choices.count <= alternativeMaximum
            ? "<\(choices.joined(separator: "|"))>" : "<\(choices.prefix(alternativeMaximum - 1).joined(separator: "|"))|…>"
    }

    /// The words that a scalar, or an element of a list, can be.
    static func choices(_ shape: Shape) -> [String] {
        switch shape.kind {
        case .string: shape.enumValues
        case .list: shape.element.map { $0.shape.kind == .string ? $0.shape.enumValues : [] } ?? []
        default: []
        }
    }

    private static func inner(_ shape: Shape) -> String {
        if shape.kind == .map { return "name=value,…" }
        let required = shape.members.filter(\.isRequired)
        let shown = (required.isEmpty ? shape.members : required).prefix(3)
        let rest = shown.count < shape.members.count ? ",…" : ""
        return shown.map { "\($0.name)=" }.joined(separator: ",") + rest
    }
}
