internal import Glibc
public import HogaCore

/// Follows a market and writes one row of features per grid time.
///
/// Feed it events in the order of (arrival, sequence), from a `Replay` or a live feed; the rows are
/// the same bits. The first grid time is the first multiple of `every`, counted from midnight, at
/// or after the first event that leaves a two-sided book. A row is complete, and written, when an
/// event arrives after its grid time, when the clock passes it (`advance(to:)`), or at `finish()`
/// for times up to the last event. `take()` hands rows out, as often as wanted: memory is that of
/// the longest window plus the rows not yet taken.
///
/// Decisions where the specification leaves room:
/// - A message of the feed, with all its levels, is one book event, and each counts as a change.
/// - A column of window w is null in the first `w/every` rows.
/// - While the book is stale or one-sided, columns that need it are NaN. A window in which it was
///   stale at any time is NaN for everything that compares books over time.
/// - A trade is measured against the book that the last event before it left, also where both
///   carry one timestamp. Trades without a quote to compare with are signed by the tick rule alone.
/// - Steps without events carry the book and count zero.
///
/// Data that cannot be measured (time going backward, negative sizes, prices beyond 2⁵⁶ counts)
/// stops the pipeline: later events are ignored, and the next throwing call says what was wrong.
public struct FeaturePipeline: MarketSink, Sendable {
  public let settings: FeatureSettings
  public let instrument: Instrument
  /// The columns after `time`, in order.
  public let definitions: [FeatureDefinition]

  /// The names of the columns after `time`, in order.
  public var columnNames: [String] { definitions.map(\.name) }

  private var operators: [any FeatureOperator]
  private let bookListeners: [Int]
  private let tradeListeners: [Int]
  /// Where each operator's columns end.
  private let columnEnds: [Int]

  private var context = FeatureContext()
  private var hasBook = false
  /// The grid time of the next row; `nil` before a two-sided book.
  private var nextTime: Int64?
  /// The grid time of the last row: events up to it are history.
  private var lastWritten = Int64.min
  private var lastPrice: Int64?
  private var lastDirection: Int64 = 1

  private var rows: FeatureRows
  /// Kept beside `hasFailed`, which is cheaper to ask per event.
  private var failure: DataError? { didSet { hasFailed = failure != nil } }
  private var isFailureTold = false

  /// - Parameters:
  ///   - operators: what to compute, in the order of the columns; `FeatureCatalogue.operators`
  ///     unless given.
  /// - Throws: `UsageError` where a setting makes no sense (also for this instrument: a VPIN bucket
  ///   below one lot) or two columns share a name.
  public init(
    instrument: Instrument, settings: FeatureSettings = FeatureSettings(),
    operators: [any FeatureOperator]? = nil
  ) throws(UsageError) {
    try settings.validate()
    if let bucket = settings.vpinBucket { try BucketSize.check(bucket, instrument) }
    self.settings = settings
    self.instrument = instrument
    let operators = operators ?? FeatureCatalogue.operators(settings, instrument)
    self.operators = operators
    bookListeners = operators.indices.filter { operators[$0].events.contains(.book) }
    tradeListeners = operators.indices.filter { operators[$0].events.contains(.trades) }
    definitions = operators.flatMap { $0.definitions }
    var ends: [Int] = []
    for one in operators { ends.append((ends.last ?? 0) + one.definitions.count) }
    columnEnds = ends
    rows = FeatureRows(
      columns: ends.last ?? 0,
      expectedRows: Int(min(TimeSpan.day.nanoseconds / settings.every.nanoseconds + 1, 1 << 17)))
    var names: Set<String> = ["time"]
    for definition in definitions where !names.insert(definition.name).inserted {
      throw UsageError("two feature columns are named \(definition.name)")
    }
  }

  // MARK: Events

  public mutating func bookChanged(_ book: OrderBook, at moment: Moment) {
    guard begin(moment) else { return }
    swap(&context.book, &context.previous)
    context.hasPrevious = hasBook && !context.previous.isStale && !book.isStale
    guard context.book.read(book) else {
      failure = DataError("a price is beyond 2^56 counts", column: "price")
      return
    }
    hasBook = true
    context.step.bookChanges += 1
    if book.isStale { context.step.wasStale = true }
    for index in bookListeners { operators[index].bookChanged(book, context) }
    if nextTime == nil, context.book.isTwoSided {
      nextTime = Grid.firstTime(
        atOrAfter: moment.arrival, every: settings.every.nanoseconds,
        origin: settings.gridOrigin.nanoseconds)
      context.step.time = nextTime!
    }
  }

  public mutating func traded(_ trade: Trade) {
    guard begin(trade.moment) else { return }
    let price = trade.price.ticks
    let lots = trade.quantity.lots
    guard lots >= 0, price.magnitude <= BookTop.priceLimit.magnitude else {
      failure = DataError(
        lots < 0 ? "below zero" : "beyond 2^56 counts", column: lots < 0 ? "size" : "price")
      return
    }
    let notional = Int128(price) &* Int128(lots)
    guard notional.magnitude < 1 << 100 else {
      failure = DataError("price times size is beyond 2^100 counts", column: "size")
      return
    }
    if let lastPrice, price != lastPrice { lastDirection = price > lastPrice ? 1 : -1 }
    lastPrice = price
    let doubledMid = context.book.doubledMid
    let sign = trade.aggressor?.sign ?? leeReady(price, doubledMid)
    context.step.trades += 1
    context.step.volume += Int128(lots)
    context.step.signedVolume += Int128(sign * lots)
    context.step.notional += notional
    let classified = ClassifiedTrade(
      trade: trade, sign: sign, doubledMidBefore: doubledMid, notional: notional)
    for index in tradeListeners { operators[index].traded(classified, context) }
  }

  /// Says that the clock reached `time` and no event arrived before it that has not been told.
  ///
  /// - Throws: `DataError` if the data turned out unusable.
  public mutating func advance(to time: Timestamp) throws(DataError) {
    // Beyond the times that events may have, all clocks are alike.
    if !hasFailed { writeRows(before: min(time.nanoseconds, 1 << 62)) }
    if let failure { throw failure }
  }

  /// Writes the rows up to the last event.
  ///
  /// - Throws: `DataError` if the data turned out unusable.
  public mutating func finish() throws(DataError) {
    // Arrivals are far from the end of time (`begin` sees to it), so this cannot overflow.
    if !hasFailed, nextTime != nil { writeRows(before: context.moment.arrival + 1) }
    if let failure { throw failure }
  }

  /// The trade's sign where the feed does not say: above the mid bought, below sold, and at the
  /// mid, or without one, the direction of the last price change.
  private func leeReady(_ price: Int64, _ doubledMid: Int64?) -> Int64 {
    guard let doubledMid, 2 * price != doubledMid else { return lastDirection }
    return 2 * price > doubledMid ? 1 : -1
  }

  /// Writes the rows that an event completes, and checks that it may follow.
  private mutating func begin(_ moment: Moment) -> Bool {
    guard !hasFailed else { return false }
    guard moment.arrival >= context.moment.arrival, moment.arrival.magnitude < 1 << 62 else {
      failure =
        moment.arrival.magnitude < 1 << 62
        ? DataError(
          "\(Timestamp(nanoseconds: moment.arrival)) comes after "
            + "\(Timestamp(nanoseconds: context.moment.arrival))", column: "arrival")
        : DataError("null, or not a time of these centuries", column: "arrival")
      return false
    }
    guard moment.arrival > lastWritten else {
      failure = DataError(
        "\(Timestamp(nanoseconds: moment.arrival)) was told after the clock had passed it and its "
          + "row was written", column: "arrival")
      return false
    }
    writeRows(before: moment.arrival)
    context.moment = moment
    return !hasFailed
  }

  // MARK: Rows

  /// One event may complete this many rows: more is a broken clock, not a silent market.
  private static let maximumSilence: Int64 = 4_000_000

  private mutating func writeRows(before time: Int64) {
    guard var next = nextTime, next < time else { return }
    guard (time - next) / settings.every.nanoseconds <= Self.maximumSilence else {
      failure = DataError(
        "from \(Timestamp(nanoseconds: next)) to \(Timestamp(nanoseconds: time)) are more than "
          + "\(Self.maximumSilence) grid steps", column: "arrival")
      return
    }
    while next < time, !hasFailed {
      writeRow()
      lastWritten = next
      next += settings.every.nanoseconds
      beginStep(endingAt: next)
    }
    nextTime = next
  }

  private mutating func writeRow() {
    context.step.doubledMid = context.book.doubledMid
    context.step.logReturn = logReturn(from: context.step.doubledMidBefore)
    do throws(DataError) {
      try Self.sample(&operators, columnEnds, context, into: &rows)
    } catch {
      failure = error
    }
  }

  private static func sample(
    _ operators: inout [any FeatureOperator], _ columnEnds: [Int], _ context: FeatureContext,
    into rows: inout FeatureRows
  ) throws(DataError) {
    try rows.append(context.step.time) { (row) throws(DataError) in
      for index in operators.indices {
        try operators[index].sample(context, into: &row)
        precondition(
          row.count == columnEnds[index],
          "\(type(of: operators[index])) did not append a value per definition")
      }
    }
  }

  private mutating func beginStep(endingAt time: Int64) {
    let mid = context.step.doubledMid
    let index = context.step.index + 1
    context.step = GridStep()
    context.step.index = index
    context.step.time = time
    context.step.doubledMidBefore = mid
    context.step.wasStale = context.book.isStale
  }

  /// `ln` of a ratio near one: from the exact difference, not from the rounded ratio.
  private func logReturn(from before: Int64?) -> Double {
    guard let before, before > 0, let after = context.step.doubledMid, after > 0 else {
      return .nan
    }
    return after == before ? 0 : log1p(Double(after - before) / Double(before))
  }

  // MARK: Results

  /// The data turned out unusable; the next throwing call says why.
  public private(set) var hasFailed = false

  /// Rows that are complete and not yet taken.
  public var rowCount: Int { rows.count }

  /// The newest row that is complete and not yet taken.
  public var latest: (time: Timestamp, values: [Double])? {
    rows.last.map { (Timestamp(nanoseconds: $0.time), $0.values) }
  }

  /// Hands out the complete rows: `time` (timestamp), then a column of doubles per definition.
  ///
  /// - Throws: `DataError`, once, if the data turned out unusable; the rows before that can still
  ///   be taken by calling again.
  public mutating func take() throws(DataError) -> Frame {
    if let failure, !isFailureTold {
      isFailureTold = true
      throw failure
    }
    return rows.take(definitions)
  }
}
