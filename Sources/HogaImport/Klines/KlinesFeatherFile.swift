internal import HogaCore
internal import HogaLake

/// Reads candles from Feather: tables of freqtrade, and others with columns of the same names.
struct KlinesFeatherFile {
  let content: KlinesContent
  /// `nil` takes it from the column `symbol`.
  let symbol: String?
  /// Freqtrade's mark prices are bars; their opening price is the one that funding is reckoned from.
  let isMarkPrice: Bool

  /// Reads all rows; row numbers stand for lines.
  ///
  /// - Returns: the number of rows.
  func read(
    _ path: String, into intake: inout CandleIntake, _ monitor: JobMonitor
  ) throws -> Int64 {
    let file = try FeatherFile(path)
    let names = file.columns.map(\.name)
    let columns = try columns(names, path)
    guard symbol != nil || columns.symbol != nil else {
      throw UsageError("\(path): the name does not say the symbol; give --symbol")
    }
    let values = UnsafeMutableBufferPointer<Double>.allocate(capacity: content.valueNames.count)
    defer { unsafe values.deallocate() }
    var line: Int64 = 0
    for batch in 0..<file.batchCount {
      try monitor.checkCancelled()
      let frame = try file.read(batch: batch)
      let times: [Int64]
      switch frame.columns[columns.time] {
      case .timestamp(let values): times = values
      default:
        throw DataError(
          "is \(file.columns[columns.time].typeText), a timestamp is needed", file: path,
          column: names[columns.time])
      }
      var texts: Categories?
      if let place = columns.symbol, case .category(let found) = frame.columns[place] {
        texts = found
      }
      let cells = try columns.values.map { place -> [Double]? in
        guard let place else { return nil }
        guard let numbers = frame.columns[place].asDoubles else {
          throw DataError("holds text, numbers are needed", file: path, column: names[place])
        }
        return numbers
      }
      for row in times.indices {
        line += 1
        guard times[row] != Column.missing, times[row].magnitude < 8_000_000_000_000_000_000 else {
          try intake.reject("a row without a time", line: line)
          continue
        }
        for (index, cells) in cells.enumerated() { unsafe values[index] = cells?[row] ?? .nan }
        if let infinite = unsafe values.firstIndex(where: \.isInfinite) {
          try intake.reject("no finite number", line: line, column: content.valueNames[infinite])
          continue
        }
        var symbol = symbol
        if let texts {
          let text = texts[row] ?? ""
          if let symbol, symbol != text {
            try intake.reject("a row of another symbol than \(symbol)", found: text, line: line)
            continue
          }
          symbol = text
        }
        try intake.add(
          symbol ?? "", time: times[row], line: line, values: UnsafeBufferPointer(values))
      }
    }
    return line
  }

  private func columns(_ names: [String], _ path: String) throws -> KlinesColumns {
    // Freqtrade keeps funding rates as bars whose opening price is the rate, other columns zero.
    let isBar = ["date", "open", "high", "low", "close"].allSatisfy(names.contains)
    guard content == .funding, isBar else {
      return try KlinesColumns(content, names: names, isText: false, file: path, line: nil)
    }
    var columns = try KlinesColumns(.klines, names: names, isText: false, file: path, line: nil)
    let open = columns.values[0]
    columns.values = isMarkPrice ? [nil, open] : [open, nil]
    return columns
  }
}
