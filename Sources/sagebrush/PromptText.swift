// SPDX-License-Identifier: Apache-2.0

import Foundation
import World

/// What stands before the cursor: account, region, profile, and what runs up cost.
enum PromptText {
    static func make(_ session: Session) -> String {
        let context = session.context
        let machines = (try? session.world.store.read { try $0.runningMachines(of: context.account) }) ?? []
        let place = place(context)
        let cost = RunningCost(machines)
        if session.variables["NO_COLOR"] != nil {
            return "[\(place)\(cost.isEmpty ? "" : " · \(cost.text)")] sagebrush> "
        }
        let shown =
            cost.isEmpty ? styled("[\(place)]", "2") : styled("[\(place) · ", "2") + styled(cost.text, "33") + styled("]", "2")
        return shown + " " + styled("sagebrush>", "1;32") + " "
    }

    private static func place(_ context: SessionContext) -> String {
        var words = [context.account, context.region]
        if let profile = context.profile { words.append(profile) }
        if let identity = context.identity { words.append("as " + identity) }
        return words.joined(separator: " ")
    }

    private static func styled(_ text: String, _ style: String) -> String {
        "\u{1b}[\(style)m\(text)\u{1b}[0m"
    }
}

/// What running machines come to: `2 endpoints, 1 notebook $0.55/h`.
struct RunningCost: Equatable {
    var text = ""
    /// Whether nothing runs.
    var isEmpty: Bool { text.isEmpty }

    init(_ machines: [RunningMachines]) {
        guard !machines.isEmpty else { return }
        let counts = RunningMachines.Purpose.allCases.compactMap { purpose -> String? in
            let count = Set(machines.filter { $0.purpose == purpose }.map { $0.region + "/" + $0.name }).count
            return count == 0 ? nil : "\(count) \(purpose.rawValue)\(count == 1 ? "" : "s")"
        }
        let prices = machines.map(\.hourlyPrice)
        let dollars = prices.reduce(0) { $0 + ($1?.dollars ?? 0) }
        let isExact = prices.allSatisfy { $0.map { !$0.isEstimated } ?? false }
        text = counts.joined(separator: ", ") + " \(isExact ? "" : "~")$\(RunningCost.amount(dollars))/h"
    }

    /// Two digits after the point, more where that would be nothing.
    static func amount(_ dollars: Double) -> String {
        String(format: dollars > 0 && dollars < 0.01 ? "%.4f" : "%.2f", dollars)
    }
}
