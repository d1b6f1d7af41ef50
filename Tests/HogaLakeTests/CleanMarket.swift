import HogaCore
import HogaLake

/// One symbol's day without a fault, drawn from a seed, that a test may damage.
struct CleanMarket {
  let instrument: Instrument
  let date: CivilDate
  var depth: Frame
  var trades: Frame
  var book: Frame
  private(set) var hasGap = false

  init(
    seed: UInt64, date: CivilDate = CivilDate("2024-08-08")!, symbol: String = "BTCUSDT",
    messages: Int = 400, gapAt: Int? = nil
  ) {
    instrument = Instrument(
      venue: "test", symbol: symbol, priceDecimals: 2, sizeDecimals: 3, tickIncrement: 10)
    self.date = date
    var random = SeededRandom(seed)
    var time = date.start.nanoseconds + 3_600_000_000_000
    var maker = DepthMaker()
    var trades = TradeMaker()
    var levels = LevelMaker(levels: 3)
    var order = OrderBook()
    for message in 0..<messages {
      time += Int64.random(in: 0...500_000_000, using: &random)
      let moment = Moment(
        arrival: time, time: time - Int64.random(in: 0...1_000, using: &random) - 2_000,
        sequence: Int64(message + 1))
      // Exchange times only rise, as arrivals do.
      let stamped = Moment(
        arrival: moment.arrival, time: max(moment.time, maker.lastTime), sequence: moment.sequence)
      maker.lastTime = stamped.time
      if message == gapAt {
        maker.append(stamped, .gap, side: 0, Column.missing, Column.missing, last: true)
        order.isStale = true
        hasGap = true
        continue
      }
      let isSnapshot = message == 0 || (gapAt.map { message == $0 + 3 } ?? false)
      if isSnapshot { order.removeAll() }
      var rows: [(Side, Int64, Int64)] = []
      for step in 1...(isSnapshot ? 5 : 2) {
        for side in Side.allCases {
          let away = isSnapshot ? Int64(step) : Int64.random(in: 1...5, using: &random)
          // Bids stay below 61,800.00 and asks above, so nothing crosses; the first stays.
          let size =
            isSnapshot || away == 1
            ? Int64.random(in: 1...9_000, using: &random)
            : max(0, Int64.random(in: -3_000...9_000, using: &random))
          rows.append((side, 6_180_000 - side.sign * away * 10, size))
        }
      }
      for (index, (side, price, size)) in rows.enumerated() {
        order.set(side, ticks: price, lots: size)
        maker.append(
          stamped, isSnapshot ? .snapshot : .update, side: side.rawValue, price, size,
          last: index == rows.count - 1)
      }
      if isSnapshot { order.isStale = false }
      if !order.isStale { levels.append(stamped, order) }
      if random.uniform() < 0.5 {
        trades.append(
          stamped, price: 6_180_000 + 10 * Int64.random(in: -3...3, using: &random),
          size: Int64.random(in: 1...900, using: &random), aggressor: random.next() % 2 == 0)
      }
    }
    depth = maker.frame(instrument)
    self.trades = trades.frame(instrument)
    book = levels.frame(instrument)
  }

  /// Writes the tables to a lake.
  func write(
    to lake: Lake, _ tables: [MarketTable] = [.depth, .trades, .book], source: String = "a.gz",
    replace: Bool = false
  ) throws {
    let transaction = lake.begin(producer: "test", sources: [source], replace: replace)
    for table in tables {
      let frame = table == .depth ? depth : table == .trades ? trades : book
      try transaction.append(frame, to: table, instrument: instrument, date: date)
    }
    try transaction.commit()
  }
}

private struct Stamps {
  var arrival: [Int64] = []
  var time: [Int64] = []
  var sequence: [Int64] = []

  mutating func append(_ moment: Moment) {
    arrival.append(moment.arrival)
    time.append(moment.time)
    sequence.append(moment.sequence)
  }
  var columns: [(name: String, column: Column)] {
    [("arrival", .timestamp(arrival)), ("time", .timestamp(time)), ("sequence", .int64(sequence))]
  }
}

private struct DepthMaker {
  var lastTime = Int64.min
  private var stamps = Stamps()
  private var kinds: [String?] = []
  private var sides: [Int32] = []
  private var prices: [Int64] = []
  private var sizes: [Int64] = []
  private var lasts: [Bool] = []

  mutating func append(
    _ moment: Moment, _ kind: DepthKind, side: Int32, _ price: Int64, _ size: Int64, last: Bool
  ) {
    stamps.append(moment)
    kinds.append(kind.rawValue)
    sides.append(side)
    prices.append(price)
    sizes.append(size)
    lasts.append(last)
  }

  func frame(_ instrument: Instrument) -> Frame {
    Frame(
      stamps.columns + [
        ("update_id", .int64(stamps.sequence)), ("kind", .category(Categories(kinds))),
        ("side", .int32(sides)), ("price", .decimal(prices, scale: instrument.priceDecimals)),
        ("size", .decimal(sizes, scale: instrument.sizeDecimals)), ("last", .bool(lasts)),
      ])
  }
}

private struct TradeMaker {
  private var stamps = Stamps()
  private var prices: [Int64] = []
  private var sizes: [Int64] = []
  private var aggressors: [Int32] = []

  mutating func append(_ moment: Moment, price: Int64, size: Int64, aggressor isBuy: Bool) {
    stamps.append(moment)
    prices.append(price)
    sizes.append(size)
    aggressors.append(isBuy ? 1 : -1)
  }

  func frame(_ instrument: Instrument) -> Frame {
    Frame(
      stamps.columns + [
        ("id", .int64(prices.indices.map { 5_000 + 2 * Int64($0) })),
        ("price", .decimal(prices, scale: instrument.priceDecimals)),
        ("size", .decimal(sizes, scale: instrument.sizeDecimals)),
        ("aggressor", .int32(aggressors)),
      ])
  }
}

private struct LevelMaker {
  let levels: Int
  private var stamps = Stamps()
  private var cells: [[Int64]]

  init(levels: Int) {
    self.levels = levels
    cells = Array(repeating: [], count: 4 * levels)
  }

  mutating func append(_ moment: Moment, _ book: OrderBook) {
    stamps.append(moment)
    for level in 0..<levels {
      for (offset, side) in [book.bids, book.asks].enumerated() {
        let exists = level < side.count
        cells[4 * level + 2 * offset].append(exists ? side.ticks(at: level) : Column.missing)
        cells[4 * level + 2 * offset + 1].append(exists ? side.lots(at: level) : Column.missing)
      }
    }
  }

  func frame(_ instrument: Instrument) -> Frame {
    var columns = stamps.columns
    for level in 0..<levels {
      for (offset, name) in ["bid_price", "bid_size", "ask_price", "ask_size"].enumerated() {
        let scale = offset % 2 == 0 ? instrument.priceDecimals : instrument.sizeDecimals
        columns.append(("\(name)_\(level + 1)", .decimal(cells[4 * level + offset], scale: scale)))
      }
    }
    return Frame(columns)
  }
}

extension Frame {
  /// Changes cells of an integer-like column.
  mutating func edit(_ name: String, _ change: (inout [Int64]) -> Void) {
    switch self[name] {
    case .int64(var values):
      change(&values)
      append(name, .int64(values))
    case .timestamp(var values):
      change(&values)
      append(name, .timestamp(values))
    case .decimal(var values, let scale):
      change(&values)
      append(name, .decimal(values, scale: scale))
    case .int32(let values):
      var wide = values.map { Int64($0) }
      change(&wide)
      append(name, .int32(wide.map { Int32($0) }))
    default: preconditionFailure("no integers in \(name)")
    }
  }
}
