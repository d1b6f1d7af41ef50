public import HogaCore

/// The rows of one training and its test, which share no stretch of time.
public struct Fold: Hashable, Sendable {
  public var train: [Int]
  /// For early stopping and choices of settings; empty unless asked for.
  public var validation: [Int]
  public var test: [Int]
  /// How many rows were dropped because their label overlapped a later part, or the test.
  public var purged: Int
  /// How many more were dropped because they were too close: by the gap before the test, or by the
  /// embargo after it.
  public var embargoed: Int
}

/// A way of cutting samples by time into training and test.
///
/// Two labels overlap where their intervals `(time, labelEnd]` share an instant. Every splitter
/// keeps all rows of one instant together, and no training or validation label overlaps a test
/// label, nor a training label a validation label.
public protocol Splitter: Sendable {
  /// - Parameters:
  ///   - time: Ascending; equal times are one instant of several symbols.
  ///   - labelEnd: Where each row's label is decided; at or after `time`.
  /// - Throws: `UsageError` for senseless settings, `DataError` where a part would be empty.
  func folds(time: [Int64], labelEnd: [Int64]) throws -> [Fold]
}

extension Splitter {
  public func folds(_ samples: Samples) throws -> [Fold] {
    try folds(time: samples.time, labelEnd: samples.labelEnd)
  }
}

/// One cut: first the training, then the validation, last the test.
public struct Holdout: Splitter {
  private enum Cut {
    case shares(train: Double, validation: Double)
    case times(validation: Timestamp?, test: Timestamp)
  }
  private let cut: Cut

  /// Cuts by share of rows; the test gets what is left.
  public init(train: Double, validation: Double = 0) {
    cut = .shares(train: train, validation: validation)
  }

  /// Cuts at given times, each the first of its part.
  public init(validationFrom: Timestamp? = nil, testFrom: Timestamp) {
    cut = .times(validation: validationFrom, test: testFrom)
  }

  public func folds(time: [Int64], labelEnd: [Int64]) throws -> [Fold] {
    let timeline = Timeline(time, labelEnd)
    let validation: Int
    let test: Int
    switch cut {
    case .shares(let trainShare, let validationShare):
      guard trainShare > 0, validationShare >= 0, trainShare + validationShare < 1 else {
        throw UsageError(
          "shares of \(trainShare) and \(validationShare) leave no room for train and test")
      }
      validation = timeline.boundary(nearRow: trainShare * Double(time.count))
      test = timeline.boundary(nearRow: (trainShare + validationShare) * Double(time.count))
    case .times(let from, let testFrom):
      test = timeline.firstRow(at: testFrom.nanoseconds)
      validation = from.map { timeline.firstRow(at: $0.nanoseconds) } ?? test
      guard validation <= test else { throw UsageError("validation begins after the test") }
    }
    return [
      try timeline.fold(
        train: 0..<validation, validation: validation..<test, test: test..<time.count, gap: 0,
        name: "the holdout")
    ]
  }
}

/// Each fold is a fit, and holds the indices of its rows.
private let maximumFolds = 1000

/// Trains on the past and tests on what follows, again and again.
///
/// The rows after the first training are cut into `folds` tests of equal row count that follow each
/// other without a hole; each is foretold from what came before it.
public struct WalkForwardSplit: Splitter {
  public enum Window: Hashable, Sendable {
    /// All of the past.
    case expanding
    /// So much of the past.
    case rolling(TimeSpan)
  }

  public var folds: Int
  public var window: Window
  /// The share of rows before the first test.
  public var initialShare: Double
  /// The share of each training that is set aside at its end for validation.
  public var validationShare: Double
  /// Extra time between the end of the last training label and the test.
  public var gap: TimeSpan

  /// - Parameter initialShare: `1 / (folds + 1)` unless given, so that all parts are equally long.
  public init(
    folds: Int = 5, window: Window = .expanding, initialShare: Double? = nil,
    validationShare: Double = 0, gap: TimeSpan = .zero
  ) {
    self.folds = folds
    self.window = window
    self.initialShare = initialShare ?? 1 / Double(folds + 1)
    self.validationShare = validationShare
    self.gap = gap
  }

  public func folds(time: [Int64], labelEnd: [Int64]) throws -> [Fold] {
    guard folds <= maximumFolds else {
      throw UsageError("\(folds) folds are more than \(maximumFolds)")
    }
    guard folds >= 1, initialShare > 0, initialShare < 1, validationShare >= 0,
      validationShare < 1, gap >= .zero
    else {
      throw UsageError(
        "walk-forward needs a fold or more, shares between 0 and 1, and a gap of zero or above")
    }
    let timeline = Timeline(time, labelEnd)
    let first = initialShare * Double(time.count)
    let length = (Double(time.count) - first) / Double(folds)
    let bounds = (0...folds).map { fold in
      fold == folds
        ? time.count : timeline.boundary(nearRow: first + Double(fold) * length)
    }
    return try (0..<folds).map { fold in
      let test = bounds[fold]..<bounds[fold + 1]
      var start = 0
      if case .rolling(let span) = window, !test.isEmpty {
        guard span > .zero else { throw UsageError("a rolling window of \(span) holds nothing") }
        start = timeline.firstRow(at: time[test.lowerBound] - span.nanoseconds)
      }
      let length = Double(test.lowerBound - start)
      let validation =
        validationShare > 0
        ? max(start, timeline.boundary(nearRow: Double(start) + (1 - validationShare) * length))
        : test.lowerBound
      return try timeline.fold(
        train: start..<validation, validation: validation..<test.lowerBound, test: test,
        gap: gap.nanoseconds, name: "fold \(fold + 1)")
    }
  }
}

/// Each of `folds` stretches is the test once, and all others train, after purging and embargo.
///
/// For choosing settings when data is short: training follows the test in time as well, which no
/// trader could have done. Source: M. López de Prado, "Advances in Financial Machine Learning",
/// 2018, chapter 7. The embargo is a span of time after the test's last label.
public struct PurgedKFold: Splitter {
  public var folds: Int
  public var embargo: TimeSpan

  public init(folds: Int = 5, embargo: TimeSpan = .zero) {
    self.folds = folds
    self.embargo = embargo
  }

  public func folds(time: [Int64], labelEnd: [Int64]) throws -> [Fold] {
    guard folds <= maximumFolds else {
      throw UsageError("\(folds) folds are more than \(maximumFolds)")
    }
    guard folds >= 2, embargo >= .zero else {
      throw UsageError("purged K-fold needs two folds or more and an embargo of zero or above")
    }
    let timeline = Timeline(time, labelEnd)
    let bounds = (0...folds).map { fold in
      fold == folds
        ? time.count
        : timeline.boundary(nearRow: Double(time.count) * Double(fold) / Double(folds))
    }
    return try (0..<folds).map { fold in
      let test = bounds[fold]..<bounds[fold + 1]
      guard !test.isEmpty else { throw Timeline.empty("test", of: "fold \(fold + 1)") }
      let testStart = time[test.lowerBound]
      let testEnd = timeline.lastEnd(of: test)
      var result = Fold(train: [], validation: [], test: Array(test), purged: 0, embargoed: 0)
      for row in 0..<test.lowerBound {
        if labelEnd[row] <= testStart { result.train.append(row) } else { result.purged += 1 }
      }
      let released = testEnd.addingReportingOverflow(embargo.nanoseconds)
      for row in test.upperBound..<time.count {
        if time[row] < testEnd {
          result.purged += 1
        } else if released.overflow || time[row] < released.partialValue {
          result.embargoed += 1
        } else {
          result.train.append(row)
        }
      }
      guard !result.train.isEmpty else { throw Timeline.empty("training", of: "fold \(fold + 1)") }
      return result
    }
  }
}

/// Rows by time, with what splitters need to ask.
private struct Timeline {
  let time: [Int64]
  let labelEnd: [Int64]

  init(_ time: [Int64], _ labelEnd: [Int64]) {
    precondition(time.count == labelEnd.count, "times and label ends have different counts")
    self.time = time
    self.labelEnd = labelEnd
  }

  static func empty(_ part: String, of fold: String) -> DataError {
    DataError("the \(part) of \(fold) is empty: there are too few rows, or purging took all")
  }

  /// The first row at or after an instant.
  func firstRow(at instant: Int64) -> Int {
    var low = 0
    var high = time.count
    while low < high {
      let middle = (low + high) / 2
      if time[middle] < instant { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The row nearest to a position, moved back to the first row of its instant.
  func boundary(nearRow position: Double) -> Int {
    let row = min(max(Int(position.rounded()), 0), time.count)
    return row == time.count ? row : firstRow(at: time[row])
  }

  func lastEnd(of rows: Range<Int>) -> Int64 { rows.lazy.map { labelEnd[$0] }.max() ?? .min }

  /// A fold whose parts follow each other in time, purged at both borders.
  func fold(
    train: Range<Int>, validation: Range<Int>, test: Range<Int>, gap: Int64, name: String
  ) throws -> Fold {
    guard !test.isEmpty else { throw Self.empty("test", of: name) }
    let testLimit = time[test.lowerBound].subtractingReportingOverflow(gap)
    guard !testLimit.overflow else { throw UsageError("a gap of \(gap) ns is too long") }
    let validated = validation.filter { labelEnd[$0] <= testLimit.partialValue }
    let trainLimit = validated.first.map { min(time[$0], testLimit.partialValue) }
    let trained = train.filter { labelEnd[$0] <= trainLimit ?? testLimit.partialValue }
    guard !trained.isEmpty else { throw Self.empty("training", of: name) }
    guard validation.isEmpty || !validated.isEmpty else {
      throw Self.empty("validation", of: name)
    }
    // What would have stayed without the gap.
    let testStart = time[test.lowerBound]
    let trainEnd = validated.first.map { time[$0] } ?? testStart
    let apart =
      train.count { labelEnd[$0] <= trainEnd } + validation.count { labelEnd[$0] <= testStart }
    let kept = trained.count + validated.count
    return Fold(
      train: trained, validation: validated, test: Array(test),
      purged: train.count + validation.count - apart, embargoed: apart - kept)
  }
}
