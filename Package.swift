// swift-tools-version: 6.2
import Foundation
import PackageDescription

// Libraries that are not Swift packages are laid out by `Scripts/setup` in `.deps`.
let dependencies = Context.packageDirectory + "/.deps"

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),  // a dependency leaks only if you say so
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
  .unsafeFlags(["-Xcc", "-isystem", "-Xcc", "\(dependencies)/lightgbm/include"]),
]

/// Links libraries of a folder in `.deps`, and finds them there at run time.
func linked(_ libraries: [String], from folder: String) -> [LinkerSetting] {
  let path = "\(dependencies)/\(folder)/lib"
  return [.unsafeFlags(["-L\(path)", "-Xlinker", "-rpath", "-Xlinker", path])]
    + libraries.map { .linkedLibrary($0) }
}

func exists(_ path: String) -> Bool {
  FileManager.default.fileExists(atPath: "\(Context.packageDirectory)/\(path)")
}

/// A module of Swift, and its tests where there are some.
func module(_ name: String, _ modules: [String] = []) -> [Target] {
  let needs = modules.map { Target.Dependency(stringLiteral: $0) }
  let module = Target.target(name: name, dependencies: needs, swiftSettings: settings)
  guard exists("Tests/\(name)Tests") else { return [module] }
  let fixtures = exists("Tests/\(name)Tests/Fixtures") ? ["Fixtures"] : []
  return [
    module,
    .testTarget(
      name: "\(name)Tests", dependencies: [.init(stringLiteral: name), "HogaTestKit"] + needs,
      exclude: fixtures, swiftSettings: settings),
  ]
}

let argumentParser: Package.Dependency =
  exists(".deps/swift-argument-parser/Package.swift")
  ? .package(path: ".deps/swift-argument-parser")
  : .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.4.0")

let package = Package(
  name: "hoga",
  products: [.executable(name: "hoga", targets: ["hoga"])],
  dependencies: [argumentParser],
  targets: [
    // C and C++ libraries, one target each.
    .systemLibrary(name: "CYAML"),
    .systemLibrary(name: "CZip"),
    .systemLibrary(name: "CLZMA"),
    .systemLibrary(name: "CISAL"),
    .systemLibrary(name: "CCurl"),
    .systemLibrary(name: "CCrypto"),
    .systemLibrary(name: "CHDF5"),
    .systemLibrary(name: "CSQLite"),
    .systemLibrary(name: "CLinux"),
    .target(
      name: "CArrow",
      cxxSettings: [.unsafeFlags(["-isystem", "\(dependencies)/arrow/include"])],
      linkerSettings: linked(["arrow", "parquet"], from: "arrow")),
    .target(
      name: "CLightGBM",
      cSettings: [.unsafeFlags(["-isystem", "\(dependencies)/lightgbm/include"])],
      linkerSettings: linked(["_lightgbm"], from: "lightgbm")),
  ]
    // Swift, from the bottom up.
    + module("HogaCore")
    + module("HogaConfig", ["HogaCore", "CYAML"])
    + module("HogaLake", ["HogaCore", "CArrow", "CHDF5", "CLinux"])
    + module("HogaImport", ["HogaCore", "HogaConfig", "HogaLake", "CZip", "CLZMA", "CISAL"])
    + module("HogaFeatures", ["HogaCore"])
    + module("HogaCrossSection", ["HogaCore", "HogaFeatures"])
    + module("HogaFeeds", ["HogaCore", "CCurl", "CCrypto"])
    + module("HogaLearn", ["HogaCore", "CLightGBM"])
    + module("HogaKimchi", ["HogaCore", "HogaFeatures", "HogaLearn"])
    + module("HogaStatistics", ["HogaCore"])
    + module("HogaLedger", ["HogaCore", "HogaStatistics", "CSQLite"])
    + module("HogaSim", ["HogaCore", "HogaStatistics"])
    + module("HogaScenarios", ["HogaCore"])
    + module("HogaBars", ["HogaCore", "HogaStatistics", "HogaSim"])
    + module("HogaTrade", ["HogaCore", "HogaSim"])
    + module("HogaReport", ["HogaCore"])
    + module(
      "HogaJobs",
      [
        "HogaCore", "HogaConfig", "HogaLake", "HogaImport", "HogaFeatures", "HogaCrossSection",
        "HogaFeeds", "HogaKimchi", "HogaLearn", "HogaStatistics", "HogaLedger", "HogaSim",
        "HogaScenarios", "HogaBars", "HogaTrade", "HogaReport",
      ])
    + [
      .executableTarget(
        name: "hoga",
        dependencies: [
          "HogaJobs", "HogaCore", "HogaConfig", "HogaLake", "HogaImport", "HogaFeatures",
          "HogaCrossSection", "HogaFeeds", "HogaKimchi", "HogaLearn", "HogaStatistics",
          "HogaLedger", "HogaSim", "HogaScenarios", "HogaBars", "HogaTrade", "HogaReport",
          .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        swiftSettings: settings),
      .executableTarget(
        name: "hoga-bench",
        dependencies: [
          "HogaJobs", "HogaCore", "HogaLake", "HogaImport", "HogaFeatures", "HogaCrossSection",
          "HogaLearn", "HogaStatistics", "HogaSim", "HogaScenarios", "HogaBars", "HogaTrade",
          .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        path: "Benchmarks/HogaBench", swiftSettings: settings),
      // A strategy of one's own, as Docs/backtest.md shows it.
      .executableTarget(
        name: "example-strategy", dependencies: ["HogaCore", "HogaLake", "HogaSim"],
        path: "Examples/Strategy", swiftSettings: settings),
      // What tests share.
      .target(name: "HogaTestKit", path: "Tests/HogaTestKit", swiftSettings: settings),
      .testTarget(
        name: "hogaTests", dependencies: ["HogaCore", "HogaConfig", "HogaLake", "HogaTestKit"],
        swiftSettings: settings),
    ],
  cxxLanguageStandard: .cxx20
)
