// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import CommandLine

/// Names, patterns, sizes and types, against what Python's functions answer.
@Suite struct S3PathTests {
    @Test(arguments: [
        ("*", "a/b", true), ("a/*.csv", "a/b/c.csv", true), ("a/?.csv", "a/b.csv", true), ("a/?.csv", "a/bc.csv", false),
        ("[ab]c", "bc", true), ("[!ab]c", "bc", false), ("[a-c]*[0-9]", "bxx7", true), ("[", "[", true), ("[]]", "]", true),
        ("a[", "a[", true), ("*.tar.*z", "x.tar.tar.gz", true), ("", "", true), ("", "a", false), ("a*b*c", "aXbXbXc", true),
        ("a*b*c", "aXbXbX", false), ("[!]", "[!]", true), ("é?", "éa", true), ("**", "", true), ("a.b", "aXb", false),
    ])
    func patterns(pattern: String, text: String, matches: Bool) {
        #expect(FilePattern(pattern).matches(text) == matches)
    }

    @Test(arguments: [
        (0, "0 Bytes"), (1, "1 Byte"), (1023, "1023 Bytes"), (1024, "1.0 KiB"), (1_048_575, "1.0 MiB"), (1_500_000, "1.4 MiB"),
        (9_437_184, "9.0 MiB"), (5_497_558_138_880, "5.0 TiB"), (1_047_552, "1023.0 KiB"),
    ])
    func sizes(byteCount: Int, text: String) {
        #expect(S3Path.humanReadable(Double(byteCount)) == text)
    }

    @Test(arguments: [
        ("/w/a.txt", "./a.txt"), ("/w/d/b", "d/b"), ("/w/d/", "d/"), ("/a.txt", "../a.txt"), ("/x/y/z", "../x/y/z"), ("/w/", "./"),
    ])
    func relativePaths(path: String, shown: String) {
        #expect(S3Path.relative(path, to: "/w") == shown)
    }

    @Test(arguments: [
        ("bucket", "bucket", ""), ("s3://bucket/", "bucket", ""), ("s3://bucket/a/b", "bucket", "a/b"), ("s3://b//x", "b", "/x"),
        ("s3://arn:aws:s3:us-east-1:123456789012:accesspoint/ap/k/l", "arn:aws:s3:us-east-1:123456789012:accesspoint/ap", "k/l"),
        ("arn:aws:s3:us-east-1:123456789012:accesspoint:ap/k", "arn:aws:s3:us-east-1:123456789012:accesspoint:ap", "k"),
    ])
    func bucketsAndKeys(path: String, bucket: String, key: String) {
        #expect(S3Path.bucketAndKey(path) == (bucket, key))
    }

    @Test(arguments: [
        ("/a/../b/./c//d/", "/b/c/d"), ("/..", "/"), ("a/..", "."), ("../a", "../a"), ("/a/b/../../..", "/"),
    ])
    func normalizedPaths(path: String, normalized: String) {
        #expect(S3Path.normalized(path) == normalized)
    }

    @Test(arguments: [
        ("a.csv", "text/csv"), ("a.JSON", "application/json"), ("model.tar.gz", "application/x-tar"), ("a.gz", nil),
        ("a.tgz", "application/x-tar"), ("a", nil), (".txt", nil), ("a.unknown", nil), ("dir.csv/a", nil), ("x.html", "text/html"),
        ("a.bin", "application/octet-stream"), ("p.png", "image/png"), ("a.b.txt", "text/plain"), ("train.pbr", nil),
        ("a.svgz", "image/svg+xml"), ("a.py", "text/x-python"),
    ])
    func contentTypes(name: String, type: String?) {
        #expect(MimeTypes.guess(fileName: name) == type)
    }

    @Test func configuredSizes() {
        #expect(S3Path.byteCount("8MB") == 8 << 20)
        #expect(S3Path.byteCount("64MiB") == 64 << 20)
        #expect(S3Path.byteCount("123") == 123)
        #expect(S3Path.byteCount("x") == nil)
    }
}
