internal import HogaCore

extension MinutePanel {
  /// The panel as it was known when a minute of the day had closed: later rows are not there.
  func ending(atMinute minute: Int) -> MinutePanel {
    let kept = lead + minute + 1
    return changed(rowCount: kept) { values, symbol in
      values[symbol * rowCount..<symbol * rowCount + kept]
    }
  }

  /// The panel with the rows after a minute in random order, the same for all symbols and fields.
  func shuffled(afterMinute minute: Int, using random: inout SeededRandom) -> MinutePanel {
    let first = lead + minute + 1
    guard first < rowCount else { return self }
    let order = (first..<rowCount).shuffled(using: &random)
    return changed(rowCount: rowCount) { values, symbol in
      let start = symbol * rowCount
      return (values[start..<start + first] + order.map { values[start + $0] })[...]
    }
  }

  private func changed(
    rowCount: Int, _ rows: ([Double], Int) -> ArraySlice<Double>
  ) -> MinutePanel {
    var fields: [MinuteField: [Double]] = [:]
    for field in MinuteField.allCases {
      guard let values = values(field) else { continue }
      var changed: [Double] = []
      changed.reserveCapacity(symbols.count * rowCount)
      for symbol in symbols.indices { changed += rows(values, symbol) }
      fields[field] = changed
    }
    return MinutePanel(
      symbols: symbols, start: start, rowCount: rowCount, lead: lead, fields: fields)
  }
}
