internal import HogaCore

/// Minimises `wᵀGw/2 − cᵀw + l1 ‖w‖₁ + l2 ‖w‖²/2` one coefficient at a time, over a set of features
/// that grows until none outside of it could lower the objective.
struct CoordinateDescent {
  private let size: Int
  private let gram: [Double]
  private let cross: [Double]
  private let answerVariance: Double
  /// The current solution; the next one starts from it.
  private(set) var weights: [Double]
  /// `G·w`, kept up to date with every step.
  private var product: [Double]
  private var active: [Int] = []

  struct Outcome {
    var relativeGap: Double
    var sweeps: Int
    var isConverged: Bool
  }

  init(_ moments: Moments) {
    size = moments.featureCount
    gram = moments.gram
    cross = moments.cross
    answerVariance = moments.answerVariance
    weights = [Double](repeating: 0, count: size)
    product = weights
  }

  mutating func solve(
    l1: Double, l2: Double, tolerance: Double, maximumSweeps: Int, monitor: JobMonitor?
  ) throws -> Outcome {
    refreshProduct()
    active = weights.indices.filter { weights[$0] != 0 }
    var sweeps = 0
    let limit = tolerance * answerVariance
    var gap = admit(l1: l1, l2: l2)
    while gap > limit, sweeps < maximumSweeps {
      sweep(l1: l1, l2: l2)
      sweeps += 1
      gap = admit(l1: l1, l2: l2)
      if sweeps % 100 == 0 {
        refreshProduct()
        try monitor?.checkCancelled()
      }
    }
    try monitor?.checkCancelled()
    let relative = answerVariance > 0 ? gap / answerVariance : 0
    return Outcome(relativeGap: relative, sweeps: sweeps, isConverged: gap <= limit)
  }

  /// One pass over the active features.
  private mutating func sweep(l1: Double, l2: Double) {
    let size = size
    unsafe gram.withUnsafeBufferPointer { gram in
      unsafe product.withUnsafeMutableBufferPointer { product in
        for j in active {
          let diagonal = unsafe gram[j * size + j]
          guard diagonal > 0 else { continue }
          let old = weights[j]
          let pull = unsafe cross[j] - product[j] + diagonal * old
          let shrunk = pull > l1 ? pull - l1 : pull < -l1 ? pull + l1 : 0
          let new = shrunk / (diagonal + l2)
          guard new != old else { continue }
          weights[j] = new
          let step = new - old
          let start = j * size
          for k in 0..<size { unsafe product[k] += step * gram[start + k] }
        }
      }
    }
  }

  /// Takes in every feature that wants to move, and returns the duality gap.
  ///
  /// With `r = y − Xw` the point `s·r` is feasible in the dual problem once `s` shrinks
  /// `‖Xᵀr − l2 w‖∞` to `l1`. Here all is per row, and `‖r‖²` comes from the moments.
  private mutating func admit(l1: Double, l2: Double) -> Double {
    var dualNorm = 0.0
    var fit = 0.0  // cᵀw
    var energy = 0.0  // wᵀGw
    var absolute = 0.0
    var square = 0.0
    var newcomers: [Int] = []
    for j in 0..<size {
      let weight = weights[j]
      let gradient = cross[j] - product[j] - l2 * weight
      dualNorm = max(dualNorm, abs(gradient))
      if weight != 0 {
        fit += weight * cross[j]
        energy += weight * product[j]
        absolute += abs(weight)
        square += weight * weight
      } else if abs(gradient) > l1 {
        newcomers.append(j)
      }
    }
    if !newcomers.isEmpty {
      active = Set(active).union(newcomers).sorted()
    }
    let residual = max(0, answerVariance - 2 * fit + energy)
    let shrink = dualNorm > l1 ? l1 / dualNorm : 1
    let gap =
      0.5 * residual * (1 + shrink * shrink) + l1 * absolute - shrink * (answerVariance - fit)
      + 0.5 * l2 * (1 + shrink * shrink) * square
    return max(0, gap)
  }

  /// Rounding adds up over many steps; this starts afresh.
  private mutating func refreshProduct() {
    for k in 0..<size { product[k] = 0 }
    for j in 0..<size where weights[j] != 0 {
      for k in 0..<size { product[k] += weights[j] * gram[j * size + k] }
    }
  }
}
