// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What `scripts/bench ingest` measures of reading and writing examples; the same work as its peers in scripts/benchmarks/ingest.py.
public enum IngestBenchmark {
    /// Reads each file `repetitions` times to rows of float32 in memory, writes as many RecordIO records as the last file has, and gives
    /// a line of JSON for each; `now` gives seconds on a clock that only goes forward.
    ///
    /// `directory` holds `integers.csv` and `decimals.csv` (the label first) and `records.pbr`. One thread does it, whatever
    /// `threadCount` says: a channel's bytes come one after another. Throws what ``ExampleReader`` does.
    public static func run(directory: String, threadCount: Int, repetitions: Int, now: () -> Double) throws -> [String] {
        var lines: [String] = []
        for name in ["integers.csv", "decimals.csv", "records.pbr"] {
            for _ in 0..<max(1, repetitions) {
                let begin = now()
                let (examples, byteCount) = try read("\(directory)/\(name)")
                let seconds = now() - begin
                lines.append(line("read \(name)", seconds, examples, byteCount))
            }
        }
        let (examples, _) = try read("\(directory)/records.pbr")
        for _ in 0..<max(1, repetitions) {
            let begin = now()
            let byteCount = try write(examples, to: "\(directory)/written.pbr")
            lines.append(line("write records.pbr", now() - begin, examples, byteCount))
        }
        return lines
    }

    private static func read(_ path: String) throws -> (ExampleSet, byteCount: Int) {
        var reader = ExampleReader(
            InputChannel(name: "train", directory: (path as NSString).deletingLastPathComponent, files: [path]),
            options: ReadOptions(defaultContentType: path.hasSuffix(".csv") ? .csv : .recordIOProtobuf))
        let examples = try reader.readAll()
        return (examples, reader.byteCount)
    }

    private static func write(_ examples: ExampleSet, to path: String) throws -> Int {
        let values = examples.denseValues()
        guard let file = fopen(path, "w") else { throw PlatformError("\(path) can't be written") }
        defer { fclose(file) }
        // The pieces go to the file as they are.
        setvbuf(file, nil, _IONBF, 0)
        var encoder = RecordIOEncoder()
        var byteCount = 0
        func flush() throws {
            try encoder.drain { bytes in
                byteCount += bytes.count
                guard fwrite(bytes.baseAddress, 1, bytes.count, file) == bytes.count else {
                    throw PlatformError("\(path) can't be written")
                }
            }
        }
        try values.withUnsafeBufferPointer { values in
            for row in 0..<examples.count {
                let start = row * examples.featureCount
                encoder.append(
                    features: UnsafeBufferPointer(rebasing: values[start..<start + examples.featureCount]),
                    label: examples.isLabelled ? examples.labels[row] : nil)
                if encoder.bytes.count > 1 << 18 { try flush() }
            }
        }
        try flush()
        return byteCount
    }

    private static func line(_ task: String, _ seconds: Double, _ examples: ExampleSet, _ byteCount: Int) -> String {
        // The sum of all values tells whether all read the same.
        let sum = examples.denseValues().reduce(0.0) { $0 + Double($1) }
        return #"{"name":"sagebrush","task":"\#(task)","seconds":\#(seconds),"bytes":\#(byteCount),"#
            + #""records":\#(examples.count),"sum":\#(sum)}"#
    }
}
