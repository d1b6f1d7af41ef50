public import HogaCore

/// The rules by which a day's minutes are kept, filled or banned.
public struct CleaningSettings: Hashable, Sendable {
  /// A symbol with so many missing values in the required columns is banned for the day; a run of
  /// so many missing values in any other column is left missing.
  public var limit: Int
  /// The columns whose missing values count; `nil` takes the prices, and of the other columns of
  /// candles those that any symbol has on the day.
  public var required: [MinuteField]?
  /// Whether a symbol that nobody traded all day is banned; else it is kept and reported.
  public var bansZeroVolume: Bool
  /// How long a reading of open interest or a ratio is carried forward: they come every five minutes,
  /// and an old one that stands still would look like news of nothing.
  public var maximumAge: TimeSpan

  /// The columns that candles can have, in the order of `MinuteField`.
  public static let candleFields: [MinuteField] = [
    .open, .high, .low, .close, .volume, .quote, .count, .takerQuote,
  ]
  static let prices: [MinuteField] = [.open, .high, .low, .close]

  public init(
    limit: Int = 30, required: [MinuteField]? = nil, bansZeroVolume: Bool = false,
    maximumAge: TimeSpan = .seconds(3600)
  ) {
    self.limit = limit
    self.required = required
    self.bansZeroVolume = bansZeroVolume
    self.maximumAge = maximumAge
  }

  /// - Throws: `UsageError` for settings that make no sense.
  public func validate() throws {
    guard limit > 0 else { throw UsageError("a limit of \(limit) missing values bans everything") }
    guard maximumAge > .zero else {
      throw UsageError("readings cannot be carried for \(maximumAge)")
    }
    guard let required else { return }
    guard !required.isEmpty else { throw UsageError("no required column is named") }
    if let other = required.first(where: { !Self.candleFields.contains($0) }) {
      let known = Self.candleFields.map(\.rawValue).joined(separator: " ")
      throw UsageError("\(other.rawValue) is no column of candles; they have \(known)")
    }
  }

  /// All settings, for footers and reports.
  public var json: JSONValue {
    [
      "ban_zero_volume": .bool(bansZeroVolume), "limit": .int(Int64(limit)),
      "maximum_age": .string("\(maximumAge)"),
      "required": required.map { .array($0.map { .string($0.rawValue) }) } ?? .null,
    ]
  }
}

extension MinuteField {
  /// The column of the table of candles that a field comes from.
  ///
  /// - Precondition: it is one of `CleaningSettings.candleFields`.
  package var candleColumn: String {
    switch self {
    case .quote: "quote_volume"
    case .takerQuote: "taker_quote_volume"
    default: rawValue
    }
  }
}
