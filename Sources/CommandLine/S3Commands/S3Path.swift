// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Names of buckets, keys and files, taken apart and put together as the `s3` commands do.
enum S3Path {
    static let scheme = "s3://"

    /// Bucket and key of `bucket/key`, with or without `s3://`; an access point's ARN stands for a bucket.
    static func bucketAndKey(_ path: String) -> (bucket: String, key: String) {
        let bare = path.hasPrefix(scheme) ? String(path.dropFirst(scheme.count)) : path
        if bare.hasPrefix("arn:aws"), bare.contains(":accesspoint") {
            let parts = bare.split(
                separator: "/", maxSplits: bare.contains(":accesspoint/") ? 2 : 1, omittingEmptySubsequences: false)
            let nameCount = bare.contains(":accesspoint/") ? 2 : 1
            let bucket = parts.prefix(nameCount).joined(separator: "/")
            return (bucket, parts.count > nameCount ? String(parts[nameCount]) : "")
        }
        guard let slash = bare.firstIndex(of: "/") else { return (bare, "") }
        return (String(bare[..<slash]), String(bare[bare.index(after: slash)...]))
    }

    /// The path without `.`, `..` and doubled slashes, and without a slash at the end.
    static func normalized(_ path: String) -> String {
        var parts: [Substring] = []
        let isAbsolute = path.hasPrefix("/")
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !isAbsolute {
                parts.append(part)
            }
        }
        let joined = parts.joined(separator: "/")
        return isAbsolute ? "/" + joined : joined.isEmpty ? "." : joined
    }

    /// A file's absolute path as messages show it: from `folder` on, `./a.txt` for what lies in it.
    static func relative(_ path: String, to folder: String) -> String {
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ""
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        let target = normalized(directory).split(separator: "/")
        let base = normalized(folder).split(separator: "/")
        let common = zip(target, base).prefix { $0 == $1 }.count
        let steps = Array(repeating: "..", count: base.count - common) + target[common...].map(String.init)
        return (steps.isEmpty ? "." : steps.joined(separator: "/")) + "/" + name
    }

    /// A size for people, in steps of 1024: `1 Byte`, `6 Bytes`, `1.0 KiB`.
    static func humanReadable(_ byteCount: Double) -> String {
        if byteCount == 1 { return "1 Byte" }
        if byteCount < 1024 { return "\(Int(byteCount)) Bytes" }
        var unit = 1024.0
        let suffixes = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        for (position, suffix) in suffixes.enumerated() {
            let amount = byteCount / unit
            if amount.rounded(.toNearestOrEven) < 1024 || position == suffixes.count - 1 {
                return String(format: "%.1f ", amount) + suffix
            }
            unit *= 1024
        }
        return ""
    }

    /// Bytes from a size such as `8MB` or `16777216`; nil for anything else.
    static func byteCount(_ text: String) -> Int? {
        let lowered = text.lowercased()
        let factors = [
            "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30,
            "tb": 1 << 40,
        ]
        for (suffix, factor) in factors where lowered.hasSuffix(suffix) {
            if let count = Int(lowered.dropLast(suffix.count)),
                case let (product, overflow) = count.multipliedReportingOverflow(by: factor), !overflow
            {
                return product
            }
        }
        return Int(lowered)
    }
}

/// Shell patterns as Python's `fnmatch` matches them: `*` and `?` match slashes too.
struct FilePattern: Sendable {
    private enum Piece {
        case anything
        case anyCharacter
        case character(Unicode.Scalar)
        case set([ClosedRange<Unicode.Scalar>], isNegated: Bool)
    }

    private let pieces: [Piece]

    init(_ pattern: String) {
        let scalars = Array(pattern.unicodeScalars)
        var pieces: [Piece] = []
        var place = 0
        while place < scalars.count {
            let scalar = scalars[place]
            place += 1
            switch scalar {
            case "*":
                if case .anything = pieces.last { break }
                pieces.append(.anything)
            case "?": pieces.append(.anyCharacter)
            case "[":
                if let (set, end) = Self.set(scalars, from: place) {
                    pieces.append(set)
                    place = end
                } else {
                    pieces.append(.character(scalar))
                }
            default: pieces.append(.character(scalar))
            }
        }
        self.pieces = pieces
    }

    /// The set that starts after `[`, and the place after its `]`; nil where none closes it.
    private static func set(_ scalars: [Unicode.Scalar], from start: Int) -> (Piece, Int)? {
        var place = start
        let isNegated = place < scalars.count && scalars[place] == "!"
        if isNegated { place += 1 }
        guard let end = scalars.indices.dropFirst(place + 1).first(where: { scalars[$0] == "]" }) else { return nil }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        while place < end {
            if place + 2 < end, scalars[place + 1] == "-" {
                if scalars[place] <= scalars[place + 2] { ranges.append(scalars[place]...scalars[place + 2]) }
                place += 3
            } else {
                ranges.append(scalars[place]...scalars[place])
                place += 1
            }
        }
        return (.set(ranges, isNegated: isNegated), end + 1)
    }

    /// True where the whole text matches.
    func matches(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        var piece = 0
        var place = 0
        // Where to go on when what follows the last `*` does not fit.
        var retry: (piece: Int, place: Int)?
        while place < scalars.count {
            if piece < pieces.count, case .anything = pieces[piece] {
                retry = (piece + 1, place)
                piece += 1
            } else if piece < pieces.count, Self.matches(pieces[piece], scalars[place]) {
                piece += 1
                place += 1
            } else if let (start, tried) = retry {
                retry = (start, tried + 1)
                piece = start
                place = tried + 1
            } else {
                return false
            }
        }
        return pieces[piece...].allSatisfy { if case .anything = $0 { true } else { false } }
    }

    private static func matches(_ piece: Piece, _ scalar: Unicode.Scalar) -> Bool {
        switch piece {
        case .anything: false
        case .anyCharacter: true
        case .character(let wanted): wanted == scalar
        case .set(let ranges, let isNegated): ranges.contains { $0.contains(scalar) } != isNegated
        }
    }
}
