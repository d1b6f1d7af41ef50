/// Plays stored tables to a sink, in the order in which the events arrived.
///
/// Book-like rows (`depth`, `book` or `quotes`) and trades are merged by (arrival, sequence); at a
/// tie the trade comes first, so that it meets the book that stood before it. Memory is one chunk
/// of each table.
public struct Replay {
  /// Hands out the next chunk of a table, or `nil` at its end.
  public typealias Source = () throws -> Frame?

  public private(set) var book = OrderBook()
  private var bookRows: BookRows?
  private var tradeRows: TradeRows?

  /// - Parameters:
  ///   - book: chunks of `depth`, `book` or `quotes`; `nil` where there is none.
  ///   - trades: chunks of `trades`; `nil` where there is none.
  /// - Throws: `DataError` where a chunk lacks a column of its table.
  public init(book: Source?, trades: Source?) throws {
    bookRows = try book.map { try BookRows($0) }
    tradeRows = try trades.map { try TradeRows($0) }
  }

  /// Plays everything that is left.
  public mutating func run(into sink: inout some MarketSink) throws {
    while try step(into: &sink) {}
  }

  /// Plays one message, or returns `false` at the end.
  public mutating func step(into sink: inout some MarketSink) throws -> Bool {
    let bookMoment = bookRows?.moment
    let tradeMoment = tradeRows?.moment
    switch (bookMoment, tradeMoment) {
    case (nil, nil):
      return false
    case (let bookMoment?, let tradeMoment) where tradeMoment.map { bookMoment < $0 } ?? true:
      try bookRows!.apply(to: &book)
      sink.bookChanged(book, at: bookMoment)
    default:
      sink.traded(tradeRows!.trade)
      try tradeRows!.advance()
    }
    return true
  }
}

/// The stamps every market table begins with, and the chunk they belong to.
private struct Stamps {
  var arrival: [Int64] = []
  var time: [Int64] = []
  var sequence: [Int64] = []

  init() {}
  init(_ frame: Frame) throws {
    arrival = try frame.int64s("arrival")
    time = try frame.int64s("time")
    sequence = try frame.int64s("sequence")
  }

  func moment(_ row: Int) -> Moment {
    Moment(arrival: arrival[row], time: time[row], sequence: sequence[row])
  }
}

private struct TradeRows {
  private let source: Replay.Source
  private var stamps = Stamps()
  private var prices: [Int64] = []
  private var sizes: [Int64] = []
  private var aggressors: [Int32] = []
  private var row = 0
  private(set) var moment: Moment?

  init(_ source: @escaping Replay.Source) throws {
    self.source = source
    try load()
  }

  var trade: Trade {
    Trade(
      moment: stamps.moment(row), price: Price(ticks: prices[row]),
      quantity: Quantity(lots: sizes[row]), aggressor: Side(rawValue: aggressors[row]))
  }

  mutating func advance() throws {
    row += 1
    if row < prices.count { moment = stamps.moment(row) } else { try load() }
  }

  private mutating func load() throws {
    moment = nil
    while let frame = try source() {
      guard frame.rowCount > 0 else { continue }
      stamps = try Stamps(frame)
      prices = try frame.int64s("price")
      sizes = try frame.int64s("size")
      guard case .int32(let signs) = try frame.column("aggressor") else {
        throw DataError("is of another type, 32-bit integers are needed", column: "aggressor")
      }
      aggressors = signs
      row = 0
      moment = stamps.moment(0)
      return
    }
  }
}

private struct BookRows {
  private enum Layout { case depth, levels }

  private let source: Replay.Source
  private var stamps = Stamps()
  private var layout = Layout.levels
  private var row = 0
  private var rowCount = 0
  private(set) var moment: Moment?
  private var inSnapshot = false

  // Depth rows: absolute sizes of single levels.
  private var kinds: [DepthKind?] = []
  private var sides: [Int32] = []
  private var prices: [Int64] = []
  private var sizes: [Int64] = []
  private var last: [Bool] = []

  // Levels: `4 · levelCount` columns, bid price and size, ask price and size, best first. A replay
  // reads all cells of a row at once, so rows are laid out one after another, a block at a time:
  // few enough to stay in the nearest cache.
  private static let blockRows = 128
  private var levelColumns: [[Int64]] = []
  private var levelCount = 0
  private var cells: [Int64] = []
  /// The rows that `cells` holds.
  private var block = 0..<0

  init(_ source: @escaping Replay.Source) throws {
    self.source = source
    try load()
  }

  /// Applies the next message: one row of levels, or all depth rows up to the one marked `last`.
  mutating func apply(to book: inout OrderBook) throws {
    if layout == .levels {
      try replace(&book)
      try advance()
      return
    }
    var endsMessage = false
    while !endsMessage {
      guard moment != nil else { throw DataError("the table ends inside a depth message") }
      try applyDepthRow(to: &book)
      endsMessage = last[row]
      try advance()
    }
    inSnapshot = false
  }

  private mutating func applyDepthRow(to book: inout OrderBook) throws {
    guard let kind = kinds[row] else {
      throw DataError("neither snapshot, update nor gap", row: row + 1, column: "kind")
    }
    if kind == .gap {
      book.isStale = true
      return
    }
    if kind == .snapshot, !inSnapshot {
      book.removeAll()
      book.isStale = false
      inSnapshot = true
    }
    guard let side = Side(rawValue: sides[row]) else {
      throw DataError("neither 1 nor -1", row: row + 1, column: "side")
    }
    guard (0...BookSide.largestLots).contains(sizes[row]) else {
      throw DataError(
        sizes[row] < 0 ? "below zero or null" : "beyond 2^50 counts", row: row + 1, column: "size")
    }
    book.set(side, ticks: prices[row], lots: sizes[row])
  }

  private mutating func replace(_ book: inout OrderBook) throws {
    if row == block.upperBound { turnBlock() }
    book.isStale = false
    let start = (row - block.lowerBound) * levelCount * 4
    if let level = book.bids.load(cells.span, from: start, stride: 4, levels: levelCount) {
      throw DataError("not below the level above", row: row + 1, column: "bid_price_\(level + 1)")
    }
    if let level = book.asks.load(cells.span, from: start + 2, stride: 4, levels: levelCount) {
      throw DataError("not above the level below", row: row + 1, column: "ask_price_\(level + 1)")
    }
  }

  private mutating func advance() throws {
    row += 1
    if row < rowCount { moment = stamps.moment(row) } else { try load() }
  }

  private mutating func load() throws {
    moment = nil
    while let frame = try source() {
      guard frame.rowCount > 0 else { continue }
      stamps = try Stamps(frame)
      rowCount = frame.rowCount
      row = 0
      if frame.contains("kind") { try loadDepth(frame) } else { try loadLevels(frame) }
      moment = stamps.moment(0)
      return
    }
  }

  private mutating func loadDepth(_ frame: Frame) throws {
    guard case .category(let categories) = try frame.column("kind"),
      case .int32(let sides) = try frame.column("side"),
      case .bool(let last) = try frame.column("last")
    else {
      throw DataError("a depth table has kind (text), side (32-bit) and last (true or false)")
    }
    layout = .depth
    let known = categories.levels.map { DepthKind(rawValue: $0) }
    kinds = categories.codes.map { $0 < 0 ? nil : known[Int($0)] }
    self.sides = sides
    self.last = last
    prices = try frame.int64s("price")
    sizes = try frame.int64s("size")
  }

  private mutating func loadLevels(_ frame: Frame) throws {
    layout = .levels
    levelCount = 0
    while frame.contains("bid_price_\(levelCount + 1)") { levelCount += 1 }
    guard levelCount > 0 else { throw DataError("no such column", column: "bid_price_1") }
    let names = ["bid_price", "bid_size", "ask_price", "ask_size"]
    levelColumns = []
    for level in 1...levelCount {
      for name in names { levelColumns.append(try frame.int64s("\(name)_\(level)")) }
    }
    cells = [Int64](repeating: 0, count: Self.blockRows * levelColumns.count)
    block = 0..<0
  }

  /// Lays out the rows from `row` on.
  private mutating func turnBlock() {
    block = row..<min(row + Self.blockRows, rowCount)
    let block = block
    let stride = levelColumns.count
    let levelColumns = levelColumns
    var cells = cells.mutableSpan
    for column in 0..<stride {
      var cell = column
      for value in levelColumns[column][block] {
        cells[cell] = value
        cell += stride
      }
    }
  }
}
