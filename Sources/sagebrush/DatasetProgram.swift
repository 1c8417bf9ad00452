// SPDX-License-Identifier: Apache-2.0

import Algorithm
import ArgumentParser
import Foundation
import SampleData

/// `sagebrush dataset …`: the data in the box.
struct DatasetProgram: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dataset", abstract: "Lists, draws, converts and exports the data in the box.",
        subcommands: [DatasetList.self, DatasetDraw.self, DatasetExport.self], defaultSubcommand: DatasetList.self)
}

/// `sagebrush dataset list`.
struct DatasetList: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the data sets and their files.")

    func run() throws {
        print(DatasetCommand.list(), terminator: "")
    }
}

/// What becomes of MNIST's labels.
struct LabelOptions: ParsableArguments {
    @Option(
        name: .customLong("label-is"),
        help: ArgumentHelp("Labels become 1 where the digit is this one, else 0.", valueName: "digit"))
    var digit: Int?

    var labelMap: LabelMap { digit.map { LabelMap.isDigit(UInt8(clamping: $0)) } ?? .identity }

    func validate() throws {
        if let digit, !(0...9).contains(digit) { throw ValidationError("--label-is takes a digit from 0 to 9, not \(digit).") }
    }
}

/// `sagebrush dataset draw INDEX`.
struct DatasetDraw: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "draw", abstract: "Draws a digit of MNIST in the terminal.")

    @Argument(help: "Which picture, from 0.")
    var index: Int

    @Flag(help: "A picture of the training set; without it, of the test set.")
    var train = false

    @Option(help: ArgumentHelp("A folder with full MNIST, as scripts/fetch-data brings it.", valueName: "dir"))
    var full: String?

    @OptionGroup var labels: LabelOptions

    func run() throws {
        let isColored = isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
        print(
            try DatasetCommand.draw(
                index, of: train ? .train : .test, labelMap: labels.labelMap, fullDirectory: full, color: isColored), terminator: ""
        )
    }
}

/// `sagebrush dataset export NAME DIR`.
struct DatasetExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes a data set into a folder, MNIST in the format of your choice.")

    @Argument(help: "The data set: see `dataset list`.")
    var name: String

    @Argument(help: "The folder; it is made if need be.", completion: .directory)
    var directory: String

    @Option(help: "For MNIST: recordio, csv or idx.")
    var format = "recordio"

    @OptionGroup var labels: LabelOptions

    @Option(help: "Pixels are divided by this: 1, 255 or 256 (as in the workshop).")
    var divisor = 256

    @Option(help: ArgumentHelp("Takes full MNIST from this folder, as scripts/fetch-data brings it.", valueName: "dir"))
    var full: String?

    func validate() throws {
        if DatasetCommand.Format(rawValue: format) == nil {
            throw ValidationError(
                "--format takes \(DatasetCommand.Format.allCases.map(\.rawValue).joined(separator: ", ")), not \"\(format)\".")
        }
        if scale == nil { throw ValidationError("--divisor takes 1, 255 or 256, not \(divisor).") }
    }

    private var scale: PixelScale? {
        switch divisor {
        case 1: .raw
        case 255: .over255
        case 256: .over256
        default: nil
        }
    }

    func run() throws {
        let options = DatasetCommand.ExportOptions(
            format: DatasetCommand.Format(rawValue: format) ?? .recordio, labelMap: labels.labelMap, scale: scale ?? .over256,
            fullDirectory: full)
        for file in try DatasetCommand.export(name, to: directory, options: options) {
            let rows = file.rowCount.map { "\($0) rows" } ?? ""
            print("\(file.name.padding(toLength: 28, withPad: " ", startingAt: 0))\(file.byteCount) bytes  \(rows)")
        }
    }
}
