internal import Glibc
public import HogaCore

/// The mean of a series in time, and how sure it is.
public struct SeriesSummary: Hashable, Sendable {
  /// Values, without the missing ones.
  public var count: Int
  /// Values that were missing.
  public var nulls: Int
  /// NaN without values.
  public var mean: Double
  /// With divisor `n − 1`.
  public var standardDeviation: Double
  /// Of the mean, allowing for correlation over `lags` values; NaN of fewer than three values.
  public var standardError: Double
  public var lags: Int
  /// The share of values above zero.
  public var positiveShare: Double

  /// Mean over its standard error.
  public var tStatistic: Double { standardError > 0 ? mean / standardError : .nan }
  /// Two-sided, from the normal distribution.
  public var pValue: Double { erfc(abs(tStatistic) / 2.0.squareRoot()) }
  /// Mean over standard deviation: of an information coefficient its ICIR, per value of the series.
  public var ratio: Double { standardDeviation > 0 ? mean / standardDeviation : .nan }
  /// The ratio as if values were independent and there were so many in a year.
  public func annualizedRatio(valuesPerYear: Double) -> Double {
    ratio * valuesPerYear.squareRoot()
  }

  /// - Parameters:
  ///   - values: NaN is missing; neighbours around a missing value count as neighbours.
  ///   - minimumLags: See `SeriesAccumulator.summary`.
  public init(_ values: [Double], minimumLags: Int = 0) {
    var accumulator = SeriesAccumulator(
      lagCapacity: max(minimumLags, SeriesAccumulator.automaticLags(count: values.count)))
    for value in values { accumulator.push(value) }
    self = accumulator.summary(minimumLags: minimumLags)
  }

  init(
    count: Int, nulls: Int, mean: Double, standardDeviation: Double, standardError: Double,
    lags: Int, positiveShare: Double
  ) {
    self.count = count
    self.nulls = nulls
    self.mean = mean
    self.standardDeviation = standardDeviation
    self.standardError = standardError
    self.lags = lags
    self.positiveShare = positiveShare
  }

  public var json: JSONValue {
    [
      "count": .int(Int64(count)), "nulls": .int(Int64(nulls)), "mean": .double(mean),
      "standard_deviation": .double(standardDeviation), "standard_error": .double(standardError),
      "t": .double(tStatistic), "p_value": .double(pValue), "lags": .int(Int64(lags)),
      "ratio": .double(ratio), "positive_share": .double(positiveShare),
    ]
  }
}

/// Sums from which a series' mean and its error follow, without the series.
///
/// The error is that of W. Newey and K. West ("A simple, positive semi-definite, heteroskedasticity
/// and autocorrelation consistent covariance matrix", Econometrica 55(3), 1987), with Bartlett
/// weights and no correction for small samples. Values are taken relative to the first one, so that
/// a constant series has no variance at all.
public struct SeriesAccumulator: Hashable, Sendable {
  private let capacity: Int
  public private(set) var count = 0
  public private(set) var nulls = 0
  private var shift = 0.0
  private var sum = 0.0
  private var positive = 0
  /// By lag, `Σ x_t x_{t−lag}`.
  private var products: [Double]
  /// The first values, which have no partner at greater lags.
  private var head: [Double] = []
  /// The last values, newest first from `newest` on; each is kept twice, `capacity` apart, so that
  /// they always lie in one piece.
  private var recent: [Double]
  private var newest = 0

  /// - Parameter lagCapacity: The most lags that `summary` may be asked for.
  public init(lagCapacity: Int) {
    capacity = max(0, lagCapacity)
    products = [Double](repeating: 0, count: capacity + 1)
    recent = [Double](repeating: 0, count: 2 * capacity)
  }

  /// Adds the next value; NaN is counted as missing.
  public mutating func push(_ value: Double) {
    guard !value.isNaN else {
      nulls += 1
      return
    }
    if count == 0 { shift = value }
    let x = value - shift
    if value > 0 { positive += 1 }
    products[0] += x * x
    let known = min(count, capacity)
    for lag in 0..<known { products[lag + 1] += x * recent[newest + lag] }
    if capacity > 0 {
      if head.count < capacity { head.append(x) }
      newest = newest == 0 ? capacity - 1 : newest - 1
      recent[newest] = x
      recent[newest + capacity] = x
    }
    sum += x
    count += 1
  }

  /// Over how many values to allow for correlation in a series of so many: `⌊4 (n / 100)^(2/9)⌋`, the
  /// rule of W. Newey, K. West, "Automatic lag selection in covariance matrix estimation", Rev.
  /// Econ. Studies 61(4), 1994.
  public static func automaticLags(count: Int) -> Int {
    Int(4 * pow(Double(max(0, count)) / 100, 2.0 / 9))
  }

  /// The error is not known (NaN) of a series of fewer than five such stretches: with lags close to its
  /// length the estimate tends to zero, and t to infinity.
  ///
  /// - Parameter minimumLags: The lags are these, or the automatic ones where those are more; never
  ///   more than the capacity.
  public func summary(minimumLags: Int = 0) -> SeriesSummary {
    let lags = min(capacity, max(minimumLags, Self.automaticLags(count: count)))
    guard count > 0 else {
      return SeriesSummary(
        count: 0, nulls: nulls, mean: .nan, standardDeviation: .nan, standardError: .nan,
        lags: lags, positiveShare: .nan)
    }
    let n = Double(count)
    let mean = sum / n
    let centred = max(0, products[0] - n * mean * mean)
    var total = centred
    var headSum = 0.0
    var tailSum = 0.0
    for lag in 1..<max(1, min(lags, count - 1) + 1) {
      headSum += head[lag - 1]
      tailSum += recent[newest + lag - 1]
      let pairs = products[lag] - mean * (2 * sum - headSum - tailSum)
      let covariance = pairs + (n - Double(lag)) * mean * mean
      total += 2 * (1 - Double(lag) / Double(lags + 1)) * covariance
    }
    // What is left of a constant series is rounding.
    let isVaried = centred > products[0] * n * 1e-16 && centred > 0
    return SeriesSummary(
      count: count, nulls: nulls, mean: shift + mean,
      standardDeviation: count > 1 ? (isVaried ? (centred / (n - 1)).squareRoot() : 0) : .nan,
      standardError: count > 2 && isVaried && minimumLags * 5 <= count
        ? max(0, total).squareRoot() / n : .nan,
      lags: lags, positiveShare: Double(positive) / n)
  }
}

extension SeriesAccumulator {
  /// With room for so many lags, and for the automatic ones of ten years of minutes.
  public init(forLags lags: Int) {
    self.init(lagCapacity: max(lags, Self.automaticLags(count: 5_000_000)))
  }
}
