public import HogaCore

/// What a learner learns from: features, the answer, and the time in which the answer unfolds.
///
/// Rows are in order of time. Row `i` is known at `time[i]`, and its label is decided within
/// `(time[i], labelEnd[i]]`: splits purge by that interval.
public struct Samples: Sendable {
  public let x: Matrix
  /// The answer: a number, or the index of a class. NaN where it is not known.
  public let y: [Double]
  /// Nanoseconds since 1970 UTC.
  public let time: [Int64]
  /// Nanoseconds since 1970 UTC; not before `time`.
  public let labelEnd: [Int64]
  /// A number for each symbol where a table holds several, else `nil`.
  public let group: [Int32]?
  /// The classes' names by index, or `nil` where the answer is a number.
  public let classes: [String]?

  public var count: Int { y.count }

  /// - Throws: `DataError` where time goes backward, a label ends before it begins, lengths differ,
  ///   or `y` is not a class index.
  public init(
    x: Matrix, y: [Double], time: [Int64], labelEnd: [Int64], group: [Int32]? = nil,
    classes: [String]? = nil
  ) throws {
    guard y.count == x.rowCount, time.count == y.count, labelEnd.count == y.count,
      group == nil || group?.count == y.count
    else { throw DataError("features, labels and times have different row counts") }
    for row in y.indices {
      guard labelEnd[row] >= time[row] else {
        throw DataError("the label ends before it begins", row: row + 1)
      }
      guard row == 0 || time[row] >= time[row - 1] else {
        throw DataError("time goes backward; samples are sorted by time", row: row + 1)
      }
      guard !y[row].isInfinite else { throw DataError("the label is infinite", row: row + 1) }
      if let classes, !y[row].isNaN {
        guard y[row] >= 0, y[row] < Double(classes.count), y[row] == y[row].rounded() else {
          throw DataError("no class \(y[row]) among \(classes.count)", row: row + 1)
        }
      }
    }
    self.x = x
    self.y = y
    self.time = time
    self.labelEnd = labelEnd
    self.group = group
    self.classes = classes
  }

  /// Features of a frame with labels made from the same rows.
  public init(_ frame: Frame, features: [String], labels: Labels, group: [Int32]? = nil) throws {
    try self.init(
      x: Matrix(frame, columns: features), y: labels.values, time: labels.time,
      labelEnd: labels.end, group: group, classes: labels.classes)
  }

  /// The samples at `rows`, which must ascend.
  ///
  /// - Precondition: the indices ascend strictly and exist.
  public func rows(_ rows: [Int]) -> Samples {
    precondition(
      zip(rows, rows.dropFirst()).allSatisfy(<), "samples are picked in order of time, once each")
    return Samples(picking: rows, from: self, x: x.rows(rows))
  }

  /// The samples whose label is known.
  public func labelled() -> Samples {
    y.contains(where: \.isNaN) ? rows(y.indices.filter { !y[$0].isNaN }) : self
  }

  /// The same samples with other features.
  ///
  /// - Precondition: the row counts are equal.
  public func with(x: Matrix) -> Samples {
    precondition(x.rowCount == count, "the features have another row count")
    return Samples(picking: nil, from: self, x: x)
  }

  /// The most samples that begin within one label's interval, itself included: how many labels
  /// share each stretch of time. 1 where labels do not overlap. With several groups it is counted
  /// in distinct times.
  public var overlap: Int {
    var widest = 1
    var next = 0
    var distinctBefore: [Int] = []  // distinct times up to and including each row
    distinctBefore.reserveCapacity(count)
    for row in 0..<count {
      let isNew = row == 0 || time[row] != time[row - 1]
      distinctBefore.append((distinctBefore.last ?? 0) + (isNew ? 1 : 0))
    }
    for row in 0..<count {
      next = max(next, row)
      while next + 1 < count, time[next + 1] < labelEnd[row] { next += 1 }
      widest = max(widest, distinctBefore[next] - distinctBefore[row] + 1)
    }
    return widest
  }

  private init(picking rows: [Int]?, from other: Samples, x: Matrix) {
    func pick<Value>(_ values: [Value]) -> [Value] { rows.map { $0.map { values[$0] } } ?? values }
    self.x = x
    y = pick(other.y)
    time = pick(other.time)
    labelEnd = pick(other.labelEnd)
    group = other.group.map(pick)
    classes = other.classes
  }

  /// Samples without time, for a plain `fit(x, y)`: each row is an instant of its own.
  init(x: Matrix, y: [Double], classes: [String]?) throws {
    let order = (0..<Int64(y.count)).map { $0 }
    try self.init(x: x, y: y, time: order, labelEnd: order, classes: classes)
  }
}
