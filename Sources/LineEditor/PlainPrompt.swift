// SPDX-License-Identifier: Apache-2.0

import Foundation

extension LineEditor {
    /// Reads a line from a terminal that has no cursor to move: the terminal itself edits it, nothing is coloured.
    func readPlainLine(_ prompt: String) -> LineResult {
        Interrupts.shared.discard()
        var entry = ""
        var shown = prompt
        while true {
            for notice in takeNotices() { print(PlainPrompt.text(notice)) }
            print(PlainPrompt.text(shown), terminator: "")
            fflush(nil)
            switch PlainPrompt.readLine() {
            case .line(let line):
                entry += line
                guard assistant.needsContinuation(entry) else { return .line(entry) }
                entry += "\n"
                shown = "> "
            case .interrupted:
                print()
                return .interrupted
            case .endOfInput: return entry.isEmpty ? .endOfInput : .line(entry)
            }
        }
    }
}

enum PlainPrompt {
    /// The text without escape sequences and libedit's marks around them.
    static func text(_ markedUp: String) -> String {
        var builder = FrameBuilder(columnCount: .max)
        builder.putMarkedUp(markedUp)
        return builder.frame.rows.map { $0.cells.map(\.text).joined() }.joined(separator: "\n")
    }

    static func readLine() -> LineResult {
        var bytes: [UInt8] = []
        while true {
            var descriptors = [STDIN_FILENO, Interrupts.shared.readDescriptor].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            guard poll(&descriptors, nfds_t(descriptors.count), -1) >= 0 || errno == EINTR else { return .endOfInput }
            if descriptors[1].revents != 0 {
                Interrupts.shared.discard()
                return .interrupted
            }
            guard descriptors[0].revents != 0 else { continue }
            var byte: UInt8 = 0
            let count = read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return bytes.isEmpty ? .endOfInput : .line(String(decoding: bytes, as: UTF8.self)) }
            if byte == 0x0a { return .line(String(decoding: bytes, as: UTF8.self)) }
            bytes.append(byte)
        }
    }
}
