/// How long the blocks of a bootstrap should be, for data that depend on their past.
///
/// Sources: D. N. Politis, H. White, "Automatic block-length selection for the dependent bootstrap",
/// Econometric Reviews 23(1), 2004; corrected in A. Patton, D. N. Politis, H. White, Econometric
/// Reviews 28(4), 2009.
public struct BlockLength: Hashable, Sendable {
  /// The mean length for the stationary bootstrap.
  public let stationary: Double
  /// The length for the circular block bootstrap.
  public let circular: Double
  /// Autocovariances up to this lag, tapered, went into the estimate.
  public let bandwidth: Int

  /// The autocovariances count up to twice the last lag before a run of `max(5, log₁₀ n)` lags whose
  /// autocorrelations lie within `±2·√(log₁₀ n / n)`, at most up to `√n` lags and that run.
  ///
  /// Lengths are not rounded; below one they mean that observations are independent. They are at most
  /// `min(3·√n, n/3)`, rounded up.
  ///
  /// - Returns: `nil` of fewer than ten values, or where they do not vary.
  public init?(_ values: [Double]) {
    guard values.count >= 10 else { return nil }
    let count = Double(values.count)
    let moments = ReturnMoments(values)
    guard moments.varies else { return nil }
    let centred = values.map { $0 - moments.mean }
    let digits = logarithm(count) / logarithm(10)
    // 1000 has three digits to the power of ten, whatever the logarithms' quotient rounds to.
    let run = max(5, Int(digits + 1e-12))
    let last = min(values.count - 1, Int(count.squareRoot().rounded(.up)) + run)
    let band = 2 * (digits / count).squareRoot()

    var covariances = [Self.covariance(centred, lag: 0)]
    func covariance(_ lag: Int) -> Double {
      while covariances.count <= lag {
        covariances.append(Self.covariance(centred, lag: covariances.count))
      }
      return covariances[lag]
    }
    var quiet = 0
    var found: Int?
    // The run may end one lag before the last.
    for lag in 1..<max(2, last) where found == nil {
      quiet = abs(covariance(lag)) < band * covariances[0] ? quiet + 1 : 0
      if quiet == run { found = lag - run + 1 }
    }
    bandwidth = min(found.map { 2 * max($0, 1) } ?? last, last)

    var slope = 0.0
    var spectrum = covariances[0]
    for lag in 1...bandwidth {
      // The flat-top window: one up to half of the bandwidth, then falling to zero.
      let weight = min(1, 2 * (1 - Double(lag) / Double(bandwidth)))
      slope += 2 * weight * Double(lag) * covariance(lag)
      spectrum += 2 * weight * covariance(lag)
    }
    // Both spectra are of the order of the variance; where the estimate at zero is nothing, the
    // longest blocks are the safe answer.
    let longest = min(3 * count.squareRoot(), count / 3).rounded(.up)
    func length(_ factor: Double) -> Double {
      let size = 2 * slope * slope / (factor * spectrum * spectrum)
      guard size.isFinite else { return longest }
      return min(longest, cubeRoot(size) * cubeRoot(count))
    }
    stationary = length(2)
    circular = length(4.0 / 3)
  }

  private static func covariance(_ centred: [Double], lag: Int) -> Double {
    var sum = 0.0
    for index in lag..<centred.count { sum += centred[index] * centred[index - lag] }
    return sum / Double(centred.count)
  }
}
