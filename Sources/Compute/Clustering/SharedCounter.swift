// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Numbers 0, 1, 2 … handed out to threads.
final class SharedCounter: Sendable {
    private let value = Atomic<Int>(0)

    /// The next number.
    func take() -> Int { value.add(1, ordering: .relaxed).oldValue }
}
