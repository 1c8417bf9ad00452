// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import GRDB
import Wire
import World

/// The machine of a batch transform job: loads the model, sends it the objects record by record, and writes what it answers.
struct TransformHost {
    /// `sagemaker:transform-job`.
    static let kind = "sagemaker:transform-job"

    let environment: HostEnvironment
    let process: HostProcess
    let job: KeptRecord
    let scope: Scope
    let clock: LiveClock
    let log: HostLog
    let stopFlag: StopFlag

    private var store: Store { environment.world.store }
    private var document: Value { job.document }

    /// Finds the job that `process` works for.
    ///
    /// - Throws: `HostError.ownerGone` where it was deleted meanwhile.
    init(process: HostProcess, environment: HostEnvironment, stopFlag: StopFlag) throws {
        self.environment = environment
        self.process = process
        self.stopFlag = stopFlag
        let store = environment.world.store
        guard let job = try store.read({ try $0.keptRecord(Self.kind, arn: process.ownerARN) }) else {
            throw HostError.ownerGone(arn: process.ownerARN)
        }
        self.job = job
        scope = Scope(ofARN: job.arn)
        clock = try LiveClock(store)
        log = try HostLog(
            store: store, scope: scope, group: LogGroupName.transformJobs,
            stream: "\(job.name)/i-\(process.id.filter(\.isHexDigit).prefix(17))", clock: clock)
    }

    /// The job was asked to stop.
    private struct StopRequested: Error {}

    /// Does the job's work; whatever happens, the job is over afterwards.
    func run() async throws {
        do {
            try await work()
            try finish("Completed", reason: nil)
        } catch is StopRequested {
            try finish("Stopped", reason: nil)
        } catch let failure as DataStaging.Failure {
            try finish("Failed", reason: failure.reason)
        } catch let error as ServiceError {
            try finish("Failed", reason: "ClientError: \(error.code): \(error.message)")
        } catch {
            try finish("Failed", reason: FailureReason.text(of: error))
        }
    }

    private func work() async throws {
        try await simulateWaiting(seconds: 180)
        try change { $0.document["TransformStartTime"] = .timestamp($1) }
        let model = try ModelRequestReader.container(of: job)
        let role = try environment.clientAssumingRole(document["ExecutionRoleArn"]?.stringValue ?? "", "SageMaker")
        let staging = DataStaging(client: role, region: scope.region)
        let predictor = try await ModelLoader(environment: environment, folder: process.folder, staging: staging)
            .load(model, modelName: document["ModelName"]?.stringValue ?? "")
        let pipeline = try TransformPipeline(document, predictor: predictor)
        log.write(
            "[sagemaker logs]: MaxConcurrentTransforms=1, MaxPayloadInMB=\(pipeline.splitter.maximumByteCount >> 20), "
                + "BatchStrategy=\(pipeline.splitter.joinsRecords ? "MULTI_RECORD" : "SINGLE_RECORD")")
        let source = document["TransformInput"]?["DataSource"]?["S3DataSource"]
        guard let uri = source?["S3Uri"]?.stringValue, let location = S3Location(uri) else {
            throw UserError("The TransformInput has no S3DataSource with an s3:// URI.")
        }
        let isManifest = source?["S3DataType"]?.stringValue == "ManifestFile"
        let items = try await isManifest ? staging.objects(inManifest: location) : staging.objects(below: location)
        guard !items.isEmpty else {
            throw DataStaging.Failure(reason: "ClientError: Data download failed:Could not find S3 data at \(uri)")
        }
        for item in items { try await transform(item, pipeline, staging, role) }
    }

    private func transform(
        _ item: DataStaging.Item, _ pipeline: TransformPipeline, _ staging: DataStaging, _ role: any ServiceClient
    ) async throws {
        if stopFlag.isSet { throw StopRequested() }
        let path = process.folder + "/input"
        try? FileManager.default.removeItem(atPath: path)
        try await staging.fetch(item.location, to: path)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let output: [UInt8]
        do {
            output = try pipeline.transform(bytes, name: item.location.description) { stopFlag.isSet }
        } catch let error as InferenceError {
            log.write("\(item.location.bucket)/\(item.location.key): ClientError: \(error.httpStatus)")
            log.write("Bad HTTP status received from algorithm: \(error.httpStatus): \(error.message)")
            throw UserError("See job logs for more information: \(error.message)")
        }
        if stopFlag.isSet { throw StopRequested() }
        guard let target = S3Location(document["TransformOutput"]?["S3OutputPath"]?.stringValue ?? "") else {
            throw UserError("The TransformOutput has no S3OutputPath that is an s3:// URI.")
        }
        let place = target.appending(item.fileName + ".out")
        do {
            _ = try await role.send(
                ServiceRequest(
                    service: "s3", operation: "PutObject", input: ["Bucket": .string(place.bucket), "Key": .string(place.key)],
                    body: Body(bytes: output), credentials: nil, region: scope.region))
        } catch let error as ServiceError {
            throw DataStaging.Failure(
                reason: "ClientError: Output upload failed:\(error.code) (\(error.status ?? 400)): \(error.message) (\(place))")
        }
    }

    // MARK: State

    private func finish(_ status: String, reason: String?) throws {
        if let reason { log.write(reason) }
        try log.flush()
        try change { record, now in
            guard ["InProgress", "Stopping"].contains(record.status) else { return }
            record.status = status
            record.dueTime = nil
            record.document["FailureReason"] = reason.map { .string(String($0.prefix(1024))) }
            record.document["TransformEndTime"] = .timestamp(now)
        }
    }

    private func change(_ body: @Sendable (inout KeptRecord, Double) -> Void) throws {
        let now = clock.now()
        let (arn, scope) = (job.arn, scope)
        try store.write { database in
            guard var record = try database.keptRecord(Self.kind, arn: arn) else { throw HostError.ownerGone(arn: arn) }
            body(&record, now)
            record.lastModifiedTime = now
            try database.updateKept(record, in: scope)
        }
    }

    private func simulateWaiting(seconds: Double) async throws {
        try await clock.wait(until: clock.now() + seconds, isMachineTime: true) {
            if stopFlag.isSet { throw StopRequested() }
        }
    }
}

/// The container that a transform job was given, as it was when the job was made.
enum ModelRequestReader {
    static func container(of job: KeptRecord) throws -> ContainerDefinition {
        guard let container = job.document["Container"] else {
            throw UserError("The job \(job.name) has no model container.")
        }
        return try ValueDecoder().decode(ContainerDefinition.self, from: container)
    }
}

/// What a transform job does with an object: filter, ask, join, filter, assemble.
struct TransformPipeline: Sendable {
    let splitter: TransformSplitter
    private let predictor: any Predictor
    private let contentType: String?
    private let accept: String?
    private let isGzip: Bool
    private let assemblesLines: Bool
    private let joinsInput: Bool
    private let inputFilter: TransformPath?
    private let outputFilter: TransformPath?

    /// - Throws: `UserError` for settings that are not simulated or make no sense.
    init(_ document: Value, predictor: any Predictor) throws {
        self.predictor = predictor
        let input = document["TransformInput"]
        let output = document["TransformOutput"]
        let processing = document["DataProcessing"]
        let splitType = input?["SplitType"]?.stringValue ?? "None"
        guard let split = TransformSplitter.Split(rawValue: splitType) else {
            throw UserError("SplitType \(splitType) is not simulated: use None, Line or RecordIO.")
        }
        let compression = input?["CompressionType"]?.stringValue ?? "None"
        guard ["None", "Gzip"].contains(compression) else {
            throw UserError("CompressionType \(compression) is not simulated: use None or Gzip.")
        }
        isGzip = compression == "Gzip"
        contentType = input?["ContentType"]?.stringValue
        accept = output?["Accept"]?.stringValue
        assemblesLines = output?["AssembleWith"]?.stringValue == "Line"
        joinsInput = processing?["JoinSource"]?.stringValue == "Input"
        inputFilter = try processing?["InputFilter"]?.stringValue.flatMap { $0 == "$" ? nil : try TransformPath($0) }
        outputFilter = try processing?["OutputFilter"]?.stringValue.flatMap { $0 == "$" ? nil : try TransformPath($0) }
        let megabytes = max(document["MaxPayloadInMB"]?.integerValue ?? 6, 0)
        splitter = TransformSplitter(
            split: split, joinsRecords: document["BatchStrategy"]?.stringValue != "SingleRecord",
            maximumByteCount: megabytes == 0 ? .max : megabytes << 20)
    }

    /// The output of one object.
    ///
    /// - Throws: `InferenceError` where the model refuses; `UserError`, `DataError`.
    func transform(_ bytes: [UInt8], name: String, isStopped: () -> Bool) throws -> [UInt8] {
        let plain = isGzip ? try Gzip.decompress(bytes, name: name) : bytes
        let records = try splitter.records(plain, name: name)
        var output: [UInt8] = []
        for batch in splitter.batches(records) {
            if isStopped() { return output }
            let asked =
                try inputFilter.map { filter in
                    try ArraySlice(batch.map { try filtered($0, by: filter, contentType) })
                } ?? batch
            let response = try predictor.predict(
                InferenceRequest(body: splitter.body(asked), contentType: contentType, accept: accept))
            try append(response, to: &output, records: batch)
        }
        return output
    }

    private func filtered(_ record: [UInt8], by filter: TransformPath, _ mediaType: String?) throws -> [UInt8] {
        let value = try TransformRecord.value(record, mediaType: mediaType)
        guard let part = filter.value(in: value) else {
            throw UserError("The InputFilter selects nothing of a record: \(String(decoding: record.prefix(80), as: UTF8.self))")
        }
        return TransformRecord.bytes(part, mediaType: mediaType)
    }

    private func append(_ response: InferenceResponse, to output: inout [UInt8], records: ArraySlice<[UInt8]>) throws {
        let line = UInt8(ascii: "\n")
        guard joinsInput || outputFilter != nil else {
            output += response.body
            if assemblesLines, output.last != line { output.append(line) }
            return
        }
        let answers = try answers(response, count: records.count)
        guard answers.count == records.count else {
            throw UserError(
                "The model answered \(answers.count) records for \(records.count): they can't be joined. Use SplitType Line and an Accept that "
                    + "gives one line a record.")
        }
        for (record, answer) in zip(records, answers) {
            var value = answer
            if joinsInput {
                value = TransformRecord.joined(
                    try TransformRecord.value(record, mediaType: contentType), answer,
                    isJSON: TransformRecord.isJSON(contentType))
            }
            if let outputFilter {
                guard let part = outputFilter.value(in: value) else {
                    throw UserError("The OutputFilter selects nothing of \(JSON.serialize(value).prefix(80)).")
                }
                value = part
            }
            output += TransformRecord.bytes(value, mediaType: joinsInput ? contentType : response.contentType)
            if assemblesLines || splitter.split == .line { output.append(line) }
        }
    }

    /// The answer record by record: lines, or the elements of a document's `predictions`.
    private func answers(_ response: InferenceResponse, count: Int) throws -> [Value] {
        if response.contentType.hasPrefix("application/json"), !response.contentType.hasPrefix("application/jsonlines") {
            let document = try TransformRecord.value(response.body, mediaType: "application/json")
            if let predictions = document["predictions"]?.listValue, predictions.count == count { return predictions }
            return [document]
        }
        let lines = response.body.split(separator: UInt8(ascii: "\n"))
        return try lines.map { try TransformRecord.value($0, mediaType: response.contentType) }
    }
}
