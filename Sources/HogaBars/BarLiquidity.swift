internal import HogaCore

/// What is known of each symbol's liquidity from bars that have closed: volatility and volume.
struct BarLiquidity {
  private let weight: Double
  private let window: Int
  private var lastClose: [Double]
  private var variance: [Double]
  private var meanVolume: [Double]
  private var returns: [Int]
  private var volumes: [Int]

  init(symbols: Int, window: Int) {
    weight = 2 / (Double(window) + 1)
    self.window = window
    lastClose = [Double](repeating: .nan, count: symbols)
    variance = [Double](repeating: 0, count: symbols)
    meanVolume = [Double](repeating: 0, count: symbols)
    returns = [Int](repeating: 0, count: symbols)
    volumes = [Int](repeating: 0, count: symbols)
  }

  /// Takes in a bar that has closed. Symbols without one keep what they had.
  mutating func close(_ bars: BarBlock, row: Int) {
    let base = row * bars.symbolCount
    for symbol in lastClose.indices {
      let close = bars.close[base + symbol]
      guard !close.isNaN else { continue }
      if !lastClose[symbol].isNaN {
        let change = close / lastClose[symbol] - 1
        variance[symbol] =
          returns[symbol] == 0
          ? change * change : variance[symbol] + weight * (change * change - variance[symbol])
        returns[symbol] += 1
      }
      lastClose[symbol] = close
      let volume = bars.volume[base + symbol]
      guard !volume.isNaN else { continue }
      meanVolume[symbol] =
        volumes[symbol] == 0 ? volume : meanVolume[symbol] + weight * (volume - meanVolume[symbol])
      volumes[symbol] += 1
    }
  }

  /// The impact of a trade as a fraction of the price over the coefficient, `σ √(Q / V)`; `nil`
  /// where too little is known.
  func squareRoot(_ symbol: Int, size: Double) -> Double? {
    guard returns[symbol] >= window, volumes[symbol] >= window, meanVolume[symbol] > 0 else {
      return nil
    }
    return variance[symbol].squareRoot() * (size / meanVolume[symbol]).squareRoot()
  }
}
