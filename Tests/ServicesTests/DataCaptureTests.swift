// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import Testing
import Wire
import World

@testable import Services

@Suite struct DataCaptureTests {
    @Test func exchangesAreWrittenAsTheConfigurationSays() async throws {
        let test = try await SageMakerTestWorld()
        try await test.send("s3", "CreateBucket", ["Bucket": "captured"])
        try await test.send(
            "iam", "AttachRolePolicy",
            ["RoleName": "SageMakerRole", "PolicyArn": "arn:aws:iam::aws:policy/AmazonS3FullAccess"])
        let config: Value = [
            "EnableCapture": true, "InitialSamplingPercentage": 100, "DestinationS3Uri": "s3://captured/data",
            "CaptureOptions": [["CaptureMode": "Input"], ["CaptureMode": "Output"]],
            "CaptureContentTypeHeader": ["CsvContentTypes": ["text/csv"]],
        ]
        let call = Call(
            world: test.world, service: "sagemaker-runtime", operation: "InvokeEndpoint", principal: .anonymous,
            region: SageMakerTestWorld.region, now: 1_700_000_000.25, clock: .initial, body: nil, sourceAddress: "", userAgent: "",
            requestID: "one", dispatcher: test.dispatcher)
        let exchange = DataCapture.Exchange(
            endpoint: "demo", variant: "AllTraffic", role: SageMakerTestWorld.role, input: Array("1,2".utf8),
            inputType: "text/csv; charset=utf-8", output: [0, 255], outputType: "application/x-recordio-protobuf",
            inferenceID: "mine")
        let capture = try #require(DataCapture(config))
        await capture.write(exchange, call)
        let key = "data/demo/AllTraffic/2023/11/14/22/13-20-250-one.jsonl"
        let response = try await test.response("s3", "GetObject", ["Bucket": "captured", "Key": .string(key)])
        let line = try JSON.parse(try await response.body?.collect() ?? [])
        #expect(line["captureData"]?["endpointInput"]?["data"] == "1,2")
        #expect(line["captureData"]?["endpointInput"]?["encoding"] == "CSV")
        #expect(line["captureData"]?["endpointOutput"]?["data"] == "AP8=")
        #expect(line["eventMetadata"]?["inferenceId"] == "mine")
        var off = config
        off["EnableCapture"] = false
        #expect(DataCapture(off) == nil && DataCapture(nil) == nil)
    }
}
