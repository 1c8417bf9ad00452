// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire

/// A client that notes what changes something, with what is needed to take it back.
///
/// What it can't look at it does not hinder: the change is noted as one that can't be taken back.
struct UndoRecorder: ServiceClient {
    let client: any ServiceClient
    let journal: UndoJournal
    /// The same for all calls of one command.
    let command: String
    /// The command as it could be typed again.
    let line: String

    func send(_ request: ServiceRequest) async throws -> ServiceResponse {
        guard UndoTable.isChange(request.operation) else { return try await client.send(request) }
        var entry = UndoEntry(
            command: command, line: line, service: request.service, operation: request.operation, input: request.input,
            region: request.region, accessKeyID: request.credentials?.accessKeyID)
        let rule = UndoTable.rules[entry.name]
        let scene = UndoScene(
            client: client, credentials: request.credentials, region: request.region, bodies: KeptBodies(folder: journal.folder))
        do {
            entry.before = try await rule?.before(scene, request.input)
        } catch {
            entry.problem = UndoRecorder.describe(error)
        }
        let response = try await client.send(request)
        do {
            entry.after = try await rule?.after(scene, request.input, response.output)
        } catch {
            entry.problem = UndoRecorder.describe(error)
        }
        if rule?.hasChanged(entry.before, entry.after) ?? true { try? journal.append(entry) }
        return response
    }

    private static func describe(_ error: any Error) -> String {
        (error as? UndoRefusal)?.reason ?? (error as? ServiceError)?.message ?? String(describing: error)
    }

    func waitForChange(atMost seconds: Double) async throws {
        try await client.waitForChange(atMost: seconds)
    }
}
