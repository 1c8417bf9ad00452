// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import LineEditor
import Wire
import World

/// What the line editor asks while a line is typed, answered for a session, and the notices that it shows.
struct PromptAssistant {
    private var scope: [String] = []
    private var names: LiveNames?
    private var watch: Task<Void, Never>?

    /// Makes the editor one for a session.
    ///
    /// Names of things that are known already stay known where it is still the same world, account and region.
    mutating func attach(_ session: Session, to editor: LineEditor) {
        let credentials = session.credentials()
        let scope = [session.world.path, session.account, session.region, credentials?.accessKeyID ?? ""]
        let theme = Theme(environment: session.variables)
        if scope != self.scope || names == nil {
            self.scope = scope
            let store = session.world.store
            let changeMark: @Sendable () -> String = { "\(store.changeMark().hashValue)" }
            names = LiveNames(
                client: session.dispatcher, credentials: credentials, region: session.region, changeMark: changeMark)
            let notices = JobNotices(
                client: session.dispatcher, credentials: credentials, region: session.region, changeMark: changeMark,
                post: { [weak editor] notice in
                    let style = theme.style(.hint)
                    editor?.post(style.isEmpty ? notice : "\u{1b}[\(style)m\(notice)\u{1b}[m")
                })
            watch?.cancel()
            watch = Task.detached { await notices.watch() }
        }
        editor.assistant = assistant(session, theme)
    }

    private func assistant(_ session: Session, _ theme: Theme) -> LineAssistant {
        let guide = PromptGuide(vocabulary: PromptWords.vocabulary(session), live: names)
        var assistant = LineAssistant()
        assistant.highlight = { line in guide.roles(line).map { StyledSpan($0.range, style: theme.style($0.role)) } }
        assistant.hint = { line in guide.hint(line).map { LineSuggestion($0.text, acceptedLength: $0.acceptedCount) } }
        assistant.complete = { line, cursor in
            let (length, completions) = guide.completions(line, cursor: cursor)
            return CompletionAnswer(
                replacedLength: length,
                completions: completions.map {
                    Completion($0.text, label: $0.label, description: $0.summary, endsWord: $0.endsWord)
                })
        }
        assistant.help = { line, cursor in guide.help(line, cursor: cursor) }
        assistant.needsContinuation = { LineContinuation.isNeeded(after: $0) }
        assistant.holdsSecret = { SecretWords.isHeld(in: $0) }
        assistant.faintStyle = theme.style(.hint)
        assistant.selectedStyle = theme.style(.selection)
        return assistant
    }
}

/// The words that can be typed at the prompt besides those of the models.
enum PromptWords {
    static func vocabulary(_ session: Session) -> PromptVocabulary {
        let folders = (session.variables["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map(String.init)
        let names = Array(session.variables.keys)
        let home = session.variables["HOME"] ?? ""
        var vocabulary = PromptVocabulary(commands: commands)
        vocabulary.isProgram = { isProgram($0, folders: folders) }
        vocabulary.programs = { prefix in programs(prefix, folders: folders) }
        vocabulary.variables = { names }
        vocabulary.files = { files($0, home: home) }
        let profiles = Configuration(environment: CommandEnvironment(variables: session.variables), profile: nil).profileNames
        vocabulary.globalValues = { option in
            switch option {
            case "--region": Region.all.map { ($0.name, $0.title) }
            case "--profile": profiles.map { ($0, "profile") }
            case "--output": ["json", "text", "table", "yaml", "yaml-stream", "off"].map { ($0, "") }
            default: []
            }
        }
        return vocabulary
    }

    private static let commands = [
        PromptCommand("account", "the account commands are made in"),
        PromptCommand("clock", "how waiting passes", usage: "[instant, realtime or xN]") { words in
            words.isEmpty
                ? [("instant", "no waiting"), ("realtime", "as long as machines take"), ("x60", "sixty times as fast")] : []
        },
        PromptCommand("dataset", "the data in the box", usage: "list|draw|convert|export …") { words in
            words.isEmpty ? [("list", "what there is"), ("draw", "shows an example"), ("export", "writes files")] : []
        },
        PromptCommand("exit", "ends the shell; what is running goes on"),
        PromptCommand("help", "what can be typed here"),
        PromptCommand("region", "shows the regions, or goes to one", usage: "[NAME]") { words in
            words.isEmpty ? Region.all.map { ($0.name, $0.title) } : []
        },
        PromptCommand("world", "makes, describes, empties worlds", usage: "new|list|info|reset") { words in
            words.isEmpty
                ? [("new", "makes a world"), ("list", "lists worlds"), ("info", "says what is in it"), ("reset", "empties it")] : []
        },
    ]

    /// The shell's own words.
    private static let builtIns: Set<String> = [
        ".", ":", "[", "alias", "bg", "bind", "break", "builtin", "cd", "command", "continue", "declare", "dirs", "disown", "echo",
        "eval",
        "exec", "export", "false", "fg", "getopts", "hash", "jobs", "kill", "let", "local", "logout", "mapfile", "popd", "printf",
        "pushd", "pwd", "read", "readonly", "return", "set", "shift", "shopt", "source", "test", "time", "times", "trap", "true",
        "type",
        "typeset", "ulimit", "umask", "unalias", "unset", "wait",
    ]

    private static func isProgram(_ word: String, folders: [String]) -> Bool {
        if builtIns.contains(word) { return true }
        if word.contains("/") { return access(word, X_OK) == 0 }
        return folders.contains { access("\($0)/\(word)", X_OK) == 0 }
    }

    private static func programs(_ prefix: String, folders: [String]) -> [String] {
        (ProgramIndex.shared.names(in: folders, beginningWith: prefix) + builtIns.filter { $0.hasPrefix(prefix) }).sorted()
    }

    private static func files(_ folder: String, home: String) -> [String] {
        let path = folder.hasPrefix("~/") ? home + folder.dropFirst() : folder.isEmpty ? "." : folder
        return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).map { name in
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(path)/\(name)", isDirectory: &isFolder)
            return isFolder.boolValue ? name + "/" : name
        }
    }
}
