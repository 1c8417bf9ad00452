// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation

/// A person of a panel.
public struct Person: Sendable, Equatable {
    /// The sample's name.
    public var sample: String
    /// The population's code, such as `GBR`.
    public var population: String
    /// The code of the larger group, such as `EUR`.
    public var superPopulation: String
}

/// Who the samples are: a table whose first line names the columns, separated by tabs, `sample`, `pop` and `super_pop` among them.
public struct Panel: Sendable, Equatable {
    /// The people, in the table's order.
    public let people: [Person]

    /// Reads a panel's bytes; throws ``DataError``.
    public init(parsing bytes: [UInt8], name: String) throws {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let columns = (lines.first ?? "").split { $0 == "\t" || $0.isWhitespace }
        let places = ["sample", "pop", "super_pop"].map { name in columns.firstIndex { $0 == name } }
        guard let sample = places[0], let population = places[1], let superPopulation = places[2] else {
            throw DataError(
                .other("a panel's first line names the columns sample, pop and super_pop, separated by tabs"),
                at: DataError.Location(file: name, line: 1))
        }
        let needed = max(sample, population, superPopulation)
        var people: [Person] = []
        for (index, line) in lines.enumerated().dropFirst() {
            let fields = line.split { $0 == "\t" || $0.isNewline }.map(String.init)
            if fields.isEmpty { continue }
            guard fields.count > needed else {
                throw DataError(
                    .wrongFieldCount(found: fields.count, expected: columns.count),
                    at: DataError.Location(file: name, line: index + 1))
            }
            people.append(Person(sample: fields[sample], population: fields[population], superPopulation: fields[superPopulation]))
        }
        self.people = people
    }

    /// Reads a panel's file; throws ``PlatformError`` and ``DataError``.
    public init(path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else { throw PlatformError("could not read the panel \(path)") }
        try self.init(parsing: [UInt8](data), name: path)
    }
}

/// People with their genotypes as numbers: what an algorithm learns from.
public struct Cohort: Sendable, Equatable {
    /// The people, one a row.
    public let people: [Person]
    /// The variants, one a column.
    public let variants: [Variant]
    /// [person][variant]: the number of other bases, 0 to 2; where it is not known, the mean of the cohort's others.
    public let values: [Float]
    /// The number of genotypes that were not known.
    public let missingCount: Int

    /// Joins genotypes with a panel: those of its people, in the file's order, whose population or larger group is among `populations`
    /// (empty: all); throws ``UserError`` where nobody or no variant is left.
    public init(_ table: GenotypeTable, panel: Panel, populations: [String] = []) throws {
        let known = Dictionary(panel.people.map { ($0.sample, $0) }) { first, _ in first }
        for name in populations where !panel.people.contains(where: { $0.population == name || $0.superPopulation == name }) {
            let names = Set(panel.people.map(\.population)).sorted() + Set(panel.people.map(\.superPopulation)).sorted()
            throw UserError("the panel has no population '\(name)'; it has \(names.joined(separator: ", "))")
        }
        var people: [Person] = []
        var places: [Int] = []
        for (place, sample) in table.samples.enumerated() {
            guard let person = known[sample],
                populations.isEmpty || populations.contains(person.population) || populations.contains(person.superPopulation)
            else { continue }
            people.append(person)
            places.append(place)
        }
        guard !people.isEmpty else {
            throw UserError("none of the file's \(table.samples.count) samples is among the panel's people")
        }
        guard !table.variants.isEmpty else {
            throw UserError(
                "no variant is left: of the \(table.lineCount) that were read, none is a single base in the region and frequent enough"
            )
        }
        (values, missingCount) = Self.matrix(table, places)
        self.people = people
        variants = table.variants
    }

    private init(people: [Person], variants: [Variant], values: [Float]) {
        (self.people, self.variants, self.values, missingCount) = (people, variants, values, 0)
    }

    private static func matrix(_ table: GenotypeTable, _ places: [Int]) -> (values: [Float], missingCount: Int) {
        let width = table.variants.count
        var values = [Float](repeating: 0, count: places.count * width)
        var missingCount = 0
        for variant in 0..<width {
            let start = variant * table.samples.count
            var (sum, count) = (0, 0)
            for place in places {
                let dosage = table.dosages[start + place]
                guard dosage != GenotypeText.missing else { continue }
                sum += Int(dosage)
                count += 1
            }
            missingCount += places.count - count
            let mean = count > 0 ? Float(sum) / Float(count) : 0
            for (row, place) in places.enumerated() {
                let dosage = table.dosages[start + place]
                values[row * width + variant] = dosage == GenotypeText.missing ? mean : Float(dosage)
            }
        }
        return (values, missingCount)
    }

    /// One person's numbers.
    public func row(_ index: Int) -> ArraySlice<Float> { values[(index * variants.count)..<((index + 1) * variants.count)] }

    /// Some of the people, in the given order.
    public func people(at indices: [Int]) -> Cohort {
        Cohort(people: indices.map { people[$0] }, variants: variants, values: indices.flatMap { row($0) })
    }

    /// Divides the people at random: `testFraction` of them, rounded, to test, the others to train.
    public func split(testFraction: Double, seed: UInt64) -> (train: Cohort, test: Cohort) {
        var random = Random(seed: seed, stream: 99)
        let order = random.permutation(people.count).map { Int($0) }
        let testCount = min(people.count, max(0, Int((Double(people.count) * testFraction).rounded())))
        return (people(at: Array(order.dropLast(testCount))), people(at: Array(order.suffix(testCount))))
    }

    /// As RecordIO-protobuf: a record a person, dense float32 features, no label.
    public func recordIO() -> [UInt8] {
        var encoder = RecordIOEncoder()
        encoder.reserve(byteCount: people.count * (variants.count * 4 + 64))
        for index in people.indices { encoder.append(features: Array(row(index)), label: nil) }
        return encoder.take()
    }

    /// As CSV without header: a line a person, no label.
    public func csv() -> [UInt8] {
        var text = ""
        for index in people.indices {
            text += row(index).map { $0 == $0.rounded() ? "\(Int($0))" : "\($0)" }.joined(separator: ",") + "\n"
        }
        return Array(text.utf8)
    }

    /// Who the rows are: a panel of these people in their order.
    public func panelText() -> [UInt8] {
        Array(
            ("sample\tpop\tsuper_pop\n" + people.map { "\($0.sample)\t\($0.population)\t\($0.superPopulation)\n" }.joined()).utf8)
    }
}
