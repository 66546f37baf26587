// swift-tools-version: 6.2

import PackageDescription

/// The flags of every target of ours (docs/architecture.md, "Flags").
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// A room of the house: a target under `Sources/` that may know only the rooms below it.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.byName(name: name), "TestSupport"] + dependencies, exclude: exclude,
        swiftSettings: strict)
}

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "_CryptoExtras", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let locks = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "kiln",
    products: [
        .executable(name: "kiln", targets: ["GeneratorServer"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0", traits: [.defaults, "YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
    ],
    targets: [
        // The front door.
        .executableTarget(
            name: "GeneratorServer",
            dependencies: [
                "BuildRunner", "Mailer", "Intake", "Recipes", "Storage", "Domain", "Archives", "Curl", "FileKind",
                "Sandbox", "Pictures",
                crypto, logging, lifecycle, locks, mustache,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"), yams,
            ],
            swiftSettings: strict
        ),

        // Rooms that move builds and mail.
        room(
            "BuildRunner",
            [
                "Storage", "Recipes", "Domain", "Archives", "Curl", "FileKind", "Pictures", "Sandbox", crypto,
                cryptoExtras, logging, lifecycle, locks,
            ]),
        room(
            "Mailer",
            ["Storage", "Domain", "Archives", "Curl", crypto, cryptoExtras, logging, lifecycle, locks, mustache]),
        room("Intake", ["Domain", "Archives", "CLinux", "FileKind", "Pictures", crypto]),
        room("Recipes", ["Domain", crypto, yams]),
        room("Storage", ["Domain", crypto, locks, .product(name: "GRDB", package: "GRDB.swift")]),
        room("Domain"),

        // One wrapper per outside library or tool, its only importer.
        room("Pictures", ["Sandbox", "FileKind", locks]),
        room(
            "Sandbox",
            [
                "CLinux", locks, .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        room("Curl", ["CCurl", locks]),
        room("FileKind", ["CMagic", locks]),
        room("Archives", ["CArchive", locks]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CMagic", providers: [.apt(["libmagic-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),

        // Tests: one target per room.
        .target(
            name: "TestSupport",
            dependencies: [
                "Domain", "Storage", locks, .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tests/TestSupport", swiftSettings: strict),
        tests(
            of: "GeneratorServer",
            [
                "BuildRunner", "Domain", "FileKind", "Intake", "Mailer", "Recipes", "Storage", crypto, lifecycle, locks,
                logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]),
        tests(
            of: "BuildRunner",
            ["SandboxTestSupervisor", "Archives", "Curl", crypto, cryptoExtras, locks, logging, lifecycle]),
        tests(
            of: "Mailer", ["Curl", "Domain", "Storage", crypto, cryptoExtras, lifecycle, locks, logging]),
        tests(of: "Intake", ["Archives", "Domain", "FileKind", "Pictures", "Sandbox", crypto]),
        tests(of: "Recipes", [.target(name: "Domain")]),
        tests(
            of: "Storage", [locks, .product(name: "GRDB", package: "GRDB.swift")], exclude: ["SQLite/schema.sql"]),
        tests(of: "Domain"),
        tests(of: "Pictures", [locks]),
        tests(of: "Sandbox", ["SandboxTestSupervisor", locks]),
        .executableTarget(
            name: "SandboxTestSupervisor", dependencies: ["Sandbox"], path: "Tests/SandboxTestSupervisor",
            swiftSettings: strict),
        tests(of: "Curl", [locks]),
        tests(of: "FileKind"),
        tests(of: "Archives"),
        // Watches links as the server does, for bench/links.py.
        .executableTarget(
            name: "LinkBench", dependencies: ["BuildRunner", "Curl", "Domain", "Storage"], path: "bench/LinkBench",
            swiftSettings: strict),
        // Sends an outbox as the server does, for bench/mail.py.
        .executableTarget(
            name: "MailBench", dependencies: ["Mailer", "Curl", "Domain", "Storage", crypto, logging],
            path: "bench/MailBench", swiftSettings: strict),
        // Needs the program itself, not its code: `kiln` is built with the tests and run as a child.
        .testTarget(
            name: "EndToEndTests", dependencies: ["TestSupport", "GeneratorServer", "Domain", crypto, locks],
            swiftSettings: strict),
    ]
)
