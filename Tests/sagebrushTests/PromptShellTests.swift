// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// sh at the prompt: what one line sets is there on the next, whichever of the program and the bash beside it runs it.
@Suite struct PromptShellTests {
    private func start(_ arguments: [String] = []) throws -> (ProgramRunner, Terminal) {
        let runner = try ProgramRunner()
        let terminal = try Terminal(runner, arguments: arguments)
        try terminal.seePrompt()
        try enter("cd", terminal)
        return (runner, terminal)
    }

    /// Types a line and waits for a line of output and the next prompt.
    private func enter(_ line: String, _ terminal: Terminal, shows output: String? = nil) throws {
        terminal.type(line + "\r")
        if let output { try terminal.wait(for: "\n\(output)\r\n") }
        try terminal.see("the prompt after \(line)") { screen in
            screen.cursorLine.hasSuffix("sagebrush>") && screen.text.contains("sagebrush> " + line.prefix(60))
        }
    }

    @Test func variablesFunctionsAliasesAndFoldersStay() throws {
        let (runner, terminal) = try start()
        try enter("X=five; mkdir -p sub; cd sub", terminal)
        try enter("s3 mb s3://bucket-$X", terminal, shows: "make_bucket: bucket-five")
        try enter("greet() { echo \"hello $1\"; }; alias again='greet twice'", terminal)
        try enter("greet once", terminal, shows: "hello once")
        try enter("again", terminal, shows: "hello twice")
        try enter("echo content > file.txt", terminal)
        // A plain command runs in the program: it has to be in the same folder.
        try enter(
            "s3 cp file.txt s3://bucket-five/ --no-progress", terminal, shows: "upload: ./file.txt to s3://bucket-five/file.txt")
        #expect(FileManager.default.fileExists(atPath: runner.folder + "/sub/file.txt"))
    }

    @Test func statusPassesBothWays() throws {
        let (_, terminal) = try start()
        try enter("s3 ls s3://nobody-has-this-bucket", terminal)
        try enter("echo status $?", terminal, shows: "status 254")
        try enter("(exit 7)", terminal)
        try enter("echo status $?", terminal, shows: "status 7")
        try enter("sts get-caller-identity", terminal)
        try enter("echo status $?", terminal, shows: "status 0")
        terminal.type("false || exit 9\r")
        #expect(terminal.waitForExit() == 9)
    }

    @Test func exitTakesAStatus() throws {
        let (_, terminal) = try start()
        terminal.type("exit 3\r")
        #expect(terminal.waitForExit() == 3)
    }

    @Test func contextPassesToTheShellAndBack() throws {
        let (_, terminal) = try start()
        try enter("region eu-west-1", terminal)
        try enter("echo \"in $AWS_REGION\"", terminal, shows: "in eu-west-1")
        terminal.type("export AWS_REGION=us-west-2\r")
        try terminal.wait(for: "us-west-2]")
        try enter("configure list | grep -c us-west-2", terminal, shows: "1")
        terminal.type("region us-east-2; echo moved\r")
        try terminal.wait(for: "us-east-2]")
        try enter(
            "configure set region ap-south-1 --profile far; export AWS_PROFILE=far; unset AWS_REGION AWS_DEFAULT_REGION", terminal)
        terminal.type("echo profile\r")
        try terminal.wait(for: "ap-south-1 far]")
        terminal.type("profile default\r")
        try terminal.wait(for: "us-east-1]")
    }

    @Test func anotherAccountsCallsAreItsAdministrators() throws {
        let (_, terminal) = try start()
        try enter("account new team-a", terminal)
        try enter("account team-a", terminal)
        terminal.type("sts get-caller-identity --query Account --output text >id; aws sts get-caller-identity --query Arn\r")
        try terminal.wait(for: ":user/student\"")
        try enter("[ $(cat id) != 123456789012 ] && [ $(cat id) = $SAGEBRUSH_ACCOUNT ] && echo another", terminal, shows: "another")
        terminal.type("use 123456789012\r")
        try terminal.wait(for: "[123456789012 us-east-1]")
        try enter("sts get-caller-identity --query Account --output text", terminal, shows: "123456789012")
        terminal.type("profile team-a\r")
        try terminal.wait(for: "team-a]")
        try enter("sts get-caller-identity --query Account --output text | diff - id && echo same", terminal, shows: "same")
    }

    @Test func worldsChange() throws {
        let (runner, terminal) = try start()
        try enter("s3 mb s3://in-the-first", terminal)
        try enter("world use \(runner.folder)/second", terminal)
        try enter("s3 mb s3://in-the-second", terminal, shows: "make_bucket: in-the-second")
        try enter("aws s3 ls | grep -c in-the", terminal, shows: "1")
        try enter("export SAGEBRUSH_WORLD=\(runner.world)", terminal)
        try enter("s3 rb s3://in-the-first", terminal, shows: "remove_bucket: in-the-first")
        try enter("world reset --yes", terminal)
    }

    @Test func controlCReachesWhatRuns() throws {
        let (_, terminal) = try start()
        terminal.type("echo begun; sleep 1000\r")
        try terminal.wait(for: "\nbegun\r\n")
        // bash itself loses a key that comes between two programs.
        try terminal.waitForForeground("sleep")
        terminal.type("\u{3}")
        try terminal.seePrompt()
        try enter("echo status $?", terminal, shows: "status 130")
        terminal.type("while true; do echo round; read -t 1 x; done\r")
        try terminal.wait(for: "\nround\r\n")
        terminal.type("\u{3}")
        try terminal.seePrompt()
        try enter("echo alive", terminal, shows: "alive")
    }

    @Test func jobsStopAndGoOn() throws {
        let (_, terminal) = try start()
        terminal.type("sleep 1000 & echo pid $!\r")
        try terminal.wait(for: "[1] ")
        try terminal.seePrompt()
        terminal.type("jobs\r")
        try terminal.wait(for: "[1]+  Running")
        try terminal.wait(for: "sleep 1000 &\r\n")
        terminal.type("fg\r")
        try terminal.wait(for: "\nsleep 1000\r\n")
        try terminal.waitForForeground("sleep")
        terminal.type("\u{1a}")
        try terminal.wait(for: "[1]+  Stopped")
        try terminal.seePrompt()
        try enter("kill %1; wait; echo over", terminal)
        terminal.type("jobs; echo none\r")
        try terminal.wait(for: "\nnone\r\n")
    }

    @Test func programsThatAskHaveTheTerminal() throws {
        let (_, terminal) = try start()
        terminal.type("read answer\r")
        try terminal.waitForForeground("bash")
        terminal.type("forty two\r")
        try terminal.seePrompt()
        try enter("echo \"<$answer>\"", terminal, shows: "<forty two>")
        try enter("test -t 0 && test -t 1 && echo terminal", terminal, shows: "terminal")
        terminal.type("seq 1000 | less\r")
        try terminal.wait(for: "\n20")
        terminal.type("q")
        try terminal.seePrompt()
        try enter("echo back", terminal, shows: "back")
    }

    @Test func unfinishedCommandsGoOn() throws {
        let (_, terminal) = try start()
        terminal.type("for i in a b; do\r")
        terminal.type("echo \"item $i\"\r")
        terminal.type("done\r")
        try terminal.wait(for: "\nitem a\r\nitem b\r\n")
        try terminal.seePrompt()
        terminal.type("cat <<END\r")
        terminal.type("home is $HOME\r")
        terminal.type("END\r")
        try terminal.wait(for: "\nhome is /")
        try terminal.seePrompt()
        terminal.type("echo 'open\r")
        terminal.type("quote'\r")
        try terminal.wait(for: "\nopen\r\nquote\r\n")
        try terminal.seePrompt()
        terminal.type("sts get-caller-identity \\\r")
        terminal.type("--query Account --output text\r")
        try terminal.wait(for: "\n123456789012\r\n")
    }

    @Test func ownCommandsAndBashOnes() throws {
        let (runner, terminal) = try start()
        _ = try runner.file("lines.sh", "from_file=yes\ns3 mb s3://made-by-source\nregion eu-north-1\n")
        try enter("source lines.sh", terminal, shows: "make_bucket: made-by-source")
        try enter("echo $from_file $AWS_REGION", terminal, shows: "yes eu-north-1")
        try enter("!printf 'by bash\\n'", terminal, shows: "by bash")
        terminal.type("history 1\r")
        try terminal.wait(for: "  history 1\r\n")
        terminal.type("clock\r")
        try terminal.wait(for: "\ninstant")
        terminal.type("help\r")
        try terminal.wait(for: "undo")
        try enter("echo one; # two", terminal, shows: "one")
    }

    @Test func aServiceMayBeLeftOut() throws {
        let (_, terminal) = try start()
        try enter("get-caller-identity --query Account --output text", terminal, shows: "123456789012")
        try enter("list-buckets --query 'length(Buckets)' | cat", terminal)
        terminal.type("list-tags-for-resource help\r")
        try terminal.wait(for: "Which?")
        terminal.type("x\r")
        try terminal.wait(for: "nothing done")
        terminal.type("sgaemaker list-models\r")
        try terminal.wait(for: "bash: sgaemaker: command not found")
        try terminal.wait(for: "Did you mean sagemaker")
    }
}

/// The same from a pipe or `-c`, without a terminal.
@Suite struct CommandsFromPipesTests {
    @Test func contextChangesForTheCommandsAfterIt() throws {
        let outcome = try ProgramRunner().run(
            [],
            input: "region eu-west-1\necho $AWS_REGION\naws configure list | grep -c eu-west-1\nuse us-west-2 && echo $AWS_REGION\n"
        )
        #expect(outcome.output == "eu-west-1\n1\nus-west-2\n")
        #expect(outcome.status == 0)
    }

    @Test func accountsAreMadeAndUsed() throws {
        let outcome = try ProgramRunner().run([
            "-c",
            "account new lab >/dev/null; account lab; sts get-caller-identity --query Account --output text; echo $SAGEBRUSH_ACCOUNT",
        ])
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first == lines.last)
        #expect(lines.first != "123456789012")
    }

    @Test func theAccountOptionIsTheAccountOfCalls() throws {
        let runner = try ProgramRunner()
        let id = try runner.run(["-c", "account new lab >/dev/null; account lab; echo $SAGEBRUSH_ACCOUNT"]).text
        #expect(try runner.run(["--account", id, "aws", "sts", "get-caller-identity", "--query", "Account"]).text == "\"\(id)\"")
        #expect(try runner.aws("sts get-caller-identity --query Account").text == "\"123456789012\"")
    }

    @Test func operationsWithoutTheirService() throws {
        let runner = try ProgramRunner()
        #expect(try runner.run(["-c", "get-caller-identity --query Account --output text"]).text == "123456789012")
        let ambiguous = try runner.run(["-c", "list-tags-for-resource"])
        #expect(ambiguous.status == 252)
        #expect(ambiguous.errors.contains("`ecr list-tags-for-resource`"))
        let unknown = try runner.run(["-c", "true\nfrobnicate x"])
        #expect(unknown.status == 127)
        #expect(unknown.errors == "bash: line 2: frobnicate: command not found\n")
    }

    @Test func scriptsForTheRealCLISeeNoCommandsOfOurs() throws {
        let runner = try ProgramRunner()
        let script = try runner.file("script.sh", "type -t region undo status; aws sts get-caller-identity --query Account\n")
        #expect(try runner.run(["run", script]).output == "\"123456789012\"\n")
    }

    @Test func wrongWordsAreNamed() throws {
        let runner = try ProgramRunner()
        let outcome = try runner.run(["-c", "use eu-wst-1"])
        #expect(outcome.status == 252)
        #expect(outcome.errors.contains("Did you mean eu-west-1"))
        #expect(try runner.run(["-c", "profile nobody"]).errors.contains("no profile nobody"))
        #expect(try runner.run(["-c", "region mars-1"]).status == 255)
    }
}
