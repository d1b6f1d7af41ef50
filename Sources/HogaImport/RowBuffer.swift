internal import HogaCore

/// Rows of one partition, gathered column by column until there are enough for the lake.
///
/// Every cell is an `Int64` here: counts, nanoseconds, codes of a category, 0 or 1. Stores go
/// straight to their place, which keeps the cost of a cell near a nanosecond.
@safe final class RowBuffer {
  static let maximumRows = 1 << 16

  let table: String
  let instrument: Instrument
  let date: CivilDate
  let schema: [ColumnSchema]
  /// Texts of the category columns, by code.
  private let categories: [String]
  private var cells: UnsafeMutablePointer<Int64>
  private(set) var capacity: Int
  private(set) var rowCount = 0
  /// Rows handed over so far.
  private(set) var writtenRows = 0

  /// Rows of one of the market's tables that say nothing of levels.
  convenience init(
    _ table: MarketTable, instrument: Instrument, date: CivilDate, categories: [String] = []
  ) {
    self.init(
      table.rawValue, instrument: instrument, date: date,
      schema: table.schema(
        priceDecimals: instrument.priceDecimals, sizeDecimals: instrument.sizeDecimals),
      categories: categories)
  }

  init(
    _ table: String, instrument: Instrument, date: CivilDate, schema: [ColumnSchema],
    categories: [String] = [], capacity: Int = RowBuffer.maximumRows
  ) {
    self.table = table
    self.instrument = instrument
    self.date = date
    self.schema = schema
    self.categories = categories
    self.capacity = capacity
    unsafe cells = .allocate(capacity: capacity * schema.count)
  }

  deinit { unsafe cells.deallocate() }

  /// Bytes held by rows that wait.
  var bytes: Int { rowCount * schema.count * MemoryLayout<Int64>.stride }

  /// Makes room for a row and returns the place of its first cell; the next column's cell is
  /// `capacity` further. The caller writes every column before the next call.
  @inline(__always)
  func appendRow(flushInto sink: any ImportSink) throws -> UnsafeMutablePointer<Int64> {
    if rowCount == capacity { try makeRoom(sink) }
    rowCount += 1
    return unsafe cells + (rowCount - 1)
  }

  /// Appends a row of `MarketTable.trades`.
  @inline(__always)
  func appendTrade(
    _ moment: Moment, id: Int64, price: Int64, size: Int64, aggressor: Side,
    flushInto sink: any ImportSink
  ) throws {
    let cell = try unsafe appendRow(flushInto: sink)
    unsafe cell[0] = moment.arrival
    unsafe cell[capacity] = moment.time
    unsafe cell[2 * capacity] = moment.sequence
    unsafe cell[3 * capacity] = id
    unsafe cell[4 * capacity] = price
    unsafe cell[5 * capacity] = size
    unsafe cell[6 * capacity] = aggressor.sign
  }

  private func makeRoom(_ sink: any ImportSink) throws {
    guard capacity < Self.maximumRows else { return try flush(into: sink) }
    let larger = min(capacity * 4, Self.maximumRows)
    let moved = UnsafeMutablePointer<Int64>.allocate(capacity: larger * schema.count)
    for column in schema.indices {
      unsafe (moved + column * larger).update(from: cells + column * capacity, count: rowCount)
    }
    unsafe cells.deallocate()
    unsafe cells = moved
    capacity = larger
  }

  /// Hands the rows over.
  func flush(into sink: any ImportSink) throws {
    guard rowCount > 0 else { return }
    var frame = Frame()
    for (index, field) in schema.enumerated() {
      let values = unsafe UnsafeBufferPointer(start: cells + index * capacity, count: rowCount)
      frame.append(field.name, unsafe column(field.type, values))
    }
    writtenRows += rowCount
    rowCount = 0
    try sink.append(frame, to: table, instrument: instrument, date: date)
  }

  private func column(_ type: ColumnType, _ values: UnsafeBufferPointer<Int64>) -> Column {
    switch type {
    case .int64: unsafe .int64(Array(values))
    case .timestamp: unsafe .timestamp(Array(values))
    case .decimal(let scale): unsafe .decimal(Array(values), scale: scale)
    case .int32:
      unsafe .int32(values.map { $0 == Column.missing ? Int32.min : Int32(truncatingIfNeeded: $0) })
    case .bool: unsafe .bool(values.map { $0 != 0 })
    case .category:
      unsafe .category(
        Categories(codes: values.map { Int32(truncatingIfNeeded: $0) }, levels: categories))
    case .double:
      unsafe .double(values.map { $0 == Column.missing ? .nan : Double($0) })
    }
  }
}
