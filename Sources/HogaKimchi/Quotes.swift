public import HogaCore

/// One leg of a premium: prices with the instant from which each was known.
///
/// A candle's close is known at its close, a reference rate when it is published. Whatever is asked
/// "as of" a time sees what was known then, and nothing else.
public struct Quotes: Sendable, Hashable {
  /// Nanoseconds since 1970 UTC, ascending strictly.
  public private(set) var known: [Int64] = []
  /// Above zero.
  public private(set) var price: [Double] = []
  /// What traded in the candle, in base units; NaN where the source does not say.
  public private(set) var volume: [Double] = []
  /// Where each candle opened and at what price, for execution; the same candles as above.
  public private(set) var openTime: [Int64] = []
  public private(set) var open: [Double] = []
  /// Candles in which nothing traded: their close repeats an older price, so it is no quote.
  public private(set) var withoutTrades = 0

  public var count: Int { known.count }

  public init() {}

  /// Adds a candle.
  ///
  /// - Parameters:
  ///   - opened: its open time; `known`: from when its close was known.
  /// - Throws: `DataError` where time does not ascend, a candle is known before it opened, or a price
  ///   is not above zero.
  public mutating func append(
    opened: Int64, known: Int64, open: Double, close: Double, volume: Double
  ) throws(DataError) {
    guard known >= opened else { throw DataError("a candle is known before it opened") }
    guard self.known.last.map({ $0 < known }) ?? true, openTime.last.map({ $0 < opened }) ?? true
    else { throw DataError("does not ascend", row: count + 1, column: "time") }
    guard open > 0, open.isFinite, close > 0, close.isFinite else {
      throw DataError("a price of \(open > 0 ? close : open) is not above zero", row: count + 1)
    }
    guard volume.isNaN || (volume >= 0 && volume.isFinite) else {
      throw DataError("\(volume) is below zero or infinite", row: count + 1, column: "volume")
    }
    guard volume != 0 else {
      withoutTrades += 1
      return
    }
    self.known.append(known)
    price.append(close)
    self.volume.append(volume)
    openTime.append(opened)
    self.open.append(open)
  }

  /// The quotes of candles whose times are in `range`, for a study of a part.
  public func known(before end: Int64) -> Quotes {
    var part = Quotes()
    for row in known.indices where known[row] < end {
      part.known.append(known[row])
      part.price.append(price[row])
      part.volume.append(volume[row])
      part.openTime.append(openTime[row])
      part.open.append(open[row])
    }
    return part
  }
}

/// From when a candle's close was known.
public enum Publication: String, Sendable, CaseIterable {
  /// At the candle's close.
  case close
  /// The reference rates of the European Central Bank: at 16:00 in Frankfurt on their day.
  ///
  /// The rates are agreed at 14:15 and published "around 16:00 CET" (ECB, "Framework for the euro
  /// foreign exchange reference rates", 2022), which is 15:00 UTC, or 14:00 in summer time.
  case ecb

  /// - Parameter opened: the candle's open; for `ecb` the midnight UTC of the rate's day.
  public func known(opened: Int64, interval: TimeSpan) -> Int64 {
    switch self {
    case .close: return opened + interval.nanoseconds
    case .ecb:
      let date = Timestamp(nanoseconds: opened).date
      let hour: Int64 = Self.isSummer(date) ? 14 : 15
      return date.start.nanoseconds + hour * 3_600_000_000_000
    }
  }

  /// Whether Frankfurt's clocks show summer time at 16:00: from the last Sunday of March to the
  /// Saturday before the last Sunday of October (Directive 2000/84/EC; since 1996 all the Union).
  static func isSummer(_ date: CivilDate) -> Bool {
    let (year, _, _) = date.components
    guard let begin = lastSunday(year, 3), let end = lastSunday(year, 10) else { return false }
    return date >= begin && date < end
  }

  private static func lastSunday(_ year: Int, _ month: Int) -> CivilDate? {
    guard let last = CivilDate(year: year, month: month, day: 31) else { return nil }
    // 1970-01-01 was a Thursday: day 3 was the first Sunday.
    let past = (last.daysSince1970 - 3) % 7
    return last.adding(days: -(past < 0 ? past + 7 : past))
  }
}
