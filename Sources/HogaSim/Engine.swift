internal import HogaCore

/// Merges the exchange's world and the strategy's into one sequence of events.
///
/// Two clocks run over the same rows. The *exchange* sees market events at exchange time; requests
/// reach it one entry latency after their decision. The *strategy* sees market events at arrival,
/// signals once computed, and responses one response latency after they were sent. At equal times:
/// the venue's phases and funding, its market events, then requests, then phases and market events as
/// heard of, responses, signals, timers. A strategy can therefore act on nothing that has not reached
/// it.
///
/// `next()` runs until the strategy has to be told something, so that strategies of any type meet
/// one compiled engine.
struct Engine {
  let contract: Contract
  let settings: SimulationSettings
  private let subscription: Subscription
  private let tape: MarketTape
  private var nextPhase = 0
  /// Where the strategy stands among the phases, and when it hears of each.
  private var nextLocalPhase = 0
  private var localPhaseTimes: [Int64] = []
  private var funding: FundingCursor
  private var responseLatency: LatencySource
  private var exchangeMarket: MarketCursor
  private var localMarket: MarketCursor
  private(set) var exchange: Exchange
  var gateway: Gateway
  private var signals: SignalRows
  private var recorder: EquityRecorder
  var log = RunLog()
  private var clock = Int64.min
  private var isStarted = false
  private let startTime: Int64
  private let endTime: Int64
  private(set) var eventCount: Int64 = 0
  /// Of these the monitor knows.
  private var reported: Int64 = 0
  /// The order by which the venue closes the position.
  private var liquidationID: OrderID?
  private let monitor: JobMonitor?
  /// Actions of the strategy without the clock going on.
  private var actionsAtInstant = 0
  private var actionTime = Int64.min
  /// Called after each event that changed the account or the exchange's book, by tests.
  var audit: (@Sendable (Account, Int64) throws -> Void)?

  init(
    contract: Contract, settings: SimulationSettings, tape: MarketTape, signals: Frame?,
    signalColumns: [String], subscription: Subscription, monitor: JobMonitor?
  ) throws {
    self.monitor = monitor
    self.contract = contract
    self.settings = settings
    self.subscription = subscription
    self.tape = tape
    let (book, trades) = (try tape.book(), try tape.trades())
    exchangeMarket = try MarketCursor(
      book: book, trades: trades, clock: .exchange, feed: settings.latency.feed,
      seed: settings.seed)
    localMarket = try MarketCursor(
      book: book, trades: trades, clock: .local, feed: settings.latency.feed, seed: settings.seed)
    responseLatency = try LatencySource(
      settings.latency.response, seed: settings.seed, leg: .response)
    // Who holds nothing yet pays nothing: the schedule begins with the market.
    let begin = exchangeMarket.nextTime
    localPhaseTimes = try Self.localTimes(tape.phases, settings)
    funding = FundingCursor(
      begin == .max ? .none : settings.funding ?? .none, after: begin == .max ? 0 : begin - 1)
    exchange = try Exchange(
      contract: contract, settings: settings, isOrderByOrder: tape.isOrderByOrder)
    gateway = try Gateway(contract: contract, settings: settings, signalCount: signalColumns.count)
    self.signals = try SignalRows(
      signals, columns: signalColumns,
      latency: settings.latency, seed: settings.seed &+ 7)
    recorder = EquityRecorder(interval: settings.sampleInterval, contract: contract)
    startTime = settings.start?.nanoseconds ?? .min
    endTime = settings.end?.nanoseconds ?? .max
  }

  /// Plays on until the strategy has to be told something; `nil` at the end of the market's data.
  mutating func next() throws -> StrategyEvent? {
    while true {
      let exchangeTime = exchangeMarket.nextTime
      let localTime = localMarket.nextTime
      let controlTime = min(
        gateway.requests.nextTime, gateway.responses.nextTime, signals.nextTime,
        gateway.nextTimer, venueTime, localPhaseTime)
      let time = min(exchangeTime, localTime, controlTime)
      if min(exchangeTime, localTime) == .max || time > endTime { return nil }
      if time > recorder.nextTime { try record(before: time) }
      clock = max(clock, time)
      if venueTime == time {
        try playVenue(at: time)
        continue
      }
      if exchangeTime == time {
        if let event = try playExchange(at: time) { return event }
        continue
      }
      if gateway.requests.nextTime == time {
        try exchange.receive(gateway.requests.pop(), at: time)
        try collectReports(at: time)
        continue
      }
      gateway.desk.now = Timestamp(nanoseconds: time)
      if localPhaseTime == time {
        gateway.desk.phase = tape.phases[nextLocalPhase].phase
        nextLocalPhase += 1
        continue
      }
      if localTime == time {
        if let event = try playLocal(at: time) { return event }
        continue
      }
      if gateway.responses.nextTime == time {
        if let event = try gateway.receiveResponse() { return event }
        continue
      }
      if signals.nextTime == time {
        signals.deliver(to: &gateway.desk)
        if isStarted, !gateway.isStopped { return .signal }
        continue
      }
      if gateway.popTimer() { return .timer }
    }
  }

  /// Judges and sends what the strategy asked for.
  ///
  /// - Throws: `UsageError` where the strategy keeps acting at one instant, as one does that
  ///   answers each rejection with the same order: the run would never end.
  mutating func submit() throws(UsageError) {
    guard !gateway.desk.actions.isEmpty else { return }
    let time = gateway.desk.now.nanoseconds
    if time > actionTime {
      actionTime = time
      actionsAtInstant = 0
    }
    actionsAtInstant += gateway.desk.actions.count
    guard actionsAtInstant <= 1_000_000 else {
      throw UsageError("the strategy does not stop acting at \(gateway.desk.now)")
    }
    gateway.submit(at: time, into: &log)
  }

  private mutating func playExchange(at time: Int64) throws -> StrategyEvent? {
    if exchangeMarket.nextIsTrade {
      try count(1)
      let print = exchangeMarket.print
      try exchangeMarket.skipTrade()
      if exchange.isTouched(by: print) { try exchange.fillPrinted(print, at: time) }
    } else {
      try count(exchangeMarket.apply(to: &exchange, at: time))
      if recorder.nextTime == .max, exchange.hasMid, time >= startTime {
        recorder.begin(at: time)
      }
    }
    if !exchange.reports.isEmpty { try collectReports(at: time) }
    if let audit, exchange.hasMid { try audit(exchange.account, exchange.halfTicks) }
    return try settings.margin != nil && exchange.isLiquidated() ? try liquidate(at: time) : nil
  }

  private mutating func count(_ events: Int) throws {
    let before = eventCount
    eventCount += Int64(events)
    guard before >> 16 != eventCount >> 16 else { return }
    try monitor?.advance(by: eventCount - reported)
    reported = eventCount
  }

  /// The next time of what the venue does by itself: phases and funding.
  private var venueTime: Int64 {
    min(nextPhase < tape.phases.count ? tape.phases[nextPhase].time : .max, funding.nextTime)
  }

  private var localPhaseTime: Int64 {
    nextLocalPhase < localPhaseTimes.count ? localPhaseTimes[nextLocalPhase] : .max
  }

  /// When a strategy hears of each phase: by a connection of its own.
  private static func localTimes(
    _ phases: [MarketTape.Phase], _ settings: SimulationSettings
  ) throws(UsageError) -> [Int64] {
    var feed = try LatencySource(settings.latency.feed, seed: settings.seed &+ 11, leg: .feed)
    var last = Int64.min
    return phases.map { phase in
      let latency = feed.next(
        at: phase.time, recordedFeedLatency: phase.arrival - phase.time)
      last = max(last, phase.time + latency)
      return last
    }
  }

  private mutating func playVenue(at time: Int64) throws {
    if nextPhase < tape.phases.count, tape.phases[nextPhase].time == time {
      exchange.phase = tape.phases[nextPhase].phase
      nextPhase += 1
    }
    if funding.nextTime == time {
      if let payment = try exchange.pay(funding.pop()) {
        gateway.book(funding: payment)
        if let audit { try audit(exchange.account, exchange.halfTicks) }
      }
    }
  }

  /// The venue closes the position where its margin is used up.
  private mutating func liquidate(at time: Int64) throws -> StrategyEvent? {
    let side: Side = exchange.position > 0 ? .sell : .buy
    let request = OrderRequest(side: side, kind: .market, lots: abs(exchange.position))
    let id = liquidationID ?? log.openLiquidation(request, at: time)
    liquidationID = id
    let isFirst = !exchange.isClosed
    try exchange.liquidate(id, at: time)
    try collectReports(at: time)
    guard isFirst else { return nil }
    gateway.liquidated()
    gateway.desk.now = max(gateway.desk.now, Timestamp(nanoseconds: time))
    return isStarted ? .stopped : nil
  }

  private mutating func record(before time: Int64) throws {
    let (buys, sells) = (exchange.buys, exchange.sells)
    try recorder.record(
      before: time, exchange.account, halfTicks: exchange.halfTicks,
      bid: buys.isEmpty ? Column.missing : buys.bestKey,
      ask: sells.isEmpty ? Column.missing : -sells.bestKey)
  }

  private mutating func playLocal(at time: Int64) throws -> StrategyEvent? {
    if localMarket.nextIsTrade {
      let print = localMarket.print
      try localMarket.skipTrade()
      gateway.feedLatency = print.arrival &- print.exchange
      gateway.desk.marketTime = max(gateway.desk.marketTime, print.exchange)
      guard isStarted, !gateway.isStopped, subscription.contains(.trades) else { return nil }
      return .trade(
        Trade(
          moment: Moment(arrival: time, time: Column.missing, sequence: print.sequence),
          price: Price(ticks: print.ticks), quantity: Quantity(lots: print.lots),
          aggressor: Side(rawValue: print.aggressor)))
    }
    let message = localMarket.message
    gateway.feedLatency = message.arrival &- message.exchange
    gateway.desk.marketTime = max(gateway.desk.marketTime, message.exchange)
    try localMarket.apply(to: &gateway.desk.book)
    if gateway.watchesLoss, try gateway.lossLimitReached(at: time, into: &log) { return .stopped }
    if !isStarted {
      guard time >= startTime, gateway.desk.isQuoted else { return nil }
      isStarted = true
      return .start
    }
    return subscription.contains(.book) && !gateway.isStopped ? .bookChanged : nil
  }

  /// Books what the exchange did and sends the news on their way.
  private mutating func collectReports(at time: Int64) throws {
    for report in exchange.reports {
      let latency = responseLatency.next(at: time, recordedFeedLatency: gateway.feedLatency)
      let delivery = gateway.responses.arrival(time + latency)
      gateway.responses.push(log.record(report, at: time, delivery: delivery), at: delivery)
    }
    exchange.reports.removeAll(keepingCapacity: true)
  }

  /// The result of what was played.
  mutating func finish(strategy: String) throws -> BacktestResult {
    if recorder.nextTime != .max, clock > .min {
      // One more grid time than the last event's, so that the curve ends at the closing state.
      let interval = settings.sampleInterval
      let last = Timestamp(nanoseconds: clock).roundedUp(to: interval).nanoseconds
      try record(before: last + 1)
    }
    return try BacktestResult(
      strategy: strategy, contract: contract, settings: settings,
      queueModel: exchange.queueModel, log: log, account: exchange.account,
      closingHalfTicks: exchange.halfTicks, recorder: recorder,
      clocks: tape.clocks, eventCount: eventCount, isStopped: gateway.isStopped,
      isLiquidated: exchange.isClosed)
  }
}
