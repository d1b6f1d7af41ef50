internal import HogaCore

/// Rows of one date of a capture on their way to the lake.
@safe final class BinanceWriter {
  /// What the rows of one depth message share.
  struct Message {
    var moment: Moment
    var update: Int64
    var kind: DepthKind
    /// The row that counts this down to zero ends the message.
    var rowsLeft: Int
  }

  private let sink: any ImportSink
  private let range: Range<Int64>
  private let depthRows: RowBuffer
  private let tradeRows: RowBuffer
  private let quoteRows: RowBuffer

  init(instrument: Instrument, date: CivilDate, sink: any ImportSink) {
    self.sink = sink
    range = date.start.nanoseconds..<date.adding(days: 1).start.nanoseconds
    func buffer(_ table: MarketTable, _ categories: [String] = []) -> RowBuffer {
      RowBuffer(table, instrument: instrument, date: date, categories: categories)
    }
    depthRows = buffer(.depth, DepthKind.allCases.map(\.rawValue))
    tradeRows = buffer(.trades)
    quoteRows = buffer(.quotes)
  }

  func contains(_ arrival: Int64) -> Bool { range.contains(arrival) }

  /// In the order of their tables.
  var buffers: [RowBuffer] { [tradeRows, depthRows, quoteRows] }

  func flush() throws {
    try depthRows.flush(into: sink)
    try tradeRows.flush(into: sink)
    try quoteRows.flush(into: sink)
  }

  /// One level of a message.
  @inline(__always)
  func depth(_ message: inout Message, side: Side, price: Int64, size: Int64) throws {
    message.rowsLeft -= 1
    let kind: Int64 = message.kind == .snapshot ? 0 : 1
    try row(
      message.moment, message.update, kind, side.sign, price, size,
      last: message.rowsLeft == 0 ? 1 : 0)
  }

  /// Says that the book is unknown from here on.
  func gap(after update: Int64, at moment: Moment) throws {
    try row(moment, update, 2, 0, Column.missing, Column.missing, last: 1)
  }

  /// A whole book, bids and then asks, best first.
  func snapshot(of book: OrderBook, update: Int64, at moment: Moment) throws {
    var message = Message(
      moment: moment, update: update, kind: .snapshot,
      rowsLeft: book.bids.count + book.asks.count)
    for side in Side.allCases {
      let levels = book[side]
      for depth in 0..<levels.count {
        try self.depth(
          &message, side: side, price: levels.ticks(at: depth), size: levels.lots(at: depth))
      }
    }
  }

  @inline(__always)
  private func row(
    _ moment: Moment, _ update: Int64, _ kind: Int64, _ side: Int64, _ price: Int64, _ size: Int64,
    last: Int64
  ) throws {
    // The cells are the columns of `MarketTable.depth`, in its order.
    let cell = try unsafe depthRows.appendRow(flushInto: sink)
    let stride = depthRows.capacity
    unsafe cell[0] = moment.arrival
    unsafe cell[stride] = moment.time
    unsafe cell[2 * stride] = moment.sequence
    unsafe cell[3 * stride] = update
    unsafe cell[4 * stride] = kind
    unsafe cell[5 * stride] = side
    unsafe cell[6 * stride] = price
    unsafe cell[7 * stride] = size
    unsafe cell[8 * stride] = last
  }

  func trade(
    _ moment: Moment, id: Int64, price: Int64, size: Int64, aggressor: Side
  ) throws {
    try tradeRows.appendTrade(
      moment, id: id, price: price, size: size, aggressor: aggressor, flushInto: sink)
  }

  /// - Parameter cells: bid price and size, ask price and size.
  func quote(_ moment: Moment, _ cells: [Int64]) throws {
    let cell = try unsafe quoteRows.appendRow(flushInto: sink)
    let stride = quoteRows.capacity
    unsafe cell[0] = moment.arrival
    unsafe cell[stride] = moment.time
    unsafe cell[2 * stride] = moment.sequence
    for index in 0..<4 { unsafe cell[(3 + index) * stride] = cells[index] }
  }
}
