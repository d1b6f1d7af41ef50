internal import Foundation
public import HogaCore
internal import HogaFeatures
internal import HogaLake
internal import HogaLearn

/// The contemporaneous regression of mid changes on order-flow imbalance, block by block.
///
/// `ΔP_k = α + β·OFI_k + ε_k` over intervals that do not overlap (10 s), fitted in blocks (half an
/// hour), ΔP in the instrument's smallest price steps. It explains, it does not foretell.
/// Source: R. Cont, A. Kukanov, S. Stoikov, "The price impact of order book events", J. Financial
/// Econometrics 12(1), 2014, who find R² about 65 % on 50 US equities.
public struct RegressionJob: Sendable {
  public struct Block: Sendable {
    public var start: Timestamp
    public var count: Int
    /// Price steps per unit of OFI.
    public var slope: Double
    /// Newey–West.
    public var slopeError: Double
    public var intercept: Double
    public var rSquared: Double
  }

  public struct Result: Sendable {
    public var interval: TimeSpan
    public var block: TimeSpan
    /// Blocks with at least ten intervals and an imbalance that varies.
    public var blocks: [Block]
    /// `time` (the interval's end), `block`, `ofi`, `mid_change` in price steps.
    public var points: Frame

    /// R² of one regression over all intervals: lower where the slope differs between blocks.
    public var pooledRSquared: Double

    /// The mean of the blocks' R², weighted by their intervals.
    public var meanRSquared: Double {
      let count = blocks.reduce(0) { $0 + $1.count }
      return blocks.reduce(0) { $0 + $1.rSquared * Double($1.count) } / Double(count)
    }

    public var json: JSONValue {
      [
        "interval": .string("\(interval)"), "block": .string("\(block)"),
        "mean_r2": .double(meanRSquared), "pooled_r2": .double(pooledRSquared),
        "intervals": .int(Int64(points.rowCount)),
        "blocks": .array(
          blocks.map {
            [
              "start": .string("\($0.start)"), "count": .int(Int64($0.count)),
              "slope": .double($0.slope), "slope_se": .double($0.slopeError),
              "intercept": .double($0.intercept), "r2": .double($0.rSquared),
            ]
          }),
      ]
    }
  }

  public var regression: Workflow.Regression
  public init(_ regression: Workflow.Regression) { self.regression = regression }

  public func run(_ features: FeatureJob, monitor: JobMonitor) throws -> Result {
    var coarse = features
    coarse.options.every = regression.interval
    coarse.options.windows = [regression.interval]
    let (table, summary) = try coarse.run(monitor: monitor)
    let step = Double(summary.instrument.tickIncrement) / summary.instrument.priceScale
    return try run(table, tick: step)
  }

  /// - Parameters:
  ///   - table: `time`, `mid` and `ofi_<interval>` on a grid of the interval.
  ///   - tick: the smallest price step.
  func run(_ table: Frame, tick: Double) throws -> Result {
    let time = try table.int64s("time")
    let mid = try table.doubles("mid")
    let ofi = try table.doubles("ofi_\(regression.interval)")
    var kept: [(time: Int64, block: Int64, ofi: Double, change: Double)] = []
    for row in time.indices.dropFirst() {
      let change = (mid[row] - mid[row - 1]) / tick
      guard change.isFinite, ofi[row].isFinite else { continue }
      // An interval belongs to the block that it begins in.
      let block = time[row - 1].floorDivided(by: regression.block.nanoseconds)
      kept.append((time[row], block, ofi[row], change))
    }
    var blocks: [Block] = []
    for block in Set(kept.map(\.block)).sorted() {
      let rows = kept.filter { $0.block == block }
      guard rows.count >= 10, rows.contains(where: { $0.ofi != rows[0].ofi }) else { continue }
      // The usual rule of thumb for the lags: W. Newey, K. West, Rev. Econ. Stud. 61(4), 1994.
      let lags = Int(4 * pow(Double(rows.count) / 100, 2.0 / 9))
      let fitted = try LinearRegression(covariance: .neweyWest(lags: lags)).fit(
        Matrix(columns: [("ofi", rows.map(\.ofi))]), rows.map(\.change))
      blocks.append(
        Block(
          start: Timestamp(nanoseconds: block * regression.block.nanoseconds), count: rows.count,
          slope: fitted.coefficients[0], slopeError: fitted.standardErrors[0],
          intercept: fitted.intercept, rSquared: fitted.rSquared))
    }
    let flows = kept.map(\.ofi)
    let pooled =
      kept.count >= 10 && flows.contains { $0 != flows[0] }
      ? try LinearRegression().fit(
        Matrix(columns: [("ofi", flows)]), kept.map(\.change)
      ).rSquared : .nan
    return Result(
      interval: regression.interval, block: regression.block, blocks: blocks,
      points: Frame([
        ("time", .timestamp(kept.map(\.time))),
        ("block", .timestamp(kept.map { $0.block * regression.block.nanoseconds })),
        ("ofi", .double(kept.map(\.ofi))), ("mid_change", .double(kept.map(\.change))),
      ]), pooledRSquared: pooled)
  }
}
