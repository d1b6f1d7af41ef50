internal import HogaCore

/// Which rows of a table of many symbols share a time, and where each symbol is later.
///
/// Rows are sorted by (time, symbol). The rows of one time are an *instant*: a cross-section.
public struct CrossSectionRows: Hashable, Sendable {
  /// Nanoseconds since 1970 UTC.
  public let time: [Int64]
  /// A number for each symbol, ascending within an instant.
  public let symbol: [Int32]
  /// Where each instant begins, and last the row count.
  private let bounds: [Int]

  /// - Throws: `DataError` at the first row out of order, or that comes twice.
  public init(time: [Int64], symbol: [Int32]) throws {
    guard time.count == symbol.count else {
      throw DataError("times and symbols have different row counts")
    }
    var bounds = [0]
    for row in time.indices.dropFirst() {
      if time[row] == time[row - 1] {
        guard symbol[row] > symbol[row - 1] else {
          throw DataError("a symbol comes twice or out of order at one time", row: row + 1)
        }
      } else {
        guard time[row] > time[row - 1] else { throw DataError("time goes backward", row: row + 1) }
        bounds.append(row)
      }
    }
    if !time.isEmpty { bounds.append(time.count) }
    self.time = time
    self.symbol = symbol
    self.bounds = bounds
  }

  public var count: Int { time.count }
  public var instantCount: Int { bounds.count - 1 }

  /// The rows of an instant.
  public func rows(_ instant: Int) -> Range<Int> { bounds[instant]..<bounds[instant + 1] }
  public func time(ofInstant instant: Int) -> Int64 { time[bounds[instant]] }

  /// For each instant the one `span` nanoseconds later, or −1 where there is none.
  public func instants(later span: Int64) -> [Int] {
    var ahead = 0
    return (0..<instantCount).map { instant in
      let (wanted, overflow) = time(ofInstant: instant).addingReportingOverflow(span)
      if overflow { return -1 }
      // Times ascend, and so do the wanted ones: the pointer only moves forward.
      while ahead < instantCount, time(ofInstant: ahead) < wanted { ahead += 1 }
      return ahead < instantCount && time(ofInstant: ahead) == wanted ? ahead : -1
    }
  }

  /// For each row the one of its symbol `span` nanoseconds later (earlier where below zero), or −1.
  public func rows(later span: Int64) -> [Int] {
    var found = [Int](repeating: -1, count: count)
    for (instant, other) in instants(later: span).enumerated() where other >= 0 {
      var place = bounds[other]
      for row in rows(instant) {
        while place < bounds[other + 1], symbol[place] < symbol[row] { place += 1 }
        if place < bounds[other + 1], symbol[place] == symbol[row] { found[row] = place }
      }
    }
    return found
  }

  /// Values of the same symbols `span` nanoseconds later; NaN where there is no such row.
  public func values(_ values: [Double], later span: Int64) -> [Double] {
    precondition(values.count == count, "one value for each row")
    return rows(later: span).map { $0 < 0 ? .nan : values[$0] }
  }

  /// Values without the mean of their instant: NaN stays NaN.
  public func demeaned(_ values: [Double]) -> [Double] {
    precondition(values.count == count, "one value for each row")
    var result = values
    for instant in 0..<instantCount {
      var sum = 0.0
      var present = 0.0
      for row in rows(instant) where !values[row].isNaN {
        sum += values[row]
        present += 1
      }
      for row in rows(instant) { result[row] -= sum / present }
    }
    return result
  }
}
