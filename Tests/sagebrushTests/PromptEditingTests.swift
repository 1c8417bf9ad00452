// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Keys as terminals send them.
private enum Key {
    static let enter = "\r"
    static let tab = "\t"
    static let backTab = "\u{1b}[Z"
    static let up = "\u{1b}[A"
    static let down = "\u{1b}[B"
    static let right = "\u{1b}[C"
    static let home = "\u{1b}[H"
    static let end = "\u{1b}[F"
    static let altF = "\u{1b}f"
    static let altH = "\u{1b}h"
    static let f1 = "\u{1b}OP"
    static let escape = "\u{1b}"
    static let backspace = "\u{7f}"
    static func control(_ letter: Character) -> String {
        String(UnicodeScalar((letter.asciiValue ?? 0) & 0x1f))
    }
    static func paste(_ text: String) -> String { "\u{1b}[200~\(text)\u{1b}[201~" }
}

/// What the user sees and does while a line is typed.
@Suite(.serialized) struct PromptEditingTests {
    private func open(
        _ runner: ProgramRunner? = nil, columnCount: Int = 120, environment: [String: String] = [:]
    ) throws -> Terminal {
        let terminal = try Terminal(try runner ?? ProgramRunner(), columnCount: columnCount, environment: environment)
        try terminal.seePrompt()
        return terminal
    }

    // MARK: Hints and colours

    @Test func hintsStandGreyBehindTheLineAndAreAccepted() throws {
        let terminal = try open()
        terminal.type("sagemaker create-endp")
        try terminal.see("the hint") { $0.cursorLine.hasSuffix("create-endpoint") && $0.style(of: "oint") == "90" }
        terminal.type(Key.right)
        try terminal.see("the next hint") {
            $0.cursorLine.hasSuffix("create-endpoint --endpoint-name <string> --endpoint-config-name <string>")
        }
        #expect(terminal.display.style(of: "create-endpoint") == "1;36")
        terminal.type(Key.control("e"))
        terminal.type("web")
        try terminal.see("what is left") { $0.cursorLine.hasSuffix("--endpoint-name web --endpoint-config-name <string>") }
        terminal.type(Key.control("c"))
        try terminal.seePrompt()
        #expect(terminal.display.text.contains("--endpoint-name web^C"))
        #expect(!terminal.display.text.contains("<string>"))
    }

    @Test func pastLinesAreTheFirstHintsAndAreAcceptedByWord() throws {
        let terminal = try open()
        terminal.type("echo one two three\r")
        try terminal.see("\none two three")
        try terminal.seePrompt()
        terminal.type("echo o")
        try terminal.see("the past line") { $0.cursorLine.hasSuffix("echo one two three") && $0.style(of: "two") == "90" }
        terminal.type(Key.altF + Key.altF)
        try terminal.see("two words taken") { $0.style(of: "two") != "90" && $0.style(of: "three") == "90" }
        terminal.type(Key.enter)
        try terminal.see("\none two\n")
    }

    @Test func wordsThatMeanNothingAreRed() throws {
        let terminal = try open()
        terminal.type("s3 lsx --recursive 'a b' ")
        try terminal.see("colours") {
            $0.style(of: "lsx") == "31" && $0.style(of: "s3") == "36" && $0.style(of: "'a b'") == "33"
        }
        terminal.type(Key.control("u") + "sts get-caller-identity --bogus ")
        try terminal.see("colours") { $0.style(of: "--bogus") == "31" && $0.style(of: "sts") == "36" }
    }

    @Test func withoutColourNothingIsColoured() throws {
        let terminal = try open(environment: ["NO_COLOR": "1"])
        terminal.type("sagemaker create-endp")
        try terminal.see("a faint hint") { $0.style(of: "oint") == "2" }
        #expect(terminal.display.style(of: "sagemaker") == "")
    }

    @Test func aTerminalWithoutCursorGetsPlainPrompts() throws {
        let terminal = try open(environment: ["TERM": "dumb"])
        terminal.type("echo $((40+2))\r")
        try terminal.see("\n42")
        try terminal.seePrompt()
        terminal.type("echo one \\\r")
        try terminal.see("\n>")
        terminal.type("two\r")
        try terminal.see("\none two")
        #expect(!terminal.everything.contains("\u{1b}"))
        terminal.type("exit\r")
        #expect(terminal.waitForExit() == 0)
    }

    // MARK: Completion

    @Test func tabListsAndGoesThroughProposals() throws {
        let terminal = try open()
        terminal.type("s3 m" + Key.tab)
        try terminal.see("the list") { $0.below.count == 2 && $0.below[0].hasPrefix("mb  ") && $0.below[1].hasPrefix("mv  ") }
        #expect(terminal.display.below[0].contains("Makes a bucket"))
        terminal.type(Key.tab)
        try terminal.see("the first one chosen") {
            $0.cursorLine.hasSuffix("s3 mb <s3://bucket>") || $0.cursorLine.hasSuffix("s3 mb")
        }
        #expect(terminal.display.style(of: "mb  ") == "7" || terminal.display.style(of: "mb") == "7")
        terminal.type(Key.down)
        try terminal.see("the next one") { $0.cursorLine.hasSuffix("s3 mv") }
        terminal.type(Key.backTab + Key.enter)
        try terminal.see("the list gone") { $0.cursorLine.contains("s3 mb") && $0.below.isEmpty }
        terminal.type("s3://tab-makes-it\r")
        try terminal.see("\nmake_bucket: tab-makes-it")
    }

    @Test func letterOfWordsFindAnOperation() throws {
        let terminal = try open()
        terminal.type("sagemaker dtj" + Key.tab)
        try terminal.see("the operation") { $0.cursorLine.contains("sagemaker describe-training-job") && !$0.below.isEmpty }
        terminal.type(Key.control("g"))
        try terminal.see("what was typed") { $0.cursorLine.hasSuffix("sagemaker dtj") && $0.below.isEmpty }
    }

    @Test func namesOfThingsAreCompletedLive() throws {
        let runner = try ProgramRunner()
        _ = try runner.aws("s3 mb s3://live-one")
        _ = try runner.file("upload.txt", "x")
        let terminal = try open(runner)
        terminal.type("s3 ls s3://live" + Key.tab)
        try terminal.see("the bucket") { $0.cursorLine.hasSuffix("s3 ls s3://live-one/") }
        terminal.type(Key.control("c"))
        try terminal.seePrompt()
        terminal.type("s3 mb s3://live-two\r")
        try terminal.see("\nmake_bucket: live-two")
        try terminal.seePrompt()
        terminal.type("s3api delete-bucket --bucket live-" + Key.tab)
        try terminal.see("both, with their times") { screen in
            screen.below.count == 2 && screen.below[1].hasPrefix("live-two") && screen.below[1].contains("20")
        }
        terminal.type(Key.control("c"))
        try terminal.seePrompt()
        terminal.type("cd \(runner.folder); cat uplo" + Key.tab)
        try terminal.see("the file or none") { $0.cursorLine.contains("cat uplo") }
    }

    @Test func helpOfTheWordStandsBelowTheLine() throws {
        let terminal = try open()
        terminal.type("s3api create-bucket --bucket x" + Key.altH)
        try terminal.see("help on the option") { $0.below.first?.hasPrefix("--bucket <string>   required") ?? false }
        terminal.type("y")
        try terminal.see("the line alone") { $0.below.isEmpty && $0.cursorLine.contains("--bucket xy") }
        terminal.type(Key.control("u") + "s3 ls" + Key.f1)
        try terminal.see("help on the command") { $0.below.first?.hasPrefix("s3 ls: ") ?? false }
    }

    // MARK: History

    @Test func arrowsFindLinesThatBeginAsTyped() throws {
        let terminal = try open()
        for line in ["echo first", "true", "echo second"] {
            terminal.type(line + Key.enter)
            try terminal.seePrompt()
            try terminal.see("the end of it") {
                $0.lines.contains { $0.hasSuffix("> " + line) } && $0.cursorLine.hasSuffix("sagebrush>")
            }
        }
        terminal.type("echo" + Key.up + Key.up)
        try terminal.see("the one before") { $0.cursorLine.hasSuffix("> echo first") }
        terminal.type(Key.down + Key.down)
        try terminal.see("what was typed") { $0.cursorLine.contains("> echo") && $0.style(of: "second") == "90" }
    }

    @Test func searchFindsWhileTyping() throws {
        let terminal = try open()
        terminal.type("echo a needle here\r")
        try terminal.see("\na needle here")
        try terminal.seePrompt()
        terminal.type(Key.control("r") + "need")
        try terminal.see("the line found") { $0.below.first == "search: need▏ 1 of 1" && $0.style(of: "need") != nil }
        terminal.type(Key.enter)
        try terminal.see("it ran again") { $0.lines.filter { $0 == "a needle here" }.count == 2 }
        try terminal.seePrompt()
        terminal.type(Key.control("r") + "nowhere" + Key.control("g") + "true\r")
        try terminal.see("the search given up") { $0.lines.contains { $0.hasSuffix("> true") } }
    }

    @Test func sessionsShareWhatIsKeptAndSecretsAreNot() throws {
        let runner = try ProgramRunner()
        let first = try open(runner)
        let second = try open(runner)
        first.type("echo shared\r")
        try first.see("\nshared")
        try first.seePrompt()
        first.type(" echo hidden\r")
        try first.see("\nhidden")
        try first.seePrompt()
        first.type("export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\r")
        try first.see("EXAMPLEKEY\n")
        try first.seePrompt()
        second.type(Key.up)
        try second.see("the other session's line") { $0.cursorLine.hasSuffix("> echo shared") }
        let folder = try FileManager.default.subpathsOfDirectory(atPath: runner.folder).filter { $0.hasSuffix("/history") }
        let path = try #require(folder.first)
        let kept = try String(contentsOfFile: runner.folder + "/" + path, encoding: .utf8)
        #expect(kept == "echo shared\n")
    }

    // MARK: Several lines

    @Test func openLinesGoOnAndComeBackWhole() throws {
        let terminal = try open()
        terminal.type("echo one \\\r")
        try terminal.see("a second row") { $0.cursorLine == ">" }
        terminal.type("'two\r")
        try terminal.see("a third row") { $0.cursorRow >= 2 && $0.cursorLine == ">" && $0.lines[$0.cursorRow - 1] == "> 'two" }
        terminal.type("three'\r")
        try terminal.see("\none two\nthree")
        try terminal.seePrompt()
        terminal.type(Key.up)
        try terminal.see("the entry again") { $0.cursorLine == "> three'" && $0.lines[$0.cursorRow - 1] == "> 'two" }
    }

    @Test func aPastedBlockRunsInOrderAndNotBeforeEnter() throws {
        let terminal = try open()
        terminal.type(Key.paste("aws s3 mb \\\n  s3://from-a-paste\naws s3 ls | wc -l\ncat <<EOF\nthird\nEOF\n"))
        try terminal.see("the block") { $0.cursorLine == "> EOF" }
        #expect(!terminal.display.text.contains("make_bucket"))
        terminal.type(Key.enter)
        try terminal.see("\nmake_bucket: from-a-paste\n1\nthird")
    }

    // MARK: Keys and the terminal

    @Test func controlCEndsACommandButNotTheShell() throws {
        let terminal = try open()
        terminal.type("echo begun; sleep 1000\r")
        try terminal.see("\nbegun")
        try terminal.waitForForeground("sleep")
        terminal.type(Key.control("c"))
        try terminal.seePrompt()
        terminal.type("s3 m" + Key.tab)
        try terminal.see("the list") { $0.below.count == 2 }
        terminal.type(Key.control("c"))
        try terminal.see("a fresh prompt") { $0.cursorLine.hasSuffix("sagebrush>") && $0.below.isEmpty }
    }

    @Test func longLinesWrapAndFollowTheWindow() throws {
        let terminal = try open(columnCount: 60)
        terminal.type("echo 12345678901234567890123456789012345678901234567890")
        try terminal.see("a wrapped line") {
            $0.cursorLine == "78901234567890" || ($0.cursorLine.hasSuffix("67890") && $0.cursorRow > 0)
        }
        terminal.resize(columnCount: 40)
        try terminal.see("the line in the narrow window") { screen in
            screen.lines.suffix(3).joined().hasSuffix("> echo 12345678901234567890123456789012345678901234567890")
        }
        terminal.resize(columnCount: 100)
        try terminal.see("the line on one row") {
            $0.cursorLine.hasSuffix("> echo 12345678901234567890123456789012345678901234567890")
        }
        #expect(terminal.display.lines.filter { $0.contains("sagebrush>") }.count == 1)
        terminal.type(Key.home + "#" + Key.enter)
        try terminal.seePrompt()
    }

    @Test func wideCharactersTakeTwoColumns() throws {
        let terminal = try open()
        let column = terminal.display.cursorColumn
        terminal.type("echo größe漢字!")
        try terminal.see("the line") { $0.cursorLine.hasSuffix("echo größe漢字!") && $0.cursorColumn == column + 15 }
        terminal.type(Key.backspace + Key.backspace)
        try terminal.see("one character less") { $0.cursorLine.hasSuffix("echo größe漢") && $0.cursorColumn == column + 12 }
        terminal.type(Key.enter)
        try terminal.see("\ngröße漢")
    }

    @Test func viKeysComeFromTheUsersSettings() throws {
        let runner = try ProgramRunner()
        _ = try runner.file(".editrc", "# the user's own\nbind -v\n")
        let terminal = try open(runner)
        terminal.type("sts get-caller-iden")
        try terminal.see("the hint in vi mode") { $0.style(of: "tity") == "90" }
        terminal.type(Key.escape)
        try terminal.see("the hint gone in command mode") { !$0.cursorLine.hasSuffix("tity") }
        terminal.type("0iecho " + Key.escape)
        try terminal.see("the word at the beginning") { $0.cursorLine.hasSuffix("> echo sts get-caller-iden") }
        terminal.type(Key.enter)
        try terminal.see("\nsts get-caller-iden")
        try terminal.seePrompt()
        terminal.type("s3 m" + Key.tab)
        try terminal.see("the list in vi mode") { $0.below.count == 2 }
    }

    @Test func noticesStandAboveTheLineThatIsTyped() throws {
        let runner = try ProgramRunner()
        let role = try runner.makeRole("lab")
        let terminal = try open(runner)
        terminal.type("echo still typ")
        try terminal.see("the line") { $0.cursorLine.hasSuffix("> echo still typ") }
        _ = try runner.aws(
            "sagemaker create-notebook-instance --notebook-instance-name nb --instance-type ml.t2.medium --role-arn \(role)")
        try terminal.see("the notice, and the line below it") { screen in
            screen.cursorLine.hasSuffix("> echo still typ") && screen.cursorRow > 0
                && screen.lines[screen.cursorRow - 1] == "notebook instance nb is InService."
        }
        terminal.type("ing\r")
        try terminal.see("\nstill typing")
    }

    @Test func outputWithoutAnEndIsNotOverwritten() throws {
        let terminal = try open()
        terminal.type("printf no-end\r")
        try terminal.see("the mark and a prompt") { screen in
            screen.lines.contains("no-end⏎") && screen.cursorLine.hasSuffix("sagebrush>")
        }
    }
}
