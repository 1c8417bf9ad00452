// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation

/// What the `dataset` command does; its options are read elsewhere.
public enum DatasetCommand {
    /// A format that images are exported in.
    public enum Format: String, Sendable, CaseIterable {
        case csv
        case recordio
        case idx
    }

    /// What an export of images is to be.
    public struct ExportOptions: Sendable {
        /// The format of the training file.
        public var format: Format
        /// What becomes of labels.
        public var labelMap: LabelMap
        /// What becomes of pixels.
        public var scale: PixelScale
        /// The training pictures that are taken; nil: all.
        public var trainRows: Range<Int>?
        /// The test pictures that are taken; nil: all.
        public var testRows: Range<Int>?
        /// The number of test pictures in a request file.
        public var batchRowCount: Int
        /// A folder with full MNIST; nil: the subset in the box.
        public var fullDirectory: String?

        /// Makes one from its parts.
        public init(
            format: Format = .recordio, labelMap: LabelMap = .identity, scale: PixelScale = .over256, trainRows: Range<Int>? = nil,
            testRows: Range<Int>? = nil, batchRowCount: Int = 100, fullDirectory: String? = nil
        ) {
            self.format = format
            self.labelMap = labelMap
            self.scale = scale
            self.trainRows = trainRows
            self.testRows = testRows
            self.batchRowCount = batchRowCount
            self.fullDirectory = fullDirectory
        }
    }

    /// A file that an export wrote.
    public struct ExportedFile: Sendable, Equatable {
        /// The name below the folder.
        public let name: String
        /// The number of bytes.
        public let byteCount: Int
        /// The number of pictures in it; nil where it holds none.
        public let rowCount: Int?
    }

    /// The data sets and their files, as text for a person.
    public static func list() -> String {
        SampleCatalog.datasets.map { dataset in
            let files = dataset.files.map { file in
                let size = String(file.byteCount)
                return "  " + String(repeating: " ", count: max(0, 9 - size.count)) + size + "  \(file.path)"
                    + (file.description.isEmpty ? "" : "  (\(file.description))")
            }
            return "\(dataset.name): \(dataset.title)\n  by \(dataset.source); \(dataset.licence)\n"
                + files.joined(separator: "\n") + "\n"
        }.joined(separator: "\n")
    }

    /// The picture of a digit of MNIST and what it shows; throws ``UserError`` where there is no such picture.
    public static func draw(
        _ index: Int, of split: MNIST.Split = .test, labelMap: LabelMap = .identity, fullDirectory: String? = nil, color: Bool
    ) throws -> String {
        let images = try MNIST.images(split, fullDirectory: fullDirectory)
        let drawing = try images.drawing(of: index, color: color)
        let digit = images.labels[index]
        let mapped = labelMap(digit)
        return drawing + "\(split.rawValue) \(index): \(digit)" + (mapped == Int(digit) ? "" : ", mapped to \(mapped)") + "\n"
    }

    /// Writes a data set into a folder, which is made if need be.
    ///
    /// MNIST as CSV or RecordIO: `recordio-pb-data` or `train.csv` with mapped labels, test requests `test-00.csv` … of CSV rows without
    /// labels, `test-labels.txt` with their mapped labels, one a line. As IDX: the four files. Other data sets: their files as they are.
    /// The notice goes with all. Throws ``UserError`` and ``PlatformError``.
    public static func export(_ datasetName: String, to directory: String, options: ExportOptions = ExportOptions()) throws
        -> [ExportedFile]
    {
        let dataset = try SampleCatalog.dataset(datasetName)
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw PlatformError("could not make the folder \(directory): \(error.localizedDescription)")
        }
        var written: [ExportedFile] = []
        func write(_ name: String, _ bytes: [UInt8], rowCount: Int? = nil) throws {
            try replaceFile("\(directory)/\(name)", with: bytes)
            written.append(ExportedFile(name: name, byteCount: bytes.count, rowCount: rowCount))
        }
        if dataset.name == "mnist" {
            try exportMNIST(options, write)
        } else {
            for file in dataset.files where file.name != "NOTICE" { try write(file.name, file.bytes) }
        }
        try write("NOTICE", dataset.notice)
        return written
    }

    private static func exportMNIST(_ options: ExportOptions, _ write: (String, [UInt8], Int?) throws -> Void) throws {
        guard options.batchRowCount > 0 else {
            throw UserError("a batch cannot have \(options.batchRowCount) rows; it has at least 1")
        }
        var train = try MNIST.images(.train, fullDirectory: options.fullDirectory)
        var test = try MNIST.images(.test, fullDirectory: options.fullDirectory)
        train = try select(options.trainRows, of: train, "training")
        test = try select(options.testRows, of: test, "test")
        switch options.format {
        case .idx:
            try write("train-images-idx3-ubyte", train.imageArray.encoded(), train.count)
            try write("train-labels-idx1-ubyte", train.labelArray.encoded(), train.count)
            try write("t10k-images-idx3-ubyte", test.imageArray.encoded(), test.count)
            try write("t10k-labels-idx1-ubyte", test.labelArray.encoded(), test.count)
            return
        case .recordio:
            try write("recordio-pb-data", train.recordIO(labels: options.labelMap, scale: options.scale), train.count)
        case .csv:
            try write("train.csv", train.csv(labels: options.labelMap, scale: options.scale), train.count)
        }
        let batchCount = (test.count + options.batchRowCount - 1) / options.batchRowCount
        let width = max(2, String(max(0, batchCount - 1)).count)
        for batch in 0..<batchCount {
            let start = batch * options.batchRowCount
            let rows = test.rows(start..<(start + options.batchRowCount))
            let number = String(batch)
            let name = "test-" + String(repeating: "0", count: width - number.count) + number + ".csv"
            try write(name, rows.csv(labels: nil, scale: options.scale), rows.count)
        }
        try write("test-labels.txt", test.labelLines(options.labelMap), test.count)
    }

    private static func select(_ range: Range<Int>?, of images: LabelledImages, _ what: String) throws -> LabelledImages {
        guard let range else { return images }
        guard range.lowerBound >= 0, range.upperBound <= images.count, !range.isEmpty else {
            throw UserError(
                "there are no \(what) rows \(range.lowerBound) to \(range.upperBound); there are 0 to \(images.count)")
        }
        return images.rows(range)
    }

    /// A file is there whole or not at all.
    private static func replaceFile(_ path: String, with bytes: [UInt8]) throws {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw PlatformError("could not write \(path): \(error.localizedDescription)")
        }
    }
}
