// SPDX-License-Identifier: Apache-2.0

import Foundation
import JMESPath

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Why a file could not be used, in the words of Python's `OSError`.
struct FileError: Error, CustomStringConvertible {
    var code: Int32
    var path: String

    /// The last system call's error.
    static func last(_ path: String) -> FileError { FileError(code: errno, path: path) }

    /// `[Errno 2] No such file or directory: 'a.txt'`.
    var description: String { "[Errno \(code)] \(String(cString: strerror(code))): \(path.pythonRepresentation)" }
}

/// What the `s3` commands want to know of files, and do with them.
enum LocalFile {
    /// Size, time and kind of a file, links followed.
    struct Status {
        var byteCount: Int
        /// Seconds since 1970.
        var modified: Double
        var isDirectory: Bool
        /// A device, a pipe or a socket.
        var isSpecial: Bool
    }

    static func status(_ path: String) -> Status? {
        var info = stat()
        guard stat(path, &info) == 0 else { return nil }
        let kind = info.st_mode & S_IFMT
        #if canImport(Darwin)
            let modified = info.st_mtimespec
        #else
            let modified = info.st_mtim
        #endif
        return Status(
            byteCount: Int(info.st_size), modified: Double(modified.tv_sec) + Double(modified.tv_nsec) / 1e9,
            isDirectory: kind == S_IFDIR, isSpecial: kind == S_IFCHR || kind == S_IFBLK || kind == S_IFIFO || kind == S_IFSOCK)
    }

    static func isLink(_ path: String) -> Bool {
        var info = stat()
        return lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFLNK
    }

    static func isReadable(_ path: String) -> Bool { access(path, R_OK) == 0 }

    static func names(inDirectory path: String) -> [String]? {
        try? FileManager.default.contentsOfDirectory(atPath: path)
    }

    static func makeDirectories(_ path: String) throws(FileError) {
        if let status = status(path) {
            if status.isDirectory { return }
            throw FileError(code: EEXIST, path: path)
        }
        let parent = S3Path.normalized(path + "/..")
        if parent != path { try makeDirectories(parent) }
        // Another transfer may have made it meanwhile.
        if mkdir(path, 0o777) != 0, errno != EEXIST { throw .last(path) }
    }

    static func remove(_ path: String) throws(FileError) {
        if unlink(path) != 0 { throw .last(path) }
    }

    static func rename(_ path: String, to target: String) throws(FileError) {
        #if canImport(Glibc)
            let status = Glibc.rename(path, target)
        #elseif canImport(Musl)
            let status = Musl.rename(path, target)
        #else
            let status = Darwin.rename(path, target)
        #endif
        if status != 0 { throw .last(target) }
    }

    /// Sets both times of a file to whole seconds since 1970.
    static func setModified(_ path: String, seconds: Double) throws(FileError) {
        let time = timespec(tv_sec: Int(seconds.rounded(.down)), tv_nsec: 0)
        let times = [time, time]
        if utimensat(AT_FDCWD, path, times, 0) != 0 { throw .last(path) }
    }

    /// Complains about what an upload could not read.
    static func checkUploadable(_ path: String) throws(FileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last(path) }
        close(descriptor)
        if status(path)?.isDirectory == true { throw FileError(code: EISDIR, path: path) }
    }
}

/// A file that takes its name only when it is complete.
final class PendingFile {
    private let target: String
    private let temporaryPath: String
    private let descriptor: Int32
    private var isDone = false

    init(target: String) throws(FileError) {
        self.target = target
        let suffix = String(UInt32.random(in: .min ... .max), radix: 16)
        temporaryPath = target + "." + String(repeating: "0", count: 8 - suffix.count) + suffix
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        if descriptor < 0 { throw .last(temporaryPath) }
    }

    func write(_ bytes: borrowing [UInt8]) throws(FileError) {
        var offset = 0
        while offset < bytes.count {
            let start = offset
            let count = bytes.withUnsafeBytes { buffer in
                #if canImport(Glibc)
                    Glibc.write(descriptor, buffer.baseAddress?.advanced(by: start), buffer.count - start)
                #elseif canImport(Musl)
                    Musl.write(descriptor, buffer.baseAddress?.advanced(by: start), buffer.count - start)
                #else
                    Darwin.write(descriptor, buffer.baseAddress?.advanced(by: start), buffer.count - start)
                #endif
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .last(temporaryPath) }
            offset += count
        }
    }

    /// Gives the file its name.
    func finish() throws(FileError) {
        try LocalFile.rename(temporaryPath, to: target)
        isDone = true
    }

    deinit {
        close(descriptor)
        if !isDone { unlink(temporaryPath) }
    }
}
