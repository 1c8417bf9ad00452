// SPDX-License-Identifier: Apache-2.0

/// An MXNet NDArray: a shape and float32 values.
public struct NDArray: Sendable, Equatable {
    /// The dimensions, the slowest first.
    public var shape: [Int]
    /// The values, the last dimension fastest.
    public var values: [Float]

    /// Makes one from its parts.
    public init(shape: [Int], values: [Float]) {
        self.shape = shape
        self.values = values
    }
}

/// A list of NDArrays with names, the format of `.params` files (Apache MXNet, src/ndarray/ndarray.cc, `NDArray::Save`).
///
/// All numbers are little-endian: u64 0x112, u64 0, u64 count, the arrays, u64 count of names, each name as u64 length and bytes. An
/// array is u32 magic, i32 storage type, u32 number of dimensions, i64 dimensions, i32 device type, i32 device, i32 element type, elements.
public enum NDArrayList {
    static let listMagic: UInt64 = 0x112
    static let magicV1: UInt32 = 0xf993_fac8
    static let magicV2: UInt32 = 0xf993_fac9
    static let magicV3: UInt32 = 0xf993_faca
    static let deviceCPU: UInt32 = 1
    static let maximumDimensionCount = 32

    /// An element type, by its number in the format.
    enum ElementType: UInt32 {
        case float32 = 0
        case float64 = 1
        case float16 = 2
        case uint8 = 3
        case int32 = 4
        case int8 = 5
        case int64 = 6

        var byteCount: Int {
            switch self {
            case .uint8, .int8: return 1
            case .float16: return 2
            case .float32, .int32: return 4
            case .float64, .int64: return 8
            }
        }
    }

    /// The list's bytes; names are written where there are any (`arg:fc0_weight`).
    public static func encode(_ arrays: [(name: String, array: NDArray)]) -> [UInt8] {
        var bytes: [UInt8] = []
        append(listMagic, to: &bytes)
        append(UInt64(0), to: &bytes)
        append(UInt64(arrays.count), to: &bytes)
        for (_, array) in arrays { append(array, to: &bytes) }
        let isNamed = arrays.contains { !$0.name.isEmpty }
        append(UInt64(isNamed ? arrays.count : 0), to: &bytes)
        if isNamed {
            for (name, _) in arrays {
                append(UInt64(name.utf8.count), to: &bytes)
                bytes.append(contentsOf: name.utf8)
            }
        }
        return bytes
    }

    private static func append(_ array: NDArray, to bytes: inout [UInt8]) {
        append(magicV2, to: &bytes)
        append(UInt32(0), to: &bytes)
        append(UInt32(array.shape.count), to: &bytes)
        for dimension in array.shape { append(UInt64(bitPattern: Int64(dimension)), to: &bytes) }
        if array.shape.isEmpty { return }
        append(deviceCPU, to: &bytes)
        append(UInt32(0), to: &bytes)
        append(ElementType.float32.rawValue, to: &bytes)
        bytes.reserveCapacity(bytes.count + array.values.count * 4)
        for value in array.values { append(value.bitPattern, to: &bytes) }
    }

    private static func append<Number: FixedWidthInteger>(_ number: Number, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Reads a list; names are empty where the list has none.
    ///
    /// Other element types become float32. Throws ``DataError`` with the byte offset; sparse storage is not taken.
    public static func decode(_ bytes: [UInt8], file: String? = nil) throws -> [(name: String, array: NDArray)] {
        try bytes.withUnsafeBytes { raw in
            var reader = LittleEndianReader(raw, file: file)
            let magic: UInt64 = try reader.number("the list's magic number")
            guard magic == listMagic else {
                throw reader.error(.other("an NDArray list begins with 0x112, but here is 0x\(String(magic, radix: 16))"), at: 0)
            }
            _ = try reader.number("the list's reserved number") as UInt64
            let count = try reader.count("the number of arrays", elementByteCount: 8)
            var arrays: [NDArray] = []
            for _ in 0..<count { arrays.append(try array(&reader)) }
            let nameCount = try reader.count("the number of names", elementByteCount: 8)
            guard nameCount == 0 || nameCount == count else {
                throw reader.error(.wrongFieldCount(found: nameCount, expected: count), at: reader.position - 8)
            }
            var names = [String](repeating: "", count: count)
            for index in 0..<nameCount {
                let length = try reader.count("the length of a name", elementByteCount: 1)
                names[index] = String(decoding: try reader.bytes(length, "a name"), as: UTF8.self)
            }
            return Array(zip(names, arrays)).map { (name: $0, array: $1) }
        }
    }

    private static func array(_ reader: inout LittleEndianReader) throws -> NDArray {
        let start = reader.position
        let magic: UInt32 = try reader.number("an array's magic number")
        guard let shape = try shape(&reader, magic: magic, start: start) else { return NDArray(shape: [], values: []) }
        var elementCount = 1
        for dimension in shape {
            let (product, overflow) = elementCount.multipliedReportingOverflow(by: dimension)
            guard dimension >= 0, !overflow else { throw reader.error(.other("the shape \(shape) is impossible"), at: start) }
            elementCount = product
        }
        _ = try reader.number("an array's device type") as UInt32
        _ = try reader.number("an array's device") as UInt32
        let code: UInt32 = try reader.number("an array's element type")
        guard let type = ElementType(rawValue: code) else {
            throw reader.error(.other("the element type \(code) is not known"), at: reader.position - 4)
        }
        let (byteCount, overflow) = elementCount.multipliedReportingOverflow(by: type.byteCount)
        guard !overflow else { throw reader.error(.other("the shape \(shape) is impossible"), at: start) }
        let elements = try reader.bytes(byteCount, "an array's elements")
        return NDArray(shape: shape, values: values(elements, type))
    }

    /// The dimensions by the array's version; nil for an array without content.
    private static func shape(_ reader: inout LittleEndianReader, magic: UInt32, start: Int) throws -> [Int]? {
        var dimensionCount = magic
        var isWide = true
        switch magic {
        case magicV2, magicV3:
            let storage: UInt32 = try reader.number("an array's storage type")
            guard storage == 0 else { throw reader.error(.other("sparse storage (\(storage)) is not taken"), at: start) }
            dimensionCount = try reader.number("an array's number of dimensions")
        case magicV1:
            dimensionCount = try reader.number("an array's number of dimensions")
        default:
            isWide = false
        }
        if magic == magicV3, dimensionCount == UInt32.max { return nil }
        if magic != magicV3, dimensionCount == 0 { return nil }
        guard dimensionCount <= maximumDimensionCount else {
            throw reader.error(.other("an array begins with 0x\(String(magic, radix: 16)), which is no known version"), at: start)
        }
        var shape: [Int] = []
        for _ in 0..<dimensionCount {
            if isWide {
                let dimension: UInt64 = try reader.number("a dimension")
                shape.append(Int(truncatingIfNeeded: dimension))
            } else {
                let dimension: UInt32 = try reader.number("a dimension")
                shape.append(Int(dimension))
            }
        }
        return shape
    }

    private static func values(_ bytes: UnsafeRawBufferPointer, _ type: ElementType) -> [Float] {
        func map<Number: FixedWidthInteger>(_: Number.Type, _ convert: (Number) -> Float) -> [Float] {
            (0..<(bytes.count / MemoryLayout<Number>.size)).map { index in
                let offset = index * MemoryLayout<Number>.size
                return convert(Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self)))
            }
        }
        switch type {
        case .float32: return map(UInt32.self) { Float(bitPattern: $0) }
        case .float64: return map(UInt64.self) { Float(Double(bitPattern: $0)) }
        case .float16: return map(UInt16.self, half)
        case .uint8: return map(UInt8.self) { Float($0) }
        case .int8: return map(Int8.self) { Float($0) }
        case .int32: return map(Int32.self) { Float($0) }
        case .int64: return map(Int64.self) { Float($0) }
        }
    }

    /// IEEE 754 binary16, by hand: not every platform of Swift has `Float16`.
    private static func half(_ bits: UInt16) -> Float {
        let sign: Float = bits >> 15 == 0 ? 1 : -1
        let exponent = Int(bits >> 10 & 0x1f)
        let fraction = Float(bits & 0x3ff) / 1024
        switch exponent {
        case 0: return sign * fraction * 0x1p-14
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return Float(sign: .plus, exponent: exponent - 15, significand: sign * (1 + fraction))
        }
    }
}

/// Reads little-endian numbers and never past the end.
struct LittleEndianReader {
    private let raw: UnsafeRawBufferPointer
    private let file: String?
    private(set) var position = 0

    init(_ raw: UnsafeRawBufferPointer, file: String?) {
        self.raw = raw
        self.file = file
    }

    func error(_ problem: DataError.Problem, at offset: Int) -> DataError {
        DataError(problem, at: DataError.Location(file: file, byteOffset: offset))
    }

    mutating func number<Number: FixedWidthInteger>(_ what: String) throws -> Number {
        let size = MemoryLayout<Number>.size
        guard raw.count - position >= size else {
            throw error(.truncated(inside: what, missingByteCount: size - (raw.count - position)), at: position)
        }
        defer { position += size }
        return Number(littleEndian: raw.loadUnaligned(fromByteOffset: position, as: Number.self))
    }

    /// A number of elements that can still follow.
    mutating func count(_ what: String, elementByteCount: Int) throws -> Int {
        let start = position
        let count: UInt64 = try number(what)
        guard count <= UInt64((raw.count - position) / elementByteCount) else {
            throw error(.truncated(inside: "what \(what) (\(count)) announces", missingByteCount: nil), at: start)
        }
        return Int(count)
    }

    mutating func bytes(_ count: Int, _ what: String) throws -> UnsafeRawBufferPointer {
        guard count <= raw.count - position else {
            throw error(.truncated(inside: what, missingByteCount: count - (raw.count - position)), at: position)
        }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: raw[position..<(position + count)])
    }
}
