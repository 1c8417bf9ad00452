// SPDX-License-Identifier: Apache-2.0

import Foundation

extension HostProcess {
    /// The environment variable by which everything that a host starts can be told, with the host's id as its value.
    public static let marker = "SAGEBRUSH_HOST_ID"

    /// Kills what the host has started and what has left the host's process group since, such as a notebook's kernels.
    ///
    /// A process can leave its group and its session, and outlive its parents, but not change the environment that it was started
    /// with.
    public func killStrays() {
        let wanted = Data("\(HostProcess.marker)=\(id)".utf8)
        let own = getpid()
        // Those that are found may have started more meanwhile.
        for _ in 0..<10 {
            let strays = HostProcess.processes(carrying: wanted).filter { $0 != own && $0 != pid }
            if strays.isEmpty { return }
            for stray in strays { kill(stray, SIGKILL) }
            usleep(2_000)
        }
    }

    private static func processes(carrying variable: Data) -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.filter { pid in
            // Files in /proc say no size: they are read to their end.
            guard let file = FileHandle(forReadingAtPath: "/proc/\(pid)/environ") else { return false }
            defer { try? file.close() }
            guard let variables = try? file.readToEnd() else { return false }
            return variables.split(separator: 0).contains(variable)
        }
    }
}
