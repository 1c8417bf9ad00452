// SPDX-License-Identifier: Apache-2.0

import CKernels
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Threads that share the iterations of a loop.
///
/// A parallel loop costs a few microseconds: waiting threads spin for a short, bounded while and then sleep. Iterations are
/// handed out one at a time, so they may differ in cost, and the calling thread takes its share. Loops inside loops, and loops from
/// a second thread at the same time, run serially.
public final class ThreadPool: Sendable {
    /// The number of threads that work on a loop, the calling one included.
    public let threadCount: Int
    private let shared: SharedState
    private let isBusy = Atomic<Bool>(false)

    /// Starts `threadCount - 1` threads (none for 1 or less).
    public init(threadCount: Int) {
        let shared = SharedState()
        self.shared = shared
        var started = 1
        while started < threadCount, shared.startThread() { started += 1 }
        self.threadCount = started
    }

    deinit { shared.stop() }

    /// The processors that this process may run on.
    public static var availableThreadCount: Int {
        max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    /// Runs `body` for 0 ..< count, each once, and returns when all are done.
    public func parallelFor(_ count: Int, _ body: (Int) -> Void) {
        guard count > 1, threadCount > 1, !isBusy.exchange(true, ordering: .acquiring) else {
            for index in 0..<max(0, count) { body(index) }
            return
        }
        withoutActuallyEscaping(body) { shared.run(count, $0) }
        isBusy.store(false, ordering: .releasing)
    }
}

/// What the pool and its threads share; the threads keep it alive.
///
/// `ticket` holds the loop's number in its upper half and the number of iterations not yet taken in its lower half; who takes one
/// by compare-and-exchange knows that the loop is still the same and cannot end before that iteration is done.
private final class SharedState: @unchecked Sendable {
    static let spins = 2000

    let ticket = Atomic<UInt64>(0)
    let unfinished = Atomic<Int>(0)
    let sleepers = Atomic<Int>(0)
    let callerSleeps = Atomic<Bool>(false)
    let isStopping = Atomic<Bool>(false)
    /// Written by the caller before it publishes a ticket, read by those who took an iteration.
    var count = 0
    var body: ((Int) -> Void)?
    let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    let wakeWorkers = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    let wakeCaller = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(wakeWorkers, nil)
        pthread_cond_init(wakeCaller, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        pthread_cond_destroy(wakeWorkers)
        pthread_cond_destroy(wakeCaller)
        mutex.deallocate()
        wakeWorkers.deallocate()
        wakeCaller.deallocate()
    }

    func startThread() -> Bool {
        #if canImport(Glibc)
            var thread = pthread_t()
        #else
            var thread: pthread_t?
        #endif
        let retained = Unmanaged.passRetained(self)
        let status = pthread_create(
            &thread, nil,
            { argument in
                #if canImport(Glibc)
                    guard let argument else { return nil }
                #endif
                Unmanaged<SharedState>.fromOpaque(argument).takeRetainedValue().work()
                return nil
            }, retained.toOpaque())
        guard status == 0 else {
            retained.release()
            return false
        }
        #if canImport(Glibc)
            pthread_detach(thread)
        #else
            if let thread { pthread_detach(thread) }
        #endif
        return true
    }

    func stop() {
        isStopping.store(true, ordering: .sequentiallyConsistent)
        pthread_mutex_lock(mutex)
        pthread_cond_broadcast(wakeWorkers)
        pthread_mutex_unlock(mutex)
    }

    func run(_ count: Int, _ body: @escaping (Int) -> Void) {
        self.count = count
        self.body = body
        unfinished.store(count, ordering: .relaxed)
        let loop = (ticket.load(ordering: .relaxed) >> 32) &+ 1
        ticket.store(loop << 32 | UInt64(count), ordering: .sequentiallyConsistent)
        if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
            pthread_mutex_lock(mutex)
            pthread_cond_broadcast(wakeWorkers)
            pthread_mutex_unlock(mutex)
        }
        takeIterations()
        var spins = 0
        while unfinished.load(ordering: .acquiring) > 0 {
            spins += 1
            if spins < Self.spins { spinPause() } else { sleepUntilFinished() }
        }
        self.body = nil
    }

    private func sleepUntilFinished() {
        pthread_mutex_lock(mutex)
        callerSleeps.store(true, ordering: .sequentiallyConsistent)
        while unfinished.load(ordering: .sequentiallyConsistent) > 0 { pthread_cond_wait(wakeCaller, mutex) }
        callerSleeps.store(false, ordering: .sequentiallyConsistent)
        pthread_mutex_unlock(mutex)
    }

    private func takeIterations() {
        var current = ticket.load(ordering: .acquiring)
        while UInt32(truncatingIfNeeded: current) > 0 {
            let (taken, now) = ticket.compareExchange(expected: current, desired: current - 1, ordering: .acquiringAndReleasing)
            current = now
            guard taken else { continue }
            let left = Int(UInt32(truncatingIfNeeded: current))
            body?(count - left)
            if unfinished.subtract(1, ordering: .sequentiallyConsistent).newValue == 0,
                callerSleeps.load(ordering: .sequentiallyConsistent)
            {
                pthread_mutex_lock(mutex)
                pthread_cond_signal(wakeCaller)
                pthread_mutex_unlock(mutex)
            }
            current = ticket.load(ordering: .acquiring)
        }
    }

    private func work() {
        var spins = 0
        while !isStopping.load(ordering: .relaxed) {
            if UInt32(truncatingIfNeeded: ticket.load(ordering: .acquiring)) > 0 {
                takeIterations()
                spins = 0
            } else if spins < Self.spins {
                spins += 1
                spinPause()
            } else {
                sleepUntilPublished()
                spins = 0
            }
        }
    }

    private func sleepUntilPublished() {
        pthread_mutex_lock(mutex)
        sleepers.add(1, ordering: .sequentiallyConsistent)
        while UInt32(truncatingIfNeeded: ticket.load(ordering: .sequentiallyConsistent)) == 0,
            !isStopping.load(ordering: .sequentiallyConsistent)
        {
            pthread_cond_wait(wakeWorkers, mutex)
        }
        sleepers.subtract(1, ordering: .sequentiallyConsistent)
        pthread_mutex_unlock(mutex)
    }
}
