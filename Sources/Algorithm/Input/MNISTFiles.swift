// SPDX-License-Identifier: Apache-2.0

/// The four IDX files of MNIST, as they are or gzipped, for benchmarks.
public struct MNISTFiles: Sendable {
    /// The pixels of an image.
    public static let pixelCount = 784
    /// `trainLabels.count * 784` pixels.
    public let trainImages: [UInt8]
    /// The digits of the training images.
    public let trainLabels: [UInt8]
    /// `testLabels.count * 784` pixels.
    public let testImages: [UInt8]
    /// The digits of the test images.
    public let testLabels: [UInt8]

    /// Reads the files in a folder; throws ``PlatformError`` or ``DataError``.
    public init(directory: String) throws {
        trainImages = try Self.bytes("train-images-idx3-ubyte", in: directory, headerByteCount: 16)
        trainLabels = try Self.bytes("train-labels-idx1-ubyte", in: directory, headerByteCount: 8)
        testImages = try Self.bytes("t10k-images-idx3-ubyte", in: directory, headerByteCount: 16)
        testLabels = try Self.bytes("t10k-labels-idx1-ubyte", in: directory, headerByteCount: 8)
        guard trainImages.count == trainLabels.count * Self.pixelCount, testImages.count == testLabels.count * Self.pixelCount
        else {
            throw DataError(.other("\(directory) has not the images and labels of MNIST"))
        }
    }

    private static func bytes(_ name: String, in directory: String, headerByteCount: Int) throws -> [UInt8] {
        let path = "\(directory)/\(name)"
        let source: any ByteSource
        if let plain = try? FileSource(path: path) {
            source = plain
        } else {
            source = try ArchiveSource(compressedFile: path + ".gz")
        }
        let input = InputBuffer(source, name: path)
        while try input.fillMore() {}
        let bytes = Array(input.window)
        guard bytes.count > headerByteCount, bytes[0] == 0, bytes[1] == 0, bytes[2] == 8 else {
            throw DataError(.other("is not an IDX file of bytes"), at: DataError.Location(file: path))
        }
        return Array(bytes.dropFirst(headerByteCount))
    }
}
