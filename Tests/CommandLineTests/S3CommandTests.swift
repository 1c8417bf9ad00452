// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Wire

@testable import CommandLine

/// Lines, files, objects and exit statuses of `aws s3 …`, as observed of the real CLI.
@Suite struct S3CommandTests {
    let store = S3MemoryStore(buckets: "my-bkt")
    let harness: CommandLineHarness

    init() throws {
        harness = try CommandLineHarness(
            store.client,
            variables: [
                "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "x", "TZ": "UTC",
            ])
        try harness.write("hello\n", to: "a.txt")
        try FileManager.default.createDirectory(atPath: harness.folder + "/dir/sub", withIntermediateDirectories: true)
        try harness.write("1,2\n", to: "dir/b.csv")
        try harness.write("c\n", to: "dir/sub/c.txt")
    }

    /// Runs a line and compares everything that is printed.
    func expect(
        _ line: String, output: String = "", error: String = "", status: Int32 = 0, input: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let outcome = try await harness.run(line, input: input)
        #expect(outcome.output == output, sourceLocation: sourceLocation)
        #expect(outcome.error == error, sourceLocation: sourceLocation)
        #expect(outcome.status == status, sourceLocation: sourceLocation)
    }

    static func parameterError(_ text: String) -> String { "\naws: [ERROR]: An error occurred (ParamValidation): \(text)\n" }

    static func usageError(_ text: String) -> String {
        "\naws: [ERROR]: An error occurred (ParamValidation): \(text)\n\n\(usageText)"
    }

    @Test func buckets() async throws {
        try await expect("s3 mb s3://other", output: "make_bucket: other\n")
        try await expect(
            "s3 mb s3://other",
            error: "make_bucket failed: s3://other An error occurred (BucketAlreadyOwnedByYou) when calling the "
                + "CreateBucket operation: You have it.\n", status: 1)
        try await expect("s3 mb other", error: Self.parameterError("<S3Uri>\nError: Invalid argument type"), status: 252)
        try await expect("s3 rb s3://other", output: "remove_bucket: other\n")
        try await expect(
            "s3 rb s3://other",
            error: "remove_bucket failed: s3://other An error occurred (NoSuchBucket) when calling the "
                + "DeleteBucket operation: The specified bucket does not exist\n", status: 1)
        try await expect(
            "s3 rb s3://my-bkt/key",
            error: Self.parameterError("Please specify a valid bucket name only. E.g. s3://my-bkt"), status: 252)
        store.put("my-bkt", "a.txt", "x")
        try await expect(
            "s3 rb s3://my-bkt",
            error: "remove_bucket failed: s3://my-bkt An error occurred (BucketNotEmpty) when calling the "
                + "DeleteBucket operation: The bucket you tried to delete is not empty\n", status: 1)
        try await expect("s3 rb s3://my-bkt --force", output: "delete: s3://my-bkt/a.txt\nremove_bucket: my-bkt\n")
    }

    @Test func bucketsGoToTheCommandsRegion() async throws {
        try await expect("s3 mb s3://west --region us-west-2 --tags team ml", output: "make_bucket: west\n")
        let request = try #require(store.requests("CreateBucket").first)
        #expect(request.region == "us-west-2")
        #expect(
            request.input["CreateBucketConfiguration"]
                == ["LocationConstraint": "us-west-2", "Tags": [["Key": "team", "Value": "ml"]]])
        try await expect("s3 mb s3://east", output: "make_bucket: east\n")
        #expect(store.requests("CreateBucket").last?.input == ["Bucket": "east"])
    }

    @Test func listings() async throws {
        try await expect("s3 ls", output: "2026-11-22 23:11:02 my-bkt\n")
        try await expect("s3 ls s3://my-bkt")
        for (key, text) in [("a.txt", "hello\n"), ("d/b.csv", "1,2\n"), ("d/sub/c.txt", "c\n"), ("dir/x.txt", "hello\n")] {
            store.put("my-bkt", key, text)
        }
        let prefixes = "                           PRE d/\n                           PRE dir/\n"
        try await expect("s3 ls s3://my-bkt", output: prefixes + "2026-11-22 23:11:02          6 a.txt\n")
        try await expect("s3 ls my-bkt/", output: prefixes + "2026-11-22 23:11:02          6 a.txt\n")
        try await expect("s3 ls s3://my-bkt/d", output: prefixes)
        try await expect(
            "s3 ls s3://my-bkt/d/", output: "                           PRE sub/\n2026-11-22 23:11:02          4 b.csv\n")
        try await expect(
            "s3 ls s3://my-bkt --recursive --human-readable --summarize",
            output: """
                2026-11-22 23:11:02    6 Bytes a.txt
                2026-11-22 23:11:02    4 Bytes d/b.csv
                2026-11-22 23:11:02    2 Bytes d/sub/c.txt
                2026-11-22 23:11:02    6 Bytes dir/x.txt

                Total Objects: 4
                   Total Size: 18 Bytes

                """)
        try await expect("s3 ls s3://my-bkt/zzz", status: 1)
        try await expect(
            "s3 ls s3://none-bkt",
            error: "\naws: [ERROR]: An error occurred (NoSuchBucket) when calling the ListObjectsV2 operation: "
                + "The specified bucket does not exist\n", status: 254)
    }

    @Test func listingsGoOnAfterAPage() async throws {
        for number in 0..<5 { store.put("my-bkt", "k\(number)", "") }
        let outcome = try await harness.run("s3 ls s3://my-bkt --page-size 2")
        #expect(outcome.output.split(separator: "\n").count == 5)
        #expect(store.requests("ListObjectsV2").count == 3)
    }

    @Test func copiesOfSingleFiles() async throws {
        let outcome = try await harness.run("s3 cp a.txt s3://my-bkt/")
        #expect(
            outcome.output.replacing(/\([^)]*\/s\)/, with: "(x)").replacing(#/ +\n/#, with: "\n")
                == "Completed 6 Bytes/6 Bytes (x) with 1 file(s) remaining\rupload: ./a.txt to s3://my-bkt/a.txt\n")
        #expect(store.text("my-bkt", "a.txt") == "hello\n")
        try await expect("s3 cp a.txt s3://my-bkt/dir/x.txt --quiet")
        try await expect("s3 cp a.txt s3://my-bkt --no-progress", output: "upload: ./a.txt to s3://my-bkt/a.txt\n")
        try await expect("s3 cp a.txt s3://my-bkt/only.txt --only-show-errors")
        try await expect(
            "s3 cp s3://my-bkt/dir/x.txt s3://my-bkt/copy.txt --no-progress",
            output: "copy: s3://my-bkt/dir/x.txt to s3://my-bkt/copy.txt\n")
        try await expect("s3 cp s3://my-bkt/copy.txt . --no-progress", output: "download: s3://my-bkt/copy.txt to ./copy.txt\n")
        #expect(try harness.read("copy.txt") == "hello\n")
        try await expect(
            "s3 cp s3://my-bkt/copy.txt new/deep/file --no-progress",
            output: "download: s3://my-bkt/copy.txt to new/deep/file\n")
        #expect(LocalFile.status(harness.folder + "/new/deep/file")?.modified == 1_795_389_062)
        #expect(try FileManager.default.contentsOfDirectory(atPath: harness.folder + "/new/deep") == ["file"])
    }

    @Test func whatIsMissing() async throws {
        try await expect(
            "s3 cp nofile.txt s3://my-bkt/", error: "\naws: [ERROR]: The user-provided path nofile.txt does not exist.\n",
            status: 255)
        try await expect(
            "s3 cp a.txt b.txt",
            error: Self.parameterError(
                "usage: aws s3 cp <LocalPath> <S3Uri> or <S3Uri> <LocalPath> or <S3Uri> <S3Uri>\nError: Invalid argument type"),
            status: 252)
        try await expect(
            "s3 cp s3://my-bkt/none.txt .",
            error: "fatal error: An error occurred (404) when calling the HeadObject operation: Key \"none.txt\" does not exist\n",
            status: 1)
        try await expect(
            "s3 cp a.txt s3://nobk/x.txt --no-progress",
            error:
                "upload failed: ./a.txt to s3://nobk/x.txt An error occurred (NoSuchBucket) when calling the PutObject operation: "
                + "The specified bucket does not exist\n", status: 1)
        try await expect(
            "s3 cp s3://nobk/x.txt -",
            error:
                "download failed: s3://nobk/x.txt to - An error occurred (404) when calling the HeadObject operation: Not Found\n",
            status: 1)
        try await expect(
            "s3 cp s3://nobk/ out --recursive --no-progress",
            error: "fatal error: An error occurred (NoSuchBucket) when calling the ListObjectsV2 operation: "
                + "The specified bucket does not exist\n", status: 1)
        try await expect(
            "s3 rm s3://nobk/none.txt",
            error: "delete failed: s3://nobk/none.txt An error occurred (NoSuchBucket) when calling the DeleteObject operation: "
                + "The specified bucket does not exist\n", status: 1)
        try await expect(
            "s3 mv a.txt s3://nobk/moved.txt --no-progress",
            error:
                "move failed: ./a.txt to s3://nobk/moved.txt An error occurred (NoSuchBucket) when calling the PutObject operation: "
                + "The specified bucket does not exist\n", status: 1)
        #expect(try harness.read("a.txt") == "hello\n")
        try await expect("s3 rm s3://my-bkt/none.txt", output: "delete: s3://my-bkt/none.txt\n")
        try await expect(
            "s3 cp dir s3://my-bkt/d --no-progress",
            error: "upload failed: dir/ to s3://my-bkt/d [Errno 21] Is a directory: '\(harness.folder)/dir/'\n", status: 1)
    }

    @Test func commandLines() async throws {
        try await expect(
            "s3",
            error: Self.parameterError("usage: aws [options] s3 <subcommand> [parameters]\naws: [ERROR]: too few arguments"),
            status: 252)
        for line in ["s3 cp", "s3 cp a.txt"] {
            try await expect(line, error: Self.usageError("the following arguments are required: paths"), status: 252)
        }
        try await expect(
            "s3 lss",
            error: Self.usageError("argument subcommand: Found invalid choice 'lss'\n\nMaybe you meant:\n\n  * ls"), status: 252)
        try await expect(
            "s3 cp a.txt s3://my-bkt/a --acl nobody",
            error: Self.usageError("argument --acl: Found invalid choice 'nobody'\n"), status: 252)
        try await expect(
            "s3 cp a.txt s3://my-bkt/a --page-size ten",
            error: "\naws: [ERROR]: invalid literal for int() with base 10: 'ten'\n", status: 255)
        try await expect(
            "s3 mv s3://my-bkt/a s3://my-bkt/a",
            error: Self.parameterError("Cannot mv a file onto itself: s3://my-bkt/a - s3://my-bkt/a"), status: 252)
        try await expect(
            "s3 mv - s3://my-bkt/a",
            error: Self.parameterError("Streaming currently is only compatible with non-recursive cp commands"), status: 252)
        try await expect(
            "s3 cp a.txt s3://my-bkt/a --sse-c",
            error: Self.parameterError("If --sse-c is specified, --sse-c-key must be specified as well."), status: 252)
        #expect(store.keys("my-bkt") == [])
    }

    @Test func trees() async throws {
        try await expect(
            "s3 cp dir s3://my-bkt/d --recursive --no-progress",
            output: "upload: dir/b.csv to s3://my-bkt/d/b.csv\nupload: dir/sub/c.txt to s3://my-bkt/d/sub/c.txt\n")
        try await expect(
            "s3 cp dir s3://my-bkt/e --recursive --exclude * --include *.csv --dryrun",
            output: "(dryrun) upload: dir/b.csv to s3://my-bkt/e/b.csv\n")
        try await expect(
            "s3 cp s3://my-bkt/ out --recursive --no-progress --exclude d/sub/*",
            output: "download: s3://my-bkt/d/b.csv to out/d/b.csv\n")
        #expect(try harness.read("out/d/b.csv") == "1,2\n")
        try await expect(
            "s3 cp s3://my-bkt/d s3://my-bkt/f --recursive --no-progress --include * --exclude *.csv",
            output: "copy: s3://my-bkt/d/sub/c.txt to s3://my-bkt/f/sub/c.txt\n")
        try await expect(
            "s3 mv s3://my-bkt/d moved --recursive --no-progress",
            output: "move: s3://my-bkt/d/b.csv to moved/b.csv\nmove: s3://my-bkt/d/sub/c.txt to moved/sub/c.txt\n")
        #expect(store.keys("my-bkt") == ["f/sub/c.txt"])
        try await expect(
            "s3 mv moved s3://my-bkt/g --recursive --no-progress --exclude sub/*",
            output: "move: moved/b.csv to s3://my-bkt/g/b.csv\n")
        #expect(LocalFile.status(harness.folder + "/moved/b.csv") == nil)
        store.put("my-bkt", "folder/", "")
        try await expect(
            "s3 rm s3://my-bkt --recursive",
            output: "delete: s3://my-bkt/f/sub/c.txt\ndelete: s3://my-bkt/folder/\ndelete: s3://my-bkt/g/b.csv\n")
        try await expect(
            "s3 cp a.txt s3://my-bkt/a --recursive --no-progress",
            error: "warning: Skipping file \(harness.folder)/a.txt/. File does not exist.\n", status: 2)
    }

    @Test func progressOfSeveralFiles() async throws {
        let outcome = try await harness.run("s3 cp dir s3://my-bkt/d --recursive")
        let lines = outcome.output.replacing(/\([^)]*\/s\)/, with: "(x)").split(whereSeparator: { $0 == "\r" || $0 == "\n" })
            .map { $0.replacing(#/ +$/#, with: "") }
        #expect(lines.last == "upload: dir/sub/c.txt to s3://my-bkt/d/sub/c.txt")
        #expect(lines.filter { $0.hasPrefix("upload:") }.count == 2)
        #expect(
            lines.contains("Completed 6 Bytes/6 Bytes (x) with 1 file(s) remaining")
                || lines.contains("Completed 6 Bytes/6 Bytes (x) with 2 file(s) remaining"))
    }

    @Test func standardStreams() async throws {
        try await expect("s3 cp - s3://my-bkt/in.txt", input: "from standard input")
        #expect(store.text("my-bkt", "in.txt") == "from standard input")
        try await expect("s3 cp s3://my-bkt/in.txt -", output: "from standard input")
    }

    @Test func website() async throws {
        try await expect("s3 website s3://my-bkt/ --index-document index.html --error-document error.html")
        #expect(
            store.requests("PutBucketWebsite").first?.input
                == [
                    "Bucket": "my-bkt",
                    "WebsiteConfiguration": ["IndexDocument": ["Suffix": "index.html"], "ErrorDocument": ["Key": "error.html"]],
                ])
    }

    @Test func presignedAddresses() async throws {
        let outcome = try await harness.run("s3 presign s3://my-bkt/a/b%20c.txt --expires-in 60")
        let pattern =
            #"^https://my-bkt\.s3\.us-east-1\.amazonaws\.com/a/b%2520c\.txt\?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F\d{8}%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=\d{8}T\d{6}Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=[0-9a-f]{64}\n$"#
        #expect(outcome.output.range(of: pattern, options: .regularExpression) != nil, "\(outcome.output)")
        #expect(store.requests("GetObject").isEmpty)
    }

    @Test(arguments: [
        ("bkt", nil, "https://bkt.s3.eu-west-1.amazonaws.com", "/k"),
        ("dotted.bkt", nil, "https://s3.eu-west-1.amazonaws.com", "/dotted.bkt/k"),
        ("bkt", "http://127.0.0.1:5055", "http://127.0.0.1:5055", "/bkt/k"),
        ("bkt", "http://storage.local:9000/", "http://bkt.storage.local:9000", "/k"),
        ("Upper", "http://[::1]:80", "http://[::1]:80", "/Upper/k"),
    ])
    func addresses(bucket: String, endpoint: String?, host: String, path: String) {
        #expect(S3Command.address(bucket: bucket, key: "k", region: "eu-west-1", endpoint: endpoint) == (host, path))
    }
}
