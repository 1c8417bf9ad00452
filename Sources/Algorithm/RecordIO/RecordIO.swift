// SPDX-License-Identifier: Apache-2.0

/// The RecordIO container (dmlc-core, recordio.h): little-endian magic, little-endian length, payload, zeros up to a multiple of 4.
///
/// The three highest bits of the length say whether the record is whole (0) or the first (1), a middle (2) or the last (3) of several
/// parts; parts are joined with the magic number between them.
public enum RecordIO {
    /// The first four bytes of a record, as a little-endian number.
    public static let magic: UInt32 = 0xced7_230a
    /// The longest payload that is read.
    public static let maximumPayloadByteCount = 1 << 28

    static let headerByteCount = 8

    /// The length of a payload with header and padding.
    public static func framedByteCount(payloadByteCount: Int) -> Int {
        headerByteCount + (payloadByteCount + 3) / 4 * 4
    }

    /// Whether the bytes begin like a record.
    public static func isRecordIO<Bytes: Collection>(_ bytes: Bytes) -> Bool where Bytes.Element == UInt8 {
        bytes.prefix(4).elementsEqual([0x0a, 0x23, 0xd7, 0xce])
    }
}

/// Takes records out of a buffer, one payload at a time.
struct RecordIOReader {
    let input: InputBuffer
    /// The number of the record that was taken last, from 1.
    private(set) var recordNumber = 0
    /// Where that record began.
    private(set) var recordByteOffset = 0
    private var joined: [UInt8] = []

    init(_ input: InputBuffer) { self.input = input }

    /// How far the file was read.
    var byteOffset: Int { input.byteOffset }

    /// Where the record that was taken last lies.
    var location: DataError.Location {
        DataError.Location(file: input.name, record: recordNumber, byteOffset: recordByteOffset)
    }

    /// Calls `body` with the next payload, which is valid inside the call; nil at the end.
    mutating func next<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result? {
        guard try input.fill(to: 1) else { return nil }
        recordNumber += 1
        recordByteOffset = input.byteOffset
        let part = try fillPart()
        guard part.kind != 0 else {
            let start = RecordIO.headerByteCount
            let payload = UnsafeRawBufferPointer(rebasing: input.window[start..<(start + part.byteCount)])
            defer { input.consume(RecordIO.framedByteCount(payloadByteCount: part.byteCount)) }
            return try body(payload)
        }
        try join(part)
        return try joined.withUnsafeBytes(body)
    }

    /// Brings the part at the window's front into the window as a whole.
    private func fillPart() throws -> (kind: UInt32, byteCount: Int) {
        guard try input.fill(to: RecordIO.headerByteCount) else {
            let missing = RecordIO.headerByteCount - input.count
            throw DataError(.truncated(inside: "a record's header", missingByteCount: missing), at: location)
        }
        let magic = UInt32(littleEndian: input.window.loadUnaligned(fromByteOffset: 0, as: UInt32.self))
        guard magic == RecordIO.magic else { throw DataError(.badRecordMagic(found: magic), at: location) }
        let word = UInt32(littleEndian: input.window.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        let kind = word >> 29
        let byteCount = Int(word & 0x1fff_ffff)
        guard kind <= 3, byteCount <= RecordIO.maximumPayloadByteCount else {
            let announced = kind <= 3 ? byteCount : Int(word)
            throw DataError(.recordTooLong(byteCount: announced, maximum: RecordIO.maximumPayloadByteCount), at: location)
        }
        let framed = RecordIO.framedByteCount(payloadByteCount: byteCount)
        guard try input.fill(to: framed) else {
            throw DataError(.truncated(inside: "a record", missingByteCount: framed - input.count), at: location)
        }
        return (kind, byteCount)
    }

    /// Joins the parts of a record, the first of which is in the window.
    private mutating func join(_ first: (kind: UInt32, byteCount: Int)) throws {
        guard first.kind == 1 else {
            throw DataError(.malformedMessage("a record's later part comes without its first"), at: location)
        }
        joined.removeAll(keepingCapacity: true)
        var part = first
        while true {
            let start = RecordIO.headerByteCount
            joined.append(contentsOf: input.window[start..<(start + part.byteCount)])
            input.consume(RecordIO.framedByteCount(payloadByteCount: part.byteCount))
            if part.kind == 3 { return }
            guard try input.fill(to: 1) else {
                throw DataError(.truncated(inside: "a record of several parts", missingByteCount: nil), at: location)
            }
            part = try fillPart()
            guard part.kind == 2 || part.kind == 3 else {
                throw DataError(.malformedMessage("a record begins before the last part of the one before"), at: location)
            }
            joined.append(contentsOf: [0x0a, 0x23, 0xd7, 0xce])
            guard joined.count + part.byteCount <= RecordIO.maximumPayloadByteCount else {
                throw DataError(
                    .recordTooLong(byteCount: joined.count + part.byteCount, maximum: RecordIO.maximumPayloadByteCount),
                    at: location)
            }
        }
    }
}
