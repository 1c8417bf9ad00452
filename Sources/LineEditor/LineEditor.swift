// SPDX-License-Identifier: Apache-2.0

import CLibEdit
import Foundation

/// What reading a line came to.
public enum LineResult: Sendable, Equatable {
    /// A line, without its end.
    case line(String)
    /// Ctrl-C: the line is dropped.
    case interrupted
    /// Ctrl-D on an empty line, or the terminal is gone.
    case endOfInput
}

/// A proposal for the word under the cursor.
public struct Completion: Sendable, Equatable {
    /// What stands in the line when it is taken.
    public var text: String
    /// What it is, in a few words; shown beside it in lists.
    public var description: String
    /// Whether a space follows when it is the only one.
    public var endsWord: Bool

    /// Makes one from its parts.
    public init(_ text: String, description: String = "", endsWord: Bool = true) {
        self.text = text
        self.description = description
        self.endsWord = endsWord
    }
}

/// The prompt: libedit with the user's ~/.editrc, a history on disk, and completion.
///
/// Not Sendable: it belongs to the one task that reads from the terminal. C callbacks find it through libedit's client data.
public final class LineEditor {
    private let editor: OpaquePointer
    private let historyHandle: OpaquePointer
    private let history: HistoryFile
    /// libedit keeps the pointer that the prompt callback returned until the next call.
    private var promptBytes: UnsafeMutablePointer<CChar>
    /// The proposals for the word that ends at the cursor, given the text before the cursor.
    public var complete: ((_ textBeforeCursor: String) -> (replacedLength: Int, completions: [Completion]))?

    /// Takes over the terminal's line editing; nil where standard input or output is not a terminal that libedit can use.
    ///
    /// - Parameter historyPath: the file of past lines; it is made where absent.
    public init?(program: String, historyPath: String) {
        LineEditor.prepareLocale()
        guard let editor = sagebrush_el_init(program), let historyHandle = history_init() else { return nil }
        self.editor = editor
        self.historyHandle = historyHandle
        history = HistoryFile(path: historyPath)
        promptBytes = strdup("")
        sagebrush_el_set_client_data(editor, Unmanaged.passUnretained(self).toOpaque())
        sagebrush_el_set_prompt(editor) { editor in
            LineEditor.current(editor)?.promptBytes
        }
        sagebrush_el_set_editor(editor, "emacs")
        sagebrush_history_set_size(historyHandle, Int32(HistoryFile.maximumLineCount))
        sagebrush_history_set_unique(historyHandle, 1)
        sagebrush_el_set_history(editor, historyHandle)
        sagebrush_el_add_function(editor, "sagebrush-complete", "Complete the word before the cursor") { editor, _ in
            LineEditor.current(editor)?.completeWord() ?? UInt8(CC_ERROR)
        }
        sagebrush_el_bind(editor, "\t", "sagebrush-complete")
        sagebrush_el_bind(editor, "^R", "em-inc-search-prev")
        sagebrush_el_bind(editor, "\u{1b}[A", "ed-search-prev-history")
        sagebrush_el_bind(editor, "\u{1b}[B", "ed-search-next-history")
        el_source(editor, nil)
        Interrupts.shared.catchSignal()
        sagebrush_el_set_reader(editor) { _, character in KeyReader.read(into: character) }
        for line in history.load() { sagebrush_history_enter(historyHandle, line) }
    }

    deinit {
        history_end(historyHandle)
        el_end(editor)
        free(promptBytes)
    }

    private static func prepareLocale() {
        // libedit draws wide characters only where the character type says UTF-8.
        setlocale(LC_CTYPE, "")
        if let codeset = nl_langinfo(Int32(CODESET)), String(cString: codeset) != "UTF-8" { setlocale(LC_CTYPE, "C.UTF-8") }
    }

    private static func current(_ editor: OpaquePointer?) -> LineEditor? {
        guard let editor, let pointer = sagebrush_el_client_data(editor) else { return nil }
        return Unmanaged<LineEditor>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Shows `prompt` and reads a line.
    ///
    /// Escape sequences in the prompt must stand between two `\u{1}`.
    public func readLine(prompt: String) -> LineResult {
        free(promptBytes)
        promptBytes = strdup(prompt)
        var count: Int32 = 0
        Interrupts.shared.discard()
        el_resize(editor)
        errno = 0
        guard let bytes = el_gets(editor, &count), count > 0 else {
            if count < 0, errno == EINTR {
                el_reset(editor)
                print("^C")
                return .interrupted
            }
            return .endOfInput
        }
        var line = String(cString: bytes)
        while line.hasSuffix("\n") || line.hasSuffix("\r") { line.removeLast() }
        return .line(line)
    }

    /// Keeps a line for this session and later ones.
    ///
    /// Lines that begin with a space are not kept.
    public func remember(_ line: String) {
        let text = line.trimmingCharacters(in: .newlines)
        guard !text.isEmpty, !text.hasPrefix(" "), !HistoryFile.holdsSecret(text) else { return }
        sagebrush_history_enter(historyHandle, text)
        history.append(text)
    }

    private func completeWord() -> UInt8 {
        guard let complete, let info = el_line(editor) else { return UInt8(CC_ERROR) }
        let buffer = UnsafeRawBufferPointer(
            start: info.pointee.buffer, count: info.pointee.buffer.distance(to: info.pointee.cursor))
        let (replacedLength, completions) = complete(String(decoding: buffer, as: UTF8.self))
        guard let first = completions.first else { return UInt8(CC_ERROR) }
        let common = completions.dropFirst().reduce(first.text) { $0.commonPrefix(with: $1.text) }
        if completions.count == 1 || common.count > replacedLength {
            el_deletestr(editor, Int32(replacedLength))
            el_insertstr(editor, common + (completions.count == 1 && first.endsWord ? " " : ""))
            return UInt8(CC_REFRESH)
        }
        print()
        print(CompletionList(completions, columnCount: terminalColumnCount()).text, terminator: "")
        fflush(nil)
        return UInt8(CC_REDISPLAY)
    }

    private func terminalColumnCount() -> Int {
        var size = winsize()
        return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }
}
