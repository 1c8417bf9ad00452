// SPDX-License-Identifier: Apache-2.0

import Foundation
import SwiftProtobuf
import Testing

@testable import Algorithm

@Suite struct RecordIOTests {
    private func frame(_ payload: [UInt8], kind: UInt32 = 0) -> [UInt8] {
        var bytes: [UInt8] = [0x0a, 0x23, 0xd7, 0xce]
        let word = UInt32(payload.count) | kind << 29
        bytes += (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
        bytes += payload
        while bytes.count % 4 != 0 { bytes.append(0) }
        return bytes
    }

    private func read(_ bytes: [UInt8], labels: LabelPolicy = .optional, featureCount: Int? = nil) throws -> ExampleSet {
        var builder = ExampleBuilder(featureCount: featureCount)
        var reader = RecordIOReader(InputBuffer(MemorySource(bytes), name: "memory", capacity: 64))
        var decoder = RecordDecoder(labels: labels)
        while let problem = try reader.next({ decoder.decode($0, into: &builder) }) {
            if let problem { throw DataError(problem, at: reader.location) }
        }
        return builder.take()
    }

    private func readSlowly(_ bytes: [UInt8]) throws -> ExampleSet {
        var builder = ExampleBuilder(featureCount: nil)
        var reader = RecordIOReader(InputBuffer(MemorySource(bytes), name: "memory"))
        var decoder = RecordDecoder(labels: .optional)
        while let problem = try reader.next({ decoder.decodeSlowly($0, &builder) }) {
            if let problem { throw DataError(problem, at: reader.location) }
        }
        return builder.take()
    }

    @Test func framedSizesAreTheDocumentedOnes() {
        var encoder = RecordIOEncoder()
        encoder.append(features: [Float](repeating: 0.5, count: 784), label: 1)
        #expect(encoder.take().count == 3184)
        encoder.append(features: [Float](repeating: 0.5, count: 784), label: nil)
        #expect(encoder.take().count == 3164)
        encoder.append(features: [1, 2, 3], label: 0)
        #expect(encoder.take().count == 56)
    }

    @Test func bothDecodersAndTheWriterAgreeOnRandomRecords() throws {
        var generator = SeededGenerator(1)
        for _ in 0..<60 {
            let width = Int.random(in: 1...40, using: &generator)
            let isSparse = Bool.random(using: &generator)
            var encoder = RecordIOEncoder()
            var reference: [UInt8] = []
            for _ in 0..<Int.random(in: 1...5, using: &generator) {
                var record = RecordMessage_Record()
                var keys: [UInt64] = []
                var values = (0..<width).map { _ in Float.random(in: -1e6...1e6, using: &generator) }
                if isSparse {
                    keys = (0..<UInt64(width)).filter { _ in Bool.random(using: &generator) }
                    values = Array(values.prefix(keys.count))
                }
                let shape: [UInt64] = isSparse ? [UInt64(width)] : []
                let label = Float.random(in: 0...1, using: &generator)
                record.features["values"] = .with {
                    $0.float32Tensor = .with {
                        $0.values = values
                        $0.keys = keys
                        $0.shape = shape
                    }
                }
                record.label["values"] = .with { $0.float32Tensor = .with { $0.values = [label] } }
                reference += frame(try record.serializedBytes())
                if isSparse {
                    encoder.append(
                        features: [RecordTensor(values: values, keys: keys, shape: shape)], labels: [RecordTensor(values: [label])])
                } else {
                    encoder.append(features: values, label: label)
                }
            }
            #expect(encoder.bytes == reference)
            let fast = try read(reference)
            #expect(fast == (try readSlowly(reference)))
            #expect(fast.isLabelled)
            #expect(fast.featureCount == width)
        }
    }

    @Test func takesUnusualButLegalEncodings() throws {
        // Unpacked values, the value before the key, a field that nobody knows.
        let unpacked: [UInt8] = [0x0d, 0, 0, 0x80, 0x3f, 0x0d, 0, 0, 0, 0x40]
        let value: [UInt8] = [0x12, UInt8(unpacked.count)] + unpacked
        let entry: [UInt8] = [0x12, UInt8(value.count)] + value + [0x0a, 6] + Array("values".utf8)
        let payload: [UInt8] = [0x0a, UInt8(entry.count)] + entry + [0x98, 0x06, 0x01]
        let set = try read(frame(payload))
        #expect(set.rows == [[1, 2]])
        #expect(set.labels.isEmpty)
    }

    @Test func joinsRecordsOfSeveralParts() throws {
        var record = RecordMessage_Record()
        let magic = Float(bitPattern: RecordIO.magic)
        record.features["values"] = .with { $0.float32Tensor = .with { $0.values = [1, magic, 3] } }
        record.label["values"] = .with { $0.float32Tensor = .with { $0.values = [7] } }
        let payload: [UInt8] = try record.serializedBytes()
        let cut = try #require(payload.indices.first { payload[$0...].starts(with: [0x0a, 0x23, 0xd7, 0xce]) })
        let bytes = frame(Array(payload[..<cut]), kind: 1) + frame(Array(payload[(cut + 4)...]), kind: 3)
        #expect(try read(bytes).rows == [[1, magic, 3]])
        #expect(throws: DataError.self) { try read(frame([1, 2, 3], kind: 2)) }
        #expect(throws: DataError.self) { try read(frame([1, 2, 3], kind: 1)) }
    }

    @Test func everyTruncationIsAnErrorThatSaysWhere() throws {
        var encoder = RecordIOEncoder()
        encoder.append(features: [1, 2, 3], label: 1)
        encoder.append(features: [4, 5, 6], label: 0)
        let bytes = encoder.take()
        for length in 1..<bytes.count where length != 56 {
            let error = #expect(throws: DataError.self) { try read(Array(bytes[..<length])) }
            #expect(error?.location.record == (length < 56 ? 1 : 2))
            #expect(error?.location.byteOffset == (length < 56 ? 0 : 56))
        }
        #expect(try read(Array(bytes[..<56])).count == 1)
    }

    @Test func randomBytesNeverTrap() {
        var generator = SeededGenerator(2)
        for _ in 0..<2000 {
            let noise = (0..<Int.random(in: 0...60, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            _ = try? read(noise)
            _ = try? read(frame(noise))
        }
        var encoder = RecordIOEncoder()
        encoder.append(features: [RecordTensor(values: [1, 2], keys: [0, 4], shape: [9])], labels: [RecordTensor(values: [1])])
        let good = encoder.take()
        for _ in 0..<3000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                bytes[Int.random(in: 8..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            let fast = Result { try read(bytes) }
            let slow = Result { try readSlowly(bytes) }
            #expect((try? fast.get()) == (try? slow.get()))
        }
    }

    @Test func saysWhatIsWrongWithARecord() throws {
        func problem(_ tensor: RecordMessage_Value, label: Float? = 1) throws -> DataError.Problem? {
            var record = RecordMessage_Record()
            record.features["values"] = tensor
            if let label { record.label["values"] = .with { $0.float32Tensor = .with { $0.values = [label] } } }
            let payload: [UInt8] = try record.serializedBytes()
            return #expect(throws: DataError.self) { try read(frame(payload), labels: .required, featureCount: 3) }?.problem
        }
        let good = RecordMessage_Value.with { $0.float32Tensor = .with { $0.values = [1, 2, 3] } }
        #expect(
            try problem(.with { $0.float64Tensor = .with { $0.values = [1, 2, 3] } })
                == .unsupportedTensor(found: "float64", expected: "float32"))
        #expect(try problem(.with { $0.float32Tensor = .with { $0.values = [1, 2] } }) == .wrongFieldCount(found: 2, expected: 3))
        #expect(try problem(.with { $0.float32Tensor = .with { $0.values = [1, .nan, 3] } }) == .notFinite(text: "nan"))
        #expect(try problem(good, label: nil) == .missingField("label['values']"))
        #expect(try problem(good, label: .infinity) == .notFinite(text: "the label inf"))
        let outside = RecordMessage_Value.with {
            $0.float32Tensor = .with {
                $0.values = [1]
                $0.keys = [3]
                $0.shape = [3]
            }
        }
        #expect(try problem(outside) == .keyOutOfRange(key: 3, featureCount: 3))
        let twice = RecordMessage_Value.with {
            $0.float32Tensor = .with {
                $0.values = [1, 2]
                $0.keys = [2, 2]
                $0.shape = [3]
            }
        }
        #expect(try problem(twice) == .duplicateKey(2))
    }

    @Test func sparseRowsMayBeEmptyAndUnsorted() throws {
        var encoder = RecordIOEncoder()
        encoder.append(features: [RecordTensor(values: [], shape: [4])], labels: [])
        encoder.append(features: [RecordTensor(values: [5, 7], keys: [3, 1], shape: [4])], labels: [])
        let set = try read(encoder.take())
        #expect(set.rows == [[0, 0, 0, 0], [0, 7, 0, 5]])
        #expect(set.features == .sparse(rowStarts: [0, 0, 2], columns: [1, 3], values: [7, 5]))
    }

    @Test func aChannelIsReadInBatchesOverItsFiles() throws {
        let folder = try TemporaryFolder()
        var encoder = RecordIOEncoder()
        for index in 0..<7 { encoder.append(features: [Float(index), 1], label: Float(index % 2)) }
        let first = try folder.write("a", encoder.take())
        for index in 7..<10 { encoder.append(features: [Float(index), 1], label: Float(index % 2)) }
        let second = try folder.write("b.gz", try Gzip.compress(encoder.take()))
        let empty = try folder.write("c", [])
        var reader = ExampleReader(folder.channel([first, second, empty]))
        var counts: [Int] = []
        var seen: [Float] = []
        while let batch = try reader.next(4) {
            counts.append(batch.count)
            seen += batch.rows.map { $0[0] }
        }
        #expect(counts == [4, 4, 2])
        #expect(seen == (0..<10).map(Float.init))
        #expect(reader.exampleCount == 10)
        #expect(reader.byteCount == 10 * 52)
    }

    @Test func aWrongFeatureDimensionIsTheUsersError() throws {
        let folder = try TemporaryFolder()
        var encoder = RecordIOEncoder()
        encoder.append(features: [1, 2, 3], label: 0)
        let channel = folder.channel([try folder.write("a", encoder.take())])
        let error = #expect(throws: UserError.self) { try channel.readExamples(ReadOptions(featureCount: 784)) }
        #expect(
            error?.description
                == "ClientError: channel 'train' has 3 features an example, but hyperparameter 'feature_dim' is 784")
        #expect(throws: UserError(.emptyChannel(name: "train"))) { try folder.channel([]).readExamples() }
    }
}
