// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

/// A channel in memory: features, weights, and labels as places in a list of names, or as numbers.
struct TreeDataset {
    let features: FeatureMatrix
    let labels: [Float]
    /// Nil where every row weighs 1.
    let weights: [Double]?

    /// Reads a channel whole; `labelNames` takes the classes and is nil for numbers.
    init(_ channel: InputChannel, options: TreeOptions, labelNames: LabelNames?, featureCount: Int?, pool: ThreadPool) throws {
        let examples = try channel.readExamples(
            ReadOptions(
                defaultContentType: .csv, labels: .required, featureCount: featureCount,
                featureCountSource: "channel 'training'", labelNames: labelNames))
        labels = examples.labels
        guard options.hasRowWeights else {
            weights = nil
            features = try Self.matrix(examples, channel: channel.name).compacted(with: pool)
            return
        }
        guard examples.featureCount > 1 else {
            throw UserError(
                "channel '\(channel.name)' has one column beside the label; with csv_weights 1 it takes a weight and a feature")
        }
        let width = examples.featureCount
        let values = examples.denseValues()
        let weights = stride(from: 0, to: values.count, by: width).map { Double(values[$0]) }
        if let row = weights.firstIndex(where: { $0 < 0 }) {
            throw DataError(
                .other("the weight is \(PythonNumber.representation(of: weights[row])); weights are at least 0"),
                at: .init(file: "channel '\(channel.name)'", record: row + 1))
        }
        self.weights = weights
        let rest = (0..<examples.count).flatMap { values[$0 * width + 1..<($0 + 1) * width] }
        let narrowed = ExampleSet(count: examples.count, featureCount: width - 1, features: .dense(rest))
        features = try Self.matrix(narrowed, channel: channel.name).compacted(with: pool)
    }

    private static func matrix(_ examples: ExampleSet, channel: String) throws -> FeatureMatrix {
        switch examples.features {
        case .dense(let values):
            if let matrix = Matrix(rowCount: examples.count, columnCount: examples.featureCount, values: values) {
                return .dense(matrix)
            }
        case .sparse(let rowStarts, let columns, let values):
            if let matrix = SparseMatrix(
                columnCount: examples.featureCount, rowStarts: rowStarts, columns: columns, values: values)
            {
                return .sparse(matrix)
            }
        }
        throw AlgorithmError("channel '\(channel)' was read as parts that do not make a matrix")
    }
}

extension FeatureMatrix {
    /// The same values in less memory where they fit.
    func compacted(with pool: ThreadPool) -> FeatureMatrix {
        if case .dense(let matrix) = self { return .dense(matrix.compacted(with: pool)) }
        return self
    }

    /// The leaf of every row.
    func leaves(of tree: Tree, pool: ThreadPool) -> [Int] {
        var leaves = [Int](repeating: 0, count: rowCount)
        leaves.withUnsafeMutableBufferPointer { leaves in
            nonisolated(unsafe) let leaves = leaves
            let chunk = 1024
            pool.parallelFor((rowCount + chunk - 1) / chunk) { index in
                var row = [Float](repeating: 0, count: columnCount)
                for place in index * chunk..<min(rowCount, (index + 1) * chunk) {
                    fill(&row, from: place)
                    leaves[place] = row.withUnsafeBufferPointer { tree.leaf(of: $0) }
                }
            }
        }
        return leaves
    }

    private func fill(_ target: inout [Float], from row: Int) {
        switch self {
        case .dense(let matrix):
            for column in 0..<columnCount { target[column] = matrix[row, column] }
        case .sparse(let matrix):
            for column in 0..<columnCount { target[column] = 0 }
            for entry in matrix.rowStarts[row]..<matrix.rowStarts[row + 1] {
                target[Int(matrix.columns[entry])] = matrix.values[entry]
            }
        }
    }
}

/// One job's training.
struct TreeTraining {
    private let job: TrainingJob
    private let options: TreeOptions
    private let pool: ThreadPool

    init(_ job: TrainingJob, options: TreeOptions) throws {
        self.job = job
        self.options = options
        pool = ThreadPool(threadCount: job.threadCount)
    }

    /// Reads, grows, prunes, and tells the quality.
    func run() throws -> TreeDocument {
        let start = job.log.now()
        let names = options.criterion == .squaredError ? nil : LabelNames()
        let data = try TreeDataset(
            job.requiredChannel("training"), options: options, labelNames: names, featureCount: nil, pool: pool)
        let classes = names.map { TreeClasses($0.names) }
        let featureCount = data.features.columnCount
        let targets: TreeTargets
        if let classes {
            guard classes.names.count <= Int(UInt16.max) else {
                throw UserError("channel 'training' has \(classes.names.count) classes; at most \(UInt16.max) are taken")
            }
            targets = .classes(data.labels.map { UInt16(classes.number(ofPlace: $0)) }, count: classes.names.count)
        } else {
            targets = .values(data.labels.map { Double($0) })
        }
        let settings = options.settings(rowCount: data.features.rowCount, featureCount: featureCount, seed: job.seed)
        guard
            let grower = TreeGrower(
                data.features, targets: targets, weights: try weights(of: data, classes), settings: settings, pool: pool)
        else { throw AlgorithmError("\(data.labels.count) labels do not fit \(data.features.rowCount) rows") }
        let tree = grower.grow().pruned(alpha: options.pruningAlpha)
        let document = TreeDocument(
            tree: tree, criterion: options.criterionName, featureCount: featureCount, classes: classes?.names,
            hasNumericClasses: classes?.areNumbers ?? false)
        let seconds = max(job.log.now() - start, 1e-6)
        report(document, rowCount: data.features.rowCount, seconds: seconds)
        report("train", data, tree, classes)
        for channel in ["validation", "test"].compactMap({ job.channel($0) }) {
            let data = try TreeDataset(
                channel, options: options, labelNames: names,
                featureCount: featureCount + (options.hasRowWeights ? 1 : 0), pool: pool)
            report(channel.name, data, tree, classes)
        }
        return document
    }

    /// Each row's own weight times its class's; nil where all weigh 1.
    private func weights(of data: TreeDataset, _ classes: TreeClasses?) throws -> [Double]? {
        guard let classes else { return data.weights }
        let ofClasses: [Double]
        switch options.classWeights {
        case .equal: return data.weights
        case .balanced:
            var counts = [Int](repeating: 0, count: classes.names.count)
            for label in data.labels { counts[classes.number(ofPlace: label)] += 1 }
            ofClasses = counts.map { Double(data.labels.count) / (Double(classes.names.count) * Double($0)) }
        case .given(let given):
            if let unknown = given.keys.sorted().first(where: { !classes.names.contains($0) }) {
                throw UserError(
                    "hyperparameter 'class_weight' has a weight for '\(unknown)', which is no label of channel 'training'; the labels are "
                        + classes.names.prefix(20).joined(separator: ", "))
            }
            ofClasses = classes.names.map { given[$0] ?? 1 }
        }
        return data.labels.indices.map { (data.weights?[$0] ?? 1) * ofClasses[classes.number(ofPlace: data.labels[$0])] }
    }

    // MARK: Log

    private func report(_ document: TreeDocument, rowCount: Int, seconds: Double) {
        let log = job.log
        log.info("#tree_metric: host=\(log.host), depth=\(document.tree.depth)")
        log.info("#tree_metric: host=\(log.host), leaves=\(document.tree.leafCount)")
        let throughput = PythonNumber.text12(of: Double(rowCount) / seconds)
        log.info("#throughput_metric: host=\(log.host), train throughput=\(throughput) records/second")
        let importances = document.importances.enumerated().filter { $0.element > 0 }.sorted { $0.element > $1.element }.prefix(10)
        for (feature, importance) in importances {
            log.info("feature_\(feature) importance=\(PythonNumber.text12(of: importance))")
        }
        let picture = document.picture(maximumDepth: 4)
        if document.tree.leafCount <= 64 { for line in picture.split(separator: "\n") { log.line(String(line)) } }
    }

    /// Tells how well the tree does on a channel.
    private func report(_ channel: String, _ data: TreeDataset, _ tree: Tree, _ classes: TreeClasses?) {
        let leaves = data.features.leaves(of: tree, pool: pool)
        func tell(_ name: String, _ kind: String, _ value: Double) {
            job.log.info("#quality_metric: host=\(job.log.host), \(channel) \(name) <\(kind)>=\(PythonNumber.text12(of: value))")
        }
        guard let classes else {
            let errors = zip(leaves, data.labels).reduce(0.0) {
                let difference = tree.values[$1.0] - Double($1.1)
                return $0 + difference * difference
            }
            return tell("mse", "loss", errors / Double(leaves.count))
        }
        let width = tree.valueCount
        // A name that training did not have is never predicted.
        var (hits, found, wanted) = (
            [Double](repeating: 0, count: width), [Double](repeating: 0, count: width), [Double](repeating: 0, count: width)
        )
        for (leaf, label) in zip(leaves, data.labels) {
            let predicted = tree.predictedClass(ofNode: leaf)
            let actual = classes.number(ofPlace: label)
            found[predicted] += 1
            if actual < width { wanted[actual] += 1 }
            if actual == predicted { hits[predicted] += 1 }
        }
        let scores = (0..<width).map { found[$0] + wanted[$0] == 0 ? 0 : 2 * hits[$0] / (found[$0] + wanted[$0]) }
        tell("accuracy", "score", hits.reduce(0, +) / Double(leaves.count))
        tell("macro_f1", "score", scores.reduce(0, +) / Double(width))
    }
}

/// The classes in their order: numbers by value, anything else as text.
struct TreeClasses {
    let names: [String]
    let areNumbers: Bool
    private let numbers: [Int]

    /// From the names in the order in which the data brought them.
    init(_ found: [String]) {
        let values = found.map { Double($0) }
        areNumbers = !found.isEmpty && values.allSatisfy { $0 != nil }
        let order: [Int]
        if areNumbers {
            order = found.indices.sorted { values[$0] ?? 0 < values[$1] ?? 0 }
        } else {
            order = found.indices.sorted { found[$0].unicodeScalars.lexicographicallyPrecedes(found[$1].unicodeScalars) }
        }
        names = order.map { found[$0] }
        var numbers = [Int](repeating: 0, count: found.count)
        for (number, place) in order.enumerated() { numbers[place] = number }
        self.numbers = numbers
    }

    /// The class of a label that a reader gave; one beyond the last for names that came later.
    func number(ofPlace place: Float) -> Int {
        let place = Int(place)
        return place < numbers.count ? numbers[place] : names.count
    }
}

extension Tree {
    /// The first of the classes with the largest share.
    func predictedClass(ofNode node: Int) -> Int {
        let start = node * valueCount
        var best = 0
        for number in 1..<max(1, valueCount) where values[start + number] > values[start + best] { best = number }
        return best
    }
}
