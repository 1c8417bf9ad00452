// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Synchronization

/// A bar or a spinner on the terminal's last line, on standard error; it comes only after a moment, so that what is quick doesn't flicker.
final class TerminalProgress: ProgressDisplay {
    private struct State {
        var start = ContinuousClock.now
        var lastDrawn: ContinuousClock.Instant?
        var turn = 0
        var isShown = false
    }

    private static let spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]
    private let columns: Int
    private let isColored: Bool
    private let write: @Sendable (String) -> Void
    private let delay: Duration
    private let state = Mutex(State())

    /// A display on standard error; nil where that is no terminal.
    static func standard(variables: [String: String]) -> TerminalProgress? {
        var size = winsize()
        guard isatty(STDERR_FILENO) == 1 else { return nil }
        let isKnown = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        return TerminalProgress(columns: isKnown ? Int(size.ws_col) : 80, isColored: variables["NO_COLOR"] == nil) {
            FileHandle.standardError.write(Data($0.utf8))
        }
    }

    init(columns: Int, isColored: Bool, delay: Duration = .milliseconds(200), write: @escaping @Sendable (String) -> Void) {
        self.columns = columns
        self.isColored = isColored
        self.delay = delay
        self.write = write
    }

    func showTransfer(_ progress: TransferProgress) {
        draw { _ in
            guard let share = progress.share else { return progress.text }
            let width = 24
            let filled = Int((share * Double(width)).rounded())
            let bar =
                self.paint(String(repeating: "━", count: filled), "36")
                + self.paint(
                    String(repeating: "━", count: width - filled), "2")
            return "\(bar) \(Int((share * 100).rounded(.down))) %  \(progress.text)"
        }
    }

    func showWaiting(_ progress: WaitingProgress) {
        draw { turn in
            let state = progress.state.map { "  \($0)" } ?? ""
            let seconds = Int(max(0, progress.seconds))
            let time = seconds < 60 ? "\(seconds) s" : "\(seconds / 60) min \(seconds % 60) s"
            return self.paint(Self.spinner[turn % Self.spinner.count], "36") + " \(progress.name)\(state)  \(time)"
        }
    }

    func clear() {
        state.withLock { state in
            if state.isShown { write("\r\u{1b}[K") }
            state.isShown = false
        }
    }

    /// Draws at most twenty times a second.
    private func draw(_ text: (_ turn: Int) -> String) {
        state.withLock { state in
            let now = ContinuousClock.now
            if now - state.start < delay { return }
            if let last = state.lastDrawn, state.isShown, now - last < .milliseconds(50) { return }
            state.lastDrawn = now
            state.turn += 1
            state.isShown = true
            write("\r\u{1b}[K" + fitted(text(state.turn)))
        }
    }

    /// At most as many characters as the line has, escape sequences not counted.
    private func fitted(_ text: String) -> String {
        var shown = ""
        var count = 0
        var isEscape = false
        for character in text {
            if character == "\u{1b}" { isEscape = true }
            if isEscape {
                shown.append(character)
                if character == "m" { isEscape = false }
            } else if count < columns - 1 {
                shown.append(character)
                count += 1
            }
        }
        return shown
    }

    private func paint(_ text: String, _ color: String) -> String {
        isColored && !text.isEmpty ? "\u{1b}[\(color)m\(text)\u{1b}[0m" : text
    }
}
