/// Standardises values by the mean and deviation of the last ones, the newest included.
///
/// Sums are recomputed from the window each time it has turned over once, so that rounding does
/// not gather. Memory is the window.
struct RollingScore: Sendable {
  private var values: [Double] = []
  private let window: Int
  private var next = 0
  private var sum = 0.0
  private var squares = 0.0
  /// The first value, taken off the others so that squares do not cancel.
  private var origin = 0.0

  init(window: Int) { self.window = window }

  /// Takes a value; returns its z-score, or `nil` until the window is full or while it is flat.
  mutating func push(_ value: Double) -> Double? {
    if values.isEmpty { origin = value }
    let shifted = value - origin
    if values.count < window {
      values.append(shifted)
    } else {
      sum -= values[next]
      squares -= values[next] * values[next]
      values[next] = shifted
    }
    sum += shifted
    squares += shifted * shifted
    next += 1
    if next == window {
      next = 0
      sum = values.reduce(0, +)
      squares = values.reduce(0) { $0 + $1 * $1 }
    }
    guard values.count == window else { return nil }
    let mean = sum / Double(window)
    let variance = squares / Double(window) - mean * mean
    // Below this the window is flat but for rounding.
    guard variance > 1e-12 * max(mean * mean, squares / Double(window)), variance > 0 else {
      return nil
    }
    return (shifted - mean) / variance.squareRoot()
  }
}
