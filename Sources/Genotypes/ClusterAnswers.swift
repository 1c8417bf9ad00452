// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation

/// What k-means answered for each row: the number of its cluster.
public enum ClusterAnswers {
    private struct Answer: Decodable {
        var cluster: Double

        enum CodingKeys: String, CodingKey { case cluster = "closest_cluster" }
    }

    private struct Answers: Decodable {
        var predictions: [Answer]
    }

    /// Reads an answer of the k-means algorithm, whatever the request accepted: RecordIO-protobuf, JSON, JSON Lines, or CSV.
    ///
    /// Throws ``DataError`` for anything else.
    public static func read(_ bytes: [UInt8], name: String) throws -> [Int] {
        func wrong(_ line: Int? = nil) -> DataError {
            DataError(
                .other(
                    "it is no answer of k-means: each row has a closest_cluster, in RecordIO, JSON or JSON Lines, or first in a line of CSV"
                ),
                at: DataError.Location(file: name, line: line))
        }
        let numbers: [Double]
        if RecordIO.isRecordIO(bytes) {
            numbers = try RecordIO.labels(of: bytes, name: name).map { labels in
                guard let value = labels["closest_cluster"]?.first else { throw wrong() }
                return Double(value)
            }
        } else if bytes.first == UInt8(ascii: "{") {
            if let answers = try? JSONDecoder().decode(Answers.self, from: Data(bytes)) {
                numbers = answers.predictions.map(\.cluster)
            } else {
                numbers = try lines(bytes).map { line, number in
                    guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(line.utf8)) else { throw wrong(number) }
                    return answer.cluster
                }
            }
        } else {
            numbers = try lines(bytes).map { line, number in
                guard let value = line.split(separator: ",").first.flatMap({ Double($0) }) else { throw wrong(number) }
                return value
            }
        }
        return try numbers.map { number in
            guard let cluster = Int(exactly: number), cluster >= 0 else { throw wrong() }
            return cluster
        }
    }

    private static func lines(_ bytes: [UInt8]) -> [(Substring, Int)] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .filter { !$0.element.allSatisfy(\.isWhitespace) }.map { ($0.element, $0.offset + 1) }
    }
}

/// How many people of each group are in each cluster.
public struct CrossTable: Sendable, Equatable {
    /// The groups' names, sorted.
    public let groups: [String]
    /// The clusters' numbers, sorted.
    public let clusters: [Int]
    /// [group][cluster].
    public let counts: [[Int]]

    /// Counts; throws ``UserError`` unless there is one group for each cluster.
    public init(groups names: [String], clusters numbers: [Int]) throws {
        guard names.count == numbers.count else {
            throw UserError("there are \(numbers.count) answers for \(names.count) people; each person has one")
        }
        let groups = Set(names).sorted()
        let clusters = Set(numbers).sorted()
        var counts = groups.map { _ in clusters.map { _ in 0 } }
        let rows = Dictionary(uniqueKeysWithValues: groups.enumerated().map { ($0.element, $0.offset) })
        let columns = Dictionary(uniqueKeysWithValues: clusters.enumerated().map { ($0.element, $0.offset) })
        for (name, number) in zip(names, numbers) {
            if let row = rows[name], let column = columns[number] { counts[row][column] += 1 }
        }
        (self.groups, self.clusters, self.counts) = (groups, clusters, counts)
    }

    /// The share of people whose cluster's most frequent group is their own.
    public var purity: Double {
        let total = counts.joined().reduce(0, +)
        let majorities = clusters.indices.map { column in counts.map { $0[column] }.max() ?? 0 }
        return total == 0 ? 0 : Double(majorities.reduce(0, +)) / Double(total)
    }

    /// The table for a person: a line a group, a column a cluster.
    public var text: String {
        let rows = [["pop"] + clusters.map { "\($0)" }] + zip(groups, counts).map { [$0] + $1.map { "\($0)" } }
        let widths = (0...clusters.count).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let first = row[0] + String(repeating: " ", count: widths[0] - row[0].count)
            return ([first] + zip(row, widths).dropFirst().map { String(repeating: " ", count: max(4, $1) - $0.count) + $0 })
                .joined(separator: "  ") + "\n"
        }.joined()
    }
}
