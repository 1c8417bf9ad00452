// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import World

/// `plot METRIC`: a curve in the terminal.
struct PlotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plot",
        abstract: "Draws a metric of a training job or endpoint as a curve in the terminal.",
        discussion: """
            Without --job and --endpoint: of the newest training job that has the metric, else of the endpoints that have it. \
            Without a metric: lists those that there are. Several jobs or endpoints become curves of several colours.
            """)

    @OptionGroup var options: ProgramOptions

    @Argument(help: "train:objective_loss, Invocations, ModelLatency …")
    var metric: String?

    @Option(name: .customLong("job"), help: ArgumentHelp("A training job.", valueName: "name"))
    var jobs: [String] = []

    @Option(name: .customLong("endpoint"), help: ArgumentHelp("An endpoint.", valueName: "name"))
    var endpoints: [String] = []

    func run() async throws {
        let session = try Session.open(options.effective)
        let screen = PlotScreen(colorOption: options.effective.color, variables: session.variables)
        let source = MetricSource(session)
        guard let metric else {
            return print(try PlotList(source: source, jobs: jobs, endpoints: endpoints).text, terminator: "")
        }
        let plot = try MetricPlot.find(metric, jobs: jobs, endpoints: endpoints, in: source)
        var chart = plot.chart
        chart.width = screen.columns
        chart.isColored = screen.isColored
        for line in chart.lines { print(line) }
    }
}

/// What a plot is drawn on: the terminal, or 80 columns without colours.
struct PlotScreen {
    var columns = 80
    var isColored = false
    var isTerminal = false

    init(colorOption: String?, variables: [String: String]) {
        var size = winsize()
        isTerminal = isatty(STDOUT_FILENO) == 1
        if isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { columns = Int(size.ws_col) - 1 }
        isColored = colorOption == "on" || (isTerminal && colorOption != "off" && variables["NO_COLOR"] == nil)
    }
}

/// The curves of one metric.
struct MetricPlot {
    var chart: Chart

    /// - Throws: `UsageError` where nothing has the metric, naming those that there are.
    static func find(_ metric: String, jobs: [String], endpoints: [String], in source: MetricSource) throws -> MetricPlot {
        if !endpoints.isEmpty {
            return try ofEndpoints(metric, endpoints, source)
                ?? fail(metric, PlotList(source: source, jobs: [], endpoints: endpoints))
        }
        if !jobs.isEmpty {
            return try ofJobs(metric, jobs, source) ?? fail(metric, PlotList(source: source, jobs: jobs, endpoints: []))
        }
        for job in try source.jobs(limit: 20) {
            if let plot = try ofJobs(metric, [job.name], source) { return plot }
        }
        if let plot = try ofEndpoints(metric, try source.endpoints(), source) { return plot }
        let others = try source.otherMetrics(named: metric)
        if !others.isEmpty { return try overTime(metric, others.map { ($0.title, $0) }, source) }
        return try fail(metric, PlotList(source: source, jobs: [], endpoints: []))
    }

    private static func fail(_ metric: String, _ list: PlotList) throws -> MetricPlot {
        let names = try list.names
        for (option, owners) in [
            ("job", try list.source.jobs(limit: 1000).map(\.name)), ("endpoint", try list.source.endpoints()),
        ] where owners.contains(metric) {
            throw UsageError(
                "\"\(metric)\" is no metric: plot METRIC --\(option) \(metric) draws one of \(option == "job" ? "the job" : "the endpoint"). "
                    + "There are \(names.joined(separator: ", ")).")
        }
        throw UsageError(
            names.isEmpty
                ? "Nothing has a metric \"\(metric)\" yet: metrics come with training jobs and with requests to endpoints."
                : "There is no metric \"\(metric)\" here: there are \(names.joined(separator: ", ")).")
    }

    private static func ofJobs(_ metric: String, _ jobs: [String], _ source: MetricSource) throws -> MetricPlot? {
        var series: [ChartSeries] = []
        for job in jobs {
            _ = try source.job(named: job)
            let found = try source.metrics(ofJob: job).filter { $0.name == metric }
            for identity in found {
                let values = try source.samples(identity).map(\.value)
                // Whoever measures each host says which.
                let rest = identity.dimensions.filter { $0.name != "TrainingJobName" }.map(\.value)
                series.append(
                    ChartSeries(
                        name: ([job] + rest).joined(separator: " "),
                        points: values.enumerated().map { ChartSeries.Point(x: Double($0.offset + 1), y: $0.element) }))
            }
        }
        guard series.contains(where: { !$0.points.isEmpty }) else { return nil }
        let last = series.count == 1 ? series[0].points.last.map { ", last \(Chart.text($0.y))" } ?? "" : ""
        let title = "\(metric) of \(jobs.joined(separator: ", "))\(last)"
        return MetricPlot(chart: Chart(title: title, series: series, axis: .number("values")))
    }

    private static func ofEndpoints(_ metric: String, _ endpoints: [String], _ source: MetricSource) throws -> MetricPlot? {
        let found = try endpoints.flatMap { endpoint in
            try source.metrics(ofEndpoint: endpoint).filter { $0.name == metric }.map { ($0.title, $0) }
        }
        return found.isEmpty ? nil : try overTime(metric, found, source)
    }

    private static func overTime(
        _ metric: String, _ metrics: [(String, MetricIdentity)], _ source: MetricSource
    ) throws -> MetricPlot {
        let samples = try metrics.map { try source.samples($0.1) }
        let times = samples.flatMap { $0.map(\.timestamp) }
        let (start, end) = (times.min() ?? 0, times.max() ?? 0)
        let periods: [Double] = [1, 5, 10, 30, 60, 300, 900, 3600, 21600, 86400]
        let period = periods.first { (end - start) / $0 <= 100 } ?? 86400
        let isCounted = metric.hasPrefix("Invocation")
        let series = zip(metrics, samples).map { metric, samples in
            ChartSeries(name: metric.0, points: binned(samples, start: start, period: period, isCounted: isCounted))
        }
        let unit = samples.first?.first.map { $0.unit == "None" ? "" : " in \($0.unit.lowercased())" } ?? ""
        let whose = metrics.count == 1 ? " of \(metrics[0].0)" : ""
        let title = "\(metric)\(whose)\(unit), \(isCounted ? "sum" : "mean") of each \(Chart.text(period)) s"
        return MetricPlot(chart: Chart(title: title, series: series, axis: .time(.current)))
    }

    /// Sums or means of equal stretches of time; a stretch without samples counts 0, or is left out of means.
    static func binned(_ samples: [MetricSample], start: Double, period: Double, isCounted: Bool) -> [ChartSeries.Point] {
        var sums: [Int: (sum: Double, count: Double)] = [:]
        for sample in samples {
            let place = Int((sample.timestamp - start) / period)
            let known = sums[place] ?? (0, 0)
            sums[place] = (known.sum + sample.value * sample.count, known.count + sample.count)
        }
        guard let last = sums.keys.max() else { return [] }
        return (0...last).compactMap { place in
            let x = start + Double(place) * period
            guard let bin = sums[place] else { return isCounted ? ChartSeries.Point(x: x, y: 0) : nil }
            return ChartSeries.Point(x: x, y: isCounted ? bin.sum : bin.sum / max(bin.count, 1))
        }
    }
}

extension MetricIdentity {
    /// What it is a metric of, without what goes without saying.
    fileprivate var title: String {
        let parts = dimensions.filter { !($0.name == "VariantName" && $0.value == "AllTraffic") }.map(\.value)
        return parts.isEmpty ? namespace : parts.joined(separator: " ")
    }
}

/// The metrics that there are to draw: of given jobs and endpoints, else of the newest job and of all endpoints.
struct PlotList {
    let source: MetricSource
    let jobs: [String]
    let endpoints: [String]

    private var metrics: [(owner: String, metric: MetricIdentity)] {
        get throws {
            let isOpen = jobs.isEmpty && endpoints.isEmpty
            let jobNames = isOpen ? try source.jobs(limit: 1).map(\.name) : jobs
            let endpointNames = isOpen ? try source.endpoints() : endpoints
            return try jobNames.flatMap { name in try source.metrics(ofJob: name).map { ("job \(name)", $0) } }
                + endpointNames.flatMap { name in try source.metrics(ofEndpoint: name).map { ("endpoint \(name)", $0) } }
        }
    }

    /// Each name once.
    var names: [String] { get throws { Array(Set(try metrics.map(\.metric.name))).sorted() } }

    /// A line for each, with its last value and its course.
    var text: String {
        get throws {
            let metrics = try metrics
            if metrics.isEmpty { return "There are no metrics yet: they come with training jobs and with requests to endpoints.\n" }
            let width = metrics.map(\.metric.name.count).max() ?? 0
            var text = ""
            var owner = ""
            for row in metrics {
                if row.owner != owner { text += (owner.isEmpty ? "" : "\n") + row.owner + "\n" }
                owner = row.owner
                let values = try source.samples(row.metric).map(\.value)
                let name = row.metric.name.padding(toLength: width + 2, withPad: " ", startingAt: 0)
                let last = values.last.map(Chart.text) ?? ""
                text += "  \(name)\(last.padding(toLength: 9, withPad: " ", startingAt: 0)) \(Sparkline.text(values, width: 24))\n"
            }
            return text
        }
    }
}
