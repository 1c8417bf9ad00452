// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation
import Testing

@testable import ConvolutionalNetwork

@Suite struct TrainingTests {
    private let settings = ["network": TestJob.small, "epochs": "12", "mini_batch_size": "30", "learning_rate": "0.01"]

    @Test func learnsWhichWayABarLies() async throws {
        let job = try TestJob()
        let channels = [
            try job.channel("training", BarImages(600, seed: 1).recordIO),
            try job.channel("evaluation", BarImages(150, seed: 2).csv, contentType: .csv),
        ]
        try await job.train(settings, channels, threadCount: 2)
        #expect(try #require(job.quality("evaluation", "accuracy")) > 0.95)
        #expect(try #require(job.quality("train", "cross_entropy")) < 0.15)
        let some = BarImages(30, seed: 3)
        let body = Array(some.images.map { $0.map { "\($0)" }.joined(separator: ",") + "\n" }.joined().utf8)
        let answers = try job.answer(body, contentType: "text/csv", accept: "text/csv").split(separator: "\n").map {
            $0.split(separator: ",").compactMap { Double($0) }
        }
        #expect(answers.allSatisfy { $0.count == 4 && abs($0[1...].reduce(0, +) - 1) < 1e-5 })
        #expect(zip(answers, some.labels).filter { $0[0] == Double($1) }.count >= 27)
        #expect(try job.answer(body, contentType: "text/csv").hasPrefix(#"{"predictions":[{"classes":"#))
    }

    @Test(arguments: ["sgd", "momentum", "adam"])
    func aJobThatGoesOnLearnsWhatALongerOneLearns(optimizer: String) async throws {
        let data = BarImages(90, seed: 4).recordIO
        let changes = settings.merging([
            "optimizer": optimizer, "lr_scheduler_factor": "0.5",
            "network": """
            [{"type": "conv", "filters": 4, "kernel": [3, 2]}, {"type": "pool"}, {"type": "dropout", "rate": 0.2},
            {"type": "dense", "units": 8}, {"type": "relu"}, {"type": "dropout", "rate": 0.3}, {"type": "dense", "units": 3}]
            """,
        ]) { $1 }
        let long = try TestJob()
        try await long.train(changes.merging(["epochs": "3"]) { $1 }, [long.channel("training", data)], threadCount: 3)
        let short = try TestJob()
        try await short.train(changes.merging(["epochs": "1"]) { $1 }, [short.channel("training", data)])
        let rest = try TestJob()
        let names = try FileManager.default.contentsOfDirectory(atPath: short.directory + "/model").sorted()
        let archive = rest.directory + "/model.tar.gz"
        let entries = names.map { name in
            ArchiveEntry(
                path: name, bytes: Array(FileManager.default.contents(atPath: "\(short.directory)/model/\(name)") ?? Data()))
        }
        try Data(Archive.pack(entries, as: .tarGzip)).write(to: URL(fileURLWithPath: archive))
        let model = InputChannel(name: "model", directory: rest.directory, files: [archive])
        try await rest.train(changes.merging(["epochs": "2"]) { $1 }, [rest.channel("training", data), model])
        #expect(try rest.file() == long.file())
        #expect(try rest.file().epochCount == 3)
    }

    @Test func anotherNetworkCannotGoOn() async throws {
        let data = BarImages(30, seed: 4).recordIO
        let first = try TestJob()
        try await first.train(settings.merging(["epochs": "1"]) { $1 }, [first.channel("training", data)])
        let files = ["network.json", "network-0000.params", "optimizer-0000.params"].map { "\(first.directory)/model/\($0)" }
        let model = InputChannel(name: "model", directory: first.directory + "/model", files: files)
        let second = try TestJob()
        let changes = settings.merging(["network": TestJob.small.replacing("20", with: "21")]) { $1 }
        let error = await #expect(throws: UserError.self) {
            try await second.train(changes, [second.channel("training", data), model])
        }
        #expect(error?.message.contains("channel 'model'") == true)
    }

    @Test func stepsAndStopsEndTraining() async throws {
        let job = try TestJob()
        let data = BarImages(90, seed: 4).recordIO
        try await job.train(settings.merging(["training_steps": "5"]) { $1 }, [job.channel("training", data)])
        #expect(try job.file().state?.stepCount == 5)
        let stopped = try TestJob()
        let flag = StopFlag()
        flag.set()
        try await stopped.train(settings, [stopped.channel("training", data)], stopFlag: flag)
        #expect(try stopped.file().state?.stepCount == 1)
    }

    @Test func thePublishedNetworkIsLabTwos() throws {
        let layers = try LayerList("lab2").resolved(classCount: 10)
        let network = try Network(
            input: NetworkShape(height: 28, width: 28, channelCount: 1), layers: layers, batchCapacity: 1,
            pool: ThreadPool(threadCount: 1))
        #expect(network.parameterCount == 32 * 26 + 64 * 801 + 1024 * 3137 + 10 * 1025)
    }
}

@Suite struct FailureTests {
    @Test(arguments: [
        ("[", "lab2, or a JSON list"), ("[{\"type\": \"conv\", \"filters\": 3}]", "layer 1: kernel is missing"),
        ("[{\"type\": \"conf\"}]", "conv, relu, pool, dense, dropout"), ("[{\"type\": \"relu\", \"x\": 1}]", "no member 'x'"),
        ("[{\"type\": \"dropout\", \"rate\": 1}]", "[0, 1)"), ("[{\"type\": \"pool\", \"size\": 1.5}]", "whole number in 2...15"),
        ("[{\"type\": \"dense\", \"units\": 4}]", "one for each of the 3 classes"),
    ])
    func refusesNetworks(text: String, message: String) {
        #expect {
            _ = try ConvolutionalNetwork.hyperparameterValues(from: ["network": text, "num_classes": "3"])
        } throws: { ($0 as? UserError)?.message.contains(message) ?? false }
    }

    @Test(arguments: [
        (["network": "[{\"type\": \"relu\"}, {\"type\": \"dense\"}]"], "layer 1: a rectifier follows"),
        (["network": "[{\"type\": \"conv\", \"filters\": 2, \"kernel\": 3}]"], "layer 1: the last layer is dense"),
        (
            ["network": "[{\"type\": \"conv\", \"filters\": 2, \"kernel\": 7, \"padding\": \"valid\"}, {\"type\": \"dense\"}]"],
            "does not fit"
        ),
        (["network": TestJob.small, "input_shape": "5,6,1"], "'input_shape'"),
        (["network": TestJob.small, "num_classes": "2"], "labels are whole"),
        (["network": TestJob.small, "learning_rate": "1e30"], "training diverged"),
        (
            [
                "network":
                    "[{\"type\": \"dense\", \"units\": 65536}, {\"type\": \"dense\", \"units\": 65536}, {\"type\": \"dense\"}]"
            ], "GB"
        ),
    ])
    func failuresSayWhatAndWhere(changes: [String: String], text: String) async throws {
        let job = try TestJob()
        let error = await #expect(throws: (any Error).self) {
            try await job.train(changes.merging(["epochs": "3"]) { $1 }, [job.channel("training", BarImages(60, seed: 1).recordIO)])
        }
        #expect(FailureReason.text(of: try #require(error)).contains(text))
    }
}
