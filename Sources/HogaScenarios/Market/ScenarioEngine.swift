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

  /// Places an order δ ticks from the reference: bids below it and asks above it.
  ///
  /// Where the reference has moved past the opposite best price, those orders are stale, and the new
  /// one takes them up to its own price; what is left of it rests.
  private mutating func place(_ side: Side) {
    let value = reference.ticks
    let distance = settings.placement.distance(at: placementChance.uniform())
    let ticks =
      side == .buy
      ? max(1, Int64(value.rounded(.up)) - distance) : Int64(value.rounded(.down)) + distance
    let left = execute(side.opposite, settings.limitSizes.lots(&sizeChance), limit: ticks)
    guard left > 0 else { return }
    // Of the last order of a side, something stays.
    if let opposite = book.book.bestTicks(side.opposite), side.sign * (opposite - ticks) <= 0 {
      lapsedLots += left
      return
    }
    changes.append(book.add(side, ticks: ticks, lots: left))
  }

  /// Takes orders of a side, best first, down to a limit of their price where there is one.
  ///
  /// - Returns: lots that found no partner.
  private mutating func execute(_ side: Side, _ wanted: Int64, limit: Int64?) -> Int64 {
    var left = wanted
    while left > 0, let level = book.book.bestLevel(side) {
      if let limit, side.sign * (level.ticks - limit) < 0 { break }
      // The last order of a side is not taken whole: a market has two sides here.
      let isLast = book.count(side) == 1
      let lots = isLast ? min(left, level.lots - 1) : left
      guard lots > 0 else { break }
      let change = book.execute(side, lots: lots)
      changes.append(change)
      left -= change.lots
      if isLast { break }
    }
    return left
  }

  private mutating func take(_ side: Side) {
    let wanted = settings.marketSizes.lots(&sizeChance)
    let left = execute(side, wanted, limit: nil)
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
