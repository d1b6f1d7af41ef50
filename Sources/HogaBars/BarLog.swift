internal import HogaCore
public import HogaSim

/// An order executed on a bar.
public struct BarFill: Hashable, Sendable {
  /// The open time of the bar, in nanoseconds.
  public var time: Int64
  /// The place among the market's instruments.
  public var symbol: Int32
  /// Whether the position was closed for want of margin.
  public var isForced: Bool
  /// Signed: above zero was bought.
  public var lots: Int64
  /// The bar's price.
  public var ticks: Int64
  /// What half the spread and impact took beside the price.
  public var slippage: Money
  public var fee: Money
}

/// The account at one time.
public struct BarSample: Hashable, Sendable {
  public var time: Int64
  public var equity: Money
  public var cash: Money
  /// The sum of positions' absolute worths.
  public var exposure: Money
  /// Since the start, at the bars' prices.
  public var gross: Money
  public var slippage: Money
  public var fees: Money
  /// Received less paid.
  public var funding: Money
  public var traded: Money
}

/// What a run notes on its way.
struct BarLog {
  private(set) var samples: [BarSample] = []
  /// Lots by sample and symbol.
  private(set) var positions: [Int64] = []
  /// Last closes by sample and symbol, in ticks.
  private(set) var closes: [Int64] = []
  private(set) var fills: [BarFill] = []
  private(set) var fillCount = 0
  private(set) var digest = FNV1a()
  private var barDigest: UInt64 = 0
  private let fillLimit: Int
  private let keepsPositions: Bool

  var decisions = 0
  var scaledDecisions = 0
  var cutWeights = 0
  var belowMinimum = 0
  /// Orders without a close to size them by.
  var unpriced = 0
  var fundingPayments = 0
  var missing: [Int]
  var liquidation: Timestamp?
  private(set) var unfilledCounts = [Int](repeating: 0, count: BarUnfilledReason.allCases.count)
  private(set) var unfilledWorth = 0.0

  init(symbols: Int, fillLimit: Int, keepsPositions: Bool) {
    missing = [Int](repeating: 0, count: symbols)
    self.fillLimit = fillLimit
    self.keepsPositions = keepsPositions
  }

  var lastTime: Int64? { samples.last?.time }

  mutating func sample(_ time: Int64, _ account: BarAccount, equity: Int128, exposure: Int128) {
    let totals = account.totals
    samples.append(
      BarSample(
        time: time, equity: Money(units: equity), cash: Money(units: account.cash),
        exposure: Money(units: exposure), gross: Money(units: totals.gross),
        slippage: Money(units: totals.slippage), fees: Money(units: totals.fees),
        funding: Money(units: totals.funding), traded: Money(units: totals.traded)))
    guard keepsPositions else { return }
    for line in account.lines {
      positions.append(line.position)
      closes.append(line.last)
    }
  }

  /// - Parameter place: the row and the symbol in one number.
  @inline(__always)
  mutating func add(_ fill: BarFill, place: Int) {
    fillCount += 1
    if fills.count < fillLimit { fills.append(fill) }
    // A fill's words are folded into the bar's by SplitMix64's steps: a byte-wise hash of each would
    // take longer than the fill.
    fold(UInt64(truncatingIfNeeded: place))
    fold(UInt64(bitPattern: fill.lots))
    fold(UInt64(bitPattern: fill.ticks))
    fold(UInt64(truncatingIfNeeded: fill.slippage.units + fill.fee.units))
  }

  @inline(__always)
  private mutating func fold(_ word: UInt64) {
    var z = (barDigest ^ word) &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    barDigest = z ^ (z >> 27)
  }

  /// Hashes what was folded since the last bar.
  mutating func endBar() {
    guard barDigest != 0 else { return }
    digest.add(Int64(bitPattern: barDigest))
    barDigest = 0
  }

  mutating func unfilled(_ reason: BarUnfilledReason, worth: Double) {
    unfilledCounts[BarUnfilledReason.allCases.firstIndex(of: reason) ?? 0] += 1
    unfilledWorth += worth
  }
}
