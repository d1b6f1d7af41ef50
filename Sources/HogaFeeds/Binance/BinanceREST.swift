package import HogaCore

/// The exchange's REST API, for whole past days that the archive lacks.
package struct BinanceREST: Sendable {
  /// How far back the positioning statistics go, by the exchange's documentation.
  package static let statisticsDays = 30
  private static let answerLimit: Int64 = 64 << 20

  package var url: String
  package var market: BinanceMarket
  package var web: Web

  package init(url: String, market: BinanceMarket, web: Web) {
    self.url = url
    self.market = market
    self.web = web
  }

  /// What all workers together may use: four fifths of what the exchange allows an address.
  package static func limits(_ market: BinanceMarket) -> [RateLane: RateBudget.Limit] {
    [
      .weight: RateBudget.Limit(market.weightPerMinute * 4 / 5, per: .seconds(60)),
      .statistics: RateBudget.Limit(800, per: .seconds(300)),
      .funding: RateBudget.Limit(400, per: .seconds(300)),
    ]
  }

  /// Symbols that are trading now; of futures the perpetual ones.
  package func symbols() throws -> [String] {
    let text = try get("exchangeInfo", lane: .weight, cost: 20, [])
    guard let text, case .array(let items)? = try read({ try JSONReader.read(text) })["symbols"]
    else { throw FetchProblem("exchangeInfo lists no symbols") }
    let names = items.compactMap { item -> String? in
      guard case .string(let name)? = item["symbol"], isSymbol(name) else { return nil }
      let status = item["status"] ?? item["contractStatus"]
      let isPerpetual = market == .spot || item["contractType"] == "PERPETUAL"
      return status == "TRADING" && isPerpetual ? name : nil
    }
    return names.sorted()
  }

  /// A day's table as the archive would have it, and `nil` where the exchange has nothing of it.
  package func day(_ day: CivilDate, of series: ArchiveSeries) throws -> String? {
    let start = day.start.nanoseconds / 1_000_000
    let range = start...(start + 86_400_000 - 1)
    switch series.kind {
    case .klines, .premium:
      let path = series.kind == .klines ? "klines" : "premiumIndexKlines"
      let rows = try klines(path, series, range)
      return rows.isEmpty
        ? nil : RESTTable.klineCSV(rows, header: market != .spot)
    case .funding:
      // A day more, to know the interval that the first one ends.
      let text = try get(
        "fundingRate", lane: .funding, cost: 1,
        [("symbol", series.symbol)]
          + Self.times(start - 86_400_000...range.upperBound, limit: 1_000))
      guard let text else { return nil }
      let rows = try read {
        try RESTTable.objects(text, time: "fundingTime", ["fundingRate"])
      }
      try Self.require(rows, within: start - 86_400_000...range.upperBound)
      return RESTTable.fundingCSV(rows, from: start)
    case .metrics: return try metrics(series, range)
    }
  }

  private func klines(
    _ path: String, _ series: ArchiveSeries, _ range: ClosedRange<Int64>
  ) throws -> [RESTTable.Row] {
    let limit = market == .spot ? 1_000 : 1_500
    let step = series.interval.span.nanoseconds / 1_000_000
    let most = Int((range.upperBound - range.lowerBound) / step) + 1
    // Weights by the exchange's documentation; the answers' headers tell the true ones.
    let cost = market == .spot ? 2 : most < 100 ? 1 : most < 500 ? 2 : most <= 1_000 ? 5 : 10
    var rows: [RESTTable.Row] = []
    var from = range.lowerBound
    while from <= range.upperBound {
      let text = try get(
        path, lane: .weight, cost: cost,
        [("symbol", series.symbol), ("interval", "\(series.interval)")]
          + Self.times(from...range.upperBound, limit: limit))
      guard let text else { return [] }
      let page = try read { try RESTTable.klines(text) }
      try Self.require(page, within: from...range.upperBound)
      rows += page
      guard page.count >= limit, let last = page.last else { break }
      from = last.time + 1
    }
    return rows
  }

  private func metrics(_ series: ArchiveSeries, _ range: ClosedRange<Int64>) throws -> String? {
    let tables: [(path: String, fields: [String])] = [
      ("openInterestHist", ["sumOpenInterest", "sumOpenInterestValue"]),
      ("topLongShortAccountRatio", ["longShortRatio"]),
      ("topLongShortPositionRatio", ["longShortRatio"]),
      ("globalLongShortAccountRatio", ["longShortRatio"]),
      ("takerlongshortRatio", ["buySellRatio"]),
    ]
    var columns: [[RESTTable.Row]] = []
    for table in tables {
      let text = try get(
        "\(url)/futures/data/\(table.path)", lane: .statistics, cost: 1,
        [("symbol", series.symbol), ("period", "5m")] + Self.times(range, limit: 500))
      guard let text else { return nil }
      let rows = try read { try RESTTable.objects(text, time: "timestamp", table.fields) }
      try Self.require(rows, within: range)
      columns.append(rows)
      // Without open interest there is nothing to lay the others beside.
      if columns.count == 1, rows.isEmpty { return nil }
    }
    return RESTTable.metricsCSV(symbol: series.symbol, columns)
  }

  private static func times(_ range: ClosedRange<Int64>, limit: Int) -> [(String, String)] {
    [
      ("startTime", "\(range.lowerBound)"), ("endTime", "\(range.upperBound)"),
      ("limit", "\(limit)"),
    ]
  }

  private static func require(_ rows: [RESTTable.Row], within range: ClosedRange<Int64>) throws {
    guard rows.allSatisfy({ range.contains($0.time) }) else {
      throw FetchProblem("the REST API answered for another time than was asked")
    }
  }

  /// - Returns: `nil` where the exchange knows no such symbol or no such past.
  private func get(
    _ path: String, lane: RateLane, cost: Int, _ query: [(String, String)]
  ) throws -> String? {
    let base = path.hasPrefix("http") ? path : "\(url)/\(market.restFolder)/\(path)"
    let parameters = query.map { "\($0.0)=\(percentEncoded($0.1))" }.joined(separator: "&")
    let address = parameters.isEmpty ? base : "\(base)?\(parameters)"
    guard
      let (response, text) = try web.text(
        address, lane: lane, cost: cost, limit: Self.answerLimit, accepting: [400])
    else { return nil }
    guard response.status == 400 else { return text }
    web.note(response, lane)
    // Invalid symbol, symbol not trading, and a time that lies too far back.
    guard case .int(let code)? = try? JSONReader.read(text)["code"],
      [-1121, -1122, -1130, -4108, -4144].contains(code)
    else { throw FetchProblem("the REST API answered 400: \(shortened(text))") }
    return nil
  }

  private func read<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as DataError {
      throw FetchProblem("the REST API's answer is of no use: \(error)")
    }
  }
}
