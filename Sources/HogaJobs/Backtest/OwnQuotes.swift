internal import HogaCore

/// The best own prices that rested at the exchange at each sample of equity; NaN where none did.
struct OwnQuotes {
  let bids: [Double]
  let asks: [Double]

  var hasAny: Bool { bids.contains { !$0.isNaN } || asks.contains { !$0.isNaN } }

  /// Takes them from the samples where they are recorded, else from the orders' lives.
  init(_ tables: BacktestTables) throws {
    if let bids = try tables.equity.known("bid"), let asks = try tables.equity.known("ask") {
      (self.bids, self.asks) = (bids, asks)
      return
    }
    let orders = tables.orders
    let arrivals = try orders.int64s("exchange_arrival")
    let ends = try orders.int64s("end_time")
    let prices = try orders.doubles("price")
    let sides = try orders.doubles("side")
    // Orders that end as they arrive took or were rejected: they never rested.
    let resting = arrivals.indices.filter {
      arrivals[$0] != Column.missing && !prices[$0].isNaN && ends[$0] != arrivals[$0]
    }.sorted { (arrivals[$0], $0) < (arrivals[$1], $1) }
    var next = 0
    var open: [Int] = []
    var (bids, asks): ([Double], [Double]) = ([], [])
    for time in try tables.equity.int64s("time") {
      while next < resting.count, arrivals[resting[next]] <= time {
        open.append(resting[next])
        next += 1
      }
      open.removeAll { ends[$0] != Column.missing && ends[$0] <= time }
      bids.append(open.filter { sides[$0] > 0 }.map { prices[$0] }.max() ?? .nan)
      asks.append(open.filter { sides[$0] < 0 }.map { prices[$0] }.min() ?? .nan)
    }
    (self.bids, self.asks) = (bids, asks)
  }
}
