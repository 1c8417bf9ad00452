// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing
import Wire
import World

@testable import Services

/// A model server that answers every request with its own name and what it was asked.
private final class EchoServer: Sendable {
    let address: String
    private let channel: any Channel

    init(name: String, status: HTTPResponseStatus = .ok, isChunked: Bool = false) async throws {
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Answer(name: name, status: status, isChunked: isChunked))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        address = "127.0.0.1:\(channel.localAddress?.port ?? 0)"
    }

    deinit { channel.close(promise: nil) }

    private final class Answer: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        let name: String
        let status: HTTPResponseStatus
        let isChunked: Bool
        private var text = ""

        init(name: String, status: HTTPResponseStatus, isChunked: Bool) {
            self.name = name
            self.status = status
            self.isChunked = isChunked
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                let headers = ["content-type", "accept", "x-amzn-sagemaker-custom-attributes"].compactMap {
                    head.headers.first(name: $0)
                }
                text = "\(name) \(head.uri) \(headers.joined(separator: " ")) "
            case .body(let buffer): text += String(buffer: buffer)
            case .end:
                var headers: NIOHTTP1.HTTPHeaders = ["Content-Type": "text/csv", "X-Amzn-SageMaker-Custom-Attributes": "seen"]
                if !isChunked { headers.add(name: "Content-Length", value: String(text.utf8.count)) }
                context.write(wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
                for piece in [text.prefix(7), text.dropFirst(7)] {
                    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(substring: piece)))), promise: nil)
                }
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}

@Suite struct RuntimeTests {
    private func serving(
        weights: [String: Double] = ["AllTraffic": 1], address: @Sendable (HostProcess) -> String
    ) async throws -> SageMakerTestWorld {
        let test = try await SageMakerTestWorld()
        try await test.createEndpoint("demo", weights: weights)
        try test.makeReady(endpoint: "demo", address: address)
        return test
    }

    @Test func anInvocationReachesTheModelAndItsAnswerComesBack() async throws {
        for isChunked in [false, true] {
            let server = try await EchoServer(name: "model", isChunked: isChunked)
            let test = try await serving { _ in server.address }
            for body in ["1,2,3", String(repeating: "9", count: 100_000)] {
                let response = try await test.response(
                    "sagemaker-runtime", "InvokeEndpoint",
                    ["EndpointName": "demo", "ContentType": "text/csv", "Accept": "application/json", "CustomAttributes": "mine"],
                    body: Array(body.utf8))
                let text = String(decoding: try await response.body?.collect() ?? [], as: UTF8.self)
                #expect(text == "model /invocations text/csv application/json mine " + body)
                #expect(response.output["ContentType"]?.stringValue == "text/csv")
                #expect(response.output["InvokedProductionVariant"]?.stringValue == "AllTraffic")
                #expect(response.output["CustomAttributes"]?.stringValue == "seen")
            }
            let metrics = try await test.send(
                "cloudwatch", "ListMetrics", ["Namespace": "AWS/SageMaker", "MetricName": "Invocations"])
            #expect(metrics["Metrics"]?.listValue?.count == 1)
        }
    }

    @Test func requestsAreSharedOutByWeight() async throws {
        let a = try await EchoServer(name: "a")
        let b = try await EchoServer(name: "b")
        let test = try await serving(weights: ["A": 3, "B": 1]) { $0.name.contains("/A/") ? a.address : b.address }
        var counts: [String: Int] = [:]
        for _ in 0..<16 {
            let response = try await test.send("sagemaker-runtime", "InvokeEndpoint", ["EndpointName": "demo"], body: [1])
            counts[response["InvokedProductionVariant"]?.stringValue ?? "", default: 0] += 1
        }
        #expect(counts == ["A": 12, "B": 4])
        let target = try await test.send(
            "sagemaker-runtime", "InvokeEndpoint", ["EndpointName": "demo", "TargetVariant": "B"], body: [1])
        #expect(target["InvokedProductionVariant"]?.stringValue == "B")
        let missing = try await test.failure(
            "sagemaker-runtime", "InvokeEndpoint", ["EndpointName": "demo", "TargetVariant": "C"], body: [1])
        #expect(missing.code == "ValidationError")
    }

    @Test func aModelsErrorIsPassedOn() async throws {
        let server = try await EchoServer(name: "no", status: .unsupportedMediaType)
        let test = try await serving { _ in server.address }
        let error = try await test.failure(
            "sagemaker-runtime", "InvokeEndpoint", ["EndpointName": "demo", "ContentType": "x"], body: [65])
        #expect(error.code == "ModelError" && error.status == 424)
        #expect(
            error.message
                == "Received client error (415) from AllTraffic with message \"no /invocations x A\". See "
                + "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logEventViewer:group="
                + "/aws/sagemaker/Endpoints/demo in account 123456789012 for more information.")
        #expect(error.details.first { $0.name == "OriginalStatusCode" }?.value == 415)
        #expect(error.details.first { $0.name == "OriginalMessage" }?.value == "no /invocations x A")
    }

    @Test func endpointsThatCanNotAnswerSaySo() async throws {
        let test = try await SageMakerTestWorld()
        let missing = try await test.failure("sagemaker-runtime", "InvokeEndpoint", ["EndpointName": "demo"], body: [1])
        #expect(missing == ServiceError("ValidationError", "Endpoint demo of account 123456789012 not found.", status: 400))
        try await test.createEndpoint("demo")
        let creating = try await test.failure("sagemaker-runtime", "InvokeEndpoint", ["EndpointName": "demo"], body: [1])
        #expect(creating.code == "ValidationError" && creating.message.contains("not in service"))
        let large = try await test.failure(
            "sagemaker-runtime", "InvokeEndpoint", ["EndpointName": "demo"],
            body: [UInt8](repeating: 0, count: InvokeEndpoint.maximumBodyByteCount + 1))
        #expect(large.code == "ValidationError" && large.message.contains("6291456"))
    }

    @Test func aHostThatEndedIsStartedAgain() async throws {
        let server = try await EchoServer(name: "back")
        let test = try await serving { _ in server.address }
        try await test.send("sagemaker-runtime", "InvokeEndpoint", ["EndpointName": "demo"], body: [1])
        let hosts = { try test.world.store.read { try HostProcess.all(in: $0) } }
        let first = try #require(try hosts().first)
        try await first.end(graceSeconds: 5)
        async let answer = test.send("sagemaker-runtime", "InvokeEndpoint", ["EndpointName": "demo"], body: [1])
        // The new host is ready as soon as its row is there.
        while try hosts().contains(where: { $0.id == first.id }) || hosts().isEmpty { await Task.yield() }
        try test.makeReady(endpoint: "demo") { _ in server.address }
        #expect(try await answer["InvokedProductionVariant"]?.stringValue == "AllTraffic")
        #expect(try hosts().count == 1)
    }

    @Test func sharesFollowTheWeightsFromTheFirstRequestOn() {
        for weights in [[1.0, 1], [1, 3], [0, 2], [5, 3, 2]] {
            var counts = weights.map { _ in 0 }
            for turn in 0..<1024 { counts[InvocationTarget.place(turn: turn, weights: weights)] += 1 }
            let total = weights.reduce(0, +)
            for (count, weight) in zip(counts, weights) { #expect(abs(Double(count) - 1024 * weight / total) <= 4) }
        }
    }
}
