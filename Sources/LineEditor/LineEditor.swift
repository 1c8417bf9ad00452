// SPDX-License-Identifier: Apache-2.0

import CLibEdit
import Dispatch
import Foundation
import Synchronization

/// What reading a line came to.
public enum LineResult: Sendable, Equatable {
    /// A line, without its end; it has line ends inside where Enter went on with it or a text with several lines was pasted.
    case line(String)
    /// Ctrl-C: the line is dropped.
    case interrupted
    /// Ctrl-D on an empty line, or the terminal is gone.
    case endOfInput
}

/// The prompt: libedit with the user's ~/.editrc keeps the line; colours, hints, lists, history and search are drawn around it here.
///
/// libedit knows nothing below or behind its line, so that its own drawing goes to /dev/null, and the whole picture is made of its
/// buffer each time that it asks for a key and none is there. What is typed is never run before Enter, pasted text neither.
///
/// Unchecked Sendable: lines are read one after the other, on a thread that the editor has for it; `post` may be called from anywhere.
public final class LineEditor: @unchecked Sendable {
    let editor: OpaquePointer
    let historyHandle: OpaquePointer
    let reader = KeyReader()
    var history: History
    /// What the editor asks about the line; set it between two lines.
    public var assistant = LineAssistant() {
        didSet { forgetAnswers() }
    }

    // What is to be seen besides the line.
    var menu: CompletionMenu?
    var help: HelpPanel?
    var search: HistorySearch?
    var navigation: HistoryNavigation?
    /// The line after a proposal with a blank behind it was put in.
    var completedPlace: CompletionMenu.Place?
    /// The line that Enter ended, where it was Enter.
    var accepted: [Unicode.Scalar]?
    var isInterrupted = false
    private var prompt = ""
    private var writer = FrameWriter()
    private var styledLine: (text: String, spans: [StyledSpan])?
    private var hintedLine: (text: String, hint: LineSuggestion)?
    private let isPlain: Bool
    private let queue = DispatchQueue(label: "line editor")
    private let notices = Mutex<[String]>([])

    /// Takes over the terminal's line editing; nil where standard input or output is not a terminal.
    ///
    /// A terminal that can't move its cursor (TERM=dumb) gets plain prompts.
    ///
    /// - Parameter historyPath: the file of past lines; it is made where absent.
    public init?(program: String, historyPath: String) {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { return nil }
        let terminal = ProcessInfo.processInfo.environment["TERM"] ?? "dumb"
        isPlain = ["dumb", "emacs", ""].contains(terminal)
        LineEditor.prepareLocale()
        guard let editor = sagebrush_el_init(program), let historyHandle = history_init() else { return nil }
        self.editor = editor
        self.historyHandle = historyHandle
        history = History(path: historyPath)
        Interrupts.shared.catchSignal()
        if isPlain { return }
        sagebrush_el_set_client_data(editor, Unmanaged.passUnretained(self).toOpaque())
        sagebrush_el_set_editor(editor, "emacs")
        // libedit's own history serves its vi commands.
        sagebrush_history_set_size(historyHandle, Int32(HistoryFile.maximumEntryCount))
        sagebrush_history_set_unique(historyHandle, 1)
        sagebrush_el_set_history(editor, historyHandle)
        for line in history.entries { sagebrush_history_enter(historyHandle, line) }
        addKeyFunctions()
        let variables = ProcessInfo.processInfo.environment
        // Where libedit itself looks.
        applySettings(path: variables["EDITRC"] ?? (variables["HOME"] ?? NSHomeDirectory()) + "/.editrc")
        SignalPipe.catchResizes()
        connectReader()
    }

    deinit {
        history_end(historyHandle)
        sagebrush_el_end(editor)
    }

    static func prepareLocale() {
        // libedit reads, and the C library measures, wide characters only where the character type says UTF-8.
        setlocale(LC_CTYPE, "")
        if let codeset = nl_langinfo(Int32(CODESET)), String(cString: codeset) != "UTF-8" { setlocale(LC_CTYPE, "C.UTF-8") }
    }

    private func connectReader() {
        sagebrush_el_set_reader(editor) { editor, character in
            guard let self = LineEditor.current(editor) else { return 0 }
            switch self.reader.next() {
            case .character(let value):
                // An interrupt that libedit took for itself, in a search of vi's, is over.
                self.isInterrupted = false
                character?.pointee = wchar_t(bitPattern: value)
                return 1
            case .endOfInput: return 0
            case .interrupted:
                self.isInterrupted = true
                errno = EINTR
                return -1
            }
        }
        reader.willWait = { [unowned self] in draw() }
        reader.didPress = { [unowned self] in help?.isShown = false }
        reader.didResize = { [unowned self] in resize() }
        reader.didGetNotice = { [unowned self] in showNotices() }
        reader.hasAltKeys = { [unowned self] in !isVi }
        reader.isEscapeAKey = { [unowned self] in isVi || menu != nil || search != nil }
    }

    static func current(_ editor: OpaquePointer?) -> LineEditor? {
        guard let editor, let pointer = sagebrush_el_client_data(editor) else { return nil }
        return Unmanaged<LineEditor>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Whether the keys are vi's.
    var isVi: Bool { sagebrush_el_editor(editor).map { String(cString: $0) } == "vi" }

    // MARK: Reading

    /// Shows `prompt`, which may have SGR sequences in it, and reads a line.
    public func readLine(prompt: String) async -> LineResult {
        await withCheckedContinuation { continuation in
            queue.async { [self] in continuation.resume(returning: isPlain ? readPlainLine(prompt) : read(prompt)) }
        }
    }

    private func read(_ prompt: String) -> LineResult {
        begin(prompt)
        // Ctrl-Z stops commands, not the shell.
        let previousStop = signal(SIGTSTP, SIG_IGN)
        defer { signal(SIGTSTP, previousStop) }
        var count: Int32 = 0
        let bytes = el_gets(editor, &count)
        menu = nil
        help = nil
        search = nil
        if isInterrupted {
            finish(currentPlace.line, mark: "^C", endsLine: true)
            el_reset(editor)
            return .interrupted
        }
        guard let bytes, count > 0 else {
            finish([], mark: "", endsLine: false)
            return .endOfInput
        }
        var line = accepted ?? Array(String(cString: bytes).unicodeScalars)
        if accepted == nil, line.last == "\n" { line.removeLast() }
        finish(line, mark: "", endsLine: true)
        return .line(LineEditor.text(line))
    }

    private func begin(_ prompt: String) {
        self.prompt = prompt
        for line in history.refresh() { sagebrush_history_enter(historyHandle, line) }
        forgetAnswers()
        navigation = nil
        accepted = nil
        isInterrupted = false
        Interrupts.shared.discard()
        SignalPipe.resizes.clear()
        writer.reset()
        // Where the last output ended inside a line, a mark says so and the prompt starts on the next: the blanks reach the margin from
        // the line's start, and beyond it from anywhere else.
        let columns = screenSize.columns
        emit("\u{1b}[?2004h\u{1b}[\(assistant.faintStyle)m⏎\u{1b}[m" + String(repeating: " ", count: columns - 1) + "\r\u{1b}[K")
        reader.notices.clear()
        showNotices()
    }

    private func finish(_ line: [Unicode.Scalar], mark: String, endsLine: Bool) {
        let place = CompletionMenu.Place(line: line, cursor: line.count)
        var frame = makeFrame(place, hint: nil, panel: [])
        if !mark.isEmpty, let last = frame.rows.indices.last {
            frame.rows[last].cells += mark.map { Cell(text: String($0), width: 1, style: assistant.faintStyle) }
        }
        emit(writer.draw(frame.window(height: screenSize.rows), columnCount: screenSize.columns))
        emit("\u{1b}[?2004l" + (endsLine ? "\r\n" : ""))
        writer.reset()
    }

    /// Keeps a line for this session and all others.
    ///
    /// Lines that begin with a space, and lines with a secret in them, are not kept.
    public func remember(_ line: String) {
        // A blank behind a backslash belongs to the line.
        let trimmed = line.trimmingCharacters(in: .newlines)
        let text = trimmed.contains("\\") ? trimmed : String(trimmed.reversed().drop(while: \.isWhitespace).reversed())
        guard !text.isEmpty, !text.hasPrefix(" "), !assistant.holdsSecret(text) else { return }
        sagebrush_history_enter(historyHandle, text)
        history.add(text, isStored: true)
    }

    /// The lines of this and other sessions that are kept, oldest first.
    public var pastLines: [String] { history.entries }

    // MARK: Notices

    /// Shows a text above the prompt, at once where a line is being typed, else before the next one.
    public func post(_ notice: String) {
        notices.withLock { $0.append(notice) }
        reader.notices.raise()
    }

    func takeNotices() -> [String] {
        notices.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }

    private func showNotices() {
        let texts = takeNotices()
        if texts.isEmpty { return }
        let lines = texts.flatMap { $0.split(separator: "\n", omittingEmptySubsequences: false) }
        emit(writer.erase() + lines.map { $0 + "\r\n" }.joined())
        draw()
    }

    // MARK: Drawing

    /// The terminal's size, at least that of a small one.
    var screenSize: (rows: Int, columns: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (24, 80) }
        return (Int(size.ws_row), max(2, Int(size.ws_col)))
    }

    private func resize() {
        el_resize(editor)
        emit(writer.eraseAfterResize(columnCount: screenSize.columns))
        draw()
    }

    func draw() {
        let place = search?.shown ?? currentPlace
        if let menu, menu.current != place { self.menu = nil }
        let (rowCount, columnCount) = screenSize
        var panel: [String] = []
        if let search {
            panel = [search.caption(assistant)]
        } else if let help, help.isShown {
            panel = help.rows(columnCount: columnCount, rowCount: rowCount, assistant: assistant)
        } else if let menu {
            panel = menu.rows(
                columnCount: columnCount, rowCount: CompletionMenu.rowCount(screenHeight: rowCount), assistant: assistant)
        }
        let hint = search == nil && menu?.selection == nil ? hint(for: place)?.text : nil
        let frame = makeFrame(place, hint: hint, panel: panel).window(height: rowCount)
        emit(writer.draw(frame, columnCount: columnCount))
    }

    /// Takes everything off the screen and draws anew at its top.
    func drawOnClearScreen() {
        writer.reset()
        emit("\u{1b}[H\u{1b}[2J")
        draw()
    }

    private func makeFrame(_ place: CompletionMenu.Place, hint: String?, panel: [String]) -> Frame {
        var builder = FrameBuilder(columnCount: screenSize.columns)
        builder.putMarkedUp(prompt)
        let styles = styles(for: place.line)
        for (index, scalar) in place.line.enumerated() {
            if index == place.cursor { builder.placeCursor() }
            if scalar == "\n" {
                builder.startRow()
                builder.putMarkedUp("\u{1b}[\(assistant.faintStyle)m>\u{1b}[m ")
            } else {
                builder.put(scalar, style: styles[index])
            }
        }
        if place.cursor >= place.line.count { builder.placeCursor() }
        if let hint, !hint.isEmpty {
            let isLong = hint.contains("\n")
            let first = hint.split(separator: "\n", omittingEmptySubsequences: false).first.map(String.init) ?? ""
            let shown = TextWidth.cut(isLong ? first + " …" : first, to: builder.remainingColumnCount)
            for scalar in shown.unicodeScalars { builder.put(scalar, style: assistant.faintStyle) }
        }
        for row in panel {
            builder.startRow()
            builder.putMarkedUp(row, isCut: true)
        }
        return builder.frame
    }

    private func styles(for line: [Unicode.Scalar]) -> [String] {
        let text = LineEditor.text(line)
        if styledLine?.text != text { styledLine = (text, assistant.highlight(text)) }
        var styles = [String](repeating: "", count: line.count)
        for span in styledLine?.spans ?? [] {
            for index in span.range.clamped(to: 0..<line.count) { styles[index] = span.style }
        }
        if let range = search?.matchRange {
            for index in range.clamped(to: 0..<line.count) { styles[index] = assistant.selectedStyle }
        }
        return styles
    }

    /// What could follow, where the cursor stands behind the line.
    func hint(for place: CompletionMenu.Place) -> LineSuggestion? {
        guard place.cursor == place.line.count, !place.line.isEmpty else { return nil }
        let text = LineEditor.text(place.line)
        if hintedLine?.text != text {
            let past = history.continuation(of: text).map { String(decoding: $0.utf8.dropFirst(text.utf8.count), as: UTF8.self) }
            hintedLine = (text, past.map { LineSuggestion($0) } ?? assistant.hint(text) ?? LineSuggestion(""))
        }
        return hintedLine.flatMap { $0.hint.text.isEmpty ? nil : $0.hint }
    }

    private func forgetAnswers() {
        styledLine = nil
        hintedLine = nil
    }

    private func emit(_ text: String) {
        var text = text
        text.withUTF8 { buffer in
            var place = 0
            while place < buffer.count {
                let count = write(STDOUT_FILENO, buffer.baseAddress?.advanced(by: place), buffer.count - place)
                if count < 0, errno == EINTR || errno == EAGAIN { continue }
                guard count > 0 else { return }
                place += count
            }
        }
    }

    static func text(_ line: some Sequence<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: line)
        return String(view)
    }
}
