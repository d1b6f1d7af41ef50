internal import HogaCore

/// A run on bars as a terminal shows it: what each strategy earned, and where it went.
struct BarSummary {
  private let metrics: JSONValue

  init(_ metrics: JSONValue) { self.metrics = metrics }

  private var strategies: [JSONValue] { metrics["strategies"].list }

  var text: String {
    var table = TextTable([
      ("strategy", .left), ("gross", .right), ("slippage", .right), ("fees", .right),
      ("funding", .right), ("net", .right), ("return", .right), ("drawdown", .right),
      ("turnover", .right), ("a day", .right), ("fills", .right), ("chance ≥", .right),
    ])
    var wasBaseline = false
    for strategy in strategies {
      let result = strategy["result"]
      let waterfall = result?["waterfall"]
      let isBaseline = strategy["baseline"] == .bool(true)
      if isBaseline, !wasBaseline, strategy != strategies.first { table.appendRule() }
      wasBaseline = isBaseline
      table.append([
        strategy.string("name"), NumberText.fixed(waterfall.double("gross"), 2),
        NumberText.fixed(-waterfall.double("slippage"), 2),
        NumberText.fixed(-waterfall.double("fees"), 2),
        NumberText.fixed(waterfall.double("funding"), 2),
        NumberText.fixed(waterfall.double("net"), 2),
        NumberText.percent((result?["statistics"]).double("total_return"), 2),
        NumberText.percent((result?["statistics"]).double("max_drawdown"), 2),
        NumberText.fixed(result.double("turnover"), 1) + "×",
        NumberText.fixed(result.double("turnover_per_day"), 1) + "×",
        NumberText.count(result.int("fills")),
        NumberText.percent(strategy.double("chance_at_least")),
      ])
    }
    let first = strategies.first?["result"]
    return
      ([
        "Bars of \(metrics.string("venue")), \(metrics.string("bars")): "
          + "\(first.int("symbols")) symbols, \(metrics.string("from")) – \(metrics.string("to"))",
        table.text, chance, trials, verdict,
      ] + notes).filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private var chance: String {
    guard let chance = metrics["chance"], chance != .null else { return "" }
    return
      "\(chance.int("runs")) random portfolios of the first strategy's shape: gross "
      + "\(NumberText.fixed(chance.double("gross_low"), 2)) to "
      + "\(NumberText.fixed(chance.double("gross_high"), 2)) (5 % to 95 %), net median "
      + "\(NumberText.fixed(chance.double("net_median"), 2)); chance ≥ is the share of them with "
      + "as much gross or more"
  }

  /// How many were tried, and what is left of the best ratio then.
  private var trials: String {
    guard let trials = Self.trials(strategies) else { return "" }
    return TrialText.line(count: trials.count, best: trials.best, deflated: trials.deflated)
  }

  /// The strategy or baseline with the best Sharpe ratio, and the trials that it is the best of:
  /// `nil` where nobody counted. None where no strategy has a ratio.
  static func trials(
    _ strategies: [JSONValue]
  ) -> (count: Int64?, best: String, deflated: Double)? {
    let ratios = strategies.map { ($0["result"]?["statistics"]).double("sharpe_per_period") }
    guard
      let place = strategies.indices.filter({ ratios[$0].isFinite })
        .max(by: { ratios[$0] < ratios[$1] })
    else { return nil }
    let best = strategies[place]
    var count: Int64?
    if case .int(let trials)? = best["trials"] { count = trials }
    return (count, best.string("name"), best.double("deflated_sharpe"))
  }

  /// In a sentence, whether anything was earned.
  private var verdict: String { Self.verdict(strategies) }

  static func verdict(_ strategies: [JSONValue]) -> String {
    let asked = strategies.filter { $0["baseline"] != .bool(true) }
    func net(_ strategy: JSONValue) -> Double { (strategy["result"]).double("net") }
    guard !asked.isEmpty else { return "" }
    let earning = asked.filter { net($0) > 0 }
    let gross = asked.filter { ($0["result"]?["waterfall"]).double("gross") > 0 }
    guard !earning.isEmpty else {
      return gross.isEmpty
        ? "No strategy earned anything, before or after costs."
        : "No strategy earned anything after costs; before costs "
          + gross.map { $0.string("name") }.joined(separator: ", ") + " did."
    }
    // Chance compares only where it has been drawn.
    let beyond = earning.filter { ($0.double("chance_at_least")) < 0.05 }
    let names = earning.map { $0.string("name") }.joined(separator: ", ")
    let best = strategies.filter { $0["baseline"] == .bool(true) }.map(net).max() ?? 0
    let beating = earning.count { net($0) > best }
    let chance =
      beyond.isEmpty
      ? "none more before costs than 95 % of random portfolios"
      : "\(beyond.count) of \(asked.count) more before costs than 95 % of random portfolios"
    return "After costs \(names) earned something; \(chance), \(beating) more than the best "
      + "baseline."
  }

  private var notes: [String] {
    var notes = metrics["notes"].texts
    for strategy in strategies {
      let result = strategy["result"]
      var parts: [String] = []
      if case .object(let reasons)? = result?["unfilled"] {
        for reason in reasons {
          if case .int(let count) = reason.value, count > 0 {
            parts.append("\(NumberText.count(count)) orders not filled (\(reason.key))")
          }
        }
      }
      for (key, text) in [
        ("below_minimum", "orders below the smallest notional"),
        ("scaled_decisions", "decisions scaled to the gross limit"),
        ("cut_weights", "weights cut to the limit of a symbol"),
        ("unpriced", "orders without a price to size them by"),
      ] where result.int(key) > 0 {
        parts.append("\(NumberText.count(result.int(key))) \(text)")
      }
      let closed = result.string("liquidated")
      if !closed.isEmpty { parts.append("closed by force at \(closed)") }
      if !parts.isEmpty {
        notes.append("\(strategy.string("name")): \(parts.joined(separator: ", "))")
      }
    }
    return notes.isEmpty ? [] : [notes.joined(separator: "\n")]
  }
}
