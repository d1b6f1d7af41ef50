public import HogaCore

/// Quote volume by symbol and day, and the lists that follow from it.
public struct UniverseRanking: Sendable {
  /// What was traded on one day.
  public struct Day: Hashable, Sendable {
    /// Quote volume of each symbol that is usable on this day.
    public var volumes: [String: Double]
    /// Symbols whose source has no quote volume: close · volume, summed, stands in its place.
    public var estimated: Set<String>

    public init(volumes: [String: Double] = [:], estimated: Set<String> = []) {
      self.volumes = volumes
      self.estimated = estimated
    }

    /// Sums the rows of the table `minutes`.
    ///
    /// - Parameter frame: `symbol`, `quote`, `close` and `volume`, sorted by symbol.
    /// - Throws: `DataError` where a column is missing or of another type.
    public init(minutes frame: Frame) throws {
      self.init()
      guard case .category(let symbols) = try frame.column("symbol") else {
        throw DataError("is not text", column: "symbol")
      }
      let quotes = try frame.doubles("quote")
      let closes = try frame.doubles("close")
      let volumes = try frame.doubles("volume")
      var sums = [Double](repeating: 0, count: symbols.levels.count)
      var estimates = [Double](repeating: 0, count: symbols.levels.count)
      var hasQuote = [Bool](repeating: false, count: symbols.levels.count)
      var isSeen = hasQuote
      for (row, code) in symbols.codes.enumerated() {
        guard code >= 0 else { throw DataError("is missing", row: row + 1, column: "symbol") }
        let index = Int(code)
        isSeen[index] = true
        if !quotes[row].isNaN {
          sums[index] += quotes[row]
          hasQuote[index] = true
        }
        let estimate = closes[row] * volumes[row]
        if !estimate.isNaN { estimates[index] += estimate }
      }
      for (index, symbol) in symbols.levels.enumerated() where isSeen[index] {
        self.volumes[symbol] = hasQuote[index] ? sums[index] : estimates[index]
        if !hasQuote[index] { estimated.insert(symbol) }
      }
    }
  }

  public var days: [CivilDate: Day]

  public init(days: [CivilDate: Day]) { self.days = days }

  /// The symbols of a day, by the quote volume of the day before or of the day itself.
  ///
  /// Only symbols that are usable on the day are ranked. Equal volumes are put in order of names.
  ///
  /// - Returns: `nil` where the day, or the day before, is not known.
  public func symbols(on date: CivilDate, top: Int, sameDay: Bool) -> [String]? {
    guard let today = days[date], let measured = sameDay ? today : days[date.adding(days: -1)]
    else { return nil }
    return
      measured.volumes.filter { today.volumes[$0.key] != nil }
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .prefix(max(0, top)).map(\.key)
  }

  /// The lists of a range of days.
  ///
  /// - Returns: the universe, and the days that get no list because they or the days before them
  ///   have no minutes.
  public func universe(
    _ dates: ClosedRange<CivilDate>, top: Int, sameDay: Bool
  ) throws -> (universe: Universe, without: [CivilDate]) {
    var lists: [CivilDate: [String]] = [:]
    var without: [CivilDate] = []
    var date = dates.lowerBound
    while date <= dates.upperBound {
      if let symbols = symbols(on: date, top: top, sameDay: sameDay), !symbols.isEmpty {
        lists[date] = symbols
      } else {
        without.append(date)
      }
      date = date.adding(days: 1)
    }
    return (try Universe(top: top, isSameDay: sameDay, days: lists), without)
  }
}
