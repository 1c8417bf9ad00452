// SPDX-License-Identifier: Apache-2.0

/// Sentences made from names.
enum DescriptionRules {
    /// What an operation does, from its verb and the noun that follows: "Lists the training jobs." for `ListTrainingJobs`.
    static func operation(_ name: String) -> String {
        var words = commandName(name).split(separator: "-").map(String.init)
        if words.last?.first == "v", words.last?.dropFirst().allSatisfy(\.isNumber) == true { words.removeLast() }
        guard let verb = words.first else { return name }
        let noun = Array(words.dropFirst())
        if let owner = noun.first, owner == "bucket" || owner == "object", noun.count > 1 { return setting(verb, owner, noun) }
        switch verb {
        case "tag": return "Adds tags to \(withArticle(noun))."
        case "untag": return "Removes tags from \(withArticle(noun))."
        case "list" where noun.last == "tags": return "Lists the tags of \(withArticle(Array(noun.dropLast())))."
        case "create" where noun.last == "job": return "Starts \(withArticle(noun))."
        case "describe" where !isListed(noun), "get" where !isListed(noun): return "Shows the details of \(withArticle(noun))."
        case "list", "describe", "get": return "Lists the \(phrase(noun))."
        default: return "\(verbs[verb] ?? thirdPerson(verb)) \(withArticle(noun))."
        }
    }

    /// What an option is, from the end of its name; nil where that says nothing.
    static func option(_ name: String, kind: ShapeKind) -> String? {
        let words = commandName(name).split(separator: "-").map(String.init)
        guard words.count > 1, let last = words.last, let first = words.first else { return nil }
        let stem = Array(words.dropLast())
        let thing = phrase(stem)
        switch (first, last) {
        case (_, "equals"): return "Only those whose \(thing) is this."
        case (_, "contains") where stem.last == "name": return "Only those with this text in their name."
        case (_, "contains"): return "Only those with this text in their \(thing)."
        case (_, "name") where stem.last == "display": return "The name that people see."
        case (_, "prefix") where stem.last == "name": return "Only those whose \(thing) begins with this."
        case ("enable", _) where kind == .boolean: return "Whether \(phrase(Array(words.dropFirst()))) is on."
        case ("include", _) where kind == .boolean: return "Shows also the \(phrase(Array(words.dropFirst())))."
        case (_, "add") where stem.last == "to": return "The \(phrase(Array(stem.dropLast()))) to add."
        case (_, "remove") where stem.last == "to", (_, "delete") where stem.last == "to":
            return "The \(phrase(Array(stem.dropLast()))) to remove."
        case ("disassociate", _), ("retain", _), ("max", _), ("min", _): return nil
        default:
            return suffixes[last].map {
                $0.0 + ($0.1.hasPrefix("s") && stem.last?.last == "s" ? thing + $0.1.dropFirst() : thing + $0.1)
            }
        }
    }

    /// What an operation on one setting of a bucket or object does: "Shows a bucket's cross-origin rules." for `GetBucketCors`.
    private static func setting(_ verb: String, _ owner: String, _ noun: [String]) -> String {
        let shown = ["get": "Shows", "put": "Sets", "delete": "Removes"][verb] ?? verbs[verb] ?? thirdPerson(verb)
        let name = noun.dropFirst().joined(separator: " ")
        return "\(shown) \(withArticle([owner]))'s \(settings[name] ?? phrase(Array(noun.dropFirst())))."
    }

    /// The words as they are written in a sentence: "AutoML job" for `auto-ml-job`.
    static func phrase(_ words: [String]) -> String {
        let text = words.map { spellings[$0] ?? $0 }.joined(separator: " ")
        guard let known = starts.first(where: { text.hasPrefix($0.key) }) else { return text }
        return known.value + text.dropFirst(known.key.count)
    }

    private static func withArticle(_ words: [String]) -> String {
        let text = phrase(words)
        if isPlural(words) { return text }
        // By sound, not by letter: an S3 table, a user.
        let isVowel = text.first.map { "aeiouAEIOU".contains($0) } ?? false
        let sounds = soundsLikeVowel.contains { text.hasPrefix($0) }
        let isAn = (isVowel || sounds) && !soundsLikeConsonant.contains { text.hasPrefix($0) }
        return (isAn ? "an " : "a ") + text
    }

    private static func isPlural(_ words: [String]) -> Bool {
        guard let last = words.last else { return false }
        return last.hasSuffix("s") && !last.hasSuffix("ss") && !["status", "https", "cors"].contains(last)
            || ["content", "data", "metadata"].contains(last)
    }

    /// Whether the answer about it is a list: "Lists the images", but "Shows the details of hub content".
    private static func isListed(_ words: [String]) -> Bool { isPlural(words) && words.last?.hasSuffix("s") == true }

    private static func thirdPerson(_ verb: String) -> String {
        let isHissing = ["s", "x", "sh", "ch"].contains { verb.hasSuffix($0) }
        return verb.prefix(1).uppercased() + verb.dropFirst() + (isHissing ? "es" : "s")
    }

    private static let verbs = ["create": "Makes", "update": "Changes", "put": "Sets", "describe": "Shows", "get": "Shows"]

    private static let suffixes: [String: (String, String)] = [
        "arn": ("The ARN of the ", "."), "arns": ("The ARNs of the ", "s."), "name": ("The name of the ", "."),
        "names": ("The names of the ", "s."), "id": ("The identifier of the ", "."), "ids": ("The identifiers of the ", "s."),
        "identifier": ("The name or ARN of the ", "."), "identifiers": ("The names or ARNs of the ", "s."),
        "config": ("Settings of the ", "."), "configuration": ("Settings of the ", "."), "settings": ("Settings of the ", "."),
        "specification": ("Settings of the ", "."), "specifications": ("Settings of the ", "s."),
        "description": ("What the ", " is for, in words."), "type": ("The kind of ", "."), "types": ("The kinds of ", "."),
        "status": ("The state of the ", "."), "version": ("The version of the ", "."), "size": ("The size of the ", "."),
        "count": ("The number of ", "s."), "uri": ("Where the ", " is, as an address."),
        "url": ("Where the ", " is, as an address."),
        "role": ("The role of the ", "."), "document": ("The ", ", as JSON text or file://."),
        "definition": ("What the ", " is made of."), "policy": ("The policy of the ", "."),
        "prefix": ("What the ", " begins with."),
    ]

    private static let spellings = [
        "acl": "access list", "ai": "AI", "api": "API", "arn": "ARN", "aws": "AWS", "config": "configuration",
        "configs": "configurations", "cors": "cross-origin rules", "efs": "EFS",
        "iam": "IAM", "id": "ID", "ids": "IDs", "iot": "IoT", "json": "JSON", "kms": "KMS", "mfa": "MFA", "mlflow": "MLflow",
        "oidc": "OpenID Connect", "s3": "S3", "saml": "SAML", "ssh": "SSH", "tagging": "tags", "ui": "UI", "uis": "UIs",
        "uri": "address",
        "url": "address", "vpc": "VPC",
    ]

    /// Several words that are one, at the start of a noun.
    private static let starts = [
        "auto ml": "AutoML", "hyper parameter": "hyperparameter", "jupyter lab": "JupyterLab",
        "open id connect": "OpenID Connect", "open ID connect": "OpenID Connect", "studio": "Studio", "ultra server": "UltraServer",
    ]

    /// The settings of buckets and objects that are better known by other names.
    private static let settings = [
        "abac": "access control by tags", "accelerate configuration": "transfer acceleration", "encryption": "default encryption",
        "intelligent tiering configuration": "tiering by use", "intelligent tiering configurations": "tierings by use",
        "inventory configuration": "inventory report", "inventory configurations": "inventory reports",
        "lifecycle": "lifecycle rules", "lifecycle configuration": "lifecycle rules", "logging": "log of requests",
        "metrics configuration": "request metrics", "metrics configurations": "request metrics",
        "notification configuration": "notifications", "ownership controls": "rules of object ownership",
        "replication": "replication rules", "request payment": "payer of requests", "website": "web site settings",
    ]

    private static let soundsLikeVowel = ["S3 ", "MFA ", "SSH ", "MLflow ", "hour"]
    private static let soundsLikeConsonant = ["UI", "UltraServer", "unit", "use", "one"]
}
