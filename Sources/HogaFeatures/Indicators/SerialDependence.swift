internal import Glibc
public import HogaCore

/// Whether returns continue or revert.
///
/// The distance of a price from its mean in standard deviations is `PctB` of the cross-section's
/// specification up to scale, and is not repeated here.
public struct SerialDependence: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private let n: Double
  private let pace: Double
  private var before = Delay(1)
  private var moveBefore = Delay(1)
  private var neighbours: RollingPairs
  private var levels: RollingPairs
  private var squares: RollingSum
  private var pacedSquares: RollingSum
  private var paced: Delay
  private var returns: Ring

  /// The returns of the variance ratio span a fifth of the length, two bars at least.
  static func pace(_ n: Int) -> Int { max(2, n / 5) }

  /// - Precondition: a length of four bars or more.
  public init(_ length: BarLength) {
    let bars = length.bars
    let q = Self.pace(bars)
    n = Double(bars)
    pace = Double(q)
    neighbours = RollingPairs(bars)
    levels = RollingPairs(bars)
    squares = RollingSum(bars)
    pacedSquares = RollingSum(bars)
    paced = Delay(q)
    returns = Ring(bars)
    let group = "Mean reversion"
    definitions = [
      length.column(
        "Autocorr", group, "Pearson correlation of r and r₋₁ over n pairs; 0 where undefined",
        Source.boxJenkins, back: bars + 2),
      length.column(
        "VarRatio", group, "mean of ln(C/C_\(q))² / (\(q)·mean of r²) over n; 1 for 0/0",
        Source.varianceRatio, back: bars + q),
      length.column(
        "HalfLife", group,
        "−ln 2 / ln φ bars, at most 10n; φ the slope of C on C₋₁ over n pairs; "
          + "0 where φ ≤ 0, 10n where φ ≥ 1 or C is constant",
        Source.halfLife, unit: "bars", back: bars + 1),
      length.column(
        "DFStat", group, "(φ − 1)/standard error of φ, that regression; 0 where it has none",
        Source.dickeyFuller, back: bars + 1),
      length.column(
        "RescaledRange", group,
        "R/(S√n), R the range (0 included) of partial sums of r − mean, S population σ, over n; "
          + "0 for 0/0",
        Source.hurst, back: bars + 1),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let close = bar.close
    let old = before.push(close)
    let move = log(close / old)
    let pair = neighbours.push(moveBefore.push(move), move)
    row.append(pair.map { $0.correlation.isNaN ? 0 : $0.correlation } ?? .nan)
    let square = squares.push(move * move)
    let longMove = log(close / paced.push(close))
    row.append(ratio(pacedSquares.push(longMove * longMove), pace * square, orElse: 1))
    if let level = levels.push(old, close) {
      let slope = level.slope
      let cap = 10 * n
      row.append(
        slope.isNaN || slope >= 1 ? cap : slope <= 0 ? 0 : min(cap, -log(2) / log(slope)))
      let unexplained = max(0, level.varianceY - slope * level.covariance)
      let error = (unexplained / (n - 2) / level.varianceX).squareRoot()
      row.append(error > 0 ? (slope - 1) / error : 0)
    } else {
      row.append(.nan)
      row.append(.nan)
    }
    if !move.isNaN { returns.push(move) }
    row.append(returns.isFull ? rescaledRange : .nan)
  }

  private var rescaledRange: Double {
    var mean = 0.0
    for move in returns.values { mean += move }
    mean /= n
    var (sum, highest, lowest, squares) = (0.0, 0.0, 0.0, 0.0)
    for index in 0..<returns.capacity {
      let deviation = returns[index] - mean
      sum += deviation
      highest = max(highest, sum)
      lowest = min(lowest, sum)
      squares += deviation * deviation
    }
    // What a constant return leaves by rounding is no deviation.
    guard squares > n * 1e-28 * mean * mean else { return 0 }
    return (highest - lowest) / ((squares / n).squareRoot() * n.squareRoot())
  }
}
