// SPDX-License-Identifier: Apache-2.0

import Wire

extension NotebookInstanceRecord {
    /// Its disk is paid for whether it runs or not.
    public static var isMetered: Bool { true }

    /// Machine and disk.
    public var runningUsage: [RunningUsage] {
        if notebookStatus == .deleting { return [] }
        let disk = RunningUsage(item: .notebookVolume, quantity: Double(request.volumeSizeInGB ?? 5))
        guard notebookStatus == .inService else { return [disk] }
        return [RunningUsage(item: .notebook, detail: request.instanceType, quantity: 1), disk]
    }
}

extension EndpointRecord {
    /// Machines are paid for as long as they serve.
    public static var isMetered: Bool { true }

    /// The machines of each variant; those that are made for single requests are none.
    public var runningUsage: [RunningUsage] {
        guard endpointStatus == .inService || endpointStatus == .updating else { return [] }
        return variants.compactMap { variant in
            guard let type = variant.configuration.instanceType, variant.currentInstanceCount > 0 else { return nil }
            return RunningUsage(
                item: .hosting, part: variant.name, detail: type,
                algorithm: RunningUsage.algorithm(ofImage: variant.container.image), quantity: Double(variant.currentInstanceCount))
        }
    }
}

extension TrainingJobRecord {
    /// Machines are paid for from the download of the data to the end.
    public static var isMetered: Bool { true }

    /// The machines of the job, or of each of its groups.
    public var runningUsage: [RunningUsage] {
        guard trainingStartTime != nil, !jobStatus.isFinal, let resources = request.resourceConfig else { return [] }
        if let groups = resources.instanceGroups, !groups.isEmpty {
            return groups.map { group in
                RunningUsage(
                    item: .training, part: group.instanceGroupName ?? "", detail: group.instanceType ?? "",
                    algorithm: algorithmName,
                    quantity: Double(group.instanceCount ?? 1))
            }
        }
        return [
            RunningUsage(
                item: .training, detail: resources.instanceType ?? "", algorithm: algorithmName,
                quantity: Double(resources.instanceCount ?? 1))
        ]
    }
}

extension KeptRecord {
    /// Kept records run nothing, but for batch transform jobs: from the start of their work to its end.
    static let meteredKind = "sagemaker:transform-job"

    /// The machines of a batch transform job.
    var runningUsage: [RunningUsage] {
        guard kind == Self.meteredKind, document["TransformStartTime"] != nil, ["InProgress", "Stopping"].contains(status),
            let resources = document["TransformResources"]
        else { return [] }
        return [
            RunningUsage(
                item: .transform, detail: resources["InstanceType"]?.stringValue ?? "",
                algorithm: RunningUsage.algorithm(ofImage: document["Container"]?["Image"]?.stringValue),
                quantity: Double(resources["InstanceCount"]?.integerValue ?? 1))
        ]
    }
}

extension RunningUsage {
    /// The repository of an image: `linear-learner` of `382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1`.
    static func algorithm(ofImage image: String?) -> String {
        guard let name = image?.split(separator: "/").last else { return "" }
        return String(name.prefix { $0 != ":" && $0 != "@" })
    }
}
