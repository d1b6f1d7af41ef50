public import HogaConfig
internal import HogaCore
internal import HogaFeatures
internal import HogaImport

extension Workflow {
  /// Reads the settings of a run on order books, paths from `folder`.
  public init(_ node: ConfigNode, relativeTo folder: String) throws {
    try node.rejectUnknown(keys: [
      "kind", "name", "seed", "threads", "import", "lake", "market", "features", "labels",
      "validation",
      "models", "backtest", "regression",
    ])
    source = node
    name = try node["name"]?.name() ?? "run"
    seed = try node.seed()
    threads = try node["threads"].map { try $0.notNegative() } ?? 0
    imports = try (node["import"]?.items() ?? []).map { try Import($0, relativeTo: folder) }
    lake = try node["lake"]?.path(relativeTo: folder)
    market = try Market(node.require("market"))
    features = try node["features"].map { try Features($0) } ?? Features()
    let labels = node["labels"]
    try labels?.rejectUnknown(keys: ["horizons", "classes"])
    target = try labels?["classes"].map { try Target($0) } ?? .returns
    horizons =
      try labels?["horizons"]?.timeSpans() ?? [.seconds(10), .seconds(60), .seconds(300)]
    guard !horizons.isEmpty, Set(horizons).count == horizons.count else {
      throw (labels ?? node).error("horizons: one or more, each once")
    }
    for horizon in horizons {
      guard horizon > .zero, horizon.nanoseconds % features.every.nanoseconds == 0 else {
        throw try labels!.require("horizons").error(
          "\(horizon) is no multiple of the grid's step, \(features.every)")
      }
    }
    guard !features.windows.isEmpty else {
      throw try node.require("features").error("windows: one or more are needed")
    }
    try features.check()
    validation = try Validation(node["validation"])
    models = try (node["models"]?.items() ?? []).map { try Model($0) }
    backtest = try node["backtest"].map { try Backtest($0, relativeTo: folder) }
    regression = try Regression(node["regression"])
    try checkParts()
  }

  /// Finds out before any work is done whether models and strategies can be made of their settings.
  private func checkParts() throws {
    for model in models {
      _ = try model.learner(seed: seed)
      try model.check(target)
    }
    try backtest?.checkStrategies(seed: seed)
    for strategy in backtest?.strategies ?? [] {
      guard strategy.kind == .modelSignal, strategy.settings["column"] == nil else { continue }
      let (model, horizon) = try (
        strategy.settings.require("model"), strategy.settings.require("horizon")
      )
      guard try models.contains(where: { try $0.name == model.string() }) else {
        throw model.error("there is no such model: \(models.map(\.name).joined(separator: ", "))")
      }
      guard try horizons.contains(horizon.timeSpan()) else {
        throw horizon.error("none of the labels' horizons")
      }
    }
    for (part, names) in [
      ("models", models.map(\.name)),
      ("backtest.strategies", backtest?.strategies.map(\.name) ?? []),
    ] where Set(names).count < names.count {
      throw source.error("two of \(part) have one name; set 'name'")
    }
  }
}

extension Workflow.Import {
  init(_ node: ConfigNode, relativeTo folder: String) throws {
    try node.rejectUnknown(keys: [
      "source", "files", "market", "symbol", "date", "mapping", "venue", "what", "interval",
    ])
    source = try node.require("source").choice(Source.self)
    files = try node.require("files").paths(relativeTo: folder)
    market = try node["market"]?.string()
    symbol = try node["symbol"]?.string()
    date = try node["date"]?.date()
    mapping = try node["mapping"]?.path(relativeTo: folder)
    venue = try node["venue"]?.string()
    what = try node["what"]?.choice(KlinesContent.self)
    interval = try node["interval"]?.choice(CandleInterval.self)
  }
}

extension Workflow.Market {
  init(_ node: ConfigNode) throws {
    try node.rejectUnknown(keys: ["venue", "symbol", "date", "from", "to"])
    let first = try (node["from"] ?? node.require("date")).date()
    let last = try node["to"]?.date() ?? first
    guard first <= last else { throw node.error("'to' is before 'from'") }
    self.init(
      venue: try node.require("venue").string(), symbol: try node.require("symbol").string(),
      dates: first...last)
  }
}

extension Workflow.Features {
  fileprivate init(_ node: ConfigNode) throws {
    try node.rejectUnknown(keys: [
      "every", "windows", "vpin_bucket", "vpin_buckets", "vpin_bar", "inputs",
    ])
    self.init()
    every = try node["every"]?.positiveSpan() ?? every
    windows = try node["windows"]?.timeSpans() ?? windows
    vpinBucket = try node["vpin_bucket"].map {
      guard let bucket = Workflow.VPINBucket(try $0.string()) else {
        throw $0.error("write an amount above zero and 'base' or 'quote'")
      }
      return bucket
    }
    vpinBuckets = try node["vpin_buckets"]?.positive() ?? vpinBuckets
    vpinBar = try node["vpin_bar"]?.positiveSpan() ?? vpinBar
    inputs = try node["inputs"]?.strings() ?? []
  }
}

extension Workflow.Target {
  fileprivate init(_ node: ConfigNode) throws {
    try node.rejectUnknown(keys: ["threshold_bps", "volatility_multiple", "volatility_column"])
    switch (node["threshold_bps"], node["volatility_multiple"]) {
    case (let threshold?, nil): self = .classes(thresholdBasisPoints: try threshold.double())
    case (nil, let multiple?):
      self = .volatilityClasses(
        multiple: try multiple.positiveDouble(),
        column: try node.require("volatility_column").string())
    default: throw node.error("give either threshold_bps or volatility_multiple")
    }
  }
}

extension Workflow.Validation {
  fileprivate init(_ node: ConfigNode?) throws {
    try node?.rejectUnknown(keys: ["folds", "minimum_train", "scheme", "embargo"])
    folds = try node?["folds"]?.positive() ?? 5
    minimumTrain = try node?["minimum_train"]?.double() ?? 0.4
    guard minimumTrain > 0, minimumTrain < 1 else {
      throw try node!.require("minimum_train").error("must be between 0 and 1")
    }
    switch try node?["scheme"]?.string() ?? "expanding" {
    case "expanding": isRolling = false
    case "rolling": isRolling = true
    default: throw try node!.require("scheme").error("is neither expanding nor rolling")
    }
    embargo = try node?.span("embargo", default: .zero) ?? .zero
  }
}

extension Workflow.Model {
  init(_ node: ConfigNode) throws {
    kind = try node.require("kind").choice(Kind.self)
    name = try node["name"]?.name() ?? kind.rawValue
    settings = node
  }
}

extension Workflow.Strategy {
  init(_ node: ConfigNode) throws {
    kind = try node.require("kind").choice(Kind.self)
    name = try node["name"]?.name() ?? kind.rawValue
    settings = node
  }
}

extension Workflow.Backtest {
  init(_ node: ConfigNode, relativeTo folder: String) throws {
    try node.rejectUnknown(
      keys: Workflow.Venue.keys + [
        "compute_delay", "order_size", "maximum_position", "maximum_loss", "capital",
        "days_per_year", "hours_per_day", "strategies",
      ])
    let orderSize = try node["order_size"]?.positiveDouble() ?? 1
    try self.init(
      venue: try Workflow.Venue(node, relativeTo: folder),
      computeDelay: try node.span("compute_delay", default: .milliseconds(1)), orderSize: orderSize,
      maximumPosition: try node["maximum_position"]?.positiveDouble() ?? orderSize,
      maximumLoss: try node["maximum_loss"]?.positiveDouble(),
      capital: try node["capital"]?.positiveDouble() ?? 10_000,
      daysPerYear: try node["days_per_year"]?.positiveDouble() ?? 365,
      hoursPerDay: try node["hours_per_day"]?.positiveDouble() ?? 24,
      strategies: try (node["strategies"]?.items() ?? []).map { try Workflow.Strategy($0) })
  }
}

extension Workflow.Regression {
  fileprivate init(_ node: ConfigNode?) throws {
    try node?.rejectUnknown(keys: ["interval", "block"])
    interval = try node?["interval"]?.positiveSpan() ?? .seconds(10)
    block = try node?["block"]?.positiveSpan() ?? .seconds(1800)
    guard block.nanoseconds % interval.nanoseconds == 0 else {
      throw try node!.require("block").error("is no multiple of 'interval', \(interval)")
    }
  }
}
