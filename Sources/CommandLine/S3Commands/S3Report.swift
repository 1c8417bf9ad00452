// SPDX-License-Identifier: Apache-2.0

/// One transfer as its lines show it.
struct S3TransferLine: Sendable {
    /// `upload`, `download`, `copy`, `delete` or `move`.
    var kind: String
    var source: String
    var destination: String?
    /// Nil where the size is not known before.
    var byteCount: Int?

    /// `./a.txt to s3://bucket/a.txt`.
    var location: String { destination.map { source + " to " + $0 } ?? source }
}

/// What is printed while files are transferred, and the count of what went wrong.
actor S3Report {
    /// How much is printed.
    struct Style: Sendable {
        var isQuiet = false
        var showsOnlyErrors = false
        var showsProgress = true
        var isMultiline = false
        var frequencySeconds = 0.0
    }

    private let context: CommandContext
    private let style: Style
    private var failureCount = 0
    private var warningCount = 0
    private var expectedFileCount = 0
    private var doneFileCount = 0
    private var expectedByteCount = 0
    private var doneByteCount = 0
    private var progressByLine: [Int: Int] = [:]
    private var lines: [S3TransferLine] = []
    /// True once all transfers are known.
    private var isFinal = false
    private let start = ContinuousClock.now
    private var lastProgress: ContinuousClock.Instant?
    /// Characters of the progress line that the next line has to cover.
    private var progressLength = 0
    /// Ends of transfers that wait for those before them, so that lines come in the order of the files.
    private var waitingEnds: [Int: Outcome] = [:]
    private var nextEnd = 0

    /// How a transfer ended.
    enum Outcome: Sendable {
        case success
        case failure(String)
        /// Left out on purpose, without a word.
        case skipped
        /// Done, but something about it did not work.
        case warning(String)
    }

    init(context: CommandContext, style: Style) {
        self.context = context
        self.style = style
    }

    /// 1 after any failure, 2 after any warning.
    var exitStatus: Int32 { failureCount > 0 ? 1 : warningCount > 0 ? 2 : 0 }

    /// Announces all transfers at once.
    func expect(_ transfers: [S3TransferLine]) {
        lines = transfers
        isFinal = true
        // Progress that was shown while files were looked for is wiped away where there is nothing to do.
        if transfers.isEmpty, progressLength > 0 { printOutput("") }
        expectedFileCount = transfers.count
        expectedByteCount = transfers.reduce(0) { $0 + ($1.byteCount ?? 0) }
    }

    func dryRun(_ line: S3TransferLine) { printOutput("(dryrun) \(line.kind): \(line.location)") }

    func warn(_ message: String) {
        warningCount += 1
        printError(message)
        showProgressAgain()
    }

    /// Something that ends the whole command.
    func fail(_ message: String) {
        failureCount += 1
        printError(message)
    }

    func progress(_ line: Int, byteCount: Int) {
        doneByteCount += byteCount
        progressByLine[line, default: 0] += byteCount
        if lines[line].byteCount == nil { expectedByteCount += byteCount }
        let now = ContinuousClock.now
        if style.frequencySeconds > 0, let lastProgress, now - lastProgress < .seconds(style.frequencySeconds) { return }
        lastProgress = now
        showProgress()
    }

    func end(_ line: Int, _ outcome: Outcome) {
        waitingEnds[line] = outcome
        while let outcome = waitingEnds.removeValue(forKey: nextEnd) {
            finish(nextEnd, outcome)
            nextEnd += 1
        }
    }

    private func finish(_ line: Int, _ outcome: Outcome) {
        let transfer = lines[line]
        doneFileCount += 1
        switch outcome {
        case .success: if !style.showsOnlyErrors { printOutput("\(transfer.kind): \(transfer.location)") }
        case .warning(let message):
            warningCount += 1
            printError(message)
            if !style.showsOnlyErrors { printOutput("\(transfer.kind): \(transfer.location)") }
        case .skipped: doneByteCount += (transfer.byteCount ?? 0) - (progressByLine[line] ?? 0)
        case .failure(let message):
            failureCount += 1
            doneByteCount += (transfer.byteCount ?? 0) - (progressByLine[line] ?? 0)
            printError("\(transfer.kind) failed: \(transfer.location) \(message)")
        }
        showProgressAgain()
    }

    private func showProgressAgain() {
        // A line that ended leaves nothing to cover.
        progressLength = 0
        if !isFinal || doneFileCount != expectedFileCount { showProgress() }
    }

    private func showProgress() {
        guard style.showsProgress, !style.showsOnlyErrors, !style.isQuiet else { return }
        if let display = context.environment.progress {
            return display.showTransfer(
                TransferProgress(
                    doneByteCount: doneByteCount, byteCount: expectedByteCount,
                    remainingFileCount: expectedFileCount - doneFileCount,
                    seconds: (ContinuousClock.now - start) / .seconds(1)))
        }
        let remaining =
            isFinal ? "\(expectedFileCount - doneFileCount) file(s) remaining" : "~0 file(s) remaining (calculating...)"
        var text: String
        if expectedByteCount > 0 {
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let speed = S3Path.humanReadable(seconds > 0 ? Double(doneByteCount) / seconds : 0)
            text = "Completed \(S3Path.humanReadable(Double(doneByteCount)))/\(S3Path.humanReadable(Double(expectedByteCount)))"
            text += " (\(speed)/s) with \(remaining)"
        } else {
            text = "Completed \(doneFileCount) file(s) with \(remaining)"
        }
        if style.isMultiline {
            context.write(text + "\n")
            return
        }
        text = padded(text)
        progressLength = text.unicodeScalars.count
        context.write(text + "\r")
    }

    private func padded(_ text: String) -> String {
        text + String(repeating: " ", count: max(0, progressLength - text.unicodeScalars.count))
    }

    private func printOutput(_ text: String) {
        context.environment.progress?.clear()
        if !style.isQuiet { context.write(padded(text) + "\n") }
    }

    private func printError(_ text: String) {
        context.environment.progress?.clear()
        if !style.isQuiet { context.writeError(padded(text) + "\n") }
    }
}
