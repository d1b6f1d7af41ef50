import ArgumentParser
import HogaCore
import HogaImport
import HogaLake

struct BookBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "book",
    abstract: "Measure order books: by level on a Binance capture, by order on a Coinbase one.",
    discussion: """
      Rows are decoded before the clock starts: what is measured is the book alone, with the best \
      prices read after every message. Each kind of book ends at the same digest.
      """)

  @Option(help: "A raw capture of Binance's USDⓈ-M stream of BTCUSDT.")
  var binance: String?
  @Option(parsing: .upToNextOption, help: "Coinbase's whole book and messages of BTC-USD.")
  var coinbase: [String] = []
  @Option(help: "How often the rows are played within one repeat.")
  var rounds: Int = 5
  @OptionGroup var common: CommonOptions

  func run() throws {
    let machine = Machine()
    var measurements: [Measurement] = []
    try Scratch.with(common) { scratch in
      if let binance { measurements += try measureLevels(binance, scratch) }
      if !coinbase.isEmpty { measurements += try measureOrders(scratch) }
    }
    machine.report("book", measurements)
  }

  // MARK: Levels

  private struct Row {
    var side: Side
    var ticks: Int64
    var lots: Int64
    var isSnapshot: Bool
    var isLast: Bool
  }

  private func measureLevels(_ path: String, _ scratch: Scratch) throws -> [Measurement] {
    let lake = try scratch.emptyLake("levels")
    _ = try BinanceRawImporter(market: .usdm, symbol: "BTCUSDT").run(files: [path], into: lake)
    var rows: [Row] = []
    for partition in try lake.partitions(table: "depth") {
      let frame = try ParquetFile(partition.path).read()
      guard case .category(let kinds) = try frame.column("kind"),
        case .int32(let sides) = try frame.column("side"),
        case .bool(let last) = try frame.column("last")
      else { continue }
      let (prices, sizes) = (try frame.int64s("price"), try frame.int64s("size"))
      for row in 0..<frame.rowCount {
        guard let side = Side(rawValue: sides[row]) else { continue }
        rows.append(
          Row(
            side: side, ticks: prices[row], lots: sizes[row],
            isSnapshot: kinds[row] == "snapshot", isLast: last[row]))
      }
    }
    return [
      try measure("book on price ladders", rows, LadderBook()),
      try measure("book of sorted levels", rows, OrderBook()),
      try measure("book of dictionaries", rows, DictionaryBook()),
    ]
  }

  private func measure(
    _ name: String, _ rows: [Row], _ empty: some LevelBook
  ) throws -> Measurement {
    try Measurement(
      name, unit: "updates", counted: "levels set, best prices read after each message",
      repeats: common.repeats
    ) {
      let (sum, levels) = play(rows, empty, rounds)
      return Measurement.Outcome(
        amount: Double(rows.count * rounds),
        digest: {
          var digest = FNV1a()
          digest.add(sum)
          return digest
        }, facts: { [("levels", Double(levels))] })
    }
  }

  // MARK: Orders

  private func measureOrders(_ scratch: Scratch) throws -> [Measurement] {
    var lake = try scratch.emptyLake("orders")
    func importAll() throws -> Measurement.Outcome {
      let report = try CoinbaseL3Importer(symbol: "BTC-USD").run(files: coinbase, into: lake)
      return Measurement.Outcome(
        amount: Double(report.rows(of: .orders)), digest: { FNV1a() },
        facts: { [("megabytes", Double(report.bytes) / 1e6)] })
    }
    let importing = try Measurement(
      "import of orders", unit: "rows",
      counted: "rows of orders, whole book included, from xz read twice to Parquet on the disk",
      repeats: common.repeats, prepare: { lake = try scratch.emptyLake("orders") }, body: importAll)
    var all: [OrderEvent] = []
    for partition in try lake.partitions(table: "orders") {
      let frame = try ParquetFile(partition.path).read()
      guard case .category(let kinds) = try frame.column("kind"),
        case .int32(let sides) = try frame.column("side")
      else { continue }
      let (ids, sequences) = (try frame.int64s("order_id"), try frame.int64s("sequence"))
      let (prices, sizes) = (try frame.int64s("price"), try frame.int64s("size"))
      for row in 0..<frame.rowCount {
        guard let kind = kinds[row].flatMap({ OrderEventKind(rawValue: $0) }) else { continue }
        all.append(
          OrderEvent(
            kind, id: ids[row], side: Side(rawValue: sides[row]), ticks: prices[row],
            lots: sizes[row], sequence: sequences[row]))
      }
    }
    let snapshot = all.prefix { $0.kind == .snapshot }
    // The same flow with numbers that no page holds: what hashing costs.
    let hashed = all.map { event in
      var event = event
      event.id = Int64(truncatingIfNeeded: UInt64(event.id) &* 0x9E37_79B9_7F4A_7C15) | Int64.min
      return event
    }
    let events = Array(all.dropFirst(snapshot.count))
    let (book, other) = (try built(snapshot), try built(hashed.prefix(snapshot.count)))
    return [
      importing,
      try measure("orders, dense numbers", events, book),
      try measure("orders, numbers hashed", Array(hashed.dropFirst(snapshot.count)), other),
      try Measurement(
        "orders, a whole book", unit: "orders", counted: "orders put into an empty book",
        repeats: common.repeats
      ) {
        let book = try built(snapshot)
        return Measurement.Outcome(amount: Double(snapshot.count), digest: { digest(of: book) })
      },
    ]
  }

  private func built(_ snapshot: ArraySlice<OrderEvent>) throws -> OrderByOrderBook {
    var book = OrderByOrderBook(orders: 1 << 17)
    for event in snapshot { try book.apply(event) }
    return book
  }

  private func measure(
    _ name: String, _ events: [OrderEvent], _ start: OrderByOrderBook
  ) throws -> Measurement {
    var books: [OrderByOrderBook] = []
    func prepare() {
      // Each round begins at the first book; the copies are made before the clock starts.
      books = (0..<rounds).map { _ in
        var book = start
        for side in Side.allCases { book.remove(book.add(1 << 30, side, ticks: 7, lots: 1)) }
        return book
      }
    }
    func playAll() throws -> Measurement.Outcome {
      var sum: Int64 = 0
      for index in books.indices { sum &+= try play(events, &books[index]) }
      let last = books[0]
      return Measurement.Outcome(
        amount: Double(events.count * rounds),
        digest: {
          var digest = FNV1a()
          digest.add(sum)
          return digest
        }, facts: { [("orders", Double(last.orderCount))] })
    }
    return try Measurement(
      name, unit: "events", counted: "events applied to a book of 66,811 orders, best prices read",
      repeats: common.repeats, prepare: prepare, body: playAll)
  }

  private func digest(of book: OrderByOrderBook) -> FNV1a {
    var digest = FNV1a()
    for side in Side.allCases { book.forEachOrder(side) { digest.add($0.id) } }
    return digest
  }

  private func play(_ events: [OrderEvent], _ book: inout OrderByOrderBook) throws -> Int64 {
    var sum: Int64 = 0
    for event in events {
      try book.apply(event)
      sum &+= book.bestTicks(.buy) ?? 0
      sum &-= book.bestTicks(.sell) ?? 0
    }
    return sum
  }

  private func play<Book: LevelBook>(
    _ rows: [Row], _ empty: Book, _ rounds: Int
  ) -> (Int64, Int) {
    var book = empty
    var sum: Int64 = 0
    for _ in 0..<rounds {
      var inSnapshot = false
      for row in rows {
        if row.isSnapshot, !inSnapshot {
          book.removeAll()
          inSnapshot = true
        }
        book.update(row.side, ticks: row.ticks, lots: row.lots)
        if row.isLast {
          inSnapshot = false
          if let bid = book.best(.buy), let ask = book.best(.sell) { sum &+= bid &+ 3 &* ask }
        }
      }
    }
    return (sum, book.levels)
  }
}

private protocol LevelBook {
  mutating func update(_ side: Side, ticks: Int64, lots: Int64)
  mutating func removeAll()
  mutating func best(_ side: Side) -> Int64?
  var levels: Int { get }
}

extension LadderBook: LevelBook {
  fileprivate mutating func update(_ side: Side, ticks: Int64, lots: Int64) {
    set(side, ticks: ticks, lots: lots)
  }
  fileprivate func best(_ side: Side) -> Int64? {
    if side == .buy { return bids.isEmpty ? nil : bids.bestTicks }
    return asks.isEmpty ? nil : asks.bestTicks
  }
  fileprivate var levels: Int { bids.count + asks.count }
}

extension OrderBook: LevelBook {
  fileprivate mutating func update(_ side: Side, ticks: Int64, lots: Int64) {
    set(side, ticks: ticks, lots: lots)
  }
  fileprivate func best(_ side: Side) -> Int64? {
    if side == .buy { return bids.isEmpty ? nil : bids.bestTicks }
    return asks.isEmpty ? nil : asks.bestTicks
  }
  fileprivate var levels: Int { bids.count + asks.count }
}

/// The obvious book: a dictionary per side, searched for the best price when that has gone.
private struct DictionaryBook: LevelBook {
  private var sides: [[Int64: Int64]] = [[:], [:]]
  private var bests: [Int64?] = [nil, nil]

  mutating func update(_ side: Side, ticks: Int64, lots: Int64) {
    let index = side == .buy ? 0 : 1
    if lots == 0 {
      sides[index][ticks] = nil
      if bests[index] == ticks { bests[index] = nil }
    } else {
      let isNewBest = bests[index].map { ticks * side.sign > $0 * side.sign } ?? false
      sides[index][ticks] = lots
      if isNewBest { bests[index] = ticks }
    }
  }
  mutating func removeAll() {
    sides = [[:], [:]]
    bests = [nil, nil]
  }
  mutating func best(_ side: Side) -> Int64? {
    let index = side == .buy ? 0 : 1
    if bests[index] == nil {
      bests[index] = side == .buy ? sides[0].keys.max() : sides[1].keys.min()
    }
    return bests[index]
  }
  var levels: Int { sides[0].count + sides[1].count }
}
