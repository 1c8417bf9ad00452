// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Testing

@testable import Registry

/// What every algorithm of the registry must do, whatever it is; a new one is tested by being there.
@Suite struct ConformanceTests {
    static let names = Registry.algorithms.map { $0.name }

    // MARK: Hyperparameters

    @Test(arguments: names)
    func defaultsAreRightByThemselves(name: String) throws {
        let job = try ConformanceJob(name)
        #expect(Set(job.algorithm.hyperparameters.map(\.name)).count == job.algorithm.hyperparameters.count)
        let values = try job.algorithm.hyperparameterValues(from: job.hyperparameters())
        for parameter in job.algorithm.hyperparameters {
            if parameter.defaultValue != nil { #expect(values[parameter.name] != nil, "\(parameter.name)") }
            #expect(!(parameter.isRequired && parameter.defaultValue != nil), "\(parameter.name)")
        }
    }

    @Test(arguments: names)
    func unknownAndMissingHyperparametersAreNamed(name: String) throws {
        let job = try ConformanceJob(name)
        let good = job.hyperparameters()
        func message(_ texts: [String: String]) throws -> String {
            let error = #expect(throws: UserError.self) { try job.algorithm.hyperparameterValues(from: texts) }
            return try #require(error).description
        }
        let unknown = try message(good.merging(["no_such_parameter": "1"]) { $1 })
        #expect(unknown.hasPrefix("ClientError: ") && unknown.contains("'no_such_parameter'"))
        for parameter in job.algorithm.hyperparameters where parameter.isRequired {
            #expect(try message(good.filter { $0.key != parameter.name }).contains("'\(parameter.name)'"))
        }
    }

    /// Texts that are not of the kind, or just outside of its range.
    private static func wrongTexts(for parameter: Hyperparameter) -> [String] {
        switch parameter.kind {
        case .integer(let range):
            return ["many", "1.5", ""] + [range.minimum.map { "\($0 - 1)" }, range.maximum.map { "\($0 + 1)" }].compactMap { $0 }
        case .continuous(let range):
            let below = range.minimum.map { range.includesMinimum ? $0 - 0.5 : $0 }
            let above = range.maximum.map { range.includesMaximum ? $0 + 0.5 : $0 }
            return ["much", "nan", "inf", ""] + [below, above].compactMap { $0.map { "\($0)" } }
        case .categorical: return ["no-such-word", ""]
        case .categoricalList: return ["[\"no-such-word\"]", "[", "{}"]
        case .boolean: return ["maybe", ""]
        case .text: return []
        }
    }

    @Test(arguments: names)
    func wrongHyperparametersAreNamed(name: String) throws {
        let job = try ConformanceJob(name)
        for parameter in job.algorithm.hyperparameters {
            for text in Self.wrongTexts(for: parameter) {
                let error = #expect(throws: UserError.self, "\(parameter.name)=\(text)") {
                    try job.algorithm.hyperparameterValues(from: job.hyperparameters([parameter.name: text]))
                }
                #expect(error?.description.contains("'\(parameter.name)'") == true, "\(parameter.name)=\(text)")
            }
        }
    }

    // MARK: Training

    @Test(arguments: names)
    func everyFormatOfTrainingDataTrains(name: String) async throws {
        let rows = ConformanceRows(120)
        let specification = try #require(try ConformanceJob(name).algorithm.channels.first { $0.isRequired })
        var forms: [([UInt8], ContentType?)] = []
        if specification.contentTypes.contains(ContentType.recordIOProtobuf.mediaType) {
            forms += [(rows.recordIO, nil), (rows.sparseRecordIO, .recordIOProtobuf)]
        }
        if specification.contentTypes.contains(ContentType.csv.mediaType) { forms.append((rows.labelledCSV, .csv)) }
        #expect(!forms.isEmpty)
        for (bytes, contentType) in forms {
            let job = try ConformanceJob(name)
            try await job.train(job.channels(bytes, contentType: contentType))
            #expect(try !job.model().isEmpty)
            let width = try job.predictor().featureCount
            #expect(width == nil || width == ConformanceRows.width)
        }
    }

    @Test(arguments: names)
    func theModelIsThatOfItsSeedForAnyNumberOfThreads(name: String) async throws {
        let rows = ConformanceRows(700)
        var models: [[String: [UInt8]]] = []
        for threadCount in [1, 3, 1] {
            let job = try ConformanceJob(name)
            try await job.train(job.channels(rows.recordIO), seed: 7, threadCount: threadCount)
            models.append(try job.model())
        }
        #expect(!models[0].isEmpty)
        #expect(models[0] == models[1] && models[0] == models[2])
    }

    @Test(arguments: names)
    func metricsAreReadOffTheLog(name: String) async throws {
        let job = try await ConformanceJob.trained(name)
        let names = job.algorithm.metrics.map(\.name)
        #expect(Set(names).count == names.count)
        var found = 0
        for metric in job.algorithm.metrics {
            let expression = try Regex(metric.regularExpression)
            for line in job.log {
                guard let match = line.firstMatch(of: expression), match.output.count > 1 else { continue }
                let value = try #require(match.output[1].substring)
                #expect(Double(value) != nil, "\(metric.name): \(line)")
                found += 1
            }
        }
        #expect(found > 0 || job.algorithm.metrics.isEmpty)
    }

    // MARK: Data that is not as it should be

    @Test(arguments: names)
    func badDataFailsWithItsPlace(name: String) async throws {
        let rows = ConformanceRows(60)
        func reason(_ bytes: [UInt8], changes: [String: String] = [:]) async throws -> String {
            let job = try ConformanceJob(name)
            let error = try #require(try await job.failure(job.channels(bytes), changes: changes))
            #expect(error.failureClass == .client)
            #expect(try job.model().isEmpty)
            return error.description
        }
        let channel = try #require(try ConformanceJob(name).algorithm.channels.first { $0.isRequired }).name
        #expect(try await reason([]).contains(channel))
        var nan = rows
        nan.features[3][2] = .nan
        let notANumber = try await reason(nan.recordIO)
        #expect(notANumber.contains(channel) && notANumber.contains("record 4"))
        var ragged = rows
        ragged.features[5].removeLast()
        #expect(try await reason(ragged.recordIO).contains("record 6"))
        #expect(try await reason(Array(rows.recordIO.dropLast(10))).contains("record 60"))
        if try ConformanceJob(name).algorithm.hyperparameters.contains(where: { $0.name == "feature_dim" }) {
            let wrong = try await reason(rows.recordIO, changes: ["feature_dim": "9"])
            #expect(wrong.contains("feature_dim") && wrong.contains("9") && wrong.contains("\(ConformanceRows.width)"))
        }
    }

    @Test(arguments: names)
    func channelsAreChecked(name: String) async throws {
        let rows = ConformanceRows(60)
        let job = try ConformanceJob(name)
        let required = try #require(job.algorithm.channels.first { $0.isRequired }).name
        let missing = try #require(try await job.failure([]))
        #expect(missing.description.contains("'\(required)'"))
        let unknown = try #require(
            try await job.failure(job.channels(rows.recordIO) + [job.channel("no-such-channel", rows.recordIO)]))
        #expect(unknown.description.contains("'no-such-channel'"))
        let empty = InputChannel(name: required, directory: job.directory, files: [])
        #expect(try #require(try await job.failure([empty])).description.contains("'\(required)'"))
        #expect(try job.model().isEmpty)
    }

    /// Too few rows may be an error of the user's; never a crash, and never a model that answers nonsense.
    @Test(arguments: names, [1, 2, 3])
    func fewRowsTrainOrAreAnError(name: String, count: Int) async throws {
        let job = try ConformanceJob(name)
        let rows = ConformanceRows(count)
        if let error = try await job.failure(job.channels(rows.recordIO)) {
            #expect(error.failureClass == .client, "\(error)")
        } else {
            try expectFiniteAnswers(job, rows)
        }
    }

    @Test(arguments: names)
    func constantHugeAndTinyDataTrain(name: String) async throws {
        let rows = ConformanceRows(120)
        var constant = rows
        for row in constant.features.indices { constant.features[row][4] = 3 }
        for data in [constant, rows.mapped { $0 * 1e15 }, rows.mapped { $0 * 1e-20 }] {
            let job = try await ConformanceJob.trained(name, on: data)
            try expectFiniteAnswers(job, data)
        }
    }

    // MARK: Hosts

    /// Two hosts with shards of different sizes, or both with everything, answer much as one with everything: the same numbers, in
    /// whatever order of rows.
    @Test(arguments: names, DataDistribution.allCases)
    func shardsAreAsGoodAsTheWhole(name: String, distribution: DataDistribution) async throws {
        let whole = try ConformanceJob(name)
        let distributions = whole.algorithm.channels.first { $0.isRequired }?.distributions ?? []
        guard whole.algorithm.supportsDistributedTraining, distributions.contains(distribution) else { return }
        let rows = ConformanceRows(400)
        let hosts = ThreadHosts(count: 2)
        let isSharded = distribution == .shardedByS3Key
        let shards = isSharded ? [rows.part(0..<250), rows.part(250..<400)] : [rows, rows]
        let jobs = [try ConformanceJob(name), try ConformanceJob(name)]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for rank in 0..<2 {
                group.addTask {
                    var channels = try jobs[rank].channels(shards[rank].recordIO)
                    for index in channels.indices { channels[index].distribution = distribution }
                    try await jobs[rank].train(
                        channels,
                        topology: HostTopology(currentHost: "algo-\(rank + 1)", hosts: ["algo-1", "algo-2"]),
                        collectives: ThreadHosts.Host(hosts: hosts, rank: rank))
                }
            }
            try await group.waitForAll()
        }
        try await whole.train(whole.channels(rows.recordIO))
        #expect(try jobs[1].model().isEmpty)
        let (sharded, single) = (try answers(jobs[0], rows), try answers(whole, rows))
        for column in single[0].indices {
            let (found, expected) = (sharded.map { $0[column] }.sorted(), single.map { $0[column] }.sorted())
            let size = expected.reduce(0) { $0 + abs($1) }
            #expect(zip(found, expected).reduce(0) { $0 + abs($1.0 - $1.1) } <= 0.1 * size + 1e-6, "column \(column)")
        }
    }

    private func expectFiniteAnswers(_ job: ConformanceJob, _ rows: ConformanceRows) throws {
        let answers = try answers(job, rows)
        #expect(answers.count == rows.features.count)
        #expect(answers.allSatisfy { !$0.isEmpty && $0.allSatisfy(\.isFinite) })
    }

    private func answers(_ job: ConformanceJob, _ rows: ConformanceRows) throws -> [[Double]] {
        let type = ContentType.recordIOProtobuf.mediaType
        return try ConformanceAnswers.numbers(
            job.predictor().predict(
                InferenceRequest(body: rows.body(type), contentType: type, accept: ContentType.csv.mediaType)))
    }
}
