public import HogaCore
internal import HogaImport
public import HogaLake

/// Rebuilds the book of single orders of a day from the lake, and writes it out.
public struct BookJob: Sendable {
  public var lake: Lake
  public var venue: String
  public var symbol: String
  public var date: CivilDate
  /// Messages that arrived later are left out; `nil` takes the whole day.
  public var until: Timestamp?

  public init(
    lake: Lake, venue: String, symbol: String, date: CivilDate, until: Timestamp? = nil
  ) {
    self.lake = lake
    self.venue = venue
    self.symbol = symbol
    self.date = date
    self.until = until
  }

  /// What the book holds.
  public struct Summary: Hashable, Sendable {
    public var messages = 0
    public var orders = 0
    public var bidLevels = 0
    public var askLevels = 0
    public var state = BookState.empty
    /// The feed's number of the last message.
    public var sequence: Int64?
    /// `nil` on an empty side.
    public var bestBid: String?
    public var bestAsk: String?

    public var json: JSONValue {
      [
        "messages": .int(Int64(messages)), "orders": .int(Int64(orders)),
        "bid_levels": .int(Int64(bidLevels)), "ask_levels": .int(Int64(askLevels)),
        "state": .string(state.rawValue), "sequence": sequence.map { .int($0) } ?? .null,
        "best_bid": bestBid.map { .string($0) } ?? .null,
        "best_ask": bestAsk.map { .string($0) } ?? .null,
      ]
    }

    public var description: String {
      "\(orders) orders at \(bidLevels) bids and \(askLevels) asks after \(messages) messages; "
        + "best bid \(bestBid ?? "none"), best ask \(bestAsk ?? "none"), \(state.rawValue)"
    }
  }

  /// Reads `yyyy-mm-ddThh:mm:ss[.…]Z`.
  ///
  /// - Throws: `UsageError` for anything else.
  public static func time(_ text: String) throws -> Timestamp {
    guard let nanoseconds = ISOTime.nanoseconds(text) else {
      throw UsageError("'\(text)' is not a time yyyy-mm-ddThh:mm:ss[.…]Z")
    }
    return Timestamp(nanoseconds: nanoseconds)
  }

  /// Replays the day and writes the book in the shape of Coinbase's book of level 3.
  ///
  /// - Throws: `MissingInputError` where the day has no orders, `DataError` where they do not fit
  ///   each other, `ResourceError` where the file cannot be written.
  public func run(writing path: String, monitor: JobMonitor) throws -> Summary {
    let partition = try lake.partition(
      table: MarketTable.orders.rawValue, venue: venue, symbol: symbol, date: date)
    guard try lake.partitions(table: "orders", venue: venue, symbol: symbol).contains(partition)
    else {
      throw MissingInputError("\(lake.root): no orders of \(venue) \(symbol) on \(date)")
    }
    let file = try ParquetFile(partition.path)
    let instrument = try LakeMetadata.instrument(of: file)
    monitor.begin("replaying \(symbol)", total: Int64(file.rowCount), unit: "rows")
    let chunks = file.chunks()
    var summary = Summary()
    var replay: OrderByOrderReplay
    do {
      replay = try OrderByOrderReplay {
        let chunk = try chunks()
        try monitor.advance(by: Int64(chunk?.rowCount ?? 0))
        return chunk
      }
      while let moment = replay.moment, moment.arrival <= until?.nanoseconds ?? .max,
        let event = try replay.step()
      {
        summary.messages += 1
        summary.sequence = event.sequence
      }
    } catch let error as DataError {
      throw error.located(file: partition.path)
    }
    let book = replay.book
    let names = try names(of: book)
    try TextFile.write(
      Self.text(book, instrument, sequence: summary.sequence ?? 0, names: names), to: path)
    func price(_ side: Side) -> String? {
      book.bestTicks(side).map { Self.trimmed($0, instrument.priceDecimals) }
    }
    summary.orders = book.orderCount
    summary.bidLevels = book.levelCount(.buy)
    summary.askLevels = book.levelCount(.sell)
    summary.state = book.state
    summary.bestBid = price(.buy)
    summary.bestAsk = price(.sell)
    return summary
  }

  /// The exchange's ids of the book's orders, where the lake has them.
  private func names(of book: OrderByOrderBook) throws -> [Int64: String] {
    let table = try lake.partition(
      table: CoinbaseL3Importer.orderIDs, venue: venue, symbol: symbol, date: date)
    guard try lake.partitions(table: table.table, venue: venue, symbol: symbol).contains(table)
    else { return [:] }
    var names: [Int64: String] = [:]
    let next = try ParquetFile(table.path).chunks(columns: ["order_id", "uuid"])
    while let chunk = try next() {
      let ids = try chunk.int64s("order_id")
      guard case .category(let uuids) = try chunk.column("uuid") else {
        throw DataError("is no text", file: table.path, column: "uuid")
      }
      for (row, id) in ids.enumerated() where book.slot(of: id) != nil { names[id] = uuids[row] }
    }
    return names
  }

  private static func text(
    _ book: OrderByOrderBook, _ instrument: Instrument, sequence: Int64, names: [Int64: String]
  ) -> String {
    var text = "{\n"
    for side in [Side.sell, .buy] {
      text += "  \"\(side == .sell ? "asks" : "bids")\": ["
      var separator = "\n"
      book.forEachOrder(side) { order in
        let price = trimmed(order.ticks, instrument.priceDecimals)
        let size = trimmed(order.lots, instrument.sizeDecimals)
        // Quantity whose orders nobody knows has no id.
        let id =
          order.id == OrderByOrderBook.anonymous
          ? "null" : JSONValue.string(names[order.id] ?? "\(order.id)").text(indented: false)
        text += "\(separator)    [\"\(price)\", \"\(size)\", \(id)]"
        separator = ",\n"
      }
      text += separator == "\n" ? "],\n" : "\n  ],\n"
    }
    return text + "  \"sequence\": \(sequence)\n}\n"
  }

  /// A count without the zeros at its end, as exchanges print it.
  static func trimmed(_ count: Int64, _ decimals: Int) -> String {
    let text = Decimal.text(count, decimals: decimals)
    guard decimals > 0 else { return text }
    let zeros = text.reversed().prefix { $0 == "0" }.count
    let short = text.dropLast(zeros)
    return String(short.last == "." ? short.dropLast() : short)
  }
}
