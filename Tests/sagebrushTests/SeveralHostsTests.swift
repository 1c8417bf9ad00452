// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Whether several hosts can be started on this machine.
private let hasLauncher = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
    access("\($0)/mpirun", X_OK) == 0
}

/// Training jobs with several instances, with the built program.
@Suite(.serialized) struct SeveralHostsTests {
    /// A world with sharded data: two groups of points, half of each in either of two files.
    private struct Points {
        let runner: ProgramRunner
        let role: String

        init() throws {
            runner = try ProgramRunner()
            role = try runner.makeRole("hosts")
            _ = try runner.aws("s3 mb s3://points-bucket")
            for part in 0..<2 {
                let rows = (0..<100).map { "\($0 % 2 * 10 + part),\($0 % 2 * 10 + part)" }.joined(separator: "\n")
                let path = try runner.file("part-\(part).csv", rows + "\n")
                #expect(try runner.aws("s3 cp \(path) s3://points-bucket/train/ --no-progress").status == 0)
            }
        }

        /// Creates a K-Means job on two instances.
        func create(_ name: String, epochs: Int = 1, environment: [String: String] = [:]) throws {
            let line =
                "sagemaker create-training-job --training-job-name \(name) --role-arn \(role)"
                + " --algorithm-specification TrainingImage=382416733822.dkr.ecr.us-east-1.amazonaws.com/kmeans:1,TrainingInputMode=File"
                + " --input-data-config ChannelName=train,ContentType=text/csv;label_size=0,DataSource={S3DataSource={S3DataType=S3Prefix,S3Uri=s3://points-bucket/train,S3DataDistributionType=ShardedByS3Key}}"
                + " --output-data-config S3OutputPath=s3://points-bucket/output --stopping-condition MaxRuntimeInSeconds=3600"
                + " --resource-config InstanceType=ml.c4.xlarge,InstanceCount=2,VolumeSizeInGB=5"
                + " --hyper-parameters k=2,feature_dim=2,mini_batch_size=20,epochs=\(epochs)"
            let created = try runner.run(["aws"] + line.split(separator: " ").map(String.init), environment: environment)
            #expect(created.status == 0, "\(created.errors)")
        }

        func end(_ name: String) throws -> String {
            _ = try runner.aws("sagemaker wait training-job-completed-or-stopped --training-job-name \(name)")
            return try describe(name, "TrainingJobStatus")
        }

        func describe(_ name: String, _ query: String) throws -> String {
            try runner.aws("sagemaker describe-training-job --training-job-name \(name) --output text --query \(query)").text
        }

        func waitForTraining(_ name: String) throws {
            while try describe(name, "SecondaryStatus") != "Training", try describe(name, "TrainingJobStatus") == "InProgress" {}
        }

        /// The process numbers of this world's hosts of a group, by what they were started with.
        func members() -> [Int32] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            return names.compactMap { Int32($0) }.filter { pid in
                let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
                let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
                return words.dropFirst().prefix(2) == ["host", "training-rank"] && words.contains { $0.hasPrefix(runner.folder) }
            }
        }
    }

    @Test(.enabled(if: hasLauncher, "apt-get install openmpi-bin"))
    func twoHostsShareTheDataAndEachHasItsLog() throws {
        let points = try Points()
        try points.create("two")
        let status = try points.end("two")
        let failure = try points.describe("two", "FailureReason")
        #expect(status == "Completed", "\(failure)")
        let streams = try points.runner.aws(
            "logs describe-log-streams --log-group-name /aws/sagemaker/TrainingJobs --output text --query logStreams[].logStreamName"
        ).text.split(whereSeparator: \.isWhitespace)
        #expect(streams.count == 2)
        for (index, stream) in streams.enumerated() {
            #expect(stream.hasPrefix("two/algo-\(index + 1)-"))
            let lines = try points.runner.aws(
                "logs get-log-events --log-group-name /aws/sagemaker/TrainingJobs --log-stream-name \(stream)"
            ).output
            // Each host has one of the two files.
            #expect(lines.contains("dist_async") && lines.contains("\\\"sum\\\": 100"), "\(lines)")
        }
        let artifact = try points.describe("two", "ModelArtifacts.S3ModelArtifacts")
        #expect(try points.runner.aws("s3 ls \(artifact)").output.contains("model.tar.gz"))
    }

    @Test(.enabled(if: hasLauncher, "apt-get install openmpi-bin"))
    func aKilledHostFailsTheJobWithItsNameAndLeavesNoOther() throws {
        let points = try Points()
        try points.create("long", epochs: 1_000_000)
        try points.waitForTraining("long")
        let second = try #require(
            points.members().first { pid in
                let variables = FileManager.default.contents(atPath: "/proc/\(pid)/environ") ?? Data()
                return variables.split(separator: 0).contains { String(decoding: $0, as: UTF8.self) == "OMPI_COMM_WORLD_RANK=1" }
            })
        kill(second, SIGKILL)
        #expect(try points.end("long") == "Failed")
        let reason = try points.describe("long", "FailureReason")
        #expect(reason.contains("algo-2") && reason.contains("signal 9"), "\(reason)")
        #expect(points.members().isEmpty)
    }

    @Test(.enabled(if: hasLauncher, "apt-get install openmpi-bin"))
    func hostsEndWithTheProcessThatWatchesOverThem() throws {
        let points = try Points()
        try points.create("orphans", epochs: 1_000_000)
        try points.waitForTraining("orphans")
        let pid = try #require(try points.runner.run(["world", "info"]).output.firstMatch(of: #/pid (\d+)  training/#))
        #expect(points.members().count == 2)
        kill(try #require(Int32(pid.1)), SIGKILL)
        #expect(try points.end("orphans") == "Failed")
        while !points.members().isEmpty { sched_yield() }
    }

    @Test(.enabled(if: hasLauncher, "apt-get install openmpi-bin"))
    func aStoppedJobOfTwoHostsKeepsItsModel() throws {
        let points = try Points()
        try points.create("stopped", epochs: 1_000_000)
        try points.waitForTraining("stopped")
        #expect(try points.runner.aws("sagemaker stop-training-job --training-job-name stopped").status == 0)
        #expect(try points.end("stopped") == "Stopped")
        let artifact = try points.describe("stopped", "ModelArtifacts.S3ModelArtifacts")
        #expect(try points.runner.aws("s3 ls \(artifact)").output.contains("model.tar.gz"))
    }

    @Test func withoutTheLauncherTheJobSaysWhatToInstall() throws {
        let points = try Points()
        try points.create("alone", environment: ["PATH": points.runner.folder])
        #expect(try points.end("alone") == "Failed")
        #expect(try points.describe("alone", "FailureReason").contains("apt-get install openmpi-bin"))
    }
}
