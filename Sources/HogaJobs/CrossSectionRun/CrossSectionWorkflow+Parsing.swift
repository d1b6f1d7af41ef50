public import HogaConfig
internal import HogaCore
internal import HogaCrossSection
internal import HogaLearn

extension CrossSectionWorkflow {
  public init(_ node: ConfigNode, relativeTo folder: String) throws {
    try node.rejectUnknown(keys: [
      "kind", "name", "seed", "threads", "import", "lake", "market", "clean", "universe",
      "features", "study",
    ])
    source = node
    name = try node["name"]?.name() ?? "cross-section"
    seed = try node.seed()
    threads = try node["threads"]?.notNegative() ?? 0
    imports = try (node["import"]?.items() ?? []).map {
      try Workflow.Import($0, relativeTo: folder)
    }
    lake = try node["lake"]?.path(relativeTo: folder)

    let market = try node.require("market")
    try market.rejectUnknown(keys: ["venue", "from", "to"])
    venue = try market.require("venue").string()
    let (first, last) = try (market.require("from").date(), market.require("to").date())
    guard first <= last else { throw market.error("'to' is before 'from'") }
    dates = first...last

    cleaning = try CleaningSettings(node["clean"])
    let universe = try node.require("universe")
    try universe.rejectUnknown(keys: ["top", "same_day"])
    top = try universe.require("top").positive()
    sameDay = try universe["same_day"]?.bool() ?? false
    features = try CrossSectionSettings(node["features"])
    let study = try node.require("study")
    self.study = try CrossSectionStudy(
      study, labels: features.windows, seed: self.seed, threads: threads > 0 ? threads : nil)
    savesPredictions = try study["save_predictions"]?.bool() ?? false
    for key in ["train", "validate", "test"] {
      let node = try study.require(key)
      let range = try node.range()
      guard range.lowerBound >= dates.lowerBound, range.upperBound <= dates.upperBound else {
        throw node.error("reaches beyond the market's dates, \(first) to \(last)")
      }
    }
    let names = try CrossSectionCatalogue(settings: features).names
    for pattern in self.study.features
    where !names.contains(where: NamePattern(pattern).matches) {
      throw try study.require("features").error("'\(pattern)' is none of the features")
    }
  }
}

extension ConfigNode {
  /// Runs what checks settings, and says where they were written if they make no sense.
  fileprivate func checking<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as UsageError {
      throw self.error(error.description)
    }
  }

  fileprivate func range() throws -> ClosedRange<CivilDate> {
    let text = try string()
    return try checking { try CrossSectionStudy.Ranges.parse(text) }
  }
}

extension CleaningSettings {
  fileprivate init(_ node: ConfigNode?) throws {
    self.init()
    guard let node else { return }
    try node.rejectUnknown(keys: ["limit", "required", "ban_zero_volume", "maximum_age"])
    limit = try node["limit"]?.positive() ?? limit
    required = try node["required"]?.strings().map { name in
      guard let field = MinuteField(rawValue: name) else {
        throw try node.require("required").error("'\(name)' is no column of minutes")
      }
      return field
    }
    bansZeroVolume = try node["ban_zero_volume"]?.bool() ?? bansZeroVolume
    maximumAge = try node["maximum_age"]?.positiveSpan() ?? maximumAge
    try node.checking { try validate() }
  }
}

extension CrossSectionSettings {
  fileprivate init(_ node: ConfigNode?) throws {
    self.init()
    guard let node else { return }
    try node.rejectUnknown(keys: ["windows", "label", "sets", "transforms"])
    if let windows = node["windows"] {
      self.windows = try windows.strings().map {
        guard let window = Int($0) else { throw windows.error("'\($0)' is no number of minutes") }
        return window
      }
    }
    label = try node["label"]?.choice(CrossSectionLabel.self) ?? label
    sets = try node["sets"]?.choices(FeatureSet.self) ?? sets
    transforms = try node["transforms"]?.choices(CrossSectionTransform.self) ?? transforms
    try node.checking { try validate() }
  }
}

extension ConfigNode {
  /// A list of a few words, or one of them.
  fileprivate func choices<Value: RawRepresentable & CaseIterable>(
    _ type: Value.Type
  ) throws -> [Value] where Value.RawValue == String {
    guard case .list(let items) = content else { return [try choice(type)] }
    return try items.map { try $0.choice(type) }
  }
}

extension CrossSectionStudy {
  fileprivate init(
    _ node: ConfigNode, labels windows: [Int], seed: UInt64, threads: Int?
  ) throws {
    try node.rejectUnknown(keys: [
      "train", "validate", "test", "labels", "models", "features", "select", "search", "portfolio",
      "decay", "embargo", "maximum_rows", "feature_scores", "minimum_symbols", "save_predictions",
    ])
    let ranges = try (
      node.require("train").range(), node.require("validate").range(), node.require("test").range()
    )
    let labels = try node["labels"]?.strings() ?? []
    for label in labels where !windows.map({ "y_\($0)m" }).contains(label) {
      throw try node.require("labels").error("'\(label)' is none of the windows' labels")
    }
    let models = try node.require("models").items().map { try Workflow.Model($0) }
    guard !models.isEmpty else { throw try node.require("models").error("none is given") }
    for model in models { _ = try model.learner(seed: seed) }
    self.init(
      ranges: try node.checking {
        try Ranges(train: ranges.0, validation: ranges.1, test: ranges.2)
      },
      labels: labels, models: models, features: try node["features"]?.strings() ?? [],
      selection: try node["select"].map { try FeatureSelection($0, seed: seed) },
      search: try node["search"].map { try Search($0) },
      portfolio: try PortfolioRule(node["portfolio"]),
      decay: try node["decay"]?.notNegative() ?? 5,
      embargo: try node.span("embargo", default: .zero),
      maximumRows: try node["maximum_rows"]?.positive(),
      featureDays: try node["feature_scores"]?.choice(FeatureDays.self) ?? .train,
      minimumSymbols: try node["minimum_symbols"]?.positive()
        ?? InformationCoefficient.minimumSymbols,
      seed: seed, threads: threads)
  }
}

extension FeatureSelection {
  fileprivate init(_ node: ConfigNode, seed: UInt64) throws {
    try node.rejectUnknown(keys: ["count", "method", "maximum_correlation"])
    let method = try node["method"]?.choice(Method.self) ?? .gain
    let count = try node.require("count").positive()
    let correlation = try node["maximum_correlation"]?.double() ?? 0.98
    self = try node.checking {
      try FeatureSelection(
        method: method, count: count, maximumCorrelation: correlation, seed: UInt32(seed))
    }
  }
}

extension CrossSectionStudy.Search {
  fileprivate init(_ node: ConfigNode) throws {
    try node.rejectUnknown(keys: ["method", "trials", "space"])
    let space = try node["space"]?.strings()
    self.init(
      method: try node["method"]?.choice(SearchSpace.Method.self) ?? .random,
      trials: try node["trials"]?.positive(),
      space: try space.map { texts in try node.checking { try SearchSpace(texts) } })
  }
}

extension PortfolioRule {
  fileprivate init(_ node: ConfigNode?) throws {
    try node?.rejectUnknown(keys: ["quantiles", "holding", "fee_bps", "ties"])
    let groups = try node?["quantiles"]?.positive() ?? 5
    let ties = try node?["ties"]?.choice(QuantileGroups.TieRule.self) ?? .firstInOrder
    let holding = try node?["holding"]?.choice(Holding.self) ?? .overlapping
    // Without fees a portfolio flatters, so none at all has to be asked for.
    let fee = try node?["fee_bps"]?.double() ?? 5
    let make = {
      try PortfolioRule(
        groups: QuantileGroups(count: groups, ties: ties), holding: holding, feeBasisPoints: fee)
    }
    self = try node.map { node in try node.checking(make) } ?? make()
  }
}
