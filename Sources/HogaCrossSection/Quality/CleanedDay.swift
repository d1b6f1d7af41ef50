public import HogaCore

/// Why a symbol is left out of a day.
public enum BanReason: Hashable, Sendable {
  /// The base is made to stay at one dollar.
  case stablecoin(base: String)
  /// Too many missing values in the required columns.
  case missing(values: Int, limit: Int)
  case zeroVolume

  /// A word for files: `stablecoin`, `missing`, `zero-volume`.
  public var name: String {
    switch self {
    case .stablecoin: "stablecoin"
    case .missing: "missing"
    case .zeroVolume: "zero-volume"
    }
  }
}

/// What was seen of one symbol on one day, and what was done about it.
public struct SymbolFindings: Hashable, Sendable {
  public var symbol: String
  /// Rows of the source, of 1,440.
  public var rows: Int
  /// The minutes of the day of the first and the last row.
  public var firstMinute: Int
  public var lastMinute: Int
  /// Missing values by column after the rows were laid out over 1,440 minutes; columns without any
  /// are left out, and so are open interest and ratios, which come every five minutes.
  public var missing: [MinuteField: Int] = [:]
  /// The sum of `missing` over the required columns.
  public var missingRequired = 0
  /// Values copied from the minute before, by column. A banned symbol has none.
  public var filledForward: [MinuteField: Int] = [:]
  /// Values copied from the minute after, at the day's start.
  public var filledBackward: [MinuteField: Int] = [:]
  /// Minutes with a filled value.
  public var filledMinutes = 0
  /// Values still missing in the cleaned rows, by column.
  public var left: [MinuteField: Int] = [:]
  /// No trade all day.
  public var hasZeroVolume = false
  /// `nil` where the symbol is kept.
  public var ban: BanReason?

  public init(symbol: String, rows: Int, firstMinute: Int, lastMinute: Int) {
    self.symbol = symbol
    self.rows = rows
    self.firstMinute = firstMinute
    self.lastMinute = lastMinute
  }

  /// The share of the day's minutes that the source has.
  public var presentShare: Double { Double(rows) / Double(SymbolRows.minutesPerDay) }
  /// The share of the day's minutes that hold a filled value.
  public var filledShare: Double { Double(filledMinutes) / Double(SymbolRows.minutesPerDay) }
  /// Whether there is anything to say.
  public var isNotable: Bool {
    ban != nil || !missing.isEmpty || !left.isEmpty || hasZeroVolume
      || rows != SymbolRows.minutesPerDay
  }

  /// In a sentence why the symbol is banned; empty where it is kept.
  public var banText: String {
    switch ban {
    case .stablecoin(let base): return "stablecoin \(base)"
    case .zeroVolume: return "no volume all day"
    case .missing(let values, let limit):
      var text = "\(values) missing values, the limit is \(limit); \(rows) of 1440 minutes"
      if lastMinute < SymbolRows.minutesPerDay - 1 {
        text += ", the last at \(Self.clock(lastMinute))"
      }
      if firstMinute > 0 { text += ", the first at \(Self.clock(firstMinute))" }
      return text
    case nil: return ""
    }
  }

  /// From which minute to which the source has the symbol: `00:00–11:59`.
  public var seenText: String { "\(Self.clock(firstMinute))–\(Self.clock(lastMinute))" }

  /// A minute of the day as `hh:mm`.
  static func clock(_ minute: Int) -> String {
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(two(minute / 60)):\(two(minute % 60))"
  }

  public var json: JSONValue {
    func counts(_ values: [MinuteField: Int]) -> JSONValue {
      .object(
        MinuteField.allCases.compactMap { field in
          values[field].map { (field.rawValue, .int(Int64($0))) }
        }.sorted { $0.0 < $1.0 })
    }
    return [
      "ban": ban.map { .string($0.name) } ?? .null, "ban_reason": .string(banText),
      "filled_backward": counts(filledBackward), "filled_forward": counts(filledForward),
      "filled_minutes": .int(Int64(filledMinutes)), "filled_share": .double(filledShare),
      "first_minute": .string(Self.clock(firstMinute)),
      "last_minute": .string(Self.clock(lastMinute)), "left_missing": counts(left),
      "missing": counts(missing), "missing_required": .int(Int64(missingRequired)),
      "rows": .int(Int64(rows)), "symbol": .string(symbol), "zero_volume": .bool(hasZeroVolume),
    ]
  }
}

/// A day after cleaning: the rows of the table `minutes`, and what was found.
public struct CleanedDay: Sendable {
  public var date: CivilDate
  /// `CandleTable.minutes`: 1,440 rows for each symbol that is kept.
  public var minutes: Frame
  /// Of every symbol that the candles have, in ascending order.
  public var symbols: [SymbolFindings]
  /// The columns whose missing values counted.
  public var required: [MinuteField]
  /// Fields that no kept symbol has on this day.
  public var absentFields: [MinuteField]

  public var keptCount: Int { symbols.count { $0.ban == nil } }

  /// The features, by their names in the specification, that are null all day because their input
  /// is absent; sorted.
  public var nullFeatures: [String] {
    CleanedDay.features.filter { !$0.value.isDisjoint(with: absentFields) }.map(\.key).sorted()
  }

  /// What each feature of the specification needs besides prices.
  private static let features: [String: Set<MinuteField>] = [
    "Force": [.volume], "C2VWAP": [.volume, .quote], "NetTaker": [.takerQuote, .quote],
    "AvgTrade": [.quote, .count], "Premium": [.premium], "OI_P_Corr": [.openInterest],
    "OI_Chg": [.openInterest], "OI_Z": [.openInterest], "PriceOIRegime": [.openInterest],
    "OI_XSkew": [.openInterest, .topRatio, .globalRatio], "WhaleGap": [.topRatio, .globalRatio],
    "RatioSkew": [.topRatio, .globalRatio], "RatioSkew_Z": [.topRatio, .globalRatio],
    "CrowdingPressure": [.topRatio, .globalRatio],
  ]
}
