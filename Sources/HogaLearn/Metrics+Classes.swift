internal import Glibc
public import HogaCore

/// How often each class was taken for each other.
public struct ConfusionMatrix: Hashable, Sendable {
  public let classes: [String]
  /// `counts[truth][forecast]`.
  public private(set) var counts: [[Int]]

  /// - Precondition: indices are in range, and both have the same length.
  public init(truth: [Int], forecast: [Int], classes: [String]) {
    precondition(truth.count == forecast.count, "truth and forecast have different row counts")
    self.classes = classes
    counts = classes.map { _ in classes.map { _ in 0 } }
    for (actual, guess) in zip(truth, forecast) { counts[actual][guess] += 1 }
  }

  private init(classes: [String], counts: [[Int]]) {
    self.classes = classes
    self.counts = counts
  }

  public var total: Int { counts.reduce(0) { $0 + $1.reduce(0, +) } }
  /// How many rows were of the class.
  public func support(_ index: Int) -> Int { counts[index].reduce(0, +) }
  private func claimed(_ index: Int) -> Int { counts.reduce(0) { $0 + $1[index] } }

  public var accuracy: Double {
    total == 0 ? .nan : Double(counts.indices.reduce(0) { $0 + counts[$1][$1] }) / Double(total)
  }

  /// Of the rows called so, how many were; 0 where none was called so.
  public func precision(_ index: Int) -> Double {
    claimed(index) == 0 ? 0 : Double(counts[index][index]) / Double(claimed(index))
  }

  /// Of the rows that were so, how many were called so; 0 where none was.
  public func recall(_ index: Int) -> Double {
    support(index) == 0 ? 0 : Double(counts[index][index]) / Double(support(index))
  }

  /// `2·hits / (claimed + support)`; 0 for a class that neither was nor was called.
  public func f1(_ index: Int) -> Double {
    let both = claimed(index) + support(index)
    return both == 0 ? 0 : 2 * Double(counts[index][index]) / Double(both)
  }

  /// The mean F1 over classes that were or were called, as scikit-learn.
  public var macroF1: Double {
    let seen = classes.indices.filter { claimed($0) + support($0) > 0 }
    return seen.isEmpty ? .nan : seen.reduce(0) { $0 + f1($1) } / Double(seen.count)
  }

  /// The mean F1 over classes, weighted by their rows.
  public var weightedF1: Double {
    total == 0
      ? .nan : classes.indices.reduce(0) { $0 + f1($1) * Double(support($1)) } / Double(total)
  }

  func subtracting(_ other: ConfusionMatrix) -> ConfusionMatrix {
    ConfusionMatrix(
      classes: classes, counts: zip(counts, other.counts).map { zip($0, $1).map { $0 - $1 } })
  }

  public var json: JSONValue {
    .object([
      ("classes", .list(classes)),
      ("counts", .array(counts.map { .array($0.map { .int(Int64($0)) }) })),
    ])
  }
}

extension Metrics {
  /// `−log p` of what happened, by row, with probabilities kept within `ε...1−ε`, ε = 2⁻⁵².
  public static func logLosses(_ truth: [Int], _ probabilities: Matrix) -> [Double] {
    precondition(truth.count == probabilities.rowCount, "one truth for each row")
    let smallest = Double.ulpOfOne
    return truth.enumerated().map { row, actual in
      -log(min(max(probabilities[row, actual], smallest), 1 - smallest))
    }
  }

  public static func logLoss(_ truth: [Int], _ probabilities: Matrix) -> Double {
    mean(logLosses(truth, probabilities)[...])
  }

  /// The chance that a positive row scores above a negative one, equal scores counting half: the
  /// area under the ROC curve. NaN where there are only positives or only negatives.
  public static func auc(_ isPositive: [Bool], _ scores: [Double]) -> Double {
    precondition(isPositive.count == scores.count, "one score for each row")
    let positives = Double(isPositive.count { $0 })
    let negatives = Double(isPositive.count) - positives
    guard positives > 0, negatives > 0 else { return .nan }
    var sum = 0.0
    for (rank, positive) in zip(averageRanks(scores), isPositive) where positive { sum += rank }
    return (sum - positives * (positives + 1) / 2) / (positives * negatives)
  }

  /// With two classes the AUC of the second; with more, the mean over classes of each against the
  /// rest. NaN where a class has no row.
  public static func auc(_ truth: [Int], _ probabilities: Matrix) -> Double {
    let classCount = probabilities.columnCount
    let judged = classCount == 2 ? [1] : Array(0..<classCount)
    let areas = judged.map { index in
      auc(truth.map { $0 == index }, Array(probabilities.column(index)))
    }
    return areas.reduce(0, +) / Double(areas.count)
  }

  /// A score's standard error by leaving out one of twenty blocks of neighbouring rows at a time.
  ///
  /// For scores that are no means. Blocks keep most overlap of labels inside of one, as long as they
  /// are much longer than a label. NaN below 40 rows. Source: H. Künsch, "The jackknife and the
  /// bootstrap for general stationary observations", Annals of Statistics 17(3), 1989.
  static func jackknifeError(
    rows: Int, score: (_ without: Range<Int>) -> Double
  ) -> Double {
    let blocks = 20
    guard rows >= 2 * blocks else { return .nan }
    let scores = (0..<blocks).map { block in
      score(rows * block / blocks..<rows * (block + 1) / blocks)
    }
    let center = scores.reduce(0, +) / Double(blocks)
    let squares = scores.reduce(0) { $0 + ($1 - center) * ($1 - center) }
    return (squares * Double(blocks - 1) / Double(blocks)).squareRoot()
  }
}
