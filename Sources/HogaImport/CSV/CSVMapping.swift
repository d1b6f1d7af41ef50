internal import Foundation
public import HogaConfig
internal import HogaCore

/// Says what the columns of a text file mean, as a YAML file does.
///
/// ```yaml
/// table: trades            # trades, quotes (best bid and ask) or book (several levels)
/// venue: cme               # a name, or {column: exchange}
/// symbol: ES               # a name, or {column: symbol}: one partition for each
///
/// file:
///   delimiter: comma       # comma, tab, semicolon, pipe, or space: any run of blanks
///   header: true           # the first line names the columns
///   skip: 0                # lines before it that are passed over
///   comment: "#"           # lines that begin so are passed over; absent: none
///   last_line: torn        # a last line without line end: torn (rejected) or complete
///
/// instrument:
///   price_decimals: 2      # or auto: as the first megabytes of the first file show
///   size_decimals: 0       # or auto
///   tick: 0.25             # the price step; absent: one unit of the last decimal
///   multiplier: 50         # value of one point; absent: 1
///   settlement: linear     # or inverse
///   negative_prices: false # true for spreads and the like
///
/// time:                    # the exchange's time; may be absent where arrival is given
///   column: DateTime       # or columns: [Date, Time], joined by one blank
///   format: "%Y-%m-%d %H:%M:%S.%f"     # see `TimeFormat`; without a date, the date of arrival
///   zone: America/Chicago  # absent: UTC                      or the option --date
/// arrival: {…}             # the local time, in the same form; absent: equal to time
/// reorder: 2s              # rows may be late by so much and are sorted; absent: 0s
///
/// price: Price             # trades. A column, or {column: Price, implied_decimals: 2} for whole
///                          # numbers of hundredths. Of levels, only implied_decimals is given here.
/// size: Volume             # trades. A column, or {column: Volume, lot: 10, cumulative: true}: lot
///                          # multiplies; cumulative takes differences within a day of the zone
/// id: TradeId              # trades, may be absent; a repeated id is dropped and counted
/// aggressor:               # trades, may be absent: then unknown
///   column: side
///   buy: [buy, B]
///   sell: [sell, S]
///   unknown: [unknown]     # an empty cell is unknown, too; anything else is rejected
/// open_interest: OI        # trades, may be absent: a whole number, kept in the table open_interest
///
/// bids:                    # quotes and book: the best level first
///   - {price: bid_price, size: bid_amount}
/// asks: {cells: [9, 10, 11], form: size@price, order: best-first}    # or cells of both;
///                          # form: size@price or price@size; order: best-first or worst-first
/// zero_is_missing: true    # a level of size 0 does not exist; otherwise its row is rejected
/// ```
///
/// `table: candles` describes bars; see `Candles`.
///
/// Columns are named as the header does, or numbered from 1. Prices may have any number of zeros
/// after the last decimal, but no other digits: nothing is rounded.
public struct CSVMapping: Sendable {
  enum Reference: Hashable, Sendable {
    case name(String)
    /// From one.
    case number(Int)
  }

  enum Text: Hashable, Sendable {
    case fixed(String)
    case column(Reference)
  }

  struct Time: Sendable {
    var columns: [Reference]
    var format: TimeFormat
    var zone: TimeZone
  }

  struct Aggressor: Sendable {
    var column: Reference
    var sides: [(text: [UInt8], side: Int64)]
  }

  enum LevelSource: Sendable {
    case columns([(price: Reference, size: Reference)])
    /// `priceFirst` tells `price@size` from `size@price`.
    case cells([Reference], priceFirst: Bool)

    /// Written in the same way, so that one reading serves both sides.
    func hasForm(of other: LevelSource) -> Bool {
      switch (self, other) {
      case (.columns, .columns): true
      case (.cells(_, let mine), .cells(_, let theirs)): mine == theirs
      default: false
      }
    }
  }

  enum Delimiter: Hashable, Sendable {
    case byte(UInt8)
    case blanks
  }

  private(set) var table = MarketTable.trades
  private(set) var venue = Text.fixed("")
  private(set) var symbol = Text.fixed("")
  private(set) var delimiter = Delimiter.byte(0x2c)
  private(set) var hasHeader = true
  private(set) var skippedLines = 0
  private(set) var comment: [UInt8] = []
  private(set) var acceptsOpenLastLine = false
  /// `nil` where they are found in the data.
  private(set) var priceDecimals: Int?
  private(set) var sizeDecimals: Int?
  private(set) var tick: String?
  private(set) var multiplier = 1.0
  private(set) var settlement = Instrument.Settlement.linear
  private(set) var allowsNegativePrices = false
  private(set) var time: Time?
  private(set) var arrival: Time?
  private(set) var reorder = TimeSpan.zero
  private(set) var price: Reference?
  private(set) var impliedDecimals = 0
  private(set) var size: Reference?
  private(set) var lot: Int64 = 1
  private(set) var isCumulative = false
  private(set) var id: Reference?
  private(set) var aggressor: Aggressor?
  private(set) var openInterest: Reference?
  /// Best level first.
  private(set) var bids: LevelSource?
  private(set) var asks: LevelSource?
  private(set) var zeroIsMissing = false
  /// Set for `table: candles`; `table` then means nothing.
  private(set) var candles: Candles?
  let file: String

  /// Reads a mapping.
  ///
  /// - Throws: `DataError` with the line of what makes no sense, `MissingInputError`.
  public static func load(path: String) throws -> CSVMapping {
    try CSVMapping(ConfigNode.load(path: path))
  }

  public init(_ node: ConfigNode) throws {
    file = node.file
    if try node["table"]?.string() == "candles" {
      try readCandles(node)
      return
    }
    try node.rejectUnknown(keys: [
      "table", "venue", "symbol", "file", "instrument", "time", "arrival", "reorder", "price",
      "size", "id", "aggressor", "open_interest", "bids", "asks", "zero_is_missing",
    ])
    let tableNode = try node.require("table")
    table = try tableNode.choice(MarketTable.self)
    guard [.trades, .quotes, .book].contains(table) else {
      throw tableNode.error("a mapping makes trades, quotes, book or candles")
    }
    venue = try Self.text(node.require("venue"))
    symbol = try Self.text(node.require("symbol"))
    if let file = node["file"] { try readFile(file) }
    try readInstrument(node.require("instrument"))
    time = try node["time"].map { try Self.time($0) }
    arrival = try node["arrival"].map { try Self.time($0) }
    guard time != nil || arrival != nil else { throw node.error("'time' or 'arrival' is missing") }
    if let node = node["reorder"] {
      reorder = try node.timeSpan()
      guard reorder >= .zero else { throw node.error("below zero") }
    }
    if table == .trades { try readTrades(node) } else { try readLevels(node) }
  }

  // MARK: Parts

  private mutating func readCandles(_ node: ConfigNode) throws {
    try node.rejectUnknown(
      keys: ["table", "venue", "symbol", "interval", "file", "time"] + Candles.valueKeys)
    venue = try Self.text(node.require("venue"))
    guard case .fixed = venue else {
      throw try node.require("venue").error("candles are of one venue; write its name")
    }
    symbol = try Self.text(node.require("symbol"))
    var settings = Candles(interval: try node.require("interval").choice(CandleInterval.self))
    if let file = node["file"] {
      try readFile(file, further: ["thousands", "empty_rows"])
      if let node = file["thousands"] { settings.hasThousands = try node.bool() }
      if let node = file["empty_rows"] {
        switch try node.string() {
        case "reject": settings.skipsEmptyRows = false
        case "skip": settings.skipsEmptyRows = true
        case let text: throw node.error("'\(text)' is neither reject nor skip")
        }
      }
    }
    time = try Self.time(node.require("time"), needsHour: false)
    guard time?.format.hasDate ?? false else {
      throw try node.require("time").error("bars need a date")
    }
    settings.values = try Candles.valueKeys.enumerated().map { index, key in
      try (index < 4 ? node.require(key) : node[key]).map { try Self.reference($0) }
    }
    candles = settings
  }

  private mutating func readFile(_ node: ConfigNode, further: [String] = []) throws {
    try node.rejectUnknown(
      keys: ["delimiter", "header", "skip", "comment", "last_line"] + further)
    if let node = node["delimiter"] {
      switch try node.string() {
      case "comma", ",": delimiter = .byte(0x2c)
      case "tab": delimiter = .byte(0x09)
      case "semicolon", ";": delimiter = .byte(0x3b)
      case "pipe", "|": delimiter = .byte(0x7c)
      case "space": delimiter = .blanks
      case let text: throw node.error("'\(text)' is none of comma, tab, semicolon, pipe, space")
      }
    }
    if let node = node["header"] { hasHeader = try node.bool() }
    if let node = node["skip"] {
      skippedLines = try node.int()
      guard skippedLines >= 0 else { throw node.error("below zero") }
    }
    if let node = node["comment"] { comment = Array(try node.string().utf8) }
    if let node = node["last_line"] {
      switch try node.string() {
      case "torn": acceptsOpenLastLine = false
      case "complete": acceptsOpenLastLine = true
      case let text: throw node.error("'\(text)' is neither torn nor complete")
      }
    }
  }

  private mutating func readInstrument(_ node: ConfigNode) throws {
    try node.rejectUnknown(keys: [
      "price_decimals", "size_decimals", "tick", "multiplier", "settlement", "negative_prices",
    ])
    func decimals(_ key: String) throws -> Int? {
      let node = try node.require(key)
      if try node.string() == "auto" { return nil }
      let value = try node.int()
      guard (0...12).contains(value) else { throw node.error("must be from 0 to 12, or auto") }
      return value
    }
    priceDecimals = try decimals("price_decimals")
    sizeDecimals = try decimals("size_decimals")
    if let node = node["tick"] {
      tick = try node.string()
      let count = try? Decimal.parse(tick!, decimals: priceDecimals ?? 12)
      guard let count, count > 0 else {
        throw node.error("is no price step above zero with these decimals")
      }
    }
    if let node = node["multiplier"] {
      multiplier = try node.double()
      guard multiplier > 0 else { throw node.error("must be above zero") }
    }
    if let node = node["settlement"] {
      guard let value = Instrument.Settlement(rawValue: try node.string()) else {
        throw node.error("is neither linear nor inverse")
      }
      settlement = value
    }
    if let node = node["negative_prices"] { allowsNegativePrices = try node.bool() }
  }

  private mutating func readTrades(_ node: ConfigNode) throws {
    for key in ["bids", "asks", "zero_is_missing"] {
      if let node = node[key] { throw node.error("trades have no such setting") }
    }
    let priceNode = try node.require("price")
    try readPrice(priceNode)
    let sizeNode = try node.require("size")
    try readSize(sizeNode)
    guard price != nil else { throw priceNode.error("a column is needed") }
    guard size != nil else { throw sizeNode.error("a column is needed") }
    id = try node["id"].map { try Self.reference($0) }
    openInterest = try node["open_interest"].map { try Self.reference($0) }
    guard let node = node["aggressor"] else { return }
    try node.rejectUnknown(keys: ["column", "buy", "sell", "unknown"])
    var sides: [(text: [UInt8], side: Int64)] = []
    for (key, side) in [("buy", Int64(1)), ("sell", -1), ("unknown", Column.missing)] {
      let texts = try key == "unknown" ? node[key]?.strings() ?? [] : node.require(key).strings()
      sides += texts.map { (Array($0.utf8), side) }
    }
    aggressor = Aggressor(column: try Self.reference(node.require("column")), sides: sides)
  }

  private mutating func readLevels(_ node: ConfigNode) throws {
    for key in ["id", "aggressor", "open_interest"] {
      if let node = node[key] { throw node.error("only trades have this setting") }
    }
    if let node = node["price"] {
      try readPrice(node)
      guard price == nil else { throw node.error("levels name their columns in bids and asks") }
    }
    if let node = node["size"] {
      try readSize(node)
      guard size == nil, !isCumulative else {
        throw node.error("levels name their columns in bids and asks, and take 'lot' here")
      }
    }
    if let node = node["zero_is_missing"] { zeroIsMissing = try node.bool() }
    bids = try Self.levels(node.require("bids"))
    asks = try Self.levels(node.require("asks"))
    guard bids!.count == asks!.count else { throw node.error("bids and asks differ in levels") }
    guard bids!.hasForm(of: asks!) else {
      throw try node.require("asks").error("asks are written in another form than bids")
    }
    guard table == .book || bids!.count == 1 else {
      throw try node.require("bids").error("quotes have one level; more of them make a book")
    }
  }

  private mutating func readPrice(_ node: ConfigNode) throws {
    guard case .mapping = node.content else {
      price = try Self.reference(node)
      return
    }
    try node.rejectUnknown(keys: ["column", "implied_decimals"])
    price = try node["column"].map { try Self.reference($0) }
    guard let node = node["implied_decimals"] else { return }
    impliedDecimals = try node.int()
    guard (0...12).contains(impliedDecimals) else { throw node.error("must be from 0 to 12") }
    if let priceDecimals, impliedDecimals > priceDecimals {
      throw node.error("more than price_decimals, \(priceDecimals)")
    }
  }

  private mutating func readSize(_ node: ConfigNode) throws {
    guard case .mapping = node.content else {
      size = try Self.reference(node)
      return
    }
    try node.rejectUnknown(keys: ["column", "lot", "cumulative"])
    size = try node["column"].map { try Self.reference($0) }
    if let node = node["lot"] {
      lot = Int64(try node.int())
      guard (1...1_000_000_000).contains(lot) else { throw node.error("must be from 1 to 10^9") }
    }
    if let node = node["cumulative"] { isCumulative = try node.bool() }
  }

  private static func text(_ node: ConfigNode) throws -> Text {
    guard case .mapping = node.content else { return .fixed(try node.string()) }
    try node.rejectUnknown(keys: ["column"])
    return .column(try reference(node.require("column")))
  }

  private static func reference(_ node: ConfigNode) throws -> Reference {
    if case .mapping = node.content {
      try node.rejectUnknown(keys: ["column"])
      return try reference(node.require("column"))
    }
    let text = try node.string()
    if case .scalar(_, isPlain: true) = node.content, let number = Int(text) {
      guard (1...10_000).contains(number) else { throw node.error("columns count from 1") }
      return .number(number)
    }
    guard !text.isEmpty else { throw node.error("a column's name or number is needed") }
    return .name(text)
  }

  private static func time(_ node: ConfigNode, needsHour: Bool = true) throws -> Time {
    try node.rejectUnknown(keys: ["column", "columns", "format", "zone"])
    let columns: [Reference]
    if let list = node["columns"] {
      columns = try list.items().map { try reference($0) }
      guard !columns.isEmpty else { throw list.error("a column is needed") }
    } else {
      columns = [try reference(node.require("column"))]
    }
    let formatNode = try node.require("format")
    let format: TimeFormat
    do {
      format = try TimeFormat(
        formatNode.string(), at: formatNode.path, needsHour: needsHour)
    } catch let error as UsageError {
      throw formatNode.error(error.description)
    }
    let zoneName = try node["zone"]?.string() ?? "UTC"
    guard let zone = TimeZone(identifier: zoneName) else {
      throw (node["zone"] ?? node).error("'\(zoneName)' is no time zone such as Asia/Seoul")
    }
    return Time(columns: columns, format: format, zone: zone)
  }

  private static func levels(_ node: ConfigNode) throws -> LevelSource {
    if case .list = node.content {
      let items = try node.items()
      guard (1...200).contains(items.count) else { throw node.error("1 to 200 levels are needed") }
      return .columns(
        try items.map { item in
          try item.rejectUnknown(keys: ["price", "size"])
          return (try reference(item.require("price")), try reference(item.require("size")))
        })
    }
    try node.rejectUnknown(keys: ["cells", "form", "order"])
    let cellsNode = try node.require("cells")
    var cells = try cellsNode.items().map { try reference($0) }
    guard (1...200).contains(cells.count) else {
      throw cellsNode.error("1 to 200 levels are needed")
    }
    let order = try node.require("order")
    switch try order.string() {
    case "best-first": break
    case "worst-first": cells.reverse()
    case let text: throw order.error("'\(text)' is neither best-first nor worst-first")
    }
    let form = try node.require("form")
    switch try form.string() {
    case "size@price": return .cells(cells, priceFirst: false)
    case "price@size": return .cells(cells, priceFirst: true)
    case let text: throw form.error("'\(text)' is neither size@price nor price@size")
    }
  }
}

extension CSVMapping.LevelSource {
  var count: Int {
    switch self {
    case .columns(let columns): columns.count
    case .cells(let cells, _): cells.count
    }
  }
}
