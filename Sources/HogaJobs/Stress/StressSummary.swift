internal import HogaCore

/// Stress runs as a trader reads them in a terminal.
struct StressSummary {
  private let stress: JSONValue?

  /// - Parameter stress: the part `stress` of a run's metrics; `nil` has no text.
  init(_ stress: JSONValue?) { self.stress = stress }

  var text: String {
    guard let stress else { return "" }
    let notes = stress["notes"].list.isEmpty ? [] : [stress["notes"].texts.joined(separator: "\n")]
    let remarks = stress["results"].list.compactMap(Self.remark)
    return
      ([results, markets] + notes + (remarks.isEmpty ? [] : [remarks.joined(separator: "\n")]))
      .joined(separator: "\n\n")
  }

  /// How much was played: `5 seeds of 10 m 00 s in each mood`.
  static func extent(_ stress: JSONValue?) -> String {
    let seeds = stress.int("seeds")
    return "\(seeds) seed\(seeds == 1 ? "" : "s") of "
      + "\(NumberText.seconds(stress.double("duration_s"))) in each mood"
  }

  static func name(_ mood: String) -> String { mood.replacing("-", with: " ") }

  /// A mean with its standard error, where there is one.
  static func estimate(_ value: JSONValue?, _ text: (Double) -> String) -> String {
    let (mean, error) = (value.double("mean"), value.double("se"))
    return mean.isNaN || error.isNaN ? text(mean) : "\(text(mean)) ± \(text(error))"
  }

  /// Decimals with which the largest mean of a figure shows three digits or four: accounts differ by
  /// orders of magnitude in their sizes.
  static func decimals(_ key: String, in stress: JSONValue?, factor: Double = 1) -> Int {
    let largest = stress["results"].list.reduce(0) { largest, result in
      let mean = abs(result[key].double("mean")) * factor
      return mean.isFinite ? max(largest, mean) : largest
    }
    var decimals = 2
    var scaled = largest
    while scaled > 0, scaled < 10, decimals < 8 {
      scaled *= 10
      decimals += 1
    }
    return decimals
  }

  private var results: String {
    var table = TextTable([
      ("mood", .left), ("strategy", .left), ("net", .right), ("net/cap.", .right),
      ("bps of traded", .right), ("max dd", .right), ("fills", .right), ("maker", .right),
      ("position", .right), ("fees", .right), ("stopped", .right),
    ])
    let digits = [
      Self.decimals("net", in: stress), Self.decimals("net_of_capital", in: stress, factor: 100),
      Self.decimals("max_drawdown", in: stress, factor: 100),
    ]
    var previous = ""
    for result in stress["results"].list {
      let mood = result.string("mood")
      if !previous.isEmpty, mood != previous, stress["strategies"].list.count > 1 {
        table.appendRule()
      }
      func cell(_ key: String, _ text: (Double) -> String) -> String {
        Self.estimate(result[key], text)
      }
      table.append([
        mood == previous ? "" : Self.name(mood), result.string("strategy"),
        cell("net") { NumberText.fixed($0, digits[0]) },
        cell("net_of_capital") { NumberText.percent($0, digits[1]) },
        cell("net_of_traded") { NumberText.fixed($0 * 1e4, 2) },
        cell("max_drawdown") { NumberText.percent($0, digits[2]) },
        cell("fills") { NumberText.fixed($0, 0) },
        NumberText.percent(result["maker_share"].double("mean"), 0),
        cell("largest_position") { NumberText.fixed($0, 3) },
        NumberText.fixed(result["fees"].double("mean"), digits[0]),
        NumberText.percent(result.double("stopped_share"), 0),
      ])
      previous = mood
    }
    return "Stress runs: \(Self.extent(stress)), queue \(stress.string("queue")); means over seeds "
      + "± standard error, quote currency\n" + table.text
  }

  private var markets: String {
    var table = TextTable([
      ("market", .left), ("spread, ticks", .right), ("size at best", .right),
      ("trades/s", .right), ("bp/√min", .right), ("drawdown", .right),
    ])
    for market in stress["markets"].list {
      table.append([
        Self.name(market.string("mood")),
        Self.estimate(market["spread_ticks"]) { NumberText.fixed($0, 2) },
        Self.estimate(market["touch_size"]) { NumberText.fixed($0, 3) },
        Self.estimate(market["trades_per_s"]) { NumberText.fixed($0, 2) },
        Self.estimate(market["volatility_per_minute"]) { NumberText.fixed($0 * 1e4, 1) },
        Self.estimate(market["max_drawdown"]) { NumberText.percent($0, 2) },
      ])
    }
    let start = stress["instrument"].double("start_price")
    return "What the markets were, from a price of \(NumberText.fixed(start, 2))\n" + table.text
  }

  /// What the table does not show of a strategy in a mood; `nil` where nothing.
  static func remark(on result: JSONValue) -> String? {
    let name = "\(result.string("strategy")) in \(name(result.string("mood")))"
    var parts: [String] = []
    if case .object(let rejections) = result["rejections"], !rejections.isEmpty {
      let reasons = rejections.map {
        "\(NumberText.count(Optional(.object([$0])).int($0.key))) \($0.key)"
      }
      parts.append(
        "orders rejected of \(NumberText.count(result.int("orders"))): "
          + reasons.joined(separator: ", "))
    }
    if result.double("liquidated_share") > 0 {
      parts.append("liquidated in \(NumberText.percent(result.double("liquidated_share"), 0))")
    }
    return parts.isEmpty ? nil : "\(name): \(parts.joined(separator: "; "))"
  }
}
