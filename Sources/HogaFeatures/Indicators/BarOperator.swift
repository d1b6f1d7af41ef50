public import HogaCore

/// A streaming indicator, or several that share their state: a value that is told one bar after
/// another and says, after each, what its columns are then.
///
/// The same value runs over stored minutes and on a live feed. A bar takes constant amortised time
/// (time in proportion to the length where a definition says so) and memory is bounded by the
/// length. What a row knows is what came up to its bar's close. NaN stands for what is not known
/// yet; where a quotient has no value on valid bars (a constant price, no volume), the definition
/// says what stands for it, so that a column once known stays known.
///
/// Operators are told valid bars only: `BarPipeline` and `BarBatch` start them anew after a gap.
public protocol BarOperator: Sendable {
  /// The columns, in the order in which `update` appends their values.
  var definitions: [FeatureDefinition] { get }

  /// What a bar must have; a bar without it is a gap to this operator.
  var inputs: BarInputs { get }

  /// Takes in the next bar and appends one value per definition.
  mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>)
}

/// Fields of a bar that an operator rests on.
public struct BarInputs: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// All four prices, finite and above zero, with `low` the least and `high` the greatest.
  public static let prices = BarInputs(rawValue: 1)
  /// The rest: finite and not below zero.
  public static let volume = BarInputs(rawValue: 2)
  public static let quoteVolume = BarInputs(rawValue: 4)
  public static let count = BarInputs(rawValue: 8)
  /// Also at most the quote volume, up to rounding.
  public static let takerQuoteVolume = BarInputs(rawValue: 16)
}

extension Bar {
  /// Whether the bar has everything an operator asks for.
  public func has(_ inputs: BarInputs) -> Bool {
    func isSize(_ value: Double) -> Bool { value >= 0 && value < .infinity }
    // Written so that NaN fails every test.
    if inputs.contains(.prices) {
      guard low > 0, low <= open, low <= close, open <= high, close <= high, high < .infinity
      else { return false }
    }
    if inputs.contains(.volume), !isSize(volume) { return false }
    if inputs.contains(.quoteVolume), !isSize(quoteVolume) { return false }
    if inputs.contains(.count), !isSize(count) { return false }
    if inputs.contains(.takerQuoteVolume), !isSize(takerQuoteVolume) { return false }
    return true
  }

  var typical: Double { (high + low + close) / 3 }
}

/// How a recursive average begins. Both kinds of a column are null until the same bar.
public enum Seeding: String, CaseIterable, Sendable {
  /// With the first value, as in pandas' `ewm(adjust=False)`.
  case first
  /// With the simple mean of the first n values, as in TA-Lib with an unstable period of 0.
  case talib
}

/// The length of an indicator and how its columns are named.
public struct BarLength: Hashable, Sendable {
  /// The length in bars.
  public let bars: Int
  /// The length of one bar.
  public let interval: TimeSpan

  /// - Precondition: both are above zero.
  public init(_ bars: Int, of interval: TimeSpan = .seconds(60)) {
    precondition(bars > 0 && interval > .zero, "an indicator of no length")
    self.bars = bars
    self.interval = interval
  }

  /// The window as it stands in a column's name: `5m` of five minutes.
  public var window: String {
    let span = Int64(bars) * interval.nanoseconds
    let minute: Int64 = 60_000_000_000
    return span % minute == 0 ? "\(span / minute)m" : "\(TimeSpan(nanoseconds: span))"
  }

  /// A column `x_{window}_{name}`.
  ///
  /// - Parameter back: how many bars a value rests on; `nil` where it is all since the start.
  func column(
    _ name: String, _ group: String, _ formula: String, _ source: String, unit: String = "1",
    back: Int?
  ) -> FeatureDefinition {
    FeatureDefinition(
      name: "x_\(window)_\(name)", group: group, formula: formula, unit: unit,
      lookBack: back.map { .window(TimeSpan(nanoseconds: Int64($0) * interval.nanoseconds)) }
        ?? .history,
      source: source)
  }
}
