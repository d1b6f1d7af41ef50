public import HogaCore

/// How probable it is that the best of many trials in a backtest is below their median afterwards.
///
/// Combinatorially symmetric cross-validation: the periods are cut into `blockCount` blocks, every
/// half of the blocks is taken as the past once, with the other half as its future, and the trial with
/// the best Sharpe ratio of the past is ranked in the future. Source: D. H. Bailey, J. M. Borwein,
/// M. López de Prado, Q. J. Zhu, "The probability of backtest overfitting", Journal of Computational
/// Finance 20(4), 2017 (as a preprint 2015).
public struct BacktestOverfitting: Hashable, Sendable {
  /// One way of taking half of the blocks as the past.
  public struct Split: Hashable, Sendable {
    /// The trial that was best in the past; of equal ones the first.
    public var chosen: Int
    /// Its Sharpe ratios, per period.
    public var inSample: Double
    public var outOfSample: Double
    /// `ln(ω/(1 − ω))`, ω the chosen trial's rank in the future from the worst, over one more than the
    /// number of trials; equal trials share the mean of their ranks. Negative: below the median.
    public var logit: Double
  }

  public let trialCount: Int
  public let periodCount: Int
  public let blockCount: Int
  /// Every choice of half of the blocks.
  public let splits: [Split]
  /// The share of splits whose logit is zero or less.
  public let probability: Double
  /// The least-squares line of the chosen trials' future on their past. Below a slope of one a backtest
  /// promises too much, below zero a better one promises a worse future. `nil` where pasts are equal.
  public let degradationSlope: Double?
  public let degradationIntercept: Double?
  /// The share of splits whose chosen trial lost in the future.
  public let lossProbability: Double

  /// More blocks have too many halves.
  public static let maximumBlocks = 24

  /// - Parameters:
  ///   - returns: one array per trial, all over the same periods.
  ///   - blockCount: even. Blocks are consecutive and equally long, but for one period where the
  ///     periods do not divide evenly.
  ///   - workers: threads; the result is the same for any number.
  /// - Throws: `UsageError` for senseless numbers of trials, blocks and periods, `DataError` for
  ///   returns that are not finite, `JobMonitor.Cancelled`.
  public init(
    returns: [[Double]], blockCount: Int = 16, workers: Int = 1, monitor: JobMonitor? = nil
  ) throws {
    let periodCount = returns.first?.count ?? 0
    guard returns.count >= 2 else {
      throw UsageError("overfitting is a matter of at least two trials, not \(returns.count)")
    }
    guard blockCount >= 2, blockCount.isMultiple(of: 2), blockCount <= Self.maximumBlocks else {
      throw UsageError("\(blockCount) blocks: an even number from 2 to \(Self.maximumBlocks)")
    }
    guard periodCount >= 2 * blockCount else {
      throw UsageError("\(blockCount) blocks of \(periodCount) periods hold fewer than two each")
    }
    for (index, series) in returns.enumerated() {
      guard series.count == periodCount else {
        throw UsageError(
          "trial \(index + 1) has \(series.count) periods, the first has \(periodCount)")
      }
      if let row = series.firstIndex(where: { !$0.isFinite }) {
        throw DataError("not a finite return", row: row + 1, column: "trial \(index + 1)")
      }
    }
    trialCount = returns.count
    self.periodCount = periodCount
    self.blockCount = blockCount
    let sums = BlockSums(returns, blockCount: blockCount)
    // A half and its complement are each other's future: one pass over the halves that hold the first
    // block serves both.
    let halves = Self.halves(of: blockCount).filter { $0 & 1 == 1 }
    let chunk = 64
    let chunks = (halves.count + chunk - 1) / chunk
    monitor?.begin("splitting trials", total: Int64(halves.count * 2), unit: "splits")
    let pairs = try inParallel(count: chunks, workers: workers) { index in
      var scratch = SplitScratch(trialCount: sums.trialCount)
      let part = halves[index * chunk..<min(halves.count, (index + 1) * chunk)]
      let pairs = part.map { sums.splits($0, &scratch) }
      try monitor?.advance(by: Int64(part.count * 2))
      return pairs
    }
    let both = pairs.flatMap { $0 }
    splits = both.map(\.0) + both.map(\.1)
    let count = Double(splits.count)
    probability = Double(splits.count { $0.logit <= 0 }) / count
    lossProbability = Double(splits.count { $0.outOfSample < 0 }) / count
    (degradationSlope, degradationIntercept) = Self.line(splits)
  }

  /// The masks of every half of the blocks, ascending.
  static func halves(of blockCount: Int) -> [UInt32] {
    let end = UInt32(1) << UInt32(blockCount)
    var halves: [UInt32] = []
    var mask = (UInt32(1) << UInt32(blockCount / 2)) - 1
    while mask < end {
      halves.append(mask)
      // The next larger number with as many bits.
      // Source: R. W. Gosper, item 175 in M. Beeler et al., "HAKMEM", MIT AI Memo 239, 1972.
      let lowest = mask & (~mask + 1)
      let ripple = mask + lowest
      mask = (((ripple ^ mask) >> 2) / lowest) | ripple
    }
    return halves
  }

  private static func line(_ splits: [Split]) -> (slope: Double?, intercept: Double?) {
    let count = Double(splits.count)
    let meanX = splits.reduce(0) { $0 + $1.inSample } / count
    let meanY = splits.reduce(0) { $0 + $1.outOfSample } / count
    var squares = 0.0
    var products = 0.0
    for split in splits {
      let away = split.inSample - meanX
      squares += away * away
      products += away * (split.outOfSample - meanY)
    }
    guard squares > 1e-24 * count else { return (nil, nil) }
    let slope = products / squares
    return (slope, meanY - slope * meanX)
  }

  public var json: JSONValue {
    [
      "probability": .double(probability), "trials": .int(Int64(trialCount)),
      "periods": .int(Int64(periodCount)), "blocks": .int(Int64(blockCount)),
      "splits": .int(Int64(splits.count)),
      "degradation_slope": .optional(degradationSlope),
      "degradation_intercept": .optional(degradationIntercept),
      "loss_probability": .double(lossProbability),
    ]
  }
}

/// What a thread needs while it judges splits.
private struct SplitScratch {
  var past: [Double]
  var pastSquares: [Double]
  var future: [Double]
  var futureSquares: [Double]

  init(trialCount: Int) {
    past = [Double](repeating: 0, count: trialCount)
    pastSquares = past
    future = past
    futureSquares = past
  }
}

/// Sums of returns and of their squares, by block and trial.
private struct BlockSums: Sendable {
  let trialCount: Int
  /// Periods of each block.
  let counts: [Int]
  /// `[block][trial]`.
  let sums: [[Double]]
  let squares: [[Double]]

  init(_ returns: [[Double]], blockCount: Int) {
    trialCount = returns.count
    let periods = returns[0].count
    let edges = (0...blockCount).map { $0 * periods / blockCount }
    counts = (0..<blockCount).map { edges[$0 + 1] - edges[$0] }
    sums = (0..<blockCount).map { block in
      returns.map { $0[edges[block]..<edges[block + 1]].reduce(0, +) }
    }
    squares = (0..<blockCount).map { block in
      returns.map { $0[edges[block]..<edges[block + 1]].reduce(0) { $0 + $1 * $1 } }
    }
  }

  /// The split whose past is this half, and the one whose future it is.
  func splits(
    _ half: UInt32, _ scratch: inout SplitScratch
  ) -> (BacktestOverfitting.Split, BacktestOverfitting.Split) {
    ratios(half, isInHalf: true, into: &scratch.past, &scratch.pastSquares)
    // The rest is summed and not subtracted from the total, so that a trial that did not trade there
    // has sums of exactly zero.
    ratios(half, isInHalf: false, into: &scratch.future, &scratch.futureSquares)
    return (split(scratch.past, scratch.future), split(scratch.future, scratch.past))
  }

  /// Leaves each trial's Sharpe ratio over the chosen blocks in `sum`.
  private func ratios(
    _ half: UInt32, isInHalf: Bool, into sum: inout [Double], _ square: inout [Double]
  ) {
    var count = 0
    for trial in 0..<trialCount {
      sum[trial] = 0
      square[trial] = 0
    }
    for block in counts.indices where (half >> UInt32(block) & 1 == 1) == isInHalf {
      count += counts[block]
      let (blockSums, blockSquares) = (sums[block], squares[block])
      for trial in 0..<trialCount {
        sum[trial] += blockSums[trial]
        square[trial] += blockSquares[trial]
      }
    }
    let size = Double(count)
    for trial in 0..<trialCount {
      let mean = sum[trial] / size
      let meanSquare = square[trial] / size
      guard meanSquare > 0 else {
        // Nothing earned and nothing risked.
        sum[trial] = 0
        continue
      }
      // The floor keeps trials that earn the same in every period apart from infinity.
      let variance = max(meanSquare - mean * mean, 1e-12 * meanSquare) * size / (size - 1)
      sum[trial] = mean / variance.squareRoot()
    }
  }

  private func split(_ past: [Double], _ future: [Double]) -> BacktestOverfitting.Split {
    var chosen = 0
    for trial in 1..<trialCount where past[trial] > past[chosen] { chosen = trial }
    let value = future[chosen]
    var below = 0
    var equal = 0
    for other in future {
      if other < value { below += 1 } else if other == value { equal += 1 }
    }
    let rank = Double(below) + Double(equal + 1) / 2
    return BacktestOverfitting.Split(
      chosen: chosen, inSample: past[chosen], outOfSample: value,
      // ω/(1 − ω) with ω = rank/(N + 1), without rounding the quotient first: zero is exactly zero.
      logit: logarithm(rank / (Double(trialCount + 1) - rank)))
  }
}
