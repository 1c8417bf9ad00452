// SPDX-License-Identifier: Apache-2.0

import Wire

/// `s3 ls`: buckets, or objects and prefixes.
struct S3ListCommand: Sendable {
    private let context: CommandContext
    private let options: ParsedArguments
    private let pageSize: Int?

    /// What `ls` takes.
    static let specifications = [
        ArgumentSpecification(positional: "paths", arity: .optional(constant: nil)),
        ArgumentSpecification(option: "--recursive", arity: .flag(true)), ArgumentSpecification(option: "--page-size"),
        ArgumentSpecification(option: "--human-readable", arity: .flag(true)),
        ArgumentSpecification(option: "--summarize", arity: .flag(true)),
        ArgumentSpecification(option: "--request-payer", arity: .optional(constant: "requester"), choices: ["requester"]),
        ArgumentSpecification(option: "--bucket-name-prefix"), ArgumentSpecification(option: "--bucket-region"),
    ]

    init(words: [String], context: CommandContext) throws {
        self.context = context
        options = try S3Command.parse(words, Self.specifications)
        pageSize = try options.text("page-size").map { try PythonNumber.integer($0) }
    }

    /// - Returns: 1 where a key or prefix was asked for and there is nothing.
    func run() async throws -> Int32 {
        let (bucket, key) = S3Path.bucketAndKey(options.text("paths") ?? S3Path.scheme)
        var total = Total()
        if bucket.isEmpty {
            try await listBuckets()
        } else {
            var input: Value = ["Bucket": .string(bucket), "Prefix": .string(key)]
            if !options.flag("recursive") { input["Delimiter"] = "/" }
            if let payer = options.text("request-payer") { input["RequestPayer"] = .string(payer) }
            try await S3Client(context: context).listObjects(input, pageSize: pageSize) { page in write(page, &total) }
        }
        if options.flag("summarize") {
            context.write("\nTotal Objects: \(total.objectCount)\n   Total Size: \(sizeText(total.byteCount))\n")
        }
        return key.isEmpty || total.hasAny ? 0 : 1
    }

    private struct Total {
        var objectCount = 0
        var byteCount = 0
        var hasAny = false
    }

    private func write(_ page: Value, _ total: inout Total) {
        var text = ""
        for entry in page["CommonPrefixes"]?.listValue ?? [] {
            let parts = (entry["Prefix"]?.stringValue ?? "").split(separator: "/", omittingEmptySubsequences: false)
            text += String(repeating: " ", count: 27) + "PRE \(parts.dropLast().last ?? "")/\n"
            total.hasAny = true
        }
        for object in page["Contents"]?.listValue ?? [] {
            let key = object["Key"]?.stringValue ?? ""
            let byteCount = object["Size"]?.integerValue ?? 0
            total.objectCount += 1
            total.byteCount += byteCount
            total.hasAny = true
            let size = sizeText(byteCount)
            let name =
                options.flag("recursive")
                ? key : key.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? key
            text += "\(time(object["LastModified"])) \(String(repeating: " ", count: max(0, 10 - size.count)))\(size) \(name)\n"
        }
        context.write(text)
    }

    private func listBuckets() async throws {
        var input = Value.emptyObject
        if let prefix = options.text("bucket-name-prefix") { input["Prefix"] = .string(prefix) }
        if let region = options.text("bucket-region") { input["BucketRegion"] = .string(region) }
        if let pageSize { input["MaxBuckets"] = .integer(pageSize) }
        while true {
            let page = try await context.send("s3", "ListBuckets", input).output
            var text = ""
            for bucket in page["Buckets"]?.listValue ?? [] {
                text += "\(time(bucket["CreationDate"])) \(bucket["Name"]?.stringValue ?? "")\n"
            }
            context.write(text)
            guard let token = page["ContinuationToken"] else { return }
            input["ContinuationToken"] = token
        }
    }

    private func sizeText(_ byteCount: Int) -> String {
        options.flag("human-readable") ? S3Path.humanReadable(Double(byteCount)) : String(byteCount)
    }

    /// `2026-11-22 23:11:02` on the user's clock.
    private func time(_ value: Value?) -> String {
        let time = CalendarTime(value?.doubleValue ?? 0, timeZone: context.environment.timeZone)
        return "\(time.date) \(time.clock)"
    }
}
