// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation

/// What Ctrl-C becomes: a byte in a pipe, which whoever waits can see beside its input, whichever thread the signal met.
public final class Interrupts: Sendable {
    /// The process's one.
    public static let shared = Interrupts()

    private let pipe = SignalPipe()

    var readDescriptor: Int32 { pipe.readDescriptor }

    private init() {}

    /// From now on SIGINT ends nothing by itself.
    func catchSignal() {
        signal(SIGINT) { _ in Interrupts.shared.pipe.raise() }
    }

    /// Forgets interrupts that nobody waited for.
    func discard() {
        pipe.clear()
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
