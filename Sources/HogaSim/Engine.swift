internal import HogaCore

/// Merges the exchange's world and the strategy's into one sequence of events.
///
/// Two clocks run over the same rows. The *exchange* sees market events at exchange time; requests
/// reach it one order latency after their decision. The *strategy* sees market events at arrival,
/// signals once computed, and responses one response latency after they were sent. At equal times:
/// the exchange's market events, then requests, then local market events, responses, signals,
/// timers. A strategy can therefore act on nothing that has not reached it.
///
/// `next()` runs until the strategy has to be told something, so that strategies of any type meet
/// one compiled engine.
struct Engine {
  let contract: Contract
  let settings: SimulationSettings
  private let subscription: Subscription
  private let bookFeed: SharedChunks<BookChunk>
  private let tradeFeed: SharedChunks<TradeChunk>?
  private var exchangeMarket: MarketCursor
  private var localMarket: MarketCursor
  private(set) var exchange: Exchange
  /// The exchange's truth, from which the result is taken.
  private(set) var account: Account
  var gateway: Gateway
  private var signals: SignalRows
  private var recorder: EquityRecorder
  var log = RunLog()
  private var clock = Int64.min
  private var isStarted = false
  private let startTime: Int64
  private let endTime: Int64
  private(set) var eventCount: Int64 = 0
  private let monitor: JobMonitor?
  /// Actions of the strategy without the clock going on.
  private var actionsAtInstant = 0
  private var actionTime = Int64.min
  /// Called after each event that changed the account or the exchange's book, by tests.
  var audit: (@Sendable (Account, Int64) throws -> Void)?

  init(
    contract: Contract, settings: SimulationSettings, book: @escaping () throws -> Frame?,
    trades: (() throws -> Frame?)?, signals: Frame?, signalColumns: [String],
    subscription: Subscription, monitor: JobMonitor?
  ) throws {
    self.monitor = monitor
    self.contract = contract
    self.settings = settings
    self.subscription = subscription
    let feedLatency = settings.latency.feed.nanoseconds
    let bookFeed = SharedChunks<BookChunk>(book, feedLatency: feedLatency) {
      try BookChunk($0, clock: &$1)
    }
    let tradeFeed = trades.map {
      SharedChunks<TradeChunk>($0, feedLatency: feedLatency) { try TradeChunk($0, clock: &$1) }
    }
    self.bookFeed = bookFeed
    self.tradeFeed = tradeFeed
    exchangeMarket = try MarketCursor(book: bookFeed, trades: tradeFeed, clock: .exchange)
    localMarket = try MarketCursor(book: bookFeed, trades: tradeFeed, clock: .local)
    exchange = Exchange(contract: contract, settings: settings)
    account = Account(initialCapital: settings.initialCapital)
    gateway = Gateway(contract: contract, settings: settings, signalCount: signalColumns.count)
    self.signals = try SignalRows(
      signals, columns: signalColumns,
      delay: settings.latency.feed.nanoseconds + settings.latency.compute.nanoseconds)
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
        gateway.nextTimer)
      let time = min(exchangeTime, localTime, controlTime)
      if min(exchangeTime, localTime) == .max || time > endTime { return nil }
      if time > recorder.nextTime {
        try recorder.record(before: time, account, halfTicks: exchange.halfTicks)
      }
      clock = max(clock, time)
      if exchangeTime == time {
        try playExchange(at: time)
        continue
      }
      if gateway.requests.nextTime == time {
        try exchange.receive(gateway.requests.pop(), at: time)
        try collectReports(at: time)
        continue
      }
      gateway.desk.now = Timestamp(nanoseconds: time)
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

  private mutating func playExchange(at time: Int64) throws {
    eventCount += 1
    if eventCount & 0xffff == 0 { try monitor?.advance(by: 0x10000) }
    if exchangeMarket.nextIsTrade {
      let print = exchangeMarket.print
      try exchangeMarket.skipTrade()
      if exchange.isTouched(by: print) { try exchange.fillPrinted(print, at: time) }
    } else {
      let sequence = exchangeMarket.bookSequence
      try exchangeMarket.applyBook(to: &exchange.book)
      try exchange.bookChanged(at: time, sequence: sequence)
      if recorder.nextTime == .max, exchange.hasMid, time >= startTime {
        recorder.begin(at: time)
      }
    }
    if !exchange.reports.isEmpty { try collectReports(at: time) }
    if let audit, exchange.hasMid { try audit(account, exchange.halfTicks) }
  }

  private mutating func playLocal(at time: Int64) throws -> StrategyEvent? {
    if localMarket.nextIsTrade {
      let print = localMarket.print
      try localMarket.skipTrade()
      guard isStarted, !gateway.isStopped, subscription.contains(.trades) else { return nil }
      return .trade(
        Trade(
          moment: Moment(arrival: time, time: Column.missing, sequence: print.sequence),
          price: Price(ticks: print.ticks), quantity: Quantity(lots: print.lots),
          aggressor: Side(rawValue: print.aggressor)))
    }
    try localMarket.applyBook(to: &gateway.desk.book)
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
    let delivery = time + settings.latency.response.nanoseconds
    for report in exchange.reports {
      if case .filled(let fill, _) = report { try account.book(fill, contract: contract) }
      gateway.responses.push(log.record(report, at: time), at: delivery)
    }
    exchange.reports.removeAll(keepingCapacity: true)
  }

  /// The result of what was played.
  mutating func finish(strategy: String) throws -> BacktestResult {
    if recorder.nextTime != .max, clock > .min {
      // One more grid time than the last event's, so that the curve ends at the closing state.
      let interval = settings.sampleInterval
      let last = Timestamp(nanoseconds: clock).roundedUp(to: interval).nanoseconds
      try recorder.record(before: last + 1, account, halfTicks: exchange.halfTicks)
    }
    var clocks = bookFeed.clock.report
    if let tradeFeed { clocks = clocks + tradeFeed.clock.report }
    return try BacktestResult(
      strategy: strategy, contract: contract, settings: settings, log: log, account: account,
      closingHalfTicks: exchange.halfTicks, recorder: recorder, clocks: clocks,
      eventCount: eventCount, isStopped: gateway.isStopped)
  }
}
