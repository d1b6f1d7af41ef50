internal import HogaCore

/// The mean of `|r| / quote volume` over grid steps with trades.
///
/// Quote volume counts the contract's multiplier, as `Instrument` says. NaN where no step of the
/// window has trades, or where one that has does not have a return or a quote volume above zero.
struct AmihudIlliquidity: FeatureOperator {
  let definitions: [FeatureDefinition]
  let events: FeatureEvents = []
  private let quoteValue: QuoteValue
  private var ratios: StepTerms
  /// Channels: steps with trades; steps that break the window.
  private var counts: StepSums

  init(_ settings: FeatureSettings, _ instrument: Instrument) {
    definitions = settings.windowed(
      "amihud", "Trades", "mean over grid steps with trades of |r_j| / quote volume of the step",
      unit: "1 per quote currency",
      source: "Amihud 2002, Illiquidity and stock returns")
    quoteValue = QuoteValue(instrument)
    ratios = StepTerms(lengths: settings.windowSteps)
    counts = StepSums(channels: 2, lengths: settings.windowSteps)
  }

  mutating func sample(
    _ context: FeatureContext, into row: inout OutputSpan<Double>
  ) throws(DataError) {
    let step = context.step
    var term = 0.0
    var isBroken = step.wasStale
    if step.trades > 0 {
      let value = quoteValue.amount(notional: step.notional, lots: step.volume)
      term = abs(step.logReturn) / (value.nearestDouble / quoteValue.scale)
      if value <= 0 || !term.isFinite {
        isBroken = true
        term = 0
      }
    }
    ratios.push(DoubleDouble(term))
    counts.next[0] = step.trades > 0 ? 1 : 0
    counts.next[1] = isBroken ? 1 : 0
    counts.push()
    for window in counts.lengths.indices {
      let traded = counts.sum(window, 0)
      let isKnown = counts.isComplete(window) && counts.sum(window, 1) == 0 && traded > 0
      row.append(isKnown ? (ratios.sum(window) / traded.nearestDouble).value : .nan)
    }
  }
}
