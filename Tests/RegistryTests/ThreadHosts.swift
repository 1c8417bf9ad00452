// SPDX-License-Identifier: Apache-2.0

import Compute
import Foundation
import Synchronization

/// Hosts that are threads of this process: who comes last to a sum wakes the others.
final class ThreadHosts: Sendable {
    struct Meeting {
        var arrived = 0
        var round = 0
        var gathered: [Int: [Double]] = [:]
        var result: [[Double]] = []
    }

    let count: Int
    private let meeting = Mutex(Meeting())
    private let gate = NSCondition()

    init(count: Int) { self.count = count }

    /// Gives the values of all hosts when all have come.
    func meet(_ rank: Int, _ values: [Double]) -> [[Double]] {
        gate.lock()
        defer { gate.unlock() }
        let round = meeting.withLock { meeting in
            meeting.gathered[rank] = values
            meeting.arrived += 1
            let round = meeting.round
            if meeting.arrived == count {
                meeting.result = (0..<count).map { meeting.gathered[$0] ?? [] }
                meeting.arrived = 0
                meeting.round += 1
                gate.broadcast()
            }
            return round
        }
        while meeting.withLock({ $0.round == round }) { gate.wait() }
        return meeting.withLock { $0.result }
    }

    struct Host: Collectives {
        let hosts: ThreadHosts
        let rank: Int
        var count: Int { hosts.count }

        func allReduce(_ values: UnsafeMutableBufferPointer<Float>) {
            let all = hosts.meet(rank, values.map { Double($0) })
            for index in values.indices { values[index] = Float(all.reduce(0) { $0 + $1[index] }) }
        }
        func allReduce(_ values: UnsafeMutableBufferPointer<Double>) {
            let all = hosts.meet(rank, Array(values))
            for index in values.indices { values[index] = all.reduce(0) { $0 + $1[index] } }
        }
        func broadcast(_ values: UnsafeMutableBufferPointer<Float>, from root: Int) {
            let all = hosts.meet(rank, values.map { Double($0) })
            for index in values.indices { values[index] = Float(all[root][index]) }
        }
        func allGather(_ values: [Double]) -> [[Double]] { hosts.meet(rank, values) }
        func barrier() { _ = hosts.meet(rank, []) }
    }
}
