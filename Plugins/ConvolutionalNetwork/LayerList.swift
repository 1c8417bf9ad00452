// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation

/// A network as hyperparameter `network` names it.
struct LayerList: Sendable, Equatable {
    /// The layers; the last dense one's units are nil where they are the classes, however many those are.
    private enum Entry: Sendable, Equatable {
        case layer(NetworkLayer)
        case classes
    }

    private let entries: [Entry]

    /// Lab 2's network.
    static let lab2 = """
        [{"type": "conv", "filters": 32, "kernel": 5}, {"type": "relu"}, {"type": "pool", "size": 2},
        {"type": "conv", "filters": 64, "kernel": 5}, {"type": "relu"}, {"type": "pool", "size": 2},
        {"type": "dense", "units": 1024}, {"type": "relu"}, {"type": "dropout", "rate": 0.4}, {"type": "dense"}]
        """

    /// Throws ``UserError``, which says which layer and what would be right.
    init(_ text: String) throws {
        let list = text == "lab2" ? Self.lab2 : text
        guard let objects = try? JSONSerialization.jsonObject(with: Data(list.utf8)) as? [[String: Any]], !objects.isEmpty else {
            throw UserError(
                .invalidHyperparameter(
                    name: "network", value: String(text.prefix(60)),
                    expected: "lab2, or a JSON list of layers such as [{\"type\": \"conv\", \"filters\": 8, \"kernel\": 3}, "
                        + "{\"type\": \"relu\"}, {\"type\": \"dense\"}]"))
        }
        entries = try objects.enumerated().map { try Self.entry($1, number: $0 + 1, isLast: $0 == objects.count - 1) }
    }

    static func problem(_ number: Int, _ text: String) -> UserError {
        UserError("hyperparameter 'network', layer \(number): \(text)")
    }

    private static func entry(_ object: [String: Any], number: Int, isLast: Bool) throws -> Entry {
        let members = [
            "conv": ["filters", "kernel", "padding"], "relu": [], "pool": ["size"], "dense": ["units"], "dropout": ["rate"],
        ]
        guard let type = object["type"] as? String, let known = members[type] else {
            throw problem(number, "the type is \(object["type"] ?? "missing"); it is one of conv, relu, pool, dense, dropout")
        }
        if let unknown = object.keys.sorted().first(where: { $0 != "type" && !known.contains($0) }) {
            let takes = known.isEmpty ? "nothing else" : known.joined(separator: ", ")
            throw problem(number, "\(type) has no member '\(unknown)'; it takes \(takes)")
        }
        func whole(_ name: String, _ range: ClosedRange<Int>, default standard: Int? = nil) throws -> Int {
            if object[name] == nil, let standard { return standard }
            guard let value = object[name] as? NSNumber, let number = Int(exactly: value.doubleValue), range.contains(number) else {
                throw problem(
                    number,
                    "\(name) is \(object[name] ?? "missing"); it is a whole number in \(range.lowerBound)...\(range.upperBound)")
            }
            return number
        }
        switch type {
        case "conv":
            let (height, width) = try kernel(object["kernel"], number: number)
            let padding = object["padding"] ?? "same"
            guard let padding = padding as? String, ["same", "valid"].contains(padding) else {
                throw problem(number, "padding is \(padding); it is same or valid")
            }
            return .layer(
                .convolution(
                    filterCount: try whole("filters", 1...4096), kernelHeight: height, kernelWidth: width,
                    isPadded: padding == "same"))
        case "relu": return .layer(.rectifier)
        case "pool": return .layer(.pool(size: try whole("size", 2...15, default: 2)))
        case "dropout":
            guard let rate = (object["rate"] as? NSNumber)?.doubleValue, rate >= 0, rate < 1 else {
                throw problem(number, "rate is \(object["rate"] ?? "missing"); it is a number in [0, 1)")
            }
            return .layer(.dropout(rate: rate))
        default:
            if isLast, object["units"] == nil { return .classes }
            return .layer(.dense(unitCount: try whole("units", 1...65_536)))
        }
    }

    /// A number, or height and width.
    private static func kernel(_ value: Any?, number: Int) throws -> (Int, Int) {
        let sizes = (value as? NSNumber).map { [$0, $0] } ?? (value as? [NSNumber]) ?? []
        let whole = sizes.compactMap { Int(exactly: $0.doubleValue) }.filter { (1...64).contains($0) }
        guard sizes.count == 2, whole.count == 2 else {
            throw problem(
                number, "kernel is \(value ?? "missing"); it is a whole number in 1...64, or two of them, height and width")
        }
        return (whole[0], whole[1])
    }

    /// The layers for so many classes; throws ``UserError`` where the last layer has another number of units.
    func resolved(classCount: Int) throws -> [NetworkLayer] {
        if case .layer(.dense(let unitCount))? = entries.last, unitCount != classCount {
            throw Self.problem(
                entries.count,
                "the last layer has \(unitCount) units; it needs one for each of the \(classCount) classes, or no 'units'")
        }
        return entries.map { entry in
            switch entry {
            case .layer(let layer): return layer
            case .classes: return .dense(unitCount: classCount)
            }
        }
    }

    /// The units of the last layer, where they are given.
    var givenClassCount: Int? {
        if case .layer(.dense(let unitCount))? = entries.last { return unitCount }
        return nil
    }
}
