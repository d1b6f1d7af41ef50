internal import Foundation
public import HogaCore

/// Tells what became of a backtest's orders, from the files of a finished run.
public struct ExplainJob: Sendable {
  /// A run's folder, as `hoga run` or `hoga backtest --out` leaves it.
  public var run: String
  /// Whose orders; the run's first strategy where `nil`.
  public var strategy: String?

  public init(run: String, strategy: String? = nil) {
    self.run = run
    self.strategy = strategy
  }

  /// An answer for programs and for people.
  public struct Outcome: Sendable {
    public var json: JSONValue
    public var text: String
  }

  /// The life of one order.
  ///
  /// - Throws: `MissingInputError` that names what there is, where the run, the strategy or the order
  ///   does not exist.
  public func order(_ number: Int64) throws -> Outcome {
    let (tables, others, symbol) = try load()
    let life = try OrderLife(number, in: tables, symbol: symbol)
    return Outcome(
      json: life.json(run: run, tables), text: life.text(run: run, tables, others: others))
  }

  /// The orders that were filled, the first `limit` of them in the text.
  ///
  /// - Throws: `MissingInputError` that names what there is, where the run or the strategy does not
  ///   exist.
  public func list(limit: Int = 20) throws -> Outcome {
    let (tables, others, _) = try load()
    let owners = try tables.fills.int64s("order")
    var rowsOf: [Int64: [Int]] = [:]
    for (row, owner) in owners.enumerated() { rowsOf[owner, default: []].append(row) }
    let ids = try tables.orders.int64s("id")
    let orders = ids.indices.filter { rowsOf[ids[$0]] != nil }
    let lines = try orders.map { try line($0, fills: rowsOf[ids[$0]]!, tables) }
    var table = TextTable([
      ("order", .right), ("decided, UTC", .left), ("side", .left), ("kind", .left),
      ("price", .right), ("size", .right), ("filled", .right), ("fills", .right),
      ("as", .left), ("fee", .right), ("net", .right),
    ])
    for line in lines.prefix(limit) { table.append(line.cells) }
    var text = "\(tables.name) placed \(NumberText.count(ids.count)) orders, "
    text += "\(NumberText.count(orders.count)) of them filled at least in part"
    if !lines.isEmpty {
      text += "; net is marked at the closing mid, in \(tables.currency) currency\n\(table.text)"
    }
    if lines.count > limit {
      text += "\n… and \(NumberText.count(lines.count - limit)) more (--limit, --json)"
    }
    let closed = rowsOf[0]?.count ?? 0
    if closed > 0 {
      text += "\n\(closed) fills were none of its orders': the venue liquidated its position"
    }
    text += Self.remark(on: others)
    if let first = orders.first {
      text += "\n\nThe life of one: hoga backtest explain \(run) \(ids[first])"
      if strategy != nil { text += " --strategy \(tables.name)" }
    }
    return Outcome(
      json: [
        "run": .string(run), "strategy": .string(tables.name), "orders": .int(Int64(ids.count)),
        "filled": .array(lines.map(\.json)),
      ], text: text)
  }

  /// Says which other strategies there are, as a line of its own.
  static func remark(on others: [String]) -> String {
    others.isEmpty
      ? "" : "\n\nAlso in this run (--strategy): \(others.joined(separator: ", "))"
  }

  // MARK: Finding the run

  private func load() throws -> (tables: BacktestTables, others: [String], symbol: String) {
    guard FileManager.default.fileExists(atPath: run) else {
      throw MissingInputError("\(run): no such folder\(Self.runs(beside: run))")
    }
    let files = RunFolder(run)
    let metrics = try files.json("metrics.json")
    let backtests = metrics["backtests"].list
    guard let first = backtests.first else {
      throw MissingInputError("\(run): this run has no backtests of orders")
    }
    let names = backtests.map { $0.string("name") }
    let wanted = strategy ?? first.string("name")
    guard let found = backtests.first(where: { $0.string("name") == wanted }) else {
      throw MissingInputError(
        "\(run): no strategy '\(wanted)'; there are \(names.joined(separator: ", "))")
    }
    guard files.exists("backtests/\(wanted)/orders.parquet") else {
      throw MissingInputError("\(run): backtests/\(wanted) has no orders.parquet")
    }
    return (
      try BacktestTables(files, found), strategy == nil ? names.filter { $0 != wanted } : [],
      (found["result"]).string("symbol")
    )
  }

  /// Names the runs beside a folder that is not there.
  private static func runs(beside path: String) -> String {
    let parent = URL(fileURLWithPath: path).deletingLastPathComponent()
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []
    let runs = names.sorted().filter {
      FileManager.default.fileExists(
        atPath: parent.appendingPathComponent("\($0)/metrics.json").path)
    }
    guard !runs.isEmpty else { return "" }
    return "; beside it are \(runs.prefix(8).joined(separator: ", "))"
      + (runs.count > 8 ? ", …" : "")
  }

  private func line(
    _ row: Int, fills: [Int], _ tables: BacktestTables
  ) throws -> (cells: [String], json: JSONValue) {
    let orders = tables.orders
    func sum(_ name: String) -> Double {
      fills.reduce(0) { $0 + (tables.fills.number(name, $1) ?? 0) }
    }
    let makers = fills.count { tables.fills.text("maker", $0) == "true" }
    let role = makers == fills.count ? "maker" : makers == 0 ? "taker" : "both"
    let isBuy = (orders.number("side", row) ?? 0) > 0
    let number = orders.text("id", row) ?? ""
    let time = orders.time("decision_time", row)
    let cells = [
      number, time.map(ClockText.full) ?? "", isBuy ? "buy" : "sell",
      OrderLife.kind(orders.text("kind", row) ?? ""), orders.text("price", row) ?? "–",
      orders.text("size", row) ?? "", orders.text("filled", row) ?? "", "\(fills.count)", role,
      NumberText.fixed(sum("fee"), 4), NumberText.fixed(sum("net"), 4),
    ]
    let json = JSONValue.object([
      ("order", orders.json(row: row)), ("fills", .int(Int64(fills.count))),
      ("role", .string(role)), ("fee", .double(sum("fee"))), ("net", .double(sum("net"))),
    ])
    return (cells, json)
  }
}
