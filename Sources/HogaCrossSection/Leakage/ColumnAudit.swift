public import HogaCore

/// Judges columns whose making is not known: are they what comes later, under another name?
///
/// A column is compared at many minutes with returns and labels that begin at its minute, and with
/// the catalogue's features of later minutes. Equality is proof. A rank correlation beyond 0.999 with a
/// future return is as good as one. Short of that a column may foretell well and be honest, so a high
/// information coefficient is a finding only beyond `limit` *and* beyond half as much again as the
/// best of the catalogue's features reaches on the same rows: a market in which the past tells much
/// raises the bar for all. A column that ranks symbols as a feature of the catalogue does at the same
/// minute is made of it, and is not judged by its coefficient.
public struct ColumnAudit: Sendable {
  private struct Pair: Hashable { var column: String, other: String, lead = 0 }
  private struct Equality { var same = 0, compared = 0, moved = 0 }

  /// Features ahead by so many minutes are looked for.
  static let leads = [1, 2, 3, 4, 5, 10, 15, 30, 60]
  static let identical = 0.999
  /// How many times the best of the catalogue's coefficients calls for a warning.
  static let warned = 3.0
  /// Means over fewer minutes say nothing.
  private static let leastMinutes = 20

  private let limit: Double
  private var withTargets: [Pair: MeanCorrelation] = [:]
  private var withKnown: [Pair: MeanCorrelation] = [:]
  private var residuals: [Pair: MeanCorrelation] = [:]
  /// By column, of features with targets on the column's rows.
  private var benchmarks: [String: [Pair: MeanCorrelation]] = [:]
  private var targetEqualities: [Pair: Equality] = [:]
  private var featureEqualities: [Pair: Equality] = [:]
  private var columns = Set<String>()

  /// - Parameter limit: the mean rank information coefficient that is not believed.
  public init(limit: Double = 0.5) { self.limit = limit }

  /// Looks at some minutes of a day. Arrays hold `symbolCount · rowCount` values, symbol by symbol.
  ///
  /// - Parameters:
  ///   - unknown: the columns to judge.
  ///   - known: the catalogue's features, computed from the minutes.
  ///   - targets: labels, and returns that begin at a row's close.
  ///   - past: one-minute returns that end at a row's close, one minute before, and so on.
  ///   - names: of the columns of `known` to compare with.
  public mutating func add(
    symbolCount: Int, rowCount: Int, minutes: [Int], unknown: [String: [Double]], known: Frame,
    names: [String], targets: [String: [Double]], past: [[Double]]
  ) throws {
    guard !unknown.isEmpty else { return }
    let byMinute = minutes.map { minute in (0..<symbolCount).map { $0 * rowCount + minute } }
    func ranked(_ values: [Double]) -> [RankedMinute] {
      byMinute.map { RankedMinute($0.map { values[$0] }) }
    }
    let places = byMinute.flatMap { $0 }
    columns.formUnion(unknown.keys)
    let ahead = targets.sorted { $0.key < $1.key }.map {
      Target(name: $0.key, values: $0.value, ranks: ranked($0.value))
    }
    let judged = unknown.sorted { $0.key < $1.key }.map { name, values in
      let ranks = ranked(values)
      return Judged(name, values, ranks, targets: ahead.map(\.ranks))
    }
    let returns = PastReturns(past, minutes: byMinute)
    for column in judged {
      let residual = returns.residual(of: column.values).map(ranked)
      for target in ahead {
        let pair = Pair(column: column.name, other: target.name)
        for index in minutes.indices {
          withTargets[pair, default: .init()].add(
            column.ranks[index].correlation(with: target.ranks[index]))
          if let residual {
            residuals[pair, default: .init()].add(
              residual[index].correlation(with: target.ranks[index]))
          }
        }
        Self.compare(
          column.values, target.values, places, shift: 0,
          into: &targetEqualities[pair, default: .init()])
      }
    }
    for name in names {
      let values = try known.doubles(name)
      let ranks = ranked(values)
      for (place, target) in ahead.enumerated() {
        let shared = minutes.indices.map { ranks[$0].correlation(with: target.ranks[$0]) }
        let pair = Pair(column: name, other: target.name)
        for column in judged {
          var mean = benchmarks[column.name]?[pair] ?? .init()
          for index in minutes.indices {
            switch column.coverage[index] {
            case .all: mean.add(shared[index])
            case .some: mean.add(ranks[index].correlation(with: column.masked[place][index]))
            case .none: continue
            }
          }
          benchmarks[column.name, default: [:]][pair] = mean
        }
      }
      for column in judged {
        for index in minutes.indices {
          withKnown[Pair(column: column.name, other: name), default: .init()].add(
            column.ranks[index].correlation(with: ranks[index]))
        }
        for lead in Self.leads {
          let reachable = places.filter { $0 % rowCount + lead < rowCount }
          let pair = Pair(column: column.name, other: name, lead: lead)
          Self.compare(
            column.values, values, reachable, shift: lead,
            into: &featureEqualities[pair, default: .init()])
        }
      }
    }
  }

  private struct Target {
    var name: String
    var values: [Double]
    var ranks: [RankedMinute]
  }

  /// A column, and the targets on the symbols for which it is known.
  private struct Judged {
    enum Coverage { case all, some, none }

    let name: String
    let values: [Double]
    let ranks: [RankedMinute]
    let coverage: [Coverage]
    /// By target and minute; the target's own where the column is known of all symbols.
    let masked: [[RankedMinute]]

    init(
      _ name: String, _ values: [Double], _ ranks: [RankedMinute], targets: [[RankedMinute]]
    ) {
      self.name = name
      self.values = values
      self.ranks = ranks
      let coverage = ranks.map { minute -> Coverage in
        let missing = minute.values.count(where: \.isNaN)
        return missing == 0 ? .all : missing == minute.values.count ? .none : .some
      }
      self.coverage = coverage
      masked = targets.map { target in
        target.indices.map { index in
          guard coverage[index] == .some else { return target[index] }
          return RankedMinute(
            zip(target[index].values, ranks[index].values).map { $1.isNaN ? .nan : $0 })
        }
      }
    }
  }

  /// Counts where a column equals another one `shift` rows later, given that this one moves.
  private static func compare(
    _ column: [Double], _ other: [Double], _ places: [Int], shift: Int,
    into equality: inout Equality
  ) {
    for place in places {
      let (x, y) = (column[place], other[place + shift])
      guard !x.isNaN, !y.isNaN else { continue }
      equality.compared += 1
      let isSame = abs(x - y) <= FeatureAudit.tolerance * max(abs(x), abs(y))
      if isSame { equality.same += 1 }
      // A value that stands still, or is zero, equals anything that does.
      let moves = shift > 0 ? other[place] != y : y != 0
      if isSame, moves { equality.moved += 1 }
    }
  }

  private static func holds(_ equality: Equality) -> Bool {
    equality.moved >= 20 && Double(equality.same) >= identical * Double(equality.compared)
  }

  /// Columns that know what comes later, in order of their names; of several reasons the plainest.
  public var findings: [LeakageFinding] { columns.sorted().compactMap(finding) }

  /// Columns that rank symbols as a feature of the catalogue does, and that feature.
  public var copies: [(column: String, feature: String)] {
    columns.sorted().compactMap { column in copied(column).map { (column, $0) } }
  }

  private func copied(_ column: String) -> String? {
    withKnown.filter {
      $0.key.column == column && $0.value.count >= Self.leastMinutes
        && abs($0.value.mean) > Self.identical
    }.keys.map(\.other).min()
  }

  private func finding(_ column: String) -> LeakageFinding? {
    let equal = targetEqualities.filter { $0.key.column == column && Self.holds($0.value) }
    if let pair = equal.keys.min(by: { $0.other < $1.other }), let found = equal[pair] {
      return LeakageFinding(
        .labelAmongFeatures, column,
        "equals \(pair.other) in \(found.same) of \(found.compared) rows")
    }
    let shifted = featureEqualities.filter { $0.key.column == column && Self.holds($0.value) }
    if let pair = shifted.keys.min(by: { ($0.lead, $0.other) < ($1.lead, $1.other) }),
      let found = shifted[pair]
    {
      return LeakageFinding(
        .futureFeature, column,
        "equals \(pair.other) of t+\(pair.lead) in \(found.same) of \(found.compared) rows")
    }
    let foretold = coefficients(withTargets, column)
    guard let best = foretold.first else { return nil }
    if abs(best.mean) > Self.identical {
      return LeakageFinding(
        .labelAmongFeatures, column,
        "ranks symbols as \(best.target) does: rank correlation \(FigureText.number(best.mean)) over "
          + "\(best.minutes) minutes")
    }
    guard copied(column) == nil else { return nil }
    let left = coefficients(residuals, column)
    for (coefficient, opening) in foretold.map({ ($0, "has") })
      + left.map({ ($0, "less what it shares with the last returns, has") })
    {
      let known = benchmark(column, coefficient.target)?.size ?? 0
      let bar = max(limit, 1.5 * known)
      guard abs(coefficient.mean) > bar else { continue }
      return LeakageFinding(
        .implausible, column,
        "\(opening) a rank IC of \(FigureText.number(coefficient.mean)) with \(coefficient.target) "
          + "over \(coefficient.minutes) minutes; above \(FigureText.number(bar)) is not believed, "
          + "and the best feature of the catalogue has \(FigureText.number(known))")
    }
    return nil
  }

  private typealias Coefficient = (target: String, mean: Double, minutes: Int)

  /// A column's mean coefficients, the largest in size first.
  private func coefficients(
    _ means: [Pair: MeanCorrelation], _ column: String
  ) -> [Coefficient] {
    means.filter { $0.key.column == column && $0.value.count >= Self.leastMinutes }
      .map { ($0.key.other, $0.value.mean, $0.value.count) }
      .sorted { (-abs($0.mean), $0.target) < (-abs($1.mean), $1.target) }
  }

  /// The best of the catalogue's features at foretelling a target on the column's rows.
  private func benchmark(
    _ column: String, _ target: String
  ) -> (feature: String, size: Double)? {
    (benchmarks[column] ?? [:])
      .filter { $0.key.other == target && $0.value.count >= Self.leastMinutes }
      .map { ($0.key.column, abs($0.value.mean)) }
      .min { (-$0.1, $0.0) < (-$1.1, $1.0) }
  }

  /// How well each column foretells, in order of names, with what calls for a second look.
  public var strengths: [ColumnStrength] {
    columns.sorted().compactMap { column in
      let foretold = coefficients(withTargets, column)
      guard let best = foretold.first else { return nil }
      let known = benchmark(column, best.target)
      var strength = ColumnStrength(
        column: column, coefficient: best.mean, target: best.target, minutes: best.minutes,
        best: known?.feature, bestCoefficient: known?.size ?? 0)
      guard copied(column) == nil, finding(column) == nil else { return strength }
      let left = coefficients(residuals, column)
      for (coefficient, opening) in foretold.map({ ($0, " has a") })
        + left.map({ ($0, ", less what it shares with the last returns, has a") })
      {
        guard let known = benchmark(column, coefficient.target),
          abs(coefficient.mean) > Self.warned * known.size
        else { continue }
        strength.warning =
          "\(column)\(opening) rank IC of \(FigureText.number(coefficient.mean)) with "
          + "\(coefficient.target), more than three times the \(FigureText.number(known.size)) of "
          + "the best feature of the catalogue, \(known.feature): look at how it was made"
        break
      }
      return strength
    }
  }
}
