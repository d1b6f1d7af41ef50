/// Tells on which rows a scaler was measured.
///
/// Many features have the same centre and scale over any rows: one that is neutralised each minute
/// has mean zero and deviation one over the training, over the test and over both. A scaler says
/// nothing there. It is judged on the features whose statistics over the training rows differ from
/// those over all rows, and where there are none, nothing can be told.
public struct ScalerAudit: Sendable {
  /// Centre and scale of each feature over some rows.
  public struct Measured: Sendable {
    public enum Rows: Hashable, Sendable {
      /// Rows that a scaler may come from.
      case allowed
      /// Those of the training and of the test.
      case withTest
      /// Those of the test alone.
      case onlyTest
    }

    /// Which rows: `the training rows`, …
    public var name: String
    public var rows: Rows
    /// How centre and scale were measured: only alike ones are compared.
    public var method: String
    public var centers: [Double]
    public var scales: [Double]

    public init(
      _ name: String, _ rows: Rows, method: String, centers: [Double], scales: [Double]
    ) {
      self.name = name
      self.rows = rows
      self.method = method
      self.centers = centers
      self.scales = scales
    }

    /// The distance of a centre in scales, and by how much of itself the scale differs.
    fileprivate func distance(_ feature: Int, _ center: Double, _ scale: Double) -> Double {
      let own = scales[feature]
      guard own > 0, scale > 0 else { return .infinity }
      let ratio = scale / own
      let distance = abs(center - centers[feature]) / own + max(ratio, 1 / ratio) - 1
      return distance.isNaN ? .infinity : distance
    }
  }

  public enum Verdict: Hashable, Sendable {
    /// The scaler is that of rows it may come from, on so many features that tell rows apart.
    case cleared(rows: String, features: Int, isExact: Bool)
    /// Rows beyond the training explain the scaler, and training rows do not.
    case leaked(message: String)
    /// Why nothing can be told.
    case unknown(reason: String)
  }

  public let verdict: Verdict

  /// Statistics that differ by less are alike, relative to the scale.
  public static let alike = 1e-6
  /// Statistics over the same rows differ by rounding alone, which is well below.
  private static let exact = 1e-7

  /// - Parameters:
  ///   - centers: of the scaler, and `scales`: what it divides by; one for each feature.
  ///   - candidates: the same measured on rows it may come from; of each method the first is of the
  ///     training rows.
  ///   - isDrawn: whether the model learned from fewer rows than the training has.
  ///   - noise: by how much statistics of such a draw vary, relative to the scale.
  public init(
    centers: [Double], scales: [Double], candidates: [Measured], isDrawn: Bool, noise: Double
  ) {
    let features = Array(centers.indices)
    func median(_ measured: Measured, _ features: [Int]) -> Double {
      let sorted = features.map { measured.distance($0, centers[$0], scales[$0]) }.sorted()
      return sorted.isEmpty ? .infinity : sorted[sorted.count / 2]
    }
    func nearest(_ measured: [Measured], _ features: [Int]) -> (name: String, distance: Double) {
      measured.map { ($0.name, median($0, features)) }.min { $0.1 < $1.1 } ?? ("", .infinity)
    }
    // The scaler does not say how it was measured; the right way comes far closer, whatever the rows.
    let methods = candidates.reduce(into: [String]()) {
      if !$0.contains($1.method) { $0.append($1.method) }
    }
    let method = methods.min { left, right in
      nearest(candidates.filter { $0.method == left }, features).distance
        < nearest(candidates.filter { $0.method == right }, features).distance
    }
    let own = candidates.filter { $0.method == method }
    let allowed = own.filter { $0.rows == .allowed }
    let ahead = own.filter { $0.rows != .allowed }
    guard let training = allowed.first, !ahead.isEmpty else {
      verdict = .unknown(reason: "there are no rows of both its training and its test")
      return
    }
    /// Features on which rows with the test's differ from the training's.
    func telling(beyond limit: Double) -> [Int] {
      features.filter { feature in
        ahead.contains {
          $0.rows == .withTest
            && training.distance(feature, $0.centers[feature], $0.scales[feature]) > limit
        }
      }
    }
    let exactly = telling(beyond: Self.alike)
    guard !exactly.isEmpty else {
      verdict = .unknown(reason: "cannot be told: the rows' statistics are alike")
      return
    }
    func matches(_ measured: Measured) -> Set<Int> {
      Set(exactly.filter { measured.distance($0, centers[$0], scales[$0]) <= Self.exact })
    }
    if let same = allowed.first(where: { matches($0).count == exactly.count }) {
      verdict = .cleared(rows: same.name, features: exactly.count, isExact: true)
      return
    }
    // What the rows that may be used explain is not held against the scaler.
    let harmless = allowed.map(matches).max { $0.count < $1.count } ?? []
    // A draw may miss the few rows that make a statistic differ, and so have that of the test alone;
    // it cannot have that of all rows, which hold the training's.
    let suspects = ahead.filter { $0.rows == .withTest || !isDrawn }
      .map { (measured: $0, features: matches($0).subtracting(harmless)) }
    if let found = suspects.max(by: { $0.features.count < $1.features.count }),
      isDrawn ? found.features.count * 2 > exactly.count : !found.features.isEmpty
    {
      verdict = .leaked(
        message:
          "centres and scales are those of \(found.measured.name), not of the training rows, "
          + "in \(found.features.count) of \(exactly.count) features on which these differ")
      return
    }
    let widely = telling(beyond: max(Self.alike, 4 * noise))
    guard !widely.isEmpty else {
      verdict = .unknown(
        reason: "cannot be told: the rows' statistics are alike within what "
          + "\(isDrawn ? "a draw of rows" : "another choice of rows") changes")
      return
    }
    let best = nearest(allowed, widely)
    let other = nearest(ahead, widely)
    if other.distance * 5 < best.distance {
      verdict = .leaked(
        message: "centres and scales are closest to those of \(other.name) (median distance "
          + "\(FigureText.number(other.distance))), not of the training rows "
          + "(\(FigureText.number(best.distance)))")
    } else if best.distance * 5 < other.distance {
      verdict = .cleared(rows: best.name, features: widely.count, isExact: false)
    } else {
      verdict = .unknown(
        reason: "cannot be told: the scaler is that of none of the folder's rows (median distance "
          + "\(FigureText.number(best.distance)) from \(best.name), "
          + "\(FigureText.number(other.distance)) from \(other.name))")
    }
  }
}
