public import HogaCore
internal import HogaLearn

extension CrossSectionStudy.Result {
  /// Everything but series by instant and the models themselves.
  public var json: JSONValue {
    [
      "kind": "cross-section", "ranges": study.ranges.json,
      "universe": .array(universes.map { .string($0) }), "look_ahead": .bool(looksAhead),
      "label_kind": labelKind.map { .string($0) } ?? .null, "portfolio": study.portfolio.json,
      "embargo": .string("\(study.embargo)"), "seed": .string("\(study.seed)"),
      "minimum_symbols": .int(Int64(study.minimumSymbols)),
      "trials": .array(trials.map(\.json)), "baselines": .array(baselines.map(\.json)),
      "selections": .array(selections.map(\.json)), "search": .array(search.map(\.json)),
      "notes": .array(notes.map { .string($0) }),
    ]
  }

  /// By feature and label, the coefficients of `features`; what a heat map is drawn from.
  public var featureTable: Frame { CrossSectionStudy.FeatureScore.table(features) }

  /// The trials of the search.
  public var searchTable: Frame {
    Frame([
      ("label", .category(Categories(search.map(\.label)))),
      ("model", .category(Categories(search.map(\.model)))),
      ("trial", .int64(search.map { Int64($0.index) })),
      ("settings", .category(Categories(search.map(\.settings.text)))),
      ("rank_ic", .double(search.map(\.rankIC.mean))),
      ("rank_ic_t", .double(search.map(\.rankIC.tStatistic))),
      ("ic", .double(search.map(\.ic.mean))),
      ("rounds", .int64(search.map { $0.rounds.map { Int64($0) } ?? Column.missing })),
      ("chosen", .bool(search.map(\.isChosen))),
    ])
  }

  /// By day, the mean coefficients of models and baselines.
  public var dailyTable: Frame {
    let rows = judged.flatMap { judged in
      judged.scores.days.map { (judged.label, judged.name, $0) }
    }
    return Frame([
      ("label", .category(Categories(rows.map(\.0)))),
      ("model", .category(Categories(rows.map(\.1)))),
      ("time", .timestamp(rows.map { $0.2.date.start.nanoseconds })),
      ("ic", .double(rows.map(\.2.ic))), ("rank_ic", .double(rows.map(\.2.rankIC))),
      ("minutes", .int64(rows.map { Int64($0.2.count) })),
    ])
  }

  /// By hour, the sums that each forecast group, the spread, and the spread after fees earned.
  public var curveTable: Frame {
    let all = judged.filter { $0.name != "zero" }
    func column(_ values: (PortfolioScores.Curve) -> [Double]) -> Column {
      .double(all.flatMap { values($0.scores.portfolio.curve) })
    }
    func repeated(_ text: (Judged) -> String) -> Column {
      .category(
        Categories(
          all.flatMap { judged in
            judged.scores.portfolio.curve.times.map { _ in text(judged) }
          }))
    }
    var frame = Frame([
      ("label", repeated(\.label)), ("model", repeated(\.name)),
      ("time", .timestamp(all.flatMap(\.scores.portfolio.curve.times))),
    ])
    for group in 0..<study.portfolio.groups.count {
      frame.append("group_\(group + 1)", column { $0.groups[group] })
    }
    frame.append("spread", column(\.spread))
    frame.append("net_spread", column(\.net))
    return frame
  }

  /// By minute, the coefficients of models.
  public var minuteTable: Frame {
    Frame([
      ("label", .category(Categories(trials.flatMap { t in t.scores.times.map { _ in t.label } }))),
      ("model", .category(Categories(trials.flatMap { t in t.scores.times.map { _ in t.model } }))),
      ("time", .timestamp(trials.flatMap(\.scores.times))),
      ("ic", .double(trials.flatMap(\.scores.icSeries))),
      ("rank_ic", .double(trials.flatMap(\.scores.rankICSeries))),
    ])
  }

  private typealias Judged = (label: String, name: String, scores: ForecastScores)
  /// Models, then baselines.
  private var judged: [Judged] {
    trials.map { ($0.label, $0.model, $0.scores) }
      + baselines.map { ($0.label, $0.name, $0.scores) }
  }

  /// For people: models and baselines by label, verdicts, notes.
  public var text: String { StudySummary(json).text }
}

extension CrossSectionStudy.Trial {
  public var json: JSONValue {
    [
      "label": .string(label), "horizon_minutes": .int(Int64(horizonMinutes)),
      "model": .string(model), "settings": settings,
      "features": .int(Int64(saved.model.featureNames.count)),
      "configuration": .string(saved.configurationDigest),
      "training_rows": .int(Int64(trainingRows)), "validation_rows": .int(Int64(validationRows)),
      "validation_rank_ic": validation.json, "search_trials": .int(Int64(searchTrials)),
      "test": scores.json, "comparisons": .array(comparisons.map(\.json)),
      "verdict": [
        "text": .string(verdict.text), "beats_zero": .bool(verdict.beatsZero),
        "better_baseline": .string(verdict.betterBaseline),
        "beats_baseline": .bool(verdict.beatsBaseline),
      ],
      "importance": importance?.json() ?? .null,
    ]
  }
}

extension CrossSectionStudy.Baseline {
  public var json: JSONValue {
    [
      "label": .string(label), "horizon_minutes": .int(Int64(horizonMinutes)),
      "name": .string(name), "test": scores.json,
    ]
  }
}

extension CrossSectionStudy.SearchTrial {
  public var json: JSONValue {
    [
      "label": .string(label), "model": .string(model), "trial": .int(Int64(index)),
      "settings": .object(settings.settings.map { ($0.key, .string($0.value)) }),
      "rank_ic": rankIC.json, "ic": ic.json,
      "rounds": rounds.map { .int(Int64($0)) } ?? .null, "chosen": .bool(isChosen),
    ]
  }
}

extension CrossSectionStudy.Selected {
  public var json: JSONValue {
    [
      "label": .string(label), "features": .array(choice.names.map { .string($0) }),
      "scores": .array(choice.scores.map { .double($0) }),
      "copies": .array(
        choice.copies.map {
          [
            "feature": .string($0.name), "of": .string($0.of),
            "correlation": .double($0.correlation),
          ]
        }),
    ]
  }
}

extension CrossSectionStudy.FeatureScore {
  /// By feature and label, mean coefficients with their t-statistics; what a heat map is drawn from.
  public static func table(_ features: [CrossSectionStudy.FeatureScore]) -> Frame {
    func doubles(_ value: (CrossSectionStudy.FeatureScore) -> Double) -> Column {
      .double(features.map(value))
    }
    return Frame([
      ("feature", .category(Categories(features.map(\.feature)))),
      ("label", .category(Categories(features.map(\.label)))),
      ("horizon_minutes", .int64(features.map { Int64($0.horizonMinutes) })),
      ("ic", doubles(\.ic.mean)), ("ic_t", doubles(\.ic.tStatistic)),
      ("icir", doubles(\.ic.ratio)), ("rank_ic", doubles(\.rankIC.mean)),
      ("rank_ic_t", doubles(\.rankIC.tStatistic)), ("rank_icir", doubles(\.rankIC.ratio)),
      ("positive_share", doubles(\.rankIC.positiveShare)),
      ("minutes", .int64(features.map { Int64($0.rankIC.count) })),
      ("null_minutes", .int64(features.map { Int64($0.rankIC.nulls) })),
    ])
  }

  public var json: JSONValue {
    [
      "feature": .string(feature), "label": .string(label),
      "horizon_minutes": .int(Int64(horizonMinutes)), "ic": ic.json, "rank_ic": rankIC.json,
    ]
  }
}
