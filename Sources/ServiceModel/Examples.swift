// SPDX-License-Identifier: Apache-2.0

/// A runnable example, or something that examples need beforehand.
public struct Example: Sendable {
    /// A fixture's name, an operation as `sagemaker CreateModel`, or a command as `command s3.cp`.
    public var name: String
    /// What a fixture is: `the bucket smworkshop-ada`; empty for examples.
    public var text: String
    /// The fixtures that have to be there, by name.
    public var needs: [String] = []
    /// Files in the working directory.
    public var files: [File] = []
    /// Lines of the shell, run one after another.
    public var commands: [String] = []

    /// A file that commands read.
    public struct File: Sendable {
        /// Its name in the working directory.
        public var name: String
        /// Its text.
        public var content: String
    }
}

/// The runnable examples of examples.model: at most one for each operation and command.
///
/// The table is read at the first question.
public enum Examples {
    private static let table = ExampleTable(ModelText.examples)

    /// The example of an operation.
    public static func operation(_ operation: String, of service: String) -> Example? {
        table.examples["\(service) \(operation)"]
    }

    /// The example of a command that is not an operation, by its words.
    public static func command(_ path: [String]) -> Example? {
        table.examples["command \(path.joined(separator: "."))"]
    }

    /// All of them, by name.
    public static var all: [Example] { table.examples.values.sorted { $0.name < $1.name } }

    /// What an example needs, in the order in which it has to be made.
    public static func fixtures(of example: Example) -> [Example] {
        var fixtures: [Example] = []
        func add(_ name: String) {
            guard let fixture = table.fixtures[name], !fixtures.contains(where: { $0.name == name }) else { return }
            for need in fixture.needs { add(need) }
            if !fixtures.contains(where: { $0.name == name }) { fixtures.append(fixture) }
        }
        for need in example.needs { add(need) }
        return fixtures
    }
}

/// examples.model, read; the file's head says what its lines mean.
struct ExampleTable: Sendable {
    var fixtures: [String: Example] = [:]
    var examples: [String: Example] = [:]

    init(_ text: ModelText) {
        var current: Example?
        var line = 0
        while line < text.count {
            let end = text.lineEnd(from: line)
            let (kind, rest) = Self.split(text[line..<end].string)
            line = end + 1
            switch kind {
            case "fixture":
                store(current)
                let (name, description) = Self.split(rest)
                current = Example(name: name, text: description)
            case "example":
                store(current)
                current = Example(name: rest, text: "")
            case "family":
                store(current)
                current = nil
                addFamily(rest)
            case "needs": current?.needs += rest.split(separator: " ").map(String.init)
            case "file":
                let (name, content) = Self.split(rest)
                let lines = content.split(separator: "\\n", omittingEmptySubsequences: false)
                current?.files.append(Example.File(name: name, content: lines.joined(separator: "\n")))
            case "$": current?.commands.append(rest)
            default: break
            }
        }
        store(current)
    }

    /// The examples of one of SageMaker's families of resources, whose operations are alike.
    private mutating func addFamily(_ line: String) {
        let (noun, rest) = Self.split(line)
        let (count, options) = Self.split(rest)
        let name = commandName(noun)
        let endsInY = noun.hasSuffix("y")
        let plural = endsInY ? String(noun.dropLast()) + "ies" : noun + "s"
        let key = options.split(separator: " ").prefix(2 * (Int(count) ?? 1)).joined(separator: " ")
        let create = "aws sagemaker create-\(name) \(options)"
        let words = name.replacing("-", with: " ")
        let needs = options.contains(":role/") ? ["role"] : []
        let fixture = Example(
            name: "family \(noun)", text: "the \(words) of the example of create-\(name)", needs: needs, commands: [create])
        fixtures[fixture.name] = fixture
        let commands = [
            "Describe\(noun)": "describe-\(name) \(key)", "Delete\(noun)": "delete-\(name) \(key)",
            "List\(plural)": "list-\(commandName(plural))",
        ]
        for (operation, command) in commands {
            store(Example(name: "sagemaker \(operation)", text: "", needs: [fixture.name], commands: ["aws sagemaker \(command)"]))
        }
        store(Example(name: "sagemaker Create\(noun)", text: "", needs: needs, commands: [create]))
    }

    private mutating func store(_ example: Example?) {
        guard let example else { return }
        if example.text.isEmpty {
            examples[example.name] = example
        } else {
            fixtures[example.name] = example
        }
    }

    /// The first word and the rest.
    private static func split(_ line: String) -> (String, String) {
        let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts.first ?? ""), parts.count > 1 ? String(parts[1]) : "")
    }
}
