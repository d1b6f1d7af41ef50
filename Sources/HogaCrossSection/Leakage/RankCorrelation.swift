/// Values of one minute over symbols, with their ranks where all are known.
struct RankedMinute {
  let values: [Double]
  /// Centred ranks and their sum of squares; `nil` where a value is missing.
  private let ranks: (centred: [Double], squares: Double)?

  init(_ values: [Double]) {
    self.values = values
    ranks = values.contains(where: \.isNaN) ? nil : Self.ranks(values)
  }

  /// Spearman's correlation over the symbols that have both; `nil` for fewer than three, or where
  /// one does not vary.
  func correlation(with other: RankedMinute) -> Double? {
    guard let ranks, let otherRanks = other.ranks else {
      let places = values.indices.filter { !values[$0].isNaN && !other.values[$0].isNaN }
      return Self.correlation(
        Self.ranks(places.map { values[$0] }), Self.ranks(places.map { other.values[$0] }))
    }
    return Self.correlation(ranks, otherRanks)
  }

  private static func correlation(
    _ a: (centred: [Double], squares: Double), _ b: (centred: [Double], squares: Double)
  ) -> Double? {
    guard a.centred.count > 2, a.squares > 0, b.squares > 0 else { return nil }
    var product = 0.0
    for place in a.centred.indices { product += a.centred[place] * b.centred[place] }
    return product / (a.squares * b.squares).squareRoot()
  }

  /// Equal values share the average of their ranks.
  private static func ranks(_ values: [Double]) -> (centred: [Double], squares: Double) {
    let order = values.indices.sorted { values[$0] < values[$1] }
    let center = Double(values.count - 1) / 2
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      let shared = Double(start + end - 1) / 2 - center
      for place in start..<end { ranks[order[place]] = shared }
      start = end
    }
    return (ranks, ranks.reduce(0) { $0 + $1 * $1 })
  }
}

/// The mean of correlations that are defined.
struct MeanCorrelation {
  private var sum = 0.0
  private(set) var count = 0

  mutating func add(_ value: Double?) {
    guard let value else { return }
    sum += value
    count += 1
  }
  /// NaN where none was defined.
  var mean: Double { count > 0 ? sum / Double(count) : .nan }
}
