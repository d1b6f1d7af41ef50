internal import HogaConfig
public import HogaCore
public import HogaScenarios

/// Which synthetic markets strategies are played on: moods, how long, and how many seeds of each.
public struct StressSettings: Hashable, Sendable {
  /// How long each market lasts.
  public var duration: TimeSpan
  /// Markets of each mood. One alone says nothing about chance.
  public var seeds: Int
  public var moods: [ScenarioMood]
  /// When the flash crash begins, after the market's start; `nil` in the middle of the time.
  public var crash: TimeSpan?

  /// - Throws: `UsageError` where no such markets can be made.
  public init(
    duration: TimeSpan = .seconds(600), seeds: Int = 5,
    moods: [ScenarioMood] = ScenarioMood.allCases, crash: TimeSpan? = nil
  ) throws(UsageError) {
    self.duration = duration
    self.seeds = seeds
    self.moods = moods
    self.crash = crash
    guard duration >= .seconds(10), duration.seconds <= ScenarioStream.longest else {
      throw UsageError("a stress run lasts from 10s to 1e9 s, not \(duration)")
    }
    guard (1...1000).contains(seeds) else {
      throw UsageError("a stress run has from 1 to 1000 seeds, not \(seeds)")
    }
    guard !moods.isEmpty, Set(moods).count == moods.count else {
      throw UsageError("moods: one or more, each once")
    }
    guard crash.map({ $0 >= .zero && $0 < duration }) ?? true else {
      throw UsageError("a crash after \(crash!) is outside of the market's \(duration)")
    }
  }

  /// Moods by their names; `all` stands for all of them.
  ///
  /// - Throws: `UsageError` for a name that no mood has.
  public static func moods(named names: [String]) throws(UsageError) -> [ScenarioMood] {
    if names == ["all"] { return ScenarioMood.allCases }
    return try names.map { (name) throws(UsageError) in
      guard let mood = ScenarioMood(rawValue: name) else {
        let known = ScenarioMood.allCases.map(\.rawValue).joined(separator: ", ")
        throw UsageError("there is no mood '\(name)'; there are \(known), and all")
      }
      return mood
    }
  }

  /// A mood's market, with the crash where these settings have it.
  ///
  /// - Throws: `UsageError` where the settings make no market.
  public func market(_ mood: ScenarioMood, seed: UInt64) throws(UsageError) -> SyntheticMarket {
    try SyntheticMarket(mood.settings(crash: crashSeconds), seed: seed)
  }

  /// Whether the market ends before all of its mood's phases have begun.
  func isCutShort(_ mood: ScenarioMood) -> Bool {
    mood.settings(crash: crashSeconds).phases.contains { $0.start >= duration.seconds }
  }

  var crashSeconds: Double { crash?.seconds ?? duration.seconds / 2 }
}

extension StressSettings {
  /// The settings under `stress` of a workflow.
  ///
  /// - Throws: `DataError` with file and line where a setting is unknown or makes no sense.
  init(_ node: ConfigNode) throws {
    try node.rejectUnknown(keys: ["duration", "seeds", "moods", "crash_at"])
    do {
      try self.init(
        duration: try node["duration"]?.positiveSpan() ?? .seconds(600),
        seeds: try node["seeds"]?.positive() ?? 5,
        moods: try Self.moods(named: try node["moods"]?.strings() ?? ["all"]),
        crash: try node["crash_at"]?.timeSpan())
    } catch let error as UsageError {
      throw node.error(error.description)
    }
  }

  /// The same, and finds out before any work is done whether a backtest's strategies can be played.
  init?(_ node: ConfigNode?, for backtest: Workflow.Backtest, seed: UInt64) throws {
    guard let node else { return nil }
    try self.init(node)
    do {
      try StressJob(options: backtest, settings: self, seed: seed).check()
    } catch let error as UsageError {
      throw node.error(error.description)
    }
  }
}
