internal import HogaCore
internal import HogaSim

/// Cash and positions in many symbols, exact to the last unit, and where every unit went.
///
/// `equity = capital + gross − slippage − fees + funding` at every moment, where gross is what
/// positions gained at the bars' prices.
struct BarAccount {
  /// What one symbol did.
  struct Line {
    /// In lots; below zero when short.
    var position: Int64 = 0
    /// The last known close, in ticks; 0 before the first.
    var last: Int64 = 0
    /// What was sold less what was bought, at the bars' prices.
    var flow: Int128 = 0
    var slippage: Int128 = 0
    var fees: Int128 = 0
    /// Received, less paid.
    var funding: Int128 = 0
    var traded: Int128 = 0
    var fills = 0
    let unitsPerLotTick: Int128
    let unitsAsDouble: Double

    /// The position's worth at the last close.
    var worth: Int128 { Int128(position) &* Int128(last) &* unitsPerLotTick }
    var gross: Int128 { flow + worth }
  }

  let capital: Int128
  private(set) var cash: Int128
  private(set) var lines: [Line]
  private var held = 0

  var hasPosition: Bool { held > 0 }

  init(_ instruments: [BarInstrument], capital: Money) {
    self.capital = capital.units
    cash = capital.units
    lines = instruments.map {
      Line(
        unitsPerLotTick: Int128($0.unitsPerLotTick), unitsAsDouble: Double($0.unitsPerLotTick))
    }
  }

  /// Parts of an amount that is not below zero, rounded up, which is against us; below 10⁹ parts per
  /// `scale`.
  @inline(__always)
  static func part(of amount: Int128, _ parts: Int64, per scale: Int128) -> Int128 {
    if amount < 100_000_000_000_000_000_000_000_000_000 {  // 10²⁹: times 10⁹ it fits
      let (quotient, rest) = (amount &* Int128(parts)).quotientAndRemainder(dividingBy: scale)
      return rest > 0 ? quotient + 1 : quotient
    }
    let (whole, rest) = amount.quotientAndRemainder(dividingBy: scale)
    let (quotient, last) = (rest * Int128(parts)).quotientAndRemainder(dividingBy: scale)
    return whole * Int128(parts) + (last > 0 ? quotient + 1 : quotient)
  }

  /// Books a trade at a bar's price.
  ///
  /// - Parameter slippagePartsPerBillion: of the trade's worth, beside the price.
  /// - Returns: slippage and fee, or `nil` where the position would be worth more than 10¹⁵.
  @inline(__always)
  mutating func trade(
    _ symbol: Int, lots: Int64, ticks: Int64, slippagePartsPerBillion: Int64,
    feePartsPerMillion: Int64
  ) -> (slippage: Int128, fee: Int128)? {
    let line = lines[symbol]
    let (position, overflow) = line.position.addingReportingOverflow(lots)
    // In doubles first, so that the products below cannot overflow.
    let largest = max(abs(Double(position)), abs(Double(lots)))
    guard !overflow,
      largest * Double(ticks) * line.unitsAsDouble < BarInstrument.maximumWorth * 1e18
    else { return nil }
    let worth = Int128(lots) &* Int128(ticks) &* line.unitsPerLotTick
    let size = worth < 0 ? -worth : worth
    let slippage =
      slippagePartsPerBillion == 0
      ? 0 : Self.part(of: size, slippagePartsPerBillion, per: 1_000_000_000)
    let fee =
      feePartsPerMillion == 0 ? 0 : Self.part(of: size, feePartsPerMillion, per: 1_000_000)
    cash -= worth + slippage + fee
    if line.position == 0 { held += 1 }
    if position == 0 { held -= 1 }
    lines[symbol].position = position
    lines[symbol].flow = line.flow - worth
    lines[symbol].slippage = line.slippage + slippage
    lines[symbol].fees = line.fees + fee
    lines[symbol].traded = line.traded + size
    lines[symbol].fills = line.fills + 1
    return (slippage, fee)
  }

  /// Books a funding payment on the present position: longs pay a rate above zero, shorts receive
  /// it; rounded against us.
  ///
  /// - Parameters:
  ///   - rate: in `10^-12`.
  ///   - mark: in ticks.
  mutating func fund(_ symbol: Int, rate: Int64, mark: Int64) {
    let line = lines[symbol]
    let worth = Int128(line.position) &* Int128(mark) &* line.unitsPerLotTick
    // Thousands apart: |worth| may be 10³³ and more, times 10¹² does not fit.
    let (whole, rest) = worth.quotientAndRemainder(dividingBy: 1_000_000_000_000)
    let (quotient, last) = (rest * Int128(rate)).quotientAndRemainder(
      dividingBy: 1_000_000_000_000)
    let paid = whole * Int128(rate) + quotient + (last > 0 ? 1 : 0)
    cash -= paid
    lines[symbol].funding -= paid
  }

  mutating func mark(_ symbol: Int, ticks: Int64) { lines[symbol].last = ticks }

  /// What all is worth at the last closes, and the sum of positions' absolute worths.
  ///
  /// - Returns: `nil` where positions are worth more than 10¹⁷ together: sums would soon overflow.
  func value() -> (equity: Int128, gross: Int128)? {
    var equity = cash
    var gross: Int128 = 0
    var size = 0.0
    for line in lines where line.position != 0 {
      let worth = line.worth
      size += abs(Double(line.position) * Double(line.last)) * line.unitsAsDouble
      equity &+= worth
      gross &+= worth < 0 ? 0 &- worth : worth
    }
    return size < 1e35 ? (equity, gross) : nil
  }

  /// All symbols together.
  var totals: (gross: Int128, slippage: Int128, fees: Int128, funding: Int128, traded: Int128) {
    lines.reduce((0, 0, 0, 0, 0)) {
      (
        $0.0 + $1.gross, $0.1 + $1.slippage, $0.2 + $1.fees, $0.3 + $1.funding, $0.4 + $1.traded
      )
    }
  }
}
