// SPDX-License-Identifier: Apache-2.0

/// How a channel's files are to be read.
public struct ReadOptions: Sendable {
    /// The format where the channel names none and the bytes do not tell.
    public var defaultContentType: ContentType
    /// What is done about labels; CSV with `label_size=0` has none.
    public var labels: LabelPolicy
    /// The width that every example must have; nil: that of the first.
    public var featureCount: Int?
    /// What says so, for the error: "hyperparameter 'feature_dim'".
    public var featureCountSource: String
    /// Where labels are names of classes: takes the names; an example's label is then the place of its name.
    public var labelNames: LabelNames?

    /// Makes one from its parts.
    public init(
        defaultContentType: ContentType = .recordIOProtobuf, labels: LabelPolicy = .required, featureCount: Int? = nil,
        featureCountSource: String = "hyperparameter 'feature_dim'", labelNames: LabelNames? = nil
    ) {
        self.labelNames = labelNames
        self.defaultContentType = defaultContentType
        self.labels = labels
        self.featureCount = featureCount
        self.featureCountSource = featureCountSource
    }
}

/// Reads a channel's files one after another, as examples.
///
/// Memory is bounded by the batch that is asked for. Errors say the file, the record or line, and the byte offset.
public struct ExampleReader {
    private enum Decoder {
        case recordIO(RecordIOReader, RecordDecoder)
        case csv(CSVReader)
    }

    private let channel: InputChannel
    private let options: ReadOptions
    private var nextFile = 0
    private var decoder: Decoder?
    private var builder: ExampleBuilder
    private var fileByteCount = 0
    /// The number of examples so far.
    public private(set) var exampleCount = 0
    /// The number of bytes so far, after decompression.
    public private(set) var byteCount = 0

    /// Opens nothing yet.
    public init(_ channel: InputChannel, options: ReadOptions = ReadOptions()) {
        self.channel = channel
        self.options = options
        builder = ExampleBuilder(featureCount: options.featureCount)
    }

    /// At most so many further examples; nil when there are none.
    ///
    /// Throws ``DataError`` for bytes that are not in order, ``UserError`` for a content type that cannot be read or examples of another
    /// width than `featureCount`, ``PlatformError`` when a file cannot be read.
    public mutating func next(_ maximumCount: Int) throws -> ExampleSet? {
        if exampleCount > 0, maximumCount <= 1 << 16 { builder.reserve(exampleCount: maximumCount) }
        while builder.count < maximumCount {
            guard decoder != nil else {
                guard try openNextFile() else { break }
                continue
            }
            if try !readOne(upTo: maximumCount) { decoder = nil }
        }
        guard builder.count > 0 else { return nil }
        let set = builder.take()
        guard set.labels.isEmpty || set.labels.count == set.count else {
            let message =
                "channel '\(channel.name)' has \(set.labels.count) labels for \(set.count) examples; all or none must have one"
            throw UserError(message)
        }
        exampleCount += set.count
        return set
    }

    /// All remaining examples; throws ``UserError`` where there is none.
    public mutating func readAll() throws -> ExampleSet {
        guard let set = try next(Int.max) else { throw UserError(.emptyChannel(name: channel.name)) }
        return set
    }

    /// Reads one record, or the lines at hand; false at the file's end.
    private mutating func readOne(upTo maximumCount: Int) throws -> Bool {
        do {
            switch decoder {
            case .recordIO(var reader, var records):
                decoder = nil
                defer { decoder = .recordIO(reader, records) }
                return try readRecords(&reader, &records, upTo: maximumCount)
            case .csv(var reader):
                decoder = nil
                defer { decoder = .csv(reader) }
                let before = reader.byteOffset
                let countBefore = builder.count
                defer { byteCount += reader.byteOffset - before }
                let isMore = try reader.read(into: &builder, upTo: maximumCount)
                if before == 0 {
                    reserve(readByteCount: reader.byteOffset, exampleCount: builder.count - countBefore, upTo: maximumCount)
                }
                return isMore
            case nil:
                return false
            }
        } catch let error as DataError {
            if case .wrongFieldCount(let found, let expected) = error.problem, expected == options.featureCount, exampleCount == 0,
                builder.count == 0
            {
                throw UserError(
                    .wrongFeatureCount(channel: channel.name, found: found, expected: expected, source: options.featureCountSource))
            }
            throw error
        }
    }

    private mutating func readRecords(
        _ reader: inout RecordIOReader, _ records: inout RecordDecoder, upTo maximumCount: Int
    ) throws -> Bool {
        let before = reader.byteOffset
        defer { byteCount += reader.byteOffset - before }
        while builder.count < maximumCount {
            let problem = try reader.next { records.decode($0, into: &builder) }
            guard let problem else { return false }
            if let problem { throw DataError(problem, at: reader.location) }
            if reader.recordNumber == 1 { reserve(readByteCount: reader.byteOffset, exampleCount: 1, upTo: maximumCount) }
        }
        return true
    }

    /// Makes room for the rest of a file of which so much was read, a little more than the examples so far suggest.
    private mutating func reserve(readByteCount: Int, exampleCount: Int, upTo maximumCount: Int) {
        guard readByteCount > 0, exampleCount > 0, fileByteCount > readByteCount else { return }
        let perExample = Double(readByteCount) / Double(exampleCount)
        let estimate = Int(Double(fileByteCount - readByteCount) / perExample * 1.03) + 1
        builder.reserve(exampleCount: min(estimate, maximumCount - builder.count))
    }

    private mutating func openNextFile() throws -> Bool {
        guard nextFile < channel.files.count else { return false }
        let path = channel.files[nextFile]
        nextFile += 1
        let isCompressed = channel.compression == .gzip || path.hasSuffix(".gz")
        let source: any ByteSource
        fileByteCount = 0
        if isCompressed {
            source = try ArchiveSource(compressedFile: path)
        } else {
            let file = try FileSource(path: path)
            fileByteCount = file.byteCount ?? 0
            source = file
        }
        let name = path.hasPrefix(channel.directory + "/") ? String(path.dropFirst(channel.directory.count + 1)) : path
        let input = InputBuffer(source, name: "\(channel.name)/\(name)")
        guard try input.fill(to: 1) else { return true }
        let type = try contentType(of: input)
        switch type.mediaType {
        case ContentType.csv.mediaType:
            guard let labelSize = type.labelSize, labelSize <= 1 else {
                let given = type.parameters["label_size"] ?? ""
                throw UserError("channel '\(channel.name)' cannot have label_size=\(given); it takes 0 or 1")
            }
            if labelSize == 0, options.labels == .required {
                throw UserError("channel '\(channel.name)' has label_size=0, but the algorithm needs a label; it takes 1")
            }
            decoder = .csv(
                CSVReader(
                    input, labelColumnCount: labelSize, keepsLabels: options.labels != .ignored, labelNames: options.labelNames))
        case ContentType.recordIOProtobuf.mediaType:
            decoder = .recordIO(RecordIOReader(input), RecordDecoder(labels: options.labels, labelNames: options.labelNames))
        default:
            throw UserError(
                .unsupportedContentType(
                    channel: channel.name, contentType: type.mediaType,
                    allowed: [ContentType.recordIOProtobuf.mediaType, ContentType.csv.mediaType]))
        }
        return true
    }

    /// What the job said; else what the bytes look like; else the default.
    private func contentType(of input: InputBuffer) throws -> ContentType {
        if let contentType = channel.contentType { return contentType }
        _ = try input.fill(to: 4)
        return RecordIO.isRecordIO(input.window) ? .recordIOProtobuf : options.defaultContentType
    }
}

extension InputChannel {
    /// All examples of the channel.
    ///
    /// Throws as ``ExampleReader`` does, and ``UserError`` where there is none.
    public func readExamples(_ options: ReadOptions = ReadOptions()) throws -> ExampleSet {
        var reader = ExampleReader(self, options: options)
        return try reader.readAll()
    }
}
