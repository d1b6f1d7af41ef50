public import HogaCore
public import HogaSim
public import HogaStatistics

/// What a strategy on bars earned, and where it went.
public struct BarResult: Sendable {
  /// One symbol's part of the result.
  public struct SymbolLine: Hashable, Sendable {
    /// As the market names it.
    public var symbol: String
    /// At the end, in lots.
    public var position: Int64
    public var fills: Int
    /// The worth of all fills, both ways.
    public var traded: Money
    /// What positions gained at the bars' prices, before costs.
    public var gross: Money
    /// Half spreads and impact; positive is paid.
    public var slippage: Money
    /// Positive is paid.
    public var fees: Money
    /// Positive is received.
    public var funding: Money
    /// What is left of the gross.
    public var net: Money { gross - slippage - fees + funding }
    /// Rows of the run without a bar.
    public var missingBars: Int
  }

  public let strategy: String
  public let settings: BarSettings
  public let instruments: [BarInstrument]
  public let start: Timestamp
  public let end: Timestamp
  /// Bars per symbol.
  public let rows: Int
  /// By time; the first is the start, before any bar.
  public let samples: [BarSample]
  /// Lots by sample and symbol: `sample · instruments.count + symbol`; empty where they were not kept.
  public let positions: [Int64]
  /// Last closes in ticks, laid out like `positions`; 0 before a symbol's first.
  public let closes: [Int64]
  public let symbols: [SymbolLine]
  /// The first `settings.fillLimit` fills, in order.
  public let fills: [BarFill]
  public let fillCount: Int
  public let fundingPayments: Int
  public let decisions: Int
  /// Decisions that were scaled down to the limit of gross exposure.
  public let scaledDecisions: Int
  /// Weights that were cut to the limit of a symbol.
  public let cutWeights: Int
  /// Orders below the smallest notional, which were not sent.
  public let belowMinimum: Int
  /// Orders in symbols that had no close yet, which were not sent.
  public let unpriced: Int
  /// Orders, or rests of orders, that were not filled, by reason.
  public let unfilled: [(reason: BarUnfilledReason, count: Int)]
  /// What they were worth at the last closes, in units of currency.
  public let unfilledWorth: Double
  /// When all had to be closed for want of margin.
  public let liquidation: Timestamp?
  public let statistics: PerformanceStatistics
  /// A digest of all fills, kept or not: equal runs have equal ones, on every machine.
  ///
  /// Each fill's place (row · symbols + symbol), lots, ticks and cost (lowest 64 bits) are folded
  /// with the bar's earlier ones by steps of SplitMix64; each bar's word is hashed by FNV-1a.
  public let fingerprint: UInt64

  init(_ engine: BarEngine, start: Timestamp, end: Timestamp, rows: Int) {
    let log = engine.log
    strategy = engine.strategy.name
    settings = engine.settings
    instruments = engine.instruments
    self.start = start
    self.end = end
    self.rows = rows
    samples = log.samples
    positions = log.positions
    closes = log.closes
    symbols = engine.instruments.indices.map { symbol in
      let line = engine.account.lines[symbol]
      return SymbolLine(
        symbol: engine.instruments[symbol].symbol, position: line.position, fills: line.fills,
        traded: Money(units: line.traded), gross: Money(units: line.gross),
        slippage: Money(units: line.slippage), fees: Money(units: line.fees),
        funding: Money(units: line.funding), missingBars: log.missing[symbol])
    }
    fills = log.fills
    fillCount = log.fillCount
    fundingPayments = log.fundingPayments
    decisions = log.decisions
    scaledDecisions = log.scaledDecisions
    cutWeights = log.cutWeights
    belowMinimum = log.belowMinimum
    unpriced = log.unpriced
    unfilled = zip(BarUnfilledReason.allCases, log.unfilledCounts).map { ($0, $1) }
    unfilledWorth = log.unfilledWorth
    liquidation = log.liquidation
    statistics = PerformanceStatistics(
      times: log.samples.map(\.time), equity: log.samples.map(\.equity.value),
      periodsPerYear: engine.settings.periodsPerYear,
      minimumSpanToAnnualise: engine.settings.minimumSpanToAnnualise)
    fingerprint = log.digest.value
  }

  public var last: BarSample { samples[samples.count - 1] }
  /// Profit after all costs, at the last closes.
  public var net: Money { last.equity - settings.initialCapital }

  /// What was traded in the whole run, both ways, in multiples of the initial capital.
  public var turnover: Double { last.traded.value / settings.initialCapital.value }

  /// `turnover` over the run's days of 24 hours.
  public var dailyTurnover: Double {
    let days = (end - start).seconds / TimeSpan.day.seconds
    return days > 0 ? turnover / days : .nan
  }

  /// The mean of positions' absolute worths over equity at samples.
  public var meanExposure: Double {
    let shares = samples.filter { $0.equity > .zero }.map { $0.exposure.value / $0.equity.value }
    return shares.isEmpty ? .nan : shares.reduce(0, +) / Double(shares.count)
  }

  /// The one-way cost, in parts of what was traded, at which nothing would be left: gross and
  /// funding over traded. `nil` where they are not above zero, so that there is nothing to bear a
  /// cost with, and where nothing was traded.
  public var breakEvenCost: Double? {
    let earned = last.gross + last.funding
    return earned > .zero && last.traded > .zero ? earned.value / last.traded.value : nil
  }

  public var json: JSONValue {
    [
      "strategy": .string(strategy), "from": .string("\(start)"), "to": .string("\(end)"),
      "symbols": .int(Int64(instruments.count)), "bars": .int(Int64(rows)),
      "missing_bars": .int(Int64(symbols.reduce(0) { $0 + $1.missingBars })),
      "initial_capital": .double(settings.initialCapital.value), "net": .double(net.value),
      "net_exact": .string("\(net)"), "waterfall": waterfall, "statistics": statistics.json,
      "traded": .double(last.traded.value), "turnover": .double(turnover),
      "turnover_per_day": .double(dailyTurnover),
      "mean_exposure": .double(meanExposure), "break_even_cost": .optional(breakEvenCost),
      "decisions": .int(Int64(decisions)), "scaled_decisions": .int(Int64(scaledDecisions)),
      "cut_weights": .int(Int64(cutWeights)), "fills": .int(Int64(fillCount)),
      "fills_kept": .int(Int64(fills.count)), "below_minimum": .int(Int64(belowMinimum)),
      "unpriced": .int(Int64(unpriced)),
      "unfilled": .object(unfilled.map { ($0.reason.rawValue, .int(Int64($0.count))) }),
      "unfilled_worth": .double(unfilledWorth),
      "funding_payments": .int(Int64(fundingPayments)),
      "liquidated": liquidation.map { .string("\($0)") } ?? .null,
      "by_symbol": .array(
        symbols.map {
          [
            "symbol": .string($0.symbol), "net": .double($0.net.value),
            "gross": .double($0.gross.value), "slippage": .double($0.slippage.value),
            "fees": .double($0.fees.value), "funding": .double($0.funding.value),
            "traded": .double($0.traded.value), "fills": .int(Int64($0.fills)),
            "missing_bars": .int(Int64($0.missingBars)),
          ]
        }), "fingerprint": .string(fingerprintText),
    ]
  }

  public var fingerprintText: String {
    let digits = String(fingerprint, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// From gross to net.
  public var waterfall: JSONValue {
    [
      "gross": .double(last.gross.value), "slippage": .double(last.slippage.value),
      "fees": .double(last.fees.value), "funding": .double(last.funding.value),
      "net": .double(net.value),
    ]
  }
}
