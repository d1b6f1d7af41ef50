internal import HogaCore

/// What is measured of a market while it is made, in bounded memory: the stylised facts.
public struct ScenarioFacts: Hashable, Sendable {
  /// Seconds measured.
  public private(set) var duration = 0.0
  /// Ask minus bid on average over time, in ticks.
  public private(set) var meanSpread = 0.0
  /// Lots at the best bid and ask on average over time, of one side.
  public private(set) var meanTouchLots = 0.0
  /// Orders of one side on average over time.
  public private(set) var meanOrders = 0.0
  /// Orders that took others: market orders, and limit orders beyond the opposite best price.
  public private(set) var aggressors = 0
  /// Rows of `trades`.
  public private(set) var trades = 0
  public private(set) var tradedLots: Int64 = 0
  /// Standard deviation of the mid's logarithm over a minute, from returns of whole minutes; NaN
  /// below two of them.
  public var volatilityPerMinute: Double { minutes.deviation }
  /// Standard deviation over one second, times √60.
  public var volatilityPerMinuteFromSeconds: Double { seconds.deviation * 60.0.squareRoot() }
  /// Fourth moment over the squared second, of returns over one second: 3 for a normal law.
  public var kurtosis: Double { seconds.kurtosis }
  /// Autocorrelation of the signs of successive aggressors, at these distances.
  public var signAutocorrelation: [(lag: Int, value: Double)] {
    Self.lags.indices.map { (Self.lags[$0], signs.autocorrelation($0)) }
  }
  /// The largest fall of the mid from a peak, as a fraction of the peak.
  public private(set) var maxDrawdown = 0.0
  /// The smallest and largest mid, in ticks.
  public private(set) var lowestMid = Double.infinity
  public private(set) var highestMid = 0.0

  public static let lags = [1, 5, 20, 50]

  public var tradesPerSecond: Double { duration > 0 ? Double(trades) / duration : .nan }
  public var aggressorsPerSecond: Double { duration > 0 ? Double(aggressors) / duration : .nan }

  private var sums = (spread: 0.0, touch: 0.0, orders: 0.0)
  private var time: Double
  private var bid: Int64 = 0
  private var ask: Int64 = 0
  private var touch: Double = 0
  private var orders: Double = 0
  private var peak = 0.0
  private var seconds: Returns
  private var minutes: Returns
  private var signs = Signs()

  init(from time: Double) {
    self.time = time
    seconds = Returns(step: 1, from: time)
    minutes = Returns(step: 60, from: time)
  }

  /// Takes the book after an event, or at the start.
  mutating func observe(_ book: ScenarioBook, at next: Double) {
    advance(to: next)
    guard let bid = book.book.bestLevel(.buy), let ask = book.book.bestLevel(.sell) else { return }
    self.bid = bid.ticks
    self.ask = ask.ticks
    touch = Double(bid.lots + ask.lots) / 2
    orders = Double(book.book.orderCount) / 2
    let mid = Double(bid.ticks + ask.ticks) / 2
    peak = max(peak, mid)
    lowestMid = min(lowestMid, mid)
    highestMid = max(highestMid, mid)
    maxDrawdown = max(maxDrawdown, 1 - mid / peak)
  }

  mutating func traded(_ changes: [OrderChange]) {
    guard let first = changes.first, first.kind == .execute else { return }
    aggressors += 1
    for change in changes where change.kind == .execute {
      trades += 1
      tradedLots += change.lots
    }
    signs.append(Double(first.side.opposite.sign))
  }

  /// Moves the clock, with the book as it stands.
  mutating func advance(to next: Double) {
    let span = next - time
    guard span > 0, ask > 0 else {
      time = max(time, next)
      return
    }
    sums.spread += Double(ask - bid) * span
    sums.touch += touch * span
    sums.orders += orders * span
    duration += span
    meanSpread = sums.spread / duration
    meanTouchLots = sums.touch / duration
    meanOrders = sums.orders / duration
    let mid = Double(bid + ask) / 2
    seconds.advance(to: next, mid)
    minutes.advance(to: next, mid)
    time = next
  }

  public static func == (left: Self, right: Self) -> Bool { left.list == right.list }
  public func hash(into hasher: inout Hasher) { hasher.combine(list) }

  /// By their bits: what was not measured is NaN, and equal to itself.
  private var list: [UInt64] {
    let values = [
      duration, meanSpread, meanTouchLots, meanOrders, Double(trades), Double(tradedLots),
      maxDrawdown, lowestMid, highestMid, seconds.deviation, minutes.deviation,
    ]
    return values.map(\.bitPattern)
  }
}

/// Moments of logarithmic returns on a grid of time.
private struct Returns: Sendable {
  private let step: Double
  private let begin: Double
  private var taken = 0
  private var last: Double?
  private var count = 0.0
  private var powers = (one: 0.0, two: 0.0, three: 0.0, four: 0.0)

  init(step: Double, from begin: Double) {
    self.step = step
    self.begin = begin
  }

  /// The mid was `mid` up to `time`.
  mutating func advance(to time: Double, _ mid: Double) {
    while begin + Double(taken) * step < time {
      taken += 1
      let logarithm = PortableMath.log(mid)
      if let last {
        let value = logarithm - last
        count += 1
        powers.one += value
        powers.two += value * value
        powers.three += value * value * value
        powers.four += value * value * value * value
      }
      last = logarithm
    }
  }

  private var mean: Double { powers.one / count }
  private var variance: Double { powers.two / count - mean * mean }

  var deviation: Double {
    guard count > 1 else { return .nan }
    return max(0, variance * count / (count - 1)).squareRoot()
  }

  var kurtosis: Double {
    guard count > 3, variance > 0 else { return .nan }
    let m = mean
    let fourth =
      powers.four / count - 4 * m * powers.three / count + 6 * m * m * powers.two / count
      - 3 * m * m * m * m
    return fourth / (variance * variance)
  }
}

/// Products of successive signs.
private struct Signs: Sendable {
  private var ring = [Double](repeating: 0, count: 64)
  private var count = 0
  private var sum = 0.0
  private var products = [Double](repeating: 0, count: ScenarioFacts.lags.count)

  mutating func append(_ sign: Double) {
    for (index, lag) in ScenarioFacts.lags.enumerated() where count >= lag {
      products[index] += sign * ring[(count - lag) & 63]
    }
    ring[count & 63] = sign
    count += 1
    sum += sign
  }

  func autocorrelation(_ index: Int) -> Double {
    let pairs = count - ScenarioFacts.lags[index]
    guard pairs > 0 else { return .nan }
    let mean = sum / Double(count)
    let variance = 1 - mean * mean
    return variance > 0 ? (products[index] / Double(pairs) - mean * mean) / variance : .nan
  }
}
