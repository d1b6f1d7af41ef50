package import HogaCore

/// An exchange alone, without a strategy's side: requests are carried out at given times.
///
/// For tests of matching; a backtest's requests come through `Gateway`, which refuses some itself.
package struct MatchingProbe {
  package enum Report: Hashable, Sendable {
    case accepted
    case rejected(RejectReason)
    /// `ahead` is the queue in front at the match; `nil` for a taker.
    case filled(price: Int64, lots: Int64, FillReason, ahead: Double?)
    case cancelled(CancelReason, lots: Int64)
    case cancelRejected
    case amended(price: Int64, lots: Int64)
    case amendRejected(RejectReason)
  }

  private var exchange: Exchange
  private var market: MarketCursor
  /// Lots that each order still has open, as its reports say.
  private var open: [OrderID: Int64] = [:]
  package private(set) var reports: [(time: Int64, id: Int64, report: Report)] = []

  package init(_ contract: Contract, _ settings: SimulationSettings, _ tape: MarketTape) throws {
    exchange = try Exchange(
      contract: contract, settings: settings, isOrderByOrder: tape.isOrderByOrder)
    market = try MarketCursor(
      book: tape.book(), trades: tape.trades(), clock: .exchange, feed: .recorded(), seed: 0)
  }

  /// Lots in front of the first own order of a side, or `nil`.
  package func front(_ side: Side) -> Double? { exchange[side].orders.first?.queue.front }
  package var account: Account { exchange.account }
  package var position: Int64 { exchange.position }

  /// Plays all events up to a time, that instant included.
  package mutating func play(through time: Int64) throws {
    while market.nextTime <= time, market.nextTime < .max {
      let now = market.nextTime
      if market.nextIsTrade {
        let print = market.print
        try market.skipTrade()
        if exchange.isTouched(by: print) { try exchange.fillPrinted(print, at: now) }
      } else {
        _ = try market.apply(to: &exchange, at: now)
      }
      collect(at: now)
    }
  }

  package mutating func place(_ id: Int64, _ request: OrderRequest, at time: Int64) throws {
    open[OrderID(id)] = request.lots
    try receive(id, .place(request, decision(time)), at: time)
  }

  package mutating func amend(
    _ id: Int64, price: Price?, lots: Int64?, at time: Int64
  ) throws {
    try receive(id, .amend(price: price, lots: lots, decision(time)), at: time)
  }

  package mutating func cancel(_ id: Int64, at time: Int64) throws {
    try receive(id, .cancel, at: time)
  }

  private func decision(_ time: Int64) -> Decision {
    Decision(time: time, feedLatency: 0, halfTicks: exchange.halfTicks)
  }

  private mutating func receive(
    _ id: Int64, _ kind: ExchangeRequest.Kind, at time: Int64
  ) throws {
    try play(through: time)
    try exchange.receive(ExchangeRequest(id: OrderID(id), kind: kind), at: time)
    collect(at: time)
  }

  private mutating func collect(at time: Int64) {
    for report in exchange.reports {
      let (id, text) = translate(report)
      reports.append((time, id.number, text))
    }
    exchange.reports.removeAll()
  }

  private mutating func translate(_ report: ExchangeReport) -> (OrderID, Report) {
    switch report {
    case .accepted(let id, let lots):
      open[id] = lots
      return (id, .accepted)
    case .rejected(let id, let reason): return (id, .rejected(reason))
    case .filled(let fill, let remaining):
      open[fill.order] = remaining
      return (
        fill.order,
        .filled(
          price: fill.price.ticks, lots: fill.lots, fill.reason, ahead: fill.queue?.front)
      )
    case .cancelled(let id, let reason, _):
      return (id, .cancelled(reason, lots: open[id] ?? 0))
    case .cancelRejected(let id): return (id, .cancelRejected)
    case .amended(let id, let price, let remaining):
      open[id] = remaining
      return (id, .amended(price: price.ticks, lots: remaining))
    case .amendRejected(let id, let reason): return (id, .amendRejected(reason))
    }
  }
}
