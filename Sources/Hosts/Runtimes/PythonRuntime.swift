// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire
import World

/// A Python with the packages that some kind of user code needs: a virtual environment in the world's folder.
///
/// To add one: a row in ``all``.
public struct PythonRuntime: Sendable, Hashable {
    /// The word that people use for it: `scikit-learn`.
    public var name: String
    /// What it is for, in a few words.
    public var purpose: String
    /// What pip is asked for.
    public var requirements: [String]
    /// The modules whose import shows that it works.
    public var modules: [String]

    #if arch(x86_64)
        private static let tensorFlow = "tensorflow-cpu"
    #else
        private static let tensorFlow = "tensorflow"
    #endif

    /// What reads an instance's configuration and runs the script, and what reads and writes requests to a model.
    private static let toolkit = ["sagemaker-training", "sagemaker-inference"]

    /// All that can be installed.
    public static let all = [
        PythonRuntime(
            name: "scikit-learn", purpose: "scripts in sagemaker-scikit-learn images",
            requirements: ["scikit-learn", "pandas", "boto3"] + toolkit, modules: ["sklearn", "pandas"]),
        PythonRuntime(
            name: "xgboost", purpose: "scripts in sagemaker-xgboost images",
            requirements: ["xgboost", "scikit-learn", "pandas", "boto3"] + toolkit, modules: ["xgboost", "sklearn"]),
        PythonRuntime(
            name: "pytorch", purpose: "scripts in pytorch-training and sagemaker-pytorch images",
            requirements: ["torch", "numpy", "boto3"] + toolkit, modules: ["torch", "numpy"]),
        PythonRuntime(
            name: "tensorflow", purpose: "scripts in tensorflow-training and sagemaker-tensorflow images",
            requirements: [tensorFlow, "boto3"] + toolkit, modules: ["tensorflow"]),
        PythonRuntime(
            name: "jupyter", purpose: "notebook instances",
            // The SDK's second generation imports pkg_resources, which later setuptools lack.
            requirements: [
                "jupyterlab", "numpy", "pandas", "matplotlib", "boto3", "sagemaker>=2,<3", "awscli", "setuptools<81",
            ], modules: ["jupyterlab", "ipykernel", "numpy", "pandas", "matplotlib", "boto3", "sagemaker", "awscli"]),
    ]

    /// The one with that name.
    public static func named(_ name: String) -> PythonRuntime? { all.first { $0.name == name } }

    /// What is known of an installed runtime.
    public struct Installed: Codable, Sendable, Hashable {
        /// What pip was asked for.
        public var requirements: [String]
        /// `3.11.2`.
        public var pythonVersion: String
        /// Seconds since 1970.
        public var installTime: Double
    }

    /// The runtime's folder in a world.
    public func path(in world: World) -> String { world.runtimesPath + "/" + name }
    /// Its Python.
    public func pythonPath(in world: World) -> String { path(in: world) + "/bin/python" }
    /// The file that is written last: without it, an installation was broken off.
    func recordPath(in world: World) -> String { path(in: world) + "/runtime.json" }

    /// What is installed in a world; nil where it isn't, or not to the end.
    public func installed(in world: World) -> Installed? {
        FileManager.default.contents(atPath: recordPath(in: world)).flatMap { try? JSONDecoder().decode(Installed.self, from: $0) }
    }

    /// What installs it, for messages.
    public var installCommand: String { "sagebrush runtime install \(name)" }
}

/// Why a runtime could not be installed or removed.
public enum RuntimeError: Error, Sendable, CustomStringConvertible {
    case noPython
    case isBusy(name: String)
    case noVirtualEnvironment(python: String, reason: String)
    case packages(name: String, reason: String)
    case doesNotWork(name: String, reason: String)
    case isNotInstalled(name: String)

    /// The text for people.
    public var description: String {
        switch self {
        case .noPython: "A runtime needs Python 3, which is not installed on this machine: apt-get install python3 python3-venv"
        case .isBusy(let name): "Another process is installing or removing \(name) at this moment: try again when it has ended."
        case .noVirtualEnvironment(let python, let reason):
            "\(python) can't make a virtual environment: apt-get install python3-venv (\(reason))"
        case .packages(let name, let reason): "The packages of \(name) can't be installed: \(reason)"
        case .doesNotWork(let name, let reason): "\(name) is installed but does not work: \(reason)"
        case .isNotInstalled(let name): "\(name) is not installed in this world."
        }
    }
}
