internal import Glibc
public import HogaCore

/// The close against plain averages of the last n bars.
public struct PlainAverages: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private var simple: RollingMean
  private var weighted: RollingWeightedMean
  private var innerTriangle: RollingMean
  private var outerTriangle: RollingMean
  private var hullFast: RollingWeightedMean
  private var hull: RollingWeightedMean
  private var barMean: RollingMean
  private var highest: RollingMaximum
  private var lowest: RollingMinimum

  /// - Precondition: a length of two bars or more.
  public init(_ length: BarLength) {
    let n = length.bars
    let root = Int(Double(n).squareRoot())
    let group = "Averages"
    definitions = [
      length.column("SMA", group, "C / mean of C over n − 1", Source.classic, back: n),
      length.column(
        "WMA", group, "C / (Σ k·C / Σ k) − 1, k = 1…n, newest n", Source.classic, back: n),
      length.column(
        "TRIMA", group, "C / SMA(SMA(C, ⌊n/2⌋ + 1), ⌈n/2⌉) − 1", Source.classic, back: n),
      length.column(
        "HMA", group, "C / WMA(2·WMA(C, ⌊n/2⌋) − WMA(C, n), ⌊√n⌋) − 1", Source.hull,
        back: n + root - 1),
      length.column(
        "TWAP", group, "C / mean over n of (O + H + L + C)/4 − 1", Source.vwap, back: n),
      length.column(
        "MidPoint", group, "C / ((max C + min C)/2) − 1 over n", Source.donchian, back: n),
    ]
    simple = RollingMean(n)
    weighted = RollingWeightedMean(n)
    innerTriangle = RollingMean(n / 2 + 1)
    outerTriangle = RollingMean((n + 1) / 2)
    hullFast = RollingWeightedMean(max(1, n / 2))
    hull = RollingWeightedMean(root)
    barMean = RollingMean(n)
    highest = RollingMaximum(n)
    lowest = RollingMinimum(n)
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let close = bar.close
    let slow = weighted.push(close)
    row.append(close / simple.push(close) - 1)
    row.append(close / slow - 1)
    row.append(close / outerTriangle.push(innerTriangle.push(close)) - 1)
    row.append(close / hull.push(2 * hullFast.push(close) - slow) - 1)
    row.append(close / barMean.push((bar.open + bar.high + bar.low + close) / 4) - 1)
    row.append(close / ((highest.push(close) + lowest.push(close)) / 2) - 1)
  }
}

/// The close against the least-squares line through the last n closes.
public struct TrendLine: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private let n: Double
  private var pairs: RollingPairs
  private var index = 0.0
  private var forecast = Delay(1)

  /// - Precondition: a length of three bars or more.
  public init(_ length: BarLength) {
    let group = "Averages"
    n = Double(length.bars)
    pairs = RollingPairs(length.bars)
    definitions = [
      length.column(
        "LinReg", group, "C / value at t of the least-squares line through C over n − 1",
        Source.regression, back: length.bars),
      length.column(
        "LinSlope", group, "slope per bar of that line / C", Source.regression, back: length.bars),
      length.column(
        "TrendCorr", group, "Pearson correlation of C with time over n; 0 where C is constant",
        Source.regression, back: length.bars),
      length.column(
        "RegError", group, "√(Σ residual² / (n − 2)) of that line / C", Source.regression,
        back: length.bars),
      length.column(
        "FOSC", group, "100·(C − value forecast for t by the line at t − 1) / C", Source.chande,
        back: length.bars + 1),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let close = bar.close
    index += 1
    guard let line = pairs.push(index, close) else {
      for _ in 0..<5 { row.append(.nan) }
      return
    }
    let slope = line.slope
    let end = line.meanY + slope * (n - 1) / 2
    row.append(close / end - 1)
    row.append(slope / close)
    let correlation = line.correlation
    row.append(correlation.isNaN ? 0 : correlation)
    let unexplained = line.varianceY - slope * line.covariance
    row.append((max(0, unexplained) * (n - 1) / (n - 2)).squareRoot() / close)
    row.append(100 * (close - forecast.push(end + slope)) / close)
  }
}

/// The close against exponential averages.
public struct ExponentialAverages: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private var chain: [Smoother]
  private var lead: Delay
  private var zeroLag: Smoother
  private var warmUps: [WarmUp]
  private var last = Delay(1)

  /// - Precondition: a length of three bars or more.
  public init(_ length: BarLength, _ seeding: Seeding) {
    let n = length.bars
    let group = "Averages"
    let lag = (n - 1) / 2
    func column(_ name: String, _ formula: String, _ source: String) -> FeatureDefinition {
      length.column("\(name)_\(seeding)", group, formula, source, back: nil)
    }
    definitions = [
      column("EMA", "C / E₁ − 1, E₁ = EMA(C, n) of weight 2/(n + 1)", Source.classic),
      column("DEMA", "C / (2E₁ − E₂) − 1, E₂ = EMA(E₁, n)", Source.mulloy),
      column("TEMA", "C / (3E₁ − 3E₂ + E₃) − 1, E₃ = EMA(E₂, n)", Source.mulloy),
      column(
        "T3", "C / (−a³E₆ + 3(a² + a³)E₅ − 3(2a² + a + a³)E₄ + (1 + 3a + a³ + 3a²)E₃) − 1, a = 0.7",
        Source.tillson),
      column("TRIX", "100·(E₃ / E₃ of a bar ago − 1)", Source.hutson),
      column("ZLEMA", "C / EMA(2C − C_l, n) − 1, l = ⌊(n − 1)/2⌋", Source.zeroLag),
    ]
    chain = (0..<6).map { _ in Smoother(span: n, seeding) }
    lead = Delay(lag)
    zeroLag = Smoother(span: n, seeding)
    warmUps = [
      n - 1, 2 * (n - 1), 3 * (n - 1), 6 * (n - 1), 3 * (n - 1) + 1, lag + n - 1,
    ].map(WarmUp.init)
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let close = bar.close
    let e1 = chain[0].push(close)
    let e2 = chain[1].push(e1)
    let e3 = chain[2].push(e2)
    let e4 = chain[3].push(e3)
    let e5 = chain[4].push(e4)
    let e6 = chain[5].push(e5)
    let a = 0.7
    let (a2, a3) = (a * a, a * a * a)
    let t3 =
      -a3 * e6 + 3 * (a2 + a3) * e5 - 3 * (2 * a2 + a + a3) * e4 + (1 + 3 * a + a3 + 3 * a2) * e3
    row.append(close / e1 - 1, if: warmUps[0].pass())
    row.append(close / (2 * e1 - e2) - 1, if: warmUps[1].pass())
    row.append(close / (3 * e1 - 3 * e2 + e3) - 1, if: warmUps[2].pass())
    row.append(close / t3 - 1, if: warmUps[3].pass())
    row.append(100 * (e3 / last.push(e3) - 1), if: warmUps[4].pass())
    row.append(
      close / zeroLag.push(2 * close - lead.push(close)) - 1, if: warmUps[5].pass())
  }
}

/// The close against Kaufman's adaptive average.
///
/// TA-Lib starts it with the close before its first value; there is no other seeding in use.
public struct AdaptiveAverage: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private var changes: RollingSum
  private var old: Delay
  private var before = Delay(1)
  private var average = Double.nan

  public init(_ length: BarLength) {
    changes = RollingSum(length.bars)
    old = Delay(length.bars)
    definitions = [
      length.column(
        "KAMA_talib", "Averages",
        "C / K − 1, K = K₋₁ + s²(C − K₋₁), s = 2/31 + ER·(2/3 − 2/31), "
          + "ER = abs(C − C_n) / Σ abs(C − C₋₁); starts with the n-th close",
        Source.kaufman, back: nil)
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let close = bar.close
    let previous = before.push(close)
    let path = changes.push(abs(close - previous))
    let start = old.push(close)
    guard !path.isNaN else {
      row.append(.nan)
      return
    }
    if average.isNaN { average = previous }
    let efficiency = path == 0 ? 1 : abs(close - start) / path
    let step = 2.0 / 31 + efficiency * (2.0 / 3 - 2.0 / 31)
    average += step * step * (close - average)
    row.append(close / average - 1)
  }
}

/// The close against averages weighted by volume.
///
/// Against the volume-weighted average price itself it is `C2VWAP` of the cross-section's
/// specification.
public struct VolumeAverages: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = [.prices, .volume]
  private var closes: CountWindow<WeightedMoments>
  private var typical: CountWindow<WeightedMoments>

  public init(_ length: BarLength) {
    closes = CountWindow(length.bars)
    typical = CountWindow(length.bars)
    let group = "Averages"
    let n = length.bars
    definitions = [
      length.column(
        "VWMA", group, "C / (Σ V·C / Σ V) − 1 over n; 0 without volume", Source.vwap, back: n),
      length.column(
        "VWAP_Z", group,
        "(C − W)/√(Σ V·(P − W)² / Σ V), W = Σ V·P / Σ V over n; 0 where the root is 0",
        Source.vwap, back: n),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    closes.push(SIMD2(bar.close, bar.volume))
    typical.push(SIMD2(bar.typical, bar.volume))
    guard closes.isFull else {
      row.append(.nan)
      row.append(.nan)
      return
    }
    let close = bar.close
    let middle = typical.aggregate
    let mean = closes.aggregate.mean
    row.append(mean.isNaN ? 0 : close / mean - 1)
    let deviation = middle.variance.squareRoot()
    row.append(deviation > 0 ? (close - middle.mean) / deviation : 0)
  }
}

/// Mean and variance of values (x) that weigh differently (y ≥ 0).
struct WeightedMoments: WindowAggregate {
  private var weight = DoubleDouble.zero
  private var center = DoubleDouble.zero
  private var squares = DoubleDouble.zero

  mutating func push(_ value: SIMD2<Double>) {
    guard value.y > 0 else { return }
    var one = WeightedMoments()
    one.weight = DoubleDouble(value.y)
    one.center = DoubleDouble(value.x)
    merge(one)
  }

  mutating func merge(_ other: WeightedMoments) {
    guard other.weight.value > 0 else { return }
    guard weight.value > 0 else {
      self = other
      return
    }
    let total = weight + other.weight
    let shift = other.center - center
    let share = other.weight / total
    squares += other.squares + shift * shift * weight * share
    center += shift * share
    weight = total
  }

  /// NaN without weight.
  var mean: Double { weight.value > 0 ? center.value : .nan }
  /// Divided by the weight, as a population's; NaN without weight.
  var variance: Double { weight.value > 0 ? max(0, (squares / weight).value) : .nan }
}
