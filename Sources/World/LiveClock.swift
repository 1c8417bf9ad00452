// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The world's clock for a process that runs for long: it follows when the clock is set or put forward meanwhile.
///
/// The database is asked again only where it has changed, and no more often than every twentieth of a second: hosts stamp
/// thousands of lines in a second.
public final class LiveClock: Sendable {
    private struct State {
        var clock: Clock
        var mark: Store.ChangeMark
        var nextLook: ContinuousClock.Instant
    }

    private static let period = Duration.milliseconds(50)
    private let store: Store
    private let state: Mutex<State>

    /// The clock of the world with that store.
    public init(_ store: Store) throws {
        self.store = store
        let mark = store.changeMark()
        state = Mutex(State(clock: try store.read { try $0.clock() }, mark: mark, nextLook: ContinuousClock.now + Self.period))
    }

    /// The clock as it is set now.
    public var current: Clock {
        state.withLock { state in
            let instant = ContinuousClock.now
            guard instant >= state.nextLook else { return state.clock }
            state.nextLook = instant + Self.period
            let mark = store.changeMark()
            guard mark != state.mark, let clock = try? store.read({ try $0.clock() }) else { return state.clock }
            state.mark = mark
            state.clock = clock
            return clock
        }
    }

    /// World time, seconds since 1970.
    public func now() -> Double { current.now() }

    /// How long `worldSeconds` last outside as the clock is set now.
    public func outsideSeconds(_ worldSeconds: Double) -> Double { current.outsideSeconds(worldSeconds) }

    /// Returns when the world's clock shows `time`.
    ///
    /// - Parameters:
    ///   - isMachineTime: whether it is waited for a machine, which is there at once where the clock is set to instant.
    ///   - check: called several times a second; ends the wait by throwing.
    public func wait(until time: Double, isMachineTime: Bool = false, check: () throws -> Void = {}) async throws {
        while true {
            try check()
            let clock = current
            if isMachineTime, clock.mode == .instant { return }
            let seconds = clock.outsideSeconds(time - clock.now())
            if seconds <= 0 { return }
            try await Task.sleep(for: .seconds(min(seconds, 0.1)))
        }
    }
}
