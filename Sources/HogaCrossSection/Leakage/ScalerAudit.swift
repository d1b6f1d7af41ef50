/// Tells on which rows a scaler was measured.
public struct ScalerAudit: Sendable {
  /// Centre and scale of each feature over some rows.
  public struct Measured: Sendable {
    /// Which rows: `training`, `all rows`, …
    public var name: String
    /// Whether rows are among them that the model is tested on.
    public var looksAhead: Bool
    public var centers: [Double]
    public var scales: [Double]

    public init(_ name: String, looksAhead: Bool, centers: [Double], scales: [Double]) {
      self.name = name
      self.looksAhead = looksAhead
      self.centers = centers
      self.scales = scales
    }
  }

  /// The rows that fit best, and the median distance from them; `nil` where nothing was measured.
  public let best: (name: String, looksAhead: Bool, distance: Double)?
  /// The least median distance from rows that are allowed.
  public let allowed: Double

  /// - Parameters:
  ///   - centers: of the scaler, and `scales`: what it divides by; one for each feature.
  ///   - candidates: the same measured on rows it may come from.
  public init(centers: [Double], scales: [Double], candidates: [Measured]) {
    let distances = candidates.map { candidate -> Double in
      let each = centers.indices.compactMap { index -> Double? in
        let scale = candidate.scales[index]
        guard scale > 0, scales[index] > 0, candidate.centers[index].isFinite else { return nil }
        let ratio = scales[index] / scale
        return abs(centers[index] - candidate.centers[index]) / scale + max(ratio, 1 / ratio) - 1
      }.sorted()
      return each.isEmpty ? .infinity : each[each.count / 2]
    }
    let order = candidates.indices.sorted {
      // Of equals the harmless one: all rows may be training rows.
      (distances[$0], candidates[$0].looksAhead ? 1 : 0)
        < (distances[$1], candidates[$1].looksAhead ? 1 : 0)
    }
    best = order.first.map { (candidates[$0].name, candidates[$0].looksAhead, distances[$0]) }
    allowed =
      candidates.indices.filter { !candidates[$0].looksAhead }.map { distances[$0] }.min()
      ?? .infinity
  }

  /// Differences of statistics over the same rows are rounding alone.
  private static let exact = 1e-6

  /// A finding where rows beyond the training explain the scaler, and training rows do not.
  ///
  /// Exactly, or five times as closely: training rows may have been sampled, so that no rows fit
  /// exactly.
  public func finding(_ subject: String) -> LeakageFinding? {
    guard let best, best.looksAhead, allowed > Self.exact else { return nil }
    guard best.distance <= Self.exact || best.distance * 5 < allowed else { return nil }
    let how = best.distance <= Self.exact ? "are those" : "are closest to those"
    return LeakageFinding(
      .scaler, subject,
      "centres and scales \(how) of \(best.name) (median distance \(best.distance)), not of the "
        + "training rows (\(allowed))")
  }
}
