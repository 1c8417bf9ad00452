// SPDX-License-Identifier: Apache-2.0

/// Reads the body of an invocation as examples.
///
/// Taken are text/csv, application/json (`{"instances": [{"features": […]}]}`, or `{"data": {"features": {"values", "keys", "shape"}}}`
/// as an instance), application/jsonlines (an instance a line) and application/x-recordio-protobuf.
public enum InferenceDecoder {
    /// The media types that are taken.
    public static let contentTypes = [ContentType.csv, .json, .jsonLines, .recordIOProtobuf].map(\.mediaType)

    /// The examples; throws ``InferenceError``.
    public static func examples(of request: InferenceRequest, featureCount: Int?) throws -> ExampleSet {
        let format = try format(of: request)
        guard !request.body.isEmpty else { throw InferenceError.malformedRequest(DataError(.empty)) }
        var builder = ExampleBuilder(featureCount: featureCount)
        do {
            switch format {
            case ContentType.csv.mediaType: try readCSV(request.body, into: &builder)
            case ContentType.json.mediaType: try request.body.withUnsafeBytes { try readJSON($0, into: &builder) }
            case ContentType.jsonLines.mediaType: try request.body.withUnsafeBytes { try readJSONLines($0, into: &builder) }
            default: try readRecordIO(request.body, into: &builder)
            }
        } catch let error as DataError {
            if case .wrongFieldCount(let found, let expected) = error.problem, expected == featureCount {
                throw InferenceError.wrongFeatureCount(example: builder.count + 1, found: found, expected: expected)
            }
            throw InferenceError.malformedRequest(error)
        }
        guard builder.count > 0 else { throw InferenceError.malformedRequest(DataError(.empty)) }
        return builder.take()
    }

    /// What the header says; without one, what the body looks like.
    private static func format(of request: InferenceRequest) throws -> String {
        guard let header = request.contentType, !header.isEmpty else {
            if RecordIO.isRecordIO(request.body) { return ContentType.recordIOProtobuf.mediaType }
            let first = request.body.first { !FloatParser.isBlank($0) && $0 != 0x0a }
            return first == UInt8(ascii: "{") ? ContentType.json.mediaType : ContentType.csv.mediaType
        }
        guard let type = ContentType(header)?.mediaType, contentTypes.contains(type) else {
            throw InferenceError.unsupportedContentType(header, supported: contentTypes)
        }
        return type
    }

    private static func readCSV(_ body: [UInt8], into builder: inout ExampleBuilder) throws {
        var reader = CSVReader(InputBuffer(MemorySource(body), name: nil, capacity: body.count + 1), labelColumnCount: 0)
        while try reader.read(into: &builder, upTo: Int.max) {}
    }

    private static func readRecordIO(_ body: [UInt8], into builder: inout ExampleBuilder) throws {
        var reader = RecordIOReader(InputBuffer(MemorySource(body), name: nil, capacity: body.count + 1))
        var decoder = RecordDecoder(labels: .ignored)
        while let problem = try reader.next({ decoder.decode($0, into: &builder) }) {
            if let problem { throw DataError(problem, at: reader.location) }
        }
    }

    private static func readJSON(_ body: UnsafeRawBufferPointer, into builder: inout ExampleBuilder) throws {
        var reader = JSONReader(body)
        var sawInstances = false
        try reader.object { reader, name in
            guard name == "instances" else { return try reader.skip() }
            sawInstances = true
            try reader.array { try readInstance(&$0, into: &builder) }
        }
        try reader.expectEnd()
        guard sawInstances else { throw DataError(.missingField("member 'instances'")) }
    }

    private static func readJSONLines(_ body: UnsafeRawBufferPointer, into builder: inout ExampleBuilder) throws {
        var start = 0
        var line = 0
        while start < body.count {
            line += 1
            let end = body[start...].firstIndex(of: 0x0a) ?? body.count
            defer { start = end + 1 }
            var reader = JSONReader(body, range: start..<end)
            guard reader.peek() != nil else { continue }
            do {
                try readInstance(&reader, into: &builder)
                try reader.expectEnd()
            } catch var error as DataError {
                error.location.line = line
                throw error
            }
        }
    }

    /// `{"features": […]}` or `{"data": {"features": {"values": […], "keys": […], "shape": […]}}}`.
    private static func readInstance(_ reader: inout JSONReader, into builder: inout ExampleBuilder) throws {
        var tensor: RecordTensor?
        try reader.object { reader, name in
            switch name {
            case "features": tensor = try readTensor(&reader)
            case "data":
                try reader.object { reader, name in
                    if name == "features" { tensor = try readTensor(&reader) } else { try reader.skip() }
                }
            default: try reader.skip()
            }
        }
        guard let tensor else { throw DataError(.missingField("member 'features'"), at: .init(record: builder.count + 1)) }
        let width = tensor.shape.last.flatMap { Int(exactly: $0) }
        let problem = tensor.values.withUnsafeBytes { values in
            tensor.keys.isEmpty && !(tensor.values.isEmpty && (width ?? 0) > 0)
                ? builder.appendDense(values, label: nil)
                : builder.appendSparse(keys: tensor.keys, values: values, width: width, label: nil)
        }
        if let problem { throw DataError(problem, at: DataError.Location(record: builder.count + 1)) }
    }

    /// A list of numbers, or values with keys and shape.
    private static func readTensor(_ reader: inout JSONReader) throws -> RecordTensor {
        if reader.peek() == UInt8(ascii: "[") { return RecordTensor(values: try reader.numbers()) }
        var tensor = RecordTensor(values: [])
        try reader.object { reader, name in
            switch name {
            case "values": tensor.values = try reader.numbers()
            case "keys": tensor.keys = try wholeNumbers(&reader)
            case "shape": tensor.shape = try wholeNumbers(&reader)
            default: try reader.skip()
            }
        }
        return tensor
    }

    private static func wholeNumbers(_ reader: inout JSONReader) throws -> [UInt64] {
        var values: [UInt64] = []
        try reader.array { reader in
            guard let value = UInt64(exactly: try reader.number()) else {
                throw reader.error("a whole number of at least 0 is expected")
            }
            values.append(value)
        }
        return values
    }
}
