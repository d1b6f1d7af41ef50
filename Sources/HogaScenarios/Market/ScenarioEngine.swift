internal import HogaCore

/// The market itself: takes events of the flow, changes the book, and says how.
struct ScenarioEngine: Sendable {
  let settings: ScenarioSettings
  private(set) var book: ScenarioBook
  var reference: ReferencePrice
  /// What the last event did, change by change.
  private(set) var changes: [OrderChange] = []
  /// Lots that market orders did not get, because one order has to stay.
  private(set) var lapsedLots: Int64 = 0

  private var placementChance: Chance
  private var sizeChance: Chance
  private var cancelChance: Chance

  init(_ settings: ScenarioSettings, time: Double, seed: UInt64) {
    self.settings = settings
    book = ScenarioBook(
      orders: 2 * Int(settings.expectedOrders(.buy) + settings.expectedOrders(.sell)))
    reference = ReferencePrice(settings, time: time, seed: seed)
    placementChance = Chance(seed: seed, stream: 2)
    sizeChance = Chance(seed: seed, stream: 3)
    cancelChance = Chance(seed: seed, stream: 4)
    for side in Side.allCases {
      for _ in 0..<max(2, Int(settings.expectedOrders(side))) { place(side) }
    }
    changes.removeAll(keepingCapacity: true)
  }

  mutating func apply(_ kind: FlowKind, at time: Double) {
    changes.removeAll(keepingCapacity: true)
    reference.advance(to: time)
    switch kind {
    case .marketBuy: take(.sell)
    case .marketSell: take(.buy)
    case .limitBid: place(.buy)
    case .limitAsk: place(.sell)
    case .cancelBid: cancel(.buy)
    case .cancelAsk: cancel(.sell)
    }
  }

  /// Places an order δ ticks from the opposite best price, or from the reference where that is
  /// nearer to the own side: nobody bids above or offers below what orders are placed around.
  private mutating func place(_ side: Side) {
    let value = reference.ticks
    let opposite = book.book.bestTicks(side.opposite)
    let distance = settings.placement.distance(at: placementChance.uniform())
    let ticks: Int64
    if side == .buy {
      let limit = Int64(value) + 1
      ticks = max(1, min(opposite ?? limit, limit) - distance)
    } else {
      let limit = Int64(value.rounded(.up)) - 1
      ticks = max(opposite ?? limit, limit) + distance
    }
    // At the lowest price of all, bids would meet an ask there.
    if side == .buy, let opposite, ticks >= opposite { return }
    let lots = settings.limitSizes.lots(&sizeChance)
    changes.append(book.add(side, ticks: ticks, lots: lots))
  }

  private mutating func take(_ side: Side) {
    let wanted = settings.marketSizes.lots(&sizeChance)
    var left = wanted
    while left > 0 {
      // The last order of a side is not taken whole: a market has two sides here.
      let isLast = book.count(side) == 1
      var lots = left
      if isLast {
        guard let level = book.book.bestLevel(side), level.lots > 1 else { break }
        lots = min(left, level.lots - 1)
      }
      let change = book.execute(side, lots: lots)
      changes.append(change)
      left -= change.lots
      if isLast { break }
    }
    lapsedLots += left
    reference.traded(wanted - left, aggressor: side.opposite)
  }

  private mutating func cancel(_ side: Side) {
    let share = Double(book.count(side)) / settings.cancellation.orders
    var count = Int(share)
    if cancelChance.uniform() < share - Double(count) { count += 1 }
    for _ in 0..<count {
      guard book.count(side) > 1 else { break }
      changes.append(
        book.cancel(side, partialShare: settings.cancellation.partialShare, &cancelChance))
    }
  }
}
