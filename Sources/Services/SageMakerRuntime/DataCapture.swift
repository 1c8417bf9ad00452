// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import Wire
import World

/// Writes what an endpoint is asked and answers to S3, as its configuration's `DataCaptureConfig` says.
///
/// The format is the developer guide's "Capture data from real-time endpoint": one JSON document a line, below
/// `<destination>/<endpoint>/<variant>/yyyy/mm/dd/hh/`. Here each captured request has a file of its own.
struct DataCapture: Sendable {
    private let percentage: Int
    private let destination: String
    private let modes: Set<String>
    private let csvTypes: Set<String>
    private let jsonTypes: Set<String>

    /// Nil where nothing is captured.
    init?(_ config: Value?) {
        guard let config, config["EnableCapture"]?.booleanValue == true, let uri = config["DestinationS3Uri"]?.stringValue else {
            return nil
        }
        percentage = config["InitialSamplingPercentage"]?.integerValue ?? 100
        destination = uri
        modes = Set(config["CaptureOptions"]?.listValue?.compactMap { $0["CaptureMode"]?.stringValue } ?? [])
        let header = config["CaptureContentTypeHeader"]
        csvTypes = Set(header?["CsvContentTypes"]?.listValue?.compactMap(\.stringValue) ?? [])
        jsonTypes = Set(header?["JsonContentTypes"]?.listValue?.compactMap(\.stringValue) ?? [])
    }

    /// One request with its answer.
    struct Exchange: Sendable {
        var endpoint: String
        var variant: String
        /// The role that writes.
        var role: String
        var input: [UInt8]
        var inputType: String
        var output: [UInt8]
        var outputType: String
        var inferenceID: String?
    }

    /// Writes the exchange where it is among the sampled ones.
    ///
    /// A destination that can't be written leaves a word in the endpoint's log and no error: the prediction has been made.
    func write(_ exchange: Exchange, _ call: Call) async {
        guard Int.random(in: 0..<100) < percentage, let (bucket, prefix) = Call.s3Location(destination) else { return }
        let folder = prefix.isEmpty || prefix.hasSuffix("/") ? prefix : prefix + "/"
        let id = call.requestID
        let time = Timestamp.iso8601(call.now.rounded(.down))
        // 2026-11-25T20:13:51Z
        let parts = time.split(whereSeparator: { "-T:Z".contains($0) })
        guard parts.count >= 6 else { return }
        let milliseconds = String(1000 + Int(call.now * 1000) % 1000).dropFirst()
        let key =
            "\(folder)\(exchange.endpoint)/\(exchange.variant)/\(parts[0])/\(parts[1])/\(parts[2])/\(parts[3])/"
            + "\(parts[4])-\(parts[5])-\(milliseconds)-\(id).jsonl"
        let line = JSON.bytes(document(exchange, id: id, time: time)) + [UInt8(ascii: "\n")]
        let request = ServiceRequest(
            service: "s3", operation: "PutObject", input: ["Bucket": .string(bucket), "Key": .string(key)], body: Body(bytes: line),
            credentials: nil, region: call.region)
        do {
            _ = try await call.dispatcher.client(assumingRole: exchange.role, sessionName: "SageMaker").send(request)
        } catch {
            let problem = (error as? ServiceError).map { "\($0.code): \($0.message)" } ?? "\(error)"
            log("Data capture to s3://\(bucket)/\(key) failed: \(problem)", exchange, call)
        }
    }

    private func log(_ text: String, _ exchange: Exchange, _ call: Call) {
        _ = try? call.world.store.write { database in
            let stream = try database.ensureLogStream(
                "\(exchange.variant)/data-capture", group: LogGroupName.endpoint(exchange.endpoint), in: call.scope, now: call.now)
            try database.appendLogLines([LogLine(time: call.now, message: text)], to: stream.id, now: call.now)
        }
    }

    private func document(_ exchange: Exchange, id: String, time: String) -> Value {
        var data: Value = .emptyObject
        if modes.contains("Input") || modes.contains("InputAndOutput") {
            data["endpointInput"] = side("INPUT", exchange.input, exchange.inputType)
        }
        if modes.contains("Output") || modes.contains("InputAndOutput") {
            data["endpointOutput"] = side("OUTPUT", exchange.output, exchange.outputType)
        }
        var event: Value = ["eventId": .string(id)]
        event["inferenceId"] = exchange.inferenceID.map(Value.string)
        event["inferenceTime"] = .string(time)
        return ["captureData": data, "eventMetadata": event, "eventVersion": "0"]
    }

    /// Bytes of a type that the configuration doesn't name are in base64.
    private func side(_ mode: String, _ bytes: [UInt8], _ type: String) -> Value {
        let plain = String(type.split(separator: ";").first ?? "").trimmingCharacters(in: .whitespaces)
        let encoding = csvTypes.contains(plain) ? "CSV" : jsonTypes.contains(plain) ? "JSON" : "BASE64"
        return [
            "observedContentType": .string(type), "mode": .string(mode),
            "data": .string(encoding == "BASE64" ? Base64.encode(bytes) : String(decoding: bytes, as: UTF8.self)),
            "encoding": .string(encoding),
        ]
    }
}
