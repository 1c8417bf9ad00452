// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import Wire
import World

/// A training job whose image is the user's own: its program is run as `train`, with `/opt/ml` and nothing else of this machine's, and no
/// network but a loopback interface of its own.
///
/// Source: developer guide, "How Amazon SageMaker AI Runs Your Training Image".
struct ContainerTraining: Sendable {
    let request: TrainingJobRequest
    let jobARN: String
    let folder: ContainerFolder
    let process: HostProcess
    let environment: HostEnvironment
    let hosts: [String]
    let currentHost: String

    /// Runs the program to its end.
    ///
    /// - Throws: `UserError` where bubblewrap is not installed; `UserProgram.Failure` where the program failed.
    func run(client: any ServiceClient, stopFlag: StopFlag, write: @escaping @Sendable (String) -> Void) async throws {
        let specification = request.algorithmSpecification
        let image = try await PulledImage(specification?.trainingImage ?? "", client: client, world: environment.world)
        let sandbox = try image.sandbox(folder: folder, hostName: currentHost, hosts: hosts, network: .loopback)
        defer { sandbox.clear() }
        let arguments = specification?.containerArguments ?? []
        let words =
            specification?.containerEntrypoint.map { $0 + arguments }
            ?? image.configuration.words(arguments.isEmpty ? ["train"] : arguments)
        let region = ARN(jobARN)?.region ?? ""
        let variables = image.variables(
            (request.environment ?? [:]).merging([
                "TRAINING_JOB_NAME": request.trainingJobName, "TRAINING_JOB_ARN": jobARN, "AWS_REGION": region,
                HostProcess.marker: process.id,
            ]) { $1 })
        let ending = try await sandbox.program(words, environment: variables, directory: image.configuration.directory)
            .run(stopFlag: stopFlag, write: write)
        guard ending.exitCode != 0, !stopFlag.isSet else { return }
        throw UserProgram.Failure(reason: ScriptTraining.reason(folder.failure, exitCode: ending.exitCode))
    }
}
