internal import HogaCore
internal import HogaFeatures

/// A symbol's returns explained by those of a benchmark, over the last n minutes.
///
/// W. Sharpe, "A Simplified Model for Portfolio Analysis", Management Science 9, 1963. The line has
/// an intercept; the residual return is what the symbol made beyond beta times the benchmark, the
/// intercept included.
public struct BenchmarkRegression: Sendable {
  public static let columnCount = 5
  private let n: Double
  private var pairs: CountWindow<CoMoments>
  private var lagged: CountWindow<CoMoments>
  private var benchmarkBefore = Double.nan

  /// - Precondition: a length of three bars or more.
  public init(_ bars: Int) {
    n = Double(bars)
    pairs = CountWindow(bars)
    lagged = CountWindow(bars)
  }

  /// Takes in both returns of a minute and appends the columns. Where one is unknown (NaN) all
  /// begins anew with the next minute.
  public mutating func update(
    own: Double, benchmark: Double, into row: inout OutputSpan<Double>
  ) {
    guard own.isFinite, benchmark.isFinite else {
      pairs.removeAll()
      lagged.removeAll()
      benchmarkBefore = .nan
      for _ in 0..<Self.columnCount { row.append(.nan) }
      return
    }
    pairs.push(SIMD2(benchmark, own))
    if !benchmarkBefore.isNaN { lagged.push(SIMD2(benchmarkBefore, own)) }
    benchmarkBefore = benchmark
    if pairs.isFull {
      let known = pairs.aggregate
      let beta = known.slope.isNaN ? 0 : known.slope
      let correlation = known.correlation.isNaN ? 0 : known.correlation
      row.append(beta)
      row.append(n * (known.meanY - beta * known.meanX))
      let unexplained = max(0, known.varianceY - beta * known.covariance)
      row.append((unexplained * (n - 1) / n).squareRoot())
      row.append(1 - correlation * correlation)
    } else {
      for _ in 0..<4 { row.append(.nan) }
    }
    let lag = lagged.isFull ? lagged.aggregate.correlation : 0
    row.append(lagged.isFull ? (lag.isNaN ? 0 : lag) : .nan)
  }

  /// The columns `x_{window}_Beta{benchmark}` and so on.
  static func definitions(_ bars: Int, window: String, benchmark: Benchmark)
    -> [FeatureDefinition]
  {
    let m = benchmark.formula
    let sharpe = "W. Sharpe, A Simplified Model for Portfolio Analysis, Management Science 9, 1963"
    func column(_ name: String, _ formula: String, _ source: String, _ back: Int)
      -> FeatureDefinition
    {
      FeatureDefinition(
        name: "x_\(window)_\(name)\(benchmark.rawValue)", group: "Market model",
        formula: "\(formula); \(m)", unit: "1",
        lookBack: .window(.seconds(60 * Int64(back))), source: source)
    }
    return [
      column("Beta", "slope β of r on m over n; 0 where m is constant", sharpe, bars + 1),
      column("ResRet", "Σ r − β Σ m over n", sharpe, bars + 1),
      column("ResVol", "√(mean of squared residuals) over n", sharpe, bars + 1),
      column(
        "IdioShare", "1 − ρ² of r and m over n",
        "R. Roll, R², J. Finance 43, 1988", bars + 1),
      column(
        "LagCorr", "Pearson correlation of r and m₋₁ over n; 0 where undefined",
        "A. Lo, C. MacKinlay, When Are Contrarian Profits Due to Stock Market Overreaction?, "
          + "Review of Financial Studies 3, 1990", bars + 2),
    ]
  }
}

/// What returns are set against.
public enum Benchmark: String, CaseIterable, Sendable {
  /// The equal-weighted mean of all *other* symbols' log returns: with itself in, a symbol would
  /// explain a part of itself, the more the smaller the universe.
  case market = "Mkt"
  /// One symbol's log return; null for that symbol itself.
  case reference = "Btc"

  var formula: String {
    switch self {
    case .market: "m the mean of r over all other symbols that have it"
    case .reference: "m the r of the reference symbol, null for itself"
    }
  }
}
