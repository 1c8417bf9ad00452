// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Reads one character from the terminal for libedit, and gives up when Ctrl-C is pressed.
enum KeyReader {
    /// 1 with the character, 0 at the end of input, -1 with EINTR after an interrupt: what libedit expects of a reader.
    static func read(into character: UnsafeMutablePointer<wchar_t>?) -> Int32 {
        var first: UInt8 = 0
        let status = readByte(into: &first)
        guard status == 1 else { return status }
        // UTF-8: the first byte says how many follow.
        let followingCount = first < 0xC0 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3
        var value = followingCount == 0 ? UInt32(first) : UInt32(first) & (0x3F >> UInt32(followingCount))
        for _ in 0..<followingCount {
            var next: UInt8 = 0
            let status = readByte(into: &next)
            guard status == 1 else { return status }
            value = value << 6 | UInt32(next & 0x3F)
        }
        character?.pointee = wchar_t(bitPattern: value)
        return 1
    }

    private static func readByte(into byte: inout UInt8) -> Int32 {
        while true {
            var descriptors = [
                pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
                pollfd(fd: Interrupts.shared.readDescriptor, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&descriptors, 2, -1) >= 0 else {
                if errno == EINTR { continue }
                return -1
            }
            if descriptors[1].revents != 0 {
                Interrupts.shared.discard()
                errno = EINTR
                return -1
            }
            let count = Foundation.read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            return Int32(count)
        }
    }
}
