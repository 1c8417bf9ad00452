// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Dispatch
import Foundation
import GRDB
import World

/// The main program of a host process: `sagebrush host KIND --world PATH --id ID`.
public enum Host {
    /// Does the work of the process with that id, and returns when it is done.
    ///
    /// `kind` is the first word after `host`.
    ///
    /// - Throws: `HostError`; whatever keeps the host from even saying why it failed.
    public static func run(kind: String, id: String, environment: HostEnvironment) async throws {
        if kind == HostGroup.kind { return try await runMember(id: id, environment: environment) }
        HostLauncher.keepLeasePrivate()
        let stopFlag = StopFlag()
        let source = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
        signal(SIGTERM, SIG_IGN)
        source.setEventHandler { stopFlag.set() }
        source.resume()
        defer { source.cancel() }
        guard let process = try environment.world.store.read({ try HostProcess.find(id, in: $0) }) else {
            throw HostError.unknownProcess(id: id)
        }
        // The launcher writes the pid too, but may have been killed before it could.
        let pid = getpid()
        try environment.world.store.write {
            try $0.execute(sql: "UPDATE host_process SET pid = ? WHERE id = ?", arguments: [pid, id])
        }
        switch process.kind {
        case .training: try await TrainingHost(process: process, environment: environment, stopFlag: stopFlag).run()
        case .model: try await ModelHost(process: process, environment: environment).run(stopFlag: stopFlag)
        case .transform: try await TransformHost(process: process, environment: environment, stopFlag: stopFlag).run()
        case .tuning: try await TuningHost(process: process, environment: environment).run(stopFlag: stopFlag)
        case .notebook: try await NotebookHost(process: process, environment: environment).run(stopFlag: stopFlag)
        }
    }

    /// One of the hosts of a training job with several: `mpirun`'s child, not the launcher's.
    private static func runMember(id: String, environment: HostEnvironment) async throws {
        let stopFlag = StopFlag()
        guard let process = try environment.world.store.read({ try HostProcess.find(id, in: $0) }) else {
            throw HostError.unknownProcess(id: id)
        }
        let member = try HostGroupMember(process: process)
        try await TrainingHost(process: process, environment: environment, stopFlag: stopFlag, member: member).run()
    }
}
