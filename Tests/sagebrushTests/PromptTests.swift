// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite struct PromptTests {
    @Test func makesABucketAndListsIt() throws {
        let runner = try ProgramRunner()
        let terminal = try Terminal(runner)
        try terminal.wait(for: "sagebrush>")
        terminal.type("s3 mb s3://smworkshop-ada-lovelace\r")
        try terminal.wait(for: "make_bucket: smworkshop-ada-lovelace")
        try terminal.wait(for: "sagebrush>")
        terminal.type("aws s3 ls | grep -c ada\r")
        try terminal.wait(for: "\n1\r\n")
        terminal.type("exit\r")
        #expect(terminal.waitForExit() == 0)
    }

    @Test func tabCompletesAnOperation() throws {
        let terminal = try Terminal(try ProgramRunner())
        try terminal.wait(for: "sagebrush>")
        terminal.type("sts get-caller\t")
        try terminal.wait(for: "-identity")
        terminal.type("--query Account --output text\r")
        try terminal.wait(for: "\n123456789012\r\n")
    }

    @Test func controlCDropsTheLineOnly() throws {
        let terminal = try Terminal(try ProgramRunner())
        try terminal.wait(for: "sagebrush>")
        terminal.type("not what I meant")
        try terminal.wait(for: "meant")
        terminal.type("\u{3}")
        try terminal.wait(for: "sagebrush>")
        terminal.type("echo still $((1+1))\r")
        try terminal.wait(for: "\nstill 2\r\n")
    }

    @Test func regionOfThePromptIsTheRegionOfCommands() throws {
        let terminal = try Terminal(try ProgramRunner())
        try terminal.wait(for: "sagebrush>")
        terminal.type("region eu-west-1\r")
        try terminal.wait(for: "eu-west-1]")
        terminal.type("configure get region; echo region=$AWS_REGION\r")
        try terminal.wait(for: "\nregion=eu-west-1\r\n")
    }

    @Test func historyOutlivesTheSession() throws {
        let runner = try ProgramRunner()
        let first = try Terminal(runner)
        try first.wait(for: "sagebrush>")
        first.type("echo remember-me\r")
        try first.wait(for: "\nremember-me\r\n")
        first.type("exit\r")
        _ = first.waitForExit()
        let second = try Terminal(runner)
        try second.wait(for: "sagebrush>")
        second.type("\u{1b}[A\u{1b}[A\r")
        try second.wait(for: "\nremember-me\r\n")
    }
}
