internal import HogaCore

/// The account on a time grid: the state after all events up to each grid time.
struct EquityRecorder {
  private let interval: Int64
  private let contract: Contract
  private(set) var times: [Int64] = []
  private(set) var equity: [Money] = []
  private(set) var cash: [Money] = []
  private(set) var positions: [Int64] = []
  private(set) var halfTicks: [Int64] = []
  private var funding: [Money] = []
  /// The best own quotes at the exchange; `Column.missing` where there is none.
  private var bids: [Int64] = []
  private var asks: [Int64] = []
  /// The next grid time; `Int64.max` before the first mid.
  private(set) var nextTime = Int64.max

  /// More samples than this are refused: a wrong time in the data would otherwise fill the memory.
  static let maximumSamples: Int64 = 50_000_000

  init(interval: TimeSpan, contract: Contract) {
    self.interval = interval.nanoseconds
    self.contract = contract
  }

  /// The first sample is the capital before the first fill, at the grid time at or before `time`.
  mutating func begin(at time: Int64) {
    let next = Timestamp(nanoseconds: time).roundedUp(to: TimeSpan(nanoseconds: interval))
    nextTime = next.nanoseconds == time ? time : next.nanoseconds - interval
  }

  /// Records every grid time before `time`, none of which has seen an event since the last.
  mutating func record(
    before time: Int64, _ account: Account, halfTicks mid: Int64, bid: Int64, ask: Int64
  ) throws {
    let worth = try account.equity(contract, halfTicks: mid)
    guard (time - nextTime) / interval + Int64(times.count) < Self.maximumSamples else {
      throw DataError(
        "equity from \(Timestamp(nanoseconds: times.first ?? nextTime)) to "
          + "\(Timestamp(nanoseconds: time)) needs over \(Self.maximumSamples) samples: "
          + "check the data's times, or choose a longer sample interval")
    }
    while nextTime < time {
      times.append(nextTime)
      equity.append(worth)
      cash.append(account.cash)
      positions.append(account.position)
      halfTicks.append(mid)
      funding.append(account.funding)
      bids.append(bid)
      asks.append(ask)
      nextTime += interval
    }
  }

  var frame: Frame {
    Frame([
      ("time", .timestamp(times)),
      ("equity", .double(equity.map(\.value))),
      ("position", .decimal(positions, scale: contract.instrument.sizeDecimals)),
      ("mid", .double(halfTicks.map { contract.price(halfTicks: $0) })),
      ("cash", .double(cash.map(\.value))),
      ("funding", .double(funding.map(\.value))),
      ("bid", .decimal(bids, scale: contract.instrument.priceDecimals)),
      ("ask", .decimal(asks, scale: contract.instrument.priceDecimals)),
    ])
  }
}
