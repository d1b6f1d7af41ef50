public import HogaCore

/// Runs operators over bars as they come: the live counterpart of `BarBatch`, equal to the bit.
///
/// **Gaps.** A bar that is not there, lacks what an operator needs, or does not follow the last one
/// by exactly one interval, is never bridged: the operator begins anew with the next valid bar.
/// Windows are null until they are whole again, and recursive averages are seeded again.
public struct BarPipeline: Sendable {
  public let definitions: [FeatureDefinition]
  private let interval: Int64
  private let fresh: [any BarOperator]
  private var operators: [any BarOperator]
  private let inputs: [BarInputs]
  private let counts: [Int]
  private var lastTime: Int64?

  public init(_ operators: [any BarOperator], interval: TimeSpan = .seconds(60)) {
    fresh = operators
    self.operators = operators
    self.interval = interval.nanoseconds
    inputs = operators.map(\.inputs)
    counts = operators.map(\.definitions.count)
    definitions = operators.flatMap(\.definitions)
  }

  /// Takes in a bar and returns the row known at its close, a value per definition.
  ///
  /// - Throws: `DataError` where the bar does not come after the last one.
  public mutating func update(_ bar: Bar) throws(DataError) -> [Double] {
    if let lastTime {
      guard bar.openTime > lastTime else {
        throw DataError("bar times do not ascend: \(bar.openTime) after \(lastTime)")
      }
      // No overflow: the difference of ascending times is only compared where it is small.
      let (difference, isHuge) = bar.openTime.subtractingReportingOverflow(lastTime)
      if isHuge || difference != interval { operators = fresh }
    }
    lastTime = bar.openTime
    var index = 0
    return [Double](capacity: definitions.count) { row in
      for _ in operators {
        if bar.has(inputs[index]) {
          operators[index].update(bar, into: &row)
        } else {
          operators[index] = fresh[index]
          for _ in 0..<counts[index] { row.append(.nan) }
        }
        index += 1
      }
    }
  }
}

/// Runs one operator over the stored bars of one instrument, column by column.
public enum BarBatch {
  /// - Parameters:
  ///   - bars: one interval apart, each; a missing one stands as NaN.
  ///   - skip: rows that warm the operator up and are not written.
  ///   - output: receives, per definition, `bars.count − skip` values.
  public static func run(
    _ fresh: some BarOperator, over bars: [Bar], skip: Int = 0,
    output: (_ column: Int, _ values: [Double]) throws -> Void
  ) rethrows {
    let columns = fresh.definitions.count
    let rows = max(0, bars.count - skip)
    let inputs = fresh.inputs
    var running = fresh
    var isFresh = true
    var table = [Double](repeating: .nan, count: columns * rows)
    var place = [Double](repeating: .nan, count: columns)
    for index in bars.indices {
      guard bars[index].has(inputs) else {
        if !isFresh { running = fresh }
        isFresh = true
        continue
      }
      isFresh = false
      unsafe place.withUnsafeMutableBufferPointer { place in
        var row = unsafe OutputSpan(buffer: place, initializedCount: 0)
        running.update(bars[index], into: &row)
        _ = unsafe row.finalize(for: place)
      }
      guard index >= skip else { continue }
      for column in 0..<columns { table[column * rows + index - skip] = place[column] }
    }
    for column in 0..<columns {
      try output(column, Array(table[column * rows..<(column + 1) * rows]))
    }
  }
}
