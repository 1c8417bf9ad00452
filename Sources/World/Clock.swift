// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// How waiting for machines passes in a world.
public enum ClockMode: Sendable, Hashable, CustomStringConvertible {
    /// Machines are there at once; time itself runs as usual.
    case instant
    /// Time runs `factor` times as fast as outside; machines take the time they really take. `realtime` is a factor of 1.
    case scaled(factor: Double)

    /// Reads `instant`, `realtime` or `xN` with N > 0; nil for anything else.
    public init?(_ text: String) {
        switch text {
        case "instant": self = .instant
        case "realtime": self = .scaled(factor: 1)
        default:
            guard text.hasPrefix("x"), let factor = Double(text.dropFirst()), factor > 0, factor <= 1_000_000 else { return nil }
            self = .scaled(factor: factor)
        }
    }

    /// As `init` reads it.
    public var description: String {
        switch self {
        case .instant: "instant"
        case .scaled(let factor) where factor == 1: "realtime"
        case .scaled(let factor): "x" + (factor == factor.rounded() ? String(Int(factor)) : String(factor))
        }
    }

    /// World seconds that pass in one second outside.
    public var factor: Double {
        if case .scaled(let factor) = self { factor } else { 1 }
    }
}

/// The world's clock: a mode, and where world time stood when the mode was set.
///
/// It belongs to the world, not to a process.
public struct Clock: Sendable, Hashable {
    /// How waiting passes.
    public var mode: ClockMode
    /// World time minus outside time, in seconds, at `anchor`.
    var offset: Double
    /// Outside time when the mode was set, seconds since 1970.
    var anchor: Double

    /// A clock that shows the time outside.
    public static let initial = Clock(mode: .instant, offset: 0, anchor: 0)

    /// World time, seconds since 1970.
    public func now() -> Double {
        let outside = Date().timeIntervalSince1970
        return outside + offset + (mode.factor - 1) * (outside - anchor) * (anchor > 0 ? 1 : 0)
    }

    /// How long waiting for a machine takes here, in world seconds, where it takes `seconds` in the real service.
    public func wait(_ seconds: Double) -> Double {
        mode == .instant ? 0 : seconds
    }

    /// How long `worldSeconds` last outside.
    public func outsideSeconds(_ worldSeconds: Double) -> Double {
        worldSeconds / mode.factor
    }

    /// The same clock with another mode from now on; world time does not jump.
    public func changed(to mode: ClockMode) -> Clock {
        let outside = Date().timeIntervalSince1970
        return Clock(mode: mode, offset: now() - outside, anchor: outside)
    }

    /// The same clock, put forward by `seconds` of world time.
    public func advanced(bySeconds seconds: Double) -> Clock {
        Clock(mode: mode, offset: offset + max(0, seconds), anchor: anchor)
    }
}

extension Database {
    /// The world's clock.
    public func clock() throws -> Clock {
        guard let text = try setting("clock") else { return .initial }
        let parts = text.split(separator: " ")
        guard parts.count == 3, let mode = ClockMode(String(parts[0])), let offset = Double(parts[1]), let anchor = Double(parts[2])
        else { throw WorldError.damagedSetting(name: "clock", value: text) }
        return Clock(mode: mode, offset: offset, anchor: anchor)
    }

    /// Sets the world's clock.
    public func setClock(_ clock: Clock) throws {
        // The second is for the database itself: see the view world_now.
        try setSetting("clock", to: "\(clock.mode) \(clock.offset) \(clock.anchor)")
        try setSetting("clock.line", to: "[\(clock.mode.factor), \(clock.offset), \(clock.anchor)]")
    }
}
