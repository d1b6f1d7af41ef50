public import HogaCore

/// A payment between longs and shorts of a perpetual future.
public struct BarFunding: Hashable, Sendable {
  public var time: Timestamp
  /// The place among the market's instruments.
  public var symbol: Int
  /// What longs pay, as a fraction of the position's worth; below zero they receive.
  public var rate: Double
  /// What positions are valued at; NaN takes the last close before.
  public var mark: Double

  public init(time: Timestamp, symbol: Int, rate: Double, mark: Double = .nan) {
    self.time = time
    self.symbol = symbol
    self.rate = rate
    self.mark = mark
  }
}

/// Where bars come from, block by block in the order of time.
///
/// A source of many days holds one of them at a time, so a run over a year takes no more memory than
/// one over a week.
public protocol BarSource {
  /// In the order of the columns.
  var instruments: [BarInstrument] { get }
  var interval: TimeSpan { get }
  /// The next bars and the funding due while they last, by time; `nil` after the last.
  ///
  /// Each block begins where the one before ended.
  mutating func next() throws -> (bars: BarBlock, funding: [BarFunding])?
}

/// A market in memory.
public struct BarMarket: Sendable {
  public let instruments: [BarInstrument]
  public let interval: TimeSpan
  public let blocks: [BarBlock]
  /// By time.
  public let funding: [BarFunding]

  /// - Throws: `UsageError` where symbols come twice, a block has other symbols or another
  ///   interval, or does not begin where the one before ended.
  public init(
    instruments: [BarInstrument], blocks: [BarBlock], funding: [BarFunding] = []
  ) throws(UsageError) {
    guard let first = blocks.first else { throw UsageError("a market without a bar") }
    guard !instruments.isEmpty, Set(instruments.map(\.symbol)).count == instruments.count else {
      throw UsageError("a market has one symbol or more, each once")
    }
    var end = first.start
    for block in blocks {
      guard block.symbolCount == instruments.count, block.interval == first.interval,
        block.start == end
      else {
        throw UsageError(
          "the bars from \(block.start) on do not continue those before, which end at \(end)")
      }
      end = block.end
    }
    guard zip(funding, funding.dropFirst()).allSatisfy({ $0.time <= $1.time }),
      funding.allSatisfy({ instruments.indices.contains($0.symbol) })
    else { throw UsageError("funding is sorted by time and of symbols that are there") }
    self.instruments = instruments
    self.interval = first.interval
    self.blocks = blocks
    self.funding = funding
  }

  public var rowCount: Int { blocks.reduce(0) { $0 + $1.rowCount } }
  /// The open time of the first bar.
  public var start: Timestamp { blocks[0].start }

  /// Plays this market once.
  public func source() -> some BarSource { MemorySource(market: self) }
}

private struct MemorySource: BarSource {
  let market: BarMarket
  private var block = 0
  private var paid = 0

  init(market: BarMarket) { self.market = market }

  var instruments: [BarInstrument] { market.instruments }
  var interval: TimeSpan { market.interval }

  mutating func next() -> (bars: BarBlock, funding: [BarFunding])? {
    guard block < market.blocks.count else { return nil }
    defer { block += 1 }
    let bars = market.blocks[block]
    let first = paid
    while paid < market.funding.count, market.funding[paid].time < bars.end { paid += 1 }
    return (bars, market.funding[first..<paid].filter { $0.time >= bars.start })
  }
}
