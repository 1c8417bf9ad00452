// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Services
import Wire
import World

/// `follow [JOB]`: a training job as it goes, until it ends or the user has seen enough.
struct FollowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow",
        abstract: "Shows a training job as it goes: state, progress, loss, throughput. Ctrl-C ends the showing, not the job.")

    @OptionGroup var options: ProgramOptions

    @Argument(help: "The training job; without it, the newest.")
    var job: String?

    func run() async throws {
        let session = try Session.open(options.effective)
        let source = MetricSource(session)
        let name = try source.job(named: job).name
        var view = JobView(screen: PlotScreen(colorOption: options.effective.color, variables: session.variables))
        while true {
            let record = try source.job(named: name)
            let picture = try JobPicture(record, source: source, now: session.world.store.read { try $0.clock() }.now())
            view.show(picture)
            if record.jobStatus.isFinal { throw ExitStatus(code: record.jobStatus == .failed ? 1 : 0) }
            do {
                try Task.checkCancellation()
                try await session.dispatcher.waitForChange(atMost: 1)
            } catch is CancellationError {
                view.leave("The job goes on: follow \(name)")
                throw ExitStatus(code: 130)
            }
        }
    }
}

/// What there is to tell about a job at one moment.
struct JobPicture: Equatable {
    var name: String
    var status: String
    var message: String
    /// World seconds since the job began.
    var seconds: Double
    /// In percent; nil where the algorithm doesn't say.
    var progress: Double?
    var lossName: String?
    var losses: [Double] = []
    /// Records a second.
    var throughput: Double?
    var isFinal: Bool
    var metrics: [String] = []

    init(_ record: TrainingJobRecord, source: MetricSource, now: Double) throws {
        name = record.name
        isFinal = record.jobStatus.isFinal
        status = record.secondaryStatus.rawValue
        message = record.failureReason ?? ""
        seconds = (isFinal ? record.lastModifiedTime : now) - record.creationTime
        let metrics = try source.metrics(ofJob: record.name)
        func values(_ name: String) throws -> [Double] {
            try metrics.first { $0.name == name }.map { try source.samples($0).map(\.value) } ?? []
        }
        progress = try values("train:progress").last
        throughput = try values("train:throughput").last
        lossName = ["train:objective_loss", "train:msd", "train:loss", "train:mse"].first { name in
            metrics.contains { $0.name == name }
        }
        losses = try lossName.map(values) ?? []
        if isFinal { self.metrics = record.finalMetrics.map { "\($0.metricName)  \(Chart.text($0.value))" } }
    }

    /// The lines that are drawn over and over; two, whatever there is to tell.
    func lines(columns: Int, isColored: Bool) -> [String] {
        func bold(_ text: String) -> String { isColored ? "\u{1b}[1m\(text)\u{1b}[0m" : text }
        let first = "\(bold(name))  \(status)  \(Self.clock(seconds))"
        var parts: [String] = []
        if let progress, progress.isFinite {
            let filled = Int((max(0, min(progress, 100)) / 5).rounded())
            let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
            parts.append("\(bar) \(Int(progress.rounded())) %")
        }
        if let lossName, let loss = losses.last {
            parts.append("epoch \(losses.count)")
            parts.append("\(lossName.split(separator: ":").last ?? "loss") \(Chart.text(loss))")
        }
        if let throughput { parts.append("\(Chart.text(throughput)) records/s") }
        var second = parts.joined(separator: "  ")
        let room = columns - second.count - 2
        if losses.count > 1, room >= 8 { second += "  " + Sparkline.text(losses, width: min(room, 40)) }
        return [first, String(second.prefix(columns))]
    }

    /// `1:05`, `2:01:05`.
    private static func clock(_ seconds: Double) -> String {
        let whole = Int(max(0, seconds.isFinite ? seconds : 0))
        let (hours, minutes) = (whole / 3600, whole / 60 % 60)
        let end = (whole % 60 < 10 ? "0" : "") + "\(whole % 60)"
        return hours > 0 ? "\(hours):\(minutes < 10 ? "0" : "")\(minutes):\(end)" : "\(minutes):\(end)"
    }
}

/// A few lines at the bottom of the terminal that are drawn over; elsewhere only what changes of the state is written.
struct JobView {
    let screen: PlotScreen
    private var drawnLines = 0
    private var last: JobPicture?

    init(screen: PlotScreen) {
        self.screen = screen
    }

    mutating func show(_ picture: JobPicture) {
        if screen.isTerminal {
            let lines = picture.lines(columns: screen.columns, isColored: screen.isColored)
            write(start + lines.map { $0 + "\u{1b}[K\n" }.joined())
            drawnLines = lines.count
        } else if last?.status != picture.status {
            print("\(picture.name)  \(picture.status)")
        }
        last = picture
        guard picture.isFinal else { return }
        if !picture.message.isEmpty { print(picture.message) }
        for metric in picture.metrics { print("  " + metric) }
    }

    func leave(_ text: String) {
        if screen.isTerminal { write(text + "\n") }
    }

    /// Back to the first of the lines.
    private var start: String { drawnLines > 0 ? "\r\u{1b}[\(drawnLines)A" : "" }

    private func write(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }
}
