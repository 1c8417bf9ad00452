// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A pipe that is readable when something happened: what signal handlers and other threads can tell a thread that waits in `poll`.
final class SignalPipe: Sendable {
    let readDescriptor: Int32
    private let writeDescriptor: Int32

    init() {
        var descriptors: [Int32] = [-1, -1]
        _ = pipe(&descriptors)
        for descriptor in descriptors {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        }
        readDescriptor = descriptors[0]
        writeDescriptor = descriptors[1]
    }

    deinit {
        close(readDescriptor)
        close(writeDescriptor)
    }

    /// Safe in a signal handler.
    func raise() {
        let error = errno
        var byte: UInt8 = 1
        _ = write(writeDescriptor, &byte, 1)
        errno = error
    }

    /// Forgets what happened.
    func clear() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(readDescriptor, &bytes, bytes.count) > 0 {}
    }

    /// SIGWINCH of this process.
    static let resizes = SignalPipe()

    static func catchResizes() {
        _ = resizes
        signal(SIGWINCH) { _ in SignalPipe.resizes.raise() }
    }
}
