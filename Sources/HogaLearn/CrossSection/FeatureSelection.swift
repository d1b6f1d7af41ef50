public import HogaCore

/// Chooses the features that say most, without near-copies of each other.
public struct FeatureSelection: Hashable, Sendable {
  public enum Method: String, CaseIterable, Sendable {
    /// By how much trees' splits on a feature lower the training loss.
    case gain
    /// By the absolute mean of a feature's rank IC. (The mean of absolute ICs would reward noise.)
    case ic
  }

  public var method: Method
  public var count: Int
  /// A feature is left out where its rank correlation with a better one is beyond ± this.
  public var maximumCorrelation: Double
  public var seed: UInt32

  /// - Throws: `UsageError` for a count below one or a correlation that is not above 0 and at most 1.
  public init(
    method: Method = .gain, count: Int, maximumCorrelation: Double = 0.98, seed: UInt32 = 1
  ) throws {
    guard count > 0 else { throw UsageError("a selection of \(count) features is none") }
    guard maximumCorrelation > 0, maximumCorrelation <= 1 else {
      throw UsageError("a correlation of \(maximumCorrelation) is not above 0 and at most 1")
    }
    self.method = method
    self.count = count
    self.maximumCorrelation = maximumCorrelation
    self.seed = seed
  }

  public var json: JSONValue {
    [
      "method": .string(method.rawValue), "count": .int(Int64(count)),
      "maximum_correlation": .double(maximumCorrelation),
    ]
  }

  public struct Choice: Hashable, Sendable {
    /// The best first.
    public var names: [String]
    /// Of the names.
    public var scores: [Double]
    /// What was passed over, and for which better one.
    public var copies: [Copy]
    public struct Copy: Hashable, Sendable {
      public var name: String
      public var of: String
      public var correlation: Double
    }
  }

  /// Chooses by training rows alone.
  ///
  /// Features that score nothing are never chosen, so there may be fewer than `count`.
  ///
  /// - Parameter training: Sorted by (time, symbol), symbols in `group`, every label known.
  /// - Throws: `DataError` where no feature scores.
  public func choose(_ training: Samples, monitor: JobMonitor? = nil) throws -> Choice {
    let scores = try scores(training, monitor)
    let order = scores.indices.filter { scores[$0] > 0 }
      .sorted { (-scores[$0], $0) < (-scores[$1], $1) }
    guard !order.isEmpty else { throw DataError("no feature says anything about the label") }
    let sample = Self.sample(training)
    var choice = Choice(names: [], scores: [], copies: [])
    var chosenRanks: [[Double]] = []
    for column in order where choice.names.count < count {
      try monitor?.checkCancelled()
      let ranks = Self.standardRanks(training.x, column, sample)
      var nearest = (place: -1, correlation: 0.0)
      for (place, other) in chosenRanks.enumerated() {
        var product = 0.0
        for row in ranks.indices { product += ranks[row] * other[row] }
        if abs(product) > abs(nearest.correlation) { nearest = (place, product) }
      }
      if abs(nearest.correlation) > maximumCorrelation {
        choice.copies.append(
          Choice.Copy(
            name: training.x.names[column], of: choice.names[nearest.place],
            correlation: nearest.correlation))
        continue
      }
      choice.names.append(training.x.names[column])
      choice.scores.append(scores[column])
      chosenRanks.append(ranks)
    }
    return choice
  }

  private func scores(_ training: Samples, _ monitor: JobMonitor?) throws -> [Double] {
    switch method {
    case .gain:
      let trees = try LightGBM(rounds: 100, earlyStopping: nil, seed: seed)
        .fit(training, validation: nil, monitor: monitor)
      return try trees.gainImportance()
    case .ic:
      guard let group = training.group else {
        throw UsageError("a choice by information coefficient needs the rows' symbols")
      }
      let rows = try CrossSectionRows(time: training.time, symbol: group)
      let label = RankedValues(training.y, rows)
      return try (0..<training.x.columnCount).map { column in
        try monitor?.checkCancelled()
        let feature = RankedValues(Array(training.x.column(column)), rows)
        let series = InformationCoefficient.series(feature, label, rows)
        let mean = SeriesSummary(series.rank).mean
        return mean.isNaN ? 0 : abs(mean)
      }
    }
  }

  /// Whole instants, evenly spread, of about so many rows: enough to tell a copy.
  private static let sampleRows = 20_000

  private static func sample(_ training: Samples) -> [Int] {
    let every = max(1, training.count / sampleRows)
    guard every > 1 else { return Array(0..<training.count) }
    var rows: [Int] = []
    var instant = -1
    for row in 0..<training.count {
      if row == 0 || training.time[row] != training.time[row - 1] { instant += 1 }
      if instant.isMultiple(of: every) { rows.append(row) }
    }
    return rows
  }

  /// Ranks with mean 0 and length 1; what is missing gets the mean rank.
  private static func standardRanks(_ x: Matrix, _ column: Int, _ rows: [Int]) -> [Double] {
    let values = x.column(column)
    let present = rows.indices.filter { !values[values.startIndex + rows[$0]].isNaN }
    let ranks = Metrics.averageRanks(present.map { values[values.startIndex + rows[$0]] })
    let center = Double(present.count + 1) / 2
    var result = [Double](repeating: 0, count: rows.count)
    for (place, rank) in zip(present, ranks) { result[place] = rank - center }
    let length = result.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return length > 0 ? result.map { $0 / length } : result
  }
}
