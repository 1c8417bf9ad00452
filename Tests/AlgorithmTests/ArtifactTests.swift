// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Algorithm

@Suite struct ArchiveTests {
    private let entries = [
        ArchiveEntry(path: "model_algo-1", bytes: (0..<10_000).map { UInt8(truncatingIfNeeded: $0 * 7) }),
        ArchiveEntry(path: "code/run.sh", bytes: Array("exit 0\n".utf8), isExecutable: true),
        ArchiveEntry(path: "empty", bytes: []),
    ]

    @Test(arguments: [Archive.Format.tarGzip, .zip])
    func whatIsPackedIsReadBack(format: Archive.Format) throws {
        let bytes = try Archive.pack(entries, as: format)
        #expect(try Archive.read(bytes) == entries)
        #expect(try Archive.pack(entries, as: format) == bytes)
    }

    @Test func aFolderIsPackedAndUnpacked() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("model/b", [1, 2])
        _ = try folder.write("model/a/c", [3])
        try Archive.pack(directory: folder.path + "/model", to: folder.path + "/model.tar.gz")
        let names = try Archive.extract(folder.path + "/model.tar.gz", into: folder.path + "/out")
        #expect(names == ["a/c", "b"])
        #expect(try folder.read("out/a/c") == [3])
        #expect(try folder.read("out/b") == [1, 2])
        let other = try Archive.pack(
            [ArchiveEntry(path: "a/c", bytes: [3]), ArchiveEntry(path: "b", bytes: [1, 2])], as: .tarGzip)
        #expect(try folder.read("model.tar.gz") == other)
    }

    /// A tar header (POSIX.1-1988 ustar) and content, by hand.
    private func tar(_ path: String, type: String = "0", link: String = "", content: [UInt8] = []) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) { for (i, byte) in text.utf8.enumerated() { header[offset + i] = byte } }
        put(path, at: 0)
        put("0000644\u{0}0000000\u{0}0000000\u{0}", at: 100)
        let size = String(content.count, radix: 8)
        put(String(repeating: "0", count: 11 - size.count) + size, at: 124)
        put("00000000000", at: 136)
        put("        ", at: 148)
        put(type, at: 156)
        put(link, at: 157)
        put("ustar\u{0}00", at: 257)
        let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
        put(String(repeating: "0", count: 6 - sum.count) + sum + "\u{0} ", at: 148)
        return header + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    @Test func unsafeEntriesAreRefused() throws {
        let folder = try TemporaryFolder()
        let outside = folder.path + "/outside"
        let bad: [[UInt8]] = [
            tar("../outside", content: [1]), tar(outside, content: [1]), tar("a/../../outside", content: [1]),
            tar("link", type: "2", link: "/etc/passwd"), tar("a/link", type: "2", link: "../../outside"),
            tar("hard", type: "1", link: "../outside"), tar("pipe", type: "6"), tar("device", type: "3"),
        ]
        for (index, bytes) in bad.enumerated() {
            let file = try folder.write("bad\(index).tar", bytes + [UInt8](repeating: 0, count: 1024))
            #expect(throws: (any Error).self) { try Archive.extract(file, into: folder.path + "/out\(index)") }
            #expect(!FileManager.default.fileExists(atPath: outside))
        }
        // A link inside is kept, and nothing is written through it.
        let good = tar("d/link", type: "2", link: "../x") + tar("x", content: [7]) + [UInt8](repeating: 0, count: 1024)
        #expect(try Archive.extract(try folder.write("good.tar", good), into: folder.path + "/good") == ["x"])
        #expect(try folder.read("good/d/link") == [7])
        let through = tar("l", type: "2", link: "d") + tar("l/x", content: [7]) + [UInt8](repeating: 0, count: 1024)
        #expect(throws: (any Error).self) { try Archive.extract(try folder.write("t.tar", through), into: folder.path + "/t") }
    }

    @Test func limitsHold() throws {
        let bytes = try Archive.pack(entries, as: .tarGzip)
        #expect(throws: DataError.self) { try Archive.read(bytes, limits: ArchiveLimits(byteCount: 9999)) }
        #expect(throws: DataError.self) { try Archive.read(bytes, limits: ArchiveLimits(entryCount: 2)) }
        #expect(try Archive.read(bytes, limits: ArchiveLimits(byteCount: 10_007, entryCount: 3)).count == 3)
    }

    @Test func damagedArchivesAreErrors() throws {
        let bytes = try Archive.pack(entries, as: .tarGzip)
        for length in stride(from: 1, to: bytes.count - 8, by: 23) {
            #expect(throws: DataError.self) { try Archive.read(Array(bytes[..<length])) }
        }
        var generator = SeededGenerator(6)
        for _ in 0..<300 {
            var noise = bytes
            noise[Int.random(in: 0..<noise.count, using: &generator)] ^= UInt8.random(in: 1...255, using: &generator)
            _ = try? Archive.read(noise)
        }
        #expect(throws: (any Error).self) { try Archive.extract("/nonexistent/model.tar.gz", into: "/nonexistent/out") }
    }

    @Test func gzipRoundTripsAndJoinsMembers() throws {
        let text = Array(String(repeating: "some text, ", count: 5000).utf8)
        let first = try Gzip.compress(text)
        #expect(first.count < text.count / 20)
        #expect(try Gzip.decompress(first) == text)
        #expect(try Gzip.decompress(first + (try Gzip.compress([1, 2, 3]))) == text + [1, 2, 3])
        #expect(try Gzip.decompress(try Gzip.compress([])) == [])
        #expect(throws: DataError.self) { try Gzip.decompress(Array(first.dropLast(20))) }
        #expect(throws: DataError.self) { try Gzip.decompress([1, 2, 3]) }
        #expect(throws: DataError.self) { try Gzip.decompress(first, maximumByteCount: 1000) }
    }
}

@Suite struct NDArrayTests {
    /// One array 2 x 1 of 1.0 and -2.0 named "w", as MXNet's source lays it out.
    private let layout: [UInt8] =
        [0x12, 1, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 8) + [1, 0, 0, 0, 0, 0, 0, 0]
        + [0xc9, 0xfa, 0x93, 0xf9, 0, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
        + [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]
        + [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, UInt8(ascii: "w")]

    @Test func writesAndReadsTheKnownLayout() throws {
        let array = NDArray(shape: [2, 1], values: [1, -2])
        #expect(NDArrayList.encode([("w", array)]) == layout)
        let list = try NDArrayList.decode(layout)
        #expect(list.map(\.name) == ["w"])
        #expect(list.map(\.array) == [array])
    }

    @Test func readsListsWithoutNamesAndOtherTypes() throws {
        let array = NDArray(shape: [3], values: [1, 2, 3])
        let unnamed = try NDArrayList.decode(NDArrayList.encode([("", array), ("", NDArray(shape: [0, 4], values: []))]))
        #expect(unnamed.map(\.name) == ["", ""])
        #expect(unnamed.first?.array == array)
        #expect(unnamed.last?.array.shape == [0, 4])
        // The first version had the number of dimensions as magic number, and u32 dimensions; here of two uint8.
        let old: [UInt8] =
            Array(layout[..<24]) + [1, 0, 0, 0, 2, 0, 0, 0] + [1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 9, 255]
            + [UInt8](repeating: 0, count: 8)
        #expect(try NDArrayList.decode(old).map(\.array) == [NDArray(shape: [2], values: [9, 255])])
        let halves: [UInt8] =
            Array(layout[..<24]) + [0xc8, 0xfa, 0x93, 0xf9, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]
            + [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0x00, 0x3c, 0x00, 0xc1, 0x01, 0x00] + [UInt8](repeating: 0, count: 8)
        #expect(try NDArrayList.decode(halves).map(\.array) == [NDArray(shape: [3], values: [1, -2.5, 0x1p-24])])
    }

    @Test func everyTruncationIsAnError() {
        for length in 0..<layout.count {
            #expect(throws: DataError.self) { try NDArrayList.decode(Array(layout[..<length])) }
        }
        var generator = SeededGenerator(7)
        for _ in 0..<3000 {
            var bytes = layout
            bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            _ = try? NDArrayList.decode(bytes)
        }
    }
}

@Suite struct JobLogTests {
    private final class Lines: @unchecked Sendable {
        var lines: [String] = []
    }

    @Test func linesHaveTheContainersForm() {
        let lines = Lines()
        let log = JobLog(now: { 1_606_244_034.211 }, write: { lines.lines.append($0) })
        log.info("Number of GPUs being used: 0")
        log.warning("Loggers have already been setup.")
        log.epochStatistics(
            dataPath: "/opt/ml/input/data/train", epoch: 0, durationMilliseconds: 41, batchCount: 1, byteCount: 56000)
        log.metrics(
            [.init("loss", 0.5), .init("epochs", whole: 15)],
            dimensions: [("model", .whole(0)), ("Host", .text("algo-1"))], start: 1_606_244_036.5, end: 1_606_244_037)
        #expect(
            lines.lines == [
                "[11/24/2020 18:53:54 INFO 140513285547840] Number of GPUs being used: 0",
                "[11/24/2020 18:53:54 WARNING 140513285547840] Loggers have already been setup.",
                "[2020-11-24 18:53:54.211] [tensorio] [info] epoch_stats={\"data_pipeline\": \"/opt/ml/input/data/train\", "
                    + "\"epoch\": 0, \"duration\": 41, \"num_examples\": 1, \"num_bytes\": 56000}",
                "#metrics {\"Metrics\": {\"loss\": {\"count\": 1, \"max\": 0.5, \"sum\": 0.5, \"min\": 0.5}, "
                    + "\"epochs\": {\"count\": 1, \"max\": 15, \"sum\": 15.0, \"min\": 15}}, \"EndTime\": 1606244037.0, "
                    + "\"Dimensions\": {\"model\": 0, \"Host\": \"algo-1\"}, \"StartTime\": 1606244036.5}",
            ])
    }

    @Test(arguments: [
        (0.0, "0.0", "0.0"), (-0.0, "-0.0", "-0.0"), (1.0, "1.0", "1.0"), (0.1, "0.1", "0.1"),
        (0.595682421003, "0.595682421003", "0.595682421003"), (0.03732493755447333, "0.03732493755447333", "0.0373249375545"),
        (22743.7031111, "22743.7031111", "22743.7031111"), (1e-5, "1e-05", "1e-05"), (0.0001, "0.0001", "0.0001"),
        (1e16, "1e+16", "1e+16"), (123_456_789_012_345.0, "123456789012345.0", "1.23456789012e+14"),
        (1e15, "1000000000000000.0", "1e+15"),
        (-2.5e-7, "-2.5e-07", "-2.5e-07"), (1.5e300, "1.5e+300", "1.5e+300"), (99_999_999_999.0, "99999999999.0", "99999999999.0"),
        (.infinity, "Infinity", "inf"), (0.1 + 0.2, "0.30000000000000004", "0.3"),
    ])
    func numbersArePrintedAsPythonDoes(value: Double, representation: String, text: String) {
        #expect(PythonNumber.representation(of: value) == representation)
        #expect(PythonNumber.text12(of: value) == text)
    }

    @Test func datesAreTheCalendars() {
        for (seconds, text) in [(0.0, "01/01/1970 00:00:00"), (951_782_400, "02/29/2000 00:00:00"), (-1, "12/31/1969 23:59:59")] {
            #expect(JobLog(now: { seconds }, write: { _ in }).prefix(.info) == "[\(text) INFO 140513285547840] ")
        }
    }
}
