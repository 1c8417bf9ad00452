// SPDX-License-Identifier: Apache-2.0

import Wire

/// Things that one operation makes and another deletes.
struct UndoThing: Sendable {
    var service: String
    /// What it is called.
    var noun: String
    var create: String
    var delete: String
    var look: String
    /// The members that name it, in all three operations.
    var keys: [String]
    /// The members that the look is given, where they are fewer.
    var lookKeys: [String]?
    /// The member of the look's answer that holds it; nil for the answer itself.
    var holder: String?
    /// The member that tells it from another of the same name.
    var identity: String
    /// The members that name it, where they are found otherwise than in the creation's input.
    var keyOfOutput: (@Sendable (_ output: Value) -> Value)?
    /// What else is to be known to make it again.
    var extra: @Sendable (UndoScene, _ key: Value, _ found: Value) async throws -> Value = { _, _, _ in .emptyObject }
    /// The input that makes it again.
    var rebuild: @Sendable (_ found: Value) -> Value = { $0 }
    /// Who has built on it; nil for nobody.
    var dependents: @Sendable (UndoScene, _ key: Value) async throws -> String? = { _, _ in nil }
    /// The steps before its deletion.
    var preparation: @Sendable (_ key: Value, _ found: Value) throws -> [UndoStep] = { _, _ in [] }
    /// Why a deleted one can't be made again.
    var lost: String?
    /// What is not as before when it is made again.
    var note: String?

    private func found(_ scene: UndoScene, _ key: Value) async throws -> Value? {
        let answer = try await scene.look("\(service) \(look)", lookKeys.map { key.picking($0) } ?? key)
        return holder.map { answer?[$0] } ?? answer
    }

    private func key(_ input: Value, _ output: Value) -> Value { keyOfOutput?(output) ?? input.picking(keys) }

    var rules: [UndoRule] { [creation, deletion] }

    private var creation: UndoRule {
        UndoRule(
            name: "\(service) \(create)",
            before: { scene, input in keyOfOutput == nil ? try await found(scene, input.picking(keys)) : nil },
            after: { scene, input, output in
                let key = key(input, output)
                return ["Key": key, "Identity": try await found(scene, key)?[identity] ?? .null]
            },
            // A bucket that one has can be made again, and nothing happens.
            hasChanged: { before, _ in before == nil },
            plan: { scene, entry in
                let key = entry.after?["Key"] ?? entry.input.picking(keys)
                guard let now = try await found(scene, key) else {
                    throw UndoRefusal("the \(noun) \(key.shownNames) is gone already")
                }
                guard Value.isSame(now[identity], entry.after?["Identity"]) else {
                    throw UndoRefusal("the \(noun) \(key.shownNames) has been made anew since, by somebody else")
                }
                if let reason = try await dependents(scene, key) { throw UndoRefusal(reason) }
                return try preparation(key, now)
                    + [UndoStep(name: "\(service) \(delete)", input: key, text: "deletes the \(noun) \(key.shownNames)")]
            })
    }

    private var deletion: UndoRule {
        UndoRule(
            name: "\(service) \(delete)",
            before: { scene, input in
                let key = input.picking(keys)
                guard let found = try await found(scene, key) else { return nil }
                return found.merging(try await extra(scene, key, found))
            },
            hasChanged: { before, _ in before != nil },
            plan: { scene, entry in
                let key = entry.input.picking(keys)
                if let lost { throw UndoRefusal(lost) }
                guard let before = entry.before else { throw UndoRefusal("what the \(noun) \(key.shownNames) was is not known") }
                if try await found(scene, key) != nil { throw UndoRefusal("there is a \(noun) \(key.shownNames) again") }
                let text = "makes the \(noun) \(key.shownNames) again" + (note.map { "; \($0)" } ?? "")
                return [UndoStep(name: "\(service) \(create)", input: rebuild(before), text: text)]
            },
            renewal: { scene, undone, earlier in
                let key = undone.input.picking(keys)
                guard earlier.name == "\(service) \(create)", Value.isSame(earlier.after?["Key"], key),
                    Value.isSame(earlier.after?["Identity"], undone.before?[identity]), let now = try await found(scene, key)
                else { return nil }
                return ["Key": key, "Identity": now[identity] ?? .null]
            })
    }
}

/// Something that is on or off: a policy attached to a role, a user in a group.
struct UndoSwitch: Sendable {
    var service: String
    var on: String
    var off: String
    var keys: [String]
    /// What is so when it is on, for people, given the input.
    var onText: @Sendable (Value) -> String
    var offText: @Sendable (Value) -> String
    var isOn: @Sendable (UndoScene, Value) async throws -> Bool

    var rules: [UndoRule] { [rule(on, isOnAfter: true), rule(off, isOnAfter: false)] }

    private func rule(_ operation: String, isOnAfter: Bool) -> UndoRule {
        UndoRule(
            name: "\(service) \(operation)",
            before: { scene, input in .boolean(try await isOn(scene, input)) },
            hasChanged: { before, _ in before?.booleanValue != isOnAfter },
            plan: { scene, entry in
                guard try await isOn(scene, entry.input) == isOnAfter else {
                    throw UndoRefusal("somebody else has taken it back already")
                }
                return [
                    UndoStep(
                        name: "\(service) \(isOnAfter ? off : on)", input: entry.input.picking(keys),
                        text: isOnAfter ? offText(entry.input) : onText(entry.input))
                ]
            })
    }
}

/// Something that has a value, or none: an inline policy, a bucket's versioning, an endpoint's configuration.
struct UndoSetting: Sendable {
    var service: String
    /// What it is called, for people.
    var noun: String
    var put: String
    /// Nil where it always has a value.
    var remove: String?
    var get: String
    /// The members that name it.
    var keys: [String]
    /// Further members to say when it is put back.
    var constant: Value = .emptyObject
    /// The members of `put`'s input, out of `get`'s answer; nil where it has no value.
    var value: @Sendable (_ answer: Value) -> Value?

    private func now(_ scene: UndoScene, _ input: Value) async throws -> Value? {
        try await scene.look("\(service) \(get)", input.picking(keys)).flatMap(value)
    }

    var rules: [UndoRule] { ([put] + (remove.map { [$0] } ?? [])).map(rule) }

    private func rule(_ operation: String) -> UndoRule {
        UndoRule(
            name: "\(service) \(operation)",
            before: { scene, input in try await now(scene, input) },
            after: { scene, input, _ in try await now(scene, input) },
            hasChanged: { $0 != $1 },
            plan: { scene, entry in
                let key = entry.input.picking(keys)
                guard Value.isSame(try await now(scene, entry.input), entry.after) else {
                    throw UndoRefusal("the \(noun) of \(key.shownNames) has been changed since")
                }
                if let before = entry.before {
                    return [
                        UndoStep(
                            name: "\(service) \(put)", input: key.merging(before).merging(constant),
                            text: "sets the \(noun) of \(key.shownNames) back to what it was")
                    ]
                }
                guard let remove else { throw UndoRefusal("what the \(noun) of \(key.shownNames) was is not known") }
                return [UndoStep(name: "\(service) \(remove)", input: key, text: "removes the \(noun) of \(key.shownNames)")]
            })
    }
}

/// Tags of something, set and removed by key.
struct UndoTags: Sendable {
    var service: String
    var add: String
    var remove: String
    var list: String
    /// The member that names the thing.
    var key: String

    private func now(_ scene: UndoScene, _ input: Value) async throws -> Value? {
        .list(try await scene.list("\(service) \(list)", input.picking([key]), "Tags"))
    }

    var rules: [UndoRule] { [add, remove].map(rule) }

    private func rule(_ operation: String) -> UndoRule {
        UndoRule(
            name: "\(service) \(operation)",
            before: { scene, input in try await now(scene, input) },
            after: { scene, input, _ in try await now(scene, input) },
            hasChanged: { $0 != $1 },
            plan: { scene, entry in
                let name = entry.input[key]?.stringValue ?? ""
                guard Value.isSame(try await now(scene, entry.input), entry.after) else {
                    throw UndoRefusal("the tags of \(name) have been changed since")
                }
                let before = entry.before?.listValue ?? []
                let kept = Set(before.compactMap { $0["Key"]?.stringValue })
                let added = (entry.after?.listValue ?? []).compactMap { $0["Key"]?.stringValue }.filter { !kept.contains($0) }
                var steps: [UndoStep] = []
                if !added.isEmpty {
                    steps.append(
                        UndoStep(
                            name: "\(service) \(remove)",
                            input: entry.input.picking([key]).merging(["TagKeys": .list(added.map { .string($0) })]),
                            text: "removes the tags \(added.joined(separator: ", ")) of \(name)"))
                }
                if !before.isEmpty {
                    steps.append(
                        UndoStep(
                            name: "\(service) \(add)", input: entry.input.picking([key]).merging(["Tags": .list(before)]),
                            text: "sets the tags of \(name) as they were"))
                }
                return steps
            })
    }
}
