internal import HogaCore

/// Rows of one date that wait to become frames.
struct ScenarioTables: Sendable {
  private var orders = Stamps()
  private var orderIDs: [Int64] = []
  private var orderKinds: [Int32] = []
  private var orderSides: [Int32] = []
  private var orderPrices: [Int64] = []
  private var orderSizes: [Int64] = []

  private var trades = Stamps()
  private var tradeIDs: [Int64] = []
  private var tradePrices: [Int64] = []
  private var tradeSizes: [Int64] = []
  private var aggressors: [Int32] = []

  private var depth = Stamps()
  private var updates: [Int64] = []
  private var depthKinds: [Int32] = []
  private var depthSides: [Int32] = []
  private var depthPrices: [Int64] = []
  private var depthSizes: [Int64] = []
  private var lasts: [Bool] = []

  private var statuses = Stamps()
  private(set) var events = EventRows()

  private struct Stamps: Sendable {
    var arrival: [Int64] = []
    var time: [Int64] = []
    var sequence: [Int64] = []

    mutating func append(_ moment: Moment) {
      arrival.append(moment.arrival)
      time.append(moment.time)
      sequence.append(moment.sequence)
    }

    mutating func reserve(_ rows: Int) {
      arrival.reserveCapacity(rows)
      time.reserveCapacity(rows)
      sequence.reserveCapacity(rows)
    }

    var columns: [(name: String, column: Column)] {
      [
        ("arrival", .timestamp(arrival)), ("time", .timestamp(time)),
        ("sequence", .int64(sequence)),
      ]
    }
  }

  /// What is known of single events of the flow, and hidden in real markets.
  struct EventRows: Sendable {
    var sequences: [Int64] = []
    var times: [Int64] = []
    var arrivals: [Int64] = []
    var kinds: [Int32] = []
    var immigrants: [Bool] = []
    var changes: [Int32] = []
    var fundamentals: [Double] = []
    var references: [Double] = []
    var intensities = [[Double]](repeating: [], count: FlowKind.allCases.count)
  }

  /// Rows of `orders`, which has the most.
  var orderRows: Int { orderIDs.count }
  var isEmpty: Bool {
    orderIDs.isEmpty && tradeIDs.isEmpty && updates.isEmpty && events.times.isEmpty
      && statuses.time.isEmpty
  }

  mutating func reserve(_ rows: Int) {
    orders.reserve(rows)
    depth.reserve(rows)
    orderIDs.reserveCapacity(rows)
    orderKinds.reserveCapacity(rows)
    orderSides.reserveCapacity(rows)
    orderPrices.reserveCapacity(rows)
    orderSizes.reserveCapacity(rows)
    updates.reserveCapacity(rows)
    depthKinds.reserveCapacity(rows)
    depthSides.reserveCapacity(rows)
    depthPrices.reserveCapacity(rows)
    depthSizes.reserveCapacity(rows)
    lasts.reserveCapacity(rows)
  }

  mutating func order(_ moment: Moment, _ change: OrderChange) {
    orders.append(moment)
    orderIDs.append(change.id)
    orderKinds.append(change.kind.code)
    orderSides.append(change.side.rawValue)
    orderPrices.append(change.ticks)
    orderSizes.append(change.lots)
  }

  mutating func trade(_ moment: Moment, id: Int64, _ change: OrderChange) {
    trades.append(moment)
    tradeIDs.append(id)
    tradePrices.append(change.ticks)
    tradeSizes.append(change.lots)
    aggressors.append(change.side.opposite.rawValue)
  }

  mutating func level(
    _ moment: Moment, update: Int64, isSnapshot: Bool, _ side: Side, ticks: Int64, lots: Int64,
    isLast: Bool
  ) {
    depth.append(moment)
    updates.append(update)
    depthKinds.append(isSnapshot ? 0 : 1)
    depthSides.append(side.rawValue)
    depthPrices.append(ticks)
    depthSizes.append(lots)
    lasts.append(isLast)
  }

  /// A whole book in both tables: bids and then asks, best first, front to back.
  mutating func snapshot(_ moment: Moment, update: Int64, of book: OrderByOrderBook) {
    var left = book.levelCount(.buy) + book.levelCount(.sell)
    for side in Side.allCases {
      book.forEachOrder(side) {
        order(moment, OrderChange(.snapshot, $0.id, side, $0.ticks, $0.lots))
      }
      var ticks = book.bestTicks(side)
      while let price = ticks, let level = book.level(side, at: price) {
        left -= 1
        self.level(
          moment, update: update, isSnapshot: true, side, ticks: price, lots: level.lots,
          isLast: left == 0)
        ticks = book.nextTicks(side, behind: price)
      }
    }
  }

  mutating func begin(_ moment: Moment) { statuses.append(moment) }

  mutating func event(
    _ moment: Moment, _ event: HawkesEvent, changes: Int, fundamental: Double, reference: Double,
    intensities: [Double]
  ) {
    events.arrivals.append(moment.arrival)
    events.times.append(moment.time)
    events.sequences.append(moment.sequence)
    events.kinds.append(Int32(event.kind))
    events.immigrants.append(event.isImmigrant)
    events.changes.append(Int32(changes))
    events.fundamentals.append(fundamental)
    events.references.append(reference)
    for (kind, value) in intensities.enumerated() { events.intensities[kind].append(value) }
  }

  // MARK: Frames

  func chunk(_ date: CivilDate, _ instrument: Instrument, hasEvents: Bool) -> ScenarioChunk {
    let (price, size) = (instrument.priceDecimals, instrument.sizeDecimals)
    func category(_ codes: [Int32], _ levels: [String]) -> Column {
      .category(Categories(codes: codes, levels: levels))
    }
    let status = MarketPhase.trading.rawValue
    return ScenarioChunk(
      date: date,
      orders: Frame(
        orders.columns + [
          ("order_id", .int64(orderIDs)),
          ("kind", category(orderKinds, OrderEventKind.allCases.map(\.rawValue))),
          ("side", .int32(orderSides)), ("price", .decimal(orderPrices, scale: price)),
          ("size", .decimal(orderSizes, scale: size)),
        ]),
      trades: Frame(
        trades.columns + [
          ("id", .int64(tradeIDs)), ("price", .decimal(tradePrices, scale: price)),
          ("size", .decimal(tradeSizes, scale: size)), ("aggressor", .int32(aggressors)),
        ]),
      depth: Frame(
        depth.columns + [
          ("update_id", .int64(updates)),
          ("kind", category(depthKinds, DepthKind.allCases.map(\.rawValue))),
          ("side", .int32(depthSides)), ("price", .decimal(depthPrices, scale: price)),
          ("size", .decimal(depthSizes, scale: size)), ("last", .bool(lasts)),
        ]),
      status: Frame(
        statuses.columns + [
          ("status", category(statuses.time.map { _ in 0 }, [status]))
        ]),
      events: hasEvents ? eventFrame(instrument.priceScale) : nil)
  }

  private func eventFrame(_ priceScale: Double) -> Frame {
    let names = FlowKind.allCases.map(\.name)
    var frame = Frame([
      ("arrival", .timestamp(events.arrivals)), ("time", .timestamp(events.times)),
      ("sequence", .int64(events.sequences)),
      ("kind", .category(Categories(codes: events.kinds, levels: names))),
      ("immigrant", .bool(events.immigrants)), ("changes", .int32(events.changes)),
      ("fundamental", .double(events.fundamentals.map { $0 / priceScale })),
      ("reference", .double(events.references.map { $0 / priceScale })),
    ])
    for (kind, name) in names.enumerated() {
      frame.append("intensity_\(name)", .double(events.intensities[kind]))
    }
    return frame
  }
}
