public import HogaCore
public import HogaSim

/// How a strategy's weights become trades, and how its account is kept.
public struct BarSettings: Hashable, Sendable {
  /// The price of the bar that orders trade at. None was known when the order was decided: it is of a
  /// later bar, always.
  public enum Execution: String, CaseIterable, Hashable, Sendable {
    case open, close
    /// Quote volume over volume, rounded to the price's decimals.
    case vwap
  }

  public let initialCapital: Money
  public let costs: BarCosts
  public let execution: Execution
  /// How many bars after the decision: 1 is the next one.
  public let delay: Int
  /// On how many bars in a row an order is tried before its rest lapses; the next decision replaces
  /// it in any case.
  public let patience: Int
  /// Decisions fall on closes that are multiples of this, counted from 1970.
  public let rebalance: TimeSpan
  /// Equity is noted at closes that are multiples of this, and at the last.
  public let sampling: TimeSpan
  /// The largest sum of absolute weights; what strategies want beyond it is scaled down and counted.
  public let maximumGross: Double
  /// The largest absolute weight of a symbol; what is beyond it is cut off and counted.
  public let maximumWeight: Double
  /// A weight that differs from the present one by no more than this is not traded.
  public let band: Double
  /// At a close where equity is at most these parts per million of the positions' worth, all is
  /// closed at the next bars' prices, and the strategy is not called again.
  public let maintenancePartsPerMillion: Int64
  /// More fills than this are counted but not kept.
  public let fillLimit: Int
  public let periodsPerYear: Double
  public let minimumSpanToAnnualise: TimeSpan

  public static let year = TimeSpan(nanoseconds: 365 * TimeSpan.day.nanoseconds)

  /// - Throws: `UsageError` where settings make no sense.
  public init(
    initialCapital: Money, costs: BarCosts, execution: Execution = .open, delay: Int = 1,
    patience: Int = 1, rebalance: TimeSpan, sampling: TimeSpan = .seconds(3600),
    maximumGross: Double = 1, maximumWeight: Double = 1, band: Double = 0,
    maintenancePartsPerMillion: Int64 = 0, fillLimit: Int = 1_000_000,
    minimumSpanToAnnualise: TimeSpan = TimeSpan(nanoseconds: 30 * TimeSpan.day.nanoseconds)
  ) throws(UsageError) {
    guard initialCapital > .zero, initialCapital.value <= 1e12 else {
      throw UsageError("a capital of \(initialCapital) is not above 0 and at most 10¹²")
    }
    guard delay > 0, patience > 0, delay <= 100_000, patience <= 1_000_000 else {
      throw UsageError(
        "delay and patience are one bar or more: a past price is no price to trade at")
    }
    guard rebalance > .zero, sampling > .zero else {
      throw UsageError("rebalancing and sampling need a time above zero")
    }
    guard maximumGross > 0, maximumGross <= 100, maximumWeight > 0, maximumWeight <= 100 else {
      throw UsageError("limits of weights are above 0 and at most 100")
    }
    guard (0..<1).contains(band) else { throw UsageError("a band of \(band) is not in 0..<1") }
    guard (0..<1_000_000).contains(maintenancePartsPerMillion), fillLimit >= 0 else {
      throw UsageError("maintenance is below 1,000,000 parts per million, and no limit below zero")
    }
    self.initialCapital = initialCapital
    self.costs = costs
    self.execution = execution
    self.delay = delay
    self.patience = patience
    self.rebalance = rebalance
    self.sampling = sampling
    self.maximumGross = maximumGross
    self.maximumWeight = maximumWeight
    self.band = band
    self.maintenancePartsPerMillion = maintenancePartsPerMillion
    self.fillLimit = fillLimit
    self.minimumSpanToAnnualise = minimumSpanToAnnualise
    periodsPerYear = Double(Self.year.nanoseconds) / Double(sampling.nanoseconds)
  }

  /// - Throws: `UsageError` where times are no multiples of the bars' length, or orders of two
  ///   decisions would be on their way at once.
  func check(interval: TimeSpan) throws(UsageError) {
    for (name, span) in [("rebalance", rebalance), ("sampling", sampling)] {
      guard span.nanoseconds % interval.nanoseconds == 0 else {
        throw UsageError("\(name) of \(span) is no multiple of the bars' length, \(interval)")
      }
    }
    guard Int64(delay) <= rebalance.nanoseconds / interval.nanoseconds else {
      throw UsageError("a delay of \(delay) bars is longer than from one decision to the next")
    }
  }

  public var json: JSONValue {
    [
      "initial_capital": .double(initialCapital.value), "costs": costs.json,
      "execution": .string(execution.rawValue), "delay_bars": .int(Int64(delay)),
      "patience_bars": .int(Int64(patience)), "rebalance_s": .double(rebalance.seconds),
      "sampling_s": .double(sampling.seconds), "maximum_gross": .double(maximumGross),
      "maximum_weight": .double(maximumWeight), "band": .double(band),
      "maintenance_ppm": .int(maintenancePartsPerMillion),
    ]
  }
}
