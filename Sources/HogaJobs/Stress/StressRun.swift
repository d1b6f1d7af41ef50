internal import HogaCore
public import HogaScenarios
public import HogaSim
internal import HogaStatistics

/// What one strategy did on one synthetic market.
public struct StressRun: Hashable, Sendable {
  public var mood: ScenarioMood
  public var strategy: String
  public var seed: UInt64
  /// From gross to net, in quote currency.
  public var costs: CostParts
  /// Worth of all fills, in quote currency.
  public var tradedValue: Double
  /// The deepest fall of equity from a peak, as a fraction of the peak.
  public var maximumDrawdown: Double
  public var orders: Int
  public var rejections: [Rejection]
  public var fills: Int
  public var makerFills: Int
  public var roundTrips: Int
  /// The largest position, long or short, in lots.
  public var largestPosition: Int64
  /// In lots.
  public var finalPosition: Int64
  /// The loss limit stopped trading.
  public var isStopped: Bool
  /// The venue closed the position.
  public var isLiquidated: Bool
  /// Market events played.
  public var events: Int64
  /// A digest of the fills: sixteen hexadecimal digits.
  public var fingerprint: String

  public struct Rejection: Hashable, Sendable {
    public var reason: String
    public var count: Int
  }

  init(_ mood: ScenarioMood, strategy: String, seed: UInt64, _ result: BacktestResult) {
    self.mood = mood
    self.strategy = strategy
    self.seed = seed
    costs = result.waterfall
    tradedValue = result.tradeStatistics.tradedValue
    maximumDrawdown = result.statistics.maximumDrawdown.fraction
    orders = result.orderLog.count
    rejections = result.rejections.map { Rejection(reason: $0.reason.rawValue, count: $0.count) }
    fills = result.fillLog.count
    makerFills = result.tradeStatistics.makerFillCount
    roundTrips = result.tradeStatistics.roundTripCount
    var position: Int64 = 0
    largestPosition = 0
    for fill in result.fillLog {
      position += fill.side.sign * fill.lots
      largestPosition = max(largestPosition, abs(position))
    }
    finalPosition = result.account.position
    isStopped = result.isStopped
    isLiquidated = result.isLiquidated
    events = result.eventCount
    let digits = String(result.fingerprint, radix: 16)
    fingerprint = String(repeating: "0", count: 16 - digits.count) + digits
  }

  public var net: Money { costs.net }
  public var rejectedOrders: Int { rejections.reduce(0) { $0 + $1.count } }
}

/// A mean over seeds and its standard error.
public struct StressEstimate: Hashable, Sendable {
  /// NaN where there is no value.
  public var mean: Double
  /// Sample standard deviation over the root of the count; NaN below two values.
  public var standardError: Double

  /// - Parameter values: one for each seed; those that are not numbers are left out.
  public init(_ values: [Double]) {
    let values = values.filter { !$0.isNaN }
    let count = Double(values.count)
    let mean = values.isEmpty ? .nan : values.reduce(0, +) / count
    self.mean = mean
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    standardError = values.count < 2 ? .nan : (squares / (count - 1) / count).squareRoot()
  }

  var json: JSONValue { ["mean": .double(mean), "se": .double(standardError)] }
}
