public import HogaCore

/// Tells whether lists of symbols follow the volume of the day before, or that of their own day.
public struct UniverseAudit: Sendable {
  /// How well the lists agree with both rankings, from 0 to 1, over days on which those differ.
  public private(set) var dayBefore = 0.0
  public private(set) var sameDay = 0.0
  public private(set) var dayCount = 0
  public private(set) var exactDayBefore = 0
  public private(set) var exactSameDay = 0

  /// - Parameters:
  ///   - lists: the symbols of each day.
  ///   - isRanked: whether they are most traded first; else only which symbols they hold counts.
  public init(_ lists: [CivilDate: [String]], isRanked: Bool, ranking: UniverseRanking) {
    func key(_ symbols: [String]) -> [String] { isRanked ? symbols : symbols.sorted() }
    for (date, list) in lists.sorted(by: { $0.key < $1.key }) where !list.isEmpty {
      guard
        let before = ranking.symbols(on: date, top: list.count, sameDay: false).map(key),
        let same = ranking.symbols(on: date, top: list.count, sameDay: true).map(key),
        before != same
      else { continue }
      let list = key(list)
      dayCount += 1
      dayBefore += Self.agreement(list, before)
      sameDay += Self.agreement(list, same)
      exactDayBefore += list == before ? 1 : 0
      exactSameDay += list == same ? 1 : 0
    }
    if dayCount > 0 {
      dayBefore /= Double(dayCount)
      sameDay /= Double(dayCount)
    }
  }

  /// The mean of two shares: symbols that are in both, and places that hold the same symbol.
  private static func agreement(_ list: [String], _ other: [String]) -> Double {
    let shared = Double(Set(list).intersection(other).count)
    let placed = Double(zip(list, other).count { $0 == $1 })
    return (shared + placed) / Double(2 * list.count)
  }

  /// A finding where the day's own volume explains the lists better.
  public func finding(_ subject: String) -> LeakageFinding? {
    guard dayCount > 0, sameDay > dayBefore + 0.02 else { return nil }
    return LeakageFinding(
      .sameDayUniverse, subject,
      "follows the volume of its own day (agreement \(FigureText.number(sameDay)), "
        + "\(exactSameDay) of \(dayCount) days exactly) rather than that of the day before "
        + "(\(FigureText.number(dayBefore)), \(exactDayBefore) exactly)")
  }
}
