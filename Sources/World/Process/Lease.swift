// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A locked file: held from the moment a process is launched until the kernel closes its descriptors, however it ends.
public struct Lease: Sendable {
    let descriptor: Int32

    /// Takes the lease; nil where a process holds it or the file can't be opened.
    public static func acquire(path: String) -> Lease? {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        return Lease(descriptor: descriptor)
    }

    /// Whether a living process holds the lease.
    public static func isHeld(path: String) -> Bool {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else { return false }
        return errno == EWOULDBLOCK
    }

    /// Returns when no process holds the lease any more, at once where the file is gone.
    public static func waitUntilFree(path: String) {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_SH) != 0, errno == EINTR {}
    }

    /// Gives it back; where a child has inherited the descriptor, the child goes on holding it.
    public func release() {
        close(descriptor)
    }
}
