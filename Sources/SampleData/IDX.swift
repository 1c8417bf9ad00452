// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation

/// Arrays of bytes in the IDX format: zeros, the type 8 and the number of dimensions as one byte each, big-endian dimensions, the values.
public struct IDXArray: Sendable, Equatable {
    /// The dimensions, the slowest first.
    public var dimensions: [Int]
    /// The values, the last dimension fastest.
    public var values: [UInt8]

    /// Makes one from its parts.
    public init(dimensions: [Int], values: [UInt8]) {
        self.dimensions = dimensions
        self.values = values
    }

    /// Reads a file's bytes; throws ``DataError`` where they are no IDX of bytes or are cut off.
    public init(decoding bytes: [UInt8], file: String? = nil) throws {
        func error(_ problem: DataError.Problem, _ offset: Int) -> DataError {
            DataError(problem, at: DataError.Location(file: file, byteOffset: offset))
        }
        guard bytes.count >= 4 else { throw error(.truncated(inside: "the header", missingByteCount: 4 - bytes.count), 0) }
        guard bytes[0] == 0, bytes[1] == 0, bytes[2] == 8 else {
            throw error(.other("an IDX file of bytes begins with 0, 0, 8, but here are \(bytes[0]), \(bytes[1]), \(bytes[2])"), 0)
        }
        let start = 4 + Int(bytes[3]) * 4
        guard bytes.count >= start else { throw error(.truncated(inside: "the header", missingByteCount: start - bytes.count), 4) }
        var dimensions: [Int] = []
        var count = 1
        for index in 0..<Int(bytes[3]) {
            let dimension = bytes[(4 + index * 4)..<(8 + index * 4)].reduce(0) { $0 << 8 | Int($1) }
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard !overflow else { throw error(.other("the dimensions are impossible"), 4) }
            dimensions.append(dimension)
            count = product
        }
        guard bytes.count - start == count else {
            if bytes.count - start > count { throw error(.other("something follows the \(count) values"), start + count) }
            throw error(.truncated(inside: "the values", missingByteCount: count - (bytes.count - start)), start)
        }
        self.dimensions = dimensions
        values = Array(bytes[start...])
    }

    /// The file's bytes.
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = [0, 0, 8, UInt8(truncatingIfNeeded: dimensions.count)]
        for dimension in dimensions { bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: dimension >> $0) } }
        return bytes + values
    }
}

/// Pictures with a number each.
public struct LabelledImages: Sendable, Equatable {
    /// The number of pictures.
    public let count: Int
    /// The number of pixel rows of each.
    public let rowCount: Int
    /// The number of pixels in a row.
    public let columnCount: Int
    /// The pixels, picture after picture, row after row; 0 is background.
    public let pixels: [UInt8]
    /// The number that each picture shows.
    public let labels: [UInt8]

    /// The number of pixels of a picture.
    public var pixelCount: Int { rowCount * columnCount }

    /// Puts pictures and labels together; throws ``DataError`` where they do not belong together.
    public init(images: IDXArray, labels: IDXArray, file: String? = nil) throws {
        guard images.dimensions.count == 3, labels.dimensions.count == 1 else {
            throw DataError(.other("images have three dimensions and labels one"), at: .init(file: file))
        }
        guard images.dimensions[0] == labels.dimensions[0] else {
            throw DataError(.wrongFieldCount(found: labels.dimensions[0], expected: images.dimensions[0]), at: .init(file: file))
        }
        count = images.dimensions[0]
        rowCount = images.dimensions[1]
        columnCount = images.dimensions[2]
        pixels = images.values
        self.labels = labels.values
    }

    init(count: Int, rowCount: Int, columnCount: Int, pixels: [UInt8], labels: [UInt8]) {
        self.count = count
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.pixels = pixels
        self.labels = labels
    }

    /// Some of the pictures; the range is cut to what there is.
    public func rows(_ range: Range<Int>) -> LabelledImages {
        let range = range.clamped(to: 0..<count)
        return LabelledImages(
            count: range.count, rowCount: rowCount, columnCount: columnCount,
            pixels: Array(pixels[(range.lowerBound * pixelCount)..<(range.upperBound * pixelCount)]), labels: Array(labels[range]))
    }

    /// The pictures as IDX.
    public var imageArray: IDXArray { IDXArray(dimensions: [count, rowCount, columnCount], values: pixels) }
    /// The labels as IDX.
    public var labelArray: IDXArray { IDXArray(dimensions: [count], values: labels) }
}

/// The MNIST database: the subset in the box, or the full set in a folder.
public enum MNIST {
    /// A part of the database.
    public enum Split: String, Sendable, CaseIterable {
        case train
        case test

        var filePrefix: String { self == .train ? "train" : "t10k" }
    }

    /// The part from the box, or from the folder that `scripts/fetch-data` filled (it, or its subfolder `mnist`).
    ///
    /// Throws ``DataError`` for damaged files, ``UserError`` for a folder without them.
    public static func images(_ split: Split, fullDirectory: String? = nil) throws -> LabelledImages {
        let imagesName = "\(split.filePrefix)-images-idx3-ubyte.gz"
        let labelsName = "\(split.filePrefix)-labels-idx1-ubyte.gz"
        guard let fullDirectory else {
            return try LabelledImages(
                images: IDXArray(decoding: SampleCatalog.file("mnist/" + imagesName).content(), file: imagesName),
                labels: IDXArray(decoding: SampleCatalog.file("mnist/" + labelsName).content(), file: labelsName), file: labelsName)
        }
        let images = try read(imagesName, in: fullDirectory)
        let labels = try read(labelsName, in: fullDirectory)
        return try LabelledImages(images: images, labels: labels, file: labelsName)
    }

    private static func read(_ name: String, in directory: String) throws -> IDXArray {
        let plain = String(name.dropLast(3))
        for path in ["\(directory)/\(name)", "\(directory)/\(plain)", "\(directory)/mnist/\(name)", "\(directory)/mnist/\(plain)"] {
            guard let data = FileManager.default.contents(atPath: path) else { continue }
            let bytes = [UInt8](data)
            return try IDXArray(decoding: Gzip.isGzip(bytes) ? Gzip.decompress(bytes, name: path) : bytes, file: path)
        }
        throw UserError("there is no \(name) in \(directory); scripts/fetch-data \(directory) brings it")
    }
}
