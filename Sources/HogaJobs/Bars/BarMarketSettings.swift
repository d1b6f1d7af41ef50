internal import HogaBars
internal import HogaConfig
public import HogaCore
internal import HogaSim

/// Which bars to play on, and the units and smallest orders of their symbols.
public struct BarMarketSettings: Sendable {
  /// As the lake names it.
  public var venue: String
  public var table: LakeBarSource.Table
  /// As written: `1m`, `minutes`.
  public var bars: String
  public var dates: ClosedRange<CivilDate>
  /// All that have a bar where empty.
  public var symbols: [String]
  /// Whether positions pay funding, from the lake's table.
  public var hasFunding: Bool
  private var common = Units()
  private var units: [String: Units] = [:]

  private struct Units: Sendable {
    var priceDecimals = 8
    var sizeDecimals = 8
    var lot = 1e-8
    var minimumNotional = 0.0
  }

  init(_ node: ConfigNode) throws {
    let keys = ["price_decimals", "size_decimals", "lot", "minimum_notional"]
    try node.rejectUnknown(
      keys: ["venue", "bars", "from", "to", "symbols", "funding", "instruments"] + keys)
    venue = try node.require("venue").string()
    bars = try node["bars"]?.string() ?? "1m"
    if bars == "minutes" {
      table = .minutes
    } else if let interval = CandleInterval(rawValue: bars) {
      table = .candles(interval)
    } else {
      let known = CandleInterval.allCases.map(\.rawValue).joined(separator: ", ")
      throw try node.require("bars").error("'\(bars)' is neither minutes nor one of \(known)")
    }
    let (first, last) = try (node.require("from").date(), node.require("to").date())
    guard first <= last else { throw node.error("'to' is before 'from'") }
    dates = first...last
    symbols = try node["symbols"]?.strings() ?? []
    hasFunding = try node["funding"]?.bool() ?? true
    func read(_ node: ConfigNode, over units: Units) throws -> Units {
      var units = units
      units.priceDecimals = try node["price_decimals"]?.notNegative() ?? units.priceDecimals
      units.sizeDecimals = try node["size_decimals"]?.notNegative() ?? units.sizeDecimals
      units.lot = try node["lot"]?.positiveDouble() ?? units.lot
      units.minimumNotional = try node["minimum_notional"]?.double() ?? units.minimumNotional
      do { _ = try Self.instrument("TEST", units) } catch { throw node.error("\(error)") }
      return units
    }
    common = try read(node, over: common)
    for member in try node["instruments"]?.members() ?? [] {
      try member.value.rejectUnknown(keys: keys)
      units[member.key] = try read(member.value, over: common)
    }
  }

  private static func instrument(
    _ symbol: String, _ units: Units
  ) throws(UsageError) -> BarInstrument {
    guard (0...9).contains(units.sizeDecimals),
      let step = BarInstrument.lots(units.lot, decimals: units.sizeDecimals), step > 0
    else {
      throw UsageError(
        "\(symbol): a lot of \(units.lot) is no multiple of 10^-\(units.sizeDecimals)")
    }
    return try BarInstrument(
      symbol: symbol, priceDecimals: units.priceDecimals, sizeDecimals: units.sizeDecimals,
      lotStep: step, minimumNotional: Money(units.minimumNotional))
  }

  /// The bars of a lake.
  ///
  /// - Throws: `MissingInputError` where the lake has no bars of the venue and dates, `UsageError`
  ///   where a symbol has none of them.
  func source(lake: String) throws -> LakeBarSource {
    let known = try LakeBarSource.symbols(lake: lake, venue: venue, table: table, dates: dates)
    guard !known.isEmpty else {
      throw MissingInputError(
        "\(lake): no \(table.table.name) of \(venue) between \(dates.lowerBound) and "
          + "\(dates.upperBound)")
    }
    let unknown = symbols.filter { !known.contains($0) }
    guard unknown.isEmpty else {
      // Of a whole exchange the first are enough to see how they are written.
      let shown = known.prefix(30).joined(separator: ", ")
      throw UsageError(
        "symbols: no bar of \(unknown.joined(separator: ", ")) between \(dates.lowerBound) and "
          + "\(dates.upperBound); \(venue) has \(shown)"
          + (known.count > 30 ? " and \(known.count - 30) more" : ""))
    }
    let names = symbols.isEmpty ? known : symbols
    if let stranger = units.keys.sorted().first(where: { !names.contains($0) }) {
      throw UsageError("market.instruments: \(stranger) is not traded here")
    }
    return try LakeBarSource(
      lake: lake, venue: venue, table: table, dates: dates,
      instruments: names.map { try Self.instrument($0, units[$0] ?? common) },
      hasFunding: hasFunding)
  }
}
