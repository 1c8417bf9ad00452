// SPDX-License-Identifier: Apache-2.0

import OrderedCollections
import Wire

/// Reads a policy document from JSON.
enum PolicyParser {
    private static let statementElements: Set<String> = [
        "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
    ]

    static func parse(_ text: String, kind: PolicyDocument.Kind) throws(PolicyDocumentError) -> PolicyDocument {
        let value: Value
        do {
            value = try JSON.parse(Array(text.utf8))
        } catch {
            throw .notJSON(reason: "\(error)")
        }
        guard case .object(let members) = value else { throw .notJSON(reason: "the document must be an object") }
        for name in members.keys where !["Version", "Id", "Statement"].contains(name) {
            throw .syntax(place: name, problem: "there is no such element")
        }
        let version = try parseVersion(members["Version"])
        let id = try members["Id"].map { (value) throws(PolicyDocumentError) in try string(value, at: "Id") }
        let statementValues: [Value]
        switch members["Statement"] {
        case .list(let list): statementValues = list
        case .some(.object(let only)): statementValues = [.object(only)]
        case nil: throw .syntax(place: "Statement", problem: "is missing")
        default: throw .syntax(place: "Statement", problem: "must be an object or a list of objects")
        }
        if statementValues.isEmpty { throw .syntax(place: "Statement", problem: "must not be empty") }
        var statements: [PolicyStatement] = []
        // What IAM finds only after it has looked at the version.
        var legacyProblems: [String] = []
        for (index, statement) in statementValues.enumerated() {
            statements.append(
                try parseStatement(
                    statement, at: "Statement[\(index)]", version: version ?? .version2008, legacyProblems: &legacyProblems))
        }
        let document = PolicyDocument(version: version ?? .version2008, id: id, statements: statements)
        try PolicyValidator.validate(
            document, namesVersion: version != nil, kind: kind, legacyProblem: legacyProblems.first)
        return document
    }

    private static func parseVersion(_ value: Value?) throws(PolicyDocumentError) -> PolicyDocument.Version? {
        guard let value else { return nil }
        guard let version = PolicyDocument.Version(rawValue: try string(value, at: "Version")) else {
            throw .syntax(place: "Version", problem: "must be 2012-10-17 or 2008-10-17")
        }
        return version
    }

    private static func parseStatement(
        _ value: Value, at place: String, version: PolicyDocument.Version, legacyProblems: inout [String]
    ) throws(PolicyDocumentError) -> PolicyStatement {
        guard case .object(let members) = value else { throw .syntax(place: place, problem: "must be an object") }
        for name in members.keys where !statementElements.contains(name) {
            throw .syntax(place: "\(place).\(name)", problem: "there is no such element")
        }
        for name in ["Action", "Resource", "Principal"] where members[name] != nil && members["Not" + name] != nil {
            throw .syntax(place: place, problem: "has both \(name) and Not\(name)")
        }
        guard let effectValue = members["Effect"] else { throw .syntax(place: "\(place).Effect", problem: "is missing") }
        let effectText = try string(effectValue, at: "\(place).Effect")
        guard let effect = PolicyEffect(rawValue: effectText.prefix(1).uppercased() + effectText.dropFirst().lowercased()) else {
            throw .effect(effectText)
        }
        if effect.rawValue != effectText { legacyProblems.append("\(place).Effect") }
        let supportsVariables = version == .version2012
        let actions = try selection("Action", of: members, at: place) { PolicyPattern(action: $0) }
        let resources = try selection("Resource", of: members, at: place) {
            PolicyPattern($0, style: .resourceARN, supportsVariables: supportsVariables)
        }
        let conditions = try conditions(
            members["Condition"], at: "\(place).Condition", supportsVariables: supportsVariables, legacyProblems: &legacyProblems)
        return PolicyStatement(
            sid: try members["Sid"].map { (value) throws(PolicyDocumentError) in try string(value, at: "\(place).Sid") },
            effect: effect, actions: actions ?? PolicyStatement.Selection(patterns: [], isNegated: false), resources: resources,
            principals: try principals(of: members, at: place), conditions: conditions)
    }

    private static func selection(
        _ name: String, of members: OrderedDictionary<String, Value>, at place: String, pattern: (String) -> PolicyPattern
    ) throws(PolicyDocumentError) -> PolicyStatement.Selection? {
        for (element, isNegated) in [(name, false), ("Not" + name, true)] {
            guard let value = members[element] else { continue }
            // IAM passes over nulls in lists.
            let listed = value.listValue.map { Value.list($0.filter { $0 != .null }) } ?? value
            let texts = try strings(listed, at: "\(place).\(element)")
            return PolicyStatement.Selection(patterns: texts.map(pattern), isNegated: isNegated)
        }
        return nil
    }

    private static func principals(
        of members: OrderedDictionary<String, Value>, at place: String
    ) throws(PolicyDocumentError) -> PolicyStatement.Principals? {
        for (element, isNegated) in [("Principal", false), ("NotPrincipal", true)] {
            guard let value = members[element] else { continue }
            if value == .string("*") {
                return PolicyStatement.Principals(entries: [PolicyPrincipal(type: .aws, value: "*")], isNegated: isNegated)
            }
            guard case .object(let types) = value else {
                if case .string(let text) = value { throw .invalidPrincipal(type: "AWS", value: text) }
                throw .syntax(place: "\(place).\(element)", problem: "must be \"*\" or an object")
            }
            var entries: [PolicyPrincipal] = []
            for (typeName, list) in types {
                guard let type = PolicyPrincipal.Kind(rawValue: typeName) else {
                    throw .syntax(
                        place: "\(place).\(element).\(typeName)", problem: "must be AWS, Service, Federated or CanonicalUser")
                }
                for text in try strings(list, at: "\(place).\(element).\(typeName)") {
                    entries.append(PolicyPrincipal(type: type, value: text))
                }
            }
            return PolicyStatement.Principals(entries: entries, isNegated: isNegated)
        }
        return nil
    }

    private static func conditions(
        _ value: Value?, at place: String, supportsVariables: Bool, legacyProblems: inout [String]
    ) throws(PolicyDocumentError) -> [PolicyCondition] {
        guard let value else { return [] }
        guard case .object(let operators) = value else { throw .syntax(place: place, problem: "must be an object") }
        var conditions: [PolicyCondition] = []
        for (operatorText, keys) in operators {
            guard case .object(let keys) = keys else {
                throw .syntax(place: "\(place).\(operatorText)", problem: "must be an object")
            }
            guard let parsed = ConditionOperatorName(operatorText) else {
                // An operator without keys says nothing, so IAM lets it pass.
                if keys.isEmpty { continue }
                throw .unknownConditionOperator(operatorText)
            }
            for (key, list) in keys {
                let texts = try strings(list, at: "\(place).\(operatorText).\(key)", convertingScalars: true)
                if !parsed.comparison.accepts(texts) { legacyProblems.append("\(place).\(operatorText).\(key)") }
                let variables = supportsVariables && parsed.comparison.allowsVariables
                let style: PolicyPattern.Style = parsed.comparison.usesWildcards ? .wildcards : .literal
                conditions.append(
                    PolicyCondition(
                        operatorText: operatorText, setOperator: parsed.setOperator, comparison: parsed.comparison,
                        isIfExists: parsed.isIfExists, key: key,
                        values: texts.map { PolicyPattern($0, style: style, supportsVariables: variables) }))
            }
        }
        return conditions
    }

    private static func string(_ value: Value, at place: String) throws(PolicyDocumentError) -> String {
        guard case .string(let text) = value else { throw .syntax(place: place, problem: "must be a string") }
        return text
    }

    private static func strings(
        _ value: Value, at place: String, convertingScalars: Bool = false
    ) throws(PolicyDocumentError) -> [String] {
        var texts: [String] = []
        for element in value.listValue ?? [value] {
            switch element {
            case .string(let text): texts.append(text)
            case .boolean(let flag) where convertingScalars: texts.append(flag ? "true" : "false")
            case .integer(let number) where convertingScalars: texts.append(String(number))
            case .double(let number) where convertingScalars: texts.append(String(number))
            default: throw .syntax(place: place, problem: "must be a string or a list of strings")
            }
        }
        return texts
    }
}
