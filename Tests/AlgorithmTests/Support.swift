// SPDX-License-Identifier: Apache-2.0

import Foundation

@testable import Algorithm

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers from the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// A folder of its own that goes with the value.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "algorithm-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and gives its path.
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = path + "/" + name
        let folder = (file as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

    func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }

    func read(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)))
    }

    /// A channel named train of these files.
    func channel(_ files: [String], _ contentType: String? = nil, compression: CompressionType = .none) -> InputChannel {
        InputChannel(
            name: "train", directory: path, files: files, contentType: contentType.flatMap { ContentType($0) },
            compression: compression)
    }
}

extension ExampleSet {
    /// The rows as arrays.
    var rows: [[Float]] {
        let values = denseValues()
        return (0..<count).map { Array(values[($0 * featureCount)..<(($0 + 1) * featureCount)]) }
    }
}
