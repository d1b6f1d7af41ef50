internal import HogaCore
internal import HogaKimchi
internal import HogaLearn

/// A study's results as `metrics.json` tells them.
struct KimchiMetrics {
  let legs: KimchiLegs
  let study: KimchiStudy

  func json(_ result: KimchiJob.Result, _ market: PremiumMarket) -> JSONValue {
    .object([
      ("name", .string(study.name)), ("every", .string(study.every.hours)),
      ("from", .string("\(Timestamp(nanoseconds: result.series.grid.first))")),
      (
        "to",
        .string("\(Timestamp(nanoseconds: result.series.time.last ?? result.series.grid.first))")
      ),
      ("rows", .int(Int64(result.series.rows.count))),
      ("known", .int(Int64(result.series.known))),
      ("legs", .array(KimchiPremium.Leg.allCases.map { leg($0, result.series, market) })),
      ("premium", premium(result.series)), ("forecasts", forecasts(result.forecasts)),
      (
        "backtests",
        .array(
          result.backtests.map { outcome, chance in
            .object([
              ("name", .string(outcome.rule)), ("result", outcome.json),
              ("chance", chance.map(json) ?? .null),
            ])
          })
      ),
    ])
  }

  private func leg(
    _ leg: KimchiPremium.Leg, _ series: PremiumSeries, _ market: PremiumMarket
  ) -> JSONValue {
    let quotes = market[leg]
    let missing = series.missing(leg)
    let ages = series.rows.map { $0.age(of: leg) }.filter { !$0.isNaN }.sorted()
    func time(_ nanoseconds: Int64?) -> JSONValue {
      nanoseconds.map { .string("\(Timestamp(nanoseconds: $0))") } ?? .null
    }
    return .object([
      ("leg", .string("\(leg)")), ("source", .string("\(legs[leg])")),
      ("candles", .string(legs[leg].interval.rawValue)), ("rows", .int(Int64(quotes.count))),
      ("without_trades", .int(Int64(quotes.withoutTrades))),
      ("first_known", time(quotes.known.first)), ("last_known", time(quotes.known.last)),
      ("absent", .int(Int64(missing.absent))), ("stale", .int(Int64(missing.stale))),
      ("limit_hours", .double(limit(leg).seconds / 3600)),
      ("median_age_hours", .double(ages.isEmpty ? .nan : ages[ages.count / 2] / 3600)),
      ("largest_age_hours", .double((ages.last ?? .nan) / 3600)),
    ])
  }

  private func limit(_ leg: KimchiPremium.Leg) -> TimeSpan {
    switch leg {
    case .korean: legs.limits.korean
    case .foreign: legs.limits.foreign
    case .fx: legs.limits.fx
    }
  }

  /// Of all rows and of each year: `count mean sd min median max`.
  private func premium(_ series: PremiumSeries) -> JSONValue {
    var years: [Int: [Double]] = [:]
    var all: [Double] = []
    for row in series.rows where !row.premium.isNaN {
      years[Timestamp(nanoseconds: row.time).date.components.year, default: []].append(row.premium)
      all.append(row.premium)
    }
    func describe(_ name: String, _ values: [Double]) -> JSONValue {
      let sorted = values.sorted()
      var moments = Moments()
      for value in values { moments.push(value) }
      return .object([
        ("period", .string(name)), ("count", .int(Int64(values.count))),
        ("mean", .double(moments.mean)), ("sd", .double(moments.standardDeviation)),
        ("min", .double(sorted.first ?? .nan)),
        ("median", .double(sorted.isEmpty ? .nan : sorted[sorted.count / 2])),
        ("max", .double(sorted.last ?? .nan)),
        ("negative_share", .double(Double(sorted.count { $0 < 0 }) / Double(sorted.count))),
      ])
    }
    return .array(
      years.sorted { $0.key < $1.key }.map { describe("\($0.key)", $0.value) }
        + [describe("all", all)])
  }

  private func forecasts(_ forecasts: KimchiJob.Forecasts) -> JSONValue {
    .object([
      ("features", .array(forecasts.features.map { .string($0) })),
      ("notes", .array(forecasts.notes.map { .string($0) })),
      ("threshold", .string(threshold)),
      (
        "trials",
        .array(
          forecasts.trials.map { trial in
            .object([
              ("model", .string(trial.model)), ("horizon", .string(trial.horizon.hours)),
              ("class_counts", .array(trial.classCounts.map { .int(Int64($0)) })),
              ("evaluation", trial.evaluation.json),
              ("against_mean_reversion", trial.againstReversion?.json ?? .null),
              ("importance", trial.importance?.json() ?? .null),
            ])
          })
      ),
    ])
  }

  private var threshold: String {
    switch study.threshold {
    case .basisPoints(let limit): "\(NumberText.fixed(limit, 1)) bps"
    case .volatility(let multiple, let column):
      "\(NumberText.fixed(multiple, 2)) × \(column) × √(horizon / step)"
    }
  }

  private func json(_ chance: KimchiJob.Chance) -> JSONValue {
    .object([
      ("runs", .int(Int64(chance.runs))), ("mean", .double(chance.mean)),
      ("low", .double(chance.low)), ("high", .double(chance.high)),
      ("at_least", .double(chance.atLeast)),
    ])
  }
}
