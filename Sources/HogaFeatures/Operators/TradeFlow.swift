internal import HogaCore

/// What was traded in the window, by volume and side.
struct TradeFlow: FeatureOperator {
  let definitions: [FeatureDefinition]
  let events: FeatureEvents = []
  private let priceScale: Double
  private let sizeScale: Double
  /// Channels: volume, signed volume, trades, notional.
  private var sums: StepSums

  init(_ settings: FeatureSettings, _ instrument: Instrument) {
    priceScale = instrument.priceScale
    sizeScale = instrument.sizeScale
    definitions = Self.definitions(settings)
    sums = StepSums(channels: 4, lengths: settings.windowSteps)
  }

  mutating func sample(
    _ context: FeatureContext, into row: inout OutputSpan<Double>
  ) throws(DataError) {
    let step = context.step
    sums.next[0] = step.volume
    sums.next[1] = step.signedVolume
    sums.next[2] = Int128(step.trades)
    sums.next[3] = step.notional
    sums.push()
    let windows = sums.lengths.indices
    for channel in 0..<3 {
      for window in windows {
        let sum = sums.sum(window, channel).nearestDouble
        row.append(!sums.isComplete(window) ? .nan : channel == 2 ? sum : sum / sizeScale)
      }
    }
    for window in windows {
      let volume = sums.sum(window, 0)
      let imbalance = volume == 0 ? 0 : ratio(sums.sum(window, 1), volume)
      row.append(sums.isComplete(window) ? imbalance : .nan)
    }
    for window in windows {
      row.append(deviation(of: step.doubledMid, window))
    }
  }

  /// `10⁴ · (mid / vwap − 1)`, NaN without trades, without a mid, or on a base not above zero.
  private func deviation(of doubledMid: Int64?, _ window: Int) -> Double {
    let notional = sums.sum(window, 3)
    guard sums.isComplete(window), let doubledMid, notional > 0 else { return .nan }
    let volume = sums.sum(window, 0)
    if volume.magnitude < 1 << 64, notional.magnitude < 1 << 120 {
      // |M| ≤ 2⁵⁷: exact.
      return 1e4 * ratio(Int128(doubledMid) &* volume &- 2 * notional, 2 * notional)
    }
    let value = DoubleDouble(nearest: Int128(doubledMid)) * DoubleDouble(nearest: volume)
    let doubled = DoubleDouble(nearest: notional) * 2
    return 1e4 * ((value - doubled) / doubled).value
  }
}

extension TradeFlow {
  static func definitions(_ settings: FeatureSettings) -> [FeatureDefinition] {
    let chordia = "Chordia, Roll, Subrahmanyam 2002, Order imbalance, liquidity, and market returns"
    let berkowitz = "Berkowitz, Logue, Noser 1988, The total cost of transactions on the NYSE"
    let rows: [(name: String, formula: String, unit: String, source: String)] = [
      ("volume", "Σ q over trades; 0 without", "size", "common definition"),
      (
        "signed_volume", "Σ sign·q over trades, sign of the aggressor; 0 without", "size",
        "Lee, Ready 1991, Inferring trade direction from intraday data"
      ),
      ("trades", "number of trades", "1", "common definition"),
      ("trade_imbalance", "signed_volume / volume; 0 without trades", "1", chordia),
      ("vwap_dev_bps", "10⁴ · (mid / vwap − 1), vwap = Σ p·q / Σ q", "bps", berkowitz),
    ]
    return rows.flatMap { row in
      settings.windowed(row.name, "Trades", row.formula, unit: row.unit, source: row.source)
    }
  }
}
