// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Testing

@testable import Registry

/// What the model of every algorithm of the registry must do with requests.
@Suite struct ConformanceInferenceTests {
    private static let names = ConformanceTests.names
    private let rows = ConformanceRows(5, seed: 9)

    @Test(arguments: names)
    func everyFormatIsTakenAndGiven(name: String) async throws {
        let job = try await ConformanceJob.trained(name)
        let predictor = try job.predictor()
        for accept in job.algorithm.inferenceAcceptTypes {
            var answers: [InferenceResponse] = []
            for contentType in job.algorithm.inferenceContentTypes {
                let response = try predictor.predict(
                    InferenceRequest(body: rows.body(contentType), contentType: contentType, accept: accept))
                #expect(response.contentType == accept)
                #expect(try ConformanceAnswers.numbers(response).count == rows.features.count, "\(contentType) to \(accept)")
                answers.append(response)
            }
            #expect(answers.allSatisfy { $0 == answers.first })
        }
        let first = try #require(job.algorithm.inferenceContentTypes.first)
        let response = try predictor.predict(InferenceRequest(body: rows.body(first), contentType: first))
        #expect(response.contentType == job.algorithm.inferenceAcceptTypes.first)
    }

    @Test(arguments: names)
    func aModelReadAgainAnswersTheSame(name: String) async throws {
        let job = try await ConformanceJob.trained(name)
        let request = InferenceRequest(body: rows.body(ContentType.csv.mediaType), contentType: ContentType.csv.mediaType)
        #expect(try job.predictor().predict(request) == job.predictor().predict(request))
        // One row alone is answered as among others.
        let accept = ContentType.csv.mediaType
        let all = try ConformanceAnswers.numbers(
            job.predictor().predict(InferenceRequest(body: request.body, contentType: request.contentType, accept: accept)))
        for (index, row) in rows.features.enumerated() {
            let one = try job.predictor().predict(
                InferenceRequest(body: ConformanceRows.csv([row]), contentType: request.contentType, accept: accept))
            let numbers = try #require(try ConformanceAnswers.numbers(one).first)
            for (alone, among) in zip(numbers, all[index]) { #expect(abs(alone - among) <= 1e-5 * max(1, abs(among))) }
        }
    }

    @Test(arguments: names)
    func badRequestsAreAnsweredWithTheirFault(name: String) async throws {
        let job = try await ConformanceJob.trained(name)
        let predictor = try job.predictor()
        func status(_ body: [UInt8], _ contentType: String?, accept: String? = nil) throws -> (Int, String) {
            let error = #expect(throws: InferenceError.self, "\(contentType ?? "no type")") {
                try predictor.predict(InferenceRequest(body: body, contentType: contentType, accept: accept))
            }
            return try (#require(error).httpStatus, #require(error).message)
        }
        for contentType in job.algorithm.inferenceContentTypes {
            #expect(try status([], contentType).0 == 400)
            #expect(try status(Array("{\"nonsense".utf8), contentType).0 == 400)
            if predictor.featureCount != nil {
                var wide = rows
                wide.features[1].append(1)
                let wrong = try status(wide.body(contentType), contentType)
                #expect(wrong.0 == 400)
                #expect(wrong.1.contains("\(ConformanceRows.width + 1)") && wrong.1.contains("\(ConformanceRows.width)"))
            }
        }
        var nan = rows
        nan.features[0][0] = .nan
        #expect(try status(nan.body(ContentType.recordIOProtobuf.mediaType), ContentType.recordIOProtobuf.mediaType).0 == 400)
        #expect(try status(rows.body(ContentType.csv.mediaType), "image/png").0 == 415)
        #expect(try status(rows.body(ContentType.csv.mediaType), ContentType.csv.mediaType, accept: "image/png").0 == 406)
    }

    @Test(arguments: names)
    func whatIsNoModelIsRefused(name: String) async throws {
        let empty = try ConformanceJob(name)
        #expect(throws: (any Error).self) { try empty.predictor() }
        let job = try await ConformanceJob.trained(name)
        for file in try job.model() {
            let output = try OutputFile(path: "\(job.directory)/model/\(file.key)")
            try output.write(Array(file.value.prefix(file.value.count / 2)))
            try output.close()
        }
        #expect(throws: (any Error).self) { try job.predictor() }
    }
}
