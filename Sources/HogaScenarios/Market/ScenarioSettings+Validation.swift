public import HogaCore

extension ScenarioSettings {
  /// - Throws: `UsageError` that names the setting that makes no sense.
  public func validate() throws(UsageError) {
    guard !symbol.isEmpty else { throw UsageError("the symbol is empty") }
    for (name, decimals) in [("priceDecimals", priceDecimals), ("sizeDecimals", sizeDecimals)]
    where !(0...12).contains(decimals) {
      throw UsageError("\(name) is from 0 to 12, not \(decimals)")
    }
    guard (100...1_000_000_000_000).contains(startPrice) else {
      throw UsageError("startPrice is from 100 to 1e12 ticks, not \(startPrice)")
    }
    // Up to the year 2200: days after it have to be countable.
    guard (0...7_258_118_400_000_000_000).contains(start) else {
      throw UsageError("start is from 1970 to 2200 in nanoseconds, not \(start)")
    }
    try Self.check(warmUp, 0...86_400, "warmUp", "seconds")
    try flow.validate()
    guard flow.kindCount == FlowKind.allCases.count else {
      throw UsageError(
        "flow has \(flow.kindCount) kinds of events, \(FlowKind.allCases.count) needed")
    }
    guard flow.meanIntensities.allSatisfy({ $0 <= 1e7 }) else {
      throw UsageError("flow makes more than ten million events of a kind per second")
    }
    let pace = flow.meanIntensities.reduce(0, +)
    guard pace >= 1e-3, pace * warmUp <= 1e9 else {
      throw UsageError(
        "the flow has \(pace) events per second: at least 0.001 are needed, and at most 1e9 in the "
          + "warm-up of \(warmUp) s")
    }
    try checkPhases()
    try Self.check(fundamental.volatilityPerMinute, 0...1, "volatilityPerMinute", "per minute")
    try Self.check(fundamental.jumpsPerHour, 0...1e6, "jumpsPerHour", "per hour")
    try Self.check(fundamental.jumpDeviation, 0...1, "jumpDeviation", "of the price")
    try Self.check(impact.perLot, 0...0.01, "impact.perLot", "of the price")
    try Self.check(impact.decay, 1e-6...1e6, "impact.decay", "per second")
    try placement.validate()
    guard placement.maximum < startPrice else {
      throw UsageError(
        "placement reaches \(placement.maximum) ticks from the price, which is \(startPrice): bids "
          + "would have no price")
    }
    try limitSizes.validate("limitSizes")
    try marketSizes.validate("marketSizes")
    try Self.check(cancellation.orders, 0.1...1e6, "cancellation.orders", "orders")
    try Self.check(cancellation.partialShare, 0...0.9, "cancellation.partialShare", "")
    guard (0...60_000_000_000).contains(latency.minimum) else {
      throw UsageError("latency.minimum is from 0 to a minute, not \(latency.minimum) ns")
    }
    try Self.check(latency.median, 0...6e10, "latency.median", "ns")
    try Self.check(latency.deviation, 0...5, "latency.deviation", "")
    for side in Side.allCases {
      let orders = expectedOrders(side)
      let name = side == .buy ? "bids" : "asks"
      guard orders >= 2 else {
        throw UsageError(
          "market orders and cancellations take more \(name) than limit orders bring: \(orders) "
            + "orders would stand on average, at least 2 are needed")
      }
      guard orders <= 10_000_000 else {
        throw UsageError("\(orders) \(name) would stand on average, more than ten million")
      }
    }
  }

  private func checkPhases() throws(UsageError) {
    var last = -Double.infinity
    for phase in phases {
      try Self.check(phase.start, 0...1e9, "a phase's start", "seconds")
      guard phase.start > last else {
        throw UsageError("phases begin one after the other, not at \(last) and \(phase.start) s")
      }
      last = phase.start
      guard phase.baselineFactors.count == FlowKind.allCases.count,
        phase.baselineFactors.allSatisfy({ $0 >= 0 && $0 <= 1e6 })
      else {
        throw UsageError(
          "a phase has \(FlowKind.allCases.count) baselineFactors from 0 to 1e6, not "
            + "\(phase.baselineFactors)")
      }
      try Self.check(phase.volatilityFactor, 0...1e6, "volatilityFactor", "")
      try Self.check(phase.impactFactor, 0...1e6, "impactFactor", "")
      let baseline = zip(flow.baseline, phase.baselineFactors).map { $0 * $1 }
      guard flow.meanIntensities(baseline: baseline).allSatisfy({ $0 <= 1e7 }) else {
        throw UsageError("a phase makes more than ten million events of a kind per second")
      }
    }
  }

  private static func check(
    _ value: Double, _ range: ClosedRange<Double>, _ name: String, _ unit: String
  ) throws(UsageError) {
    guard range.contains(value) else {
      let suffix = unit.isEmpty ? "" : " \(unit)"
      throw UsageError(
        "\(name) is from \(range.lowerBound) to \(range.upperBound)\(suffix), not \(value)")
    }
  }
}
