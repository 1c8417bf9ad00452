// SPDX-License-Identifier: Apache-2.0

import Lessons
import Testing

@testable import struct Lessons.LessonParser

struct LessonParserTests {
    private static let text = """
        ---
        title: Buckets
        needs: [00-first, 01-second]
        minutes: 7
        ---
        Before the steps.

        # 1. Make one
        Text with `code`.

        ```aws
        aws s3 mb s3://{{bucket}}
        ```
        ```
        make_bucket: {{bucket}}
        ```
        ```requires
        mpirun    several hosts: apt install openmpi-bin
        ```
        ```check
        aws s3api head-bucket --bucket {{bucket}}
        ! aws s3api head-bucket --bucket other
        ```
        ```hint
        first
        ```
        ```hint
        second
        ```

        # 2. Which?
        ```question
        Which one?
        1. this
        2. that,
           really
        answer: 2
        ```

        # 3. Another way
        ```check
        aws s3 ls ~ x
        ```
        ```solution
        echo x
        ```
        """

    @Test func readsALesson() throws {
        let lesson = try LessonParser.parse(Self.text, name: "02-buckets")
        #expect(lesson.number == "02")
        #expect(lesson.title == "Buckets")
        #expect(lesson.needs == ["00-first", "01-second"])
        #expect(lesson.minutes == 7)
        #expect(lesson.introduction == [.text("Before the steps.")])
        #expect(lesson.steps.map(\.title) == ["Make one", "Which?", "Another way"])
        let first = lesson.steps[0]
        #expect(
            first.blocks == [
                .text("Text with `code`."), .commands("aws s3 mb s3://{{bucket}}"), .listing("make_bucket: {{bucket}}"),
            ])
        #expect(first.checks.map(\.expectation) == [.success, .failure])
        #expect(first.hints == ["first", "second"])
        #expect(first.solution == "aws s3 mb s3://{{bucket}}")
        #expect(first.requirements.map(\.program) == ["mpirun"])
        #expect(lesson.steps[1].question == LessonQuestion(text: "Which one?", choices: ["this", "that, really"], answer: 2))
        #expect(lesson.steps[1].solution == nil)
        #expect(lesson.steps[2].solution == "echo x")
    }

    @Test(arguments: [
        ("title: x", 1, "begins with"),
        ("---\ntitle: x\nminutes: 1\n---\n# 2. Second first", 5, "# 1. Title"),
        ("---\ntitle: x\nminutes: 1\n---\n# 1. A\n```check\naws s3 ls\n", 6, "no end"),
        ("---\ntitle: x\nminutes: 1\n---\n# 1. A\n```check\nls\n```", 8, "is no check"),
        ("---\ntitle: x\nminutes: 1\n---\n# 1. A\n```aws\naws s3 ls\n```", 8, "needs a check"),
        ("---\ntitle: x\nminutes: 1\n---\n# 1. A\n```check\naws s3 ls\n```", 8, "needs commands or a solution"),
        ("---\ntitle: x\nminutes: 1\n---\n# 1. A\n```question\nwhat?\n1. a\n2. b\nanswer: 3\n```", 11, "answer: N"),
        ("---\ntitle: x\nminutes: 1\n---\n```hint\nx\n```", 7, "belongs into a step"),
        ("---\nminutes: 1\n---\n# 1. A\n```question\nwhat?\n1. a\n2. b\nanswer: 1\n```", 10, "title"),
        ("---\ntitle: x\nminutes: many\n---\n# 1. A\n```question\nwhat?\n1. a\n2. b\nanswer: 1\n```", 11, "minutes"),
    ])
    func saysWhatIsWrongAndWhere(text: String, line: Int, problem: String) throws {
        let error = try #require(throws: LessonError.self) { try LessonParser.parse(text, name: "x") }
        #expect(error.line == line, "\(error)")
        #expect(error.problem.contains(problem), "\(error)")
    }
}

struct LessonCheckTests {
    @Test(arguments: [
        ("aws s3 ls", Int32(0), "", true), ("aws s3 ls", 1, "", false), ("! aws s3 ls", 254, "", true),
        ("! aws s3 ls", 0, "", false),
        ("aws x => Completed", 0, "Completed\n", true), ("aws x => Completed", 0, "InProgress\n", false),
        ("aws x => Completed", 1, "Completed\n", false), ("aws x ~ let", 0, "Completed", true),
        ("aws x ~ led", 0, "Completed", false),
        ("aws x >= 0.95", 0, "0.9512\n", true), ("aws x >= 0.95", 0, "0.949\n", false), ("aws x >= 1", 0, "None\n", false),
    ])
    func comparesWhatACommandComesTo(line: String, status: Int32, output: String, isGood: Bool) throws {
        let check = try #require(LessonCheck(line))
        #expect(check.isSatisfied(status: status, output: output) == isGood)
    }

    @Test func takesTheLastMarkOfALine() throws {
        let check = try #require(LessonCheck("aws x --query 'a[?b => `1`]' => {{bucket}}"))
        #expect(check.command == "aws x --query 'a[?b => `1`]'")
        #expect(check.filled(with: ["bucket": "mine"]).expectation == .output("mine"))
        #expect(LessonCheck("ls") == nil)
        #expect(LessonCheck("aws x >= many") == nil)
    }

    @Test func variablesWithoutAValueStay() {
        #expect(LessonVariables.fill("{{a}} {{b}} {{", with: ["a": "1"]) == "1 {{b}} {{")
        #expect(LessonVariables.names(in: "{{a}} and {{b}}") == ["a", "b"])
    }
}

struct LessonProgressTests {
    private static func lesson(_ name: String, steps: Int) -> Lesson {
        let step = LessonStep(
            title: "", blocks: [], checks: [], question: nil, requirements: [], hints: [], solution: nil)
        return Lesson(
            name: name, title: "", needs: [], minutes: 1, introduction: [], steps: Array(repeating: step, count: steps))
    }

    @Test func goesForwardBackAndOver() {
        let lesson = Self.lesson("01-a", steps: 2)
        var progress = LessonProgress()
        let isBackAtFirst = progress.goBack(in: lesson)
        #expect(!isBackAtFirst)
        progress.hintCount = 2
        progress.advance(lesson, now: 1)
        #expect(progress.place(in: lesson) == 1)
        #expect(progress.hintCount == 0)
        progress.skip(lesson, now: 2)
        #expect(progress.isOver(lesson))
        #expect(progress.skipped["01-a"] == [1])
        #expect(progress.endTimes["01-a"] == 2)
        progress.advance(lesson, now: 3)
        #expect(progress.place(in: lesson) == 2)
        let isBack = progress.goBack(in: lesson)
        #expect(isBack)
        #expect(progress.skipped["01-a"] == [])
        #expect(progress.next(in: [lesson, Self.lesson("02-b", steps: 1)])?.name == "01-a")
        progress.forget(lesson)
        #expect(progress.place(in: lesson) == 0)
    }

    @Test func namesAreTheStudents() {
        var progress = LessonProgress()
        let account = "123456789012"
        #expect(progress.values(account: account, alias: nil, region: "r") { _ in "1" }["bucket"] == "smworkshop-first-last")
        #expect(progress.values(account: "2", alias: nil, region: "r") { _ in "1" }["bucket"] == "smworkshop-2")
        #expect(progress.values(account: "2", alias: "team-a", region: "r") { _ in "1" }["bucket"] == "smworkshop-team-a")
        progress.student = "ada"
        progress.region = "eu-west-1"
        let values = progress.values(account: account, alias: "x", region: "r") { "images of " + $0 }
        #expect(values["bucket"] == "smworkshop-ada")
        #expect(values["region"] == "eu-west-1")
        #expect(values["images"] == "images of eu-west-1")
    }
}

struct LessonCatalogTests {
    @Test func everyLessonBuildsOnEarlierOnesAndUsesKnownVariables() throws {
        let lessons = try LessonCatalog.all()
        let names = lessons.map(\.name)
        #expect(names == names.sorted())
        let known = Set(LessonProgress().values(account: "1", alias: nil, region: "r") { _ in "" }.keys)
        for (index, lesson) in lessons.enumerated() {
            #expect(Int(lesson.number) == index)
            for need in lesson.needs { #expect(names.prefix(index).contains(need), "\(lesson.name) needs \(need)") }
            for step in lesson.steps {
                let texts = step.blocks.map { "\($0)" } + step.hints + step.checks.map { "\($0)" } + [step.solution ?? ""]
                #expect(texts.reduce(into: Set<String>()) { $0.formUnion(LessonVariables.names(in: $1)) }.isSubset(of: known))
                #expect(!step.hints.isEmpty || step.question != nil, "\(lesson.name), \(step.title) has no hint")
            }
        }
    }

    @Test func lessonsAreFoundByNumberAndName() throws {
        let lessons = try LessonCatalog.all()
        #expect(LessonCatalog.find("1", in: lessons)?.number == "01")
        #expect(LessonCatalog.find("01", in: lessons)?.number == "01")
        #expect(LessonCatalog.find("account", in: lessons)?.number == "01")
        #expect(LessonCatalog.find("Cloud", in: lessons)?.number == "00")
        #expect(LessonCatalog.find("nothing", in: lessons) == nil)
        #expect(LessonCatalog.find("99", in: lessons) == nil)
    }
}

struct LessonTextTests {
    @Test func linesAreWrapped() {
        let text = LessonText(width: 24, usesColor: false, values: ["name": "ada"])
        #expect(
            text.paragraphs("one two three four five {{name}}\nsix\n\n- a point that is long enough\n- next")
                == "one two three four five\nada six\n\n  - a point that is long\n    enough\n  - next\n")
        #expect(text.commands("aws {{name}}\nb") == "    aws ada\n    b\n")
    }

    @Test func tablesHaveColumnsAndHintsThatAreCommandsStayWhole() {
        let text = LessonText(width: 24, usesColor: false, values: ["name": "ada"])
        #expect(
            text.paragraphs("before\n\n| | |\n|---|---|\n| Console | a website |\n| `aws` | {{name}} |\n\nafter")
                == "before\n\n  Console  a website\n  `aws`    ada\n\nafter\n")
        #expect(text.hint("aws s3 rb s3://{{name}}-ireland --force") == "    aws s3 rb s3://ada-ireland --force\n")
        #expect(text.hint("Its name is {{name}}.") == "Its name is ada.\n")
    }

    @Test func coloursTakeNoColumns() {
        let plain = LessonText(width: 30, usesColor: false, values: [:]).paragraphs("say `a b` and **c d** and more words here")
        let coloured = LessonText(width: 30, usesColor: true, values: [:]).paragraphs("say `a b` and **c d** and more words here")
        #expect(coloured.contains("\u{1b}[32ma\u{1b}[0m"))
        #expect(plain.split(separator: "\n").count == coloured.split(separator: "\n").count)
    }
}
