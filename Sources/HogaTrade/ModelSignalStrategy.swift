public import HogaCore
public import HogaSim

/// Trades a model's predicted return once it is worth more than it costs.
///
/// A row's prediction is a return over the model's horizon in basis points. Flat: enter in its
/// direction where its size is above both `threshold` and `costMultiple` times the round trip's
/// cost as known at that moment: twice the taker's fee plus the local spread (half of it each way).
/// In a position: leave when the prediction's sign turns, or at the horizon's end; a prediction of
/// the same sign that would enter again extends the stay where `extends` is set.
public struct ModelSignalStrategy: Strategy {
  public struct Settings: Hashable, Sendable {
    /// Lots of each entry.
    public var lots: Int64
    /// The predicted return's column, in basis points.
    public var column = "prediction"
    /// The smallest prediction that enters, in basis points.
    public var thresholdBasisPoints = 0.0
    /// How many times the round trip's cost a prediction must promise; 0 ignores costs.
    public var costMultiple = 1.0
    /// What the prediction is about: the longest time in a position.
    public var horizon = TimeSpan.seconds(10)
    /// Whether a renewed signal of the same sign restarts the horizon.
    public var extends = false

    public init(lots: Int64) { self.lots = lots }
  }

  public let settings: Settings
  public var name: String { "model-signal" }
  public var signalColumns: [String] { [settings.column] }
  private var position: TimedTarget

  /// - Throws: `UsageError` where a setting makes no sense.
  public init(_ settings: Settings) throws {
    guard settings.lots > 0, settings.thresholdBasisPoints >= 0, settings.costMultiple >= 0,
      settings.horizon > .zero
    else {
      throw UsageError(
        "model-signal needs lots and a horizon above zero, and no threshold below zero")
    }
    self.settings = settings
    position = TimedTarget(holding: settings.horizon)
  }

  public mutating func receive(_ event: StrategyEvent, _ desk: inout TradingDesk) {
    switch event {
    case .signal:
      decide(desk.signals[0], desk)
      position.follow(&desk)
    case .timer:
      position.endIfDue(desk.now)
      position.follow(&desk)
    case .order(let update):
      position.received(update, desk)
    default:
      break
    }
  }

  private mutating func decide(_ prediction: Double, _ desk: TradingDesk) {
    let direction: Int64 = prediction > 0 ? 1 : prediction < 0 ? -1 : 0
    if direction != 0, position.lots.signum() == -direction { position.leave() }
    let enters = direction != 0 && isWorthwhile(abs(prediction), desk)
    if settings.extends, enters, position.lots.signum() == direction {
      position.extend(from: desk.now)
    }
    position.endIfDue(desk.now)
    if enters, position.isFlat(desk) {
      position.enter(direction * settings.lots, at: desk.now)
    }
  }

  private func isWorthwhile(_ promise: Double, _ desk: TradingDesk) -> Bool {
    guard let spread = desk.spreadBasisPoints else { return false }
    let cost = desk.fees.takerRoundTripBasisPoints + spread
    return promise > max(settings.thresholdBasisPoints, settings.costMultiple * cost)
  }
}
