// SPDX-License-Identifier: Apache-2.0

import SwiftProtobuf

extension RecordIO {
    /// The label tensors of each record, by name: what a model's answer in `application/x-recordio-protobuf` says.
    ///
    /// Tensors of other types than float32 are left out. Throws ``DataError`` for bytes that are no records.
    public static func labels(of bytes: [UInt8], name: String? = nil) throws -> [[String: [Float]]] {
        var reader = RecordIOReader(InputBuffer(MemorySource(bytes), name: name))
        var answers: [[String: [Float]]] = []
        while let payload = try reader.next({ Array($0) }) {
            let record: RecordMessage_Record
            do {
                record = try RecordMessage_Record(serializedBytes: payload)
            } catch {
                throw DataError(.malformedMessage("\(error)"), at: reader.location)
            }
            answers.append(
                record.label.compactMapValues { value in
                    if case .float32Tensor(let tensor) = value.value { tensor.values } else { nil }
                })
        }
        return answers
    }
}
