// SPDX-License-Identifier: Apache-2.0

/// One step of the database schema.
///
/// Steps are never edited once released: a change is a new step.
struct Migration: Sendable {
    var number: Int
    var name: String
    var sql: String

    /// All steps in order.
    static let all: [Migration] = [.core, .objectStorage, .observability, .containerLayers, .billing, .clockLine]
}
