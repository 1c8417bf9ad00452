// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
//
// Sagebrush: a cloud in a box. The table below is the whole map: one row a module, `uses` are the
// only arrows allowed (checked by `scripts/check`), and a plugin is one row in `plugins`.

import PackageDescription

/// One row of the module table.
struct Module {
    enum Kind { case swift, c, system(pkgConfig: String, apt: String), executable }

    var name: String
    var kind: Kind = .swift
    var folder = "Sources"
    /// Other modules of this package.
    var uses: [String] = []
    /// Products of other packages, as "product:package".
    var products: [String] = []
    /// Files in the folder that are not for the compiler itself (C's `#embed` finds them all the same).
    var excluded: [String] = []
    /// Numeric code that a debug build must not slow down twentyfold.
    var alwaysOptimized = false
    var hasTests = true
    /// Modules that the tests use besides.
    var testUses: [String] = []
}

/// Algorithms.
///
/// To add one: a folder below Plugins/, a row here, a row in Plugins/Registry/Registry.swift.
let plugins = [
    "ConvolutionalNetwork", "DecisionTree", "FactorizationMachines", "KMeans", "KNN", "LinearLearner", "PCA",
]

let modules: [Module] =
    [
        Module(name: "CServiceModels", kind: .c, hasTests: false),
        Module(name: "CManagedPolicies", kind: .c, hasTests: false),
        Module(name: "ServiceModel", uses: ["CServiceModels"]),
        Module(name: "JMESPath"),
        Module(name: "Wire", uses: ["ServiceModel"], products: ["OrderedCollections:swift-collections", "Crypto:swift-crypto"]),
        Module(name: "CKernels", kind: .c, hasTests: false),
        Module(name: "Compute", uses: ["CKernels"], alwaysOptimized: true),
        Module(
            name: "Algorithm", uses: ["Compute"], products: ["SwiftProtobuf:swift-protobuf"], excluded: ["RecordIO/Record.proto"],
            alwaysOptimized: true),
        Module(name: "World", uses: ["Wire"], products: ["GRDB:GRDB.swift", "OrderedCollections:swift-collections"]),
        Module(
            name: "Services", uses: ["Algorithm", "CManagedPolicies", "ServiceModel", "Wire", "World"],
            products: [
                "Crypto:swift-crypto", "GRDB:GRDB.swift", "OrderedCollections:swift-collections",
                "NIOCore:swift-nio", "NIOHTTP1:swift-nio", "NIOPosix:swift-nio",
            ]),
        Module(
            name: "Hosts", uses: ["Algorithm", "Compute", "Wire", "World"],
            products: [
                "Crypto:swift-crypto", "GRDB:GRDB.swift", "OrderedCollections:swift-collections",
                "NIOCore:swift-nio", "NIOHTTP1:swift-nio", "NIOPosix:swift-nio",
            ]),
        Module(
            name: "CommandLine", uses: ["JMESPath", "ServiceModel", "Wire"], products: ["OrderedCollections:swift-collections"]),
        Module(
            name: "Endpoint", uses: ["ServiceModel", "Wire"],
            products: [
                "Hummingbird:hummingbird", "HummingbirdTLS:hummingbird", "HTTPTypes:swift-http-types", "Logging:swift-log",
                "NIOCore:swift-nio", "NIOHTTP1:swift-nio", "NIOPosix:swift-nio", "NIOSSL:swift-nio-ssl",
            ]),
        Module(name: "RemoteClient", uses: ["ServiceModel", "Wire"]),
        Module(name: "Genotypes", uses: ["Algorithm", "Compute"], alwaysOptimized: true, testUses: ["SampleData"]),
        Module(name: "CSampleData", kind: .c, excluded: ["data"], hasTests: false),
        Module(name: "SampleData", uses: ["Algorithm", "CSampleData"]),
        Module(name: "CLessons", kind: .c, excluded: ["content"], hasTests: false),
        Module(name: "Lessons", uses: ["CLessons", "World"], products: ["GRDB:GRDB.swift"]),
        Module(name: "CLibEdit", kind: .system(pkgConfig: "libedit", apt: "libedit-dev"), hasTests: false),
        Module(name: "LineEditor", uses: ["CLibEdit"]),
        Module(
            name: "sagebrush", kind: .executable,
            uses: [
                "Algorithm", "CommandLine", "Compute", "ConvolutionalNetwork", "DecisionTree", "Endpoint", "Genotypes", "Hosts",
                "KMeans", "Lessons", "LineEditor", "LinearLearner", "Registry", "RemoteClient",
                "SampleData",
                "ServiceModel", "Services",
                "Wire", "World",
            ],
            products: ["ArgumentParser:swift-argument-parser", "OrderedCollections:swift-collections"]),
        Module(
            name: "Registry", folder: "Plugins", uses: ["Algorithm", "Compute"] + plugins, testUses: ["Genotypes", "SampleData"]),
    ] + plugins.map { Module(name: $0, folder: "Plugins", uses: ["Algorithm", "Compute"], alwaysOptimized: true) }

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func dependencies(of module: Module) -> [Target.Dependency] {
    module.uses.map { .target(name: $0) }
        + module.products.map { product in
            let parts = product.split(separator: ":").map(String.init)
            return .product(name: parts[0], package: parts[1])
        }
}

func target(for module: Module) -> Target {
    let path = "\(module.folder)/\(module.name)"
    let settings = swiftSettings + (module.alwaysOptimized ? [.unsafeFlags(["-O"], .when(configuration: .debug))] : [])
    switch module.kind {
    case .system(let pkgConfig, let apt):
        return .systemLibrary(name: module.name, path: path, pkgConfig: pkgConfig, providers: [.apt([apt])])
    case .c:
        return .target(
            name: module.name, path: path, exclude: module.excluded,
            cSettings: [
                .unsafeFlags(["-std=c23", "-Wall", "-Wextra", "-Werror", "-Wno-unused-command-line-argument"]),
                .unsafeFlags(["-O3", "-fno-math-errno"]),
            ])
    case .executable:
        return .executableTarget(name: module.name, dependencies: dependencies(of: module), path: path, swiftSettings: settings)
    case .swift:
        return .target(
            name: module.name, dependencies: dependencies(of: module), path: path, exclude: module.excluded,
            swiftSettings: settings)
    }
}

/// Tests see their module, what it uses, and the shared helpers.
func testTarget(for module: Module) -> Target {
    .testTarget(
        name: "\(module.name)Tests",
        dependencies: [.target(name: module.name)] + dependencies(of: module) + module.testUses.map { .target(name: $0) },
        path: "Tests/\(module.name)Tests", swiftSettings: swiftSettings)
}

let package = Package(
    name: "sagebrush",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
    ],
    targets: modules.map(target(for:)) + modules.filter(\.hasTests).map(testTarget(for:))
)
