// SPDX-License-Identifier: Apache-2.0

import Foundation
import World

/// What a host's machine is called: each host of a group leaves it in the job's folder, so that a failure can name who was there.
enum Machine {
    /// The file of the host with that number.
    static func path(rank: Int, _ process: HostProcess) -> String {
        "\(process.folder)/\(HostGroup.name(rank: rank)).machine"
    }

    /// The names in a host's file; none where it came to nothing.
    static func names(in path: String) -> [String] {
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    /// This machine's name and its addresses but the loopback's.
    static func ownNames() -> [String] {
        var names = [ProcessInfo.processInfo.hostName]
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return names }
        defer { freeifaddrs(first) }
        var next = first
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard let address = entry.ifa_addr, entry.ifa_flags & UInt32(IFF_LOOPBACK) == 0 else { continue }
            let isShort = Int32(address.pointee.sa_family) == AF_INET
            guard isShort || Int32(address.pointee.sa_family) == AF_INET6 else { continue }
            let length = isShort ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            guard getnameinfo(address, socklen_t(length), &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 else {
                continue
            }
            names.append(String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        return names
    }
}
