// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Algorithm

@Suite struct HyperparameterTests {
    private let declared = [
        Hyperparameter(
            "predictor_type", .categorical(["binary_classifier", "multiclass_classifier", "regressor"]), isRequired: true),
        Hyperparameter(
            "num_classes", .integer(.init(3, 1_000_000)),
            dependencies: [.init(when: "predictor_type", isOneOf: ["multiclass_classifier"], .required)]),
        Hyperparameter("epochs", .integer(.init(1)), default: "15"),
        Hyperparameter("wd", .continuous(.init(0)), default: "auto", words: ["auto"]),
        Hyperparameter("beta_1", .continuous(.init(0, 1, includesMinimum: false, includesMaximum: false)), default: "0.9"),
        Hyperparameter(
            "loss", .categorical(["logistic", "squared_loss"]), default: "auto", words: ["auto"],
            dependencies: [.init(when: "predictor_type", isOneOf: ["regressor"], .oneOf(["auto", "squared_loss"]))]),
        Hyperparameter("use_bias", .boolean, default: "true"),
        Hyperparameter("eval_metrics", .categoricalList(["msd", "ssd"]), default: "[\"msd\"]"),
    ]

    private func values(_ given: [String: String]) throws -> HyperparameterValues {
        try HyperparameterValues(["predictor_type": "binary_classifier"].merging(given) { $1 }, declared: declared)
    }

    @Test func fillsDefaultsAndTypes() throws {
        let values = try values(["epochs": "3.0", "wd": "1e-4", "use_bias": "False", "eval_metrics": "[\"ssd\", \"msd\"]"])
        #expect(values.integer("epochs") == 3)
        #expect(values.real("wd") == 1e-4)
        #expect(values.boolean("use_bias") == false)
        #expect(values.list("eval_metrics") == ["ssd", "msd"])
        #expect(values.text("loss") == "auto")
        #expect(values.isAuto("loss"))
        #expect(values.isAuto("num_classes"))
        #expect(!values.isAuto("wd"))
        #expect(values.texts["beta_1"] == "0.9")
        #expect(values.given["beta_1"] == nil)
        #expect(throws: AlgorithmError.self) { try values.requiredInteger("num_classes") }
    }

    @Test(arguments: [
        (["epoch": "3"], "unknown hyperparameter 'epoch', did you mean 'epochs'?"),
        (["epochs": "0"], "hyperparameter 'epochs' cannot be '0'; it takes a whole number of at least 1"),
        (["epochs": "2.5"], "hyperparameter 'epochs' cannot be '2.5'; it takes a whole number of at least 1"),
        (["epochs": "many"], "hyperparameter 'epochs' cannot be 'many'"),
        (["wd": "-1"], "hyperparameter 'wd' cannot be '-1'; it takes a number of at least 0.0, or auto"),
        (["wd": "nan"], "hyperparameter 'wd' cannot be 'nan'"),
        (["beta_1": "1"], "hyperparameter 'beta_1' cannot be '1'; it takes a number in (0.0, 1.0)"),
        (["use_bias": "yes"], "hyperparameter 'use_bias' cannot be 'yes'; it takes true or false"),
        (["eval_metrics": "[\"mse\"]"], "hyperparameter 'eval_metrics' cannot be"),
        (["predictor_type": "regresor"], "one of binary_classifier, multiclass_classifier, regressor"),
        (["predictor_type": "multiclass_classifier"], "'num_classes' is missing when 'predictor_type' is 'multiclass_classifier'"),
        (
            ["predictor_type": "regressor", "loss": "logistic"],
            "hyperparameter 'loss' cannot be 'logistic' when 'predictor_type' is 'regressor'; it takes one of auto, squared_loss"
        ),
    ])
    func saysWhichValueIsWrongAndWhatWouldBeRight(given: [String: String], text: String) {
        let error = #expect(throws: UserError.self) { try values(given) }
        #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
        #expect(error?.description.hasPrefix("ClientError: ") == true)
    }

    @Test func aMissingRequiredOneIsNamed() {
        let error = #expect(throws: UserError.self) { try HyperparameterValues([:], declared: declared) }
        #expect(error?.message.hasPrefix("the required hyperparameter 'predictor_type' is missing") == true)
    }

    @Test func failureReasonsAreOfOneFormAndLength() {
        #expect(FailureReason.text(of: UserError("x")) == "ClientError: x")
        #expect(FailureReason.text(of: AlgorithmError("x")) == "AlgorithmError: x")
        #expect(FailureReason.text(of: PlatformError("x")) == "InternalServerError: x")
        #expect(FailureReason.text(of: CancellationError()).hasPrefix("AlgorithmError: "))
        #expect(FailureReason.text(of: UserError(String(repeating: "é", count: 3000))).count == 1024)
        let location = DataError.Location(file: "train/a", record: 3, byteOffset: 112)
        #expect(
            FailureReason.text(of: DataError(.truncated(inside: "a record", missingByteCount: 9), at: location))
                == "ClientError: train/a, record 3, byte offset 112: the data ends inside a record; 9 more bytes were announced")
        #expect(
            PlatformError("open", path: "/nowhere", errorNumber: 2).message == "could not open /nowhere: No such file or directory")
    }

    private enum Sample: Algorithm {
        static let name = "sample"
        static let logName = "Sample"
        static let hyperparameters: [Hyperparameter] = []
        static let channels = [
            ChannelSpecification(name: "train", isRequired: true, distributions: [.fullyReplicated]),
            ChannelSpecification(name: "test", inputModes: [.file]),
        ]
        static let metrics: [MetricDefinition] = []
        static func train(_ job: TrainingJob) async throws {}
        static func load(from directory: String) throws -> any Predictor { throw AlgorithmError("no model") }
    }

    @Test func channelsAreCheckedAgainstTheirDeclarations() throws {
        func channel(_ name: String, _ contentType: String? = nil, files: [String] = ["/x"]) -> InputChannel {
            InputChannel(name: name, directory: "/", files: files, contentType: contentType.flatMap { ContentType($0) })
        }
        try Sample.validate([channel("train"), channel("test", "text/csv;label_size=1")])
        func message(_ channels: [InputChannel]) -> String? {
            #expect(throws: UserError.self) { try Sample.validate(channels) }?.message
        }
        #expect(message([channel("trian")])?.contains("did you mean 'train'?") == true)
        #expect(message([channel("test")])?.contains("the required channel 'train' is missing") == true)
        #expect(message([channel("train", "image/png")])?.contains("content type 'image/png'") == true)
        #expect(message([channel("train", files: [])])?.contains("'train' has no data") == true)
        var sharded = channel("train")
        sharded.distribution = .shardedByS3Key
        #expect(message([sharded])?.contains("ShardedByS3Key") == true)
        var piped = channel("test")
        piped.inputMode = .pipe
        #expect(message([channel("train"), piped])?.contains("Pipe") == true)
    }
}
