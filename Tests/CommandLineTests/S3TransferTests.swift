// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Wire

@testable import CommandLine

/// What `s3 sync`, transfers in parts, and the options of transfers do to objects and files.
@Suite struct S3TransferTests {
    let store = S3MemoryStore(buckets: "bkt")
    let harness: CommandLineHarness

    init() throws {
        harness = try CommandLineHarness(store.client)
        try FileManager.default.createDirectory(atPath: harness.folder + "/dir", withIntermediateDirectories: true)
    }

    func run(_ line: String, input: String = "") async throws -> CommandLineHarness.Outcome {
        try await harness.run(line, input: input)
    }

    func setModified(_ name: String, _ seconds: Double) throws {
        try LocalFile.setModified(harness.folder + "/" + name, seconds: seconds)
    }

    @Test func syncSendsWhatIsNewOrChanged() async throws {
        try harness.write("one", to: "dir/a.txt")
        try harness.write("two", to: "dir/b.txt")
        for name in ["dir/a.txt", "dir/b.txt"] { try setModified(name, 1_795_000_000) }
        let first = try await run("s3 sync dir s3://bkt/p --no-progress")
        #expect(first.output == "upload: dir/a.txt to s3://bkt/p/a.txt\nupload: dir/b.txt to s3://bkt/p/b.txt\n")
        #expect(try await run("s3 sync dir s3://bkt/p").output == "")
        // Larger; newer; untouched.
        try harness.write("longer", to: "dir/a.txt")
        try setModified("dir/a.txt", 1_795_000_000)
        try setModified("dir/b.txt", 1_796_000_000)
        try harness.write("new", to: "dir/c.txt")
        #expect(
            try await run("s3 sync dir s3://bkt/p --dryrun --size-only").output
                == "(dryrun) upload: dir/a.txt to s3://bkt/p/a.txt\n(dryrun) upload: dir/c.txt to s3://bkt/p/c.txt\n")
        #expect(try await run("s3 sync dir s3://bkt/p --dryrun").output.split(separator: "\n").count == 3)
        #expect(
            try await run("s3 sync dir s3://bkt/p --dryrun --no-overwrite").output
                == "(dryrun) upload: dir/c.txt to s3://bkt/p/c.txt\n")
        #expect(try await run("s3 sync dir s3://bkt/p --quiet").status == 0)
        #expect(store.text("bkt", "p/a.txt") == "longer")
    }

    @Test func syncDeletesOnlyWhenTold() async throws {
        try harness.write("one", to: "dir/m.txt")
        try setModified("dir/m.txt", 1_795_000_000)
        store.put("bkt", "p/m.txt", "one")
        for key in ["p/a.txt", "p/z/deep.txt", "p/keep.log", "other"] { store.put("bkt", key, "x") }
        #expect(try await run("s3 sync dir s3://bkt/p").output == "")
        let outcome = try await run("s3 sync dir s3://bkt/p --delete --exclude *.log --no-progress")
        #expect(outcome.output == "delete: s3://bkt/p/a.txt\ndelete: s3://bkt/p/z/deep.txt\n")
        #expect(store.keys("bkt") == ["other", "p/keep.log", "p/m.txt"])
        // And the other way round.
        try harness.write("x", to: "dir/gone.txt")
        let back = try await run("s3 sync s3://bkt/p dir --delete --no-progress")
        #expect(back.output == "delete: dir/gone.txt\ndownload: s3://bkt/p/keep.log to dir/keep.log\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: harness.folder + "/dir").sorted() == ["keep.log", "m.txt"])
    }

    @Test func syncFromABucketLooksAtTimes() async throws {
        store.put("bkt", "p/a.txt", "one", modified: 1_795_000_100)
        #expect(try await run("s3 sync s3://bkt/p out --no-progress").output == "download: s3://bkt/p/a.txt to out/a.txt\n")
        #expect(LocalFile.status(harness.folder + "/out/a.txt")?.modified == 1_795_000_100)
        #expect(try await run("s3 sync s3://bkt/p out --exact-timestamps").output == "")
        // An older file of the same size stays, unless the times have to be the same.
        try setModified("out/a.txt", 1_795_000_000)
        #expect(try await run("s3 sync s3://bkt/p out").output == "")
        #expect(
            try await run("s3 sync s3://bkt/p out --exact-timestamps --dryrun").output
                == "(dryrun) download: s3://bkt/p/a.txt to out/a.txt\n")
        try setModified("out/a.txt", 1_795_000_200)
        #expect(try await run("s3 sync s3://bkt/p out --dryrun").output == "(dryrun) download: s3://bkt/p/a.txt to out/a.txt\n")
        #expect(try await run("s3 sync s3://bkt/p out --dryrun --size-only").output == "")
    }

    @Test func namesAreComparedInTheOrderOfTheirBytes() async throws {
        for name in ["a-b", "a", "a.b", "z", "É", "Z"] {
            let folder = "dir/\(name)"
            try FileManager.default.createDirectory(atPath: harness.folder + "/" + folder, withIntermediateDirectories: true)
            try harness.write("x", to: folder + "/f")
            try setModified(folder + "/f", 1_795_000_000)
        }
        #expect(try await run("s3 sync dir s3://bkt --quiet").status == 0)
        #expect(try await run("s3 sync dir s3://bkt --delete").output == "")
        #expect(try await run("s3 sync s3://bkt dir --delete").output == "")
    }

    @Test func largeFilesGoInParts() async throws {
        let bytes = (0..<(9 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
        try Data(bytes).write(to: URL(fileURLWithPath: harness.folder + "/large.bin"))
        let sent = try await run("s3 cp large.bin s3://bkt/ --no-progress --storage-class STANDARD_IA")
        #expect(sent.output == "upload: ./large.bin to s3://bkt/large.bin\n")
        let object = try #require(store.object("bkt", "large.bin"))
        #expect(object.partCount == 2)
        #expect(object.bytes == bytes)
        #expect(object.properties["StorageClass"] == "STANDARD_IA")
        #expect(object.properties["ContentType"] == "application/octet-stream")
        #expect(store.requests("UploadPart").compactMap { $0.body?.length }.sorted() == [1 << 20, 8 << 20])

        #expect(try await run("s3 cp s3://bkt/large.bin s3://bkt/copy.bin --no-progress").status == 0)
        let copy = try #require(store.object("bkt", "copy.bin"))
        #expect(copy.partCount == 2)
        #expect(copy.bytes == bytes)
        #expect(copy.properties["ContentType"] == "application/octet-stream")
        #expect(copy.properties["Tagging"] == "a%20b=c%2Fd")

        #expect(try await run("s3 cp s3://bkt/copy.bin back.bin --quiet").status == 0)
        #expect(try Data(contentsOf: URL(fileURLWithPath: harness.folder + "/back.bin")) == Data(bytes))
    }

    @Test func standardInputGoesInParts() async throws {
        let text = String(repeating: "0123456789abcdef", count: (9 << 20) / 16)
        #expect(try await run("s3 cp - s3://bkt/in", input: text).status == 0)
        let object = try #require(store.object("bkt", "in"))
        #expect(object.partCount == 2)
        #expect(object.bytes == Array(text.utf8))
    }

    @Test func failedPartsAreTakenBack() async throws {
        try Data(count: 9 << 20).write(to: URL(fileURLWithPath: harness.folder + "/large.bin"))
        store.fail("UploadPart", ServiceError("AccessDenied", "Access Denied", status: 403))
        let outcome = try await run("s3 cp large.bin s3://bkt/ --no-progress")
        #expect(outcome.status == 1)
        #expect(
            outcome.error
                == "upload failed: ./large.bin to s3://bkt/large.bin An error occurred (AccessDenied) when calling the UploadPart "
                + "operation: Access Denied\n")
        #expect(store.uploadCount == 0)
        #expect(store.keys("bkt") == [])
    }

    @Test func failedDownloadsLeaveNothing() async throws {
        store.put("bkt", "k", "x")
        store.fail("GetObject", ServiceError("AccessDenied", "Access Denied", status: 403))
        let outcome = try await run("s3 cp s3://bkt/k out/k --no-progress")
        #expect(
            outcome.error
                == "download failed: s3://bkt/k to out/k An error occurred (AccessDenied) when calling the GetObject operation: "
                + "Access Denied\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: harness.folder + "/out") == [])
    }

    @Test func uploadsCarryTheirOptions() async throws {
        try harness.write("{}", to: "a.json")
        let line =
            "s3 cp a.json s3://bkt/p/ --quiet --acl public-read --metadata k=v,l=w --cache-control no-cache --sse --grants read=id=1 "
            + "--content-encoding gzip --content-language en --expires 2030-01-01 --website-redirect /x"
        #expect(try await run(line).status == 0)
        let input = try #require(store.requests("PutObject").first?.input)
        for (name, value) in [
            ("ACL", "public-read"), ("CacheControl", "no-cache"), ("ServerSideEncryption", "AES256"), ("GrantRead", "id=1"),
            ("ContentEncoding", "gzip"), ("ContentLanguage", "en"), ("WebsiteRedirectLocation", "/x"),
            ("ContentType", "application/json"),
        ] {
            #expect(input[name] == .string(value), "\(name)")
        }
        #expect(input["Metadata"] == ["k": "v", "l": "w"])
        #expect(input["Expires"] == .timestamp(1_893_456_000))
        #expect(try await run("s3 cp a.json s3://bkt/q --quiet --no-guess-mime-type").status == 0)
        #expect(store.requests("PutObject").last?.input["ContentType"] == nil)
        #expect(try await run("s3 cp a.json s3://bkt/q --quiet --content-type text/x --metadata '{\"a\":\"b\"}'").status == 0)
        #expect(store.requests("PutObject").last?.input["ContentType"] == "text/x")
        #expect(store.requests("PutObject").last?.input["Metadata"] == ["a": "b"])
    }

    @Test func copiesKeepPropertiesUnlessTold() async throws {
        store.put("bkt", "k", "x", properties: ["ContentType": "text/csv", "Metadata": ["a": "b"]])
        #expect(try await run("s3 cp s3://bkt/k s3://bkt/same --quiet").status == 0)
        #expect(store.object("bkt", "same")?.properties == ["ContentType": "text/csv", "Metadata": ["a": "b"]])
        #expect(try await run("s3 cp s3://bkt/k s3://bkt/changed --quiet --content-type text/plain").status == 0)
        #expect(store.object("bkt", "changed")?.properties == ["ContentType": "text/plain", "Metadata": ["a": "b"]])
        #expect(try await run("s3 cp s3://bkt/k s3://bkt/bare --quiet --copy-props none").status == 0)
        #expect(store.object("bkt", "bare")?.properties == .emptyObject)
        #expect(store.requests("CopyObject").last?.input["TaggingDirective"] == "REPLACE")
        #expect(try await run("s3 cp s3://bkt/k s3://bkt/replaced --quiet --metadata-directive REPLACE --metadata c=d").status == 0)
        #expect(store.object("bkt", "replaced")?.properties == ["Metadata": ["c": "d"]])
        #expect(try await run("s3 cp s3://bkt/k s3://bkt/other --quiet --source-region us-west-2").status == 0)
        #expect(store.requests("HeadObject").last?.region == "us-west-2")
        #expect(store.requests("CopyObject").last?.region == "us-east-1")
    }

    @Test func nothingIsOverwrittenWhenToldSo() async throws {
        store.put("bkt", "a.txt", "old")
        try harness.write("new", to: "a.txt")
        let up = try await run("s3 cp a.txt s3://bkt --no-overwrite --no-progress")
        #expect((up.output, up.error, up.status) == ("", "", 0))
        #expect(store.text("bkt", "a.txt") == "old")
        let down = try await run("s3 cp s3://bkt/a.txt a.txt --no-overwrite --no-progress")
        #expect((down.output, down.error, down.status) == ("", "", 0))
        #expect(try harness.read("a.txt") == "new")
    }

    @Test func whatCannotBeTransferredIsSkippedWithAWarning() async throws {
        store.put("bkt", "cold", "x", properties: ["StorageClass": "GLACIER"])
        let frozen = try await run("s3 cp s3://bkt/cold out --no-progress")
        #expect(frozen.status == 2)
        #expect(frozen.error.hasPrefix("warning: Skipping file s3://bkt/cold. Object is of storage class GLACIER."))
        #expect(try await run("s3 cp s3://bkt/cold out --no-progress --ignore-glacier-warnings").status == 0)
        #expect(LocalFile.status(harness.folder + "/out") == nil)
        #expect(try await run("s3 cp s3://bkt/cold out --quiet --force-glacier-transfer").status == 0)
        store.put("bkt", "p/../../escape", "x")
        let escaping = try await run("s3 cp s3://bkt/p/ out2 --recursive --no-progress")
        #expect(escaping.error == "warning: Skipping file ../../escape. File references a parent directory.\n")
        #expect(escaping.status == 2)
    }

    @Test func linksAreFollowedUnlessTold() async throws {
        try harness.write("x", to: "target")
        try FileManager.default.createSymbolicLink(atPath: harness.folder + "/dir/link", withDestinationPath: "../target")
        try FileManager.default.createSymbolicLink(atPath: harness.folder + "/dir/broken", withDestinationPath: "nowhere")
        let followed = try await run("s3 cp dir s3://bkt --recursive --no-progress")
        #expect(followed.output == "upload: dir/link to s3://bkt/link\n")
        #expect(followed.error == "warning: Skipping file \(harness.folder)/dir/broken. File does not exist.\n")
        #expect(followed.status == 2)
        let ignored = try await run("s3 cp dir s3://bkt --recursive --no-follow-symlinks")
        #expect((ignored.output, ignored.error, ignored.status) == ("", "", 0))
    }
}
