// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import Wire
import World

/// A training job whose image holds a framework: the user's script runs under that framework's Python, by the public SageMaker
/// Training Toolkit, which brings the script, sets `SM_*`, and turns hyperparameters into arguments.
struct ScriptTraining: Sendable {
    let framework: FrameworkImage
    let request: TrainingJobRequest
    let jobARN: String
    let folder: ContainerFolder
    let process: HostProcess
    let environment: HostEnvironment
    let hosts: [String]
    let currentHost: String

    /// Runs the script to its end.
    ///
    /// - Throws: `UserError` where the runtime or bubblewrap is not installed; `UserProgram.Failure` where the script failed.
    func run(stopFlag: StopFlag, write: @escaping @Sendable (String) -> Void) async throws {
        let runtime = try FrameworkRuntime(framework, in: environment.world)
        guard request.runsScript else {
            throw UserError(
                "The image's framework runs a script of yours: name it with the hyperparameter sagemaker_program, and where it is with "
                    + "sagemaker_submit_directory.")
        }
        try FileManager.default.createDirectory(atPath: folder.codePath, withIntermediateDirectories: true)
        let keys = try environment.roleCredentials(request.roleArn)
        let ending = try await environment.withEndpoint { port in
            let variables = runtime.variables(keys: keys, endpointPort: port, region: region).merging(own) { $1 }
            let sandbox = Sandbox(
                folder: folder, readable: runtime.folders, hostName: currentHost, hosts: hosts,
                isIsolated: request.enableNetworkIsolation ?? false)
            return try await sandbox.program(runtime.command("train"), [], environment: variables, directory: "/opt/ml")
                .run(stopFlag: stopFlag, write: write)
        }
        guard ending.exitCode != 0, !stopFlag.isSet else { return }
        throw UserProgram.Failure(reason: Self.reason(folder.failure, exitCode: ending.exitCode))
    }

    /// The FailureReason of a program that ended badly.
    static func reason(_ failure: String?, exitCode: Int32) -> String {
        let end = ", exit code: \(exitCode)"
        return ("AlgorithmError: " + (failure ?? "")).prefix(FailureReason.maximumCharacterCount - end.count) + end
    }

    private var region: String { ARN(jobARN)?.region ?? "" }

    /// What is the job's own in the script's environment.
    private var own: [String: String] {
        var variables = request.environment ?? [:]
        variables["TRAINING_JOB_NAME"] = request.trainingJobName
        variables["TRAINING_JOB_ARN"] = jobARN
        variables[HostProcess.marker] = process.id
        guard hosts.count > 1, let first = hosts.first else { return variables }
        switch framework.runtime {
        case "pytorch":
            variables["MASTER_ADDR"] = first
            variables["MASTER_PORT"] = String(port(ofRank: 0))
            variables["WORLD_SIZE"] = String(hosts.count)
            variables["RANK"] = String(hosts.firstIndex(of: currentHost) ?? 0)
        case "tensorflow": variables["TF_CONFIG"] = tensorFlowCluster
        default: break
        }
        return variables
    }

    /// Where a host's framework listens for the others.
    ///
    /// The hosts share this machine's ports, and frameworks listen at all addresses: every host of every job has ports of its own, below
    /// those that the system gives out, which all of a job's hosts find from its name (FNV-1a).
    private func port(ofRank rank: Int, isParameterServer: Bool = false) -> Int {
        let hash = jobARN.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
        return 10_000 + (Int(hash % 11_000) + rank) * 2 + (isParameterServer ? 1 : 0)
    }

    /// `TF_CONFIG` of a job on several hosts: all work, and none is more than the others; with `sagemaker_parameter_server_enabled` the
    /// first is the master, and all serve parameters.
    ///
    /// Source: the public SageMaker TensorFlow Training Toolkit; TensorFlow's guide on distributed training.
    private var tensorFlowCluster: String {
        let usesServers = request.hyperParameters?["sagemaker_parameter_server_enabled"] == "true"
        let workers = hosts.enumerated().map { Value.string("\($0.element):\(port(ofRank: $0.offset))") }
        var cluster: Value = ["worker": .list(workers)]
        if usesServers {
            let servers = hosts.enumerated().map { "\($0.element):\(port(ofRank: $0.offset, isParameterServer: true))" }
            cluster = [
                "master": .list(Array(workers.prefix(1))), "worker": .list(Array(workers.dropFirst())),
                "ps": .list(servers.map(Value.string)),
            ]
        }
        let rank = hosts.firstIndex(of: currentHost) ?? 0
        let task: Value =
            usesServers && rank > 0
            ? ["type": "worker", "index": .integer(rank - 1)]
            : ["type": usesServers ? "master" : "worker", "index": .integer(rank)]
        return JSON.serialize(["cluster": cluster, "environment": "cloud", "task": task])
    }
}

/// The Python of a framework, as a sandboxed program finds it.
struct FrameworkRuntime: Sendable {
    private let path: String

    /// - Throws: `UserError` with the command that installs it.
    init(_ framework: FrameworkImage, in world: World) throws {
        guard let runtime = PythonRuntime.named(framework.runtime), runtime.installed(in: world) != nil else {
            throw UserError(
                "The image needs a Python with \(framework.runtime), which is not installed here: sagebrush runtime install "
                    + framework.runtime)
        }
        path = runtime.path(in: world)
    }

    /// A program of the runtime's.
    func command(_ name: String) -> String { path + "/bin/" + name }

    /// What must be readable for it: the virtual environment, and the Python that it was made of where that is not the system's.
    var folders: [String] {
        let settings = (try? String(contentsOfFile: path + "/pyvenv.cfg", encoding: .utf8)) ?? ""
        let line = settings.split(separator: "\n").first { $0.hasPrefix("home = ") }
        let home =
            line.map { ($0.dropFirst(7).trimmingCharacters(in: .whitespaces) as NSString).deletingLastPathComponent } ?? "/usr"
        return [path] + (home == "/usr" ? [] : [home])
    }

    /// The environment of a program: the runtime first on PATH, and the way to this world as the job's role.
    ///
    /// Packages of a `requirements.txt` go to the instance's own folder, since the runtime is other jobs' too; pip is asked as this
    /// machine's user has set it up.
    func variables(
        keys: RoleCredentials, endpointPort: Int, region: String, base: [String: String] = ProcessInfo.processInfo.environment
    ) -> [String: String] {
        var variables = base.filter { $0.key.hasPrefix("PIP_") || $0.key.lowercased().hasSuffix("_proxy") }
        let endpoint = "http://127.0.0.1:\(endpointPort)"
        let packages = "/opt/ml/.packages"
        variables.merge([
            "PATH": "\(path)/bin:\(packages)/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root",
            "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": packages, "PIP_TARGET": packages, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "VIRTUAL_ENV": path,
            "AWS_REGION": region, "AWS_DEFAULT_REGION": region, "AWS_ENDPOINT_URL": endpoint, "S3_ENDPOINT_URL": endpoint,
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": keys.credentials.accessKeyID,
            "AWS_SECRET_ACCESS_KEY": keys.credentials.secretAccessKey,
            "AWS_SESSION_TOKEN": keys.credentials.sessionToken ?? "",
        ]) { $1 }
        return variables
    }
}
