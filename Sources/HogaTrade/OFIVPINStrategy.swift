public import HogaCore
public import HogaSim

/// Follows order-flow imbalance while flow is not toxic.
///
/// At each row of signals, with market orders:
/// - VPIN above `vpinExit`: leave everything, enter nothing.
/// - In a position: leave on the opposite signal or after `holding`.
/// - Flat, and VPIN below `vpinEntry`: enter in the direction of the imbalance where its size is
///   above `threshold`.
///
/// Rows with a null imbalance or VPIN change nothing but the holding time's end: what is not known
/// is no reason to trade.
public struct OFIVPINStrategy: Strategy {
  public struct Settings: Hashable, Sendable {
    /// Lots of each entry.
    public var lots: Int64
    /// The imbalance's column.
    public var ofiColumn = "ofi_norm_20s"
    public var vpinColumn = "vpin"
    /// The imbalance (or its z-score) beyond which it enters, either way.
    public var threshold = 1.0
    /// Rows over which the imbalance is standardised; `nil` takes it as it is.
    public var scoreWindow: Int?
    /// Entries need a VPIN below this.
    public var vpinEntry = 0.6
    /// Above this, everything is left.
    public var vpinExit = 0.8
    /// The longest time in a position, from the entry's decision.
    public var holding = TimeSpan.seconds(10)

    public init(lots: Int64) { self.lots = lots }
  }

  public let settings: Settings
  public var name: String { "ofi-vpin" }
  public var signalColumns: [String] { [settings.ofiColumn, settings.vpinColumn] }
  private var score: RollingScore?
  private var position: TimedTarget

  /// - Throws: `UsageError` where a setting makes no sense.
  public init(_ settings: Settings) throws {
    guard settings.lots > 0, settings.threshold >= 0, settings.holding > .zero,
      settings.vpinEntry <= settings.vpinExit, settings.scoreWindow ?? 2 >= 2
    else {
      throw UsageError(
        "ofi-vpin needs lots, threshold and holding above zero, vpin entry not above vpin exit, "
          + "and a score window of at least 2")
    }
    self.settings = settings
    score = settings.scoreWindow.map { RollingScore(window: $0) }
    position = TimedTarget(holding: settings.holding)
  }

  public mutating func receive(_ event: StrategyEvent, _ desk: inout TradingDesk) {
    switch event {
    case .signal:
      decide(desk.signals[0], vpin: desk.signals[1], desk)
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

  private mutating func decide(_ imbalance: Double, vpin: Double, _ desk: TradingDesk) {
    position.endIfDue(desk.now)
    if vpin > settings.vpinExit { position.leave() }
    guard !imbalance.isNaN else { return }
    guard let strength = score == nil ? imbalance : score!.push(imbalance) else { return }
    let direction: Int64 =
      strength > settings.threshold ? 1 : strength < -settings.threshold ? -1 : 0
    guard direction != 0 else { return }
    if position.lots.signum() == -direction { position.leave() }
    if position.isFlat(desk), vpin < settings.vpinEntry {
      position.enter(direction * settings.lots, at: desk.now)
    }
  }
}
