public import HogaCore

/// Imports raw captures of Binance's combined streams: lines of local nanoseconds and a message.
///
/// Two passes over the files. The first finds which symbols they hold, how far the local clock is
/// behind the exchange's and how many decimals prices and sizes have; the second reads, checks
/// sequence numbers and writes `depth`, `trades` and `quotes`, partitioned by the UTC date of
/// arrival.
///
/// **Symbol.** At least one message must name it. A snapshot of spot or USDⓈ-M names none: where the
/// files name no other symbol it is taken as it is, and otherwise only once a depth message of the
/// symbol continues it (see `BinanceSession.attribution`). All others are counted and left out.
///
/// **Order.** `sequence` is the line's ordinal over all files, so that events of all tables have
/// one order. Files are given in the order of their time.
///
/// **Book.** A snapshot is written when it arrives, brought up to date with the diffs that arrived
/// before it, all as one message. Diffs that no snapshot covers are counted, not written. A `gap`
/// row says that the book is stale from there on; one stands before everything else when the
/// capture begins without a snapshot, and says that the book is not known yet: nothing was lost. A partition that begins while a book runs begins with that
/// book as a snapshot at midnight, so that every partition can be replayed on its own.
///
/// **Clock.** A message cannot arrive before it was sent. Where `arrival − E` falls below zero, all
/// arrivals are shifted up by the most it falls, and the report says so. Messages of all symbols
/// count: one clock stamped them all, and so imports of several symbols from one capture are shifted
/// alike. What the true delay was, nobody knows; only differences of arrival times are facts.
///
/// **Trades.** `aggressor` is the taker's side (`m` true: the buyer's order rested, so a seller
/// took). Futures trades whose order type `X` is not `MARKET` (insurance fund, deleveraging) do not
/// touch the book: they are counted and left out. Where a capture holds both `@trade` and
/// `@aggTrade`, the kind that comes first is used, since both report the same trades.
public struct BinanceRawImporter: LakeImporter {
  public enum Market: String, CaseIterable, Sendable {
    case usdm, spot, coinm
    public var venue: String { "binance-\(rawValue)" }
  }

  public var market: Market
  /// Such as `BTCUSDT`; messages of other symbols are counted and left out.
  public var symbol: String
  public var onError: ErrorPolicy
  /// Decimals of prices; found in the first megabytes of each file where not given.
  public var priceDecimals: Int?
  public var sizeDecimals: Int?
  /// The smallest price step in counts of `10^-priceDecimals`; found like the decimals.
  public var tickIncrement: Int64?
  /// What to add to arrival times; found from the data where not given.
  public var clockShift: TimeSpan?
  /// The largest shift that is found and applied by itself.
  public var maximumClockShift = TimeSpan.seconds(60)
  /// The command that runs, kept in the files it writes.
  public var producer: String
  /// Replace partitions that were made from other files.
  public var replace: Bool

  public init(
    market: Market, symbol: String, onError: ErrorPolicy = .stop, priceDecimals: Int? = nil,
    sizeDecimals: Int? = nil, tickIncrement: Int64? = nil, clockShift: TimeSpan? = nil,
    producer: String = "hoga import binance-raw", replace: Bool = false
  ) {
    self.market = market
    self.symbol = symbol.uppercased()
    self.onError = onError
    self.priceDecimals = priceDecimals
    self.sizeDecimals = sizeDecimals
    self.tickIncrement = tickIncrement
    self.clockShift = clockShift
    self.producer = producer
    self.replace = replace
  }

  /// Imports files, given in the order of their time.
  ///
  /// - Throws: Besides what every importer throws, `DataError` for files without a message of the
  ///   symbol.
  public func run(
    files: [String], into sink: any ImportSink, monitor: JobMonitor
  ) throws -> ImportReport {
    try checkSettings()
    let inputs = try files.flatMap { try InputFile.contents(of: $0) }
    guard !inputs.isEmpty else { throw UsageError("no files to import") }
    let probe = try probe(inputs, monitor: monitor)
    return try load(inputs, probe, into: sink, monitor: monitor)
  }

  private func checkSettings() throws {
    guard !symbol.isEmpty else { throw UsageError("the symbol is empty") }
    for decimals in [priceDecimals, sizeDecimals].compactMap({ $0 })
    where !(0...12).contains(decimals) {
      throw UsageError("decimals must be from 0 to 12, not \(decimals)")
    }
    if let tickIncrement, tickIncrement < 1 {
      throw UsageError("the tick must be at least 1, not \(tickIncrement)")
    }
  }

  // MARK: First pass

  func probe(_ inputs: [InputFile], monitor: JobMonitor) throws -> BinanceProbe {
    var probe = BinanceProbe(
      symbol: symbol,
      measuresUnits: priceDecimals == nil || sizeDecimals == nil || tickIncrement == nil,
      measuresClock: clockShift == nil)
    monitor.begin(
      "reading symbols, clocks and decimals", total: inputs.reduce(0) { $0 + $1.diskBytes },
      unit: "bytes")
    for input in inputs {
      try probe.read(input) { try monitor.advance(by: $0) }
    }
    guard probe.namesSymbol || probe.otherSymbols.isEmpty else {
      let held = probe.otherSymbols.sorted()
      let shown = held.prefix(10).joined(separator: ", ") + (held.count > 10 ? ", …" : "")
      throw DataError(
        "no message of \(symbol): the capture holds \(shown)", file: inputs.first?.name)
    }
    return probe
  }

  /// The instrument, and the shift of arrivals.
  private func settle(_ probe: BinanceProbe) throws -> (Instrument, TimeSpan) {
    let price = priceDecimals ?? probe.priceDecimals
    let size = sizeDecimals ?? probe.sizeDecimals
    var tick = tickIncrement ?? 1
    if tickIncrement == nil, priceDecimals == nil { tick = probe.tickIncrement }
    var instrument = Instrument(
      venue: market.venue, symbol: symbol, priceDecimals: price, sizeDecimals: size,
      tickIncrement: tick)
    if market == .coinm {
      // Binance, contract specifications: bitcoin contracts are 100 USD, all others 10 USD.
      instrument.settlement = .inverse
      instrument.multiplier = symbol.hasPrefix("BTCUSD") ? 100 : 10
    }
    if market != .spot { instrument.expiry = Self.expiry(symbol) }
    if let clockShift { return (instrument, clockShift) }
    guard let least = probe.leastLatency, least < 0 else { return (instrument, .zero) }
    guard -least <= maximumClockShift.nanoseconds else {
      throw DataError(
        """
        arrives \(TimeSpan(nanoseconds: -least).seconds) s before it was sent; a clock that is \
        this wrong is only corrected on request (--clock-shift)
        """, file: probe.leastFile, row: Int(probe.leastLine))
    }
    return (instrument, TimeSpan(nanoseconds: -least))
  }

  /// The date in symbols such as `BTCUSDT_240927`.
  static func expiry(_ symbol: String) -> String? {
    guard let part = symbol.split(separator: "_").last, part.count == 6, part.allSatisfy(\.isNumber)
    else { return nil }
    let digits = Array(part)
    let text = "20\(String(digits[0..<2]))-\(String(digits[2..<4]))-\(String(digits[4..<6]))"
    return CivilDate(text)?.description
  }

  // MARK: Second pass

  private func load(
    _ inputs: [InputFile], _ probe: BinanceProbe, into sink: any ImportSink, monitor: JobMonitor
  ) throws -> ImportReport {
    let (instrument, shift) = try settle(probe)
    var session = BinanceSession(
      instrument: instrument, market: market, holdsOtherSymbols: !probe.otherSymbols.isEmpty,
      shift: shift.nanoseconds, policy: onError, sink: sink)
    monitor.begin(
      "importing \(symbol)", total: inputs.reduce(0) { $0 + $1.diskBytes }, unit: "bytes")
    for input in inputs {
      try session.read(input) { try monitor.advance(by: $0) }
    }
    let report = try session.finish(files: inputs.map(\.name))
    sink.setMetadata("hoga.clock_shift_ns", String(report.clockShift.nanoseconds))
    return report
  }
}
