// SPDX-License-Identifier: Apache-2.0

import Wire

/// `s3 cp`, `s3 mv`, `s3 rm` and `s3 sync`.
struct S3TransferCommand: Sendable {
    let context: CommandContext
    let options: S3TransferOptions
    private var sourceText: String
    private var destinationText: String
    private let isStream: Bool
    private let isTree: Bool
    /// Where the client asks about sources; uploads and copies are sent in the command's own region.
    private let sourceClient: S3Client

    /// Reads the command line and finds what is wrong with it before anything is touched.
    init(command: String, words: [String], context: CommandContext) throws {
        self.context = context
        options = try S3TransferOptions(command: command, words: words, environment: context.environment)
        let paths = options.paths.map(Self.withTrailingSlash)
        sourceText = paths.first ?? ""
        destinationText = paths.last ?? ""
        let kinds = options.paths.map { $0.hasPrefix(S3Path.scheme) ? "s3" : "local" }
        let allowed = command == "rm" ? [["s3"]] : [["s3", "s3"], ["s3", "local"], ["local", "s3"]]
        guard allowed.contains(kinds) else {
            let usage = command == "rm" ? "<S3Uri>" : "<LocalPath> <S3Uri> or <S3Uri> <LocalPath> or <S3Uri> <S3Uri>"
            throw CommandFailure.parameter("usage: aws s3 \(command) \(usage)\nError: Invalid argument type")
        }
        isStream = sourceText == "-" || destinationText == "-"
        isTree = options.isRecursive && !isStream
        if isStream, command != "cp" || options.isRecursive {
            throw CommandFailure.parameter("Streaming currently is only compatible with non-recursive cp commands")
        }
        if command == "mv", kinds == ["s3", "s3"], Self.isSame(sourceText, destinationText) {
            throw CommandFailure.parameter("Cannot mv a file onto itself: \(sourceText) - \(destinationText)")
        }
        if options.text("sse-c-copy-source") != nil, kinds != ["s3", "s3"] {
            throw CommandFailure.parameter("--sse-c-copy-source is only supported for copy operations.")
        }
        let environment = context.environment
        if kinds.first == "local", !isStream, LocalFile.status(environment.absolutePath(sourceText)) == nil {
            throw CommandFailure.general("The user-provided path \(sourceText) does not exist.")
        }
        if kinds == ["s3", "local"], isTree {
            try LocalFile.makeDirectories(S3Path.normalized(environment.absolutePath(destinationText)))
        }
        sourceClient = S3Client(context: context, region: kinds == ["s3", "s3"] ? options.sourceRegion : nil)
    }

    /// A bucket alone stands for all that is in it.
    private static func withTrailingSlash(_ path: String) -> String {
        guard path.hasPrefix(S3Path.scheme), S3Path.bucketAndKey(path).key.isEmpty, !path.hasSuffix("/") else { return path }
        return path + "/"
    }

    private static func isSame(_ source: String, _ destination: String) -> Bool {
        if source == destination { return true }
        let name = source.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        return destination.hasSuffix("/") && source == destination + name
    }

    private var operation: S3Operation {
        if options.command == "rm" { return .delete }
        if !sourceText.hasPrefix(S3Path.scheme) { return .upload }
        return destinationText.hasPrefix(S3Path.scheme) ? .copy : .download
    }

    /// The exit status: 1 after any failure, else 2 after any warning.
    func run() async throws -> Int32 {
        var style = S3Report.Style()
        style.isQuiet = options.flag("quiet")
        style.showsOnlyErrors = options.flag("only-show-errors") || isStream
        // Nothing is measured while things are deleted.
        style.showsProgress = !options.flag("no-progress") && operation != .delete
        style.isMultiline = options.flag("progress-multiline")
        style.frequencySeconds = options.progressFrequencySeconds
        let report = S3Report(context: context, style: style)
        do {
            let transfer = S3Transfer(
                context: context, options: options, client: S3Client(context: context), sourceClient: sourceClient, report: report)
            if isStream {
                try await transfer.runStream(operation: operation, source: sourceText, destination: destinationText)
            } else {
                try await transfer.run(try await chosenItems(report))
            }
        } catch is CancellationError {
            await report.fail("cancelled: ctrl-c received")
        } catch {
            await report.fail("fatal error: \(error)")
        }
        return await report.exitStatus
    }

    private func chosenItems(_ report: S3Report) async throws -> [S3Item] {
        let environment = context.environment
        let source = S3Place(sourceText, isTree: isTree, environment: environment)
        let destination = S3Place(destinationText, isTree: isTree, environment: environment)
        let filter = S3Filter(
            options.filters, source: sourceText, destination: destinationText, isTree: isTree, environment: environment)
        let lister = S3Lister(client: sourceClient, options: options, operation: operation) { await report.warn($0) }
        let items = try await lister.items(at: source, to: destination, isTree: isTree).filter(filter.includes)
        guard options.command == "sync" else { return try await withoutConflicts(items, report) }
        let reverse = S3Lister(client: S3Client(context: context), options: options, operation: nil) { await report.warn($0) }
        let present = try await reverse.items(at: destination, to: source, isTree: true).filter(filter.includes)
        let comparator = S3Comparator(
            comparesSizeOnly: options.flag("size-only"), wantsExactTimes: options.flag("exact-timestamps"),
            deletes: options.flag("delete"), neverOverwrites: options.flag("no-overwrite"))
        return try await withoutConflicts(comparator.choose(source: items, destination: present), report)
    }

    /// `--case-conflict`: files that a system which ignores case would put on top of each other.
    private func withoutConflicts(_ items: [S3Item], _ report: S3Report) async throws -> [S3Item] {
        guard isTree, operation == .download, let mode = options.text("case-conflict"), mode != "ignore" else { return items }
        var seen: Set<String> = []
        var kept: [S3Item] = []
        for item in items {
            if item.operation == .delete || seen.insert(item.destination.lowercased()).inserted {
                kept.append(item)
                continue
            }
            let places = "s3://\(item.source) -> \(item.destination)"
            switch mode {
            case "error":
                throw CommandFailure.general(
                    "Failed to download \(places) because a file whose name differs only by case either exists or is being downloaded."
                )
            case "skip":
                await report.warn(
                    "warning: Skipping \(places) because a file whose name differs only by case either exists or is being downloaded."
                )
            default:
                await report.warn(
                    "warning: Downloading \(places) despite a file whose name differs only by case either existing or being downloaded."
                )
                kept.append(item)
            }
        }
        return kept
    }
}
