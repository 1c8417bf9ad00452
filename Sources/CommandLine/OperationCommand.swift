// SPDX-License-Identifier: Apache-2.0

import Foundation
import JMESPath
import ServiceModel
import Wire

/// One operation of a model as a command, or a waiter that asks it.
struct OperationCommand {
    let operation: OperationModel
    let context: CommandContext
    var waiter: Waiter?

    func run(_ words: [String]) async throws -> Int32 {
        let arguments = OperationArguments(operation)
        let parsed = try arguments.parse(words)
        if parsed.text("help") != nil {
            let service = operation.serviceModel.commandName
            try context.showHelp(waiter.map { [service, "wait", $0.commandName] } ?? [service, operation.commandName])
            return 0
        }
        let parameters = try CallParameterReader(
            arguments: arguments, parsed: parsed, files: ParameterFile(environment: context.environment),
            paginates: context.options.paginates
        ).read()
        let configured = context.configuration.value("cli_binary_format").flatMap(GlobalOptions.BinaryFormat.init(rawValue:))
        let call = ClientCall(operation: operation, binaryFormat: context.options.binaryFormat ?? configured ?? .base64)
        if let kind = parsed.text("generate-cli-skeleton") { return try printSkeleton(kind, call, parameters) }
        let (input, body) = try call.prepare(parameters.input, body: parameters.body)
        if let maximum = parameters.maximumItems, maximum <= 0 {
            context.writeError("warning: Non-positive values for --max-items may result in undefined behavior.\n")
        }
        if let waiter {
            try await Wait(waiter: waiter, operation: operation, context: context).run(input)
        } else if let paginator = operation.paginator, parameters.paginates {
            try await showPages(try Paginate(paginator, input: operation.input, parameters: parameters), paginator, input)
        } else {
            try await showAnswer(input, body, parameters, arguments.customization, parsed)
        }
        return 0
    }

    private func showAnswer(
        _ input: Value, _ body: Body?, _ parameters: CallParameters, _ customization: OperationCustomization?,
        _ parsed: ParsedArguments
    ) async throws {
        var response = try await context.send(operation.service, operation.name, input, body: body)
        try customization?.receive(&response.output, parsed, context.environment)
        if let path = parameters.outputFile {
            let inline = operation.streamingOutputMember.flatMap { response.output[$0.name]?.blobValue }
            try await save(response.body ?? Body(bytes: inline ?? []), to: path)
        }
        let pager = Pager(context)
        try show(OutputShaping(operation: operation, keepsWireTimes: context.keepsWireTimes).shaped(response.output), pager)
        pager.finish()
    }

    private func show(_ output: JSONValue, _ pager: Pager) throws {
        if let name = context.unknownOutput { throw CommandFailure.general("Unknown output type: \(name)") }
        try pager.write(try context.formatter.text(of: output, operation: operation.name))
    }

    private func showPages(_ paginate: Paginate, _ paginator: Paginator, _ input: Value) async throws {
        var paginate = paginate
        let pager = Pager(context)
        defer { pager.finish() }
        let shaping = OutputShaping(operation: operation, keepsWireTimes: context.keepsWireTimes)
        let fetch: Paginate.Fetch = { request in
            shaping.shaped(try await context.send(operation.service, operation.name, request).output)
        }
        guard context.formatter.printsPages else {
            return try show(try await paginate.fullResult(from: input, fetch: fetch), pager)
        }
        let isText = context.formatter.format == .text
        try await paginate.forEachPage(from: input, fetch: fetch) { page, isFirst in
            guard isText else { return try show(page, pager) }
            try show(
                OutputFormatter.textPage(
                    of: page, resultKeys: paginator.resultKeys, nonAggregateKeys: paginator.nonAggregateKeys, isFirst: isFirst),
                pager)
        }
        if isText, let token = paginate.resumeToken { try show(OutputFormatter.textPage(resumeToken: token), pager) }
    }

    /// Writes a streamed answer to its file.
    private func save(_ body: Body, to path: String) async throws {
        let absolute = context.environment.absolutePath(path)
        if absolute == "/dev/stdout" || absolute == "/dev/fd/1" {
            return try await body.forEachPiece { piece in context.environment.streams.writeOutput(copy piece) }
        }
        let descriptor = open(absolute, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw CommandFailure.general(FileReading.Failure(number: errno).pythonText(path)) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try await body.forEachPiece { piece in try file.write(contentsOf: Data(copy piece)) }
            try file.close()
        } catch let error as CocoaError {
            throw CommandFailure.general("Could not write \(path): \(error.localizedDescription)")
        }
    }

    private func printSkeleton(_ kind: String, _ call: ClientCall, _ parameters: CallParameters) throws -> Int32 {
        switch kind {
        case "input":
            let skeleton = Skeleton.value(operation.input)
            context.write(JSON.serialize(skeleton, style: JSON.Style(indent: 4, isSpaced: true, escapesNonASCII: true)) + "\n")
        case "yaml-input": context.write(Skeleton.yaml(operation.input))
        default:
            _ = try call.prepare(parameters.input, body: parameters.body)
            let skeleton = Skeleton.value(operation.output, usesNames: true)
            if let shape = operation.output {
                let problems = ParameterValidator.clientProblems(skeleton, shape: shape)
                if !problems.isEmpty {
                    throw CommandFailure.parameter("Parameter validation failed:\n" + problems.joined(separator: "\n"))
                }
            }
            let pager = Pager(context)
            try show(JSONValue(skeleton, zone: .universal), pager)
            pager.finish()
        }
        return 0
    }
}
