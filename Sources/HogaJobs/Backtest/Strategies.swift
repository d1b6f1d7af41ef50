internal import HogaConfig
internal import HogaCore
internal import HogaLake
internal import HogaSim
internal import HogaTrade

extension Workflow.Strategy.Kind {
  /// Whether it trades on features or forecasts, and waits for them.
  public var readsSignals: Bool { self == .ofiVPIN || self == .modelSignal }
}

extension Workflow.Strategy {
  /// The strategy with its settings; `Docs/workflow.md` lists them by kind.
  ///
  /// - Parameters:
  ///   - options: the size of an entry and the largest position, in units.
  ///   - seed: of random entries.
  ///   - count: turns units into lots.
  /// - Throws: `DataError` where a setting is unknown, and what the strategy's own checks say.
  func make(
    _ options: Workflow.Backtest, seed: UInt64, lots count: (Double) throws -> Int64
  ) throws -> any Strategy {
    let node = settings
    let lots = try count(options.orderSize)
    switch kind {
    case .ofiVPIN:
      try node.rejectUnknown(keys: [
        "kind", "name", "column", "threshold", "score_window", "enter_below", "leave_above", "hold",
      ])
      var settings = OFIVPINStrategy.Settings(lots: lots)
      settings.ofiColumn = try node["column"]?.string() ?? settings.ofiColumn
      settings.threshold = try node["threshold"]?.double() ?? settings.threshold
      settings.scoreWindow = try node["score_window"]?.int()
      settings.vpinEntry = try node["enter_below"]?.double() ?? settings.vpinEntry
      settings.vpinExit = try node["leave_above"]?.double() ?? settings.vpinExit
      settings.holding = try node["hold"]?.timeSpan() ?? settings.holding
      return try OFIVPINStrategy(settings)
    case .modelSignal:
      try node.rejectUnknown(keys: [
        "kind", "name", "model", "horizon", "column", "threshold_bps", "cost_multiple", "extend",
      ])
      var settings = ModelSignalStrategy.Settings(lots: lots)
      // Also needed with 'column': it is how long a position is held.
      settings.horizon = try node.require("horizon").timeSpan()
      settings.column =
        try node["column"]?.string()
        ?? "\(node.require("model").string())_ret_bps_\(settings.horizon)"
      settings.thresholdBasisPoints = try node["threshold_bps"]?.double() ?? 0
      settings.costMultiple = try node["cost_multiple"]?.double() ?? settings.costMultiple
      settings.extends = try node["extend"]?.bool() ?? settings.extends
      return try ModelSignalStrategy(settings)
    case .quotes:
      try node.rejectUnknown(keys: [
        "kind", "name", "half_spread_ticks", "half_spread_bps", "interval", "position_limit",
        "skew",
      ])
      let limit = try node["position_limit"]?.positiveDouble() ?? options.maximumPosition
      var settings = QuotingStrategy.Settings(lots: lots, positionLimit: try count(limit))
      switch (node["half_spread_ticks"], node["half_spread_bps"]) {
      case (let ticks?, nil): settings.halfSpread = .ticks(try ticks.double())
      case (nil, let points?): settings.halfSpread = .basisPoints(try points.double())
      case (nil, nil): break
      case (_?, let points?): throw points.error("give this or half_spread_ticks, not both")
      }
      settings.interval = try node["interval"]?.positiveSpan() ?? settings.interval
      settings.skew = try node["skew"]?.double() ?? settings.skew
      return try QuotingStrategy(settings)
    case .execution:
      return try ParentOrder(execution(options, lots: count))
    case .buyAndHold:
      try node.rejectUnknown(keys: ["kind", "name"])
      return BuyAndHold(lots: lots)
    case .random:
      try node.rejectUnknown(keys: ["kind", "name", "every", "probability", "hold"])
      let every = try node["every"]?.timeSpan() ?? .seconds(1)
      guard every >= .milliseconds(1) else {
        throw try node.require("every").error("must be at least 1ms")
      }
      return try RandomEntry(
        lots: lots, every: every,
        probability: try node["probability"]?.double() ?? 0.05,
        holding: try node["hold"]?.timeSpan() ?? .seconds(10), seed: seed)
    }
  }
}

extension Workflow.Strategy {
  /// The settings of a parent order, with sizes in lots and times from the start of trading on.
  private func execution(
    _ options: Workflow.Backtest, lots count: (Double) throws -> Int64
  ) throws -> ParentOrder.Settings {
    let node = settings
    let model = ["volatility", "temporary", "permanent", "fixed", "risk_aversion"]
    try node.rejectUnknown(
      keys: [
        "kind", "name", "schedule", "side", "size", "after", "for", "slices", "style", "profile",
        "bucket",
      ] + model)
    func word(_ key: String, of known: [String]) throws -> String {
      guard let node = node[key] else { return known[0] }
      let text = try node.string()
      guard known.contains(text) else {
        throw node.error("'\(text)' is none of \(known.joined(separator: ", "))")
      }
      return text
    }
    let size = try node["size"]?.positiveDouble() ?? options.maximumPosition
    var order = ParentOrder.Settings(
      side: try word("side", of: ["buy", "sell"]) == "buy" ? .buy : .sell, lots: try count(size),
      duration: try node.require("for").positiveSpan())
    order.after = try node.span("after", default: .zero)
    order.slices = try node["slices"]?.positive() ?? order.slices
    order.style = try node["style"]?.choice(ExecutionStrategy.Style.self) ?? order.style
    switch try word("schedule", of: ["twap", "vwap", "almgren-chriss"]) {
    case "vwap":
      let file = try node.require("profile")
      let table = try TableFile.read(try file.string())
      order.plan = .volumeWeighted(
        try VolumeProfile(
          bucket: try node["bucket"]?.positiveSpan() ?? .seconds(300),
          times: table.int64s("time"), volumes: table.doubles("volume")))
    case "almgren-chriss":
      func figure(_ key: String) throws -> Double { try node[key]?.double() ?? 0 }
      order.plan = .optimal(
        try AlmgrenChriss(
          quantity: size, horizon: order.duration.seconds, intervals: order.slices,
          market: .init(
            volatility: try node.require("volatility").double(),
            temporaryImpact: try node.require("temporary").double(),
            permanentImpact: try figure("permanent"), fixedCost: try figure("fixed")),
          riskAversion: try node.require("risk_aversion").double()))
    default:
      if let key = (model + ["profile", "bucket"]).first(where: { node[$0] != nil }) {
        throw try node.require(key).error("does not matter to twap: set schedule")
      }
    }
    return order
  }
}

extension Workflow.Backtest {
  /// Finds out before any work is done whether strategies can be made of their settings.
  func checkStrategies(seed: UInt64) throws {
    for strategy in strategies {
      // The instrument is not known yet; lots so fine leave sizes in proportion.
      _ = try strategy.make(self, seed: seed) { Int64(min($0 * 1e6, 1e15).rounded(.up)) }
    }
  }
}
