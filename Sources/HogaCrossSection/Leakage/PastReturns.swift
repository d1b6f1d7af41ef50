/// Takes from a column what it shares with returns that are past.
///
/// A centred mean of returns is mostly past, and its correlation with what comes is then no greater
/// than that of a good forecast. Less its past, only the future is left of it.
struct PastReturns {
  private let rows: [Int]
  private let groups: [Int]
  private let past: [[Double]]

  /// - Parameters:
  ///   - past: returns that end at each place or before, one array for each lag.
  ///   - minutes: places by minute; levels of a whole minute rank nothing and are taken out first.
  init(_ past: [[Double]], minutes: [[Int]]) {
    self.past = past
    var rows: [Int] = []
    var groups: [Int] = []
    for (group, places) in minutes.enumerated() {
      for place in places where past.allSatisfy({ $0[place].isFinite }) {
        rows.append(place)
        groups.append(group)
      }
    }
    self.rows = rows
    self.groups = groups
  }

  /// The column less its least-squares fit by the past returns, across symbols and time.
  ///
  /// - Returns: by place, NaN where it is not known; `nil` where nothing but rounding is left.
  func residual(of column: [Double]) -> [Double]? {
    let used = rows.indices.filter { column[rows[$0]].isFinite }
    guard used.count > 10 * past.count else { return nil }
    func centred(_ values: [Double]) -> [Double] {
      var sums: [Int: (sum: Double, count: Double)] = [:]
      for index in used {
        sums[groups[index], default: (0, 0)].sum += values[rows[index]]
        sums[groups[index], default: (0, 0)].count += 1
      }
      return used.map { index in
        let own = sums[groups[index]] ?? (0, 1)
        return values[rows[index]] - own.sum / own.count
      }
    }
    func product(_ a: [Double], _ b: [Double]) -> Double {
      var sum = 0.0
      for place in a.indices { sum += a[place] * b[place] }
      return sum
    }
    var left = centred(column)
    let total = product(left, left)
    guard total > 0, total.isFinite else { return nil }
    // Gram and Schmidt, modified and taken twice: each regressor less those before it, then the
    // column less each. Five regressors do not ask for more.
    var basis: [[Double]] = []
    for values in past.map(centred) {
      var next = values
      let size = product(next, next)
      for _ in 0..<2 {
        for direction in basis {
          let share = product(next, direction)
          for place in next.indices { next[place] -= share * direction[place] }
        }
      }
      let rest = product(next, next)
      guard rest > 1e-12 * size, rest > 0 else { continue }
      let length = rest.squareRoot()
      basis.append(next.map { $0 / length })
    }
    for _ in 0..<2 {
      for direction in basis {
        let share = product(left, direction)
        for place in left.indices { left[place] -= share * direction[place] }
      }
    }
    // Files may hold 32-bit floats.
    guard product(left, left) > 1e-10 * total else { return nil }
    var result = [Double](repeating: .nan, count: column.count)
    for (place, index) in used.enumerated() { result[rows[index]] = left[place] }
    return result
  }
}
