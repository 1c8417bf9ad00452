// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import World

/// The process that moves a hyperparameter tuning job on while its training jobs run.
struct TuningHost {
    let process: HostProcess
    let environment: HostEnvironment

    /// Looks at the job whenever something has changed, until it is over.
    func run(stopFlag: StopFlag) async throws {
        while !stopFlag.isSet, try await environment.advance(process.ownerARN) {
            // A training host that dies commits nothing: look again soon anyway.
            try await environment.world.store.waitForChange(atMost: 0.2)
        }
    }
}
