// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A value made at its first use, once, by whichever thread comes first.
final class Lazy<Content: Sendable>: Sendable {
    private let storage = Mutex<Content?>(nil)

    /// The value; `make` runs at the first call and must not ask for this same value.
    func get(_ make: () -> Content) -> Content {
        if let content = storage.withLock({ $0 }) { return content }
        let made = make()
        return storage.withLock { content in
            if let content { return content }
            content = made
            return made
        }
    }
}
