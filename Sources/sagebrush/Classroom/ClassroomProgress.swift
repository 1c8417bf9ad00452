// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Lessons
import World

/// `classroom progress`.
struct ClassroomProgressCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "progress", abstract: "Shows who is in which lesson and step, what runs and what it costs.")

    @OptionGroup var options: ProgramOptions

    @Flag(help: "Writes the table as CSV.")
    var csv = false

    func run() async throws {
        let session = try Session.open(options.effective)
        await session.settle()
        let lessons = try LessonCatalog.all()
        let rows = try session.world.store.write { database in try ClassroomStanding.all(lessons: lessons, in: database) }
        guard !rows.isEmpty else {
            print("There are no students in this world yet. Make accounts for a class with: classroom create --students FILE")
            return
        }
        print(csv ? ClassroomTable.csv(rows) : ClassroomTable.text(rows, lessonCount: lessons.count), terminator: "")
    }
}

/// The students of a class as a table.
enum ClassroomTable {
    static func text(_ rows: [ClassroomStanding], lessonCount: Int) -> String {
        var cells = [["student", "account", "lesson", "step", "done", "runs", "an hour", "so far"]]
        cells += rows.map { row in
            let isFinished = row.doneCount == lessonCount
            return [
                short(row.name, 28), row.account, isFinished ? "all done" : row.lesson.isEmpty ? "-" : short(row.lesson, 34),
                row.step,
                "\(row.doneCount) of \(lessonCount)", running(row.machines), amount(row.hourlyDollars, row.isEstimated.hourly),
                amount(row.dollars, row.isEstimated.total),
            ]
        }
        let finishedCount = rows.count { $0.doneCount == lessonCount }
        let busyCount = rows.count { !$0.lesson.isEmpty }
        // Students who share an account share its bill.
        let bills = Dictionary(rows.map { ($0.account, ($0.hourlyDollars, $0.dollars)) }) { first, _ in first }.values
        let isEstimated = rows.contains { $0.isEstimated.hourly || $0.isEstimated.total }
        return TextTable.text(cells, rightAligned: [6, 7])
            + "\(rows.count) student\(rows.count == 1 ? "" : "s"): \(busyCount) in a lesson, \(finishedCount) through. In the real service "
            + "\(CostText.dollars(bills.reduce(0) { $0 + $1.0 })) an hour, \(CostText.dollars(bills.reduce(0) { $0 + $1.1 })) so far\(isEstimated ? " (part of it estimated)" : "").\n"
    }

    static func csv(_ rows: [ClassroomStanding]) -> String {
        let header = [
            "student", "account", "lesson", "step", "lessons done", "running", "dollars an hour", "dollars so far", "estimated",
        ]
        let cells = rows.map { row in
            [
                CSVCell.words(row.name), row.account, row.lesson, row.step, String(row.doneCount), running(row.machines),
                String(format: "%.4f", row.hourlyDollars), String(format: "%.4f", row.dollars),
                row.isEstimated.hourly || row.isEstimated.total ? "yes" : "no",
            ]
        }
        return ([header] + cells).map { $0.map(CSVCell.text).joined(separator: ",") + "\n" }.joined()
    }

    private static func short(_ text: String, _ width: Int) -> String {
        text.count <= width ? text : text.prefix(width - 1) + "…"
    }

    private static func amount(_ dollars: Double, _ isEstimated: Bool) -> String {
        dollars == 0 ? "-" : CostText.dollars(dollars) + (isEstimated ? " estimated" : "")
    }

    private static func running(_ machines: [RunningMachines]) -> String {
        let counts = RunningMachines.Purpose.allCases.compactMap { purpose -> String? in
            let count = Set(machines.filter { $0.purpose == purpose }.map { $0.region + "/" + $0.name }).count
            return count == 0 ? nil : "\(count) \(purpose.rawValue)\(count == 1 ? "" : "s")"
        }
        return counts.isEmpty ? "-" : counts.joined(separator: ", ")
    }
}
