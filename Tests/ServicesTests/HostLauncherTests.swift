// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import World

@Suite struct HostLauncherTests {
    /// A server that lives for days must not fill the system's table of processes.
    @Test func hostsThatHaveEndedLeaveNothingBehind() async throws {
        let test = try S3TestWorld()
        let launcher = HostLauncher(executable: "/bin/true")
        let host = try launcher.launch(
            .training, ownerARN: "arn:aws:sagemaker:us-east-1:123456789012:training-job/x", name: "algo-1", in: test.world, now: 0)
        let end = ContinuousClock.now + .seconds(20)
        while FileManager.default.fileExists(atPath: "/proc/\(host.pid)"), ContinuousClock.now < end { await Task.yield() }
        #expect(!FileManager.default.fileExists(atPath: "/proc/\(host.pid)"))
        #expect(!host.isAlive)
    }
}
