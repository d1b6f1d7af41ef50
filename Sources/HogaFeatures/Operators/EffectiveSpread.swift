internal import HogaCore

/// How far from the mid trades were struck, on both sides: the size-weighted mean of
/// `2·10⁴·sign·(price − mid before) / mid before`.
///
/// "Mid before" is the mid that the last book event before the trade left. A window with a trade
/// that has none (before the first book, one-sided, stale, or not above zero) is NaN.
struct EffectiveSpread: FeatureOperator {
  let definitions: [FeatureDefinition]
  let events: FeatureEvents = .trades
  private var total = DoubleDouble.zero
  private var terms: StepTerms
  /// Channels: volume; trades without a mid before.
  private var sums: StepSums

  init(_ settings: FeatureSettings, _ instrument: Instrument) {
    definitions = settings.windowed(
      "effective_spread_bps", "Trades", "Σ q·2·10⁴·sign·(p − mid before)/mid before / Σ q",
      unit: "bps",
      source: "Huang, Stoll 1996, Dealer versus auction markets")
    terms = StepTerms(lengths: settings.windowSteps)
    sums = StepSums(channels: 2, lengths: settings.windowSteps)
  }

  mutating func traded(_ trade: ClassifiedTrade, _ context: FeatureContext) {
    guard let doubledMid = trade.doubledMidBefore, doubledMid > 0 else {
      sums.next[1] += 1
      return
    }
    // Prices are below 2⁵⁶, so this is exact; terms of both signs may cancel, hence 32 digits.
    let away = Int128(trade.sign * (2 * trade.trade.price.ticks - doubledMid))
    let weighted = DoubleDouble(nearest: away &* Int128(trade.trade.quantity.lots))
    total += weighted / DoubleDouble(nearest: Int128(doubledMid))
  }

  mutating func sample(
    _ context: FeatureContext, into row: inout OutputSpan<Double>
  ) throws(DataError) {
    terms.push(total)
    total = .zero
    sums.next[0] = context.step.volume
    sums.push()
    for window in sums.lengths.indices {
      let volume = sums.sum(window, 0)
      guard sums.isComplete(window), volume > 0, sums.sum(window, 1) == 0 else {
        row.append(.nan)
        continue
      }
      row.append(2e4 * (terms.sum(window) / DoubleDouble(nearest: volume)).value)
    }
  }
}
