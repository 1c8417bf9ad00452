// SPDX-License-Identifier: Apache-2.0

import OrderedCollections
import ServiceModel
import Wire

/// What is wrong with a shorthand text: the complaint with the text and a caret below the place.
struct ShorthandError: Error, Equatable {
    var text: String
}

/// The `Key=value,Other={a=b},List=[x,y]` notation of structures, lists and maps on the command line.
///
///     parameter = keyval *("," keyval)          key    = 1*[A-Za-z0-9-_.#/:]
///     keyval    = key ["@"] "=" values          values = csv / "[" list "]" / "{" keyval,... "}"
///     csv       = value *("," value)            back to the comma before where the next word turns out to be a key
///     value     = 'single \' quoted' / "double \" quoted" / bare (commas escaped as \,)
///
/// It is read without knowledge of the model; `fit` then adapts the result to it.
struct Shorthand {
    private let text: [Unicode.Scalar]
    private var place = 0
    private var readsFiles = false
    private let files: ParameterFile

    private init(_ text: String, files: ParameterFile) {
        self.text = Array(text.unicodeScalars)
        self.files = files
    }

    /// Reads a whole text as one structure.
    ///
    /// - Throws: `ShorthandError`; `CommandFailure` where a `key@=file://…` cannot be read.
    static func parse(_ text: String, files: ParameterFile) throws -> Value {
        var parser = Shorthand(text, files: files)
        return .object(try parser.parameter())
    }

    private mutating func parameter() throws -> OrderedDictionary<String, Value> {
        var members: OrderedDictionary<String, Value> = [:]
        let (key, value) = try keyAndValue()
        members[key] = value
        var last = place
        while place < text.count {
            try expect(",", skippingSpace: true)
            let (key, value) = try keyAndValue()
            guard members[key] == nil else {
                throw ShorthandError(
                    text: "Second instance of key \"\(key)\" encountered for input:\n\(location(last + 1))\n"
                        + "This is often because there is a preceding \",\" instead of a space.")
            }
            members[key] = value
            last = place
        }
        return members
    }

    private mutating func keyAndValue() throws -> (String, Value) {
        let key = try keyAndEquals()
        guard let current else { return (key, "") }
        switch current {
        case "[": return (key, try explicitList())
        case "{": return (key, try hashLiteral())
        default: return (key, try commaSeparated())
        }
    }

    private mutating func keyAndEquals() throws -> String {
        let start = place
        while let current, isKeyCharacter(current) { place += 1 }
        let key = string(start..<place)
        skipSpace()
        readsFiles = current == "@"
        if readsFiles { place += 1 }
        try expect("=", skippingSpace: true)
        return key
    }

    private func isKeyCharacter(_ character: Unicode.Scalar) -> Bool {
        switch character {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "#", "/", ":": true
        default: false
        }
    }

    private mutating func commaSeparated() throws -> Value {
        let first = try firstValue()
        skipSpace()
        guard current == "," else { return first }
        try expect(",", skippingSpace: true)
        var values = [first]
        while true {
            do {
                let value = try secondValue()
                skipSpace()
                if place >= text.count {
                    values.append(value)
                    break
                }
                try expect(",", skippingSpace: true)
                values.append(value)
            } catch let error as ShorthandError {
                // The word was a key: the comma before it ends the list.
                if place >= text.count { throw error }
                while place > 0, text[place] != "," { place -= 1 }
                break
            }
        }
        return values.count == 1 ? first : .list(values)
    }

    private mutating func explicitList() throws -> Value {
        try expect("[", skippingSpace: true)
        var values: [Value] = []
        while current != "]" {
            values.append(try explicitValue())
            skipSpace()
            if current != "]" {
                try expect(",")
                skipSpace()
            }
        }
        try expect("]")
        return .list(values)
    }

    private mutating func hashLiteral() throws -> Value {
        try expect("{", skippingSpace: true)
        var members: OrderedDictionary<String, Value> = [:]
        while current != "}" {
            let key = try keyAndEquals()
            let value = try explicitValue()
            skipSpace()
            if current != "}" {
                try expect(",")
                skipSpace()
            }
            members[key] = value
        }
        try expect("}")
        return .object(members)
    }

    private mutating func explicitValue() throws -> Value {
        switch current {
        case "[": try explicitList()
        case "{": try hashLiteral()
        default: try firstValue()
        }
    }

    private mutating func firstValue() throws -> Value {
        if current == "'" || current == "\"" { return try quoted() }
        guard let end = bareWordEnd(isFollowing: isFirstFollowing) else { return "" }
        return try bareWord(to: end)
    }

    private mutating func secondValue() throws -> Value {
        if current == "'" || current == "\"" { return try quoted() }
        guard let end = bareWordEnd(isFollowing: isSecondFollowing) else { throw expected("<second>", "<none>") }
        return try bareWord(to: end)
    }

    private mutating func bareWord(to end: Int) throws -> Value {
        var word = string(place..<end).replacingAll("\\,", with: ",")
        while let last = word.unicodeScalars.last, last.properties.isWhitespace { word.unicodeScalars.removeLast() }
        place = end
        return try resolved(word)
    }

    /// The end of an unquoted word at the current place, where one begins there.
    private func bareWordEnd(isFollowing: (Unicode.Scalar) -> Bool) -> Int? {
        var end = place
        while end < text.count {
            if text[end] == "\\", end + 1 < text.count, text[end + 1] == "," {
                end += 2
            } else if end == place ? isStarting(text[end]) : isFollowing(text[end]) {
                end += 1
            } else {
                break
            }
        }
        return end > place ? end : nil
    }

    private func isStarting(_ character: Unicode.Scalar) -> Bool {
        switch character {
        case "\"", "'", ",", "=", "[", "{": false
        default: character.value > 0x20 && character.value <= 0xffff
        }
    }

    private func isFirstFollowing(_ character: Unicode.Scalar) -> Bool {
        switch character {
        case "\"", "'", ",", "]", "}": false
        default: isWordCharacter(character)
        }
    }

    private func isSecondFollowing(_ character: Unicode.Scalar) -> Bool {
        switch character {
        case "\"", "'", ",", "=": false
        default: isWordCharacter(character)
        }
    }

    private func isWordCharacter(_ character: Unicode.Scalar) -> Bool {
        character.properties.isWhitespace || (character.value > 0x20 && character.value <= 0xffff)
    }

    private mutating func quoted() throws -> Value {
        let quote = text[place]
        var end: Int?
        var lastEscaped: Int?
        var index = place + 1
        while index < text.count, end == nil {
            if text[index] == "\\", index + 1 < text.count, text[index + 1] == quote {
                lastEscaped = index + 1
                index += 2
            } else if text[index] == quote {
                end = index
            } else {
                index += 1
            }
        }
        guard let close = end ?? lastEscaped else {
            throw expected(quote == "'" ? "<singled quoted>" : "<double quoted>", "<none>")
        }
        let content = string(place + 1..<close).replacingAll("\\\(quote)", with: "\(quote)").replacingAll("\\\\", with: "\\")
        place = close + 1
        return try resolved(content)
    }

    private func resolved(_ word: String) throws -> Value {
        guard readsFiles else { return .string(word) }
        return try files.load(word) ?? .string(word)
    }

    private var current: Unicode.Scalar? { place < text.count ? text[place] : nil }

    private func string(_ range: Range<Int>) -> String {
        var string = String.UnicodeScalarView()
        string.append(contentsOf: text[range])
        return String(string)
    }

    private mutating func skipSpace() {
        while let current, current.isASCII, current.properties.isWhitespace { place += 1 }
    }

    private mutating func expect(_ character: Unicode.Scalar, skippingSpace: Bool = false) throws(ShorthandError) {
        if skippingSpace { skipSpace() }
        guard let current else { throw expected("\(character)", "EOF") }
        guard current == character else { throw expected("\(character)", "\(current)") }
        place += 1
        if skippingSpace { skipSpace() }
    }

    private func expected(_ wanted: String, _ received: String) -> ShorthandError {
        ShorthandError(text: "Expected: '\(wanted)', received: '\(received)' for input:\n \(location(place))")
    }

    /// The text with a caret below `index`, below the line that has it.
    private func location(_ index: Int) -> String {
        let index = min(index, text.count)
        let lineStart = text[..<index].lastIndex(of: "\n").map { $0 + 1 } ?? 0
        let lineEnd = text[index...].firstIndex(of: "\n") ?? text.count
        let spaces = String(repeating: " ", count: index - lineStart)
        return "\(string(0..<lineEnd))\n\(spaces)^\(string(lineEnd..<text.count))"
    }
}

extension Shorthand {
    /// Adapts what was read to the model: one value where a list belongs becomes a list of one, text becomes numbers and
    /// truth values.
    static func fit(_ value: Value, to shape: Shape) throws(CommandFailure) -> Value {
        switch (shape.kind, value) {
        case (.structure, .object(var members)):
            for member in shape.members {
                if let content = members[member.name] { members[member.name] = try fit(content, to: member.shape) }
            }
            return .object(members)
        case (.map, .object(var members)):
            guard let content = shape.value?.shape else { return value }
            for key in members.keys {
                members[key] = try members[key].map { value throws(CommandFailure) in try fit(value, to: content) }
            }
            return .object(members)
        case (.list, .list(let elements)):
            guard let element = shape.element?.shape else { return value }
            var fitted: [Value] = []
            for content in elements { fitted.append(try fit(content, to: element)) }
            return .list(fitted)
        case (.list, _): return .list([value])
        case (.integer, .string(let text)), (.long, .string(let text)): return .integer(try PythonNumber.integer(text))
        case (.float, .string(let text)), (.double, .string(let text)): return .double(try PythonNumber.double(text))
        case (.boolean, .string(let text)):
            switch text.lowercased() {
            case "true": return true
            case "false": return false
            default: return value
            }
        case (.integer, .list), (.long, .list), (.integer, .object), (.long, .object):
            throw .general(
                "int() argument must be a string, a bytes-like object or a real number, not '\(kindName(value))'")
        case (.float, .list), (.double, .list), (.float, .object), (.double, .object):
            throw .general("float() argument must be a string or a real number, not '\(kindName(value))'")
        case (.boolean, .list), (.boolean, .object):
            throw .general("'\(kindName(value))' object has no attribute 'lower'")
        default: return value
        }
    }

    private static func kindName(_ value: Value) -> String {
        if case .list = value { "list" } else { "dict" }
    }
}

extension String {
    /// All occurrences replaced, from left to right.
    func replacingAll(_ target: String, with replacement: String) -> String {
        guard contains(target) else { return self }
        return split(separator: target, omittingEmptySubsequences: false).joined(separator: replacement)
    }
}
