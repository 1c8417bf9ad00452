// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire
import World

/// How fast the prompt is, as a user's terminal sees it: this program on a pseudo-terminal, keys in, what is drawn out.
enum PromptBenchmark {
    /// Lines that are typed key by key, as in a workshop.
    private static let lines = [
        "aws s3 ls s3://benchmark-bucket-04321/training --recursive --human-readable",
        "sagemaker create-training-job --training-job-name linear --role-arn arn:aws:iam::123456789012:role/lab",
        "sagemaker describe-training-job --training-job-name benchmark-job-00042 --query TrainingJobStatus",
        "s3api list-objects-v2 --bucket benchmark-bucket-00001 --max-items 10 | grep -c Key && echo \"done $HOME\"",
        "iam create-role --role-name lab --assume-role-policy-document file://trust.json --output text",
        "sagemaker create-training-job --algorithm-specification TrainingInputMode=File,TrainingImage=x",
    ]
    /// Lines whose last word TAB completes with names of things.
    private static let completedLines = [
        "s3 ls s3://benchmark-bucket-0999", "sagemaker stop-training-job --training-job-name benchmark-job-0",
        "sagemaker d", "sagemaker dtj", "sagemaker create-training-job --", "aws ",
    ]

    /// Fills the world at `path` with so many buckets and as many training jobs that are over.
    static func fill(path: String, count: Int) throws {
        var settings = ProgramSettings()
        settings.worldPath = path
        let session = try Session.open(settings)
        let (account, region) = (session.account, session.region)
        try session.world.store.write { database in
            let now = try database.clock().now()
            for index in 0..<count {
                let number = String(String(100_000 + index).dropFirst())
                let created = now - Double(count - index)
                _ = try database.insertBucket(
                    Bucket(name: "benchmark-bucket-\(number)", account: account, region: region, creationTime: created))
                let name = "benchmark-job-\(number)"
                let request: Value = [
                    "TrainingJobName": .string(name), "RoleArn": .string("arn:aws:iam::\(account):role/lab"),
                    "OutputDataConfig": ["S3OutputPath": "s3://benchmark-bucket-00000/output"],
                    "ResourceConfig": ["InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5],
                    "StoppingCondition": ["MaxRuntimeInSeconds": 60],
                ]
                var job = TrainingJobRecord(
                    request: try ValueDecoder().decode(TrainingJobRequest.self, from: request),
                    arn: "arn:aws:sagemaker:\(region):\(account):training-job/\(name)", algorithmName: "linear-learner",
                    now: created)
                try job.fail(reason: "AlgorithmError: a row of a benchmark", at: created + 1)
                _ = try database.insertResource(job, in: job.scope)
            }
        }
    }

    /// Measures, and prints a table to standard error and JSON to standard output.
    static func run(worldPath: String, startCount: Int, repetitions: Int) throws {
        var starts: [Double] = []
        for _ in 0..<startCount {
            let started = ContinuousClock.now
            let terminal = try PromptTerminal(worldPath: worldPath)
            try terminal.readPrompt()
            starts.append(milliseconds(since: started))
        }
        let terminal = try PromptTerminal(worldPath: worldPath)
        try terminal.readPrompt()
        try terminal.settle()
        var keys: [Double] = []
        var tabs: [Double] = []
        for _ in 0..<repetitions {
            for line in lines {
                for key in line { keys.append(try press(String(key), terminal)) }
                try drop(terminal)
            }
            for line in completedLines {
                for key in line { keys.append(try press(String(key), terminal)) }
                tabs.append(try press("\t", terminal))
                try drop(terminal)
            }
        }
        try report([("start to the first prompt", starts), ("a key", keys), ("TAB", tabs)])
    }

    private static func press(_ key: String, _ terminal: PromptTerminal) throws -> Double {
        let pressed = ContinuousClock.now
        terminal.write(key)
        try terminal.readSome()
        return milliseconds(since: pressed)
    }

    private static func drop(_ terminal: PromptTerminal) throws {
        try terminal.settle()
        terminal.write("\u{3}")
        try terminal.readPrompt()
        try terminal.settle()
    }

    private static func milliseconds(since start: ContinuousClock.Instant) -> Double {
        (ContinuousClock.now - start) / .milliseconds(1)
    }

    private static func report(_ rows: [(name: String, values: [Double])]) throws {
        var result: Value = .emptyObject
        var table = "milliseconds               p50      p99      max  measured\n"
        for (name, values) in rows {
            let sorted = values.sorted()
            func quantile(_ share: Double) -> Double {
                sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
            }
            let figures = [("p50", quantile(0.5)), ("p99", quantile(0.99)), ("max", sorted.last ?? 0)]
            var members: Value = ["count": .integer(sorted.count)]
            for (label, value) in figures { members[label] = .double((value * 1000).rounded() / 1000) }
            result[name] = members
            table +=
                name.padding(toLength: 25, withPad: " ", startingAt: 0)
                + figures.map { String(format: "%9.2f", $0.1) }.joined() + String(format: "%10d\n", sorted.count)
        }
        FileHandle.standardError.write(Data(table.utf8))
        print(JSON.serialize(result))
    }
}

/// The prompt on a pseudo-terminal.
private final class PromptTerminal {
    private let master: Int32
    private let pid: pid_t

    init(worldPath: String) throws {
        var size = winsize(ws_row: 40, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0)
        var descriptors: (master: Int32, slave: Int32) = (-1, -1)
        guard openpty(&descriptors.master, &descriptors.slave, nil, nil, &size) == 0, let name = ttyname(descriptors.slave) else {
            throw UsageError("No pseudo-terminal can be made: \(String(cString: strerror(errno))).")
        }
        master = descriptors.master
        defer { close(descriptors.slave) }
        _ = fcntl(master, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptors.slave, F_SETFD, FD_CLOEXEC)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // POSIX_SPAWN_SETSID, which the headers show to GNU programs only.
        posix_spawnattr_setflags(&attributes, 0x80)
        // The history of whoever measures is neither read nor written.
        let environment = ProcessInfo.processInfo.environment.merging(
            ["XDG_DATA_HOME": worldPath + "/home", "HOME": worldPath + "/home", "TERM": "xterm-256color"]
        ) { $1 }
        let program = HostLauncher.ownExecutable()
        var words: [UnsafeMutablePointer<CChar>?] = [program, "--world", worldPath].map { (word: String) in strdup(word) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            for word in words { free(word) }
            for variable in variables { free(variable) }
        }
        var pid: pid_t = 0
        let status = posix_spawn(&pid, program, &actions, &attributes, &words, &variables)
        guard status == 0 else { throw WorldError.cannotLaunch(program: program, reason: String(cString: strerror(status))) }
        self.pid = pid
    }

    deinit {
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
        close(master)
    }

    func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Foundation.write(master, $0.baseAddress, $0.count) }
    }

    /// Waits for the next thing that is drawn.
    @discardableResult
    func readSome() throws -> String {
        var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, 10_000) == 1 else { throw UsageError("The prompt draws nothing.") }
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = read(master, &bytes, bytes.count)
        guard count > 0 else { throw UsageError("The prompt ended.") }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// Reads until an empty prompt stands there.
    func readPrompt() throws {
        var text = ""
        while !text.contains("sagebrush>") { text += try readSome() }
    }

    /// Reads what still comes, so that the next thing that is drawn is the next key's.
    func settle() throws {
        var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        while poll(&descriptor, 1, 30) == 1 { try readSome() }
    }
}
