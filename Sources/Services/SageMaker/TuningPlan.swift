// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import OrderedCollections
import Wire
import World

/// What a tuning job searches, and what it looks at.
struct TuningPlan: Sendable {
    /// One hyperparameter and where its values may lie.
    struct Parameter: Sendable {
        enum Range: Sendable {
            case integer(Int, Int)
            case continuous(Double, Double)
            case categorical([String])
        }

        var name: String
        var range: Range
        var scaling: String

        /// The text for a place between 0 and 1 on the range's scale.
        func text(at place: Double) -> String {
            switch range {
            case .integer(let low, let high):
                return String(min(high, max(low, Int(scaled(place, Double(low), Double(high) + 0.999999).rounded(.down)))))
            case .continuous(let low, let high): return JSON.text(of: min(high, max(low, scaled(place, low, high))))
            case .categorical(let values): return values[min(Int(place * Double(values.count)), values.count - 1)]
            }
        }

        /// From which ratio of its ends on `Auto` takes a range's logarithms.
        private static let widestLinearRatio = 100.0

        private func scaled(_ place: Double, _ low: Double, _ high: Double) -> Double {
            switch scaling {
            case "Logarithmic" where low > 0, "Auto" where low > 0 && high / low >= Self.widestLinearRatio:
                return exp(log(low) + place * (log(high) - log(low)))
            case "ReverseLogarithmic" where low >= 0 && high < 1:
                return 1 - exp(log(1 - low) + place * (log(1 - high) - log(1 - low)))
            default: return low + place * (high - low)
            }
        }
    }

    let parameters: [Parameter]
    let strategy: String
    let metricName: String
    let isMaximized: Bool
    let maximumJobs: Int
    let maximumParallelJobs: Int
    let seed: UInt64
    /// The objective at which the search may end.
    let target: Double?

    /// - Throws: `ServiceError` ValidationException.
    init(_ document: Value) throws {
        let config = document["HyperParameterTuningJobConfig"]
        strategy = config?["Strategy"]?.stringValue ?? "Bayesian"
        guard ["Random", "Bayesian", "Grid"].contains(strategy) else {
            throw SageMakerError.validation("The strategy \(strategy) is not simulated: use Random, Bayesian or Grid.")
        }
        let ranges = config?["ParameterRanges"] ?? document["TrainingJobDefinition"]?["HyperParameterRanges"]
        parameters = try Self.parameters(ranges)
        let objective = config?["HyperParameterTuningJobObjective"] ?? document["TrainingJobDefinition"]?["TuningObjective"]
        guard let metric = objective?["MetricName"]?.stringValue else {
            throw SageMakerError.validation("A HyperParameterTuningJobObjective is required.")
        }
        metricName = metric
        isMaximized = objective?["Type"]?.stringValue == "Maximize"
        guard document["TrainingJobDefinition"].map({ Self.resources(of: $0) != nil }) ?? true else {
            throw SageMakerError.validation(
                "The TrainingJobDefinition needs either a ResourceConfig or a HyperParameterTuningResourceConfig, which names an "
                    + "InstanceType and an InstanceCount itself or in its InstanceConfigs.")
        }
        let limits = config?["ResourceLimits"]
        maximumParallelJobs = max(1, limits?["MaxParallelTrainingJobs"]?.integerValue ?? 1)
        target = config?["TuningJobCompletionCriteria"]?["TargetObjectiveMetricValue"]?.doubleValue
        var count = limits?["MaxNumberOfTrainingJobs"]?.integerValue
        if strategy == "Grid" {
            let size = try Self.gridSize(parameters)
            guard count == nil || count == size else {
                throw SageMakerError.validation("MaxNumberOfTrainingJobs must be \(size) for this grid, or absent.")
            }
            count = size
        }
        guard let count, count > 0 else {
            throw SageMakerError.validation("MaxNumberOfTrainingJobs is required with the strategy \(strategy).")
        }
        maximumJobs = count
        let name = document["HyperParameterTuningJobName"]?.stringValue ?? ""
        seed = UInt64(config?["RandomSeed"]?.integerValue ?? Int(name.utf8.reduce(UInt32(7)) { $0 &* 31 &+ UInt32($1) }))
        guard !parameters.isEmpty else { throw SageMakerError.validation("At least one parameter range is required.") }
    }

    private static func gridSize(_ parameters: [Parameter]) throws -> Int {
        try parameters.reduce(1) { size, parameter in
            guard case .categorical(let values) = parameter.range else {
                throw SageMakerError.validation("Grid search needs categorical ranges only: \(parameter.name) is none.")
            }
            return min(size * values.count, 1_000_000)
        }
    }

    private static func parameters(_ ranges: Value?) throws -> [Parameter] {
        var parameters: [Parameter] = []
        for range in ranges?["IntegerParameterRanges"]?.listValue ?? [] {
            guard let low = Int(range["MinValue"]?.stringValue ?? ""), let high = Int(range["MaxValue"]?.stringValue ?? ""),
                low <= high
            else { throw bad(range) }
            parameters.append(Parameter(name: name(range), range: .integer(low, high), scaling: scaling(range)))
        }
        for range in ranges?["ContinuousParameterRanges"]?.listValue ?? [] {
            guard let low = Double(range["MinValue"]?.stringValue ?? ""), let high = Double(range["MaxValue"]?.stringValue ?? ""),
                low <= high
            else { throw bad(range) }
            parameters.append(Parameter(name: name(range), range: .continuous(low, high), scaling: scaling(range)))
        }
        for range in ranges?["CategoricalParameterRanges"]?.listValue ?? [] {
            let values = range["Values"]?.listValue?.compactMap(\.stringValue) ?? []
            guard !values.isEmpty else { throw bad(range) }
            parameters.append(Parameter(name: name(range), range: .categorical(values), scaling: "Linear"))
        }
        return parameters
    }

    private static func name(_ range: Value) -> String { range["Name"]?.stringValue ?? "" }
    private static func scaling(_ range: Value) -> String { range["ScalingType"]?.stringValue ?? "Auto" }
    private static func bad(_ range: Value) -> ServiceError {
        SageMakerError.validation("The range of \(name(range)) is none: MinValue must be a number not greater than MaxValue.")
    }

    /// Checks names against what the algorithm has.
    ///
    /// - Throws: `ServiceError` ValidationException.
    func check(with algorithm: (any Algorithm.Type)?) throws {
        // The names of a user's own program are his.
        guard let algorithm else { return }
        guard algorithm.metrics.contains(where: { $0.name == metricName }) else {
            throw SageMakerError.validation(
                "The objective metric \(metricName) for the hyperparameter tuning job isn't valid. Choose one of: "
                    + algorithm.metrics.map(\.name).joined(separator: ", "))
        }
        for parameter in parameters where !algorithm.hyperparameters.contains(where: { $0.name == parameter.name }) {
            guard !algorithm.hyperparameters.isEmpty else { return }
            throw SageMakerError.validation("The hyperparameter \(parameter.name) is none of the algorithm's.")
        }
    }

    /// The machines of each training job, as a training job itself says them: `ResourceConfig`, or what a
    /// `HyperParameterTuningResourceConfig` prefers.
    ///
    /// - Returns: nil where a definition has neither, or both.
    static func resources(of definition: Value) -> Value? {
        let own = definition["ResourceConfig"]
        guard let config = definition["HyperParameterTuningResourceConfig"] else { return own }
        guard own == nil else { return nil }
        let preferred = config["InstanceConfigs"]?.listValue?.first ?? config
        guard preferred["InstanceType"] != nil, preferred["InstanceCount"] != nil else { return nil }
        var resources = preferred.picking("InstanceType", "InstanceCount", "VolumeSizeInGB")
        resources["VolumeSizeInGB"] = resources["VolumeSizeInGB"] ?? config["VolumeSizeInGB"] ?? 1
        resources["VolumeKmsKeyId"] = config["VolumeKmsKeyId"]
        return resources
    }

    // MARK: Judging

    /// The last value of the objective that a job has reported.
    func objective(of job: TrainingJobRecord) -> Double? {
        job.finalMetrics.last { $0.metricName == metricName }?.value
    }

    func best(among jobs: [TrainingJobRecord]) -> TrainingJobRecord? {
        let valued = jobs.filter { $0.jobStatus == .completed || $0.jobStatus == .stopped }
            .compactMap { job in objective(of: job).map { (job, $0) } }
        return (isMaximized ? valued.max { $0.1 < $1.1 } : valued.min { $0.1 < $1.1 })?.0
    }

    // MARK: Searching

    /// The places (between 0 and 1 in each parameter) of the job with that number.
    ///
    /// - Parameter seen: places that have been tried, with what came out; smaller is better.
    func places(ofJob index: Int, seen: [(places: [Double], loss: Double)]) -> [Double] {
        var random = SplitMix(state: seed &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15)
        switch strategy {
        case "Grid":
            var rest = index
            return parameters.map { parameter in
                guard case .categorical(let values) = parameter.range else { return 0 }
                defer { rest /= values.count }
                return (Double(rest % values.count) + 0.5) / Double(values.count)
            }
        case "Bayesian" where seen.count >= max(3, parameters.count + 1):
            return GaussianSearch(seen: seen).next(dimension: parameters.count, &random)
        default: return parameters.map { _ in random.unit() }
        }
    }

    /// The hyperparameters at some places.
    func values(at places: [Double]) -> [String: String] {
        Dictionary(zip(parameters, places).map { ($0.name, $0.text(at: $1)) }, uniquingKeysWith: { first, _ in first })
    }
}

/// A small generator of random numbers (SplitMix64, Steele, Lea and Flood 2014), the same for the same seed.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// From 0 up to, but not including, 1.
    mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
}

/// The next point by expected improvement under a Gaussian process (Jones, Schonlau and Welch 1998), with a squared exponential kernel.
struct GaussianSearch {
    private static let lengthScale = 0.25
    private static let noise = 1e-4
    private static let candidateCount = 500

    private let points: [[Double]]
    private let factor: [[Double]]
    private let weights: [Double]
    private let best: Double

    init(seen: [(places: [Double], loss: Double)]) {
        let finite = seen.filter(\.loss.isFinite)
        let losses = finite.map(\.loss)
        let mean = losses.reduce(0, +) / Double(max(losses.count, 1))
        let spread = (losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(losses.count, 1))).squareRoot()
        let targets = losses.map { ($0 - mean) / (spread > 0 ? spread : 1) }
        points = finite.map(\.places)
        best = targets.min() ?? 0
        let count = points.count
        var lower = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
        for row in 0..<count {
            for column in 0...row {
                var sum = Self.kernel(points[row], points[column]) + (row == column ? Self.noise : 0)
                for inner in 0..<column { sum -= lower[row][inner] * lower[column][inner] }
                lower[row][column] = row == column ? max(sum, 1e-12).squareRoot() : sum / lower[column][column]
            }
        }
        factor = lower
        weights = Self.solve(lower, targets)
    }

    private static func kernel(_ left: [Double], _ right: [Double]) -> Double {
        let square = zip(left, right).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return exp(-square / (2 * lengthScale * lengthScale))
    }

    private static func forward(_ lower: [[Double]], _ right: [Double]) -> [Double] {
        var result = right
        for row in right.indices {
            for column in 0..<row { result[row] -= lower[row][column] * result[column] }
            result[row] /= lower[row][row]
        }
        return result
    }

    private static func solve(_ lower: [[Double]], _ right: [Double]) -> [Double] {
        var result = forward(lower, right)
        for row in right.indices.reversed() {
            for column in (row + 1)..<max(right.count, row + 1) { result[row] -= lower[column][row] * result[column] }
            result[row] /= lower[row][row]
        }
        return result
    }

    /// The best of some random candidates.
    func next(dimension: Int, _ random: inout SplitMix) -> [Double] {
        var chosen: [Double] = []
        var highest = -Double.infinity
        for _ in 0..<Self.candidateCount {
            let candidate = (0..<dimension).map { _ in random.unit() }
            let improvement = expectedImprovement(candidate)
            if improvement > highest {
                highest = improvement
                chosen = candidate
            }
        }
        return chosen
    }

    private func expectedImprovement(_ candidate: [Double]) -> Double {
        let nearness = points.map { Self.kernel($0, candidate) }
        let mean = zip(nearness, weights).reduce(0) { $0 + $1.0 * $1.1 }
        let explained = Self.forward(factor, nearness).reduce(0) { $0 + $1 * $1 }
        let deviation = max(1 + Self.noise - explained, 1e-12).squareRoot()
        let distance = (best - mean) / deviation
        let density = exp(-distance * distance / 2) / (2 * Double.pi).squareRoot()
        return deviation * (distance * 0.5 * erfc(-distance / 2.0.squareRoot()) + density)
    }
}
