// SPDX-License-Identifier: Apache-2.0

import Wire

/// Objects: written ones get their old body back, deleted ones their last.
enum UndoObjects {
    static let rules: [UndoRule] =
        ["PutObject", "CopyObject", "CompleteMultipartUpload"].map(writing) + [deletion, severalDeletions]

    private static let key = ["Bucket", "Key"]
    /// What is said again of an object that is put back.
    private static let metadata = [
        "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType", "Metadata", "StorageClass",
        "WebsiteRedirectLocation", "ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled",
    ]

    /// What tells one state of an object from another; nil where there is none.
    ///
    /// Its time is not part of it: an object that has been put back is what it was.
    private static func mark(_ scene: UndoScene, _ input: Value) async throws -> Value? {
        try await scene.look("s3 HeadObject", input.picking(key))?.picking([
            "ETag", "ContentLength", "ContentType", "Metadata", "VersionId",
        ])
    }

    /// An object with its body kept; nil where there is none.
    private static func keep(_ scene: UndoScene, _ input: Value) async throws -> Value? {
        let name = input.picking(key)
        guard let head = try await scene.look("s3 HeadObject", name) else { return nil }
        var kept = head.picking(metadata)
        if let length = head["ContentLength"]?.integerValue, length > KeptBodies.byteLimit {
            kept["Lost"] = .string("it had more bytes than are kept (\(KeptBodies.byteLimit >> 20) MiB)")
            return kept
        }
        // A version stays where it is.
        if head["VersionId"] != nil { return kept }
        let answer = try await scene.send("s3 GetObject", name)
        kept["Body"] = try await scene.bodies.keep(answer.body).map { .string($0) }
        let tags = try await scene.list("s3 GetObjectTagging", name, "TagSet")
        if !tags.isEmpty {
            let pairs = tags.map { "\(encoded($0["Key"]))=\(encoded($0["Value"]))" }
            kept["Tagging"] = .string(pairs.joined(separator: "&"))
        }
        return kept
    }

    private static func encoded(_ value: Value?) -> String { PercentEncoding.encode(value?.stringValue ?? "") }

    private static func location(_ input: Value) -> String {
        "s3://\(input["Bucket"]?.stringValue ?? "")/\(input["Key"]?.stringValue ?? "")"
    }

    private static func restoration(_ scene: UndoScene, _ input: Value, _ before: Value) throws -> UndoStep {
        if let reason = before["Lost"]?.stringValue { throw UndoRefusal("\(location(input)) was not kept: \(reason)") }
        guard let body = before["Body"]?.stringValue, scene.bodies.body(body) != nil else {
            throw UndoRefusal("what \(location(input)) held is not kept any more: later changes took its room")
        }
        return UndoStep(
            name: "s3 PutObject", input: input.picking(key).merging(before.picking(metadata + ["Tagging"])), body: body,
            text: "puts \(location(input)) back as it was")
    }

    private static func writing(_ operation: String) -> UndoRule {
        UndoRule(
            name: "s3 \(operation)", before: keep, after: { scene, input, _ in try await mark(scene, input) },
            plan: { scene, entry in
                let now = try await mark(scene, entry.input)
                guard let now else { throw UndoRefusal("\(location(entry.input)) is gone already") }
                guard Value.isSame(now, entry.after) else {
                    throw UndoRefusal("\(location(entry.input)) has been written again since")
                }
                if let version = now["VersionId"]?.stringValue, version != "null" {
                    return [
                        UndoStep(
                            name: "s3 DeleteObject", input: entry.input.picking(key).merging(["VersionId": .string(version)]),
                            text: "deletes the version \(version) of \(location(entry.input)): the one before it is there again")
                    ]
                }
                if let before = entry.before { return [try restoration(scene, entry.input, before)] }
                return [
                    UndoStep(
                        name: "s3 DeleteObject", input: entry.input.picking(key), text: "deletes \(location(entry.input))")
                ]
            })
    }

    private static var deletion: UndoRule {
        UndoRule(
            name: "s3 DeleteObject", before: keep,
            after: { _, _, output in output.picking(["DeleteMarker", "VersionId"]) },
            hasChanged: { before, _ in before != nil },
            plan: { scene, entry in
                try await undelete(scene, entry.input, before: entry.before, marker: entry.after?["VersionId"]?.stringValue)
            })
    }

    private static var severalDeletions: UndoRule {
        UndoRule(
            name: "s3 DeleteObjects",
            before: { scene, input in
                var kept: [Value] = []
                for object in input["Delete"]?["Objects"]?.listValue ?? [] {
                    let one = input.picking(["Bucket"]).merging(object)
                    guard let before = try await keep(scene, one) else { continue }
                    kept.append(["Input": one, "Before": before])
                }
                return kept.isEmpty ? nil : .list(kept)
            },
            after: { _, _, output in output["Deleted"] },
            hasChanged: { before, _ in before != nil },
            plan: { scene, entry in
                var steps: [UndoStep] = []
                for object in entry.before?.listValue ?? [] {
                    guard let input = object["Input"] else { continue }
                    let deleted = entry.after?.listValue?.first { $0["Key"] == input["Key"] }
                    // What could not be deleted is still there.
                    if deleted == nil { continue }
                    steps += try await undelete(
                        scene, input, before: object["Before"], marker: deleted?["DeleteMarkerVersionId"]?.stringValue)
                }
                return steps
            })
    }

    private static func undelete(_ scene: UndoScene, _ input: Value, before: Value?, marker: String?) async throws -> [UndoStep] {
        if input["VersionId"] != nil { throw UndoRefusal("a single version of \(location(input)) was deleted: that is for good") }
        guard let before else { return [] }
        if try await mark(scene, input) != nil { throw UndoRefusal("\(location(input)) is there again") }
        if let marker, marker != "null" {
            return [
                UndoStep(
                    name: "s3 DeleteObject", input: input.picking(key).merging(["VersionId": .string(marker)]),
                    text: "removes the delete marker of \(location(input))")
            ]
        }
        return [try restoration(scene, input, before)]
    }
}
