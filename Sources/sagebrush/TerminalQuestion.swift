// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A question to whoever sits at the terminal.
enum TerminalQuestion {
    /// Asks on standard error and reads a line from standard input.
    ///
    /// - Returns: the answer without blanks around it; nil at the end of input, and where the task is cancelled.
    static func ask(_ question: String) -> String? {
        FileHandle.standardError.write(Data(question.utf8))
        var bytes: [UInt8] = []
        while !Task.isCancelled {
            var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            guard poll(&descriptor, 1, 100) > 0 else { continue }
            var byte: UInt8 = 0
            guard read(STDIN_FILENO, &byte, 1) == 1 else { return nil }
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespaces) }
            bytes.append(byte)
        }
        return nil
    }
}
