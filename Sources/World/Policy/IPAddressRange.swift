// SPDX-License-Identifier: Apache-2.0

import Foundation

/// An IPv4 or IPv6 address as its bytes.
struct IPAddress: Sendable, Hashable {
    /// 4 or 16.
    let bytes: [UInt8]

    init?(_ text: String) {
        var version4 = in_addr()
        var version6 = in6_addr()
        if inet_pton(AF_INET, text, &version4) == 1 {
            bytes = withUnsafeBytes(of: &version4) { [UInt8]($0) }
        } else if inet_pton(AF_INET6, text, &version6) == 1 {
            let all = withUnsafeBytes(of: &version6) { [UInt8]($0) }
            // An IPv4 address in IPv6's clothes (RFC 4291, 2.5.5.2) is that IPv4 address.
            let isMapped = all[..<10].allSatisfy { $0 == 0 } && all[10] == 0xFF && all[11] == 0xFF
            bytes = isMapped ? Array(all[12...]) : all
        } else {
            return nil
        }
    }
}

/// A range in CIDR notation; an address alone is the range of that address.
struct IPAddressRange: Sendable, Hashable {
    private let base: IPAddress
    private let prefixLength: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let base = IPAddress(String(parts[0])) else { return nil }
        self.base = base
        let maximum = base.bytes.count * 8
        guard let length = parts.count == 2 ? Int(parts[1]) : maximum, (0...maximum).contains(length) else { return nil }
        prefixLength = length
    }

    func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == base.bytes.count else { return false }
        for (index, (left, right)) in zip(address.bytes, base.bytes).enumerated() {
            let bitCount = prefixLength - index * 8
            if bitCount <= 0 { return true }
            let mask: UInt8 = bitCount >= 8 ? 0xFF : ~(0xFF >> UInt8(bitCount))
            if left & mask != right & mask { return false }
        }
        return true
    }
}
