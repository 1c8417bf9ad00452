// SPDX-License-Identifier: Apache-2.0

import Testing
import Wire

@Suite struct ChecksumTests {
    /// The check values of the catalogue of parametrised CRC algorithms (CRC-32/ISO-HDLC, CRC-32/ISCSI, CRC-64/NVME) and FIPS 180-4.
    @Test(arguments: [
        (ChecksumAlgorithm.crc32, "cbf43926"), (.crc32c, "e3069283"), (.crc64nvme, "ae8b14860a799888"),
        (.sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
        (.sha256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
    ]) func knownValues(algorithm: ChecksumAlgorithm, expected: String) {
        #expect(Hexadecimal.encode(Checksum.digest(algorithm, of: Array("123456789".utf8))) == expected)
    }

    @Test(arguments: ChecksumAlgorithm.allCases) func piecesGiveTheSameAsTheWhole(algorithm: ChecksumAlgorithm) {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }
        var checksum = Checksum(algorithm)
        for start in stride(from: 0, to: 1000, by: 37) { checksum.update(Array(bytes[start..<min(start + 37, 1000)])) }
        #expect(checksum.digest == Checksum.digest(algorithm, of: bytes))
        let combined = Checksum.combine(
            algorithm, Checksum.digest(algorithm, of: Array(bytes[..<700])), Checksum.digest(algorithm, of: Array(bytes[700...])),
            secondByteCount: 300)
        #expect(combined == (algorithm.isLinear ? checksum.digest : nil))
    }

    @Test func md5AndBase64() {
        var digest = MD5Digest()
        digest.update(Array("hello ".utf8))
        digest.update(Array("world".utf8))
        #expect(Hexadecimal.encode(digest.digest) == "5eb63bbbe01eeed093cb22bb8f5acdc3")
        for (text, encoded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
            #expect(Base64.encode(Array(text.utf8)) == encoded)
            #expect(Base64.decode(encoded) == Array(text.utf8))
        }
        #expect(Base64.decode("a$==") == nil)
        #expect(Hexadecimal.decode("0aFf") == [10, 255])
        #expect(Hexadecimal.decode("0aF") == nil)
    }
}

@Suite struct TimestampTests {
    @Test(arguments: [
        ("2014-04-29T18:30:38Z", 1_398_796_238.0), ("2014-04-29T18:30:38+02:00", 1_398_789_038),
        ("2014-04-29T18:30:38.123Z", 1_398_796_238.123),
        ("Tue, 29 Apr 2014 18:30:38 GMT", 1_398_796_238), ("1398796238", 1_398_796_238), ("1398796238.5", 1_398_796_238.5),
        ("20140429T183038Z", 1_398_796_238), ("2014-04-29", 1_398_729_600), ("1969-12-31T23:59:59Z", -1),
        ("0001-01-01T00:00:00Z", -62_135_596_800),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777), ("12345678", 12_345_678),
    ]) func reads(text: String, expected: Double) throws {
        let seconds = try #require(Timestamp.parse(text))
        #expect(abs(seconds - expected) < 1e-6)
    }

    @Test(arguments: [
        "", "yesterday", "2014-02-29T00:00:00Z", "2014-13-01T00:00:00Z", "2014-04-29T25:00:00Z", "2014-04-29T18:30:38X",
    ])
    func refuses(text: String) {
        #expect(Timestamp.parse(text) == nil)
    }

    @Test func writes() {
        #expect(Timestamp.iso8601(1_398_796_238) == "2014-04-29T18:30:38Z")
        #expect(Timestamp.iso8601(1_398_796_238.5, alwaysMilliseconds: true) == "2014-04-29T18:30:38.500Z")
        #expect(Timestamp.rfc822(1_398_796_238) == "Tue, 29 Apr 2014 18:30:38 GMT")
        #expect(Timestamp.basic(1_398_796_238) == "20140429T183038Z")
        #expect(Timestamp.epoch(1_398_796_238.25) == "1398796238.25")
        #expect(Timestamp.iso8601(-1) == "1969-12-31T23:59:59Z")
    }

    @Test func percentEncoding() {
        #expect(PercentEncoding.encode("a b/ü~+") == "a%20b%2F%C3%BC~%2B")
        #expect(PercentEncoding.encode("a b/c", keepsSlash: true) == "a%20b/c")
        #expect(PercentEncoding.decode("a%20b%2f%zz+") == "a b/%zz+")
        #expect(QueryItem.parse("a=1&b&c=x%26+y", plusIsSpace: true) == [.init("a", "1"), .init("b", nil), .init("c", "x& y")])
    }
}
