// SPDX-License-Identifier: Apache-2.0

import Algorithm
import ArgumentParser
import Compute
import Foundation
import Genotypes

/// `vcf …`: genotypes from a VCF file to training data, and what a model's answers say.
struct VCFProgram: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vcf", abstract: "Reads genotypes from VCF files: training data, clusters by population, pictures.",
        subcommands: [VCFShow.self, VCFExport.self, VCFCrosstab.self, VCFScatter.self])
}

/// Which variants are read.
struct VariantOptions: ParsableArguments {
    @Argument(
        help: "The file: VCF, plain or compressed by bgzip or gzip. FILE.tbi beside it finds a region quickly.", completion: .file()
    )
    var file: String

    @Option(help: ArgumentHelp("Only variants here, such as 6:1000000-1250000.", valueName: "chromosome:first-last"))
    var positions: String?

    @Option(help: ArgumentHelp("Only variants whose other base is more frequent than this.", valueName: "0…1"))
    var minFrequency = 0.3

    func validate() throws {
        if !(0..<1).contains(minFrequency) {
            throw ValidationError("--min-frequency takes a number from 0 to below 1, not \(minFrequency).")
        }
    }

    func table() throws -> GenotypeTable {
        try GenotypeTable.read(
            path: file,
            filter: VariantFilter(region: try positions.map { try GenomeRegion(parsing: $0) }, minimumFrequency: minFrequency),
            threadCount: ThreadPool.availableThreadCount)
    }
}

/// Which people are taken.
struct PeopleOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Who the samples are: a table with the columns sample, pop and super_pop.", valueName: "file"),
        completion: .file())
    var panel: String

    @Option(help: ArgumentHelp("Only people of these, by pop or super_pop, such as GBR,ASW,CHB.", valueName: "a,b"))
    var populations: String?

    func cohort(_ table: GenotypeTable) throws -> Cohort {
        try Cohort(
            table, panel: Panel(path: panel), populations: (populations ?? "").split(separator: ",").map(String.init))
    }
}

/// `vcf show FILE`.
struct VCFShow: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Says what a VCF file holds.")

    @OptionGroup var variants: VariantOptions

    @Flag(help: "Lists the variants.")
    var list = false

    func run() throws {
        let table = try variants.table()
        print(
            "\(table.samples.count) samples; \(table.lineCount) lines read\(table.usesIndex ? " by the index" : ""), "
                + "\(table.variants.count) variants of one base more frequent than \(variants.minFrequency)")
        if list { for variant in table.variants { print(variant.name) } }
    }
}

/// `vcf export FILE DIR`.
struct VCFExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes people's genotypes as training data: 0, 1 or 2 other bases for each person and variant.",
        discussion: """
            matrix_0.pbr, matrix_1.pbr … hold the people to train with, test.pbr those held out; train.panel and test.panel say who the \
            rows are, variants.txt what the columns are. With --s3-prefix, .amazon.manifest lists the matrices for a channel of the kind \
            ManifestFile.
            """)

    @OptionGroup var variants: VariantOptions

    @Argument(help: "The folder; it is made if need be.", completion: .directory)
    var directory: String

    @OptionGroup var people: PeopleOptions

    @Option(help: "recordio or csv.")
    var format = "recordio"

    @Option(help: "The number of files to divide the training data into, one for each instance.")
    var shards = 1

    @Option(help: ArgumentHelp("The share of people who are held out.", valueName: "0…1"))
    var testFraction = 0.2

    @Option(help: "Another number holds out other people.")
    var seed: UInt64 = 1

    @Option(
        name: .customLong("s3-prefix"), help: ArgumentHelp("Where the matrices will be in S3.", valueName: "s3://bucket/folder/"))
    var prefix: String?

    func validate() throws {
        if CohortExport.Format(rawValue: format) == nil {
            throw ValidationError("--format takes recordio or csv, not \"\(format)\".")
        }
    }

    func run() throws {
        let cohort = try people.cohort(try variants.table())
        let export = CohortExport(
            format: CohortExport.Format(rawValue: format) ?? .recordio, shardCount: shards, testFraction: testFraction, seed: seed,
            prefix: prefix)
        let files = try export.write(cohort, to: directory)
        print("\(cohort.people.count) people, \(cohort.variants.count) features")
        if cohort.missingCount > 0 { print("\(cohort.missingCount) genotypes are not known: they became their variant's mean") }
        for file in files {
            let rows = file.rowCount.map { "\($0) people" } ?? ""
            print(
                "\(file.name.padding(toLength: 20, withPad: " ", startingAt: 0))\(file.byteCount) bytes  \(rows)"
                    .trimmingSuffixSpaces())
        }
    }
}

/// `vcf crosstab ANSWER…`.
struct VCFCrosstab: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crosstab",
        abstract: "Counts the people of each population in each cluster that a k-means model answered with.")

    @Argument(
        help: "Files with the model's answers, in the order of the people: RecordIO, JSON, JSON Lines or CSV.", completion: .file())
    var answers: [String]

    @Option(help: ArgumentHelp("Who the rows were: test.panel of the export.", valueName: "file"), completion: .file())
    var panel: String

    @Flag(name: .customLong("super-populations"), help: "Counts by super_pop instead of pop.")
    var bySuperPopulation = false

    func run() throws {
        let people = try Panel(path: panel).people
        let clusters = try answers.flatMap { path in
            guard let data = FileManager.default.contents(atPath: path) else {
                throw PlatformError("could not read the answer \(path)")
            }
            return try ClusterAnswers.read([UInt8](data), name: path)
        }
        let table = try CrossTable(
            groups: people.map { bySuperPopulation ? $0.superPopulation : $0.population }, clusters: clusters)
        print(table.text, terminator: "")
        print("purity \(String(format: "%.4f", table.purity))")
    }
}

/// `vcf scatter FILE`.
struct VCFScatter: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scatter",
        abstract: "Draws people by the first two principal components of their genotypes, a colour a population.")

    @OptionGroup var variants: VariantOptions
    @OptionGroup var people: PeopleOptions

    @OptionGroup var options: ProgramOptions

    @Flag(name: .customLong("super-populations"), help: "A colour for each super_pop instead of each pop.")
    var bySuperPopulation = false

    @Option(help: ArgumentHelp("Writes the picture to this file too.", valueName: "file"), completion: .file())
    var svg: String?

    func run() throws {
        let cohort = try people.cohort(try variants.table())
        let plane = try PrincipalPlane(cohort, threadCount: ThreadPool.availableThreadCount)
        var groups: [String: [ChartSeries.Point]] = [:]
        for (person, point) in zip(cohort.people, plane.points) {
            groups[bySuperPopulation ? person.superPopulation : person.population, default: []].append(
                .init(x: point.x, y: point.y))
        }
        func title(_ component: Int) -> String { String(format: "PC%d (%.1f %%)", component + 1, 100 * plane.shares[component]) }
        let picture = ScatterPicture(
            title: "\(cohort.people.count) people by \(cohort.variants.count) variants", xTitle: title(0), yTitle: title(1),
            groups: groups.sorted { $0.key < $1.key }.map { .init(name: $0.key, points: $0.value) })
        let screen = PlotScreen(colorOption: options.effective.color, variables: ProcessInfo.processInfo.environment)
        for line in picture.lines(width: screen.columns, height: 20, isColored: screen.isColored) { print(line) }
        guard let svg else { return }
        do {
            try Data(picture.svg.utf8).write(to: URL(fileURLWithPath: svg), options: .atomic)
        } catch {
            throw PlatformError("could not write \(svg): \(error.localizedDescription)")
        }
        print("written to \(svg)")
    }
}
