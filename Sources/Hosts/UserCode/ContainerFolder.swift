// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import Wire
import World

/// The folder that stands for `/opt/ml` in an instance: configuration and data go in, the model and the reason of a failure come out.
///
/// Source: developer guide, "How Amazon SageMaker AI Provides Training Information" and "… Processes Training Output".
struct ContainerFolder: Sendable, Hashable {
    /// Where it lies; a sandboxed program sees it at `/opt/ml`.
    let path: String

    /// Where the model is left, and where it is found for serving.
    var modelPath: String { path + "/model" }
    /// The user's code, unpacked.
    var codePath: String { path + "/code" }
    /// What else than the model the program leaves: `data/` and `failure`.
    var outputPath: String { path + "/output" }
    /// What is kept in S3 while the program runs.
    var checkpointPath: String { path + "/checkpoints" }
    /// `hyperparameters.json`, `resourceconfig.json`, `inputdataconfig.json`.
    var configurationPath: String { path + "/input/config" }

    /// A channel's folder.
    func channelPath(_ channel: String) -> String { path + "/input/data/" + channel }

    /// Makes the folders that are there before a program starts.
    ///
    /// - Throws: what the file system says.
    func make() throws {
        for folder in [configurationPath, path + "/input/data", modelPath, outputPath + "/data"] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
    }

    /// Writes the three files of `input/config`; all hyperparameters are texts, and the hosts are sorted.
    ///
    /// - Throws: what the file system says.
    func writeConfiguration(of request: TrainingJobRequest, currentHost: String, hosts: [String]) throws {
        var resources: Value = ["current_host": .string(currentHost), "hosts": .list(hosts.map { .string($0) })]
        resources["network_interface_name"] = "lo"
        if let type = request.resourceConfig?.instanceType { resources["current_instance_type"] = .string(type) }
        try write(resources, to: "resourceconfig.json")
        let hyperparameters = (request.hyperParameters ?? [:]).sorted { $0.key < $1.key }
        try write(hyperparameters.reduce(into: Value.emptyObject) { $0[$1.key] = .string($1.value) }, to: "hyperparameters.json")
        try write(request.channelConfiguration, to: "inputdataconfig.json")
    }

    private func write(_ value: Value, to name: String) throws {
        try Data(JSON.serialize(value).utf8).write(to: URL(fileURLWithPath: configurationPath + "/" + name))
    }

    /// What the program wrote into `output/failure`, as much of it as becomes a FailureReason; nil where there is nothing.
    var failure: String? {
        guard let handle = FileHandle(forReadingAtPath: outputPath + "/failure") else { return nil }
        defer { try? handle.close() }
        // No character is longer than four bytes.
        guard let data = try? handle.read(upToCount: 4 * FailureReason.maximumCharacterCount), !data.isEmpty else { return nil }
        return String(String(decoding: data, as: UTF8.self).prefix(FailureReason.maximumCharacterCount))
    }

    /// Packs the model, or what else lies in a folder of the tree, as the service does.
    ///
    /// - Returns: the archive's length in bytes.
    /// - Throws: `PlatformError`, `DataError`.
    func pack(_ folder: String, to archive: String) throws -> Int { try Archive.pack(directory: folder, to: archive) }
}

extension TrainingJobRequest {
    /// What `inputdataconfig.json` says of the channels.
    var channelConfiguration: Value {
        (inputDataConfig ?? []).reduce(into: Value.emptyObject) { channels, channel in
            let source = channel.dataSource.s3DataSource
            var configuration: Value = [
                "TrainingInputMode": .string(inputMode(of: channel)),
                "S3DistributionType": .string(source?.s3DataDistributionType ?? "FullyReplicated"),
                "RecordWrapperType": .string(channel.recordWrapperType ?? "None"),
            ]
            if let contentType = channel.contentType { configuration["ContentType"] = .string(contentType) }
            channels[channel.channelName] = configuration
        }
    }

    /// How a channel's data comes: `File`, `Pipe` or `FastFile`.
    func inputMode(of channel: TrainingChannel) -> String {
        channel.inputMode ?? algorithmSpecification?.trainingInputMode ?? "File"
    }
}
