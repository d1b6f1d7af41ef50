internal import HogaCore

/// A point of a curve, in data units or in drawing units.
package struct Point: Hashable, Sendable {
  package var x: Double
  package var y: Double
  package init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }
}

/// Curves reduced to what a drawing can show.
///
/// Within each column of the drawing only the lowest and the highest point are kept, in their
/// order, beside the first and last of every unbroken run. No extreme is lost, which a plain stride
/// or an average would do, and a line through the kept points covers the same pixels to within one
/// column. After the min–max part of M4 (U. Jugel et al., VLDB 7(10), 2014).
package enum Downsampling {
  /// Splits a curve at values that cannot be drawn, and thins each run to `columns` columns.
  ///
  /// Points must be in order of `x`; points whose `x` cannot be drawn are left out.
  package static func runs(_ points: [Point], columns: Int) -> [[Point]] {
    var runs: [[Point]] = []
    var run: [Point] = []
    for point in points where ValueAxis.isDrawable(point.x) {
      if ValueAxis.isDrawable(point.y) {
        run.append(point)
      } else if !run.isEmpty {
        runs.append(run)
        run = []
      }
    }
    if !run.isEmpty { runs.append(run) }
    guard let low = runs.first?.first?.x, let high = runs.last?.last?.x, low < high,
      points.count > 2 * columns
    else { return runs }
    let grid = Columns(low: low, width: high - low, count: columns)
    var thinned: [[Point]] = []
    var lastColumn = -1  // of the run before, if it lies within one column
    for run in runs {
      let first = grid.index(of: run[0].x)
      let isWithinColumn = first == grid.index(of: run[run.count - 1].x)
      let reduced = extremes(run, in: grid)
      if isWithinColumn, first == lastColumn {
        // A gap inside one column cannot be seen: both runs share that column's lowest and highest.
        let both = thinned[thinned.count - 1] + reduced
        thinned[thinned.count - 1] = extremes(both, in: grid, keepsEnds: false)
      } else {
        thinned.append(reduced)
      }
      lastColumn = isWithinColumn ? first : -1
    }
    return thinned
  }

  private struct Columns {
    var low: Double
    /// Above zero.
    var width: Double
    var count: Int

    func index(of x: Double) -> Int {
      Int(min(max((x - low) / width, 0), 1) * Double(count))
    }
  }

  private static func extremes(
    _ run: [Point], in grid: Columns, keepsEnds: Bool = true
  ) -> [Point] {
    guard run.count > 2 else { return run }
    var output: [Point] = keepsEnds ? [run[0]] : []
    var lowest = 0
    var highest = 0
    var current = grid.index(of: run[0].x)
    func flush() {
      for index in [min(lowest, highest), max(lowest, highest)] where run[index] != output.last {
        output.append(run[index])
      }
    }
    for (index, point) in run.enumerated() {
      let column = grid.index(of: point.x)
      if column != current {
        flush()
        current = column
        lowest = index
        highest = index
      } else if point.y < run[lowest].y {
        lowest = index
      } else if point.y > run[highest].y {
        highest = index
      }
    }
    flush()
    if keepsEnds, let last = run.last, last != output.last { output.append(last) }
    return output
  }

  /// Thins a band to its lowest and highest edge in each of `columns` columns, run by run.
  package static func band(
    _ x: [Double], low: [Double], high: [Double], columns: Int
  ) -> [[(x: Double, low: Double, high: Double)]] {
    let known = x.indices.filter { ValueAxis.isDrawable(x[$0]) }
    guard let first = known.first, let last = known.last else { return [] }
    let grid = Columns(low: x[first], width: x[last] - x[first], count: columns)
    let isDense = known.count > 2 * columns && grid.width > 0
    var runs: [[(x: Double, low: Double, high: Double)]] = []
    var run: [(x: Double, low: Double, high: Double)] = []
    var current = Int.min
    for index in known {
      guard ValueAxis.isDrawable(low[index]), ValueAxis.isDrawable(high[index]) else {
        if !run.isEmpty { runs.append(run) }
        run = []
        continue
      }
      let column = isDense ? grid.index(of: x[index]) : index
      if column == current, !run.isEmpty {
        run[run.count - 1].low = min(run[run.count - 1].low, low[index])
        run[run.count - 1].high = max(run[run.count - 1].high, high[index])
      } else {
        run.append((x[index], low[index], high[index]))
      }
      current = column
    }
    if !run.isEmpty { runs.append(run) }
    return runs.count > 2 * columns
      ? stride(from: 0, to: runs.count, by: runs.count / columns).map { runs[$0] } : runs
  }
}
