// SPDX-License-Identifier: Apache-2.0

import JMESPath
import OrderedCollections
import Wire

/// The options of `cp`, `mv`, `rm` and `sync`, and the request parameters that they become.
struct S3TransferOptions: Sendable {
    let command: String
    let values: ParsedArguments
    /// `--include` and `--exclude` in their order: the last one that matches a file decides.
    let filters: [(isInclude: Bool, pattern: String)]
    let metadata: Value?
    let pageSize: Int?
    let progressFrequencySeconds: Double
    private let grants: [(parameter: String, grantee: String)]
    /// What is wrong with `--grants`: found when the first request is made, as by the real CLI.
    let grantFailure: CommandFailure?

    static let cannedLists = [
        "private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read", "bucket-owner-read",
        "bucket-owner-full-control", "log-delivery-write",
    ]
    static let storageClasses = [
        "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE",
        "GLACIER_IR",
    ]

    static func specifications(for command: String) -> [ArgumentSpecification] {
        let dry = ArgumentSpecification(option: "--dryrun", arity: .flag(true))
        let common = [
            ArgumentSpecification(option: "--quiet", arity: .flag(true)),
            ArgumentSpecification(option: "--include", arity: .exactly(1)),
            ArgumentSpecification(option: "--exclude", arity: .exactly(1)),
            ArgumentSpecification(option: "--only-show-errors", arity: .flag(true)),
            ArgumentSpecification(option: "--page-size"),
            ArgumentSpecification(option: "--request-payer", arity: .optional(constant: "requester"), choices: ["requester"]),
        ]
        let recursive = ArgumentSpecification(option: "--recursive", arity: .flag(true))
        if command == "rm" {
            return [ArgumentSpecification(positional: "paths", arity: .exactly(1)), dry, recursive] + common
        }
        var specifications =
            [ArgumentSpecification(positional: "paths", arity: .exactly(2)), dry] + common + transferSpecifications
        switch command {
        case "sync":
            specifications += ["--size-only", "--exact-timestamps", "--delete"].map {
                ArgumentSpecification(option: $0, arity: .flag(true))
            }
        case "cp": specifications += [recursive, ArgumentSpecification(option: "--expected-size")]
        default: specifications.append(recursive)
        }
        return specifications
    }

    private static let transferSpecifications: [ArgumentSpecification] =
        [
            ArgumentSpecification(option: "--acl", choices: cannedLists),
            ArgumentSpecification(option: "--follow-symlinks", arity: .flag(true)),
            ArgumentSpecification(option: "--no-follow-symlinks", arity: .flag(false), destination: "follow-symlinks"),
            ArgumentSpecification(option: "--no-guess-mime-type", arity: .flag(true)),
            ArgumentSpecification(
                option: "--sse", arity: .optional(constant: "AES256"), choices: ["AES256", "aws:kms", "aws:kms:dsse"]),
            ArgumentSpecification(option: "--sse-c", arity: .optional(constant: "AES256"), choices: ["AES256"]),
            ArgumentSpecification(option: "--sse-c-key"),
            ArgumentSpecification(option: "--sse-kms-key-id"),
            ArgumentSpecification(option: "--sse-c-copy-source", arity: .optional(constant: "AES256"), choices: ["AES256"]),
            ArgumentSpecification(option: "--sse-c-copy-source-key"),
            ArgumentSpecification(option: "--storage-class", choices: storageClasses),
            ArgumentSpecification(option: "--grants", arity: .atLeastOne),
            ArgumentSpecification(option: "--no-progress", arity: .flag(true)),
            ArgumentSpecification(option: "--progress-frequency"),
            ArgumentSpecification(option: "--progress-multiline", arity: .flag(true)),
            ArgumentSpecification(option: "--ignore-glacier-warnings", arity: .flag(true)),
            ArgumentSpecification(option: "--force-glacier-transfer", arity: .flag(true)),
            ArgumentSpecification(option: "--checksum-mode", choices: ["ENABLED"]),
            ArgumentSpecification(
                option: "--checksum-algorithm", choices: ["CRC64NVME", "CRC32", "SHA256", "SHA1", "CRC32C"]),
            ArgumentSpecification(option: "--metadata"),
            ArgumentSpecification(option: "--metadata-directive", choices: ["COPY", "REPLACE"]),
            ArgumentSpecification(option: "--copy-props", choices: ["none", "metadata-directive", "default"]),
            ArgumentSpecification(option: "--no-overwrite", arity: .flag(true)),
            ArgumentSpecification(option: "--case-conflict", choices: ["ignore", "skip", "warn", "error"]),
        ]
        + (["website-redirect", "source-region"] + contentOptions.map(\.option)).map { ArgumentSpecification(option: "--" + $0) }

    /// Options that are request parameters as they are, and that a copy carries over from its source.
    private static let contentOptions: [(option: String, parameter: String)] = [
        ("content-type", "ContentType"), ("cache-control", "CacheControl"), ("content-disposition", "ContentDisposition"),
        ("content-encoding", "ContentEncoding"), ("content-language", "ContentLanguage"), ("expires", "Expires"),
    ]
    /// The parameters that a copy replaces as a whole once one of them is given.
    static let replacedParameters = contentOptions.map(\.parameter) + ["Metadata"]

    /// - Throws: `CommandFailure` where options do not fit each other or have bad values.
    init(command: String, words: [String], environment: CommandEnvironment) throws {
        self.command = command
        values = try ArgumentParser(Self.specifications(for: command)).parse(words)
        if !values.remaining.isEmpty {
            throw CommandFailure.unknownOptions(values.remaining)
        }
        filters = values.occurrences.compactMap { occurrence in
            guard occurrence.option == "--include" || occurrence.option == "--exclude" else { return nil }
            return (occurrence.option == "--include", occurrence.words.first ?? "")
        }
        metadata = try values.text("metadata").map { try S3Metadata.parse($0, environment: environment) }
        pageSize = try values.text("page-size").map { try PythonNumber.integer($0) }
        progressFrequencySeconds = try values.text("progress-frequency").map { try PythonNumber.double($0) } ?? 0
        do throws(CommandFailure) {
            grants = try Self.grants(values.list("grants") ?? [])
            grantFailure = nil
        } catch {
            grants = []
            grantFailure = error
        }
        for (option, key) in [("sse-c", "sse-c-key"), ("sse-c-copy-source", "sse-c-copy-source-key")] {
            let given = (values.text(option) != nil, values.text(key) != nil)
            if given.0 != given.1 {
                let (has, lacks) = given.0 ? (option, key) : (key, option)
                throw CommandFailure.parameter("If --\(has) is specified, --\(lacks) must be specified as well.")
            }
        }
    }

    private static func grants(_ words: [String]) throws(CommandFailure) -> [(parameter: String, grantee: String)] {
        let parameters = [
            "read": "GrantRead", "full": "GrantFullControl", "readacl": "GrantReadACP", "writeacl": "GrantWriteACP",
        ]
        var grants: [(parameter: String, grantee: String)] = []
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else { throw .general("grants should be of the form permission=principal") }
            guard let parameter = parameters[parts[0]] else {
                throw .general("permission must be one of: read|readacl|writeacl|full")
            }
            grants.append((parameter, parts[1]))
        }
        return grants
    }

    /// `--expected-size`, which only a stream needs.
    func expectedByteCount() throws(CommandFailure) -> Int { try text("expected-size").map(PythonNumber.integer) ?? 0 }

    func flag(_ name: String) -> Bool { values.flag(name) }
    func text(_ name: String) -> String? { values.text(name) }

    var paths: [String] { values.list("paths") ?? [] }
    var isMove: Bool { command == "mv" }
    var isRecursive: Bool { command == "sync" || flag("recursive") }
    var followsLinks: Bool { values.values["follow-symlinks"]?.flag ?? true }
    var guessesContentType: Bool { !flag("no-guess-mime-type") && text("content-type") == nil }
    var sourceRegion: String? { text("source-region") }

    /// The parameters of requests that read an object.
    var readParameters: Value {
        var input = customerKey(of: "sse-c", prefix: "")
        set(&input, "RequestPayer", text("request-payer"))
        return input
    }

    /// The parameters of HeadObject and GetObject on the source.
    func sourceParameters(isCopy: Bool) -> Value {
        var input = isCopy && text("sse-c-copy-source") != nil ? customerKey(of: "sse-c-copy-source", prefix: "") : readParameters
        set(&input, "RequestPayer", text("request-payer"))
        set(&input, "ChecksumMode", text("checksum-mode"))
        return input
    }

    var payerParameters: Value {
        var input = Value.emptyObject
        set(&input, "RequestPayer", text("request-payer"))
        return input
    }

    /// The parameters of PutObject and CreateMultipartUpload.
    var writeParameters: Value {
        var input = readParameters
        for (option, parameter) in Self.contentOptions { set(&input, parameter, text(option)) }
        // A time that cannot be read goes as it is, for the service to say so.
        if let seconds = text("expires").flatMap(Timestamp.parse) { input["Expires"] = .timestamp(seconds) }
        set(&input, "ACL", text("acl"))
        set(&input, "StorageClass", text("storage-class"))
        set(&input, "WebsiteRedirectLocation", text("website-redirect"))
        set(&input, "ServerSideEncryption", text("sse"))
        set(&input, "SSEKMSKeyId", text("sse-kms-key-id"))
        set(&input, "ChecksumAlgorithm", text("checksum-algorithm"))
        for grant in grants { set(&input, grant.parameter, grant.grantee) }
        if let metadata, metadata != .emptyObject { input["Metadata"] = metadata }
        return input
    }

    /// The parameters of CopyObject, before those of the source are looked at.
    var copyParameters: Value {
        var input = writeParameters
        for (key, value) in copySourceKey.objectValue ?? [:] { input[key] = value }
        set(&input, "MetadataDirective", text("metadata-directive"))
        if input["Metadata"] != nil, input["MetadataDirective"] == nil { input["MetadataDirective"] = "REPLACE" }
        return input
    }

    /// The key that the source of a copy is encrypted with.
    var copySourceKey: Value { customerKey(of: "sse-c-copy-source", prefix: "CopySource") }

    private func customerKey(of option: String, prefix: String) -> Value {
        var input = Value.emptyObject
        set(&input, prefix + "SSECustomerAlgorithm", text(option))
        if text(option) != nil { set(&input, prefix + "SSECustomerKey", text(option + "-key")) }
        return input
    }

    private func set(_ input: inout Value, _ parameter: String, _ text: String?) {
        if let text { input[parameter] = .string(text) }
    }
}

/// `--metadata`: a map of texts, as JSON or as `key=value,key=value`, or in a file.
enum S3Metadata {
    static func parse(_ words: String, environment: CommandEnvironment) throws -> Value {
        let files = ParameterFile(environment: environment)
        let text: String
        do throws(CommandFailure) {
            text = try files.load(words)?.stringValue ?? words
        } catch {
            throw CommandFailure.parameter("Error parsing parameter '--metadata': \(error.text)")
        }
        let map = text.drop { $0.isWhitespace }.hasPrefix("{") ? try json(text) : try shorthand(text, files)
        for (key, value) in map.objectValue ?? [:] where value.stringValue == nil {
            let shown = JSONValue(value, zone: .universal)
            throw CommandFailure.parameter(
                "Parameter validation failed:\nInvalid type for parameter Metadata.\(key), value: \(shown.pythonDescription), "
                    + "type: <class '\(shown.pythonTypeName)'>, valid types: <class 'str'>")
        }
        return map
    }

    private static func json(_ text: String) throws -> Value {
        do throws(JSONParseError) {
            return Value(try JSONValue(parsing: text))
        } catch {
            throw CommandFailure.parameter("Error parsing parameter '--metadata': Invalid JSON: \(error)\nJSON received: \(text)")
        }
    }

    private static func shorthand(_ text: String, _ files: ParameterFile) throws -> Value {
        do {
            return try Shorthand.parse(text, files: files)
        } catch let error as ShorthandError {
            throw CommandFailure.parameter("Error parsing parameter '--metadata': \(error.text)")
        }
    }
}
