internal import Glibc
internal import HogaCore

/// Computes the specification's features of one symbol after another.
///
/// All passes run over one symbol's minutes, which stay in the processor's cache from the first
/// field to the last column. One per thread.
final class SpecificationKernel {
  /// Where a column's values of all symbols begin.
  typealias Destinations = [SpecificationLayout.Slot: UnsafeMutablePointer<Double>]

  /// Rows before the day that windows may reach into; those that the panel lacks are missing.
  let lead: Int
  /// Rows of the day.
  let count: Int
  let rows: Int
  let workspace: Workspace
  let windows: [WindowPlan]
  let statistics: [WindowPlan]
  /// Of the longest block that a window needs.
  let topExponent: Int
  private let panel: MinutePanel
  private let destinations: Destinations
  private var symbol = 0

  init(panel: MinutePanel, layout: SpecificationLayout, destinations: Destinations) {
    self.panel = panel
    unsafe self.destinations = destinations
    windows = layout.windows.map(WindowPlan.init)
    statistics = layout.statistics.map(WindowPlan.init)
    let longest = max(layout.windows.max() ?? 1, layout.statistics.max() ?? 1)
    topExponent = WindowPlan.exponent(of: longest)
    lead = longest
    count = panel.dayRowCount
    rows = lead + count
    workspace = Workspace(rows: rows, count: 40 + 8 * (topExponent + 1))
  }

  /// Writes the rows of one symbol into every column.
  func compute(symbol: Int) {
    self.symbol = symbol
    workspace.release(to: 0)
    let bar = loadBar()
    if let bar {
      kept { computePrices(bar) }
      kept { unsafe computePath(bar.close) }
    }
    kept { unsafe computeFlows(close: bar?.close) }
    kept { computePremium() }
    kept { unsafe computeStatistics(close: bar?.close) }
  }

  /// Gives scratch back that a part took.
  private func kept(_ part: () -> Void) {
    let mark = workspace.mark
    part()
    workspace.release(to: mark)
  }

  // MARK: - In and out

  /// A symbol's values of a field, missing where the panel begins later than the windows reach.
  func load(_ field: MinuteField) -> UnsafeMutablePointer<Double>? {
    guard let values = panel.values(field) else { return nil }
    let row = unsafe workspace.take()
    let known = min(lead, panel.lead)
    let absent = lead - known
    for index in 0..<absent { unsafe row[index] = .nan }
    let start = symbol * panel.rowCount + panel.lead - known
    unsafe values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      unsafe (row + absent).update(from: base + start, count: known + count)
    }
    return unsafe row
  }

  struct Bar {
    var open: UnsafeMutablePointer<Double>
    var high: UnsafeMutablePointer<Double>
    var low: UnsafeMutablePointer<Double>
    var close: UnsafeMutablePointer<Double>
  }

  /// The prices; where one of the four is missing, there is no bar.
  private func loadBar() -> Bar? {
    guard let open = unsafe load(.open), let high = unsafe load(.high),
      let low = unsafe load(.low), let close = unsafe load(.close)
    else { return nil }
    let presence = unsafe workspace.take()
    unsafe fill(presence, rows, open, high, low, close) {
      ($0 - $0) + ($1 - $1) + ($2 - $2) + ($3 - $3)
    }
    for price in unsafe [open, high, low, close] {
      unsafe update(price, rows, presence) { $0 + $1 }
    }
    return unsafe Bar(open: open, high: high, low: low, close: close)
  }

  /// Where a column's rows of the symbol go.
  func out(_ feature: SpecificationFeature, _ window: Int) -> UnsafeMutablePointer<Double> {
    guard let base = unsafe destinations[.init(feature, window: window)] else {
      preconditionFailure("\(feature) has its inputs, so it has a destination")
    }
    return unsafe base + symbol * count
  }

  // MARK: - Sums

  /// Sums over blocks of 1, 2, 4, … rows that end at each row.
  func blockSums(_ series: UnsafeMutablePointer<Double>) -> [UnsafeMutablePointer<Double>] {
    var levels = unsafe [series]
    for exponent in 1..<(topExponent + 1) {
      let level = unsafe workspace.take()
      let half = 1 << (exponent - 1)
      let first = 2 * half - 1
      let newer = unsafe levels[exponent - 1] + first
      unsafe fill(level + first, rows - first, newer, newer - half) { $0 + $1 }
      unsafe levels.append(level)
    }
    return unsafe levels
  }

  /// Sums over the window that ends at each row of the day, in `scratch` or where they are.
  func windowSums(
    _ levels: [UnsafeMutablePointer<Double>], _ plan: WindowPlan,
    _ scratch: UnsafeMutablePointer<Double>
  ) -> UnsafePointer<Double> {
    func values(_ block: WindowPlan.Block) -> UnsafePointer<Double> {
      unsafe UnsafePointer(levels[block.exponent] + (lead - block.lag))
    }
    let newest = unsafe values(plan.blocks[0])
    guard plan.blocks.count > 1 else { return unsafe newest }
    unsafe fill(scratch, count, newest, values(plan.blocks[1])) { $0 + $1 }
    for block in plan.blocks.dropFirst(2) {
      unsafe update(scratch, count, values(block)) { $0 + $1 }
    }
    return unsafe UnsafePointer(scratch)
  }

  // MARK: - Prices

  /// Extremes over blocks, which two overlapping blocks extend to any window.
  private func blockExtremes(
    _ series: UnsafeMutablePointer<Double>, isHighest: Bool
  ) -> [UnsafeMutablePointer<Double>] {
    var levels = unsafe [series]
    for exponent in 1..<(topExponent + 1) {
      let level = unsafe workspace.take()
      let half = 1 << (exponent - 1)
      let first = 2 * half - 1
      let newer = unsafe levels[exponent - 1] + first
      unsafe extreme(
        level + first, rows - first, newer, newer - half, isHighest: isHighest)
      unsafe levels.append(level)
    }
    return unsafe levels
  }

  /// The larger (smaller) of two, missing where either is: a comparison with NaN would take the
  /// second, so the first is made to speak up.
  private func extreme(
    _ out: UnsafeMutablePointer<Double>, _ count: Int, _ a: UnsafePointer<Double>,
    _ b: UnsafePointer<Double>, isHighest: Bool
  ) {
    if isHighest {
      unsafe fill(out, count, a, b) { ($0 > $1 ? $0 : $1).known(with: $0) }
    } else {
      unsafe fill(out, count, a, b) { ($0 < $1 ? $0 : $1).known(with: $0) }
    }
  }

  private func computePrices(_ bar: Bar) {
    let highs = unsafe blockExtremes(bar.high, isHighest: true)
    let lows = unsafe blockExtremes(bar.low, isHighest: false)
    let high = unsafe workspace.take()
    let low = unsafe workspace.take()
    let close = unsafe bar.close + lead
    for plan in windows {
      let w = plan.length
      let exponent = WindowPlan.exponent(of: w)
      let overlap = w - (1 << exponent)
      let newerHigh = unsafe highs[exponent] + lead
      let newerLow = unsafe lows[exponent] + lead
      unsafe extreme(high, count, newerHigh, newerHigh - overlap, isHighest: true)
      unsafe extreme(low, count, newerLow, newerLow - overlap, isHighest: false)
      let open = unsafe bar.open + (lead - w + 1)
      // The extremes are missing where a bar of the window is, so nothing else needs to look.
      unsafe fill(out(.openToClose, w), count, close, open, high) {
        ($0 / $1 - 1).finiteOrNull.known(with: $2)
      }
      unsafe fill(out(.openToHigh, w), count, high, open) { ($0 / $1 - 1).finiteOrNull }
      unsafe fill(out(.openToLow, w), count, low, open) { ($0 / $1 - 1).finiteOrNull }
      unsafe fill(out(.highToClose, w), count, close, high) { ($0 / $1 - 1).finiteOrNull }
      unsafe fill(out(.lowToClose, w), count, close, low) { ($0 / $1 - 1).finiteOrNull }
      unsafe fill(out(.highToLow, w), count, high, low) { ($0 / $1 - 1).finiteOrNull }
    }
  }

  /// What rests on the steps from close to close.
  private func computePath(_ close: UnsafeMutablePointer<Double>) {
    let lengths = unsafe workspace.take()
    unsafe lengths[0] = .nan
    unsafe fill(lengths + 1, rows - 1, close + 1, close) { abs($0 - $1) }
    let path = unsafe blockSums(lengths)
    var forces: [UnsafeMutablePointer<Double>]?
    if let volume = unsafe load(.volume) {
      let steps = unsafe workspace.take()
      unsafe steps[0] = .nan
      unsafe fill(steps + 1, rows - 1, close + 1, close, volume + 1) { ($0 - $1) * $2 }
      unsafe forces = blockSums(steps)
    }
    let scratch = unsafe workspace.take()
    let now = unsafe close + lead
    for plan in windows {
      let w = plan.length
      let before = unsafe now - w
      let walked = unsafe windowSums(path, plan, scratch)
      unsafe fill(out(.efficiencyRatio, w), count, now, before, walked) {
        let ratio = abs($0 - $1) / $2
        // Rounding of the sum may put a straight line a hair above one.
        return $2 == 0 ? 0 : (ratio > 1 ? 1 : ratio).finiteOrNull.known(with: $2)
      }
      unsafe fill(out(.closeDifferenceRate, w), count, now, before, walked) {
        (($0 - $1) / $1).finiteOrNull.known(with: $2)
      }
      if let forces = unsafe forces {
        unsafe fill(out(.force, w), count, windowSums(forces, plan, scratch)) { $0.finiteOrNull }
      }
    }
  }

  // MARK: - Flows

  /// What rests on traded amounts.
  private func computeFlows(close: UnsafeMutablePointer<Double>?) {
    guard let quote = unsafe load(.quote) else { return }
    let quotes = unsafe blockSums(quote)
    let takers = unsafe load(.takerQuote).map { unsafe blockSums($0) }
    let counts = unsafe load(.count).map { unsafe blockSums($0) }
    var volumes: [UnsafeMutablePointer<Double>]?
    if let close = unsafe close, let volume = unsafe load(.volume) {
      // Where there is no bar, there is no volume of it either.
      unsafe update(volume, rows, close) { $0.known(with: $1) }
      unsafe volumes = blockSums(volume)
    }
    let scratch = unsafe workspace.take(2)
    for plan in windows {
      let w = plan.length
      let traded = unsafe windowSums(quotes, plan, scratch[0])
      if let takers = unsafe takers {
        unsafe fill(out(.netTaker, w), count, windowSums(takers, plan, scratch[1]), traded) {
          let share = (2 * $0 - $1) / $1
          return ($1 == 0 ? 0 : share.finiteOrNull).known(with: $0)
        }
      }
      if let counts = unsafe counts {
        unsafe fill(out(.averageTrade, w), count, traded, windowSums(counts, plan, scratch[1])) {
          let size = $0 / $1
          return ($1 == 0 ? 0 : size.finiteOrNull).known(with: $0)
        }
      }
      if let volumes = unsafe volumes, let close = unsafe close {
        let base = unsafe windowSums(volumes, plan, scratch[1])
        unsafe fill(out(.closeToVWAP, w), count, close + lead, traded, base) {
          let ratio = $0 / ($1 / $2) - 1
          return ($2 == 0 ? 0 : ratio.finiteOrNull).known(with: $0).known(with: $1)
        }
      }
    }
  }

  private func computePremium() {
    guard let premium = unsafe load(.premium) else { return }
    let sums = unsafe blockSums(premium)
    let scratch = unsafe workspace.take()
    for plan in windows {
      let length = Double(plan.length)
      unsafe fill(
        out(.premium, plan.length), count, windowSums(sums, plan, scratch)
      ) { ($0 / length).finiteOrNull }
    }
  }
}
