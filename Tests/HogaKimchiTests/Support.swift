import Foundation
import HogaCore
import HogaKimchi

let hour: Int64 = 3_600_000_000_000

/// A market of hourly candles, random but for its seed: both legs follow one price, and a premium
/// between them reverts to its mean.
struct RandomMarket {
  var market = PremiumMarket(korean: Quotes(), foreign: Quotes(), fx: Quotes())
  let start = 1500 * hour
  let hours: Int

  init(seed: UInt64, hours: Int, holes: Double = 0.03, reversion: Double = 0.05) throws {
    self.hours = hours
    var random = SeededRandom(seed)
    func normal() -> Double {
      (0..<12).reduce(-6) { sum, _ in sum + random.uniform() }
    }
    var price = 4000 * (1 + random.uniform() * 10)
    var premium = 0.05 * normal()
    var rate = 1100 + 100 * random.uniform()
    for index in 0..<hours {
      let opened = start + Int64(index) * hour
      let (open, openPremium) = (price, premium)
      price *= 1 + 0.01 * normal()
      premium += -reversion * premium + 0.008 * normal()
      if random.uniform() > holes {
        try market.foreign.append(
          opened: opened, known: opened + hour, open: open, close: price,
          volume: 100 * random.uniform() + 1)
      }
      if random.uniform() > holes {
        try market.korean.append(
          opened: opened, known: opened + hour,
          open: (open * rate * (1 + openPremium)).rounded(),
          close: (price * rate * (1 + premium)).rounded(), volume: 50 * random.uniform() + 1)
      }
      if index % 24 == 15 {
        rate *= 1 + 0.004 * normal()
        try market.fx.append(
          opened: opened - 15 * hour, known: opened, open: rate, close: rate, volume: .nan)
      }
    }
  }

  var grid: PremiumGrid {
    get throws {
      try PremiumGrid(
        from: Timestamp(nanoseconds: start),
        to: Timestamp(nanoseconds: start + Int64(hours) * hour),
        every: .seconds(3600))
    }
  }

  static let settings = try! KimchiSettings(
    every: .seconds(3600), changes: [.seconds(3600), .seconds(6 * 3600)],
    windows: [.seconds(12 * 3600), .seconds(48 * 3600)])

  func series(_ limits: KimchiPremium.Limits = .init()) throws -> PremiumSeries {
    PremiumSeries(market, grid: try grid, limits: limits)
  }
}

/// The bits of a frame's numbers, where all missing values are one.
func bits(_ frame: Frame, rows: Range<Int>) throws -> [[UInt64]] {
  try frame.names.map { name in
    try frame.doubles(name)[rows].map { $0.isNaN ? Double.nan.bitPattern : $0.bitPattern }
  }
}

extension JSONValue {
  var numbers: [Double] {
    guard case .array(let values) = self else { return [] }
    return values.map {
      switch $0 {
      case .double(let value): value
      case .int(let value): Double(value)
      default: .nan
      }
    }
  }
  var integers: [Int64] {
    guard case .array(let values) = self else { return [] }
    return values.compactMap { if case .int(let value) = $0 { value } else { nil } }
  }
}
