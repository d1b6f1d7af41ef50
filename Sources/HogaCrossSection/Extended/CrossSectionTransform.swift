/// What a symbol's value is among those of all symbols at the same minute.
///
/// Pure functions of a symbol-major column (`MinutePanel`'s order): NaN stays NaN and takes no
/// part. Values are those of the symbols in the column, which is the day's universe.
///
/// - `neutral`: see `Neutralization`.
/// - `rank`: `(r − 1)/(k − 1) − ½` from −½ to ½ for rank r among k known values, equal ones sharing
///   the mean of their ranks; 0 where k = 1.
/// - `winsorized`: the z-score with population σ of values cut to the 5 % and 95 % quantiles, which
///   are interpolated linearly as by NumPy and pandas; 0 where σ = 0.
extension CrossSectionTransform {
  /// The share of values cut at each end by `winsorized`.
  public static let winsorizedShare = 0.05

  /// Ends the names of transformed columns: `x_5m_CCI_rank`.
  public var suffix: String { "_" + rawValue }

  /// - Parameter values: `symbols` stretches of equal length, one symbol each.
  /// - Precondition: `values.count` is a multiple of `symbols`.
  public func apply(_ values: [Double], symbols: Int) -> [Double] {
    guard symbols > 0 else { return [] }
    precondition(values.count % symbols == 0, "\(values.count) values of \(symbols) symbols")
    let rows = values.count / symbols
    switch self {
    case .neutral: return neutral(values, symbols: symbols, rows: rows)
    case .rank, .winsorized: return sorted(values, symbols: symbols, rows: rows)
    }
  }

  private func neutral(_ values: [Double], symbols: Int, rows: Int) -> [Double] {
    var result = [Double](repeating: .nan, count: values.count)
    unsafe values.withUnsafeBufferPointer { values in
      unsafe result.withUnsafeMutableBufferPointer { result in
        guard let from = values.baseAddress, let to = result.baseAddress else { return }
        unsafe Neutralization.neutral(from, into: to, symbols: symbols, rows: rows)
      }
    }
    return result
  }

  private func sorted(_ values: [Double], symbols: Int, rows: Int) -> [Double] {
    var result = [Double](repeating: .nan, count: values.count)
    var known: [(value: Double, symbol: Int)] = []
    known.reserveCapacity(symbols)
    for row in 0..<rows {
      known.removeAll(keepingCapacity: true)
      for symbol in 0..<symbols {
        let value = values[symbol * rows + row]
        if !value.isNaN { known.append((value, symbol)) }
      }
      // Equal values get equal results, so that their order does not matter.
      known.sort { $0.value < $1.value }
      if self == .rank { rank(known) } else { winsorize(&known) }
      for entry in known { result[entry.symbol * rows + row] = entry.value }
      func rank(_ sorted: [(value: Double, symbol: Int)]) {
        let scale = sorted.count > 1 ? 1 / Double(sorted.count - 1) : 0
        var start = 0
        while start < sorted.count {
          var end = start + 1
          while end < sorted.count, sorted[end].value == sorted[start].value { end += 1 }
          let place = Double(start + end - 1) / 2
          let scaled = sorted.count > 1 ? place * scale - 0.5 : 0
          for index in start..<end { known[index].value = scaled }
          start = end
        }
      }
    }
    return result
  }

  private func winsorize(_ sorted: inout [(value: Double, symbol: Int)]) {
    guard let first = sorted.first?.value, let last = sorted.last?.value, first < last else {
      for index in sorted.indices { sorted[index].value = 0 }
      return
    }
    func quantile(_ share: Double) -> Double {
      let place = share * Double(sorted.count - 1)
      let index = min(Int(place), sorted.count - 2)
      let below = sorted[index].value
      return below + (sorted[index + 1].value - below) * (place - Double(index))
    }
    let (low, high) = (quantile(Self.winsorizedShare), quantile(1 - Self.winsorizedShare))
    var sum = 0.0
    for index in sorted.indices {
      sorted[index].value = min(max(sorted[index].value, low), high)
      sum += sorted[index].value
    }
    let count = Double(sorted.count)
    let mean = sum / count
    var squares = 0.0
    for entry in sorted { squares += (entry.value - mean) * (entry.value - mean) }
    let deviation = (squares / count).squareRoot()
    let scale = deviation > 1e-12 * abs(mean) ? 1 / deviation : 0
    for index in sorted.indices { sorted[index].value = (sorted[index].value - mean) * scale }
  }
}
