// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// `plot` and `follow` with the built program, after a small training job.
@Suite(.serialized) struct PlotProgramTests {
    @Test func aTrainingJobsCurveAndItsCourse() throws {
        let runner = try ProgramRunner()
        #expect(
            try runner.run(["plot"]).text
                == "There are no metrics yet: they come with training jobs and with requests to endpoints.")
        #expect(try runner.run(["follow"]).status == 252)
        let role = try runner.makeRole("lab", policies: ["AmazonSageMakerFullAccess", "AmazonS3FullAccess"])
        let rows = (0..<40).map { "\($0 % 2),\(Double($0 % 2) * 4 + Double($0) / 40),\(3 - Double($0 % 2) * 2)" }
        try Data(rows.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: runner.folder + "/train.csv"))
        _ = try runner.aws("s3 mb s3://plot-bucket")
        #expect(try runner.aws("s3 cp \(runner.folder)/train.csv s3://plot-bucket/train/ --no-progress").status == 0)
        let created = try runner.aws(
            "sagemaker create-training-job --training-job-name curve --role-arn \(role)",
            "--algorithm-specification TrainingImage=\(LabTests.image),TrainingInputMode=File",
            "--input-data-config ChannelName=train,ContentType=text/csv,DataSource={S3DataSource={S3DataType=S3Prefix,S3Uri=s3://plot-bucket/train}}",
            "--output-data-config S3OutputPath=s3://plot-bucket/output --stopping-condition MaxRuntimeInSeconds=3600",
            "--resource-config InstanceType=ml.c4.xlarge,InstanceCount=1,VolumeSizeInGB=30",
            "--hyper-parameters feature_dim=2,predictor_type=binary_classifier,mini_batch_size=10,epochs=5")
        #expect(created.status == 0, "\(created.errors)")
        let followed = try runner.run(["follow", "curve"])
        #expect(followed.status == 0)
        #expect(followed.text.contains("curve  Completed"))
        #expect(followed.text.contains("train:objective_loss"))
        #expect(!followed.output.contains("\u{1b}"))
        let plot = try runner.run(["plot", "train:objective_loss"])
        #expect(plot.status == 0)
        let lines = plot.text.split(separator: "\n").map(String.init)
        #expect(lines[0].hasPrefix("train:objective_loss of curve, last "))
        #expect(lines.count == 15)
        #expect(lines[1...12].joined().unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) })
        // Each epoch that the log tells of is one value.
        let logged = try runner.aws("logs tail /aws/sagemaker/TrainingJobs --since 1h").output.split(separator: "\n")
        let epochCount = logged.count {
            $0.contains(", epoch=") && $0.contains("train binary_classification_cross_entropy_objective")
        }
        #expect(epochCount > 1)
        #expect(lines[14].hasSuffix(" \(epochCount) values"))
        #expect(try runner.run(["plot"]).text.contains("  train:throughput "))
        let unknown = try runner.run(["plot", "train:los"])
        #expect(unknown.status == 252)
        #expect(unknown.errors.contains("There is no metric \"train:los\" here: there are "))
        #expect(try runner.run(["plot", "train:progress", "--job", "none"]).errors.contains("There is no training job \"none\""))
    }
}
