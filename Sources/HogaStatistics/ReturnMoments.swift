/// The first four moments of returns.
public struct ReturnMoments: Hashable, Sendable {
  public let count: Int
  public let mean: Double
  /// Sample standard deviation (over n − 1); 0 of fewer than two returns.
  public let deviation: Double
  /// Third standardised moment (population); `nil` where returns do not vary.
  public let skewness: Double?
  /// Fourth standardised moment (population), 3 for a normal distribution.
  public let kurtosis: Double?

  /// Equity is a double, so returns carry rounding of about 10⁻¹⁶: a deviation of no more than this
  /// is no deviation, and a ratio over it would be noise in the billions.
  static let leastDeviation = 1e-15

  public init(_ returns: [Double]) {
    count = returns.count
    let size = Double(returns.count)
    let mean = returns.isEmpty ? 0 : returns.reduce(0, +) / size
    var squares = 0.0
    var cubes = 0.0
    var fourths = 0.0
    for value in returns {
      let away = value - mean
      let square = away * away
      squares += square
      cubes += square * away
      fourths += square * square
    }
    self.mean = mean
    deviation = returns.count > 1 ? (squares / (size - 1)).squareRoot() : 0
    guard deviation > Self.leastDeviation else {
      skewness = nil
      kurtosis = nil
      return
    }
    let variance = squares / size
    skewness = cubes / size / (variance * variance.squareRoot())
    kurtosis = fourths / size / (variance * variance)
  }

  /// Whether the returns vary by more than rounding.
  public var varies: Bool { deviation > Self.leastDeviation }
}
