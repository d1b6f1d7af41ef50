public import HogaCore

/// The legs of a premium as stored: two venues and a rate.
public struct PremiumMarket: Sendable, Hashable {
  public var korean: Quotes
  public var foreign: Quotes
  public var fx: Quotes

  public init(korean: Quotes, foreign: Quotes, fx: Quotes) {
    self.korean = korean
    self.foreign = foreign
    self.fx = fx
  }

  public subscript(leg: KimchiPremium.Leg) -> Quotes {
    switch leg {
    case .korean: korean
    case .foreign: foreign
    case .fx: fx
    }
  }
}

/// The times at which the premium is measured: `first, first + every, …` before `end`.
public struct PremiumGrid: Sendable, Hashable {
  public let first: Int64
  public let end: Int64
  public let every: TimeSpan

  /// - Parameter offset: how long after midnight UTC the grid passes; a daily grid with an offset of
  ///   an hour is measured at 01:00.
  /// - Throws: `UsageError` where it would have no row, or more than ten million.
  public init(
    from start: Timestamp, to end: Timestamp, every: TimeSpan, offset: TimeSpan = .zero
  ) throws(UsageError) {
    guard every > .zero, every <= TimeSpan(nanoseconds: 30 * TimeSpan.day.nanoseconds) else {
      throw UsageError("a grid's step is above zero and at most 30 days, not \(every)")
    }
    guard offset >= .zero, offset < .day else {
      throw UsageError("a grid's offset is at least zero and less than a day, not \(offset)")
    }
    let (span, overflow) = end.nanoseconds.subtractingReportingOverflow(start.nanoseconds)
    guard !overflow, span > 0, span / every.nanoseconds < 10_000_000 else {
      throw UsageError("from \(start) to \(end) every \(every) is no grid, or one of too many rows")
    }
    let past = (start.nanoseconds - offset.nanoseconds) % every.nanoseconds
    let wait = past == 0 ? 0 : (past > 0 ? every.nanoseconds - past : -past)
    first = start.nanoseconds + wait
    self.end = end.nanoseconds
    self.every = every
    guard first < self.end else {
      throw UsageError("no grid time lies between \(start) and \(end)")
    }
  }

  public var count: Int { Int((end - first - 1) / every.nanoseconds) + 1 }
}

/// The premium at every grid time, with what was missing.
public struct PremiumSeries: Sendable {
  public let grid: PremiumGrid
  public private(set) var rows: [PremiumRow] = []

  /// Walks the market in order of time: what `KimchiPremium` is told live, it is told here.
  public init(_ market: PremiumMarket, grid: PremiumGrid, limits: KimchiPremium.Limits) {
    self.grid = grid
    rows.reserveCapacity(grid.count)
    var premium = KimchiPremium(limits: limits)
    var next = [0, 0, 0]
    var time = grid.first
    while time < grid.end {
      for leg in KimchiPremium.Leg.allCases {
        let quotes = market[leg]
        while next[leg.rawValue] < quotes.count, quotes.known[next[leg.rawValue]] <= time {
          let row = next[leg.rawValue]
          premium.see(
            known: quotes.known[row], price: quotes.price[row], volume: quotes.volume[row], of: leg)
          next[leg.rawValue] += 1
        }
      }
      var row = premium.row(at: time)
      // Volume of candles before the grid's first step is none of its own.
      if time == grid.first {
        row.koreanVolume = .nan
        row.foreignVolume = .nan
      }
      rows.append(row)
      time += grid.every.nanoseconds
    }
  }

  public var time: [Int64] { rows.map(\.time) }
  public var premium: [Double] { rows.map(\.premium) }
  public var known: Int { rows.count { !$0.premium.isNaN } }

  /// How many rows lack a leg, because there was none yet or because it was too old.
  public func missing(_ leg: KimchiPremium.Leg) -> (absent: Int, stale: Int) {
    (rows.count { $0.absent.contains(leg) }, rows.count { $0.stale.contains(leg) })
  }

  /// `time`, the legs `korean`, `foreign`, `fx`, and `premium`.
  public var frame: Frame {
    Frame([
      ("time", .timestamp(time)), ("korean", .double(rows.map(\.korean))),
      ("foreign", .double(rows.map(\.foreign))), ("fx", .double(rows.map(\.fx))),
    ])
  }
}
