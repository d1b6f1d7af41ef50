internal import HogaCore

/// How a resting order's place in the queue at its price is estimated.
///
/// By-level feeds show a level's size and not who stands where. An order joins behind all that is
/// shown. Trades at the price always take from the front. What else makes the level smaller are
/// cancels, and the models differ in where they are thought to stand: with `f` lots in front and `b`
/// behind, a share `p(f, b)` of the cancelled lots is taken from behind and the rest from the front.
///
/// Sources: R. Cont, S. Stoikov, R. Talreja, "A stochastic model for order book dynamics", Operations
/// Research 58(3), 2010, for the setting; E. Rigtorp, "Estimating order queue position", 2013, for
/// the proportional share; the functional forms are those documented by hftbacktest.
public enum QueueModel: Hashable, Sendable {
  /// All cancels stand behind: only trades advance, and the level's size bounds what is in front.
  case riskAverse
  /// `p = bⁿ / (bⁿ + fⁿ)`: n = 1 cancels evenly.
  case power(Double)
  /// `p = bⁿ / (b + f)ⁿ`.
  case power2(Double)
  /// `p = 1 − (f / (f + b))ⁿ`.
  case power3(Double)
  /// `p = ln(1 + b) / (ln(1 + b) + ln(1 + f))`, with sizes in units or contracts, not lots: unlike
  /// the powers, it depends on the unit.
  case log
  /// `p = ln(1 + b) / ln(1 + b + f)`, with sizes in units or contracts.
  case log2
  /// Every order is known: the true queue. Needs a market of the table `orders`.
  case trueQueue

  /// The share of cancelled lots that stands behind.
  ///
  /// - Parameters:
  ///   - front: what is in front, in units or contracts, at least 0.
  ///   - back: what is behind, at least 0.
  /// - Returns: 1 where the formula has no value (an empty level).
  public func shareBehind(front: Double, back: Double) -> Double {
    let share: Double
    switch self {
    case .riskAverse, .trueQueue: return 1
    case .power(let n):
      let (behind, before) = (PortableMath.power(back, n), PortableMath.power(front, n))
      share = behind / (behind + before)
    case .power2(let n):
      share = PortableMath.power(back, n) / PortableMath.power(back + front, n)
    case .power3(let n):
      share = 1 - PortableMath.power(front / (front + back), n)
    case .log:
      let (behind, before) = (PortableMath.log(1 + back), PortableMath.log(1 + front))
      share = behind / (behind + before)
    case .log2:
      share = PortableMath.log(1 + back) / PortableMath.log(1 + back + front)
    }
    return share.isFinite ? share : 1
  }
}

extension QueueModel: CustomStringConvertible {
  /// As settings spell it: `risk-averse`, `power 3`, `power2 3`, `power3 3`, `log`, `log2`, `true`.
  public init?(_ text: String) {
    let words = text.split(separator: " ")
    let exponent = words.count == 2 ? Double(words[1]) : nil
    switch (words.first, words.count, exponent) {
    case ("risk-averse", 1, _): self = .riskAverse
    case ("log", 1, _): self = .log
    case ("log2", 1, _): self = .log2
    case ("true", 1, _): self = .trueQueue
    case ("power", 2, let n?) where n > 0 && n <= 100: self = .power(n)
    case ("power2", 2, let n?) where n > 0 && n <= 100: self = .power2(n)
    case ("power3", 2, let n?) where n > 0 && n <= 100: self = .power3(n)
    default: return nil
    }
  }

  public var description: String {
    func number(_ n: Double) -> String { n == n.rounded() ? "\(Int(n))" : "\(n)" }
    return switch self {
    case .riskAverse: "risk-averse"
    case .power(let n): "power \(number(n))"
    case .power2(let n): "power2 \(number(n))"
    case .power3(let n): "power3 \(number(n))"
    case .log: "log"
    case .log2: "log2"
    case .trueQueue: "true"
    }
  }
}
