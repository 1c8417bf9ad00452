// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import OrderedCollections
import Wire
import World

/// One rule of a bucket's lifecycle (S3 User Guide, "Lifecycle configuration elements").
struct LifecycleRule: Sendable {
    /// When something happens: so many days after the object's time, or on a day.
    struct Moment: Sendable {
        var days: Int?
        var date: Double?

        /// World time for an object of that time; counted days end at a midnight of UTC.
        func time(from start: Double) -> Double? {
            date ?? days.map { ArchivedObject.midnight(after: start + Double($0) * 86_400) }
        }
    }

    struct Transition: Sendable {
        var moment: Moment
        var storageClass: String
        /// As `newerNoncurrentVersions` below.
        var newerVersions: Int
    }

    var id: String
    var isEnabled: Bool
    var prefix: String
    var tags: [Tag]
    var sizeGreaterThan: Int?
    var sizeLessThan: Int?
    var expiration: Moment?
    /// Whether delete markers go that hide nothing.
    var removesLoneDeleteMarkers: Bool
    var noncurrentDays: Int?
    /// So many noncurrent versions stay whatever their age.
    var newerNoncurrentVersions: Int
    var transitions: [Transition]
    var noncurrentTransitions: [Transition]
    var abortDays: Int?

    init(_ document: Value) {
        id = document["ID"]?.stringValue ?? ""
        isEnabled = document["Status"]?.stringValue == "Enabled"
        let filter = document["Filter"]
        let all = filter?["And"] ?? filter
        prefix = document["Prefix"]?.stringValue ?? all?["Prefix"]?.stringValue ?? ""
        let tagValues = (filter?["Tag"].map { [$0] } ?? []) + (filter?["And"]?["Tags"]?.listValue ?? [])
        tags = tagValues.map { Tag(Key: $0["Key"]?.stringValue ?? "", Value: $0["Value"]?.stringValue ?? "") }
        sizeGreaterThan = all?["ObjectSizeGreaterThan"]?.integerValue
        sizeLessThan = all?["ObjectSizeLessThan"]?.integerValue
        let end = document["Expiration"]
        expiration = Self.moment(end)
        removesLoneDeleteMarkers = end?["ExpiredObjectDeleteMarker"]?.booleanValue ?? false
        noncurrentDays = document["NoncurrentVersionExpiration"]?["NoncurrentDays"]?.integerValue
        newerNoncurrentVersions = document["NoncurrentVersionExpiration"]?["NewerNoncurrentVersions"]?.integerValue ?? 0
        transitions = (document["Transitions"]?.listValue ?? []).compactMap { transition in
            Self.moment(transition).map {
                Transition(moment: $0, storageClass: transition["StorageClass"]?.stringValue ?? "", newerVersions: 0)
            }
        }
        noncurrentTransitions = (document["NoncurrentVersionTransitions"]?.listValue ?? []).map { transition in
            Transition(
                moment: Moment(days: transition["NoncurrentDays"]?.integerValue ?? 0),
                storageClass: transition["StorageClass"]?.stringValue ?? "",
                newerVersions: transition["NewerNoncurrentVersions"]?.integerValue ?? 0)
        }
        abortDays = document["AbortIncompleteMultipartUpload"]?["DaysAfterInitiation"]?.integerValue
    }

    private static func moment(_ value: Value?) -> Moment? {
        let moment = Moment(days: value?["Days"]?.integerValue, date: value?["Date"]?.doubleValue)
        return moment.days == nil && moment.date == nil ? nil : moment
    }

    /// Whether the rule is for an object.
    func covers(key: String, size: Int, tags present: [Tag]) -> Bool {
        guard isEnabled, key.utf8.starts(with: prefix.utf8), tags.allSatisfy(present.contains) else { return false }
        if let sizeGreaterThan, size <= sizeGreaterThan { return false }
        if let sizeLessThan, size >= sizeLessThan { return false }
        return true
    }
}

/// What lifecycle documents may say, and what they promise about single objects.
enum Lifecycle {
    static let kind = "lifecycle"

    static func rules(of bucket: Bucket, in database: Database) throws -> [LifecycleRule] {
        let document = try database.configuration(kind, of: bucket).map(StoredDocument.value)
        return (document?["Rules"]?.listValue ?? []).map(LifecycleRule.init)
    }

    /// The `x-amz-expiration` header of a current object: when the first rule will end it.
    static func expirationHeader(of object: StoredObject, in bucket: Bucket, database: Database) throws -> String? {
        guard object.summary.isLatest else { return nil }
        let ends = try rules(of: bucket, in: database).compactMap { rule -> (time: Double, id: String)? in
            guard rule.covers(key: object.summary.key, size: object.summary.size, tags: object.details.tags ?? []) else {
                return nil
            }
            return rule.expiration?.time(from: object.summary.lastModifiedTime).map { ($0, rule.id) }
        }
        guard let first = ends.min(by: { $0.time < $1.time }) else { return nil }
        return "expiry-date=\"\(Timestamp.rfc822(first.time))\", rule-id=\"\(PercentEncoding.encode(first.id))\""
    }

    // MARK: Checking documents

    /// The document with an ID for each rule.
    static func checked(_ document: Value) throws -> Value {
        guard var rules = document["Rules"]?.listValue, (1...1000).contains(rules.count) else { throw S3Error.malformedXML }
        let names = rules.compactMap { $0["ID"]?.stringValue }.filter { !$0.isEmpty }
        if Set(names).count < names.count {
            throw S3Error.invalidArgument(
                "Rule ID must be unique. Found same ID for more than one rule", name: "ID", value: names.first ?? "")
        }
        for index in rules.indices {
            try check(rules[index])
            if rules[index]["ID"]?.stringValue?.isEmpty ?? true {
                rules[index]["ID"] = .string(Base64.encode(Array(UUID().uuidString.utf8)))
            }
        }
        var result = document
        result["Rules"] = .list(rules)
        return result
    }

    private static func check(_ rule: Value) throws {
        guard ["Enabled", "Disabled"].contains(rule["Status"]?.stringValue ?? "") else { throw S3Error.malformedXML }
        if let id = rule["ID"]?.stringValue, id.unicodeScalars.count > 255 {
            throw S3Error.invalidArgument("ID length should not exceed allowed limit of 255", name: "ID", value: id)
        }
        try checkFilter(rule)
        let actions = ["Expiration", "Transitions", "NoncurrentVersionExpiration", "NoncurrentVersionTransitions"]
        guard (actions + ["AbortIncompleteMultipartUpload"]).contains(where: { rule[$0] != nil }) else {
            throw S3Error.invalidRequest("At least one action needs to be specified in a rule")
        }
        if let expiration = rule["Expiration"] {
            let given = ["Days", "Date", "ExpiredObjectDeleteMarker"].filter { expiration[$0] != nil }
            guard given.count == 1 else { throw S3Error.malformedXML }
            try checkDays(expiration["Days"], "'Days' for Expiration action must be a positive integer", minimum: 1)
            try checkDate(expiration["Date"])
        }
        for transition in rule["Transitions"]?.listValue ?? [] {
            guard (transition["Days"] == nil) != (transition["Date"] == nil), isArchive(transition["StorageClass"]) else {
                throw S3Error.malformedXML
            }
            try checkDays(transition["Days"], "'Days' in Transition action must be nonnegative", minimum: 0)
            try checkDate(transition["Date"])
        }
        for transition in rule["NoncurrentVersionTransitions"]?.listValue ?? [] {
            guard transition["NoncurrentDays"] != nil, isArchive(transition["StorageClass"]) else { throw S3Error.malformedXML }
        }
        if let expiration = rule["NoncurrentVersionExpiration"] {
            guard expiration["NoncurrentDays"] != nil else { throw S3Error.malformedXML }
            try checkDays(
                expiration["NoncurrentDays"], "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer",
                minimum: 1)
        }
        if let abort = rule["AbortIncompleteMultipartUpload"] {
            guard abort["DaysAfterInitiation"] != nil else { throw S3Error.malformedXML }
            try checkDays(
                abort["DaysAfterInitiation"],
                "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer", minimum: 1)
        }
    }

    private static func checkFilter(_ rule: Value) throws {
        guard (rule["Prefix"] == nil) != (rule["Filter"] == nil) else { throw S3Error.malformedXML }
        guard let filter = rule["Filter"]?.objectValue else { return }
        let given = ["And", "Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan"].filter { filter[$0] != nil }
        guard given.count <= 1 else { throw S3Error.malformedXML }
    }

    private static func checkDays(_ value: Value?, _ message: String, minimum: Int) throws {
        guard let days = value?.integerValue, days < minimum else { return }
        throw S3Error.invalidArgument(message, name: "Days", value: String(days))
    }

    private static func checkDate(_ value: Value?) throws {
        guard let time = value?.doubleValue, time.truncatingRemainder(dividingBy: 86_400) != 0 else { return }
        throw S3Error.invalidArgument("'Date' must be at midnight GMT", name: "Date", value: Timestamp.iso8601(time))
    }

    private static func isArchive(_ value: Value?) -> Bool {
        ["GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR"]
            .contains(value?.stringValue ?? "")
    }
}
