// SPDX-License-Identifier: Apache-2.0

import ServiceModel

/// How a value of a shape is written on the command line: shorthand and JSON.
enum ShapeSyntax {
    /// Deeper values are written as JSON.
    private static let deepestShorthand = 4

    /// `Key=string,Value=string`; nil for scalars and for what shorthand can't say.
    static func shorthand(_ shape: Shape) -> String? {
        switch shape.kind {
        case .structure, .map: return part(shape, depth: 0, path: [])
        case .list:
            guard let element = shape.element?.shape else { return nil }
            if element.kind.isScalar { return "\(scalar(element, isQuoted: false)) \(scalar(element, isQuoted: false)) ..." }
            return part(element, depth: 0, path: [shape.name]).map { $0 + " ..." }
        default: return nil
        }
    }

    /// The value as indented JSON; what holds itself is written out once.
    static func json(_ shape: Shape) -> [String]? {
        shape.kind.isScalar ? nil : jsonLines(shape, path: [])
    }

    private static func part(_ shape: Shape, depth: Int, path: [String]) -> String? {
        if depth > deepestShorthand || path.contains(shape.name) || shape.isDocument { return nil }
        let path = path + [shape.name]
        switch shape.kind {
        case .structure:
            var parts: [String] = []
            for member in shape.members {
                guard let text = part(member.shape, depth: depth + 1, path: path) else { return nil }
                parts.append("\(member.name)=\(text)")
            }
            let inner = parts.joined(separator: ",")
            return depth == 0 ? inner : "{\(inner)}"
        case .map:
            guard let value = shape.value?.shape, let text = part(value, depth: depth + 1, path: path) else { return nil }
            let inner = "KeyName1=\(text),KeyName2=\(text)"
            return depth == 0 ? inner : "{\(inner)}"
        case .list:
            guard let element = shape.element?.shape, let text = part(element, depth: depth + 1, path: path) else { return nil }
            return "[\(text),\(text)]"
        default: return scalar(shape, isQuoted: false)
        }
    }

    private static func scalar(_ shape: Shape, isQuoted: Bool) -> String {
        if shape.kind == .boolean { return isQuoted ? "true|false" : "boolean" }
        if !shape.enumValues.isEmpty, isQuoted { return shape.enumValues.map { "\"\($0)\"" }.joined(separator: "|") }
        return shape.kind == .string && isQuoted ? "\"string\"" : shape.kind.rawValue
    }

    private static func jsonLines(_ shape: Shape, path: [String]) -> [String] {
        if path.filter({ $0 == shape.name }).count > 1 { return ["{ ... recursive ... }"] }
        let path = path + [shape.name]
        switch shape.kind {
        case .structure where shape.isDocument || shape.members.isEmpty: return ["{}"]
        case .structure:
            var lines = ["{"]
            for (index, member) in shape.members.enumerated() {
                let ending = index == shape.members.count - 1 ? "" : ","
                lines += joined("\"\(member.name)\": ", jsonLines(member.shape, path: path), ending: ending).map { "  " + $0 }
            }
            return lines + ["}"]
        case .list:
            guard let element = shape.element?.shape else { return ["[]"] }
            if element.kind.isScalar { return ["[\(scalar(element, isQuoted: true)), ...]"] }
            return ["["] + jsonLines(element, path: path).map { "  " + $0 } + ["  ...", "]"]
        case .map:
            guard let key = shape.key?.shape, let value = shape.value?.shape else { return ["{}"] }
            let entry = joined("\(scalar(key, isQuoted: true)): ", jsonLines(value, path: path), ending: "")
            return ["{"] + entry.map { "  " + $0 } + ["  ...", "}"]
        default: return [scalar(shape, isQuoted: true)]
        }
    }

    private static func joined(_ start: String, _ lines: [String], ending: String) -> [String] {
        var lines = lines
        if let first = lines.first { lines[0] = start + first }
        if let last = lines.last { lines[lines.count - 1] = last + ending }
        return lines
    }
}

/// What is in an answer, as a short tree.
enum ShapeTree {
    private static let deepest = 3

    /// A line for each member and what is in it, to a depth.
    static func lines(_ shape: Shape) -> [String] {
        shape.members.flatMap { lines($0.name, $0.shape, depth: 0, path: [shape.name]) }
    }

    private static func lines(_ name: String, _ shape: Shape, depth: Int, path: [String]) -> [String] {
        let (kind, inner) = described(shape)
        let head = (2 * depth).spaces + "\(name) (\(kind))"
        guard let inner, !inner.members.isEmpty else { return [head] }
        if depth + 1 >= deepest || path.contains(inner.name) { return [head + " ..."] }
        return [head] + inner.members.flatMap { lines($0.name, $0.shape, depth: depth + 1, path: path + [inner.name]) }
    }

    /// `list of structure` and the structure in the middle of it.
    private static func described(_ shape: Shape) -> (kind: String, inner: Shape?) {
        switch shape.kind {
        case .structure: return ("structure", shape)
        case .list:
            guard let element = shape.element?.shape else { return ("list", nil) }
            let (kind, inner) = described(element)
            return ("list of \(kind)", inner)
        case .map:
            guard let value = shape.value?.shape else { return ("map", nil) }
            let (kind, inner) = described(value)
            return ("map to \(kind)", inner)
        default: return (shape.kind.rawValue, nil)
        }
    }
}
