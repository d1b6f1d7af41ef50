internal import HogaCore

/// What trades are worth in quote currency, kept as exact counts until the end.
struct QuoteValue: Sendable {
  private let settlement: Instrument.Settlement
  /// Amounts are counts of 1/scale.
  let scale: Double

  init(_ instrument: Instrument) {
    settlement = instrument.settlement
    switch instrument.settlement {
    case .linear:
      scale = instrument.priceScale * instrument.sizeScale / instrument.multiplier
    case .inverse:
      // A contract is a fixed amount of quote currency, whatever the price.
      scale = instrument.sizeScale / instrument.multiplier
    }
  }

  func amount(notional: Int128, lots: Int128) -> Int128 {
    settlement == .linear ? notional : lots
  }
}
