internal import HogaCore

extension CSVSession {
  /// Reads the current row into `row` and `arrival`; false where it was rejected.
  func readRow(_ rows: borrowing CSVRows) throws -> Bool {
    guard let state = try state(of: rows) else { return false }
    guard try readTimes(rows) else { return false }
    row[1] = Int64(state)
    return mapping.table == .trades ? try readTrade(rows) : try readLevels(rows)
  }

  private func fail(
    _ reason: String, _ found: String?, _ column: Int?, _ rows: borrowing CSVRows
  ) throws -> Bool {
    try reject(
      reason, found: found, line: rows.reader.lineNumber, column: column.map { "\($0 + 1)" })
    return false
  }

  // MARK: Times

  private func readTimes(_ rows: borrowing CSVRows) throws -> Bool {
    row[0] = Column.missing
    if let format = mapping.arrival {
      guard let value = try time(format, rows.columns.arrival, &arrivalClock, nil, rows) else {
        return false
      }
      arrival = value
    }
    if let format = mapping.time {
      let near = mapping.arrival == nil ? nil : arrival
      guard let value = try time(format, rows.columns.time, &timeClock, near, rows) else {
        return false
      }
      row[0] = value
    }
    if mapping.arrival == nil { arrival = row[0] }
    return true
  }

  private func time(
    _ format: CSVMapping.Time, _ columns: [Int], _ clock: inout ZoneClock?, _ near: Int64?,
    _ rows: borrowing CSVRows
  ) throws -> Int64? {
    let reading: TimeFormat.Reading?
    if columns.count == 1 {
      reading = unsafe format.format.read(rows.cell(columns[0]))
    } else {
      var joined: [UInt8] = []
      for column in columns {
        if !joined.isEmpty { joined.append(0x20) }
        unsafe joined.append(contentsOf: rows.cell(column))
      }
      reading = unsafe joined.withUnsafeBufferPointer { unsafe format.format.read($0) }
    }
    let local: Int64
    switch reading {
    case .utc(let value): return value
    case .local(let value): local = value
    case .timeOfDay(let value):
      let midnight: Int64
      if let date = importer.date {
        midnight = date.start.nanoseconds
      } else {
        midnight = nearestMidnight(near ?? 0, value, clock)
      }
      local = midnight + value
    case nil:
      _ = try fail(
        "not a time of the mapping's format", unsafe excerpt(rows.cell(columns[0])), columns[0],
        rows)
      return nil
    }
    do throws(ZoneClock.Failure) {
      return try clock?.utc(local) ?? local
    } catch {
      _ = try fail(
        error == .skipped
          ? "a time that the zone's clocks skipped" : "a time that the zone's clocks showed twice",
        unsafe excerpt(rows.cell(columns[0])), columns[0], rows)
      return nil
    }
  }

  /// Of three days, the one that brings a time of day nearest to the arrival.
  private func nearestMidnight(_ near: Int64, _ timeOfDay: Int64, _ clock: ZoneClock?) -> Int64 {
    let local = clock?.local(near) ?? near
    let day = TimeSpan.day.nanoseconds
    let today = local.floorDivided(by: day) * day
    return [today - day, today, today + day].min {
      abs($0 + timeOfDay - local) < abs($1 + timeOfDay - local)
    } ?? today
  }

  // MARK: Trades

  private func readTrade(_ rows: borrowing CSVRows) throws -> Bool {
    let columns = rows.columns
    let first = Self.values
    for index in first..<width { row[index] = Column.missing }
    if let column = columns.id {
      guard let id = try whole("id", column, rows) else { return false }
      row[first] = id
    }
    guard let price = try unsafe price(rows.cell(columns.prices[0]), columns.prices[0], rows),
      let size = try unsafe size(rows.cell(columns.sizes[0]), columns.sizes[0], rows)
    else { return false }
    guard size > 0 || mapping.isCumulative else {
      return try fail("size is not above zero", text(size: size), columns.sizes[0], rows)
    }
    row[first + 1] = price
    row[first + 2] = size
    if let aggressor = mapping.aggressor, let column = columns.aggressor {
      let cell = unsafe rows.cell(column)
      if let side = aggressor.sides.first(where: { unsafe cell.elementsEqual($0.text) }) {
        row[first + 3] = side.side
      } else if !cell.isEmpty {
        return try fail(
          "aggressor is none of the mapping's words", unsafe excerpt(cell), column, rows)
      }
    }
    if let column = columns.openInterest {
      guard let interest = try whole("open interest", column, rows) else { return false }
      row[first + 4] = interest
    }
    return true
  }

  private func whole(_ what: String, _ column: Int, _ rows: borrowing CSVRows) throws -> Int64? {
    let cell = unsafe rows.cell(column)
    if cell.isEmpty { return Column.missing }
    guard let value = unsafe try? Decimal.parse(cell, decimals: 0), value >= 0 else {
      _ = try fail("\(what) is not a whole number", unsafe excerpt(cell), column, rows)
      return nil
    }
    return value
  }

  // MARK: Prices and sizes

  private func price(
    _ cell: UnsafeBufferPointer<UInt8>, _ column: Int, _ rows: borrowing CSVRows
  ) throws -> Int64? {
    let decimals = priceDecimals - mapping.impliedDecimals
    guard
      let count = try unsafe count(
        "price", cell, max(0, decimals), "price_decimals", column, rows)
    else { return nil }
    guard mapping.allowsNegativePrices || count > 0 else {
      _ = try fail("price is not above zero", unsafe excerpt(cell), column, rows)
      return nil
    }
    return count
  }

  private func size(
    _ cell: UnsafeBufferPointer<UInt8>, _ column: Int, _ rows: borrowing CSVRows
  ) throws -> Int64? {
    guard
      let count = try unsafe count("size", cell, sizeDecimals, "size_decimals", column, rows)
    else { return nil }
    guard count >= 0 else {
      _ = try fail("negative size", unsafe excerpt(cell), column, rows)
      return nil
    }
    let (product, overflow) = count.multipliedReportingOverflow(by: mapping.lot)
    guard !overflow, product <= BinanceScanner.maximumCount else {
      _ = try fail("size is too large", unsafe excerpt(cell), column, rows)
      return nil
    }
    return product
  }

  private func count(
    _ what: String, _ cell: UnsafeBufferPointer<UInt8>, _ decimals: Int, _ key: String,
    _ column: Int, _ rows: borrowing CSVRows
  ) throws -> Int64? {
    do throws(Decimal.ParseFailure) {
      let count = try unsafe Decimal.parse(cell, decimals: decimals)
      if abs(count) <= BinanceScanner.maximumCount { return count }
      throw .tooLarge
    } catch {
      let reason =
        switch error {
        case .notANumber: "\(what) is not a number"
        case .tooFine: "\(what) has too many decimals; raise '\(key)' in the mapping"
        case .tooLarge: "\(what) is too large"
        }
      _ = try fail(reason, unsafe excerpt(cell), column, rows)
      return nil
    }
  }

  private func text(size: Int64) -> String { Decimal.text(size, decimals: sizeDecimals) }

  // MARK: Levels

  private func readLevels(_ rows: borrowing CSVRows) throws -> Bool {
    let first = Self.values
    for index in first..<width { row[index] = Column.missing }
    for side in 0..<2 {
      var filled = 0
      for level in 0..<levels {
        let index = side * levels + level
        let values: (price: Int64, size: Int64)?
        let column: Int
        if rows.columns.levelCells.isEmpty {
          column = rows.columns.prices[index]
          guard
            let level = try unsafe self.level(
              rows.cell(column), rows.cell(rows.columns.sizes[index]), column, rows)
          else { return false }
          values = level.exists ? (level.price, level.size) : nil
        } else {
          column = rows.columns.levelCells[index]
          let cell = unsafe rows.cell(column)
          guard let at = unsafe cell.firstIndex(of: UInt8(ascii: "@")) else {
            return try fail("a level's cell has no @", unsafe excerpt(cell), column, rows)
          }
          let left = unsafe UnsafeBufferPointer(rebasing: cell[..<at])
          let right = unsafe UnsafeBufferPointer(rebasing: cell[(at + 1)...])
          let level =
            rows.columns.priceFirst
            ? try unsafe self.level(left, right, column, rows)
            : try unsafe self.level(right, left, column, rows)
          guard let level else { return false }
          values = level.exists ? (level.price, level.size) : nil
        }
        // Levels that exist move up: a ladder with holes is the same book.
        guard let values else { continue }
        let cell = first + 4 * filled + 2 * side
        if filled > 0 {
          let before = row[cell - 4]
          guard side == 0 ? values.price < before : values.price > before else {
            return try fail("levels are not in order of price", nil, column, rows)
          }
        }
        row[cell] = values.price
        row[cell + 1] = values.size
        filled += 1
      }
    }
    return true
  }

  /// A level's price and size; `nil` where it was rejected.
  private func level(
    _ priceCell: UnsafeBufferPointer<UInt8>, _ sizeCell: UnsafeBufferPointer<UInt8>,
    _ column: Int, _ rows: borrowing CSVRows
  ) throws -> (exists: Bool, price: Int64, size: Int64)? {
    if priceCell.isEmpty, sizeCell.isEmpty { return (false, 0, 0) }
    guard let size = try unsafe size(sizeCell, column, rows) else { return nil }
    if size == 0 {
      guard mapping.zeroIsMissing else {
        _ = try fail("a level of size 0; see 'zero_is_missing'", nil, column, rows)
        return nil
      }
      // Its price must be a number all the same.
      guard
        try unsafe count(
          "price", priceCell, max(0, priceDecimals - mapping.impliedDecimals), "price_decimals",
          column, rows) != nil
      else { return nil }
      return (false, 0, 0)
    }
    guard let price = try unsafe price(priceCell, column, rows) else { return nil }
    return (true, price, size)
  }
}
