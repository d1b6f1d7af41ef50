internal import Glibc

/// Parameters of a GARCH(1,1), `h = ω + α r₋₁² + β h₋₁`, that fit returns best.
///
/// Quasi-maximum likelihood: the Gaussian likelihood is maximised whether or not returns are
/// Gaussian, under ω > 0, α ≥ 0, β ≥ 0 and α + β < 1. Sources: T. Bollerslev, "Generalized
/// Autoregressive Conditional Heteroskedasticity", J. Econometrics 31, 1986; T. Bollerslev,
/// J. Wooldridge, "Quasi-Maximum Likelihood Estimation", Econometric Reviews 11, 1992.
public struct GarchEstimate: Hashable, Sendable {
  public var omega: Double
  public var alpha: Double
  public var beta: Double
  /// Of the returns that it was fitted to.
  public private(set) var logLikelihood = -Double.infinity

  public init(omega: Double, alpha: Double, beta: Double) {
    self.omega = omega
    self.alpha = alpha
    self.beta = beta
  }

  /// Fits to returns, which are taken to have no mean.
  ///
  /// Returns are scaled by their own size first, so that their unit does not matter. The search is
  /// Nelder and Mead's simplex (The Computer Journal 7, 1965) from three starts; it is the same for
  /// equal returns.
  ///
  /// - Returns: `nil` of fewer than 50 returns, of one that is not finite, or where all are zero:
  ///   there is nothing to estimate.
  public static func fit(_ returns: [Double]) -> GarchEstimate? {
    let squares = returns.reduce(0) { $0 + $1 * $1 }
    let variance = squares / Double(returns.count)
    guard returns.count >= 50, variance.isFinite, variance > 0 else { return nil }
    let scale = variance.squareRoot()
    let scaled = returns.map { $0 / scale }
    var best: GarchEstimate?
    for (persistence, share) in [(0.95, 0.1), (0.8, 0.3), (0.3, 0.5)] {
      var start = [logit(persistence), logit(share), log(1 - persistence)]
      // A second run starts from the first one's end: simplices may collapse early.
      for _ in 0..<2 {
        start = minimum(from: start) { -parameters($0).likelihood(scaled) }
      }
      var found = parameters(start)
      found.logLikelihood = found.likelihood(scaled)
      if found.logLikelihood > best?.logLikelihood ?? -.infinity { best = found }
    }
    guard var best else { return nil }
    best.omega *= variance
    best.logLikelihood -= Double(returns.count) * log(scale)
    return best
  }

  /// The variance of each return as it was forecast before it.
  ///
  /// The first follows from the average of the first 75 squares, weighed by 0.94ⁱ.
  public func variances(_ returns: [Double]) -> [Double] {
    var variance = Self.backcast(returns)
    var square = variance
    return returns.map { value in
      variance = omega + alpha * square + beta * variance
      square = value * value
      return variance
    }
  }

  /// The Gaussian log-likelihood of returns under these parameters.
  public func likelihood(_ returns: [Double]) -> Double {
    var sum = 0.0
    var variance = Self.backcast(returns)
    var square = variance
    for value in returns {
      variance = omega + alpha * square + beta * variance
      square = value * value
      sum += log(variance) + square / variance
    }
    return -0.5 * (sum + Double(returns.count) * log(2 * Double.pi))
  }

  private static func backcast(_ returns: [Double]) -> Double {
    var (sum, total, weight) = (0.0, 0.0, 1.0)
    for value in returns.prefix(75) {
      sum += weight * value * value
      total += weight
      weight *= 0.94
    }
    return sum / total
  }

  private static func logit(_ share: Double) -> Double { log(share / (1 - share)) }

  /// From numbers without bounds: persistence, the newest square's share of it, and ω.
  private static func parameters(_ free: [Double]) -> GarchEstimate {
    let persistence = 0.999_999 / (1 + exp(-free[0]))
    let share = 1 / (1 + exp(-free[1]))
    return GarchEstimate(
      omega: exp(min(free[2], 50)), alpha: persistence * share, beta: persistence * (1 - share))
  }
}

/// Where a function of a few variables is smallest nearby, by Nelder and Mead's simplex.
private func minimum(from start: [Double], _ function: ([Double]) -> Double) -> [Double] {
  var corners = [(start, function(start))]
  for index in start.indices {
    var corner = start
    corner[index] += 0.5
    corners.append((corner, function(corner)))
  }
  let last = start.count
  for _ in 0..<600 {
    corners.sort { $0.1 < $1.1 }
    if corners[last].1 - corners[0].1 <= 1e-12 * (abs(corners[0].1) + 1) { break }
    let center = start.indices.map { index in
      corners[..<last].reduce(0) { $0 + $1.0[index] } / Double(last)
    }
    func moved(_ factor: Double) -> ([Double], Double) {
      let corner = zip(center, corners[last].0).map { $0 + factor * ($0 - $1) }
      return (corner, function(corner))
    }
    let reflected = moved(1)
    if reflected.1 < corners[0].1 {
      let further = moved(2)
      corners[last] = further.1 < reflected.1 ? further : reflected
    } else if reflected.1 < corners[last - 1].1 {
      corners[last] = reflected
    } else {
      let nearer = moved(reflected.1 < corners[last].1 ? 0.5 : -0.5)
      if nearer.1 < min(reflected.1, corners[last].1) {
        corners[last] = nearer
      } else {
        for index in 1...last {
          let corner = zip(corners[0].0, corners[index].0).map { ($0 + $1) / 2 }
          corners[index] = (corner, function(corner))
        }
      }
    }
  }
  corners.sort { $0.1 < $1.1 }
  return corners[0].0
}
