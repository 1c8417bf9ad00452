// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Synchronization
import Testing
import World

@testable import sagebrush

@Suite struct PlotTests {
    @Test func brailleDotsAreWhereTheyBelong() {
        var canvas = BrailleCanvas(columns: 2, rows: 1)
        canvas.set(0, 3)
        canvas.set(1, 0)
        canvas.set(2, 2)
        canvas.set(9, 0)
        #expect(canvas.row(0, paint: { text, _ in text }) == "⢁⠂")
        var line = BrailleCanvas(columns: 4, rows: 2)
        line.line(0, 0, 7, 7)
        #expect(line.row(0, paint: { text, _ in text }) == "  ⡠⠊")
        #expect(line.row(1, paint: { text, _ in text }) == "⡠⠊  ")
    }

    @Test func aChartHasAxesAndFitsItsWidth() {
        let points = (1...20).map { ChartSeries.Point(x: Double($0), y: 1 / Double($0)) }
        var chart = Chart(
            title: "loss", series: [ChartSeries(name: "digits", points: points)], axis: .number("values"), width: 40, height: 5)
        let lines = chart.lines
        #expect(lines.count == 8)
        #expect(lines[0] == "loss")
        #expect(lines[1].hasPrefix("    1 ┤⢣"))
        #expect(lines[3].hasPrefix("0.525 ┤"))
        #expect(lines[5].hasPrefix(" 0.05 ┤"))
        #expect(lines[6].hasPrefix("      └──"))
        #expect(lines[7].hasSuffix("20 values"))
        #expect(lines.allSatisfy { $0.count <= 40 })
        #expect(!lines.joined().contains("\u{1b}"))
        chart.isColored = true
        chart.series.append(ChartSeries(name: "other", points: [.init(x: 1, y: 0.5), .init(x: 20, y: 0.5)]))
        #expect(chart.lines[8].hasSuffix(" digits"))
        #expect(chart.lines.joined().contains("\u{1b}[33m"))
    }

    @Test func oddValuesDoNoHarm() {
        let odd = [ChartSeries.Point(x: 1, y: .nan), .init(x: 2, y: 5), .init(x: 3, y: .infinity)]
        #expect(Chart(title: "odd", series: [ChartSeries(name: "a", points: odd)], axis: .number("values")).lines.count == 15)
        #expect(Chart(title: "none", series: [], axis: .number("values")).lines.isEmpty)
        #expect(Sparkline.text([.nan, 1, 2, 3], width: 8) == "▁▅█")
        #expect(Sparkline.text([2, 2], width: 8) == "▁▁")
        #expect(Sparkline.text((0..<100).map(Double.init), width: 4) == "▁▃▆█")
    }

    @Test(arguments: [
        (0.0, "0"), (1, "1"), (0.3125, "0.3125"), (12_345, "12.35k"), (2_500_000, "2.5M"), (0.000012, "1.2e-05"), (-0.5, "-0.5"),
        (9999, "9999"), (123.456, "123.5"),
    ])
    func numbersAreShort(number: Double, text: String) {
        #expect(Chart.text(number) == text)
    }

    @Test func requestsAreCountedAndLatenciesAveraged() {
        let samples = [(0.0, 10.0), (0.5, 20), (3.2, 60)].map { MetricSample(timestamp: $0.0, value: $0.1) }
        let counted = MetricPlot.binned(samples, start: 0, period: 1, isCounted: true)
        #expect(counted.map(\.y) == [30, 0, 0, 60])
        #expect(MetricPlot.binned(samples, start: 0, period: 1, isCounted: false).map(\.y) == [15, 60])
    }

    @Test func progressComesLateAndGoesBeforeOtherOutput() {
        let written = Mutex("")
        let log = { @Sendable (text: String) in written.withLock { $0 += text } }
        let slow = TerminalProgress(columns: 30, isColored: false, delay: .seconds(3600), write: log)
        slow.showWaiting(WaitingProgress(name: "endpoint-in-service", state: "Creating", seconds: 65))
        slow.clear()
        #expect(written.withLock { $0 } == "")
        let quick = TerminalProgress(columns: 60, isColored: false, delay: .zero, write: log)
        quick.showWaiting(WaitingProgress(name: "endpoint-in-service", state: "Creating", seconds: 65))
        quick.clear()
        #expect(written.withLock { $0 } == "\r\u{1b}[K⠙ endpoint-in-service  Creating  1 min 5 s\r\u{1b}[K")
        let half = TransferProgress(doneByteCount: 1 << 20, byteCount: 2 << 20, remainingFileCount: 1, seconds: 2)
        #expect(half.text == "1.0 MiB/2.0 MiB  (512.0 KiB/s)  1 file left")
        #expect(half.share == 0.5)
    }
}
