internal import Glibc
public import HogaCore

/// Volatility per bar from closes and ranges.
public struct RangeVolatility: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private var before = Delay(1)
  private var closes: RollingMean
  private var ranges: RollingMean
  private var garmanKlass: RollingMean
  private var rogersSatchell: RollingMean
  private var overnight: RollingMoments
  private var openToClose: RollingMoments
  private let weight: Double

  /// - Precondition: a length of two bars or more.
  public init(_ length: BarLength) {
    let n = length.bars
    closes = RollingMean(n)
    ranges = RollingMean(n)
    garmanKlass = RollingMean(n)
    rogersSatchell = RollingMean(n)
    overnight = RollingMoments(n)
    openToClose = RollingMoments(n)
    weight = 0.34 / (1.34 + Double(n + 1) / Double(n - 1))
    let group = "Volatility"
    definitions = [
      length.column("RealVol", group, "√(mean of r² over n)", Source.realized, back: n + 1),
      length.column(
        "Parkinson", group, "√(mean of ln(H/L)² over n / (4 ln 2))", Source.parkinson, back: n),
      length.column(
        "GarmanKlass", group, "√(mean over n of ½ ln(H/L)² − (2 ln 2 − 1) ln(C/O)²), 0 below 0",
        Source.garmanKlass, back: n),
      length.column(
        "RogersSatchell", group, "√(mean over n of ln(H/C) ln(H/O) + ln(L/C) ln(L/O))",
        Source.rogersSatchell, back: n),
      length.column(
        "YangZhang", group,
        "√(s²(ln(O/C₋₁)) + k s²(ln(C/O)) + (1 − k) RS²), s² of divisor n − 1, "
          + "k = 0.34/(1.34 + (n + 1)/(n − 1))",
        Source.yangZhang, back: n + 1),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let old = before.push(bar.close)
    let move = log(bar.close / old)
    let range = log(bar.high / bar.low)
    let body = log(bar.close / bar.open)
    let cross =
      log(bar.high / bar.close) * log(bar.high / bar.open)
      + log(bar.low / bar.close) * log(bar.low / bar.open)
    let satchell = rogersSatchell.push(cross)
    row.append(closes.push(move * move).squareRoot())
    row.append((ranges.push(range * range) / (4 * log(2))).squareRoot())
    row.append(
      positiveRoot(garmanKlass.push(0.5 * range * range - (2 * log(2) - 1) * body * body)))
    row.append(positiveRoot(satchell))
    let gap = overnight.push(log(bar.open / old))
    let day = openToClose.push(body)
    let variance =
      (gap?.variance ?? .nan) + weight * (day?.variance ?? .nan) + (1 - weight) * satchell
    row.append(positiveRoot(variance))
  }
}

/// The root of what rounding, or an estimator, may leave below zero. NaN stays NaN.
func positiveRoot(_ value: Double) -> Double { value < 0 ? 0 : value.squareRoot() }

/// Jumps, asymmetry and higher moments of returns.
public struct ReturnShape: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private let n: Double
  private var before = Delay(1)
  private var last: (Double, Double) = (.nan, .nan)
  private var squares: RollingSum
  private var neighbours: RollingSum
  private var medians: RollingSum
  private var upSquares: RollingSum
  private var moments: RollingMoments
  private var cubes: CountWindow<HigherMoments>
  private var sizes: RollingMoments
  private var zeros: RollingSum

  /// - Precondition: a length of four bars or more.
  public init(_ length: BarLength) {
    let bars = length.bars
    n = Double(bars)
    squares = RollingSum(bars)
    neighbours = RollingSum(bars - 1)
    medians = RollingSum(bars - 2)
    upSquares = RollingSum(bars)
    moments = RollingMoments(bars)
    cubes = CountWindow(bars)
    sizes = RollingMoments(bars)
    zeros = RollingSum(bars)
    let group = "Volatility"
    let back = bars + 1
    func column(_ name: String, _ formula: String, _ source: String) -> FeatureDefinition {
      length.column(name, group, formula, source, back: back)
    }
    definitions = [
      column("Bipower", "√(π/2 · Σ abs(r·r₋₁) / (n − 1)) over the n returns", Source.bipower),
      column("JumpShare", "max(0, 1 − Bipower²·n/Σ r²); 0 for 0/0", Source.bipower),
      column(
        "MedRV", "√(π/(6 − 4√3 + π) · Σ med(abs r, abs r₋₁, abs r₋₂)² / (n − 2))",
        Source.medianRV),
      column("UpSemi", "Σ r² of r > 0 / Σ r²; ½ for 0/0", Source.semivariance),
      column("Skew", "m₃/m₂^1.5, central moments of r over n; 0 where m₂ = 0", Source.moments),
      column("Kurt", "m₄/m₂² − 3; 0 where m₂ = 0", Source.moments),
      column("Sharpe", "mean/σ of r over n, population σ; 0 where σ = 0", Source.sharpe),
      column("ReturnZ", "(r − mean)/σ of r over n, population σ; 0 where σ = 0", Source.hoga),
      column("VolOfVol", "σ/mean of abs r over n, population σ; 0 for 0/0", Source.hoga),
      column("ZeroShare", "share of bars with C = C₋₁ over n", Source.zeroReturns),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let move = log(bar.close / before.push(bar.close))
    guard !move.isNaN else {
      for _ in 0..<10 { row.append(.nan) }
      return
    }
    let square = squares.push(move * move)
    let product = neighbours.push(abs(move * last.0))
    let middle = median(abs(move), abs(last.0), abs(last.1))
    let middles = medians.push(middle * middle)
    let rise = upSquares.push(move > 0 ? move * move : 0)
    let deviations = moments.push(move)
    cubes.push(move)
    let size = sizes.push(abs(move))
    let zero = zeros.push(move == 0 ? 1 : 0)
    last = (move, last.0)
    let bipower = Double.pi / 2 * product / (n - 1)
    row.append(bipower.squareRoot())
    row.append(square.isNaN ? .nan : max(0, square == 0 ? 0 : 1 - bipower * n / square))
    let median = Double.pi / (6 - 4 * 3.0.squareRoot() + Double.pi) * middles / (n - 2)
    row.append(median.squareRoot())
    row.append(ratio(rise, square, orElse: 0.5))
    guard let deviations, let size, cubes.isFull else {
      for _ in 0..<6 { row.append(.nan) }
      return
    }
    let shape = cubes.aggregate
    row.append(shape.skewness)
    row.append(shape.excessKurtosis)
    let deviation = deviations.populationVariance.squareRoot()
    row.append(ratio(deviations.mean, deviation))
    row.append(ratio(move - deviations.mean, deviation))
    row.append(ratio(size.populationVariance.squareRoot(), size.mean))
    row.append(zero / n)
  }
}

/// NaN where one is.
private func median(_ a: Double, _ b: Double, _ c: Double) -> Double {
  a.isNaN || b.isNaN || c.isNaN ? .nan : max(min(a, b), min(max(a, b), c))
}

/// Third and fourth central moments, joined without subtraction of large sums.
///
/// In double-double. P. Pébay, "Formulas for Robust, One-Pass Parallel Computation of Covariances
/// and Arbitrary-Order Statistical Moments", Sandia report 2008-6212.
struct HigherMoments: WindowAggregate {
  private var count = 0.0
  private var mean = DoubleDouble.zero
  private var second = DoubleDouble.zero
  private var third = DoubleDouble.zero
  private var fourth = DoubleDouble.zero

  mutating func push(_ value: Double) {
    var one = HigherMoments()
    one.count = 1
    one.mean = DoubleDouble(value)
    merge(one)
  }

  mutating func merge(_ other: HigherMoments) {
    guard other.count > 0 else { return }
    guard count > 0 else {
      self = other
      return
    }
    let (a, b) = (count, other.count)
    let n = a + b
    let shift = (other.mean - mean) / n
    let shift2 = shift * shift
    let squares = second * (b * b) + other.second * (a * a)
    let cubes = other.third * a - third * b
    fourth += other.fourth + squares * shift2 * 6.0 + cubes * shift * 4.0
    fourth += shift2 * shift2 * (a * b * (a * a * a + b * b * b))
    third += other.third + (other.second * a - second * b) * shift * 3.0
    third += shift2 * shift * (a * b * (a - b) * n)
    second += other.second + shift2 * (a * b * n)
    mean += shift * b
    count = n
  }

  var skewness: Double {
    let variance = second.value / count
    return variance > 0 ? third.value / count / (variance * variance.squareRoot()) : 0
  }
  var excessKurtosis: Double {
    let variance = second.value / count
    return variance > 0 ? fourth.value / count / (variance * variance) - 3 : 0
  }
}
