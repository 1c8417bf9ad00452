// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Lab 1 and the wrong turns that it can take, with the built program.
@Suite(.serialized) struct LabTests {
    static let image = "382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1"
    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// A world with a bucket, a role, and the data of "is it a `digit`?" in `format` under `train/`.
    struct Lab {
        let runner = try? ProgramRunner()
        var role = ""
        var data = ""

        init(digit: Int = 0, format: String = "recordio", policies: [String] = ["AmazonSageMakerFullAccess", "AmazonS3FullAccess"])
            throws
        {
            let runner = try #require(runner)
            data = runner.folder + "/data"
            #expect(
                try runner.run(["dataset", "export", "mnist", data, "--label-is", "\(digit)", "--format", format]).status
                    == 0)
            role = try runner.makeRole("lab", policies: policies)
            _ = try runner.aws("s3 mb s3://lab-bucket")
            let file = format == "csv" ? "train.csv" : "recordio-pb-data"
            #expect(try runner.aws("s3 cp \(data)/\(file) s3://lab-bucket/train/ --no-progress").status == 0)
        }

        /// Creates a job, waits for its end, and gives its status.
        func train(_ name: String, hyperparameters: String = "", contentType: String? = nil, wait: Bool = true) throws -> String {
            let runner = try #require(runner)
            var channel =
                "ChannelName=train,DataSource={S3DataSource={S3DataType=S3Prefix,S3Uri=s3://lab-bucket/train,S3DataDistributionType=FullyReplicated}}"
            if let contentType { channel += ",ContentType=\(contentType)" }
            let created = try runner.aws(
                "sagemaker create-training-job --training-job-name \(name) --role-arn \(role)",
                "--algorithm-specification TrainingImage=\(LabTests.image),TrainingInputMode=File --input-data-config \(channel)",
                "--output-data-config S3OutputPath=s3://lab-bucket/output",
                "--resource-config InstanceType=ml.c4.xlarge,InstanceCount=1,VolumeSizeInGB=30 --stopping-condition MaxRuntimeInSeconds=3600",
                "--hyper-parameters feature_dim=784,predictor_type=binary_classifier,mini_batch_size=200\(hyperparameters)")
            #expect(created.status == 0, "\(created.errors)")
            guard wait else { return "" }
            _ = try runner.aws("sagemaker wait training-job-completed-or-stopped --training-job-name \(name)")
            return try describe(name, "TrainingJobStatus")
        }

        func describe(_ name: String, _ query: String) throws -> String {
            try #require(runner).aws("sagemaker describe-training-job --training-job-name \(name) --output text --query \(query)")
                .text
        }

        func createModel(_ name: String, job: String) throws {
            let runner = try #require(runner)
            let artifact = try describe(job, "ModelArtifacts.S3ModelArtifacts")
            let created = try runner.aws(
                "sagemaker create-model --model-name \(name) --execution-role-arn \(role) --primary-container Image=\(LabTests.image),ModelDataUrl=\(artifact)"
            )
            #expect(created.status == 0, "\(created.errors)")
        }

        /// Deploys `variants` (words of shorthand) and waits until they serve.
        func deploy(_ name: String, variants: String) throws {
            let runner = try #require(runner)
            _ = try runner.aws("sagemaker create-endpoint-config --endpoint-config-name \(name) --production-variants \(variants)")
            _ = try runner.aws("sagemaker create-endpoint --endpoint-name \(name) --endpoint-config-name \(name)")
            let waited = try runner.aws("sagemaker wait endpoint-in-service --endpoint-name \(name)")
            #expect(waited.status == 0, "\(waited.errors)")
        }
    }

    @Test func theLabsScriptReachesItsAccuracy() throws {
        let runner = try ProgramRunner()
        #expect(try runner.run(["dataset", "export", "mnist", runner.folder + "/data", "--label-is", "0"]).status == 0)
        let role = try runner.makeRole("lab")
        let script = LabTests.repository.appending(path: "scripts/labs/lab1-linear-learner.sh").path
        let outcome = try runner.run(["run", script, runner.folder + "/data", role, "smworkshop-ada-lovelace"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let accuracy = try #require(outcome.output.firstMatch(of: #/accuracy +([.0-9]+)/#)).1
        #expect(try #require(Double(accuracy)) >= 0.98)
        #expect(try runner.aws("sagemaker list-endpoints --query length(Endpoints)").text == "0")
        #expect(try runner.aws("s3 ls").output.isEmpty)
    }

    @Test func theGenomesScriptFindsThePopulations() throws {
        let runner = try ProgramRunner()
        let role = try runner.makeRole("lab")
        let script = LabTests.repository.appending(path: "scripts/labs/lab4-genomes.sh").path
        let outcome = try runner.run(["run", script, role, "smworkshop-genomes", runner.folder + "/genomes"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("255 people, 377 features"))
        let purities = outcome.output.matches(of: #/purity ([.0-9]+)/#).compactMap { Double($0.1) }
        #expect(purities.count == 2)
        #expect(purities.allSatisfy { $0 >= 0.9 }, "\(purities)")
        // A letter a population where there are no colours.
        #expect(outcome.output.contains("A ASW (61)  B CHB (103)  C GBR (91)"))
        let picture = try String(contentsOfFile: runner.folder + "/genomes/components.svg", encoding: .utf8)
        #expect(picture.matches(of: #/<circle cx="[.0-9]+" cy="[.0-9]+" r="3.5"/#).count == 255)
        #expect(try runner.aws("s3 ls").output.isEmpty)
        let colored = try runner.run([
            "vcf", "scatter", runner.folder + "/genomes/ALL.chr1.phase3_shapeit2_mvncall_integrated_v5a.20130502.genotypes.vcf.gz",
            "--panel", runner.folder + "/genomes/data/test.panel", "--color", "on",
        ])
        #expect(colored.output.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) })
        let wrong = try runner.run(["vcf", "show", runner.folder + "/genomes/data/test.panel"])
        #expect(wrong.status != 0)
        #expect(wrong.errors.contains("test.panel, line 1: a VCF's header ends with a line that begins with #CHROM"))
    }

    @Test func anotherDigitFromCSV() throws {
        let lab = try Lab(digit: 7, format: "csv")
        let runner = try #require(lab.runner)
        #expect(try lab.train("sevens", contentType: "text/csv") == "Completed")
        try lab.createModel("sevens", job: "sevens")
        try lab.deploy(
            "sevens",
            variants:
                "VariantName=AllTraffic,ModelName=sevens,InstanceType=ml.m4.xlarge,InitialInstanceCount=1,InitialVariantWeight=1")
        let answer = runner.folder + "/answer"
        let invoked = try runner.aws(
            "sagemaker-runtime invoke-endpoint --endpoint-name sevens --content-type text/csv --body fileb://\(lab.data)/test-00.csv \(answer)"
        )
        #expect(invoked.status == 0, "\(invoked.errors)")
        let predictions = try String(contentsOfFile: answer, encoding: .utf8)
        let labels = try String(contentsOfFile: lab.data + "/test-labels.txt", encoding: .utf8).split(separator: "\n").prefix(100)
        let predicted = predictions.matches(of: #/"predicted_label": ?([.0-9]+)/#).map { Double($0.1) ?? -1 }
        #expect(predicted.count == 100)
        let right = zip(predicted, labels).filter { $0 == Double($1) }.count
        #expect(right >= 95)
    }

    @Test func twoVariantsShareRequestsByWeight() throws {
        let lab = try Lab()
        let runner = try #require(lab.runner)
        #expect(try lab.train("job") == "Completed")
        try lab.createModel("model", job: "job")
        try lab.deploy(
            "both",
            variants: "VariantName=A,ModelName=model,InstanceType=ml.m4.xlarge,InitialInstanceCount=1,InitialVariantWeight=3 "
                + "VariantName=B,ModelName=model,InstanceType=ml.m4.xlarge,InitialInstanceCount=1,InitialVariantWeight=1")
        let answer = runner.folder + "/answer"
        var counts: [String: Int] = [:]
        for _ in 0..<40 {
            let variant = try runner.aws(
                "sagemaker-runtime invoke-endpoint --endpoint-name both --content-type text/csv --body fileb://\(lab.data)/test-00.csv",
                "--query InvokedProductionVariant --output text \(answer)"
            ).text
            counts[variant, default: 0] += 1
        }
        #expect(Set(counts.keys) == ["A", "B"])
        #expect((20...39).contains(counts["A"] ?? 0))
        let target = try runner.aws(
            "sagemaker-runtime invoke-endpoint --endpoint-name both --content-type text/csv --body fileb://\(lab.data)/test-00.csv",
            "--target-variant B --query InvokedProductionVariant --output text \(answer)"
        ).text
        #expect(target == "B")
    }

    @Test func aRoleThatMayNotReadFailsTheJob() throws {
        let lab = try Lab(policies: [])
        #expect(try lab.train("denied") == "Failed")
        #expect(try lab.describe("denied", "FailureReason").contains("AccessDenied"))
    }

    @Test func aBadHyperparameterFailsTheJobAndIsNamed() throws {
        let lab = try Lab()
        #expect(try lab.train("bad", hyperparameters: ",learning_rat=1") == "Failed")
        #expect(try lab.describe("bad", "FailureReason").contains("learning_rat"))
        #expect(try lab.train("narrow", hyperparameters: ",l1=much") == "Failed")
        #expect(try lab.describe("narrow", "FailureReason").contains("l1"))
    }

    @Test func aKilledHostFailsTheJob() throws {
        let lab = try Lab()
        let runner = try #require(lab.runner)
        // Enough epochs that it would run for hours.
        _ = try lab.train("long", hyperparameters: ",epochs=1000000,early_stopping_patience=1000000", wait: false)
        var pid: Int32?
        while pid == nil, try lab.describe("long", "TrainingJobStatus") == "InProgress" {
            guard try lab.describe("long", "SecondaryStatus") == "Training" else { continue }
            pid = try runner.run(["world", "info"]).output.firstMatch(of: #/pid (\d+)  training/#).flatMap { Int32($0.1) }
        }
        kill(try #require(pid), SIGKILL)
        _ = try runner.aws("sagemaker wait training-job-completed-or-stopped --training-job-name long")
        #expect(try lab.describe("long", "TrainingJobStatus") == "Failed")
        #expect(try lab.describe("long", "FailureReason").contains("algo-1"))
    }

    @Test func aStoppedJobKeepsItsModel() throws {
        let lab = try Lab()
        let runner = try #require(lab.runner)
        _ = try lab.train("long", hyperparameters: ",epochs=1000000,early_stopping_patience=1000000", wait: false)
        while try lab.describe("long", "SecondaryStatus") != "Training",
            try lab.describe("long", "TrainingJobStatus") == "InProgress"
        {}
        #expect(try runner.aws("sagemaker stop-training-job --training-job-name long").status == 0)
        _ = try runner.aws("sagemaker wait training-job-completed-or-stopped --training-job-name long")
        #expect(try lab.describe("long", "TrainingJobStatus") == "Stopped")
        let artifact = try lab.describe("long", "ModelArtifacts.S3ModelArtifacts")
        #expect(try runner.aws("s3 ls \(artifact)").output.contains("model.tar.gz"))
    }

    @Test func aSecondShellSeesTheSameWorld() throws {
        let lab = try Lab()
        let runner = try #require(lab.runner)
        let first = try Terminal(runner)
        let second = try Terminal(runner)
        try first.wait(for: "sagebrush>")
        try second.wait(for: "sagebrush>")
        first.type("s3 mb s3://made-by-the-first\r")
        try first.wait(for: "make_bucket: made-by-the-first")
        second.type("s3 ls\r")
        try second.wait(for: "made-by-the-first")
        second.type("s3 rb s3://made-by-the-first\r")
        try second.wait(for: "remove_bucket: made-by-the-first")
        first.type("s3 ls s3://made-by-the-first\r")
        try first.wait(for: "NoSuchBucket")
    }

    @Test func logsAndMetricsAreWhatTheJobWrote() throws {
        let lab = try Lab()
        let runner = try #require(lab.runner)
        #expect(try lab.train("job") == "Completed")
        let lines = try runner.aws("logs tail /aws/sagemaker/TrainingJobs --format short").output
        #expect(lines.contains("#quality_metric: host=algo-1"))
        let final = try lab.describe("job", "FinalMetricDataList[?MetricName=='train:progress'].Value")
        #expect(final.hasPrefix("100"))
        let listing = try runner.aws(
            "cloudwatch list-metrics --namespace /aws/sagemaker/TrainingJobs --query Metrics[].MetricName --output text"
        ).text
        #expect(listing.contains("train:objective_loss"))
    }
}
