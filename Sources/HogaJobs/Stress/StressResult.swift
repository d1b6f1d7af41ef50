public import HogaCore
public import HogaScenarios
internal import HogaSim

/// What stress runs found: every strategy on every synthetic market.
public struct StressResult: Sendable {
  public struct Curve: Sendable {
    public var mood: ScenarioMood
    public var strategy: String
    public var seed: UInt64
    /// `time`, `equity`, `position`, `mid`, … once a second.
    public var equity: Frame
  }

  public let settings: StressSettings
  public let seed: UInt64
  /// How queues were modelled.
  public let queue: String
  public let capital: Double
  public let instrument: Instrument
  /// Ticks.
  public let startPrice: Int64
  public let strategies: [String]
  /// What a reader has to know of these runs.
  public let notes: [String]
  /// By mood, seed and strategy, in the order of the settings.
  public internal(set) var runs: [StressRun] = []
  /// What was measured of each mood's markets, by seed.
  public internal(set) var facts: [ScenarioMood: [ScenarioFacts]] = [:]
  /// The accounts over time on the markets of the first seed.
  public internal(set) var curves: [Curve] = []

  /// The runs of a strategy in a mood, by seed.
  public func runs(_ mood: ScenarioMood, _ strategy: String) -> [StressRun] {
    runs.filter { $0.mood == mood && $0.strategy == strategy }
  }

  // MARK: Tables

  /// One row for each mood, strategy and seed; money in quote currency, sizes in units:
  ///
  /// `mood, strategy, seed, net, gross, spread, latency, walk, impact, fees, funding, net_of_capital,
  /// traded_value, max_drawdown, orders, rejected, fills, maker_fills, round_trips, largest_position,
  /// final_position, stopped, liquidated, events, fingerprint`.
  public var table: Frame {
    func money(_ part: (CostParts) -> Money) -> Column {
      .double(runs.map { part($0.costs).value })
    }
    func counts(_ path: KeyPath<StressRun, Int>) -> Column {
      .int64(runs.map { Int64($0[keyPath: path]) })
    }
    func sizes(_ path: KeyPath<StressRun, Int64>) -> Column {
      .decimal(runs.map { $0[keyPath: path] }, scale: instrument.sizeDecimals)
    }
    return Frame([
      ("mood", .category(Categories(runs.map { $0.mood.rawValue }))),
      ("strategy", .category(Categories(runs.map(\.strategy)))),
      ("seed", .int64(runs.map { Int64($0.seed) })),
      ("net", money { $0.net }), ("gross", money { $0.gross }), ("spread", money { $0.spread }),
      ("latency", money { $0.latency }), ("walk", money { $0.walk }),
      ("impact", money { $0.impact }), ("fees", money { $0.fees }),
      ("funding", money { $0.funding }),
      ("net_of_capital", .double(runs.map { $0.net.value / capital })),
      ("traded_value", .double(runs.map(\.tradedValue))),
      ("max_drawdown", .double(runs.map(\.maximumDrawdown))),
      ("orders", counts(\.orders)), ("rejected", counts(\.rejectedOrders)),
      ("fills", counts(\.fills)), ("maker_fills", counts(\.makerFills)),
      ("round_trips", counts(\.roundTrips)),
      ("largest_position", sizes(\.largestPosition)), ("final_position", sizes(\.finalPosition)),
      ("stopped", .bool(runs.map(\.isStopped))), ("liquidated", .bool(runs.map(\.isLiquidated))),
      ("events", .int64(runs.map(\.events))),
      ("fingerprint", .category(Categories(runs.map(\.fingerprint)))),
    ])
  }

  /// The accounts of the first seed, second by second: `mood, strategy, seed, time, equity, position,
  /// mid`.
  func equityTable() throws -> Frame {
    var columns: [(mood: String, strategy: String, seed: Int64)] = []
    var (times, positions): ([Int64], [Int64]) = ([], [])
    var (equity, mids): ([Double], [Double]) = ([], [])
    for curve in curves {
      let time = try curve.equity.int64s("time")
      times += time
      positions += try curve.equity.int64s("position")
      equity += try curve.equity.doubles("equity")
      mids += try curve.equity.doubles("mid")
      columns += time.map { _ in (curve.mood.rawValue, curve.strategy, Int64(curve.seed)) }
    }
    return Frame([
      ("mood", .category(Categories(columns.map(\.mood)))),
      ("strategy", .category(Categories(columns.map(\.strategy)))),
      ("seed", .int64(columns.map(\.seed))), ("time", .timestamp(times)),
      ("equity", .double(equity)),
      ("position", .decimal(positions, scale: instrument.sizeDecimals)), ("mid", .double(mids)),
    ])
  }

  // MARK: JSON

  /// Settings, markets, and for each mood and strategy the means over seeds and each seed's figures.
  public var json: JSONValue {
    [
      "duration_s": .double(settings.duration.seconds), "first_seed": .int(Int64(seed)),
      "seeds": .int(Int64(settings.seeds)),
      "moods": .array(settings.moods.map { .string($0.rawValue) }),
      "strategies": .array(strategies.map { .string($0) }),
      "crash_at_s": .double(settings.crashSeconds), "queue": .string(queue),
      "capital": .double(capital),
      "instrument": [
        "venue": .string(instrument.venue),
        "price_decimals": .int(Int64(instrument.priceDecimals)),
        "size_decimals": .int(Int64(instrument.sizeDecimals)),
        "start_price": .double(Double(startPrice) / instrument.priceScale),
      ],
      "notes": .array(notes.map { .string($0) }),
      "markets": .array(settings.moods.map { marketJSON($0) }),
      "results": .array(
        settings.moods.flatMap { mood in
          strategies.map { resultJSON(mood, $0) }
        }),
    ]
  }

  private func marketJSON(_ mood: ScenarioMood) -> JSONValue {
    let facts = facts[mood] ?? []
    func mean(_ value: (ScenarioFacts) -> Double) -> JSONValue {
      StressEstimate(facts.map(value)).json
    }
    return [
      "mood": .string(mood.rawValue), "spread_ticks": mean { $0.meanSpread },
      "touch_size": mean { $0.meanTouchLots / instrument.sizeScale },
      "trades_per_s": mean { $0.tradesPerSecond },
      "volatility_per_minute": mean { $0.volatilityPerMinuteFromSeconds },
      "max_drawdown": mean { $0.maxDrawdown },
    ]
  }

  private func resultJSON(_ mood: ScenarioMood, _ strategy: String) -> JSONValue {
    let runs = runs(mood, strategy)
    func mean(_ value: (StressRun) -> Double) -> JSONValue {
      StressEstimate(runs.map(value)).json
    }
    func share(_ holds: (StressRun) -> Bool) -> JSONValue {
      .double(Double(runs.count(where: holds)) / Double(max(1, runs.count)))
    }
    var rejections: [(String, JSONValue)] = []
    for reason in RejectReason.allCases.map(\.rawValue) {
      let count = runs.reduce(0) { sum, run in
        sum + (run.rejections.first { $0.reason == reason }?.count ?? 0)
      }
      if count > 0 { rejections.append((reason, .int(Int64(count)))) }
    }
    return [
      "mood": .string(mood.rawValue), "strategy": .string(strategy),
      "net": mean { $0.net.value }, "net_of_capital": mean { $0.net.value / capital },
      // Of the worth traded: does not depend on how much capital is said to stand behind it.
      "net_of_traded": mean { $0.tradedValue > 0 ? $0.net.value / $0.tradedValue : .nan },
      "gross": mean { $0.costs.gross.value }, "fees": mean { $0.costs.fees.value },
      "max_drawdown": mean { $0.maximumDrawdown },
      "worst_drawdown": .double(runs.map(\.maximumDrawdown).max() ?? .nan),
      "worst_net": .double(runs.map(\.net.value).min() ?? .nan),
      "traded_value": mean { $0.tradedValue }, "fills": mean { Double($0.fills) },
      "maker_share": mean {
        $0.fills > 0 ? Double($0.makerFills) / Double($0.fills) : .nan
      },
      "largest_position": mean { Double($0.largestPosition) / instrument.sizeScale },
      "stopped_share": share(\.isStopped), "liquidated_share": share(\.isLiquidated),
      "orders": .int(Int64(runs.reduce(0) { $0 + $1.orders })),
      "rejections": .object(rejections),
      "runs": .array(runs.map(runJSON)),
    ]
  }

  private func runJSON(_ run: StressRun) -> JSONValue {
    [
      "seed": .int(Int64(run.seed)), "net": .double(run.net.value), "costs": run.costs.json,
      "max_drawdown": .double(run.maximumDrawdown), "fills": .int(Int64(run.fills)),
      "maker_fills": .int(Int64(run.makerFills)),
      "largest_position": .double(Double(run.largestPosition) / instrument.sizeScale),
      "stopped": .bool(run.isStopped), "liquidated": .bool(run.isLiquidated),
      "events": .int(run.events), "fingerprint": .string(run.fingerprint),
    ]
  }
}
