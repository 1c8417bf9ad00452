// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceModel
import Testing

@testable import CommandLine

@Suite struct HelpTests {
    private func page(_ words: String, isStyled: Bool = false, simulation: ((String, String) -> Simulation)? = nil) throws -> String
    {
        try #require(
            Help.text(
                about: words.split(separator: " ").map(String.init), terminalWidth: 200, isStyled: isStyled,
                simulation: simulation))
    }

    /// The lines of one section, without their margin.
    private func section(_ title: String, of page: String) -> [String] {
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let start = lines.firstIndex(of: title) else { return [] }
        return lines[(start + 1)...].prefix { $0.isEmpty || $0.hasPrefix(" ") }.map { String($0.dropFirst(4)) }
    }

    @Test func everyPageFitsEightyColumns() {
        let commands = CustomCommands.standard.map { $0.path } + Descriptions.commands(below: ["s3"])
        let operations = ServiceCatalog.services.flatMap { service in
            [[service.commandName], [service.commandName, "wait"]]
                + service.operations.filter(\.isOffered).map { [service.commandName, $0.commandName] }
                + service.waiters.map { [service.commandName, "wait", $0.commandName] }
        }
        for words in [[]] + commands + operations {
            guard let text = Help.text(about: words) else {
                Issue.record("no page about \(words)")
                continue
            }
            #expect(text.hasPrefix("NAME\n    aws"))
            for line in text.split(separator: "\n") where line.count > 80 { Issue.record("\(words): \(line)") }
        }
    }

    @Test func anOperationsPageBeginsWithWhatIsRequired() throws {
        let page = try page("sagemaker create-model")
        #expect(section("NAME", of: page).first == "aws sagemaker create-model - Makes a model of an artifact and an image.")
        #expect(
            Array(section("SYNOPSIS", of: page).prefix(3)) == [
                "aws sagemaker create-model", "    --model-name <value>", "    [--primary-container <value>]",
            ])
        let options = section("OPTIONS", of: page)
        #expect(options.first == "--model-name (string) [required]")
        #expect(options.contains("        Key=string,Value=string ..."))
        #expect(options.contains("            \"Key\": \"string\","))
        #expect(section("OUTPUT", of: page) == ["ModelArn (string)", ""])
        #expect(section("ERRORS", of: page).first?.hasPrefix("ResourceLimitExceeded  ") == true)
        #expect(section("EXAMPLE", of: page).first?.hasPrefix("Needs the bucket smworkshop-ada") == true)
    }

    @Test func pagesSayHowMuchIsSimulated() throws {
        let website = try page("s3api put-bucket-website", simulation: { _, _ in .kept })
        #expect(section("DESCRIPTION", of: website).first?.hasPrefix("Kept: ") == true)
        #expect(section("DESCRIPTION", of: try page("sts assume-role") { _, _ in .real }).first?.hasPrefix("Simulated: ") == true)
        #expect(
            section("DESCRIPTION", of: try page("sts assume-role") { _, _ in .modelledOnly }).first?.hasPrefix("Not simulated: ")
                == true)
        let sts = try page("sts", simulation: { $1 == "AssumeRole" ? .real : .modelledOnly })
        #expect(section("AVAILABLE COMMANDS", of: sts).count == 2)
        #expect(section("NOT SIMULATED", of: sts).contains { $0.hasPrefix("get-caller-identity ") })
    }

    @Test func limitsAndDefaultsAreThere() throws {
        let listing = try page("s3api list-objects-v2")
        #expect(listing.contains("\n    --max-items (string)\n"))
        #expect(listing.contains("        One of: url."))
        #expect(!listing.contains("--max-keys"))
        let role = try page("iam create-role")
        #expect(role.contains("        Without it: 3600.\n        3600 to 43200.\n"))
        #expect(role.contains("Pattern: "))
        let recursive = try page("s3api select-object-content")
        #expect(recursive.contains("--expression (string) [required]"))
    }

    @Test func aWaitersPageSaysWhatItWaitsFor() throws {
        let page = try page("sagemaker wait training-job-completed-or-stopped")
        #expect(section("DESCRIPTION", of: page).first == "Done when TrainingJobStatus is Completed.")
        #expect(section("OUTPUT", of: page).isEmpty)
    }

    @Test func commandsThatAreNotOperationsHavePages() async throws {
        let harness = try CommandLineHarness()
        let copy = try await harness.run("s3 cp help")
        #expect(copy.status == 0)
        #expect(copy.output == (try page("s3 cp")))
        #expect(section("OPTIONS", of: copy.output).contains("--recursive"))
        #expect(try await harness.run("s3 help").output.contains("\n    presign "))
        #expect(try await harness.run("configure set help").output.contains("aws configure set <name> <value>"))
        #expect(try await harness.run("logs tail help").output.contains("One of: detailed, short, json."))
    }

    @Test func lettersStandOutOnlyWhereAsked() throws {
        #expect(try !page("sts assume-role").contains("\u{1b}"))
        let styled = try page("sts assume-role", isStyled: true)
        #expect(styled.hasPrefix("\u{1b}[1mNAME\u{1b}[0m\n    \u{1b}[1maws\u{1b}[0m \u{1b}[1msts\u{1b}[0m "))
        let plain = styled.replacing(/\u{1b}\[[0-9]*m/, with: "")
        #expect(plain == (try page("sts assume-role")))
    }

    @Test func aPageIsAboutTheLongestPartThatHasOne() throws {
        #expect(try page("aws sagemaker create-model --model-name digits") == page("sagemaker create-model"))
        #expect(Help.text(about: ["nothing"]) == nil)
    }

    @Test func brokenCommandsAreStillOne() {
        let command =
            "aws iam put --name a --document '{\"Version\": \"2012-10-17\", \"Statement\": []}' --id \"$(aws iam list --query x)\""
        let lines = HelpExample.lines(command, width: 40)
        #expect(lines.allSatisfy { $0.count <= 40 })
        let joined = lines.joined(separator: "\n").replacing(#/ \\\n +/#, with: " ").replacing(#/\n +/#, with: " ")
        #expect(joined == "$ " + command)
    }
}
