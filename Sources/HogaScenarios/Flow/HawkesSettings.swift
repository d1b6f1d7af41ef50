public import HogaCore

/// A multivariate Hawkes process: events of several kinds that make events of every kind likelier.
///
/// The intensity of kind i is
///
///     λᵢ(t) = μᵢ + Σⱼ Gᵢⱼ Σ_{events s < t of kind j} Σₖ wₖ βₖ exp(−βₖ (t − s)).
///
/// An event of kind j has on average Gᵢⱼ children of kind i, spread over the time after it by a
/// mixture of exponentials that all kinds share: with one timescale it is the classical kernel, with
/// several it comes near the power laws that markets show. Sharing them is what makes a step cost
/// one exponential per timescale, whatever the number of kinds.
///
/// Sources: A. G. Hawkes, "Spectra of some self-exciting and mutually exciting point processes",
/// 1971; E. Bacry, I. Mastromatteo, J.-F. Muzy, "Hawkes processes in finance", 2015.
public struct HawkesSettings: Hashable, Sendable, Codable {
  /// One part of the kernel.
  public struct Timescale: Hashable, Sendable, Codable {
    /// βₖ, per second: after 1/βₖ seconds, the part has fallen to 37 %.
    public var decay: Double
    /// wₖ, the share of children that come on this timescale; all shares sum to one.
    public var weight: Double

    public init(decay: Double, weight: Double) {
      self.decay = decay
      self.weight = weight
    }
  }

  /// μᵢ: events of each kind that nothing caused, per second.
  public var baseline: [Double]
  /// Gᵢⱼ, rows first: children of kind i (row) that an event of kind j (column) has on average.
  public var branching: [[Double]]
  public var timescales: [Timescale]

  public init(baseline: [Double], branching: [[Double]], timescales: [Timescale]) {
    self.baseline = baseline
    self.branching = branching
    self.timescales = timescales
  }

  /// The process whose kinds have these intensities on average: μ = (I − G) Λ.
  ///
  /// - Parameter meanIntensities: Λ, events per second.
  /// - Throws: `UsageError` where excitation alone would make more events of a kind than that.
  public init(
    meanIntensities: [Double], branching: [[Double]], timescales: [Timescale]
  ) throws(UsageError) {
    guard branching.count == meanIntensities.count else {
      throw UsageError(
        "\(meanIntensities.count) intensities and \(branching.count) rows of the branching matrix")
    }
    let baseline = meanIntensities.indices.map { row in
      zip(branching[row], meanIntensities).reduce(meanIntensities[row]) { $0 - $1.0 * $1.1 }
    }
    self.init(baseline: baseline, branching: branching, timescales: timescales)
    try validate()
  }

  public var kindCount: Int { baseline.count }

  /// The branching ratio: the spectral radius of G. At one, events never stop having children.
  public var branchingRatio: Double { SquareMatrix.spectralRadius(branching) }

  /// Λ = (I − G)⁻¹ μ: the mean intensities of the stationary process, per second.
  ///
  /// - Precondition: the settings are valid; as for all below.
  public var meanIntensities: [Double] { Self.means(branching, baseline) }

  /// Λ for another baseline, as in a phase of a scenario.
  func meanIntensities(baseline: [Double]) -> [Double] { Self.means(branching, baseline) }

  private static func means(_ branching: [[Double]], _ baseline: [Double]) -> [Double] {
    SquareMatrix.inverseOfIdentityMinus(branching).map { row in
      zip(row, baseline).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }

  /// The covariance of the numbers of events, per second, over times long against the kernel:
  /// (I − G)⁻¹ diag(Λ) (I − G)⁻ᵀ.
  ///
  /// Source: E. Bacry, S. Delattre, M. Hoffmann, J.-F. Muzy, "Some limit theorems for Hawkes
  /// processes and application to financial statistics", 2013.
  public var countCovariance: [[Double]] {
    let inverse = SquareMatrix.inverseOfIdentityMinus(branching)
    let means = meanIntensities
    let scaled = inverse.map { row in zip(row, means).map { $0 * $1 } }
    return SquareMatrix.product(scaled, SquareMatrix.transposed(inverse))
  }

  /// - Throws: `UsageError` where these settings make no process, or one that explodes.
  public func validate() throws(UsageError) {
    guard (1...64).contains(kindCount) else {
      throw UsageError("a Hawkes process has 1 to 64 kinds of events, not \(kindCount)")
    }
    guard branching.count == kindCount, branching.allSatisfy({ $0.count == kindCount }) else {
      throw UsageError("the branching matrix is not \(kindCount) by \(kindCount)")
    }
    guard baseline.allSatisfy({ $0 >= 0 && $0 <= 1e9 }), baseline.contains(where: { $0 > 0 }) else {
      throw UsageError(
        "baseline intensities are zero or more, one of them above zero, not \(baseline)")
    }
    guard branching.joined().allSatisfy({ $0 >= 0 && $0 <= 1e6 }) else {
      throw UsageError("the branching matrix has an entry that is no number of zero or more")
    }
    guard (1...8).contains(timescales.count) else {
      throw UsageError("a kernel has 1 to 8 timescales, not \(timescales.count)")
    }
    guard timescales.allSatisfy({ $0.decay >= 1e-9 && $0.decay <= 1e9 && $0.weight > 0 }) else {
      throw UsageError("a timescale needs a decay from 1e-9 to 1e9 per second and a weight above 0")
    }
    let sum = timescales.reduce(0) { $0 + $1.weight }
    guard abs(sum - 1) < 1e-9 else {
      throw UsageError("the weights of the timescales sum to \(sum), not to 1")
    }
    let ratio = branchingRatio
    guard ratio < 1 else {
      throw UsageError(
        "the branching matrix has spectral radius \(ratio): events would never stop having children"
      )
    }
  }
}
