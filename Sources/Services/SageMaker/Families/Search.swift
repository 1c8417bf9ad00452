// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import OrderedCollections
import ServiceModel
import Wire
import World

/// `Search`: finds resources by their properties.
enum Search {
    static let rows: [OperationRow] = [
        OperationRow("sagemaker", "Search", .template("*"), value: { try search($0, $1) }),
        OperationRow("sagemaker", "GetSearchSuggestions", .template("*"), value: { try suggest($0, $1) }),
    ]

    /// What can be searched, by the request's word: the member of a result, and the table's noun.
    private static let resources: [String: (member: String, noun: String)] = [
        "Experiment": ("Experiment", "Experiment"), "ExperimentTrial": ("Trial", "Trial"),
        "ExperimentTrialComponent": ("TrialComponent", "TrialComponent"), "TrainingJob": ("TrainingJob", ""),
        "ModelPackage": ("ModelPackage", ""), "ModelPackageGroup": ("ModelPackageGroup", "ModelPackageGroup"),
        "Pipeline": ("Pipeline", "Pipeline"), "PipelineExecution": ("PipelineExecution", ""),
        "FeatureGroup": ("FeatureGroup", "FeatureGroup"), "Project": ("Project", "Project"),
        "ModelCard": ("ModelCard", "ModelCard"),
        "Endpoint": ("Endpoint", ""),
    ]

    private static func search(_ input: Value, _ call: Call) throws -> Value {
        let (found, _, _) = try results(input, call)
        let page = try ListPage(
            of: found, token: input["NextToken"]?.stringValue, limit: input["MaxResults"]?.integerValue ?? 10, list: "search",
            invalid: SageMakerError.validation("Invalid pagination token."))
        var output: Value = [
            "Results": .list(page.elements), "TotalHits": ["Value": .integer(found.count), "Relation": "EqualTo"],
        ]
        output["NextToken"] = page.nextToken.map(Value.string)
        return output
    }

    private static func suggest(_ input: Value, _ call: Call) throws -> Value {
        let hint = input["SuggestionQuery"]?["PropertyNameQuery"]?["PropertyNameHint"]?.stringValue ?? ""
        let (_, shape, _) = try results(["Resource": input["Resource"] ?? ""], call)
        let names = shape.members.map(\.name).filter { $0.lowercased().hasPrefix(hint.lowercased()) }
        return ["PropertyNameSuggestions": .list(names.map { ["PropertyName": .string($0)] })]
    }

    private static func results(_ input: Value, _ call: Call) throws -> (found: [Value], shape: Shape, member: String) {
        let word = input["Resource"]?.stringValue ?? ""
        guard let (member, noun) = resources[word],
            let shape = ResourceFamilies.model?.shape(named: "SearchRecord")?.member(named: member)?.shape
        else {
            throw ServiceError(
                "OperationNotSimulated",
                "A search for \(word) is not simulated; there is: \(resources.keys.sorted().joined(separator: ", "))", status: 501)
        }
        var entries = try call.world.store.read { try all(word, noun, call, $0) }
        if let expression = input["SearchExpression"] {
            entries = try entries.filter { try SearchExpression.matches($0, expression, shape) }
        }
        let key = input["SortBy"]?.stringValue ?? "LastModifiedTime"
        let isAscending = input["SortOrder"]?.stringValue == "Ascending"
        entries.sort { left, right in
            let (first, second) = isAscending ? (left, right) : (right, left)
            return SearchExpression.isLess(SearchExpression.property(key, of: first), SearchExpression.property(key, of: second))
        }
        let found = entries.map { entry -> Value in
            var result: Value = .emptyObject
            result[member] = entry
            return result
        }
        return (found, shape, member)
    }

    /// Everything that is known of the resources of one kind, tags included.
    private static func all(_ word: String, _ noun: String, _ call: Call, _ database: Database) throws -> [Value] {
        var entries: [Value]
        switch word {
        case "TrainingJob":
            entries = try database.resources(TrainingJobRecord.self, in: call.scope).records.map {
                try ValueEncoder().encode(DescribeTrainingJob.Output($0))
            }
        case "Endpoint":
            entries = try database.resources(EndpointRecord.self, in: call.scope).records.map { record in
                [
                    "EndpointName": .string(record.name), "EndpointArn": .string(record.arn),
                    "EndpointConfigName": .string(record.endpointConfigName), "EndpointStatus": .string(record.status),
                    "CreationTime": .timestamp(record.creationTime), "LastModifiedTime": .timestamp(record.lastModifiedTime),
                ]
            }
        case "ModelPackage": entries = try ModelPackageRules.all(call, database)
        case "PipelineExecution":
            entries = try database.keptRecords(Pipelines.executions.kind, in: call.scope).map(Pipelines.executions.facts)
        default:
            let family = ResourceFamilies.named(noun)
            entries = try database.keptRecords(family.kind, in: call.scope).map(family.facts)
        }
        for index in entries.indices {
            guard
                let arn = entries[index].objectValue?.first(where: {
                    $0.key == word + "Arn" || $0.key.hasSuffix("Arn") && $0.key.hasPrefix(noun)
                })?
                .value.stringValue ?? entries[index][word + "Arn"]?.stringValue
            else { continue }
            let tags = try database.tags(of: arn)
            entries[index]["Tags"] = .list(tags.map { ["Key": .string($0.Key), "Value": .string($0.Value)] })
        }
        return entries
    }
}

/// The conditions of a search.
enum SearchExpression {
    static func matches(_ entry: Value, _ expression: Value, _ shape: Shape) throws -> Bool {
        var answers = try (expression["Filters"]?.listValue ?? []).map { try passes(entry, filter: $0, shape) }
        answers += try (expression["SubExpressions"]?.listValue ?? []).map { try matches(entry, $0, shape) }
        for nested in expression["NestedFilters"]?.listValue ?? [] {
            let path = nested["NestedPropertyName"]?.stringValue ?? ""
            let elements = property(path, of: entry)?.listValue ?? []
            let filters = nested["Filters"]?.listValue ?? []
            answers.append(
                elements.contains { element in
                    filters.allSatisfy { filter in
                        let name = filter["Name"]?.stringValue ?? ""
                        let own = name.hasPrefix(path + ".") ? String(name.dropFirst(path.count + 1)) : name
                        return compare(property(own, of: element), filter)
                    }
                })
        }
        guard !answers.isEmpty else { return true }
        return expression["Operator"]?.stringValue == "Or" ? answers.contains(true) : !answers.contains(false)
    }

    private static func passes(_ entry: Value, filter: Value, _ shape: Shape) throws -> Bool {
        let name = filter["Name"]?.stringValue ?? ""
        let first = String(name.split(separator: ".").first ?? "")
        guard shape.member(named: first) != nil || first == "Metrics" else {
            throw SageMakerError.validation("Unknown property name: \(name)")
        }
        return compare(property(name, of: entry), filter)
    }

    /// What stands at a path of names joined by dots; `Tags.key` and `Metrics.name` are looked up by key and name.
    static func property(_ path: String, of entry: Value) -> Value? {
        let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
        guard let first = parts.first else { return nil }
        guard parts.count > 1 else { return entry[first] }
        switch first {
        case "Tags": return entry["Tags"]?.listValue?.first { $0["Key"]?.stringValue == parts[1] }?["Value"]
        case "Metrics":
            return entry["FinalMetricDataList"]?.listValue?.first { $0["MetricName"]?.stringValue == parts[1] }?["Value"]
        default: return entry[first].flatMap { property(parts[1], of: $0) }
        }
    }

    private static func compare(_ found: Value?, _ filter: Value) -> Bool {
        let wanted = filter["Value"]?.stringValue ?? ""
        let text = found.map(text(of:))
        switch filter["Operator"]?.stringValue ?? "Equals" {
        case "Exists": return found != nil
        case "NotExists": return found == nil
        case "Equals": return text == wanted
        case "NotEquals": return text != wanted
        case "Contains": return text?.contains(wanted) ?? false
        case "In": return text.map(wanted.split(separator: ",").map(String.init).contains) ?? false
        case "GreaterThan": return isLess(.string(wanted), found)
        case "LessThan": return found != nil && isLess(found, .string(wanted))
        case "GreaterThanOrEqualTo": return found != nil && !isLess(found, .string(wanted))
        case "LessThanOrEqualTo": return found != nil && !isLess(.string(wanted), found)
        default: return false
        }
    }

    private static func text(of value: Value) -> String {
        switch value {
        case .string(let text): text
        case .boolean(let flag): flag ? "true" : "false"
        default: JSON.serialize(value)
        }
    }

    /// Numbers and times by size, texts by their letters; what is absent comes first.
    static func isLess(_ left: Value?, _ right: Value?) -> Bool {
        guard let right else { return false }
        guard let left else { return true }
        if let first = number(left), let second = number(right) { return first < second }
        return text(of: left) < text(of: right)
    }

    private static func number(_ value: Value) -> Double? {
        if let number = value.doubleValue { return number }
        guard let text = value.stringValue else { return nil }
        return Double(text) ?? Timestamp.parse(text)
    }
}
