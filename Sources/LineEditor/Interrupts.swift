// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation

/// What Ctrl-C becomes: a byte in a pipe, which whoever waits can see beside its input, whichever thread the signal met.
public final class Interrupts: Sendable {
    /// The process's one.
    public static let shared = Interrupts()

    let readDescriptor: Int32
    private let writeDescriptor: Int32

    private init() {
        var descriptors: [Int32] = [-1, -1]
        _ = pipe(&descriptors)
        for descriptor in descriptors {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        }
        readDescriptor = descriptors[0]
        writeDescriptor = descriptors[1]
    }

    /// From now on SIGINT ends nothing by itself.
    func catchSignal() {
        signal(SIGINT) { _ in
            var byte: UInt8 = 3
            _ = write(Interrupts.shared.writeDescriptor, &byte, 1)
        }
    }

    /// Forgets interrupts that nobody waited for.
    func discard() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(readDescriptor, &bytes, bytes.count) > 0 {}
    }

    /// Runs `work`, cancelled by Ctrl-C.
    public func cancelling<Result: Sendable>(_ work: @escaping @Sendable () async -> Result) async -> Result {
        discard()
        let task = Task { await work() }
        let source = DispatchSource.makeReadSource(fileDescriptor: readDescriptor, queue: .global())
        source.setEventHandler { [self] in
            discard()
            task.cancel()
        }
        source.resume()
        defer { source.cancel() }
        return await task.value
    }
}
