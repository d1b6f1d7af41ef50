public import HogaCore
public import HogaSim

/// Buys once and holds: what the market alone would have given.
public struct BuyAndHold: Strategy {
  /// Lots to hold; negative is sell and hold.
  public var lots: Int64
  public var name: String { "buy-and-hold" }

  public init(lots: Int64) { self.lots = lots }

  public mutating func receive(_ event: StrategyEvent, _ desk: inout TradingDesk) {
    switch event {
    case .start, .timer:
      desk.trade(toward: lots)
    case .order(let update) where update.isFinal && desk.position != lots:
      // Rejected or filled in part: try again, but not at the same instant.
      desk.wake(at: desk.now + .seconds(1))
    default:
      break
    }
  }
}

/// Enters in a random direction at random times and leaves after a fixed time.
///
/// It knows nothing, so its mean before costs is zero and its mean after costs is minus the costs:
/// a strategy has to beat it by more than chance.
public struct RandomEntry: Strategy {
  /// Lots of each entry.
  public var lots: Int64
  /// How often it draws.
  public var every: TimeSpan
  /// The chance of an entry at each draw while it is flat.
  public var probability: Double
  public var holding: TimeSpan
  public var name: String { "random-entry" }
  private var random: SeededRandom
  private var target: Int64 = 0
  private var exitTime: Timestamp?

  /// - Throws: `UsageError` where a setting makes no sense.
  public init(
    lots: Int64, every: TimeSpan = .seconds(1), probability: Double = 0.05,
    holding: TimeSpan = .seconds(10), seed: UInt64
  ) throws {
    guard lots > 0, every > .zero, holding > .zero, (0...1).contains(probability) else {
      throw UsageError("random entry needs lots and times above zero and a chance within 0…1")
    }
    self.lots = lots
    self.every = every
    self.probability = probability
    self.holding = holding
    random = SeededRandom(seed)
  }

  public mutating func receive(_ event: StrategyEvent, _ desk: inout TradingDesk) {
    switch event {
    case .start:
      desk.wake(at: (desk.now + TimeSpan(nanoseconds: 1)).roundedUp(to: every))
    case .timer:
      desk.wake(at: (desk.now + TimeSpan(nanoseconds: 1)).roundedUp(to: every))
      // Both numbers are drawn each time, so that fills do not change the sequence.
      let enters = random.uniform() < probability
      let buys = random.uniform() < 0.5
      if let exit = exitTime, desk.now >= exit {
        target = 0
        exitTime = nil
      } else if exitTime == nil, target == 0, enters, desk.position == 0 {
        target = buys ? lots : -lots
        exitTime = desk.now + holding
      }
      desk.trade(toward: target)
    default:
      break
    }
  }
}
