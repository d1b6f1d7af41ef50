public import HogaCore

/// Decides which share of the equity each symbol should have.
///
/// A value that is asked at each rebalancing and told nothing but bars that have closed. What it
/// decides trades at a price of a later bar.
public protocol BarStrategy: Sendable {
  /// What results and reports call it; no two of a run share one.
  var name: String { get }
  /// How many bars before the last closed one it looks at; it is not asked before they are there.
  var lookback: Int { get }

  /// Writes weights: 0.1 is a tenth of the equity, −0.1 a short position of as much. A symbol whose
  /// weight is not written keeps its position.
  mutating func decide(_ view: BarView, _ targets: inout BarTargets) throws
}

/// All that is known when a bar has closed. There is no way from here to a later bar.
public struct BarView: Sendable {
  private let history: BarHistory
  /// Of the last closed bar, counted from the run's first.
  private let row: Int
  /// When the last bar closed: now.
  public let time: Timestamp
  /// The account's worth at the last closes, in units of currency.
  public let equity: Double
  /// The present weights: the worth of positions at their last closes over the equity.
  public let weights: [Double]

  init(history: BarHistory, row: Int, time: Timestamp, equity: Double, weights: [Double]) {
    self.history = history
    self.row = row
    self.time = time
    self.equity = equity
    self.weights = weights
  }

  /// The market's symbols; a symbol's place here is its number in bars, weights and targets.
  public var symbols: [String] { history.symbols }
  /// How many symbols there are, those without a bar too.
  public var symbolCount: Int { history.symbols.count }

  /// The bars of one time.
  ///
  /// - Parameter ago: 0 is the bar that has just closed, 1 the one before.
  /// - Precondition: `ago` is in `0...lookback`.
  public func bars(ago: Int) -> BarRow {
    precondition((0...history.lookback).contains(ago), "\(ago) bars ago is not in 0...lookback")
    return history.bars(row - ago)
  }
}

/// The bars of all symbols at one time. NaN where a symbol had none.
public struct BarRow: Sendable {
  private let block: BarBlock
  private let base: Int

  init(block: BarBlock, row: Int) {
    self.block = block
    base = row * block.symbolCount
  }

  /// The first price, in units of currency; NaN where the symbol had no bar.
  public func open(_ symbol: Int) -> Double { block.open[place(symbol)] }
  /// The highest price, in units of currency; NaN where the symbol had no bar.
  public func high(_ symbol: Int) -> Double { block.high[place(symbol)] }
  /// The lowest price, in units of currency; NaN where the symbol had no bar.
  public func low(_ symbol: Int) -> Double { block.low[place(symbol)] }
  /// The last price, in units of currency; NaN where the symbol had no bar.
  public func close(_ symbol: Int) -> Double { block.close[place(symbol)] }
  /// In base units; NaN where it is not known.
  public func volume(_ symbol: Int) -> Double {
    block.volume.isEmpty ? .nan : block.volume[place(symbol)]
  }
  /// In units of currency; NaN where it is not known.
  public func quoteVolume(_ symbol: Int) -> Double {
    block.quoteVolume.isEmpty ? .nan : block.quoteVolume[place(symbol)]
  }
  /// Whether the symbol had a bar.
  public func isPresent(_ symbol: Int) -> Bool { !close(symbol).isNaN }

  /// A larger number would be a later bar.
  private func place(_ symbol: Int) -> Int {
    precondition((0..<block.symbolCount).contains(symbol), "no symbol \(symbol)")
    return base + symbol
  }
}

/// The weights that a strategy wants.
public struct BarTargets: Sendable {
  /// NaN keeps the position as it is.
  package private(set) var weights: [Double]

  init(count: Int) { weights = [Double](repeating: .nan, count: count) }

  public var count: Int { weights.count }

  public subscript(symbol: Int) -> Double {
    get { weights[symbol] }
    set { weights[symbol] = newValue }
  }

  /// Gives all symbols one weight.
  public mutating func fill(_ weight: Double) {
    for symbol in weights.indices { weights[symbol] = weight }
  }
}

/// The blocks that views may look into: the present one, and before it as many as strategies need.
struct BarHistory: Sendable {
  let symbols: [String]
  let lookback: Int
  /// With the number of each one's first row; the present one is the last.
  private var blocks: [(block: BarBlock, first: Int)] = []

  init(symbols: [String], lookback: Int) {
    self.symbols = symbols
    self.lookback = lookback
  }

  /// The number of the row after the last.
  var end: Int { blocks.last.map { $0.first + $0.block.rowCount } ?? 0 }

  mutating func append(_ block: BarBlock) {
    let first = end
    blocks.append((block, first))
    blocks.removeAll { $0.first + $0.block.rowCount < first - lookback }
  }

  /// - Precondition: the row is one of the blocks'.
  func bars(_ row: Int) -> BarRow {
    var index = blocks.count - 1
    while blocks[index].first > row { index -= 1 }
    return BarRow(block: blocks[index].block, row: row - blocks[index].first)
  }
}
