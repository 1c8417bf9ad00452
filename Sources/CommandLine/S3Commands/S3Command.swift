// SPDX-License-Identifier: Apache-2.0

import Foundation
import JMESPath
import ServiceModel
import Wire

/// `aws s3 …`: the commands that work with files, folders and `s3://` addresses.
public struct S3Command: CustomCommand {
    /// `aws s3`.
    public static let path = ["s3"]

    /// The subcommands, in the order in which help shows them.
    static let names = ["ls", "website", "cp", "mv", "rm", "sync", "mb", "rb", "presign"]

    /// What `mb` takes.
    static let makeSpecifications = [
        ArgumentSpecification(positional: "path"), ArgumentSpecification(option: "--tags", arity: .exactly(2)),
    ]
    /// What `rb` takes.
    static let removeSpecifications = [
        ArgumentSpecification(positional: "path"), ArgumentSpecification(option: "--force", arity: .flag(true)),
    ]
    /// What `website` takes.
    static let websiteSpecifications = [
        ArgumentSpecification(positional: "paths", arity: .exactly(1)), ArgumentSpecification(option: "--index-document"),
        ArgumentSpecification(option: "--error-document"),
    ]
    /// What `presign` takes.
    static let presignSpecifications = [
        ArgumentSpecification(positional: "path"), ArgumentSpecification(option: "--expires-in"),
    ]

    /// The command; it has no state.
    public init() {}

    /// Runs the subcommand that the first word names.
    public func run(_ arguments: [String], _ context: CommandContext) async throws -> Int32 {
        guard let place = arguments.firstIndex(where: { !$0.hasPrefix("-") }) else {
            throw CommandFailure.parameter("usage: aws [options] s3 <subcommand> [parameters]\naws: [ERROR]: too few arguments")
        }
        let name = arguments[place]
        let words = Array(arguments[..<place] + arguments[(place + 1)...])
        switch name {
        case "ls": return try await S3ListCommand(words: words, context: context).run()
        case "cp", "mv", "rm", "sync": return try await S3TransferCommand(command: name, words: words, context: context).run()
        case "mb": return try await makeBucket(words, context)
        case "rb": return try await removeBucket(words, context)
        case "website": return try await configureWebsite(words, context)
        case "presign": return try await presign(words, context)
        default: throw CommandFailure.usage("argument subcommand: " + ArgumentParser.invalidChoice(name, Self.names))
        }
    }

    /// Words that fit the specifications, none left over.
    static func parse(_ words: [String], _ specifications: [ArgumentSpecification]) throws -> ParsedArguments {
        let parsed = try ArgumentParser(specifications).parse(words)
        if !parsed.remaining.isEmpty {
            throw CommandFailure.unknownOptions(parsed.remaining)
        }
        return parsed
    }

    private func bucketPath(_ parsed: ParsedArguments) throws -> String {
        let path = parsed.text("path") ?? ""
        guard path.hasPrefix(S3Path.scheme) else { throw CommandFailure.parameter("<S3Uri>\nError: Invalid argument type") }
        return path
    }

    private func makeBucket(_ words: [String], _ context: CommandContext) async throws -> Int32 {
        let parsed = try Self.parse(words, Self.makeSpecifications)
        let path = try bucketPath(parsed)
        let bucket = S3Path.bucketAndKey(path).bucket
        var configuration = Value.emptyObject
        if let region = context.region, region != "us-east-1" { configuration["LocationConstraint"] = .string(region) }
        let tags = parsed.occurrences.filter { $0.option == "--tags" }.map { occurrence -> Value in
            ["Key": .string(occurrence.words[0]), "Value": .string(occurrence.words[1])]
        }
        if !tags.isEmpty { configuration["Tags"] = .list(tags) }
        var input: Value = ["Bucket": .string(bucket)]
        if configuration != .emptyObject { input["CreateBucketConfiguration"] = configuration }
        do {
            _ = try await context.send("s3", "CreateBucket", input)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            context.writeError("make_bucket failed: \(path) \(error)\n")
            return 1
        }
        context.write("make_bucket: \(bucket)\n")
        return 0
    }

    private func removeBucket(_ words: [String], _ context: CommandContext) async throws -> Int32 {
        let parsed = try Self.parse(words, Self.removeSpecifications)
        let path = try bucketPath(parsed)
        let (bucket, key) = S3Path.bucketAndKey(path)
        if !key.isEmpty { throw CommandFailure.parameter("Please specify a valid bucket name only. E.g. s3://\(bucket)") }
        if parsed.flag("force") {
            let status = try await S3TransferCommand(command: "rm", words: [path, "--recursive"], context: context).run()
            if status != 0 {
                throw CommandFailure.general(
                    "remove_bucket failed: Unable to delete all objects in the bucket, bucket will not be deleted.")
            }
        }
        do {
            _ = try await S3Client(context: context).send("DeleteBucket", ["Bucket": .string(bucket)])
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            context.writeError("remove_bucket failed: \(path) \(error)\n")
            return 1
        }
        context.write("remove_bucket: \(bucket)\n")
        return 0
    }

    private func configureWebsite(_ words: [String], _ context: CommandContext) async throws -> Int32 {
        let parsed = try Self.parse(words, Self.websiteSpecifications)
        var bucket = parsed.list("paths")?.first ?? ""
        if bucket.hasPrefix(S3Path.scheme) { bucket.removeFirst(S3Path.scheme.count) }
        if bucket.hasSuffix("/") { bucket.removeLast() }
        var configuration = Value.emptyObject
        if let suffix = parsed.text("index-document") { configuration["IndexDocument"] = ["Suffix": .string(suffix)] }
        if let key = parsed.text("error-document") { configuration["ErrorDocument"] = ["Key": .string(key)] }
        _ = try await S3Client(context: context).send(
            "PutBucketWebsite", ["Bucket": .string(bucket), "WebsiteConfiguration": configuration])
        return 0
    }

    private func presign(_ words: [String], _ context: CommandContext) async throws -> Int32 {
        let parsed = try Self.parse(words, Self.presignSpecifications)
        let seconds = try parsed.text("expires-in").map { try PythonNumber.integer($0) } ?? 3600
        let (bucket, key) = S3Path.bucketAndKey(parsed.text("path") ?? "")
        guard let region = context.region else { throw CommandFailure.noRegion }
        if key.isEmpty {
            throw CommandFailure.parameter(
                "Parameter validation failed:\nInvalid length for parameter Key, value: 0, valid min length: 1")
        }
        let (endpoint, path) = Self.address(bucket: bucket, key: key, region: region, endpoint: endpoint(context))
        if context.options.skipsSigning {
            context.write("\(endpoint)\(path)\n")
            return 0
        }
        guard let credentials = try await context.credentials() else { throw CommandFailure.noCredentials }
        // Signatures are judged by the machine's clock, not the world's.
        let url = SignatureV4(credentials: credentials, region: region, service: "s3")
            .presignedURL(endpoint: endpoint, path: path, expirySeconds: seconds, at: Date().timeIntervalSince1970)
        context.write(url + "\n")
        return 0
    }

    private func endpoint(_ context: CommandContext) -> String? {
        let variables = context.environment.variables
        return context.options.endpointURL ?? nonEmpty(variables["AWS_ENDPOINT_URL_S3"]) ?? nonEmpty(variables["AWS_ENDPOINT_URL"])
    }

    /// Where a client finds an object: under the bucket's own host name where there can be one.
    static func address(bucket: String, key: String, region: String, endpoint: String?) -> (endpoint: String, path: String) {
        let path = "/" + PercentEncoding.encode(key, keepsSlash: true)
        let base = endpoint ?? "https://s3.\(region).amazonaws.com"
        let parts = base.split(separator: "/", omittingEmptySubsequences: true)
        let scheme = parts.first.map(String.init) ?? "https:"
        let host = parts.dropFirst().first.map(String.init) ?? ""
        let folder = parts.dropFirst(2).map { "/" + $0 }.joined()
        let name = host.split(separator: ":").first.map(String.init) ?? host
        let isNumeric = host.hasPrefix("[") || name.split(separator: ".").allSatisfy { $0.allSatisfy(\.isNumber) }
        let isHostName =
            (3...63).contains(bucket.utf8.count)
            && bucket.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
            && !bucket.hasPrefix("-") && !bucket.hasSuffix("-")
        if isNumeric || !isHostName { return ("\(scheme)//\(host)", "\(folder)/\(bucket)\(path)") }
        return ("\(scheme)//\(bucket).\(host)", folder + path)
    }
}
