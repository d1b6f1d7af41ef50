/// Plays the stored table `orders` into a book, one message at a time, in bounded memory.
///
/// ```swift
/// var replay = try OrderByOrderReplay(file.chunks())
/// while let event = try replay.step() { strategy.look(replay.book, event) }
/// ```
public struct OrderByOrderReplay {
  public private(set) var book: OrderByOrderBook
  /// When the next message was known, or `nil` at the end.
  public private(set) var moment: Moment?
  /// Rows played so far.
  public private(set) var rowCount = 0

  private let source: Replay.Source
  private var arrivals: [Int64] = []
  private var times: [Int64] = []
  private var sequences: [Int64] = []
  private var ids: [Int64] = []
  private var kinds: [OrderEventKind?] = []
  private var codes: [Int32] = []
  private var sides: [Int32] = []
  private var prices: [Int64] = []
  private var sizes: [Int64] = []
  private var row = 0

  /// - Throws: `DataError` where the first chunk lacks a column of the table.
  public init(_ source: @escaping Replay.Source, book: OrderByOrderBook = OrderByOrderBook()) throws
  {
    self.source = source
    self.book = book
    try load()
  }

  /// Plays one message: a row, or all rows of a snapshot.
  ///
  /// - Returns: its last row, or `nil` at the end.
  /// - Throws: `DataError` with the row that does not fit the book.
  public mutating func step() throws -> OrderEvent? {
    guard moment != nil else { return nil }
    var event = try event()
    try apply(event, beginsSnapshot: event.kind == .snapshot)
    guard event.kind == .snapshot else { return event }
    while moment != nil {
      let next = try self.event()
      guard next.kind == .snapshot, next.sequence == event.sequence else { break }
      event = next
      try apply(event, beginsSnapshot: false)
    }
    return event
  }

  private func event() throws -> OrderEvent {
    guard codes[row] >= 0, let kind = kinds[Int(codes[row])] else {
      throw DataError("no kind of an order's event", row: rowCount + 1, column: "kind")
    }
    return OrderEvent(
      kind, id: ids[row], side: Side(rawValue: sides[row]), ticks: prices[row], lots: sizes[row],
      sequence: sequences[row])
  }

  private mutating func apply(_ event: OrderEvent, beginsSnapshot: Bool) throws {
    do {
      try book.apply(event, beginsSnapshot: beginsSnapshot)
    } catch {
      throw DataError(
        "\(error.rawValue): \(event.kind.rawValue) of order \(event.id)", row: rowCount + 1)
    }
    rowCount += 1
    row += 1
    if row < codes.count {
      moment = Moment(arrival: arrivals[row], time: times[row], sequence: sequences[row])
    } else {
      try load()
    }
  }

  private mutating func load() throws {
    moment = nil
    while let frame = try source() {
      guard frame.rowCount > 0 else { continue }
      guard case .category(let categories) = try frame.column("kind"),
        case .int32(let sides) = try frame.column("side")
      else { throw DataError("a table of orders has kind (text) and side (32-bit)") }
      arrivals = try frame.int64s("arrival")
      times = try frame.int64s("time")
      sequences = try frame.int64s("sequence")
      ids = try frame.int64s("order_id")
      prices = try frame.int64s("price")
      sizes = try frame.int64s("size")
      codes = categories.codes
      kinds = categories.levels.map { OrderEventKind(rawValue: $0) }
      self.sides = sides
      row = 0
      moment = Moment(arrival: arrivals[0], time: times[0], sequence: sequences[0])
      return
    }
  }
}
