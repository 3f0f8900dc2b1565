// swift-tools-version: 6.2
import PackageDescription

// Warnings are errors in our own targets; dependencies keep their own settings.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// - Parameter tests: what the tests use beside what they test.
func library(
    _ name: String, _ dependencies: [Target.Dependency] = [], tests: [Target.Dependency] = [], exclude: [String] = [], resources: [Resource]? = nil
) -> [Target] {
    [
        .target(name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: strict),
        .testTarget(
            name: name + "Tests",
            dependencies: [.target(name: name)] + dependencies + tests + ["TestSupport"],
            swiftSettings: strict),
    ]
}

let package = Package(
    name: "alt",
    products: [
        .executable(name: "alt", targets: ["alt"]),
        // For the tests alone: it makes system calls of the program fail, loaded with LD_PRELOAD.
        .library(name: "FaultInjection", type: .dynamic, targets: ["FaultInjection"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "3.12.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CVector"),
        .target(name: "CProcessor", cSettings: [.treatAllWarnings(as: .error), .unsafeFlags(["-Wall", "-Wextra"])]),
        .testTarget(name: "CProcessorTests", dependencies: ["CProcessor"], swiftSettings: strict),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "TestSupport", dependencies: [], path: "Tests/TestSupport", swiftSettings: strict),
        .target(
            name: "FaultInjection", path: "Tests/FaultInjection",
            cSettings: [.treatAllWarnings(as: .error), .unsafeFlags(["-Wall", "-Wextra"])]),
    ]
        + library("Basics")
        + library("Configuration", ["Basics", .product(name: "Yams", package: "Yams")])
        + library("Images", ["Basics", "CPNG"])
        + library("Safetensors", ["Basics"])
        + library("Compute", ["Basics", "Safetensors", "CVector"], exclude: ["README.md"])
        + library("Networks", ["Basics", "Configuration", "Compute", "Safetensors"])
        + library("Demonstrations", ["Basics", "Configuration", "Images", "CHDF5", "CZlib"])
        + library("Tabletop", ["Basics", "Configuration", "Images", "Demonstrations"])
        + library("Policies", ["Basics", "Configuration", "Images", "Safetensors", "Compute", "Networks", "Demonstrations"])
        + library("Rollouts", ["Basics", "Images", "Demonstrations", "Tabletop", "Policies"])
        + library("Plots", ["Basics", .product(name: "Logging", package: "swift-log")])
        + library("Probes", ["Basics", "Configuration", "Safetensors", "Compute", "Networks", "Plots"], exclude: ["README.md"])
        + library(
            "Store",
            ["Basics", .product(name: "Crypto", package: "swift-crypto"), .product(name: "Logging", package: "swift-log")])
        + library(
            "Runs", ["Basics", "Store", "CHDF5", "COpenBLAS", "CPNG", "CProcessor", .product(name: "Logging", package: "swift-log")])
        + library(
            "Training",
            ["Basics", "Safetensors", "Policies", "Store", "Runs", .product(name: "Logging", package: "swift-log")])
        + library(
            "PolicyFolders",
            ["Basics", "Configuration", "Images", "Safetensors", "Compute", "Networks", "Demonstrations", "Policies", "Store"],
            resources: [.embedInCode("load_diffusion.py"), .embedInCode("load_lookup_table.py"), .embedInCode("policy.md")])
        + library(
            "PolicyServers",
            [
                "Basics", "Configuration", "Images", "Demonstrations", "Policies", .product(name: "Yams", package: "Yams"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOWebSocket", package: "swift-nio"),
            ], tests: ["Compute", "Networks", "PolicyFolders"], exclude: ["README.md", "serve_diffusion.py"])
        + library(
            "Study",
            [
                "Basics", "Configuration", "Images", "Safetensors", "Compute", "Networks", "Demonstrations",
                "Tabletop", "Policies", "PolicyFolders", "PolicyServers", "Rollouts", "Probes", "Plots", "Store", "Runs", "Training",
            ])
        + library(
            "Benchmarks",
            [
                "Basics", "Images", "Compute", "Networks", "Demonstrations", "Tabletop", "Policies", "PolicyServers", "Plots",
                "Store", "Runs", "CHDF5", "COpenBLAS", "CZlib",
                .product(name: "Logging", package: "swift-log"),
            ], exclude: ["README.md"])
        + [
            .executableTarget(
                name: "alt",
                dependencies: [
                    "Study", "Store", "Runs", "Benchmarks", "Basics", "Configuration", "Demonstrations", "Tabletop", "Networks", "Policies", "PolicyFolders",
                    "PolicyServers", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                ],
                swiftSettings: strict,
                plugins: ["SourceIdentity"]),
            .plugin(name: "SourceIdentity", capability: .buildTool(), path: "Sources/SourceIdentity"),
        ],
    swiftLanguageModes: [.v6]
)
