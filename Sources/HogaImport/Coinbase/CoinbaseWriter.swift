internal import HogaCore

/// Rows of one date of a Coinbase feed on their way to the lake.
@safe final class CoinbaseWriter {
  private let sink: any ImportSink
  private let instrument: Instrument
  private let date: CivilDate
  private let range: Range<Int64>
  private let orderRows: RowBuffer
  private let tradeRows: RowBuffer
  /// The highest number whose UUID stands in this date's table.
  private(set) var lastNumbered: Int64 = 0
  private(set) var numberedOrders = 0
  private var idStamps: [(arrival: Int64, time: Int64, sequence: Int64)] = []
  private var ids: [Int64] = []
  private var uuids: [String] = []

  init(instrument: Instrument, date: CivilDate, sink: any ImportSink) {
    self.sink = sink
    self.instrument = instrument
    self.date = date
    range = date.start.nanoseconds..<date.adding(days: 1).start.nanoseconds
    func buffer(_ table: MarketTable, _ categories: [String] = []) -> RowBuffer {
      RowBuffer(table, instrument: instrument, date: date, categories: categories)
    }
    orderRows = buffer(.orders, OrderEventKind.allCases.map(\.rawValue))
    tradeRows = buffer(.trades)
  }

  func contains(_ arrival: Int64) -> Bool { range.contains(arrival) }
  /// In the order of their tables.
  var buffers: [RowBuffer] { [tradeRows, orderRows] }
  var hasOrders: Bool { orderRows.writtenRows + orderRows.rowCount > 0 }

  func flush() throws {
    try orderRows.flush(into: sink)
    try tradeRows.flush(into: sink)
    try flushIDs()
  }

  func order(
    _ moment: Moment, _ kind: OrderEventKind, id: Int64, side: Side?, price: Int64, size: Int64
  ) throws {
    // The cells are the columns of `MarketTable.orders`, in its order.
    let cell = try unsafe orderRows.appendRow(flushInto: sink)
    let stride = orderRows.capacity
    unsafe cell[0] = moment.arrival
    unsafe cell[stride] = moment.time
    unsafe cell[2 * stride] = moment.sequence
    unsafe cell[3 * stride] = id
    unsafe cell[4 * stride] = Int64(kind.code)
    unsafe cell[5 * stride] = side?.sign ?? 0
    unsafe cell[6 * stride] = price
    unsafe cell[7 * stride] = size
  }

  func trade(
    _ moment: Moment, id: Int64, price: Int64, size: Int64, aggressor: Side
  ) throws {
    try tradeRows.appendTrade(
      moment, id: id, price: price, size: size, aggressor: aggressor, flushInto: sink)
  }

  /// Keeps the UUID of a number. Numbers come in ascending order.
  func name(_ moment: Moment, _ number: Int64, _ uuid: OrderUUID) throws {
    lastNumbered = number
    numberedOrders += 1
    idStamps.append((moment.arrival, moment.time, moment.sequence))
    ids.append(number)
    uuids.append(uuid.text)
    if ids.count == RowBuffer.maximumRows { try flushIDs() }
  }

  private func flushIDs() throws {
    guard !ids.isEmpty else { return }
    var frame = Frame()
    frame.append("arrival", .timestamp(idStamps.map(\.arrival)))
    frame.append("time", .timestamp(idStamps.map(\.time)))
    frame.append("sequence", .int64(idStamps.map(\.sequence)))
    frame.append("order_id", .int64(ids))
    // Every text comes once, so its code is its row.
    frame.append(
      "uuid", .category(Categories(codes: Array(0..<Int32(ids.count)), levels: uuids)))
    idStamps.removeAll(keepingCapacity: true)
    ids.removeAll(keepingCapacity: true)
    uuids.removeAll(keepingCapacity: true)
    try sink.append(
      frame, to: CoinbaseL3Importer.orderIDs, instrument: instrument, date: date)
  }
}
