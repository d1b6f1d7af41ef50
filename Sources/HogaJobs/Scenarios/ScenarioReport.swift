public import HogaCore
public import HogaScenarios

/// What was made, and what is known of it.
public struct ScenarioReport: Hashable, Sendable {
  public struct Market: Hashable, Sendable {
    public var truth: ScenarioTruth
    /// Rows of each table, in the order in which they first came.
    public var rows: [(table: String, count: Int)] = []
    public var dates: [CivilDate] = []
    public var truthFile = ""

    init(truth: ScenarioTruth) { self.truth = truth }

    public var firstDate: CivilDate { dates.first ?? CivilDate(daysSince1970: 0) }

    mutating func add(_ count: Int, to table: String, on date: CivilDate) {
      if dates.last != date { dates.append(date) }
      if let index = rows.firstIndex(where: { $0.table == table }) {
        rows[index].count += count
      } else {
        rows.append((table, count))
      }
    }

    /// What goes beside the lake.
    var document: JSONValue {
      get throws {
        .object([
          ("truth", truth.json), ("settings", try truth.settings.json), ("rows", rowCounts),
          ("dates", .array(dates.map { .string($0.description) })),
        ])
      }
    }

    var rowCounts: JSONValue { .object(rows.map { ($0.table, .int(Int64($0.count))) }) }

    public static func == (left: Self, right: Self) -> Bool {
      left.truth == right.truth && left.dates == right.dates && left.truthFile == right.truthFile
        && left.rowCounts == right.rowCounts
    }
    public func hash(into hasher: inout Hasher) { hasher.combine(truth) }
  }

  public var markets: [Market] = []

  /// What is known before the first event: for the footers.
  static func footer(_ truth: ScenarioTruth) throws -> JSONValue {
    [
      "seed": truth.json["seed"] ?? .null, "branching_ratio": .double(truth.branchingRatio),
      "mean_intensities_per_s": truth.json["mean_intensities_per_s"] ?? .null,
      "settings": try truth.settings.json,
    ]
  }

  public var json: JSONValue {
    .object([
      (
        "markets",
        .array(
          markets.map { market in
            .object([
              ("rows", market.rowCounts),
              ("dates", .array(market.dates.map { .string($0.description) })),
              ("truth_file", .string(market.truthFile)), ("truth", market.truth.json),
            ])
          })
      )
    ])
  }
}

extension ScenarioReport: CustomStringConvertible {
  /// For people: a line for each market, and where the truth is.
  public var description: String {
    var table = TextTable([
      ("market", .left), ("events", .right), ("orders", .right), ("trades", .right),
      ("depth", .right), ("spread", .right), ("trades/s", .right), ("bp/√min", .right),
      ("drawdown", .right), ("branching", .right),
    ])
    for market in markets {
      let facts = market.truth.facts
      func rows(_ name: String) -> String {
        NumberText.count(market.rows.first { $0.table == name }?.count ?? 0)
      }
      table.append([
        market.truth.settings.symbol, NumberText.count(market.truth.eventCount), rows("orders"),
        rows("trades"), rows("depth"), "\(NumberText.fixed(facts.meanSpread, 2)) ticks",
        NumberText.fixed(facts.tradesPerSecond, 2),
        NumberText.fixed(facts.volatilityPerMinuteFromSeconds * 1e4, 1),
        NumberText.percent(facts.maxDrawdown, 2), NumberText.fixed(market.truth.branchingRatio, 3),
      ])
    }
    return ([table.text] + markets.map { "truth: \($0.truthFile)" }).joined(separator: "\n")
  }
}
