// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Hosts

@Suite struct MetricReaderTests {
    private let reader = MetricReader([
        (name: "train:progress", regularExpression: #"#progress_metric: host=\S+, completed (\S+) %"#),
        (name: "loss", regularExpression: #"loss = ([0-9.e-]+)"#),
        (name: "never", regularExpression: "("),
    ])

    @Test func valuesAreReadByTheFirstGroup() {
        let metrics = reader.metrics(in: "[x INFO 1] #progress_metric: host=algo-1, completed 46 % of epochs")
        #expect(metrics.map(\.name) == ["train:progress"])
        #expect(metrics.map(\.value) == [46])
    }

    @Test func aLineMayHoldSeveralMetricsAndOthersNone() {
        let line = "#progress_metric: host=algo-1, completed 100 % of epochs, loss = 2.5e-3"
        #expect(reader.metrics(in: line).map(\.value) == [100, 2.5e-3])
        #expect(reader.metrics(in: "loss = none").isEmpty)
        #expect(reader.metrics(in: "").isEmpty)
    }

    @Test func aQuantifierAfterTheLiteralIsHonoured() {
        let optional = MetricReader([(name: "m", regularExpression: #"loss:?(\d+)"#)])
        #expect(optional.metrics(in: "loss7").map(\.value) == [7])
        #expect(optional.metrics(in: "loss:8").map(\.value) == [8])
    }
}

@Suite struct S3LocationTests {
    @Test(arguments: [
        ("s3://bucket/a/b", "bucket", "a/b"), ("s3://bucket", "bucket", ""), ("s3://bucket/", "bucket", ""),
        ("s3://bucket/a/", "bucket", "a/"),
    ])
    func urisAreTakenApart(uri: String, bucket: String, key: String) {
        #expect(S3Location(uri) == S3Location(bucket: bucket, key: key))
    }

    @Test(arguments: ["", "s3://", "https://bucket/key", "bucket/key", "s3:///key"])
    func otherTextsAreNone(text: String) {
        #expect(S3Location(text) == nil)
    }

    @Test func namesGoBelow() {
        #expect(S3Location(bucket: "b", key: "p").appending("x").key == "p/x")
        #expect(S3Location(bucket: "b", key: "p/").appending("x").key == "p/x")
        #expect(S3Location(bucket: "b", key: "").appending("x").key == "x")
    }
}

@Suite struct ShardTests {
    @Test(arguments: 1...5)
    func shardsHoldEveryItemOnce(count: Int) {
        let items = (0..<17).map { DataStaging.Item(location: S3Location(bucket: "b", key: "\($0)"), fileName: "\($0)") }
        let shards = (0..<count).map { DataStaging.shard(items, rank: $0, count: count) }
        #expect(shards.flatMap { $0 }.count == items.count)
        #expect(Set(shards.flatMap { $0 }) == Set(items))
        let sizes = shards.map(\.count)
        #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
    }
}
