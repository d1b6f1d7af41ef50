public import HogaCore

/// Says how far figures of a track record may be off, without assuming a distribution.
///
/// Returns are drawn again in blocks of random length, so that what follows what is kept within a block.
/// Source: D. N. Politis, J. P. Romano, "The stationary bootstrap", Journal of the American Statistical
/// Association 89(428), 1994. Block lengths are geometric, and the series is closed to a circle.
public struct StationaryBootstrap: Hashable, Sendable {
  /// Mean length of a block; `nil` for the automatic one of `BlockLength`.
  public var blockLength: Double?
  public var sampleCount: Int
  /// The probability that an interval holds.
  public var confidence: Double
  public var seed: UInt64
  /// Threads; the result is the same for any number.
  public var workers: Int

  public init(
    blockLength: Double? = nil, sampleCount: Int = 1000, confidence: Double = 0.95,
    seed: UInt64 = 1, workers: Int = 1
  ) {
    self.blockLength = blockLength
    self.sampleCount = sampleCount
    self.confidence = confidence
    self.seed = seed
    self.workers = workers
  }

  /// - Throws: `UsageError` for senseless settings and fewer than ten returns, `DataError` for
  ///   returns that are not finite or lose everything, `JobMonitor.Cancelled`.
  public func intervals(
    of returns: [Double], monitor: JobMonitor? = nil
  ) throws -> BootstrapIntervals {
    guard sampleCount >= 20, confidence > 0, confidence < 1 else {
      throw UsageError(
        "\(sampleCount) samples with confidence \(confidence): at least 20, and between 0 and 1")
    }
    guard blockLength ?? 1 >= 1 else {
      throw UsageError("blocks of \(blockLength ?? 1) returns: at least 1")
    }
    guard returns.count >= 10 else {
      throw UsageError("\(returns.count) returns say nothing about their own error")
    }
    if let row = returns.firstIndex(where: { !($0 > -1) || !$0.isFinite }) {
      throw DataError("a return of \(returns[row]) cannot be drawn again", row: row + 1)
    }
    // Blocks shorter than one return are single returns.
    let length = max(1, blockLength ?? BlockLength(returns)?.stationary ?? 1)
    let moments = ReturnMoments(returns)
    let sample = ResampledReturns(
      centred: returns.map { $0 - moments.mean }, growth: returns.map { 1 + $0 },
      mean: moments.mean, blockLength: length)
    var random = SeededRandom(seed)
    // Each sample has its own generator, so that threads cannot change the result.
    let seeds = (0..<sampleCount).map { _ in random.next() }
    monitor?.begin("bootstrap", total: Int64(sampleCount), unit: "samples")
    let figures = try inParallel(count: sampleCount, workers: workers) { index in
      try monitor?.advance(by: 1)
      var random = SeededRandom(seeds[index])
      return sample.draw(&random)
    }
    let own = sample.inOrder()
    func interval(_ figure: (ResampledReturns.Figures) -> Double) -> BootstrapInterval {
      BootstrapInterval(
        estimate: figure(own), samples: figures.map(figure), confidence: confidence)
    }
    return BootstrapIntervals(
      blockLength: length, isAutomatic: blockLength == nil, sampleCount: sampleCount,
      confidence: confidence, seed: seed,
      sharpe: moments.varies ? interval { $0.sharpe } : nil, mean: interval { $0.mean },
      totalReturn: interval { $0.totalReturn }, maximumDrawdown: interval { $0.drawdown })
  }
}

/// One figure and the range that the bootstrap gives it.
public struct BootstrapInterval: Hashable, Sendable {
  /// Of the returns as they were.
  public var estimate: Double
  /// Quantiles of the drawn samples: `(1 − confidence)/2` lie below, as many above.
  public var lower: Double
  public var upper: Double
  /// Standard deviation of the drawn samples.
  public var standardError: Double

  init(estimate: Double, samples: [Double], confidence: Double) {
    self.estimate = estimate
    let sorted = samples.sorted()
    func quantile(_ share: Double) -> Double {
      let place = share * Double(sorted.count - 1)
      let below = Int(place)
      let above = min(below + 1, sorted.count - 1)
      return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
    lower = quantile((1 - confidence) / 2)
    upper = quantile((1 + confidence) / 2)
    standardError = ReturnMoments(samples).deviation
  }

  public var json: JSONValue {
    [
      "estimate": .double(estimate), "lower": .double(lower), "upper": .double(upper),
      "standard_error": .double(standardError),
    ]
  }
}

/// What the bootstrap says of a track record. All per period of the returns, nothing is annual.
public struct BootstrapIntervals: Hashable, Sendable {
  /// Mean length of the blocks, in returns.
  public var blockLength: Double
  /// The length was chosen by the data.
  public var isAutomatic: Bool
  public var sampleCount: Int
  public var confidence: Double
  public var seed: UInt64
  /// `nil` where returns do not vary.
  public var sharpe: BootstrapInterval?
  public var mean: BootstrapInterval
  public var totalReturn: BootstrapInterval
  /// As a fraction of the peak. Drawdowns depend on the order of returns, so this is the range of what
  /// might as well have been, and need not be centred on what was.
  public var maximumDrawdown: BootstrapInterval

  public var json: JSONValue {
    [
      "method": "stationary bootstrap, percentiles", "confidence": .double(confidence),
      "samples": .int(Int64(sampleCount)), "block_length": .double(blockLength),
      "block_length_is_automatic": .bool(isAutomatic), "seed": .string("\(seed)"),
      "sharpe_per_period": sharpe?.json ?? .null, "mean_return": mean.json,
      "total_return": totalReturn.json, "max_drawdown": maximumDrawdown.json,
    ]
  }
}

/// Returns from which samples are drawn.
private struct ResampledReturns: Sendable {
  struct Figures: Sendable {
    var sharpe: Double
    var mean: Double
    var totalReturn: Double
    var drawdown: Double
  }

  let centred: [Double]
  let growth: [Double]
  let mean: Double
  let blockLength: Double

  /// Figures of the returns in their own order.
  func inOrder() -> Figures {
    var path = Path()
    path.add(centred, growth, 0..<growth.count)
    return figures(path)
  }

  func draw(_ random: inout SeededRandom) -> Figures {
    let count = growth.count
    // After each return the block ends with probability 1/length.
    let stay = logarithm(1 - 1 / blockLength)
    var path = Path()
    var left = count
    while left > 0 {
      var start = Int.random(in: 0..<count, using: &random)
      let drawn = logarithm(1 - random.uniform()) / stay
      var length = min(left, drawn < Double(left) ? Int(drawn) + 1 : left)
      left -= length
      while length > 0 {
        let end = min(count, start + length)
        path.add(centred, growth, start..<end)
        length -= end - start
        start = 0
      }
    }
    return figures(path)
  }

  private func figures(_ path: Path) -> Figures {
    let count = Double(growth.count)
    let shift = path.sum / count
    let variance = (path.squares - path.sum * shift) / (count - 1)
    let deviation = max(0, variance).squareRoot()
    return Figures(
      // A sample in which nothing happened earned nothing for no risk.
      sharpe: deviation > ReturnMoments.leastDeviation ? (mean + shift) / deviation : 0,
      mean: mean + shift, totalReturn: path.wealth - 1, drawdown: 1 - path.lowest)
  }

  /// Sums along a sample, and its account.
  private struct Path {
    var sum = 0.0
    var squares = 0.0
    var wealth = 1.0
    private var peak = 1.0
    private var perPeak = 1.0
    /// The smallest wealth over the peak before it.
    var lowest = 1.0

    @inline(__always)
    mutating func add(_ centred: [Double], _ growth: [Double], _ rows: Range<Int>) {
      for row in rows {
        sum += centred[row]
        squares += centred[row] * centred[row]
        wealth *= growth[row]
        if wealth > peak {
          peak = wealth
          perPeak = 1 / wealth
        }
        lowest = min(lowest, wealth * perPeak)
      }
    }
  }
}
