// SPDX-License-Identifier: Apache-2.0

import JMESPath
import OrderedCollections
import ServiceModel
import Wire

/// `--generate-cli-skeleton`: an input or output of the right shape with nothing in it.
enum Skeleton {
    /// Every member with `""`, 0, true or the first of its choices; with `usesNames`, text is its member's name.
    static func value(_ shape: Shape?, usesNames: Bool = false) -> Value {
        guard let shape else { return .emptyObject }
        var open: [String] = []
        return value(shape, name: "", usesNames: usesNames, &open)
    }

    private static func value(_ shape: Shape, name: String, usesNames: Bool, _ open: inout [String]) -> Value {
        open.append(shape.name)
        defer { open.removeLast() }
        switch shape.kind {
        case .structure:
            if open.count(where: { $0 == shape.name }) > 1 { return .emptyObject }
            var members: OrderedDictionary<String, Value> = [:]
            for member in shape.members {
                members[member.name] = value(member.shape, name: member.name, usesNames: usesNames, &open)
            }
            return .object(members)
        case .list:
            guard let element = shape.element?.shape else { return .list([]) }
            return .list([value(element, name: usesNames ? element.name : "", usesNames: usesNames, &open)])
        case .map:
            guard let content = shape.value?.shape else { return .emptyObject }
            return ["KeyName": value(content, name: "", usesNames: usesNames, &open)]
        case .string: return .string(usesNames ? name : shape.enumValues.first ?? "")
        case .integer, .long: return 0
        case .float, .double: return 0.0
        case .boolean: return true
        case .timestamp: return "1970-01-01T00:00:00"
        case .blob: return .null
        }
    }

    /// The input's skeleton as YAML, with marks of what is required and which values there are.
    static func yaml(_ shape: Shape?) -> String {
        guard let shape, !shape.members.isEmpty else { return "{}\n" }
        var text = ""
        var open: [String] = []
        writeMembers(shape, indent: 0, isAfterDash: false, &open, &text)
        return text
    }

    private static func writeMembers(
        _ shape: Shape, indent: Int, isAfterDash: Bool, _ open: inout [String], _ text: inout String
    ) {
        open.append(shape.name)
        defer { open.removeLast() }
        for (place, member) in shape.members.enumerated() {
            let isFirstAfterDash = isAfterDash && place == 0
            text += (isFirstAfterDash ? "" : String(repeating: " ", count: indent)) + "\(member.name):"
            var remarks: [String] = []
            if member.isRequired { remarks.append("[REQUIRED]") }
            if !member.shape.enumValues.isEmpty {
                remarks.append("Valid values are: \(member.shape.enumValues.joined(separator: ", ")).")
            }
            let comment = remarks.isEmpty ? "" : "  # \(remarks.joined(separator: " "))"
            writeContent(member.shape, comment: comment, indent: indent, &open, &text)
        }
    }

    private static func writeContent(
        _ shape: Shape, comment: String, indent: Int, _ open: inout [String], _ text: inout String
    ) {
        switch shape.kind {
        case .structure where open.contains(shape.name) || shape.members.isEmpty: text += " {}\(comment)\n"
        case .structure:
            text += "\(comment)\n"
            writeMembers(shape, indent: indent + 2, isAfterDash: false, &open, &text)
        case .list:
            text += "\(comment)\n" + String(repeating: " ", count: indent) + "-"
            guard let element = shape.element?.shape else { return text += " []\n" }
            if element.kind == .structure, !open.contains(element.name), !element.members.isEmpty {
                text += " "
                writeMembers(element, indent: indent + 2, isAfterDash: true, &open, &text)
            } else {
                writeContent(element, comment: "", indent: indent + 2, &open, &text)
            }
        case .map:
            text += "\(comment)\n" + String(repeating: " ", count: indent + 2) + "KeyName:"
            guard let content = shape.value?.shape else { return text += " ''\n" }
            writeContent(content, comment: "", indent: indent + 2, &open, &text)
        case .string: text += " \(shape.enumValues.first ?? "''")\(comment)\n"
        case .integer, .long: text += " 0\(comment)\n"
        case .float, .double: text += " 0.0\(comment)\n"
        case .boolean: text += " true\(comment)\n"
        case .timestamp: text += " 1970-01-01 00:00:00\(comment)\n"
        case .blob: text += " !!binary ''\(comment)\n"
        }
    }
}
