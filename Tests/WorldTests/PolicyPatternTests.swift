// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import World

/// A generator with a seed, so that a failing case comes again.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite("Wildcards of policies")
struct PolicyPatternTests {
    /// The plain definition, exponential in the number of stars.
    private func matchesByDefinition(_ pattern: Substring, _ text: Substring) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        let rest = pattern.dropFirst()
        switch first {
        case "*": return matchesByDefinition(rest, text) || !text.isEmpty && matchesByDefinition(pattern, text.dropFirst())
        case "?": return !text.isEmpty && matchesByDefinition(rest, text.dropFirst())
        default: return text.first == first && matchesByDefinition(rest, text.dropFirst())
        }
    }

    @Test("Any pattern matches what its definition says", arguments: 0..<20)
    func definition(seed: UInt64) {
        var random = SplitMix(state: seed)
        for _ in 0..<200 {
            let pattern = String(
                (0..<Int.random(in: 0...7, using: &random)).map { _ in "ab.*?:é".randomElement(using: &random) ?? "a" })
            let text = String((0..<Int.random(in: 0...8, using: &random)).map { _ in "ab.:é".randomElement(using: &random) ?? "a" })
            let compiled = PolicyPattern(pattern, style: .wildcards, supportsVariables: true)
            #expect(compiled.matches(text) == matchesByDefinition(pattern[...], text[...]), "\(pattern) on \(text)")
        }
    }

    @Test("A pattern made from a text by wildcards matches the text", arguments: 0..<10)
    func generalisation(seed: UInt64) {
        var random = SplitMix(state: seed &+ 1000)
        for _ in 0..<100 {
            let text = String(
                (0..<Int.random(in: 1...30, using: &random)).map { _ in "abcdefgh/:.-_".randomElement(using: &random) ?? "a" })
            var pattern = ""
            var rest = text[...]
            while !rest.isEmpty {
                switch Int.random(in: 0..<4, using: &random) {
                case 0:
                    pattern += "*"
                    rest = rest.dropFirst(Int.random(in: 0...rest.count, using: &random))
                case 1:
                    pattern += "?"
                    rest = rest.dropFirst()
                default:
                    pattern.append(rest.removeFirst())
                }
            }
            #expect(PolicyPattern(pattern, style: .wildcards, supportsVariables: true).matches(text), "\(pattern) on \(text)")
        }
    }

    @Test("Many stars do not take forever")
    func manyStars() {
        let pattern = String(repeating: "*a", count: 60) + "b"
        #expect(!PolicyPattern(pattern, style: .wildcards, supportsVariables: true).matches(String(repeating: "a", count: 500)))
    }

    @Test(
        "Stars in resources keep to their part of the ARN unless they end it",
        arguments: [
            ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a:b/c", true),
            ("arn:aws:s3:::bucket/*.csv", "arn:aws:s3:::bucket/2020-01-01T00:00:00.csv", true),
            ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket", false),
            ("arn:aws:s3:::my.bucket", "arn:aws:s3:::myxbucket", false),
            ("arn:aws:s3:::bucket?", "arn:aws:s3:::bucket1", true),
            ("*", "arn:aws:s3:::bucket", true),
            ("arn:aws:s3:::*", "arn:aws:s3:::bucket/key", true),
            ("arn:aws:*", "arn:aws:s3:::bucket/key", true),
            ("arn:aws:sqs:*:111122223333:queue", "arn:aws:sqs:us-east-1:111122223333:queue", true),
            ("arn:aws:sqs:us-*-1:111122223333:queue", "arn:aws:sqs:us-east-1:111122223333:queue", true),
            ("arn:aws:sqs:us-*1:111122223333:queue", "arn:aws:sqs:us-x:1:111122223333:queue", false),
            ("arn:aws:logs:*:*:log-group:/aws/*:log-stream:x", "arn:aws:logs:us-east-1:1:log-group:/aws/a:b:log-stream:x", true),
            ("arn:aws:s3:::bucket/${*}", "arn:aws:s3:::bucket/*", true),
            ("arn:aws:s3:::bucket/${*}", "arn:aws:s3:::bucket/x", false),
        ])
    func resources(pattern: String, resource: String, matches: Bool) {
        #expect(PolicyPattern(pattern, style: .resourceARN, supportsVariables: true).matches(resource) == matches)
    }
}
