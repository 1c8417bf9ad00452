// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Synchronization

/// What Ctrl-C becomes: a byte in a pipe, which whoever waits can see beside its input, whichever thread the signal met.
public final class Interrupts: Sendable {
    /// The process's one.
    public static let shared = Interrupts()

    private let pipe = SignalPipe()
    private let cancelled = Atomic(false)

    /// Whether Ctrl-C has cancelled work since a line was read.
    public var haveCancelled: Bool { cancelled.load(ordering: .relaxed) }

    var readDescriptor: Int32 { pipe.readDescriptor }

    private init() {}

    /// From now on SIGINT ends nothing by itself.
    func catchSignal() {
        signal(SIGINT) { _ in Interrupts.shared.pipe.raise() }
    }

    /// Runs `work` in a process that does nothing else: the first Ctrl-C cancels it, the next ends the process.
    ///
    /// Where the process was started to ignore Ctrl-C, as by `nohup`, it goes on doing so.
    public func cancellingOnly<Result: Sendable>(_ work: @escaping @Sendable () async -> Result) async -> Result {
        let previous = signal(SIGINT, SIG_IGN)
        guard unsafeBitCast(previous, to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self) else { return await work() }
        signal(SIGINT) { _ in
            signal(SIGINT, SIG_DFL)
            Interrupts.shared.pipe.raise()
        }
        return await cancelling(work)
    }

    /// Forgets interrupts that nobody waited for.
    func discard() {
        pipe.clear()
        cancelled.store(false, ordering: .relaxed)
    }

    /// Runs `work`, cancelled by Ctrl-C.
    public func cancelling<Result: Sendable>(_ work: @escaping @Sendable () async -> Result) async -> Result {
        discard()
        let task = Task { await work() }
        let source = DispatchSource.makeReadSource(fileDescriptor: readDescriptor, queue: .global())
        source.setEventHandler { [self] in
            discard()
            cancelled.store(true, ordering: .relaxed)
            task.cancel()
        }
        source.resume()
        defer { source.cancel() }
        return await task.value
    }
}
