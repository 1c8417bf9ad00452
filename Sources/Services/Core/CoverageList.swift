// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceModel

/// How much of an operation there is.
public enum OperationDepth: String, Sendable, CaseIterable {
    /// It does what it says.
    case real
    /// What it is told is kept, shown, listed and removed, with the right states and errors; nothing runs for it.
    case kept
    /// It is in the model only: it answers `OperationNotSimulated`.
    case modelled
}

/// The list of all operations of the models, with what there is of each.
public enum CoverageList {
    /// The list as a document in Markdown.
    ///
    /// - Parameter tables: the services that are simulated, by the model's identifier.
    public static func document(tables: [String: @Sendable () -> ServiceTable] = ServiceTables.all) -> String {
        var lines = [
            "# Coverage", "",
            "Made by `sagebrush coverage`; a test compares it with the handlers. *Real* operations do what they say. *Kept* ones store, show, list",
            "and remove what they are told, with the service's states and errors, but nothing runs for them. *Modelled* ones are known by name",
            "and shape only: they answer `OperationNotSimulated`.", "", "| service | operations | real | kept | modelled |",
            "|---|---|---|---|---|",
        ]
        let services = ServiceCatalog.services.sorted { $0.identifier < $1.identifier }
        let parts = services.map { service in (service, part(of: service, tables[service.identifier]?())) }
        for (service, depths) in parts {
            let counts = OperationDepth.allCases.map { String(depths[$0]?.count ?? 0) }
            lines.append("| \(service.identifier) | \(service.operations.count) | \(counts.joined(separator: " | ")) |")
        }
        for (service, depths) in parts {
            lines += ["", "## \(service.identifier)"]
            for depth in OperationDepth.allCases {
                guard let names = depths[depth], !names.isEmpty else { continue }
                lines += ["", "**\(depth.rawValue.capitalized)**: \(names.joined(separator: ", "))"]
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func part(of service: ServiceModel, _ table: ServiceTable?) -> [OperationDepth: [String]] {
        Dictionary(grouping: service.operations.map(\.name).sorted()) { table?.rows[$0]?.depth ?? .modelled }
    }
}
