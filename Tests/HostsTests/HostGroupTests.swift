// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Hosts

@Suite struct HostGroupTests {
    @Test func theHostThatEndedFirstIsNamedWithItsSignal() {
        let words = """
            --------------------------------------------------------------------------
            mpirun noticed that process rank 1 with PID 4711 on node here exited on
            signal 9 (Killed).
            --------------------------------------------------------------------------
            """
        let reason = HostGroup.reason(words, launcherSignal: nil)
        #expect(reason.contains("algo-2") && reason.contains("signal 9 (Killed)"))
        #expect(HostGroup.reason("", launcherSignal: 9).contains("mpirun"))
        #expect(HostGroup.reason("There are not enough slots", launcherSignal: nil).hasSuffix("There are not enough slots"))
    }

    @Test func theHostThatWasCutOffIsNamedWithItsMachine() {
        let words = """
            ORTE has lost communication with a remote daemon.

              HNP daemon   : [[7218,0],0] on node machine-1
              Remote daemon: [[7218,0],1] on node 198.18.7.2

            This is usually due to either a failure of the TCP network
            connection to the node, or possibly an internal failure of
            """
        let machines = [["machine-1", "198.18.7.1"], ["machine-2", "198.18.7.2"]]
        let reason = HostGroup.reason(words, launcherSignal: nil, machines: machines)
        #expect(reason.contains("algo-2") && reason.contains("198.18.7.2") && !reason.contains("algo-1"))
        #expect(HostGroup.reason(words, launcherSignal: nil).contains("198.18.7.2"))
    }

    @Test func hostsOfOneMachineUseSharedMemoryAndOthersTCP() {
        #expect(HostGroup.options(count: 2, environment: [:]).contains("self,vader"))
        let spread = HostGroup.options(count: 2, environment: ["SAGEBRUSH_HOSTFILE": "/tmp/hosts"])
        #expect(spread.contains("self,vader,tcp") && spread.contains("/tmp/hosts") && !spread.contains("oob_tcp_if_include"))
        #expect(HostGroup.options(count: 2, environment: ["SLURM_JOB_ID": "7"]).contains("self,vader,tcp"))
    }

    @Test func namesAreSortedAsTheServiceSortsThem() {
        #expect(HostGroup.names(count: 2) == ["algo-1", "algo-2"])
        #expect(HostGroup.names(count: 10).prefix(3) == ["algo-1", "algo-10", "algo-2"])
        #expect(HostGroup.launcherPath(path: "/nowhere") == nil)
    }
}
