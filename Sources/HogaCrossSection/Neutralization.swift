/// Takes what all symbols of a minute share out of a column.
///
/// `neutral` is the z-score across the symbols that have a value at the same minute, `(x − μ) / σ`
/// with the population's σ; `demeaned` takes the mean off alone. Both are null where `x` is.
///
/// Two passes over the symbols: the mean first, then the squared deviations from it. Values are
/// taken relative to one of them throughout, so that equal values deviate by exactly nothing.
/// Values that agree to a part in 10¹² count as equal, and their z-score is 0: a difference that
/// small is rounding, and dividing by it would turn rounding into scores of several units. (It
/// happens: the open interest of five minutes often has one step, and then `OI_Z` is one number,
/// up to rounding, for all symbols that rose.)
enum Neutralization {
  /// Spreads below this share of the mean are rounding.
  private static let rounding = 1e-12

  private enum Result { case zScore, deviation }

  /// Writes z-scores.
  ///
  /// - Parameters:
  ///   - values: `symbols · rows`, symbol by symbol; NaN is null.
  ///   - out: as many, no part of `values`.
  static func neutral(
    _ values: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>, symbols: Int, rows: Int
  ) {
    unsafe write(.zScore, values, into: out, symbols: symbols, rows: rows)
  }

  /// Writes deviations from the mean.
  static func demeaned(
    _ values: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>, symbols: Int, rows: Int
  ) {
    unsafe write(.deviation, values, into: out, symbols: symbols, rows: rows)
  }

  private static func write(
    _ result: Result, _ values: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>,
    symbols: Int, rows: Int
  ) {
    guard symbols > 0, rows > 0 else { return }
    // A stretch of minutes of all symbols that stays in the second-level cache.
    let stretch = min(rows, max(32, 24_576 / symbols))
    let scratch = Workspace(rows: stretch, count: 5)
    for first in stride(from: 0, to: rows, by: stretch) {
      let count = min(stretch, rows - first)
      scratch.release(to: 0)
      let statistics = unsafe Statistics(
        values + first, symbols: symbols, stride: rows, count: count, scratch)
      for symbol in 0..<symbols {
        let row = unsafe values + (symbol * rows + first)
        let target = unsafe out + (symbol * rows + first)
        switch result {
        case .deviation:
          unsafe fill(target, count, row, statistics.reference, statistics.mean) {
            ($0 - $1) - $2
          }
        case .zScore:
          unsafe fill(
            target, count, row, statistics.reference, statistics.mean, statistics.scale
          ) { (($0 - $1) - $2) * $3 }
        }
      }
    }
  }

  /// Of each minute, across symbols.
  private struct Statistics {
    /// The value of the first symbol that has one.
    let reference: UnsafeMutablePointer<Double>
    /// The mean, less the reference.
    let mean: UnsafeMutablePointer<Double>
    /// `1 / σ`, or 0.
    let scale: UnsafeMutablePointer<Double>

    init(
      _ values: UnsafePointer<Double>, symbols: Int, stride: Int, count: Int, _ scratch: Workspace
    ) {
      unsafe (reference, mean, scale) = (scratch.take(), scratch.take(), scratch.take())
      let known = unsafe scratch.take()
      unsafe reference.update(from: values, count: count)
      unsafe sumAll(values, symbols, stride, count)
      var isComplete = true
      for index in 0..<count where unsafe !mean[index].isFinite {
        isComplete = false
        break
      }
      if isComplete {
        let share = 1 / Double(symbols)
        for index in 0..<count {
          unsafe mean[index] *= share
          unsafe known[index] = Double(symbols)
        }
        unsafe squareAll(values, symbols, stride, count)
      } else {
        unsafe sumKnown(values, symbols, stride, count, known)
        unsafe squareKnown(values, symbols, stride, count)
      }
      unsafe update(scale, count, known, mean, reference) { squares, known, mean, reference in
        let variance = squares / known
        let level = (mean + reference) * rounding
        // What overflows is not known.
        return (variance <= level * level ? 0 : 1 / variance.squareRoot()) + (variance - variance)
      }
    }

    private func sumAll(
      _ values: UnsafePointer<Double>, _ symbols: Int, _ stride: Int, _ count: Int
    ) {
      unsafe mean.update(repeating: 0, count: count)
      for symbol in 0..<symbols {
        unsafe update(mean, count, values + symbol * stride, reference) { $0 + ($1 - $2) }
      }
    }

    private func squareAll(
      _ values: UnsafePointer<Double>, _ symbols: Int, _ stride: Int, _ count: Int
    ) {
      unsafe scale.update(repeating: 0, count: count)
      for symbol in 0..<symbols {
        unsafe update(scale, count, values + symbol * stride, reference, mean) {
          let deviation = ($1 - $2) - $3
          return $0 + deviation * deviation
        }
      }
    }

    /// The same where some symbols have no value at some minutes.
    private func sumKnown(
      _ values: UnsafePointer<Double>, _ symbols: Int, _ stride: Int, _ count: Int,
      _ known: UnsafeMutablePointer<Double>
    ) {
      for symbol in 1..<max(symbols, 1) {
        unsafe update(reference, count, values + symbol * stride) { $0 == $0 ? $0 : $1 }
      }
      unsafe mean.update(repeating: 0, count: count)
      unsafe known.update(repeating: 0, count: count)
      for symbol in 0..<symbols {
        let row = unsafe values + symbol * stride
        unsafe update(mean, count, row, reference) { $0 + ($1 == $1 ? $1 - $2 : 0) }
        unsafe update(known, count, row) { $0 + ($1 == $1 ? 1 : 0) }
      }
      unsafe update(mean, count, known) { $0 / $1 }
    }

    private func squareKnown(
      _ values: UnsafePointer<Double>, _ symbols: Int, _ stride: Int, _ count: Int
    ) {
      unsafe scale.update(repeating: 0, count: count)
      for symbol in 0..<symbols {
        unsafe update(scale, count, values + symbol * stride, reference, mean) {
          let deviation = ($1 - $2) - $3
          return $0 + ($1 == $1 ? deviation * deviation : 0)
        }
      }
    }
  }
}
