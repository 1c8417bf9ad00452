// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One body on its way into a world.
///
/// Write pieces, `finish`, commit the row that names it, `keep`; a writer that is let go before that
/// leaves nothing behind.
public final class BodyWriter {
    private enum State {
        /// Still small enough for the database.
        case inMemory
        case writing(descriptor: Int32, path: String)
        case finished(descriptor: Int32, path: String)
        case settled
    }

    private let store: BodyStore
    private let id = BodyStore.makeID()
    private var pending: [UInt8] = []
    private var state = State.inMemory
    /// How many bytes have been written.
    public private(set) var byteCount = 0

    init(store: BodyStore) {
        self.store = store
    }

    deinit {
        discard()
    }

    /// Adds a piece.
    ///
    /// - Throws: `BodyStoreError` where the disk is full or the like.
    public func write(_ piece: borrowing [UInt8]) throws {
        byteCount += piece.count
        switch state {
        case .inMemory:
            if byteCount <= BodyStore.inlineByteLimit {
                pending.append(contentsOf: copy piece)
            } else {
                try openFile()
                try pending.withUnsafeBytes { try writeAll($0) }
                pending = []
                try piece.withUnsafeBytes { try writeAll($0) }
            }
        case .writing: try piece.withUnsafeBytes { try writeAll($0) }
        case .finished, .settled: throw BodyStoreError.cannotWrite(path: store.path(of: id), errorNumber: EBADF)
        }
    }

    /// Ends the body: afterwards it is complete and has its place, but is not yet named by the database.
    public func finish() throws -> StoredBody {
        switch state {
        case .inMemory:
            state = .settled
            return .inline(pending)
        case .writing(let descriptor, let temporary):
            if store.durability == .power, fsync(descriptor) != 0 {
                throw BodyStoreError.cannotWrite(path: temporary, errorNumber: errno)
            }
            fchmod(descriptor, 0o400)
            try store.place(id) { rename(temporary, $0) }
            state = .finished(descriptor: descriptor, path: store.path(of: id))
            return .file(id: id)
        case .finished, .settled: throw BodyStoreError.cannotWrite(path: store.path(of: id), errorNumber: EBADF)
        }
    }

    /// The database names the body: it stays.
    public func keep() {
        if case .finished(let descriptor, _) = state { close(descriptor) }
        state = .settled
    }

    private func discard() {
        switch state {
        case .writing(let descriptor, let path), .finished(let descriptor, let path):
            unlink(path)
            close(descriptor)
        case .inMemory, .settled: break
        }
        state = .settled
    }

    private func openFile() throws {
        let path = "\(store.folder)/tmp/\(id)"
        var descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor < 0, errno == ENOENT {
            try store.makeFolder("\(store.folder)/tmp")
            descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        }
        guard descriptor >= 0 else { throw BodyStoreError.cannotWrite(path: path, errorNumber: errno) }
        state = .writing(descriptor: descriptor, path: path)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw BodyStoreError.cannotWrite(path: path, errorNumber: errno)
        }
    }

    private func writeAll(_ bytes: UnsafeRawBufferPointer) throws {
        guard case .writing(let descriptor, let path) = state else { return }
        var rest = bytes
        while !rest.isEmpty {
            let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw BodyStoreError.cannotWrite(path: path, errorNumber: errno)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }
}
