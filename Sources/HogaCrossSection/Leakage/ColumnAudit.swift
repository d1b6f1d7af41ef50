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

  private let limit: Double
  private var withTargets: [Pair: MeanCorrelation] = [:]
  private var withKnown: [Pair: MeanCorrelation] = [:]
  private var benchmarks: [Pair: MeanCorrelation] = [:]
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
  ///   - names: of the columns of `known` to compare with.
  public mutating func add(
    symbolCount: Int, rowCount: Int, minutes: [Int], unknown: [String: [Double]], known: Frame,
    names: [String], targets: [String: [Double]]
  ) throws {
    guard !unknown.isEmpty else { return }
    func ranked(_ values: [Double]) -> [RankedMinute] {
      minutes.map { minute in
        RankedMinute((0..<symbolCount).map { values[$0 * rowCount + minute] })
      }
    }
    let places = minutes.flatMap { minute in
      (0..<symbolCount).map { $0 * rowCount + minute }
    }
    columns.formUnion(unknown.keys)
    let judged = unknown.sorted { $0.key < $1.key }.map { ($0.key, $0.value, ranked($0.value)) }
    let ahead = targets.sorted { $0.key < $1.key }.map { ($0.key, $0.value, ranked($0.value)) }
    for (column, values, ranks) in judged {
      for (target, later, laterRanks) in ahead {
        let pair = Pair(column: column, other: target)
        for index in minutes.indices {
          withTargets[pair, default: .init()].add(
            ranks[index].correlation(with: laterRanks[index]))
        }
        Self.compare(
          values, later, places, shift: 0, into: &targetEqualities[pair, default: .init()])
      }
    }
    for name in names {
      let values = try known.doubles(name)
      let ranks = ranked(values)
      for (target, _, laterRanks) in ahead {
        for index in minutes.indices {
          benchmarks[Pair(column: name, other: target), default: .init()].add(
            ranks[index].correlation(with: laterRanks[index]))
        }
      }
      for (column, own, ownRanks) in judged {
        for index in minutes.indices {
          withKnown[Pair(column: column, other: name), default: .init()].add(
            ownRanks[index].correlation(with: ranks[index]))
        }
        for lead in Self.leads {
          let reachable = places.filter { $0 % rowCount + lead < rowCount }
          let pair = Pair(column: column, other: name, lead: lead)
          Self.compare(
            own, values, reachable, shift: lead, into: &featureEqualities[pair, default: .init()])
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
      $0.key.column == column && $0.value.count >= 20 && abs($0.value.mean) > Self.identical
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
    let foretold = withTargets.filter { $0.key.column == column && $0.value.count >= 20 }
      .sorted { (-abs($0.value.mean), $0.key.other) < (-abs($1.value.mean), $1.key.other) }
    guard let (pair, best) = foretold.first else { return nil }
    if abs(best.mean) > Self.identical {
      return LeakageFinding(
        .labelAmongFeatures, column,
        "ranks symbols as \(pair.other) does: rank correlation \(FigureText.number(best.mean)) over "
          + "\(best.count) minutes")
    }
    guard copied(column) == nil else { return nil }
    for (pair, coefficient) in foretold {
      let known = benchmark(pair.other)
      let bar = max(limit, 1.5 * known)
      guard abs(coefficient.mean) > bar else { continue }
      return LeakageFinding(
        .implausible, column,
        "has a rank IC of \(FigureText.number(coefficient.mean)) with \(pair.other) over "
          + "\(coefficient.count) minutes; above \(FigureText.number(bar)) is not believed, and the "
          + "best feature of the catalogue has \(FigureText.number(known))")
    }
    return nil
  }

  /// The best of the catalogue's features at foretelling a target; 0 without any.
  private func benchmark(_ target: String) -> Double {
    benchmarks.filter { $0.key.other == target && $0.value.count >= 20 }
      .map { abs($0.value.mean) }.max() ?? 0
  }
}
