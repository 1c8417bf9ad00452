// SPDX-License-Identifier: Apache-2.0

/// A command of the prompt that is not the AWS CLI's: one row a command.
struct OwnCommand: Sendable {
    var name: String
    /// What may follow the name.
    var usage = ""
    /// What it does, in a few words.
    var summary: String
    /// Whether it changes the account, region, profile or world of the commands after it.
    var changesContext = false
    /// Whether the prompt or bash itself does it, rather than the program.
    var isBuiltIn = false

    /// All of them, in the order in which help shows them.
    static let all: [OwnCommand] = [
        OwnCommand(name: "workshop", summary: "the workshop: its lessons, where you are, what comes next"),
        OwnCommand(
            name: "lesson", usage: "[start N, check, hint …]",
            summary: "the step that you are at; list, run, solution, skip, back, reset, quit"),
        OwnCommand(name: "status", summary: "what exists, what runs and what it would cost; what to clean up"),
        OwnCommand(
            name: "cost", usage: "[--by service, resource, lab]", summary: "what it would have cost so far, and from now on"),
        OwnCommand(name: "cleanup", usage: "[--yes]", summary: "what is left, in the order in which it must go; --yes: it goes"),
        OwnCommand(name: "iam explain", summary: "how the last refused call was decided, step by step", isBuiltIn: true),
        OwnCommand(
            name: "role", usage: "create-for-notebook --buckets A,B", summary: "the role that the console's notebook dialog makes"),
        OwnCommand(name: "undo", usage: "[--list, --skip]", summary: "takes the last change back, or says why it can't"),
        OwnCommand(name: "use", usage: "WORD", summary: "goes to a region, an account or a profile", changesContext: true),
        OwnCommand(name: "region", usage: "[NAME]", summary: "shows the regions, or goes to one", changesContext: true),
        OwnCommand(
            name: "account", usage: "[ID, NAME, list, new NAME]", summary: "shows, lists or makes accounts, or goes to one",
            changesContext: true),
        OwnCommand(
            name: "classroom", usage: "[create, progress]", summary: "accounts and hand-outs for a class; how far everybody is"),
        OwnCommand(name: "profile", usage: "[NAME]", summary: "shows the profiles, or goes out as one", changesContext: true),
        OwnCommand(
            name: "world", usage: "[new, list, info, reset, use]", summary: "worlds: folders with everything in them",
            changesContext: true),
        OwnCommand(name: "dataset", usage: "[list, draw, export]", summary: "the data in the box"),
        OwnCommand(
            name: "vcf", usage: "[show, export, crosstab, scatter]",
            summary: "genotypes: from VCF to training data, and the answers"),
        OwnCommand(name: "plot", usage: "[METRIC]", summary: "draws a metric of a training job or endpoint"),
        OwnCommand(name: "follow", usage: "[JOB]", summary: "shows a training job as it goes"),
        OwnCommand(name: "runtime", usage: "[list, install, remove]", summary: "what users' own code runs with"),
        OwnCommand(
            name: "image", usage: "[build, list, tag, push, run, remove]",
            summary: "images of your own programs, made of Dockerfiles"),
        OwnCommand(
            name: "clock", usage: "[realtime, xN, advance 12h]", summary: "how waiting for machines passes; time passed over counts"
        ),
        OwnCommand(name: "history", usage: "[N]", summary: "the lines typed so far"),
        OwnCommand(name: "source", usage: "FILE", summary: "runs a file's lines here", isBuiltIn: true),
        OwnCommand(name: "help", summary: "this list; help after a service or an operation explains it", isBuiltIn: true),
        OwnCommand(name: "exit", usage: "[N]", summary: "ends the shell; what runs in the world goes on", isBuiltIn: true),
    ]

    /// The commands that the program does, by name.
    static let programNames = Set(all.filter { !$0.isBuiltIn }.map(\.name))

    /// What `help` alone shows at the prompt.
    static var help: String {
        let rows = [
            (
                "s3, sagemaker, iam …",
                "the AWS CLI: the word aws is optional, and so is the service of an operation with one meaning"
            )
        ]
        let own = all.map { (($0.name + " " + $0.usage).trimmingSuffixSpaces(), $0.summary) }
        let others = [("!COMMAND", "runs a command in bash, whatever we make of its name")]
        let width = 32
        let text = (rows + own + others).map { name, summary in
            name + String(repeating: " ", count: max(1, width - name.count)) + summary + "\n"
        }.joined()
        return text + "\nEverything else is bash: variables, pipes, loops, files, jobs. What one line sets is there on the next.\n"
    }
}
