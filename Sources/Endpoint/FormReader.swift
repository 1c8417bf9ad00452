// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire

/// Reads a `multipart/form-data` body as it comes (RFC 7578): the fields first, then the file piece by piece.
///
/// Unchecked: a body is read by one task.
final class FormReader: @unchecked Sendable {
    /// One field, or the head of the file.
    struct Field {
        var name: String
        var fileName: String?
        var contentType: String?
        var value = ""
    }

    /// All fields before the file together (S3 User Guide, "POST Object").
    private static let fieldByteCountMax = 20_000

    private let delimiter: [UInt8]
    private let source: @Sendable () async throws -> [UInt8]?
    private var buffer: [UInt8]
    private var hasEnded = false
    private var isOver = false

    /// A reader of a body with that content type; nil where it is no form or names no boundary.
    init?(contentType: String, next: @escaping @Sendable () async throws -> [UInt8]?) {
        guard contentType.lowercased().hasPrefix("multipart/form-data"), let mark = contentType.range(of: "boundary=") else {
            return nil
        }
        let boundary = contentType[mark.upperBound...].prefix { $0 != ";" }.filter { $0 != "\"" }
        guard !boundary.isEmpty else { return nil }
        delimiter = Array("\r\n--\(boundary)".utf8)
        source = next
        // The first boundary has no line before it.
        buffer = [0x0D, 0x0A]
    }

    static let malformed = ServiceError(
        "MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.", status: 400)

    /// The fields up to the file, and the file's head; nil where the form has no file.
    func fields() async throws -> (fields: [Field], file: Field?) {
        var fields: [Field] = []
        var byteCount = 0
        guard try await content(limit: Self.fieldByteCountMax) != nil else { throw Self.malformed }
        while let field = try await head() {
            if field.name == "file" || field.fileName != nil { return (fields, field) }
            guard let value = try await content(limit: Self.fieldByteCountMax) else { throw Self.malformed }
            byteCount += value.count
            if byteCount > Self.fieldByteCountMax {
                throw ServiceError(
                    "MaxPostPreDataLengthExceeded", "Your POST request fields preceding the upload file were too large.",
                    status: 400)
            }
            var complete = field
            complete.value = String(decoding: value, as: UTF8.self)
            fields.append(complete)
        }
        return (fields, nil)
    }

    /// The next piece of the file; nil at its end.
    func next() async throws -> [UInt8]? {
        while !isOver {
            if let end = position(of: delimiter) {
                let piece = Array(buffer[..<end])
                buffer.removeFirst(end + delimiter.count)
                isOver = true
                return piece.isEmpty ? nil : piece
            }
            // What could be the beginning of the boundary waits.
            let safe = buffer.count - delimiter.count
            if safe > 0 {
                let piece = Array(buffer[..<safe])
                buffer.removeFirst(safe)
                return piece
            }
            guard try await fill() else { throw Self.malformed }
        }
        return nil
    }

    /// The bytes up to the next boundary, which is taken too.
    private func content(limit: Int) async throws -> [UInt8]? {
        while true {
            if let end = position(of: delimiter) {
                let bytes = Array(buffer[..<end])
                buffer.removeFirst(end + delimiter.count)
                return bytes
            }
            guard buffer.count <= limit + delimiter.count, try await fill() else { return nil }
        }
    }

    /// The header lines of a part; nil after the last.
    private func head() async throws -> Field? {
        let separator: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
        while true {
            if buffer.starts(with: Array("--".utf8)) { return nil }
            if let end = position(of: separator) {
                let text = String(decoding: buffer[..<end], as: UTF8.self)
                buffer.removeFirst(end + separator.count)
                return Self.field(text)
            }
            guard buffer.count < 16 * 1024, try await fill() else { throw Self.malformed }
        }
    }

    private static func field(_ text: String) -> Field {
        var field = Field(name: "")
        for line in text.components(separatedBy: "\r\n") {
            let lowercased = line.lowercased()
            if lowercased.hasPrefix("content-disposition:") {
                field.name = parameter("name", of: line) ?? ""
                field.fileName = parameter("filename", of: line)
            } else if lowercased.hasPrefix("content-type:") {
                field.contentType = line.dropFirst(13).trimmingCharacters(in: .whitespaces)
            }
        }
        return field
    }

    private static func parameter(_ name: String, of line: String) -> String? {
        guard let mark = line.range(of: " \(name)=\"") ?? line.range(of: ";\(name)=\"") else { return nil }
        return String(line[mark.upperBound...].prefix { $0 != "\"" })
    }

    private func fill() async throws -> Bool {
        guard !hasEnded, let piece = try await source() else {
            hasEnded = true
            return false
        }
        buffer += piece
        return true
    }

    private func position(of pattern: [UInt8]) -> Int? {
        guard let first = pattern.first else { return nil }
        return buffer.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            var start = 0
            while start + pattern.count <= bytes.count {
                guard let found = memchr(base + start, Int32(first), bytes.count - start) else { return nil }
                start = UnsafeRawPointer(found) - base
                if bytes[start...].starts(with: pattern) { return start }
                start += 1
            }
            return nil
        }
    }
}
