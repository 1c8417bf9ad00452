// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import Testing
import Wire
import World

@testable import Services

@Suite struct TuningTests {
    private static func job(_ name: String, strategy: String = "Random", parallel: Int = 2, count: Int? = 4) -> Value {
        let training = SageMakerTestWorld.trainingJob("x")
        var limits: Value = ["MaxParallelTrainingJobs": .integer(parallel)]
        limits["MaxNumberOfTrainingJobs"] = count.map(Value.integer)
        return [
            "HyperParameterTuningJobName": .string(name),
            "HyperParameterTuningJobConfig": [
                "Strategy": .string(strategy), "ResourceLimits": limits,
                "HyperParameterTuningJobObjective": ["Type": "Minimize", "MetricName": "train:progress"],
                "ParameterRanges": strategy == "Grid"
                    ? [
                        "CategoricalParameterRanges": [
                            ["Name": "loss", "Values": ["a", "b", "c"]], ["Name": "opt", "Values": ["x", "y"]],
                        ]
                    ]
                    : [
                        "ContinuousParameterRanges": [
                            ["Name": "wd", "MinValue": "0.0001", "MaxValue": "1", "ScalingType": "Logarithmic"]
                        ]
                    ],
            ],
            "TrainingJobDefinition": [
                "AlgorithmSpecification": training["AlgorithmSpecification"] ?? "", "RoleArn": .string(SageMakerTestWorld.role),
                "InputDataConfig": training["InputDataConfig"] ?? "", "OutputDataConfig": training["OutputDataConfig"] ?? "",
                "ResourceConfig": training["ResourceConfig"] ?? "", "StoppingCondition": training["StoppingCondition"] ?? "",
                "StaticHyperParameters": ["feature_dim": "784"],
            ],
        ]
    }

    /// Ends a training job as its host would, with that value of the objective.
    private func complete(_ name: String, value: Double, _ test: SageMakerTestWorld) throws {
        try test.world.store.write { database in
            guard var record = try database.resource(TrainingJobRecord.self, named: name, in: SageMakerTestWorld.scope) else {
                return
            }
            record.finalMetrics = [.init(metricName: "train:progress", value: value, timestamp: 1)]
            try record.complete(artifact: "s3://b/model.tar.gz", at: record.creationTime + 1)
            try database.updateResource(record, in: record.scope)
        }
    }

    @Test func runsAsManyJobsAsItMayAndKnowsTheBest() async throws {
        let test = try await SageMakerTestWorld()
        let created = try await test.send("sagemaker", "CreateHyperParameterTuningJob", Self.job("tune"))
        let arn = try #require(created["HyperParameterTuningJobArn"]?.stringValue)
        let name: Value = ["HyperParameterTuningJobName": "tune"]
        var seen: [String: String] = [:]
        var losses = [0.5, 0.2, 0.9, 0.4][...]
        while try await test.dispatcher.advance(jobWithARN: arn) {
            let jobs = try await test.send("sagemaker", "ListTrainingJobsForHyperParameterTuningJob", name)["TrainingJobSummaries"]
            let running = (jobs?.listValue ?? []).filter { $0["TrainingJobStatus"] == "InProgress" }
            #expect(running.count <= 2)
            for job in running {
                let jobName = job["TrainingJobName"]?.stringValue ?? ""
                seen[jobName] = job["TunedHyperParameters"]?["wd"]?.stringValue
                try complete(jobName, value: losses.popFirst() ?? 1, test)
            }
        }
        #expect(seen.count == 4 && Set(seen.values).count == 4)
        #expect(seen.values.compactMap(Double.init).allSatisfy { (0.0001...1).contains($0) })
        let shown = try await test.send("sagemaker", "DescribeHyperParameterTuningJob", name)
        #expect(shown["HyperParameterTuningJobStatus"] == "Completed")
        #expect(shown["TrainingJobStatusCounters"]?["Completed"] == 4)
        #expect(shown["BestTrainingJob"]?["FinalHyperParameterTuningJobObjectiveMetric"]?["Value"]?.doubleValue == 0.2)
        let training = try await test.send(
            "sagemaker", "DescribeTrainingJob", ["TrainingJobName": shown["BestTrainingJob"]?["TrainingJobName"] ?? ""])
        #expect(training["HyperParameters"]?["feature_dim"] == "784")
    }

    /// As the SageMaker SDK asks for machines.
    @Test func machinesMayComeFromATuningResourceConfig() async throws {
        let test = try await SageMakerTestWorld()
        var job = Self.job("tune", parallel: 1)
        var definition = try #require(job["TrainingJobDefinition"])
        definition["ResourceConfig"] = nil
        job["TrainingJobDefinition"] = definition
        #expect(try await test.failure("sagemaker", "CreateHyperParameterTuningJob", job).code == "ValidationException")
        definition["HyperParameterTuningResourceConfig"] = [
            "InstanceConfigs": [["InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 7]]
        ]
        job["TrainingJobDefinition"] = definition
        let created = try await test.send("sagemaker", "CreateHyperParameterTuningJob", job)
        #expect(try await test.dispatcher.advance(jobWithARN: try #require(created["HyperParameterTuningJobArn"]?.stringValue)))
        let jobs = try await test.send(
            "sagemaker", "ListTrainingJobsForHyperParameterTuningJob", ["HyperParameterTuningJobName": "tune"])
        let name = try #require(jobs["TrainingJobSummaries"]?.listValue?.first?["TrainingJobName"])
        let training = try await test.send("sagemaker", "DescribeTrainingJob", ["TrainingJobName": name])
        #expect(training["ResourceConfig"] == ["InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 7])
    }

    @Test func wideRangesAreSearchedByTheirLogarithms() throws {
        var wide = TuningPlan.Parameter(name: "wd", range: .continuous(1e-6, 1), scaling: "Auto")
        #expect(abs((Double(wide.text(at: 0.5)) ?? 0) - 1e-3) < 1e-9)
        wide.scaling = "Linear"
        #expect(abs((Double(wide.text(at: 0.5)) ?? 0) - 0.5) < 1e-5)
    }

    @Test func stopsWithItsTrainingJobs() async throws {
        let test = try await SageMakerTestWorld()
        let created = try await test.send("sagemaker", "CreateHyperParameterTuningJob", Self.job("tune", parallel: 1))
        let arn = try #require(created["HyperParameterTuningJobArn"]?.stringValue)
        #expect(try await test.dispatcher.advance(jobWithARN: arn))
        try await test.send("sagemaker", "StopHyperParameterTuningJob", ["HyperParameterTuningJobName": "tune"])
        while try await test.dispatcher.advance(jobWithARN: arn) { try await test.dispatcher.waitForChange(atMost: 1) }
        let shown = try await test.send("sagemaker", "DescribeHyperParameterTuningJob", ["HyperParameterTuningJobName": "tune"])
        #expect(shown["HyperParameterTuningJobStatus"] == "Stopped")
    }

    @Test func gridsAreTriedWhole() throws {
        let plan = try TuningPlan(Self.job("grid", strategy: "Grid", count: nil))
        #expect(plan.maximumJobs == 6)
        let tried = (0..<6).map { plan.values(at: plan.places(ofJob: $0, seen: [])) }
        #expect(Set(tried).count == 6)
        #expect(throws: ServiceError.self) { try TuningPlan(Self.job("grid", strategy: "Grid", count: 5)) }
        #expect(throws: ServiceError.self) { try TuningPlan(Self.job("band", strategy: "Hyperband")) }
    }

    /// The search must come nearer to the least value of a smooth function than chance does.
    @Test func bayesianSearchLearns() throws {
        let plan = try TuningPlan(Self.job("bayes", strategy: "Bayesian", count: 20))
        let loss = { (place: Double) in (place - 0.37) * (place - 0.37) }
        var seen: [(places: [Double], loss: Double)] = []
        for index in 0..<20 {
            let places = plan.places(ofJob: index, seen: seen)
            seen.append((places, loss(places[0])))
        }
        let late = seen.suffix(10).reduce(0.0) { $0 + $1.loss } / 10
        let early = seen.prefix(3).reduce(0.0) { $0 + $1.loss } / 3
        #expect(late < early)
        let best: Double = seen.map(\.loss).min() ?? 1
        #expect(best < 0.0005)
    }

    @Test func unknownObjectivesAreRefused() async throws {
        let test = try await SageMakerTestWorld()
        var job = Self.job("tune")
        var config = try #require(job["HyperParameterTuningJobConfig"])
        config["HyperParameterTuningJobObjective"] = ["Type": "Minimize", "MetricName": "test:nothing"]
        job["HyperParameterTuningJobConfig"] = config
        let error = try await test.failure("sagemaker", "CreateHyperParameterTuningJob", job)
        #expect(error.code == "ValidationException" && error.message.contains("train:progress"))
    }

    @Test func transformJobsNeedAModelAndCanBeStopped() async throws {
        let test = try await SageMakerTestWorld()
        let job: Value = [
            "TransformJobName": "batch", "ModelName": "digits",
            "TransformInput": ["DataSource": ["S3DataSource": ["S3DataType": "S3Prefix", "S3Uri": "s3://lab/in"]]],
            "TransformOutput": ["S3OutputPath": "s3://lab/out"],
            "TransformResources": ["InstanceType": "ml.m4.xlarge", "InstanceCount": 1],
        ]
        #expect(try await test.failure("sagemaker", "CreateTransformJob", job).message.contains("Could not find model"))
        try await test.send(
            "sagemaker", "CreateModel",
            [
                "ModelName": "digits", "ExecutionRoleArn": .string(SageMakerTestWorld.role),
                "PrimaryContainer": ["Image": .string(SageMakerTestWorld.image)],
            ])
        try await test.send("sagemaker", "CreateTransformJob", job)
        let name: Value = ["TransformJobName": "batch"]
        let shown = try await test.send("sagemaker", "DescribeTransformJob", name)
        #expect(shown["TransformJobStatus"] == "InProgress" && shown["Container"] == nil)
        try await test.send("sagemaker", "StopTransformJob", name)
        let stopped = try await test.wait("sagemaker", "DescribeTransformJob", name) { $0["TransformJobStatus"] == "Stopped" }
        #expect(stopped["TransformJobStatus"] == "Stopped")
    }
}
