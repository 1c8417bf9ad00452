// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Lessons
import LineEditor
import Wire
import World

/// What the line editor asks while a line is typed, answered for a session, and the notices that it shows.
struct PromptAssistant {
    private var scope: [String] = []
    private var names: LiveNames?
    /// What is known about lines in the session.
    private(set) var guide: PromptGuide?
    private var watch: Task<Void, Never>?

    /// Makes the editor one for a session.
    ///
    /// Names of things that are known already stay known where it is still the same world, account and region.
    mutating func attach(_ session: Session, to editor: LineEditor) {
        let credentials = session.effectiveCredentials
        let region = session.context.region
        let scope = [session.world.path, region, credentials?.accessKeyID ?? ""]
        let theme = Theme(environment: session.variables)
        if scope != self.scope || names == nil {
            self.scope = scope
            let store = session.world.store
            let changeMark: @Sendable () -> String = { "\(store.changeMark().hashValue)" }
            names = LiveNames(
                client: session.dispatcher, credentials: credentials, region: region, changeMark: changeMark)
            let notices = JobNotices(
                client: session.dispatcher, credentials: credentials, region: region, changeMark: changeMark,
                post: { [weak editor] notice in
                    let style = theme.style(.hint)
                    editor?.post(style.isEmpty ? notice : "\u{1b}[\(style)m\(notice)\u{1b}[m")
                }, since: ((try? session.world.store.read { try $0.clock() }) ?? .initial).now())
            watch?.cancel()
            watch = Task.detached { await notices.watch() }
        }
        let guide = PromptGuide(vocabulary: PromptWords.vocabulary(session), live: names)
        self.guide = guide
        editor.assistant = assistant(guide, theme)
    }

    private func assistant(_ guide: PromptGuide, _ theme: Theme) -> LineAssistant {
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
        let folders = ProgramIndex.folders(session.variables["PATH"] ?? "/usr/bin:/bin")
        let names = Array(session.variables.keys)
        let home = session.variables["HOME"] ?? ""
        let profiles = Configuration(environment: CommandEnvironment(variables: session.variables), profile: nil).profileNames
        var vocabulary = PromptVocabulary(commands: commands(session, profiles: profiles))
        vocabulary.isProgram = { isProgram($0, folders: folders) }
        vocabulary.programs = { prefix in programs(prefix, folders: folders) }
        vocabulary.variables = { names }
        vocabulary.files = { files($0, home: home) }
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

    /// Our own commands, with what may follow each.
    private static func commands(_ session: Session, profiles: [String]) -> [PromptCommand] {
        let accounts = (try? session.world.store.read { try Account.all(in: $0) }) ?? []
        let regions = Region.all.map { ($0.name, $0.title) }
        let own = accounts.filter { $0.id != Account.publicDataID }.map { ($0.alias ?? $0.id, "account") }
        let named = profiles.map { ($0, "profile") }
        let values: [String: [(String, String)]] = [
            "use": regions + own + named, "region": regions, "profile": named,
            "account": own + [("list", "all accounts"), ("new", "makes one")],
            "clock": [
                ("instant", "no waiting"), ("realtime", "as long as machines take"), ("x60", "sixty times as fast"),
                ("advance", "puts the clock forward: advance 12h"),
            ],
            "dataset": [("list", "what there is"), ("draw", "shows an example"), ("export", "writes files")],
            "vcf": [
                ("show", "what a file holds"), ("export", "writes training data"), ("crosstab", "clusters by population"),
                ("scatter", "draws principal components"),
            ],
            "runtime": [("list", "what there is"), ("install", "installs one"), ("remove", "removes one")],
            "world": [
                ("new", "makes a world"), ("list", "lists worlds"), ("info", "says what is in it"), ("use", "goes to another"),
                ("reset", "empties it"), ("copy", "copies it to another folder"), ("export", "writes it to one file"),
                ("import", "makes a world of such a file"),
            ],
            "lesson": [
                ("start", "begins a lesson"), ("check", "is the step done?"), ("hint", "helps a little"),
                ("run", "runs the step's commands"),
                ("answer", "answers a question"), ("solution", "shows how it is done"), ("skip", "passes over the step"),
                ("back", "goes to the step before"), ("list", "all lessons"), ("reset", "the account as it was at the beginning"),
                ("quit", "leaves the lesson"), ("verify", "takes all lessons in worlds of their own"),
            ],
            "workshop": [("--name", "your name, for names of things")],
            "undo": [("--list", "what can be taken back"), ("--skip", "leaves the last change as it is")],
        ]
        return OwnCommand.all.map { command in
            PromptCommand(command.name, command.summary, usage: command.usage) { words in
                if command.name == "lesson", words.last == "start" || words.first == "verify" {
                    // Read when they are asked for: the first prompt does not wait for them.
                    return ((try? LessonCatalog.all()) ?? []).map { ($0.number, $0.title) }
                }
                return words.isEmpty ? values[command.name] ?? [] : []
            }
        }
    }

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
        return ProgramIndex.isPresent(word, in: folders)
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
