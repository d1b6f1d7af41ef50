public import HogaCore

/// What one column looks like.
public struct ColumnSummary: Hashable, Sendable {
  public let name: String
  public let count: Int
  public let nulls: Int
  public let mean: Double
  /// With divisor `n − 1` over the values that are there.
  public let standardDeviation: Double
  /// At the shares of `ColumnSummary.shares`; NaN without values.
  public let quantiles: [Double]
  /// Bins of equal width from the 1 % to the 99 % quantile; values beyond count to the outer ones.
  public let histogram: [Int]

  /// Of `quantiles`, the first being the minimum and the last the maximum.
  public static let shares = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1]

  public init(name: String, values: some Collection<Double>, bins: Int = 40) {
    let present = values.filter { !$0.isNaN }.sorted()
    self.name = name
    count = values.count
    nulls = values.count - present.count
    let center = HogaLearn.mean(present[...])
    mean = center
    let squares = present.reduce(0) { $0 + ($1 - center) * ($1 - center) }
    standardDeviation =
      present.count > 1 ? (squares / Double(present.count - 1)).squareRoot() : .nan
    quantiles = Self.shares.map { present.isEmpty ? .nan : quantile(ofSorted: present, $0) }
    var histogram = [Int](repeating: 0, count: max(1, bins))
    let low = quantiles[1]
    let width = (quantiles[7] - low) / Double(histogram.count)
    for value in present {
      let place = width > 0 && width.isFinite ? (value - low) / width : 0
      histogram[Int(min(max(place, 0), Double(histogram.count - 1)))] += 1
    }
    self.histogram = histogram
  }

  public var json: JSONValue {
    .object([
      ("name", .string(name)), ("count", .int(Int64(count))), ("nulls", .int(Int64(nulls))),
      ("mean", .double(mean)), ("standard_deviation", .double(standardDeviation)),
      ("quantiles", .list(quantiles)),
    ])
  }
}

extension Matrix {
  public func summaries() -> [ColumnSummary] {
    names.indices.map { ColumnSummary(name: names[$0], values: column($0)) }
  }

  /// Pearson correlations of all pairs of columns over the rows that have every column; row-major,
  /// NaN where a column does not vary. Also the number of those rows.
  public func correlations() -> (values: [Double], rowCount: Int) {
    let complete = completeRows
    let x = complete.contains(false) ? rows((0..<rowCount).filter { complete[$0] }) : self
    let size = columnCount
    guard x.rowCount > 0, size > 0 else {
      return ([Double](repeating: .nan, count: size * size), x.rowCount)
    }
    let scaled = Scaling.standard.fit(x)
    let sums = unsafe GramMatrix(columnCount: size, rowCount: x.rowCount) { rows, block in
      for column in 0..<size {
        let start = column * x.rowCount
        for (offset, row) in rows.enumerated() {
          unsafe block[column * GramMatrix.blockRows + offset] =
            (x.values[start + row] - scaled.centers[column]) / scaled.scales[column]
        }
      }
    }
    var values: [Double] = []
    for i in 0..<size {
      for j in 0..<size {
        let scale = (sums[i, i] * sums[j, j]).squareRoot()
        let varies = sums[i, i] > 0.5 && sums[j, j] > 0.5  // n for a column that varies, else 0
        values.append(varies ? min(1, max(-1, sums[i, j] / scale)) : .nan)
      }
    }
    return (values, x.rowCount)
  }
}
