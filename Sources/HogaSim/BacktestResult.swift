public import HogaCore
public import HogaStatistics

/// What a backtest found out.
public struct BacktestResult: Sendable {
  public let strategy: String
  public let contract: Contract
  public let settings: SimulationSettings
  /// How queues were known: the model of the settings, or what the market allowed where they name none.
  public let queueModel: QueueModel
  /// Every order, in the order of the decisions.
  public let orderLog: [OrderRecord]
  /// Every fill, in the order of the matches.
  public let fillLog: [Fill]
  public let roundTrips: [RoundTrip]
  /// Cash, position and fees at the end.
  public let account: Account
  /// Twice the closing mid in ticks; 0 where there never was a mid.
  public let closingHalfTicks: Int64
  /// `time`, `equity`, `position`, `mid`, `cash`; money in settlement currency.
  public let equity: Frame
  public let statistics: PerformanceStatistics
  public let tradeStatistics: TradeStatistics
  /// From gross to net, all fills together, marked at the closing mid.
  public let waterfall: CostParts
  /// How many orders were rejected and why, in the order of `RejectReason.allCases`.
  public let rejections: [(reason: RejectReason, count: Int)]
  public let clocks: ClockReport
  /// Market events played: levels or orders changed, and trades.
  public let eventCount: Int64
  /// The loss limit stopped trading.
  public let isStopped: Bool
  /// The venue closed the position because its margin was used up.
  public let isLiquidated: Bool

  init(
    strategy: String, contract: Contract, settings: SimulationSettings,
    queueModel: QueueModel, log: RunLog, account: Account, closingHalfTicks: Int64,
    recorder: EquityRecorder, clocks: ClockReport,
    eventCount: Int64, isStopped: Bool, isLiquidated: Bool
  ) throws(DataError) {
    self.strategy = strategy
    self.contract = contract
    self.settings = settings
    self.queueModel = queueModel
    orderLog = log.orders
    fillLog = log.fills
    self.account = account
    self.closingHalfTicks = closingHalfTicks
    self.clocks = clocks
    self.eventCount = eventCount
    self.isStopped = isStopped
    self.isLiquidated = isLiquidated
    equity = recorder.frame
    rejections = RejectReason.allCases.compactMap { reason in
      log.rejections[reason].map { (reason, $0) }
    }
    roundTrips = try RoundTrip.all(of: log.fills, contract: contract)
    waterfall = try account.costs(contract, halfTicks: closingHalfTicks)
    statistics = PerformanceStatistics(
      times: recorder.times, equity: recorder.equity.map(\.value),
      periodsPerYear: settings.periodsPerYear,
      minimumSpanToAnnualise: settings.minimumSpanToAnnualise)
    tradeStatistics = try TradeStatistics(
      fills: log.fills, roundTrips: roundTrips, contract: contract,
      initialCapital: settings.initialCapital, start: recorder.times.first ?? 0,
      end: recorder.times.last ?? 0)
  }

  /// Profit after all costs, marked at the closing mid, in settlement currency.
  public var net: Money { waterfall.net }

  /// `net` in quote currency: for inverse contracts at the closing mid.
  public var netInQuote: Double { contract.inQuote(net, halfTicks: closingHalfTicks) }

  /// A digest of the fills: equal runs have equal ones, on every machine.
  ///
  /// FNV-1a with 64 bits over each fill's order, side, price, lots, fee, role and exchange time,
  /// as little-endian 64-bit words.
  public var fingerprint: UInt64 { digest.value }

  private var digest: FNV1a {
    var digest = FNV1a()
    for fill in fillLog {
      digest.add(fill.order.number)
      digest.add(fill.side.sign)
      digest.add(fill.price.ticks)
      digest.add(fill.lots)
      digest.add(Int64(truncatingIfNeeded: fill.fee.units))
      digest.add(Int64(truncatingIfNeeded: fill.fee.units >> 64))
      digest.add(fill.isMaker ? 1 : 0)
      digest.add(fill.exchangeTime)
    }
    return digest
  }

  public var json: JSONValue {
    let isInverse = contract.instrument.settlement == .inverse
    return [
      "strategy": .string(strategy),
      "venue": .string(contract.instrument.venue), "symbol": .string(contract.instrument.symbol),
      "currency": .string(isInverse ? "base" : "quote"),
      "initial_capital": .double(settings.initialCapital.value),
      "net": .double(net.value), "net_in_quote": .double(netInQuote),
      "final_position": .double(
        Double(account.position) / contract.instrument.sizeScale),
      "stopped": .bool(isStopped), "liquidated": .bool(isLiquidated),
      "statistics": statistics.json, "trades": tradeStatistics.json, "waterfall": waterfall.json,
      "orders": .int(Int64(orderLog.count)),
      "rejections": .object(rejections.map { ($0.reason.rawValue, .int(Int64($0.count))) }),
      "settings": settings.json, "queue_model": .string("\(queueModel)"),
      "events": .int(eventCount), "rows": .int(clocks.rows),
      "exchange_time_backward_rows": .int(clocks.exchangeTimeBackward),
      "arrival_before_exchange_rows": .int(clocks.arrivalBeforeExchange),
      "fingerprint": .string(digest.text),
    ]
  }
}

extension CostParts {
  public var json: JSONValue {
    [
      "gross": .double(gross.value), "spread": .double(spread.value),
      "latency": .double(latency.value), "walk": .double(walk.value),
      "impact": .double(impact.value), "fees": .double(fees.value),
      "funding": .double(funding.value), "net": .double(net.value),
    ]
  }
}
