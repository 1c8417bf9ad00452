// SPDX-License-Identifier: Apache-2.0

import ServiceModel

/// Where the cursor is inside a structured value that is being typed, as shorthand (`Name=a,Values=b`) or as JSON.
struct ValuePosition {
    /// A member's name comes next, or a value of that shape.
    enum Next {
        case name(Shape, given: Set<String>)
        case value(Shape, member: String)
    }

    var next: Next
    /// What of the name or value is typed.
    var typed: String
    var isJSON: Bool

    /// Nil where the text has no place for names or values of the shape, as for scalars.
    init?(_ text: String, in shape: Shape) {
        let shape = shape.kind == .list && !text.hasPrefix("[") ? (shape.element?.shape ?? shape) : shape
        guard shape.kind == .structure || shape.kind == .map || shape.kind == .list else { return nil }
        let start = text.first { !$0.isWhitespace }
        isJSON = start == "{" || start == "["
        guard let found = isJSON ? Self.json(text, shape) : Self.shorthand(text, shape) else { return nil }
        (next, typed) = found
    }

    private struct Level {
        var shape: Shape
        var given: Set<String> = []
        /// The member whose value comes; nil where its name does.
        var member: String?
        var memberShape: Shape?

        init(_ shape: Shape) {
            self.shape = shape
            if shape.kind == .list { take("") }
        }

        mutating func take(_ name: String) {
            member = name
            switch shape.kind {
            case .structure: memberShape = shape.member(named: name)?.shape
            case .map: memberShape = shape.value?.shape
            case .list: memberShape = shape.element?.shape
            default: memberShape = nil
            }
            given.insert(name)
        }

        /// After a comma.
        mutating func startNext() {
            if shape.kind == .list { return }
            member = nil
            memberShape = nil
        }
    }

    private static func position(_ level: Level, _ typed: String) -> (Next, String)? {
        guard let member = level.member else { return (.name(level.shape, given: level.given), typed) }
        return level.memberShape.map { (.value($0, member: member), typed) }
    }

    private static func shorthand(_ text: String, _ shape: Shape) -> (Next, String)? {
        var levels = [Level(shape)]
        var typed = ""
        var isList = false
        for character in text {
            guard var level = levels.popLast() else { return nil }
            switch character {
            case "=":
                // `Values=a,Name=…`: what looked like one more value was the next member's name.
                if isList { level.startNext() }
                isList = false
                level.take(typed)
                typed = ""
            case ",":
                isList = level.memberShape?.kind == .list && level.shape.kind != .list
                if !isList { level.startNext() }
                typed = ""
            case "{", "[":
                guard typed.isEmpty, let inner = level.memberShape else { return nil }
                levels.append(level)
                level = Level(inner)
            case "}", "]":
                typed = ""
                if let outer = levels.popLast() { level = outer }
            default: typed.append(character)
            }
            levels.append(level)
        }
        guard let level = levels.last else { return nil }
        if let shape = level.memberShape, shape.kind == .list, level.shape.kind != .list, let element = shape.element?.shape {
            return (.value(element, member: level.member ?? ""), typed)
        }
        return position(level, typed)
    }

    private static func json(_ text: String, _ shape: Shape) -> (Next, String)? {
        var levels: [Level] = []
        var typed: String?
        var last = ""
        var isEscaped = false
        for character in text {
            if var string = typed {
                if !isEscaped, character == "\"" {
                    last = string
                    typed = nil
                } else {
                    isEscaped = !isEscaped && character == "\\"
                    string.append(character)
                    typed = string
                }
                continue
            }
            switch character {
            case "{", "[":
                guard let inner = levels.isEmpty ? shape : levels.last?.memberShape else { return nil }
                levels.append(Level(inner))
            case "}", "]": _ = levels.popLast()
            case ":": levels.indices.last.map { levels[$0].take(last) }
            case ",": levels.indices.last.map { levels[$0].startNext() }
            case "\"": typed = ""
            default: break
            }
        }
        // Only inside quotes is there something to complete.
        guard let level = levels.last, let typed else { return nil }
        return position(level, typed)
    }
}
