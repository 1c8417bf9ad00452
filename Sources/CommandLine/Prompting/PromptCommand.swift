// SPDX-License-Identifier: Apache-2.0

/// A command of the prompt's own: `region`, `world`, `exit`.
public struct PromptCommand: Sendable {
    /// What is typed.
    public var name: String
    /// What it is for, in a few words.
    public var summary: String
    /// How its arguments are written: `[NAME]`.
    public var usage: String
    /// The words that can follow, with what they are; given the words between the command and the cursor's.
    public var arguments: @Sendable (_ words: [String]) -> [(text: String, summary: String)]

    /// Makes one from its parts.
    public init(
        _ name: String, _ summary: String, usage: String = "",
        arguments: @escaping @Sendable (_ words: [String]) -> [(text: String, summary: String)] = { _ in [] }
    ) {
        self.name = name
        self.summary = summary
        self.usage = usage
        self.arguments = arguments
    }
}

/// What can be typed at a prompt besides what the models say.
public struct PromptVocabulary: Sendable {
    /// The prompt's own commands.
    public var commands: [PromptCommand]
    /// Whether a word is a program on PATH, or a word of the shell.
    public var isProgram: @Sendable (String) -> Bool
    /// The programs on PATH whose names begin so.
    public var programs: @Sendable (_ prefix: String) -> [String]
    /// The names of the variables that there are.
    public var variables: @Sendable () -> [String]
    /// What stands in a folder, the names of folders with a slash at their end.
    ///
    /// The path may be relative or begin with `~`; nothing stands in a folder that is not there.
    public var files: @Sendable (_ folder: String) -> [String]
    /// Words for some options of every command: `--region`, `--profile`.
    public var globalValues: @Sendable (_ option: String) -> [(text: String, summary: String)]

    /// A vocabulary without commands, programs and files.
    public init(commands: [PromptCommand] = []) {
        self.commands = commands
        isProgram = { _ in false }
        programs = { _ in [] }
        variables = { [] }
        files = { _ in [] }
        globalValues = { _ in [] }
    }

    /// The command of that name.
    func command(_ name: String) -> PromptCommand? { commands.first { $0.name == name } }
}
