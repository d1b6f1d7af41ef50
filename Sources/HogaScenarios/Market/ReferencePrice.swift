internal import HogaCore

/// The price around which orders are placed: the fundamental and what trades have moved it by.
struct ReferencePrice: Sendable {
  private let start: Double
  private let impact: ImpactSettings
  private let jumpDeviation: Double
  private let volatility: Double
  private let jumpRate: Double
  private var time: Double
  private var chance: Chance
  /// Logarithms, against the price at the start.
  private var fundamental = 0.0
  private var displacement = 0.0
  /// Until the next jump, in jumps to be expected.
  private var jumpWait: Double
  private(set) var jumps = 0
  /// Of the present phase.
  var volatilityFactor = 1.0
  var impactFactor = 1.0

  init(_ settings: ScenarioSettings, time: Double, seed: UInt64) {
    start = Double(settings.startPrice)
    impact = settings.impact
    jumpDeviation = settings.fundamental.jumpDeviation
    volatility = settings.fundamental.volatilityPerMinute / 60.0.squareRoot()
    jumpRate = settings.fundamental.jumpsPerHour / 3600
    self.time = time
    chance = Chance(seed: seed, stream: 1)
    jumpWait = chance.exponential()
  }

  /// Prices stay within these ticks, whatever the walk does.
  private static let range = 1.0...1e13

  /// In ticks, not rounded.
  var ticks: Double { Self.bounded(start * PortableMath.exp(fundamental + displacement)) }
  var fundamentalTicks: Double { Self.bounded(start * PortableMath.exp(fundamental)) }

  private static func bounded(_ value: Double) -> Double {
    min(max(value, range.lowerBound), range.upperBound)
  }

  mutating func advance(to next: Double) {
    let span = next - time
    guard span > 0 else { return }
    time = next
    fundamental += volatility * volatilityFactor * span.squareRoot() * chance.normal()
    jumpWait -= jumpRate * volatilityFactor * span
    while jumpWait <= 0 {
      fundamental += jumpDeviation * chance.normal()
      jumps += 1
      jumpWait += chance.exponential()
    }
    displacement *= PortableMath.exp(-impact.decay * span)
  }

  mutating func traded(_ lots: Int64, aggressor: Side) {
    displacement += Double(aggressor.sign) * impact.perLot * impactFactor * Double(lots)
  }
}
