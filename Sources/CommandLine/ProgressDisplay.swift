// SPDX-License-Identifier: Apache-2.0

/// Shows on a terminal how far something is that takes time: what the prompt puts in the place of the real CLI's own progress lines.
///
/// Scripts have none, so that their output is the real CLI's.
public protocol ProgressDisplay: Sendable {
    /// Files on their way.
    func showTransfer(_ progress: TransferProgress)
    /// Waiting for a state.
    func showWaiting(_ progress: WaitingProgress)
    /// Takes away what is shown; called before anything else is written.
    func clear()
}

/// How far a transfer of files is.
public struct TransferProgress: Sendable, Equatable {
    /// Bytes that have come.
    public var doneByteCount: Int
    /// Bytes in all, as far as known.
    public var byteCount: Int
    /// Files that have not come yet.
    public var remainingFileCount: Int
    /// Seconds since the beginning.
    public var seconds: Double

    /// Made of its parts.
    public init(doneByteCount: Int, byteCount: Int, remainingFileCount: Int, seconds: Double) {
        self.doneByteCount = doneByteCount
        self.byteCount = byteCount
        self.remainingFileCount = remainingFileCount
        self.seconds = seconds
    }

    /// The share that has come, from 0 to 1; nil where the size is not known.
    public var share: Double? { byteCount > 0 ? min(Double(doneByteCount) / Double(byteCount), 1) : nil }

    /// `3.0 MiB/8.0 MiB  (1.5 MiB/s)  2 files left`.
    public var text: String {
        let files = "\(remainingFileCount) file\(remainingFileCount == 1 ? "" : "s") left"
        guard byteCount > 0 else { return files }
        let speed = S3Path.humanReadable(seconds > 0 ? Double(doneByteCount) / seconds : 0)
        return
            "\(S3Path.humanReadable(Double(doneByteCount)))/\(S3Path.humanReadable(Double(byteCount)))  (\(speed)/s)  \(files)"
    }
}

/// What a waiter waits for.
public struct WaitingProgress: Sendable, Equatable {
    /// `endpoint-in-service`.
    public var name: String
    /// The state now, where the answer has one: `Creating`.
    public var state: String?
    /// World seconds since the beginning.
    public var seconds: Double

    /// Made of its parts.
    public init(name: String, state: String?, seconds: Double) {
        self.name = name
        self.state = state
        self.seconds = seconds
    }
}
