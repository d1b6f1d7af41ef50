internal import HogaCore
internal import HogaSim

/// Why an order, or the rest of one, was not filled.
public enum BarUnfilledReason: String, CaseIterable, Hashable, Sendable {
  /// The symbol had no bar when it should have traded.
  case noBar = "no bar"
  /// The bar had a volume of zero.
  case noTrade = "no trade in the bar"
  /// More than the share of the bar's volume that an order may get, or an impact of the whole price.
  case participation = "beyond participation"
  /// The square-root impact has seen too few bars.
  case noVolatility = "volatility not known yet"
  /// The next decision came, or forced closing, before it was tried.
  case replaced = "replaced"
}

/// The positions that were asked for and are not there yet.
struct BarOrders {
  private(set) var targets: [Int64]
  private(set) var wants: [Bool]
  var reasons: [BarUnfilledReason]
  private var wanted = 0
  private var expiry = 0
  /// Whether these close everything: nothing lapses then.
  private(set) var isForced = false

  private var nextTargets: [Int64]
  private var nextWants: [Bool]
  /// The row on which the next ones begin; `nil` where there are none.
  private var nextRow: Int?
  private var nextExpiry = 0

  init(symbols: Int) {
    targets = [Int64](repeating: 0, count: symbols)
    wants = [Bool](repeating: false, count: symbols)
    reasons = [BarUnfilledReason](repeating: .replaced, count: symbols)
    nextTargets = targets
    nextWants = wants
  }

  var isActive: Bool { wanted > 0 }

  /// Turns weights into positions of whole steps, rounded toward zero, at the last closes.
  mutating func place(
    _ weights: BarTargets, equity: Double, _ present: [Double], _ account: BarAccount,
    _ instruments: [BarInstrument], band: Double, from row: Int, until expiry: Int,
    _ log: inout BarLog
  ) {
    nextRow = row
    nextExpiry = expiry
    for symbol in instruments.indices {
      nextWants[symbol] = false
      let weight = weights[symbol]
      guard !weight.isNaN else { continue }
      let line = account.lines[symbol]
      let instrument = instruments[symbol]
      var lots: Int64 = 0
      if weight != 0 {
        if band > 0, abs(weight - present[symbol]) <= band { continue }
        guard line.last != 0 else {
          log.unpriced += 1
          continue
        }
        let price = Double(line.last) / instrument.priceScale
        let steps = (weight * equity / price / instrument.stepSize).rounded(.towardZero)
        guard abs(steps) < 1e18 / Double(instrument.lotStep) else {
          log.unpriced += 1
          continue
        }
        lots = Int64(steps) * instrument.lotStep
      }
      let change = lots - line.position
      // What is still under way would move the position away from where it should stay.
      guard change != 0 || wants[symbol] else { continue }
      if lots != 0, change != 0, instrument.minimumNotional.units > 0 {
        let worth = abs(Double(change)) * Double(line.last) * line.unitsAsDouble
        guard worth >= Double(instrument.minimumNotional.units) else {
          log.belowMinimum += 1
          continue
        }
      }
      nextTargets[symbol] = lots
      nextWants[symbol] = true
    }
  }

  /// Lets what was placed for this row take the place of what is left of the last.
  mutating func begin(_ row: Int, _ account: BarAccount, _ log: inout BarLog) {
    guard nextRow == row, !isForced else { return }
    drop(account, &log)
    swap(&targets, &nextTargets)
    swap(&wants, &nextWants)
    nextRow = nil
    expiry = nextExpiry
    wanted = 0
    for symbol in wants.indices where wants[symbol] {
      wanted += 1
      reasons[symbol] = .replaced
    }
  }

  mutating func end(_ row: Int, _ account: BarAccount, _ log: inout BarLog) {
    guard wanted > 0, !isForced, row + 1 >= expiry else { return }
    drop(account, &log)
  }

  mutating func fill(_ symbol: Int) {
    wants[symbol] = false
    wanted -= 1
  }

  /// Gives up what is left, and counts it.
  mutating func drop(_ account: BarAccount, _ log: inout BarLog) {
    guard wanted > 0 else { return }
    for symbol in wants.indices where wants[symbol] {
      let line = account.lines[symbol]
      let rest = abs(Double(targets[symbol]) - Double(line.position))
      log.unfilled(reasons[symbol], worth: rest * Double(line.last) * line.unitsAsDouble / 1e18)
      wants[symbol] = false
    }
    wanted = 0
  }

  /// Closes all positions as soon as there are bars to.
  mutating func closeAll(_ account: BarAccount, from row: Int) {
    isForced = true
    nextRow = nil
    wanted = 0
    for symbol in wants.indices {
      targets[symbol] = 0
      wants[symbol] = account.lines[symbol].position != 0
      reasons[symbol] = .replaced
      if wants[symbol] { wanted += 1 }
    }
  }
}
