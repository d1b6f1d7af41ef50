public import HogaCore
public import HogaSim

/// A parent order that is worked by a schedule which begins some time after trading may begin.
///
/// `ExecutionStrategy` does the work; this one knows its times only when the market is there.
public struct ParentOrder: Strategy {
  /// How the lots are spread over the time.
  public enum Plan: Hashable, Sendable {
    case timeWeighted
    case volumeWeighted(VolumeProfile)
    /// The model's trades, in its own number of intervals.
    case optimal(AlmgrenChriss)
  }

  public struct Settings: Hashable, Sendable {
    public var side: Side
    public var lots: Int64
    public var plan = Plan.timeWeighted
    /// Intervals of the time- and volume-weighted plans.
    public var slices = 10
    /// From the start of trading to the first slice.
    public var after = TimeSpan.zero
    public var duration: TimeSpan
    public var style = ExecutionStrategy.Style.aggressive

    public init(side: Side, lots: Int64, duration: TimeSpan) {
      self.side = side
      self.lots = lots
      self.duration = duration
    }

    func schedule(from start: Timestamp) throws(UsageError) -> ExecutionSchedule {
      let first = start + after
      let end = first + duration
      return switch plan {
      case .timeWeighted:
        try .timeWeighted(lots: lots, from: first, to: end, slices: slices)
      case .volumeWeighted(let profile):
        try .volumeWeighted(lots: lots, from: first, to: end, slices: slices, profile: profile)
      case .optimal(let model): try .optimal(lots: lots, from: first, to: end, model: model)
      }
    }
  }

  public let settings: Settings
  public var name: String { "execution" }
  /// What works the order; `nil` until trading may begin, or where nothing trades then by the profile.
  public private(set) var execution: ExecutionStrategy?

  /// - Throws: `UsageError` where no schedule can be made of the settings.
  public init(_ settings: Settings) throws {
    guard settings.after >= .zero, settings.after <= .day, settings.duration > .zero,
      settings.duration <= TimeSpan(nanoseconds: 366 * TimeSpan.day.nanoseconds)
    else { throw UsageError("an execution begins within a day, and takes up to a year") }
    // At any time of the day for volumes, which may be zero at some.
    if case .volumeWeighted = settings.plan {
    } else {
      _ = try settings.schedule(from: Timestamp(nanoseconds: 0))
    }
    self.settings = settings
  }

  public mutating func receive(_ event: StrategyEvent, _ desk: inout TradingDesk) {
    if event == .start, let schedule = try? settings.schedule(from: desk.now) {
      execution = try? ExecutionStrategy(
        side: settings.side, schedule: schedule, style: settings.style)
    }
    execution?.receive(event, &desk)
  }
}
