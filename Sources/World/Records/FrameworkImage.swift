// SPDX-License-Identifier: Apache-2.0

/// An image of SageMaker's that runs the user's own Python script with a framework ("script mode").
///
/// Source: the image URIs that the public SageMaker Python SDK lists. To add a repository: a word in a row of ``all``.
public struct FrameworkImage: Sendable, Hashable {
    /// The runtime that the script needs: `scikit-learn`.
    public let runtime: String
    /// The names of the repositories.
    public let repositories: [String]

    static let all = [
        FrameworkImage(runtime: "scikit-learn", repositories: ["sagemaker-scikit-learn"]),
        FrameworkImage(runtime: "xgboost", repositories: ["sagemaker-xgboost"]),
        FrameworkImage(
            runtime: "pytorch",
            repositories: ["sagemaker-pytorch", "pytorch-training", "pytorch-inference"]),
        FrameworkImage(
            runtime: "tensorflow",
            repositories: [
                "sagemaker-tensorflow", "sagemaker-tensorflow-scriptmode", "sagemaker-tensorflow-serving", "tensorflow-training",
                "tensorflow-inference",
            ]),
    ]

    /// The framework of a repository: `sagemaker-scikit-learn`.
    public static func named(_ repository: String) -> FrameworkImage? { all.first { $0.repositories.contains(repository) } }

    /// The framework of an image's path; nil where it is no framework's.
    public init?(image: String) {
        guard let name = image.split(separator: "/").last?.prefix(while: { $0 != ":" && $0 != "@" }),
            let found = Self.named(String(name))
        else { return nil }
        self = found
    }

    private init(runtime: String, repositories: [String]) {
        self.runtime = runtime
        self.repositories = repositories
    }
}
