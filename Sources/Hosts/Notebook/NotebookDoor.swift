// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Wire
import World

/// An instance's address on the loopback interface: lets in who has a ticket, and gives the instance's programs the role's keys.
final class NotebookDoor: Sendable {
    private let process: HostProcess
    private let instanceName: String
    private let credentials: RoleCredentialSource
    private let jupyter: JupyterServer
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// What is answered.
    struct Answer: Sendable {
        var status: HTTPResponseStatus
        var contentType = "text/html; charset=utf-8"
        var location: String?
        var text = ""
    }

    init(process: HostProcess, instanceName: String, credentials: RoleCredentialSource, jupyter: JupyterServer) {
        self.process = process
        self.instanceName = instanceName
        self.credentials = credentials
        self.jupyter = jupyter
    }

    /// Starts to listen; gives the port.
    func start() async throws -> Int {
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(RequestHandler(door: self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return channel.localAddress?.port ?? 0
    }

    func stop() async throws {
        try await group.shutdownGracefully()
    }

    /// Answers a request.
    func answer(_ head: HTTPRequestHead) async -> Answer {
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        switch (head.method, parts.first ?? "") {
        case (.GET, "/credentials"): return keys(token: head.headers.first(name: "authorization"))
        case (.GET, "/"): return await open(query: parts.count > 1 ? String(parts[1]) : "")
        default: return Answer(status: .notFound, contentType: "text/plain", text: "There is nothing here.\n")
        }
    }

    private func keys(token: String?) -> Answer {
        guard token == credentials.token else {
            return Answer(status: .unauthorized, contentType: "application/json", text: #"{"message":"wrong token"}"#)
        }
        do {
            return Answer(
                status: .ok, contentType: "application/json", text: JSON.serialize(try credentials.document()))
        } catch let error as ServiceError {
            let body: Value = ["code": .string(error.code), "message": .string(error.message)]
            return Answer(status: .forbidden, contentType: "application/json", text: JSON.serialize(body))
        } catch {
            return Answer(status: .internalServerError, contentType: "text/plain", text: "\(error)\n")
        }
    }

    private func open(query: String) async -> Answer {
        let ticket = QueryItem.parse(query, plusIsSpace: false).first { $0.name == "authToken" }?.value ?? ""
        guard NotebookTicket.isGood(ticket, for: process) else {
            return Answer(
                status: .forbidden,
                text: page(
                    "This link has ended",
                    "A link to a notebook instance can be opened for five minutes. Ask for a new one:",
                    "aws sagemaker create-presigned-notebook-instance-url --notebook-instance-name \(instanceName)"))
        }
        guard jupyter.isInstalled else {
            return Answer(
                status: .ok,
                text: page(
                    "\(instanceName) is in service, but Jupyter is not installed",
                    "Install JupyterLab once for this world, then load this page again:", jupyter.installCommand))
        }
        do {
            return Answer(status: .seeOther, location: try await jupyter.address())
        } catch {
            return Answer(
                status: .badGateway,
                text: page(
                    "Jupyter did not start", "Its log says why:",
                    "aws logs tail /aws/sagemaker/NotebookInstances --log-stream-name-prefix \(instanceName)/jupyter.log"))
        }
    }

    private func page(_ title: String, _ text: String, _ command: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>\(title)</title></head>
        <body style="font-family: sans-serif; max-width: 44em; margin: 4em auto">
        <h1 style="font-size: 1.4em">\(title)</h1><p>\(text)</p><pre style="background: #eee; padding: 1em">\(command)</pre>
        </body></html>

        """
    }

    private func respond(to head: HTTPRequestHead, on channel: any Channel) {
        Task {
            let answer = await answer(head)
            var headers: NIOHTTP1.HTTPHeaders = [
                "content-type": answer.contentType, "content-length": String(answer.text.utf8.count), "connection": "close",
                "cache-control": "no-store",
            ]
            if let location = answer.location { headers.add(name: "location", value: location) }
            let response = HTTPResponseHead(version: head.version, status: answer.status, headers: headers)
            channel.write(HTTPServerResponsePart.head(response), promise: nil)
            channel.write(HTTPServerResponsePart.body(.byteBuffer(channel.allocator.buffer(string: answer.text))), promise: nil)
            channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in channel.close(promise: nil) }
        }
    }

    /// One connection: answers its first request and closes.
    private final class RequestHandler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let door: NotebookDoor
        private var head: HTTPRequestHead?

        init(door: NotebookDoor) {
            self.door = door
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): self.head = head
            case .body: break
            case .end:
                guard let head else { return }
                self.head = nil
                door.respond(to: head, on: context.channel)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
