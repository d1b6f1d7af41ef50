internal import HogaCore

/// `√Σ r²` of the mid's log returns between grid times.
struct RealizedVolatility: FeatureOperator {
  let definitions: [FeatureDefinition]
  let events: FeatureEvents = []
  private var squares: StepTerms
  /// One channel: steps whose return is not known, or in which the book was stale.
  private var broken: StepSums

  init(_ settings: FeatureSettings, _ instrument: Instrument) {
    definitions = settings.windowed(
      "rv", "Trades", "√Σ r_j², r_j = ln(mid_j / mid_{j−1}) between grid times", unit: "1",
      source: "Andersen, Bollerslev, Diebold, Labys 2003, Modeling realized volatility")
    squares = StepTerms(lengths: settings.windowSteps)
    broken = StepSums(channels: 1, lengths: settings.windowSteps)
  }

  mutating func sample(
    _ context: FeatureContext, into row: inout OutputSpan<Double>
  ) throws(DataError) {
    let change = context.step.logReturn
    let isBroken = context.step.wasStale || change.isNaN
    squares.push(change.isNaN ? .zero : .product(change, change))
    broken.next[0] = isBroken ? 1 : 0
    broken.push()
    for window in broken.lengths.indices {
      let isKnown = broken.isComplete(window) && broken.sum(window, 0) == 0
      row.append(isKnown ? squares.sum(window).value.squareRoot() : .nan)
    }
  }
}
