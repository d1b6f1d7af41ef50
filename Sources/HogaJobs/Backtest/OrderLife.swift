internal import HogaCore
internal import HogaSim

/// An order from the strategy's decision to its end: what happened, when by which clock, and why.
///
/// Made of the tables that a run left. Times of two clocks stand beside each other: the strategy's,
/// which sees things when they arrive, and the exchange's, where they happen.
struct OrderLife {
  /// Something that happened to the order.
  struct Event {
    /// When the strategy did it or learned of it; `nil` where it did neither.
    var localTime: Timestamp?
    /// When it happened at the exchange; `nil` for what happens before the order gets there.
    var exchangeTime: Timestamp?
    /// What happened, in a few words.
    var what: String
    /// What it takes to understand it, a line each.
    var details: [String] = []
    /// The exchange's book right before, as lines of a small table.
    var book: [String] = []

    /// By which events are put in order; what has no time is the end.
    fileprivate var place: Timestamp {
      exchangeTime ?? localTime ?? Timestamp(nanoseconds: .max)
    }
  }

  let number: Int64
  let strategy: String
  /// The row of the table of orders.
  let row: Int
  /// The rows of the table of fills, in order.
  let fillRows: [Int]
  private(set) var events: [Event] = []
  private let tables: BacktestTables
  private let symbol: String

  /// - Parameter symbol: what is traded, for texts.
  /// - Throws: `MissingInputError` where the strategy has no such order.
  init(_ number: Int64, in tables: BacktestTables, symbol: String) throws {
    let ids = try tables.orders.int64s("id")
    guard let row = ids.firstIndex(of: number) else {
      let known =
        ids.isEmpty ? "it placed none" : "its orders are \(ids.min()!) to \(ids.max()!)"
      throw MissingInputError("\(tables.name) has no order \(number): \(known)")
    }
    self.number = number
    self.tables = tables
    self.symbol = symbol
    self.row = row
    strategy = tables.name
    let owners = try tables.fills.int64s("order")
    fillRows = owners.indices.filter { owners[$0] == number }
    events = (isVenues ? [closing] : [decision, arrival]).compactMap { $0 } + fillRows.map(fill)
    events += [end].compactMap { $0 }
    // Stable: at one instant an order arrives before it fills, and fills before it ends.
    events = events.enumerated().sorted {
      ($0.element.place, $0.offset) < ($1.element.place, $1.offset)
    }.map(\.element)
  }

  // MARK: The order itself

  private var orders: Frame { tables.orders }
  private var fills: Frame { tables.fills }
  var isBuy: Bool { (orders.number("side", row) ?? 0) > 0 }
  var price: String? { orders.text("price", row) }
  private var status: String { orders.text("status", row) ?? "unknown" }

  /// `buy 0.010 BTCUSDT at 61737.90, post-only`.
  var request: String {
    var text = "\(isBuy ? "buy" : "sell") \(orders.text("size", row) ?? "?") \(symbol)"
    if let price { text += " at \(price)" }
    text += ", " + Self.kind(orders.text("kind", row) ?? "")
    if orders.text("reduce_only", row) == "true" { text += ", reduce-only" }
    return text
  }

  /// `filled`, or `cancelled, 0.004 of 0.010 filled`.
  var outcome: String {
    let filled = orders.text("filled", row) ?? "0"
    let some = (orders.number("filled", row) ?? 0) > 0
    return status == "filled" || !some
      ? status : "\(status), \(filled) of \(orders.text("size", row) ?? "?") filled"
  }

  /// How an order behaves, in a trader's words.
  static func kind(_ name: String) -> String {
    switch name {
    case "post_only": "post-only"
    case "ioc": "immediate or cancel"
    case "fok": "fill or kill"
    default: name
    }
  }

  /// Whether the venue placed it, to close the position where the margin was used up. The strategy's
  /// own orders have the same reason where they were cancelled or rejected with that.
  var isVenues: Bool {
    orders.text("reason", row) == CancelReason.liquidated.rawValue
      && status != "cancelled" && status != "rejected"
  }

  // MARK: Events

  private var closing: Event? {
    Event(
      exchangeTime: orders.time("decision_time", row),
      what: "the venue closed the position: the margin was used up", details: [request])
  }

  private var decision: Event? {
    let time = orders.time("decision_time", row)
    var event = Event(localTime: time, what: "decided to \(request)")
    // Orders that were never filled may have no record of what was seen.
    let mid =
      orders.number("mid_decision", row)
      ?? fillRows.first.flatMap { fills.number("mid_decision", $0) }
    if let mid {
      var seen = "it saw a mid of \(priceText(mid))"
      if let bid = orders.text("bid_decision", row), let ask = orders.text("ask_decision", row) {
        seen += ", \(bid) bid and \(ask) asked"
      }
      if let first = fillRows.first, let delay = fills.number("feed_latency_ns", first) {
        seen += ", as the exchange had shown it \(Self.milliseconds(delay)) before"
      }
      event.details.append(seen)
    }
    if orders.time("exchange_arrival", row) == nil {
      if status == "rejected" {
        event.details.append(
          "refused before it was sent: \(orders.text("reason", row) ?? "no reason is known")")
      } else {
        event.details.append("sent; it had not arrived when the run ended")
      }
    }
    return event
  }

  private var arrival: Event? {
    guard let time = orders.time("exchange_arrival", row) else { return nil }
    var event = Event(exchangeTime: time, what: "")
    event.localTime = answer(to: time)
    let decided = orders.time("decision_time", row)
    let way = decided.map { "after \(Self.milliseconds(Double((time - $0).nanoseconds)))" } ?? ""
    if status == "rejected" {
      event.what =
        "arrived \(way) and was rejected: \(orders.text("reason", row) ?? "no reason is known")"
      return event
    }
    event.what = "arrived \(way) and was accepted"
    if let first = fillRows.first, let seen = fills.number("mid_decision", first),
      let met = fills.number("mid_arrival", first)
    {
      event.details.append(
        met == seen
          ? "the mid was still \(priceText(met))"
          : "the mid had moved to \(priceText(met)), \(signed(met - seen)) since the decision")
    }
    if let ahead = amount(orders, "queue_ahead_entry", row) {
      event.details.append(
        (orders.number("queue_ahead_entry", row) ?? 0) == 0
          ? "it joined an empty queue at \(price ?? "its price")"
          : "it joined the queue at \(price ?? "its price") behind \(ahead)")
    }
    event.details += queue
    if let count = orders.number("amends", row), count > 0 {
      event.details.append("it was amended \(count == 1 ? "once" : "\(Int(count)) times")")
    }
    return event
  }

  /// What took the orders ahead away while it waited.
  private var queue: [String] {
    var parts: [String] = []
    if let traded = orders.number("ahead_traded", row), traded > 0 {
      parts.append("\(amount(orders, "ahead_traded", row)!) traded")
    }
    if let cancelled = orders.number("ahead_cancelled", row), cancelled > 0 {
      parts.append("\(amount(orders, "ahead_cancelled", row)!) was cancelled or is taken to be")
    }
    guard let left = amount(orders, "queue_ahead_end", row) else { return [] }
    let how = parts.isEmpty ? "nothing moved ahead of it" : parts.joined(separator: " and ")
    return ["while it waited, \(how); \(left) was left in front at its end"]
  }

  private func fill(_ row: Int) -> Event {
    let isMaker = fills.text("maker", row) == "true"
    let size = fills.text("size", row) ?? "?"
    let price = fills.text("price", row) ?? "?"
    var event = Event(
      exchangeTime: fills.time("exchange_time", row),
      what: "\(isBuy ? "bought" : "sold") \(size) at \(price) as \(isMaker ? "maker" : "taker"): "
        + (fills.text("reason", row) ?? "no rule is known"))
    if let time = event.exchangeTime {
      event.localTime =
        fills.time("response_time", row) ?? answer(to: time)
    }
    if let sequence = fills.text("sequence", row) {
      event.details.append("by market event \(sequence)")
    }
    if let ahead = amount(fills, "queue_ahead_fill", row) {
      event.details.append("\(ahead) was ahead in the queue")
    }
    let mids = [("decision", "mid_decision"), ("arrival", "mid_arrival"), ("match", "mid_match")]
      .compactMap { name, column in
        fills.number(column, row).map { "\(priceText($0)) at \(name)" }
      }
    if !mids.isEmpty { event.details.append("mid: " + mids.joined(separator: ", ")) }
    let marks = markOuts(row)
    if !marks.isEmpty {
      event.details.append("mark-out in bps: " + marks.joined(separator: ", "))
    }
    if let fee = fills.number("fee", row) {
      event.details.append("\(fee < 0 ? "rebate" : "fee"): \(Self.money(abs(fee)))")
    }
    event.book = BookBefore(fills, row)?.lines(own: price, isBuy: isBuy, isMaker: isMaker) ?? []
    if event.book.isEmpty, let bid = fills.text("best_bid", row),
      let ask = fills.text("best_ask", row)
    {
      event.details.append("the book before: \(bid) bid, \(ask) asked")
    }
    return event
  }

  private func markOuts(_ row: Int) -> [String] {
    guard let price = fills.number("price", row), price > 0 else { return [] }
    return FillAftermath.horizons.compactMap { horizon in
      fills.number(FillAftermath.column(horizon), row).map { mid in
        let move = (isBuy ? 1 : -1) * (mid / price - 1) * 10_000
        return "\(move > 0 ? "+" : "")\(NumberText.fixed(move, 2)) after \(horizon)"
      }
    }
  }

  private var end: Event? {
    guard status == "cancelled" || status == "open" || status == "in flight" else { return nil }
    guard let time = orders.time("end_time", row) else {
      return status == "open"
        ? Event(what: "it was still open when the run ended") : nil
    }
    var event = Event(exchangeTime: time, what: "cancelled")
    if let reason = orders.text("reason", row) { event.what = reason }
    event.localTime = answer(to: time)
    return event
  }

  // MARK: Numbers

  /// When the strategy learns of what happened at `time`, where the answer's way is a constant.
  private func answer(to time: Timestamp) -> Timestamp? {
    TimeSpan((tables.result?["settings"]?["latency"]).string("response")).map { time + $0 }
  }

  /// A size that a queue model may have made a fraction of the smallest one.
  private func amount(_ table: Frame, _ name: String, _ row: Int) -> String? {
    guard case .double(let values)? = table[name], case .decimal(_, let scale)? = orders["size"]
    else { return table.text(name, row) }
    return values[row].isNaN ? nil : NumberText.fixed(values[row], scale)
  }

  /// A mid: one digit more than prices, as it can lie between two of them.
  private func priceText(_ mid: Double) -> String {
    NumberText.fixed(mid, decimals + 1)
  }

  private var decimals: Int {
    guard case .decimal(_, let scale)? = orders["price"] else { return 2 }
    return scale
  }

  private func signed(_ move: Double) -> String {
    "\(move > 0 ? "+" : "")\(NumberText.fixed(move, decimals + 1))"
  }

  static func milliseconds(_ nanoseconds: Double) -> String {
    let text = NumberText.fixed(nanoseconds / 1e6, 3)
    return (text.hasSuffix(".000") ? String(text.dropLast(4)) : text) + " ms"
  }

  static func money(_ amount: Double) -> String { NumberText.fixed(amount, 6) }
}
