// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Scores to probabilities.
enum Softmax {
    /// Shares that add up to 1, whatever the size of the scores.
    static func probabilities(_ scores: UnsafeBufferPointer<Float>) -> [Float] {
        let most = scores.max() ?? 0
        var shares = scores.map { exp($0 - most) }
        let sum = shares.reduce(0, +)
        for place in shares.indices { shares[place] /= sum }
        return shares
    }

    /// The cross-entropy: minus the logarithm of the label's probability.
    static func loss(_ scores: UnsafeBufferPointer<Float>, label: Int) -> Double {
        let most = scores.max() ?? 0
        let sum = scores.reduce(0.0) { $0 + exp(Double($1 - most)) }
        return log(sum) - Double(scores[label] - most)
    }
}
