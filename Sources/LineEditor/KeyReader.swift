// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Reads what is typed, character by character, for libedit, and notices what happens meanwhile.
///
/// Nothing is read ahead: what the user types while a command runs belongs to that command.
final class KeyReader {
    /// What stands for events that are no characters: controls that no key sends, bound to functions of ours.
    enum Code {
        /// A pasted text has come; it lies in `pasted`.
        static let paste: UInt32 = 0x9f
        /// Escape alone, in vi mode.
        static let escape: UInt32 = 0x9e
    }

    enum Outcome {
        case character(UInt32)
        case endOfInput
        case interrupted
    }

    /// Called before waiting, when nothing more is there to read: the time to draw.
    var willWait: () -> Void = {}
    /// The terminal has another size.
    var didResize: () -> Void = {}
    /// Somebody posted a notice.
    var didGetNotice: () -> Void = {}
    /// A key was pressed.
    var didPress: () -> Void = {}
    /// Readable when there are notices.
    let notices = SignalPipe()
    /// Whether Escape alone is a key rather than the beginning of one.
    var isEscapeAKey: () -> Bool = { false }
    /// Whether Escape before a letter is that letter with Alt; in vi mode it is Escape, and then the letter.
    var hasAltKeys: () -> Bool = { true }
    private(set) var pasted = ""
    private var pending: [UInt8] = []

    private static let escapeByte: UInt8 = 0x1b
    private static let pasteStart = Array("[200~".utf8)
    private static let pasteEnd = Array("\u{1b}[201~".utf8)
    /// A terminal sends a key's bytes at once; a person does not press Escape and another key so quickly.
    private static let escapeMilliseconds: Int32 = 40

    /// Makes bytes the next ones to be read.
    func pushBack(_ bytes: [UInt8]) {
        pending.insert(contentsOf: bytes, at: 0)
    }

    /// The next character, decoded from UTF-8.
    func next() -> Outcome {
        while true {
            guard case .byte(let first) = nextByte() else { return failure }
            didPress()
            if first == KeyReader.escapeByte {
                if let outcome = readAfterEscape() { return outcome }
                continue
            }
            let followingCount = first < 0xC0 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3
            var value = followingCount == 0 ? UInt32(first) : UInt32(first) & (0x3F >> UInt32(followingCount))
            for _ in 0..<followingCount {
                guard case .byte(let byte) = nextByte() else { return failure }
                value = value << 6 | UInt32(byte & 0x3F)
            }
            // A byte that begins nothing, or a number that is no character, is not for the line.
            guard Unicode.Scalar(value) != nil, followingCount > 0 || first < 0x80, !(0x80...0x9f).contains(value) else { continue }
            return .character(value)
        }
    }

    private enum ByteOutcome {
        case byte(UInt8)
        case none
    }

    private var failure = Outcome.endOfInput

    private func nextByte() -> ByteOutcome {
        if !pending.isEmpty { return .byte(pending.removeFirst()) }
        if !isInputWaiting(milliseconds: 0) { willWait() }
        while true {
            var descriptors = [
                STDIN_FILENO, Interrupts.shared.readDescriptor, SignalPipe.resizes.readDescriptor, notices.readDescriptor,
            ]
            .map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&descriptors, nfds_t(descriptors.count), -1) >= 0 || errno == EINTR else { break }
            if descriptors[1].revents != 0 {
                Interrupts.shared.discard()
                failure = .interrupted
                return .none
            }
            if descriptors[2].revents != 0 {
                SignalPipe.resizes.clear()
                didResize()
            }
            if descriptors[3].revents != 0 {
                notices.clear()
                didGetNotice()
            }
            guard descriptors[0].revents != 0 else { continue }
            var byte: UInt8 = 0
            let count = read(STDIN_FILENO, &byte, 1)
            if count == 1 { return .byte(byte) }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            break
        }
        failure = .endOfInput
        return .none
    }

    private func isInputWaiting(milliseconds: Int32) -> Bool {
        if !pending.isEmpty { return true }
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, milliseconds) == 1
    }

    /// Escape begins a key, a paste, or is itself one; nil where it was consumed.
    private func readAfterEscape() -> Outcome? {
        guard isInputWaiting(milliseconds: KeyReader.escapeMilliseconds) else {
            return .character(isEscapeAKey() ? Code.escape : UInt32(KeyReader.escapeByte))
        }
        var seen: [UInt8] = []
        while seen.count < KeyReader.pasteStart.count, isInputWaiting(milliseconds: KeyReader.escapeMilliseconds) {
            guard case .byte(let byte) = nextByte() else { return failure }
            seen.append(byte)
            if byte != KeyReader.pasteStart[seen.count - 1] { break }
        }
        guard seen == KeyReader.pasteStart else {
            pushBack(seen)
            // Arrows and function keys begin with `[` and `O`.
            let isLetter = seen.first != UInt8(ascii: "[") && seen.first != UInt8(ascii: "O")
            return .character(isLetter && !hasAltKeys() ? Code.escape : UInt32(KeyReader.escapeByte))
        }
        return readPaste()
    }

    private func readPaste() -> Outcome {
        var bytes: [UInt8] = []
        while !bytes.suffix(KeyReader.pasteEnd.count).elementsEqual(KeyReader.pasteEnd) {
            guard case .byte(let byte) = nextByte() else { return failure }
            bytes.append(byte)
        }
        pasted = KeyReader.cleaned(String(decoding: bytes.dropLast(KeyReader.pasteEnd.count), as: UTF8.self))
        return .character(Code.paste)
    }

    /// Pasted text as the line takes it: line ends as they are here, none at the end, no controls.
    static func cleaned(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        var previous: Unicode.Scalar = " "
        for scalar in text.unicodeScalars {
            if scalar == "\r" || (scalar == "\n" && previous != "\r") {
                scalars.append("\n")
            } else if scalar == "\t" || (scalar.value >= 32 && !(0x7f...0x9f).contains(scalar.value)) {
                scalars.append(scalar)
            }
            previous = scalar
        }
        while scalars.last == "\n" { scalars.removeLast() }
        return String(scalars)
    }
}
