internal import HogaBars
internal import HogaConfig
internal import HogaCore
internal import HogaSim

extension BarSettings {
  /// The parts `account`, `costs`, `execution` and `sampling` of a workflow.
  init(_ node: ConfigNode, interval: TimeSpan) throws {
    let account = node["account"]
    try account?.rejectUnknown(keys: ["capital", "gross", "weight", "maintenance"])
    let execution = node["execution"]
    try execution?.rejectUnknown(keys: ["price", "delay", "patience", "rebalance", "band"])
    do {
      self = try BarSettings(
        initialCapital: Money(account?["capital"]?.double() ?? 100_000),
        costs: BarCosts(node["costs"]),
        execution: execution?["price"]?.choice(Execution.self) ?? .open,
        delay: execution?["delay"]?.positive() ?? 1,
        patience: execution?["patience"]?.positive() ?? 1,
        rebalance: execution?["rebalance"]?.positiveSpan() ?? .seconds(3600),
        sampling: node["sampling"]?.positiveSpan() ?? max(.seconds(3600), interval),
        maximumGross: account?["gross"]?.double() ?? 1,
        maximumWeight: account?["weight"]?.double() ?? 1,
        band: execution?["band"]?.double() ?? 0,
        maintenancePartsPerMillion: account?["maintenance"]?.partsPerMillion() ?? 0)
      try check(every: interval)
    } catch let error as UsageError {
      throw (execution ?? node).error(error.description)
    }
  }

  private func check(every interval: TimeSpan) throws(UsageError) {
    for (name, span) in [("rebalance", rebalance), ("sampling", sampling)]
    where span.nanoseconds % interval.nanoseconds != 0 {
      throw UsageError("\(name) of \(span) is no multiple of the bars' length, \(interval)")
    }
  }
}

extension BarCosts {
  init(_ node: ConfigNode?) throws {
    try node?.rejectUnknown(keys: [
      "maker_fee", "taker_fee", "assume_maker", "half_spread", "impact", "participation",
      "liquidation_fee",
    ])
    do {
      self = try BarCosts(
        makerPartsPerMillion: node?["maker_fee"]?.partsPerMillion() ?? 200,
        takerPartsPerMillion: node?["taker_fee"]?.partsPerMillion() ?? 500,
        assumesMaker: node?["assume_maker"]?.bool() ?? false,
        halfSpreadBasisPoints: node?["half_spread"]?.double() ?? 0,
        impact: Self.impact(node?["impact"]),
        maximumParticipation: node?["participation"]?.double(),
        liquidationPartsPerMillion: node?["liquidation_fee"]?.partsPerMillion() ?? 0)
    } catch let error as UsageError {
      throw node?.error(error.description) ?? error
    }
  }

  private static func impact(_ node: ConfigNode?) throws -> Impact {
    guard let node else { return .none }
    if case .scalar(let text, _) = node.content, text == "none" { return .none }
    try node.rejectUnknown(keys: ["kind", "coefficient", "window"])
    let kind = try node.require("kind")
    switch try kind.string() {
    case "none": return .none
    case "linear": return .linear(coefficient: try node.require("coefficient").double())
    case "square-root":
      return .squareRoot(
        coefficient: try node["coefficient"]?.double() ?? 1,
        window: try node["window"]?.positive() ?? 1440)
    case let other: throw kind.error("'\(other)' is none of none, linear, square-root")
    }
  }
}

extension ConfigNode {
  /// A fraction with at most six decimals, as a count.
  fileprivate func partsPerMillion() throws -> Int64 {
    let fraction = try double()
    let parts = (fraction * 1e6).rounded()
    guard abs(fraction) <= 1, abs(parts / 1e6 - fraction) < 1e-12 else {
      throw error("\(fraction) is no fraction with at most six decimals")
    }
    return Int64(parts)
  }
}
