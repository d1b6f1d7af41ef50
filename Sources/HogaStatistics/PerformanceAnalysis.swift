public import HogaCore

/// Everything that an equity curve says, for reports and JSON.
///
/// A Sharpe ratio comes with its standard error, the number of returns, and the number of trials it was
/// chosen from. Figures that the curve does not bear are absent, never approximate.
public struct PerformanceAnalysis: Hashable, Sendable {
  public struct Settings: Hashable, Sendable {
    public var periodsPerYear: Double
    /// Nothing is annualised below this.
    public var minimumSpanToAnnualise: TimeSpan
    /// Of intervals and of the minimum track record.
    public var confidence = 0.95
    /// 0 for no bootstrap.
    public var bootstrapSamples = 1000
    public var seed: UInt64 = 1
    public var workers = 1
    public var drawdownCount = 10
    /// In returns; `nil` for a tenth of the curve.
    public var rollingWindow: Int?
    /// Rolling figures are given at about so many places.
    public var rollingRows = 500

    public init(
      periodsPerYear: Double,
      minimumSpanToAnnualise: TimeSpan = TimeSpan(nanoseconds: 30 * TimeSpan.day.nanoseconds)
    ) {
      self.periodsPerYear = periodsPerYear
      self.minimumSpanToAnnualise = minimumSpanToAnnualise
    }
  }

  /// A Sharpe ratio and what it is worth.
  public struct Sharpe: Hashable, Sendable {
    public var estimate: SharpeEstimate
    /// That the true ratio is above zero, were this the only trial.
    public var probability: Double?
    /// How many returns it takes to say so with the settings' confidence; `nil` where the ratio is not
    /// above zero.
    public var minimumTrackRecord: Double?
    /// The trials it was chosen from; `nil` where nobody counted.
    public var trials: TrialSummary?
    /// `nil` where nobody counted the trials or their variance is not known.
    public var deflated: DeflatedSharpe?
    /// By what ratio and error are multiplied to be annual; `nil` where the span does not bear it.
    public var annualFactor: Double?

    public var json: JSONValue {
      guard case .object(let members) = estimate.json else { return .null }
      return .object(
        members.map { ($0.key, $0.value) } + [
          ("trials", trials.map { .int(Int64($0.count)) } ?? .null),
          ("annual", .optional(annualFactor.map { $0 * estimate.ratio })),
          (
            "annual_standard_error",
            .optional(annualFactor.flatMap { factor in estimate.standardError.map { $0 * factor } })
          ),
          ("probability_above_zero", .optional(probability)),
          ("min_track_record_returns", .optional(minimumTrackRecord)),
          ("trial_summary", trials?.json ?? .null), ("deflated", deflated?.json ?? .null),
        ])
    }
  }

  public let statistics: PerformanceStatistics
  /// `nil` where returns do not vary or the capital was lost.
  public let sharpe: Sharpe?
  /// `nil` without enough returns, or where the capital was lost.
  public let intervals: BootstrapIntervals?
  /// `nil` where the capital was lost.
  public let monthly: MonthlyReturns?
  /// `nil` where the curve is shorter than two windows, or the capital was lost.
  public let rolling: RollingFigures?
  /// Whether `rolling` covers enough time to be shown as annual: its ratios times this.
  public let rollingAnnualFactor: Double?
  /// The deepest, deepest first.
  public let drawdowns: [Drawdown]

  /// - Parameters:
  ///   - times: of the samples, in nanoseconds, ascending.
  ///   - equity: in units of currency.
  ///   - trials: from the ledger, with the variance per period of this curve.
  /// - Throws: `DataError` for times that go back and equity that is not finite, `UsageError` for
  ///   senseless settings, `JobMonitor.Cancelled`.
  public init(
    times: [Int64], equity: [Double], settings: Settings, trials: TrialSummary? = nil,
    monitor: JobMonitor? = nil
  ) throws {
    guard times.count == equity.count else {
      throw DataError("\(equity.count) values of equity for \(times.count) times")
    }
    guard settings.periodsPerYear > 0, settings.confidence >= 0.5, settings.confidence < 1,
      settings.drawdownCount >= 0, settings.rollingRows > 0, settings.rollingWindow ?? 2 >= 2
    else { throw UsageError("an analysis cannot be made with these settings: \(settings)") }
    if let row = equity.firstIndex(where: { !$0.isFinite }) {
      throw DataError("not a finite number", row: row + 1, column: "equity")
    }
    if let row = times.indices.dropFirst().first(where: { times[$0] <= times[$0 - 1] }) {
      throw DataError("not after the time before it", row: row + 1, column: "time")
    }
    let statistics = PerformanceStatistics(
      times: times, equity: equity, periodsPerYear: settings.periodsPerYear,
      minimumSpanToAnnualise: settings.minimumSpanToAnnualise)
    self.statistics = statistics
    drawdowns = Drawdown.deepest(settings.drawdownCount, times: times, equity: equity)
    sharpe = statistics.sharpeEstimate.map { estimate in
      Sharpe(
        estimate: estimate, probability: estimate.probability(),
        minimumTrackRecord: estimate.minimumTrackRecord(confidence: settings.confidence),
        trials: trials, deflated: trials.flatMap { estimate.deflated(by: $0) },
        annualFactor: statistics.annualisationNote == nil
          ? settings.periodsPerYear.squareRoot() : nil)
    }
    guard statistics.ruinTime == nil, times.count > 1 else {
      intervals = nil
      monthly = nil
      rolling = nil
      rollingAnnualFactor = nil
      return
    }
    let returns = zip(equity, equity.dropFirst()).map { $1 / $0 - 1 }
    if settings.bootstrapSamples > 0, returns.count >= PerformanceStatistics.leastReturnsToAnnualise
    {
      intervals = try StationaryBootstrap(
        sampleCount: settings.bootstrapSamples, confidence: settings.confidence,
        seed: settings.seed, workers: settings.workers
      ).intervals(of: returns, monitor: monitor)
    } else {
      intervals = nil
    }
    monthly = MonthlyReturns(times: times, equity: equity)
    let window = settings.rollingWindow ?? max(30, returns.count / 10)
    guard returns.count >= 2 * window else {
      rolling = nil
      rollingAnnualFactor = nil
      return
    }
    let rolling = RollingFigures(
      times: times, equity: equity, window: window,
      step: max(1, (returns.count - window) / settings.rollingRows))
    self.rolling = rolling
    rollingAnnualFactor = rolling.annualFactor(
      periodsPerYear: settings.periodsPerYear,
      minimumSpanToAnnualise: settings.minimumSpanToAnnualise,
      period: TimeSpan(nanoseconds: (times[times.count - 1] - times[0]) / Int64(returns.count)))
  }

  public var json: JSONValue {
    [
      "statistics": statistics.json, "sharpe": sharpe?.json ?? .null,
      "bootstrap": intervals?.json ?? .null, "monthly": monthly?.json ?? .null,
      "rolling": rolling?.json ?? .null, "rolling_annual_factor": .optional(rollingAnnualFactor),
      "drawdowns": .array(drawdowns.map(\.json)),
    ]
  }
}
