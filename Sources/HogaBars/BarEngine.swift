internal import HogaCore
internal import HogaSim

/// Plays one strategy over prepared blocks: what comes when, and what is noted.
///
/// In each bar: funding due at its open, orders at its open (or, after funding due later in the bar,
/// at its close or average price), the close, and then the decision for a later bar.
struct BarEngine {
  let instruments: [BarInstrument]
  let settings: BarSettings
  var strategy: any BarStrategy
  let interval: Int64

  var account: BarAccount
  var orders: BarOrders
  var log: BarLog
  private var liquidity: BarLiquidity?
  private var targets: BarTargets
  private var weights: [Double]
  /// Of the row played now, counted from the run's first.
  private var row = 0
  private var isLiquidated = false

  /// Exchanges name the instant of funding, and pay within some seconds of it.
  /// Source: Binance, "Introduction to Binance futures funding rates": a deviation of 15 seconds.
  static let fundingTolerance: Int64 = 15_000_000_000

  init(
    _ instruments: [BarInstrument], _ settings: BarSettings, _ strategy: any BarStrategy,
    isDetailed: Bool, interval: TimeSpan, start: Timestamp
  ) {
    self.instruments = instruments
    self.settings = settings
    self.strategy = strategy
    self.interval = interval.nanoseconds
    account = BarAccount(instruments, capital: settings.initialCapital)
    orders = BarOrders(symbols: instruments.count)
    log = BarLog(
      symbols: instruments.count, fillLimit: isDetailed ? settings.fillLimit : 0,
      keepsPositions: isDetailed)
    targets = BarTargets(count: instruments.count)
    weights = [Double](repeating: 0, count: instruments.count)
    if case .squareRoot(_, let window) = settings.costs.impact {
      liquidity = BarLiquidity(symbols: instruments.count, window: window)
    }
    log.sample(start.nanoseconds, account, equity: account.cash, exposure: 0)
  }

  mutating func play(_ block: PreparedBlock, _ history: BarHistory) throws {
    var paid = 0
    let tradesAtOpen = settings.execution == .open
    let tolerance = min(Self.fundingTolerance, interval)
    for rowInBlock in 0..<block.bars.rowCount {
      let open = block.bars.time(rowInBlock)
      let close = open + interval
      pay(block, before: open + tolerance, &paid)
      orders.begin(row, account, &log)
      if tradesAtOpen { try trade(block, rowInBlock) }
      pay(block, before: close, &paid)
      if !tradesAtOpen { try trade(block, rowInBlock) }
      orders.end(row, account, &log)
      mark(block, rowInBlock)
      try decide(history, close)
      row += 1
    }
  }

  /// Notes the end of the run.
  mutating func finish(_ time: Timestamp) throws(DataError) {
    orders.drop(account, &log)
    guard log.lastTime != time.nanoseconds else { return }
    let (equity, exposure) = try value(time.nanoseconds)
    log.sample(time.nanoseconds, account, equity: equity, exposure: exposure)
  }

  private mutating func pay(_ block: PreparedBlock, before time: Int64, _ paid: inout Int) {
    while paid < block.funding.count, block.funding[paid].time < time {
      let payment = block.funding[paid]
      paid += 1
      guard account.lines[payment.symbol].position != 0 else { continue }
      let last = account.lines[payment.symbol].last
      account.fund(
        payment.symbol, rate: payment.rate, mark: payment.mark > 0 ? payment.mark : last)
      log.fundingPayments += 1
    }
  }

  private mutating func mark(_ block: PreparedBlock, _ rowInBlock: Int) {
    let base = rowInBlock * instruments.count
    for symbol in instruments.indices {
      let close = block.close[base + symbol]
      if close != 0 {
        account.mark(symbol, ticks: close)
      } else {
        log.missing[symbol] += 1
      }
    }
    liquidity?.close(block.bars, row: rowInBlock)
  }

  private func value(_ time: Int64) throws(DataError) -> (equity: Int128, exposure: Int128) {
    guard let value = account.value() else {
      throw DataError(
        "positions at \(Timestamp(nanoseconds: time)) are worth more than accounts can hold")
    }
    return (value.equity, value.gross)
  }

  /// Looks at the account, and asks the strategy where it is time to.
  private mutating func decide(_ history: BarHistory, _ close: Int64) throws {
    let samples = close % settings.sampling.nanoseconds == 0
    let asks =
      !isLiquidated && close % settings.rebalance.nanoseconds == 0 && row >= strategy.lookback
    guard samples || asks || account.hasPosition else { return }
    let (equity, exposure) = try value(close)
    if samples { log.sample(close, account, equity: equity, exposure: exposure) }
    guard !isLiquidated else { return }
    let needed = exposure / 1_000_000 * Int128(settings.maintenancePartsPerMillion)
    if equity <= (account.hasPosition ? needed : 0) {
      isLiquidated = true
      log.liquidation = Timestamp(nanoseconds: close)
      orders.closeAll(account, from: row + 1)
      return
    }
    guard asks else { return }
    let worth = Money(units: equity).value
    for symbol in weights.indices {
      let line = account.lines[symbol]
      weights[symbol] =
        Double(line.position) * Double(line.last) * line.unitsAsDouble / 1e18 / worth
    }
    for symbol in instruments.indices { targets[symbol] = .nan }
    try strategy.decide(
      BarView(
        history: history, row: row, time: Timestamp(nanoseconds: close), equity: worth,
        weights: weights), &targets)
    log.decisions += 1
    try limit(close)
    orders.place(
      targets, equity: worth, weights, account, instruments, band: settings.band,
      from: row + settings.delay, until: row + settings.delay + settings.patience, &log)
  }

  /// Cuts weights to what is allowed, and counts it.
  private mutating func limit(_ time: Int64) throws(DataError) {
    var (kept, wanted) = (0.0, 0.0)
    for symbol in instruments.indices {
      let weight = targets[symbol]
      guard !weight.isNaN else {
        kept += abs(weights[symbol])
        continue
      }
      guard weight.isFinite else {
        throw DataError(
          "\(strategy.name) wants a weight of \(weight) in \(instruments[symbol].symbol) at "
            + "\(Timestamp(nanoseconds: time))")
      }
      if abs(weight) > settings.maximumWeight {
        targets[symbol] = weight < 0 ? -settings.maximumWeight : settings.maximumWeight
        log.cutWeights += 1
      }
      wanted += abs(targets[symbol])
    }
    let allowed = max(settings.maximumGross - kept, 0)
    // Weights that sum to the limit may exceed it by a rounding.
    guard wanted > allowed * (1 + 1e-12), wanted > 0 else { return }
    let scale = allowed / wanted
    for symbol in instruments.indices where !targets[symbol].isNaN { targets[symbol] *= scale }
    log.scaledDecisions += 1
  }

  // MARK: Trading

  private mutating func trade(_ block: PreparedBlock, _ rowInBlock: Int) throws(DataError) {
    guard orders.isActive else { return }
    let base = rowInBlock * instruments.count
    let costs = settings.costs
    let isForced = orders.isForced
    let fee =
      isForced
      ? costs.takerPartsPerMillion + costs.liquidationPartsPerMillion : costs.partsPerMillion
    let needsVolume = costs.needsVolume
    let hasVolume = !block.bars.volume.isEmpty
    for symbol in instruments.indices where orders.wants[symbol] {
      var lots = orders.targets[symbol] - account.lines[symbol].position
      guard lots != 0 else {
        // An earlier order brought it there after this one was decided.
        orders.fill(symbol)
        continue
      }
      let ticks = block.execution[base + symbol]
      guard ticks != 0 else {
        orders.reasons[symbol] = .noBar
        continue
      }
      let volume = hasVolume ? block.bars.volume[base + symbol] : .nan
      guard volume != 0 else {
        orders.reasons[symbol] = .noTrade
        continue
      }
      var isWhole = true
      var parts = costs.halfSpreadPartsPerBillion
      if needsVolume {
        guard !volume.isNaN else {
          throw block.bars.error(
            "the volume is missing, which impact and participation need", base + symbol,
            instruments)
        }
        if let share = costs.maximumParticipation, !isForced {
          let steps = (share * volume / instruments[symbol].stepSize).rounded(.down)
          let most = steps < 1e15 ? Int64(steps) * instruments[symbol].lotStep : .max
          if lots.magnitude > most.magnitude {
            orders.reasons[symbol] = .participation
            guard most > 0 else { continue }
            lots = lots < 0 ? -most : most
            isWhole = false
          }
        }
        guard let impact = impact(symbol, lots, volume) else {
          orders.reasons[symbol] = .noVolatility
          continue
        }
        // An impact of the whole price and more is no price.
        guard impact < 1_000_000_000 - parts else {
          orders.reasons[symbol] = .participation
          continue
        }
        parts += impact
      }
      guard
        let paid = account.trade(
          symbol, lots: lots, ticks: ticks, slippagePartsPerBillion: parts,
          feePartsPerMillion: fee)
      else {
        throw block.bars.error(
          "a position would be worth more than 10¹⁵", base + symbol, instruments)
      }
      if isWhole { orders.fill(symbol) }
      log.add(
        BarFill(
          time: block.bars.time(rowInBlock), symbol: Int32(symbol), isForced: isForced,
          lots: lots, ticks: ticks, slippage: Money(units: paid.slippage),
          fee: Money(units: paid.fee)),
        place: row * instruments.count + symbol)
    }
    log.endBar()
  }

  /// In parts per thousand million, rounded up; `nil` where it cannot be told.
  private func impact(_ symbol: Int, _ lots: Int64, _ volume: Double) -> Int64? {
    let size = Double(lots.magnitude) / instruments[symbol].sizeScale
    var fraction = 0.0
    switch settings.costs.impact {
    case .none: return 0
    case .linear(let coefficient): fraction = coefficient * (size / volume)
    case .squareRoot(let coefficient, _):
      guard let root = liquidity?.squareRoot(symbol, size: size) else {
        // Forced closing waits for nobody.
        return orders.isForced ? 0 : nil
      }
      fraction = coefficient * root
    }
    let parts = (fraction * 1e9).rounded(.up)
    // Who must close has to, even at half the price.
    let most = orders.isForced ? 5e8 : 1e9
    return parts < most ? Int64(parts) : Int64(most)
  }
}
