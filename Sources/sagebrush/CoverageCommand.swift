// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Services

/// `sagebrush coverage`.
struct CoverageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coverage", abstract: "Prints which operations of which services there are, and how much of each.")

    func run() throws {
        print(CoverageList.document(), terminator: "")
    }
}
