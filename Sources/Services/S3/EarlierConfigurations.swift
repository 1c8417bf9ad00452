// SPDX-License-Identifier: Apache-2.0

import OrderedCollections
import Wire

/// The operations on lifecycle and notification as they were before rules had filters and buckets several notifications.
///
/// Over HTTP they are the same requests as today's; only the shapes that clients read and write differ.
enum EarlierLifecycle {
    /// Members that were structures and became lists: the earlier name and today's.
    private static let lists = [
        ("Transition", "Transitions"), ("NoncurrentVersionTransition", "NoncurrentVersionTransitions"),
    ]
    private static let members: Set<String> = [
        "Expiration", "ID", "Prefix", "Status", "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload",
    ]

    static func rule(ofToday rule: Value) -> Value {
        var earlier = OrderedDictionary<String, Value>()
        for (name, value) in rule.objectValue ?? [:] {
            if members.contains(name) { earlier[name] = value }
            if let pair = lists.first(where: { $0.1 == name }), let first = value.listValue?.first { earlier[pair.0] = first }
        }
        return .object(earlier)
    }

    static func today(ofRule rule: Value) -> Value {
        var today = OrderedDictionary<String, Value>()
        for (name, value) in rule.objectValue ?? [:] {
            if let pair = lists.first(where: { $0.0 == name }) { today[pair.1] = .list([value]) } else { today[name] = value }
        }
        return .object(today)
    }
}

/// Rules without filters: `GetBucketLifecycle`.
enum GetBucketLifecycle: Operation {
    static let name = "GetBucketLifecycle"

    static func handle(_ input: BucketConfigurationInput, _ call: Call) async throws -> Value {
        let output = try await GetConfiguration<BucketConfigurations.Lifecycle>.handle(input, call)
        return ["Rules": .list((output["Rules"]?.listValue ?? []).map(EarlierLifecycle.rule(ofToday:)))]
    }
}

/// Rules without filters: `PutBucketLifecycle`.
enum PutBucketLifecycle: Operation {
    static let name = "PutBucketLifecycle"

    static func handle(_ input: BucketConfigurationInput, _ call: Call) async throws -> Empty {
        var input = input
        let member = BucketConfigurations.Lifecycle.inputMember
        if let rules = input.members[member]?["Rules"]?.listValue {
            input.members[member] = ["Rules": .list(rules.map(EarlierLifecycle.today(ofRule:)))]
        }
        return try await PutConfiguration<BucketConfigurations.Lifecycle>.handle(input, call)
    }
}

/// One notification of a kind: the earlier member, today's, and the ARN's name in both.
enum EarlierNotification {
    static let kinds: [(earlier: String, today: String, earlierTarget: String, todayTarget: String)] = [
        ("TopicConfiguration", "TopicConfigurations", "Topic", "TopicArn"),
        ("QueueConfiguration", "QueueConfigurations", "Queue", "QueueArn"),
        ("CloudFunctionConfiguration", "LambdaFunctionConfigurations", "CloudFunction", "LambdaFunctionArn"),
    ]
}

/// The first notification of each kind: `GetBucketNotification`.
enum GetBucketNotification: Operation {
    static let name = "GetBucketNotification"

    static func handle(_ input: BucketConfigurationInput, _ call: Call) async throws -> Value {
        let output = try await GetConfiguration<BucketConfigurations.Notification>.handle(input, call)
        var earlier = Value.emptyObject
        for kind in EarlierNotification.kinds {
            guard let first = output[kind.today]?.listValue?.first else { continue }
            var shown = Value.emptyObject
            shown["Id"] = first["Id"]
            shown["Events"] = first["Events"]
            shown["Event"] = first["Events"]?.listValue?.first
            shown[kind.earlierTarget] = first[kind.todayTarget]
            earlier[kind.earlier] = shown
        }
        return earlier
    }
}

/// One notification of each kind: `PutBucketNotification`.
enum PutBucketNotification: Operation {
    static let name = "PutBucketNotification"

    static func handle(_ input: BucketConfigurationInput, _ call: Call) async throws -> Empty {
        var input = input
        let member = BucketConfigurations.Notification.inputMember
        if let earlier = input.members[member] {
            var today = Value.emptyObject
            for kind in EarlierNotification.kinds {
                guard let given = earlier[kind.earlier] else { continue }
                var kept = Value.emptyObject
                kept["Id"] = given["Id"]
                kept[kind.todayTarget] = given[kind.earlierTarget]
                kept["Events"] = given["Events"] ?? given["Event"].map { .list([$0]) }
                today[kind.today] = .list([kept])
            }
            input.members[member] = today
        }
        return try await PutConfiguration<BucketConfigurations.Notification>.handle(input, call)
    }
}
