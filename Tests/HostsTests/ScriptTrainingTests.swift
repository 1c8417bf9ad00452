// SPDX-License-Identifier: Apache-2.0

import Testing
import World

@testable import Hosts

@Suite struct ScriptTrainingTests {
    @Test func frameworksAreKnownByTheirRepositories() {
        let image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
        #expect(FrameworkImage(image: image)?.runtime == "scikit-learn")
        #expect(FrameworkImage(image: "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.0")?.runtime == "pytorch")
        #expect(FrameworkImage(image: "382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1") == nil)
    }

    @Test func aFailureEndsWithTheExitCode() {
        #expect(ScriptTraining.reason("ExecuteUserScriptError:\nExitCode 1", exitCode: 1).hasSuffix("ExitCode 1, exit code: 1"))
        #expect(ScriptTraining.reason(nil, exitCode: 137) == "AlgorithmError: , exit code: 137")
        let long = ScriptTraining.reason(String(repeating: "x", count: 3000), exitCode: 2)
        #expect(long.count == 1024 && long.hasSuffix(", exit code: 2"))
    }

    @Test func filesAreNamedBelowTheirPrefix() {
        #expect(DataStaging.fileName(of: "data/train/a.csv", below: "data/train") == "a.csv")
        #expect(DataStaging.fileName(of: "data/train/a.csv", below: "data/train/") == "a.csv")
        #expect(DataStaging.fileName(of: "data/train-1.csv", below: "data/train") == "train-1.csv")
        #expect(DataStaging.fileName(of: "a.csv", below: "") == "a.csv")
    }
}
