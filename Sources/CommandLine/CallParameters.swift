// SPDX-License-Identifier: Apache-2.0

import Foundation
import JMESPath
import OrderedCollections
import ServiceModel
import Wire

/// An operation's parameters as its options gave them, before any check against the model.
struct CallParameters {
    var input: OrderedDictionary<String, Value> = [:]
    var body: Body?
    var startingToken: String?
    var pageSize: Int?
    var maximumItems: Int?
    var outputFile: String?
    /// False where the options page by hand or say so.
    var paginates = true
}

/// Turns an operation's parsed words into its parameters: files read, shorthand and JSON understood.
struct CallParameterReader {
    let arguments: OperationArguments
    let parsed: ParsedArguments
    let files: ParameterFile
    let paginates: Bool

    func read() throws -> CallParameters {
        var parameters = CallParameters()
        parameters.paginates = paginates
        let isHandPaged = arguments.manualPagingNames.contains {
            $0 != "start-token" && $0 != "max-items" && parsed.values[$0] != nil
        }
        if isHandPaged { parameters.paginates = false }
        if !parameters.paginates, arguments.operation.paginator != nil {
            let used = ["starting-token", "page-size", "max-items"].filter { name in
                arguments.shadowed[name] == nil && parsed.text(name).map { !$0.isEmpty && $0 != "0" } ?? false
            }
            if !used.isEmpty {
                let names = used.map { "--\($0)" }.joined(separator: ", ")
                throw CommandFailure.parameter("Cannot specify --no-paginate along with pagination arguments: \(names)")
            }
        }
        try arguments.customization?.check(parsed)
        for (name, entry) in arguments.entries {
            guard let given = parsed.values[entry.specification.destination] else { continue }
            switch entry.role {
            case .member(let member): try add(given, member, option: name, to: &parameters)
            case .paging(let name):
                if !parameters.paginates, let member = arguments.shadowed[name] {
                    try add(given, member, option: name, to: &parameters)
                } else {
                    try addPaging(given, name, to: &parameters)
                }
            case .outputFile: parameters.outputFile = given.text
            case .negation, .whole, .custom: break
            }
        }
        try arguments.customization?.apply(parsed, files, &parameters)
        try addWholeInput(to: &parameters)
        if let paginator = arguments.operation.paginator {
            let manual = Set(paginator.inputTokens + [paginator.limitKey].compactMap { $0 })
            if parameters.input.keys.contains(where: manual.contains) { parameters.paginates = false }
        }
        return parameters
    }

    private func addPaging(_ given: ArgumentValue, _ name: String, to parameters: inout CallParameters) throws {
        guard let text = given.text else { return }
        switch name {
        case "starting-token": parameters.startingToken = text
        case "page-size": parameters.pageSize = try PythonNumber.integer(text)
        default: parameters.maximumItems = try PythonNumber.integer(text)
        }
    }

    private func add(_ given: ArgumentValue, _ member: Member, option: String, to parameters: inout CallParameters) throws {
        let shape = member.shape
        if shape.kind == .boolean {
            if let flag = given.flag { parameters.input[member.name] = .boolean(flag) }
            return
        }
        let option = "--\(option)"
        do {
            if shape.kind == .blob, member.isStreaming, let path = given.text {
                guard let body = try files.body(path) else {
                    throw CommandFailure.parameter("Error parsing parameter '\(option)': Blob values must be a path to a file.")
                }
                parameters.body = body
                return
            }
            parameters.input[member.name] = try value(given, shape, option)
        } catch let error as ShorthandError {
            throw CommandFailure.parameter("Error parsing parameter '\(option)': \(error.text)")
        }
    }

    /// A value as an option gave it.
    private func value(_ given: ArgumentValue, _ shape: Shape, _ option: String) throws -> Value {
        var words: [String]
        // A list of one may be the file that has the whole list.
        switch given {
        case .text(let text): words = [text]
        case .list(let list): words = list
        case .flag(let flag): return .boolean(flag)
        }
        var isList = given.list != nil
        if words.count == 1 {
            do {
                switch try files.load(words[0]) {
                case .string(let content): (words, isList) = ([content], false)
                case .some(let bytes):
                    // Bytes where text belongs are for the validation to complain about.
                    if shape.kind == .blob || shape.kind == .string || shape.kind == .timestamp { return bytes }
                    (words, isList) = ([String(decoding: bytes.blobValue ?? [], as: UTF8.self)], false)
                case nil: break
                }
            } catch {
                throw CommandFailure.parameter("Error parsing parameter '\(option)': \(error.text)")
            }
        }
        let firstCharacter = words.first?.first { !$0.isWhitespace }
        let looksLikeJSON = firstCharacter == "[" || firstCharacter == "{"
        if supportsShorthand(shape), !looksLikeJSON { return try shorthand(words, isList: isList, shape) }
        if shape.kind == .list, isList {
            if words.count == 1, words[0].trimmingCharacters(in: .whitespaces).hasPrefix("[") { return try json(words[0], option) }
            guard let element = shape.element?.shape else { return .list(words.map { .string($0) }) }
            return .list(try words.map { try single($0, element, option) })
        }
        return try single(words.first ?? "", shape, option)
    }

    /// One word that is no shorthand: a scalar, or JSON.
    private func single(_ word: String, _ shape: Shape, _ option: String) throws -> Value {
        switch shape.kind {
        case .integer, .long: return .integer(try PythonNumber.integer(word))
        case .float, .double: return .double(try PythonNumber.double(word))
        case .boolean: return .boolean(word.lowercased() != "false" && !word.isEmpty)
        case .structure, .map:
            if word.trimmingCharacters(in: .whitespacesAndNewlines).hasPrefix("{") { return try json(word, option) }
            throw CommandFailure.parameter("Error parsing parameter '\(option)': Invalid JSON:\n\(word)")
        case .list:
            if word.trimmingCharacters(in: .whitespacesAndNewlines).hasPrefix("[") { return try json(word, option) }
            // Text where a list of words belongs is read letter by letter, as the real command does.
            guard let element = shape.element?.shape else { return .string(word) }
            return .list(try word.map { try single(String($0), element, option) })
        default: return .string(word)
        }
    }

    private func json(_ text: String, _ option: String) throws -> Value {
        do {
            return try JSON.parse(text)
        } catch {
            throw CommandFailure.parameter("Error parsing parameter '\(option)': Invalid JSON: \(error)\nJSON received: \(text)")
        }
    }

    private func shorthand(_ words: [String], isList: Bool, _ shape: Shape) throws -> Value {
        if !isList, shape.kind == .structure, shape.members.count == 1, shape.members[0].name == "Value",
            shape.members[0].shape.kind == .string, let word = words.first, !word.contains("=")
        {
            return ["Value": .string(word)]
        }
        if isList { return try Shorthand.fit(.list(try words.map { try Shorthand.parse($0, files: files) }), to: shape) }
        let parsed = try Shorthand.parse(words.first ?? "", files: files)
        // At the top, one structure stands for itself even where a list belongs.
        return shape.kind == .list ? parsed : try Shorthand.fit(parsed, to: shape)
    }

    private func supportsShorthand(_ shape: Shape) -> Bool {
        switch shape.kind {
        case .structure, .map: !shape.isDocument
        case .list: shape.element.map { !$0.shape.kind.isScalar && !$0.shape.isDocument } ?? false
        default: false
        }
    }

    /// `--cli-input-json` and `--cli-input-yaml`: what the options have not said already.
    private func addWholeInput(to parameters: inout CallParameters) throws {
        let given = ["cli-input-json", "cli-input-yaml"].filter { parsed.text($0) != nil }
        if given.count > 1 { throw CommandFailure.parameter("Only one --cli-input- parameter may be specified.") }
        guard let name = given.first, let text = parsed.text(name) else { return }
        var content = text
        do {
            switch try files.load(text) {
            case .string(let loaded): content = loaded
            case .blob(let bytes): content = String(decoding: bytes, as: UTF8.self)
            default: break
            }
        } catch {
            throw CommandFailure.parameter("Error parsing parameter '--\(name)': \(error.text)")
        }
        guard let loaded = name == "cli-input-json" ? try? JSON.parse(content) : try? YAMLReader.read(content) else {
            let format = name == "cli-input-json" ? "JSON" : "YAML"
            throw CommandFailure.parameter("Error parsing parameter '\(name)': Invalid \(format) received.")
        }
        guard case .object(let members) = loaded else {
            let type = "<class '\(JSONValue(loaded, zone: .universal).pythonTypeName)'>"
            throw CommandFailure.parameter("Error parsing parameter '--\(name)': Invalid type: expecting map, received \(type)")
        }
        for (key, value) in members where parameters.input[key] == nil { parameters.input[key] = value }
    }
}
