internal import Foundation
internal import HogaConfig
public import HogaCore
public import HogaKimchi

/// Where the legs of a premium are in the lake, and how old their quotes may be.
public struct KimchiLegs: Sendable {
  /// The candles of one symbol on one venue.
  public struct Leg: Sendable, Hashable, CustomStringConvertible {
    public var venue: String
    public var symbol: String
    public var interval: CandleInterval
    public var publication: Publication

    /// Reads `venue:symbol`.
    init(_ text: String, interval: CandleInterval, publication: Publication) throws(UsageError) {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        throw UsageError("'\(text)' is not of the form venue:symbol")
      }
      venue = String(parts[0])
      symbol = String(parts[1])
      self.interval = interval
      self.publication = publication
    }

    public var description: String { "\(venue) \(symbol)" }
  }

  public var korean: Leg
  public var foreign: Leg
  public var fx: Leg
  public var limits: KimchiPremium.Limits

  subscript(leg: KimchiPremium.Leg) -> Leg {
    switch leg {
    case .korean: korean
    case .foreign: foreign
    case .fx: fx
    }
  }

  /// - `korean`, `foreign`, `fx`: `venue:symbol`; `bars` (1h), `fx_bars` (1d): their candles.
  /// - `fx_known`: `ecb` (16:00 in Frankfurt; the venue `ecb`'s default) or `close`.
  /// - `limits`: `korean`, `foreign` (1h), `fx` (5d).
  init(_ node: ConfigNode, limits: ConfigNode?) throws {
    try node.rejectUnknown(keys: ["korean", "foreign", "fx", "bars", "fx_bars", "fx_known"])
    let bars = try node["bars"]?.choice(CandleInterval.self) ?? .hour
    let fxBars = try node["fx_bars"]?.choice(CandleInterval.self) ?? .day
    func leg(
      _ key: String, _ interval: CandleInterval, _ publication: Publication = .close
    ) throws -> Leg {
      let place = try node.require(key)
      do {
        return try Leg(place.string(), interval: interval, publication: publication)
      } catch let error as UsageError {
        throw place.error(error.description)
      }
    }
    korean = try leg("korean", bars)
    foreign = try leg("foreign", bars)
    fx = try leg("fx", fxBars)
    fx.publication =
      try node["fx_known"]?.choice(Publication.self) ?? (fx.venue == "ecb" ? .ecb : .close)
    guard fx.publication == .close || fxBars == .day else {
      throw try node.require("fx_known").error("the bank's rates are daily: fx_bars is 1d")
    }
    try limits?.rejectUnknown(keys: ["korean", "foreign", "fx"])
    let defaults = KimchiPremium.Limits()
    self.limits = KimchiPremium.Limits(
      korean: try limits?.span("korean", default: defaults.korean) ?? defaults.korean,
      foreign: try limits?.span("foreign", default: defaults.foreign) ?? defaults.foreign,
      fx: try limits?.span("fx", default: defaults.fx) ?? defaults.fx)
  }
}

/// One look at a premium: a grid, what is foretold on it, and what is traded.
public struct KimchiStudy: Sendable {
  public var name: String
  public var dates: ClosedRange<CivilDate>
  public var offset: TimeSpan
  public var settings: KimchiSettings
  public var horizons: [TimeSpan]
  public var threshold: PremiumLabels.Threshold
  /// The z-score of the mean-reversion baseline.
  public var baselineColumn: String
  public var validation: Workflow.Validation
  public var models: [Workflow.Model]
  public var inputs: [String]
  public var rules: [Rule]

  /// A rule, and for a model's the columns of its forecast.
  public struct Rule: Sendable {
    public var rule: KimchiRule
    /// Where it follows a model: it can trade only where that has forecasts.
    public var model: String?
  }

  public var every: TimeSpan { settings.every }

  /// The times at which the premium is measured.
  public func grid() throws(UsageError) -> PremiumGrid {
    try PremiumGrid(
      from: dates.lowerBound.start, to: dates.upperBound.adding(days: 1).start, every: every,
      offset: offset)
  }

  init(_ node: ConfigNode) throws {
    try node.rejectUnknown(keys: [
      "name", "from", "to", "every", "offset", "changes", "windows", "horizons", "classes",
      "validation", "models", "inputs", "rules",
    ])
    name = try node["name"]?.name() ?? "study"
    let first = try node.require("from").date()
    let last = try node.require("to").date()
    // Nanoseconds since 1970 end in 2262, and rows are counted in memory.
    guard first <= last, first.components.year >= 1970, last.components.year <= 2200 else {
      throw node.error("'to' is before 'from', or a date is not between 1970 and 2200")
    }
    dates = first...last
    let hour = TimeSpan.seconds(3600)
    let every = try node["every"]?.positiveSpan() ?? hour
    offset = try node.span("offset", default: .zero)
    let windows =
      try node["windows"]?.timeSpans() ?? [
        .day, TimeSpan(nanoseconds: 7 * TimeSpan.day.nanoseconds),
      ]
    do {
      settings = try KimchiSettings(
        every: every, changes: try node["changes"]?.timeSpans() ?? [hour, .seconds(21_600), .day],
        windows: windows)
    } catch let error as UsageError {
      throw node.error(error.description)
    }
    horizons =
      try node["horizons"]?.timeSpans() ?? [hour, .seconds(21_600), .seconds(43_200), .day]
    guard !horizons.isEmpty, Set(horizons).count == horizons.count else {
      throw node.error("horizons: one or more, each once")
    }
    for horizon in horizons
    where horizon <= .zero || horizon.nanoseconds % every.nanoseconds != 0 {
      throw (node["horizons"] ?? node).error(
        "\(horizon.hours) is no multiple of the grid's step, \(every.hours)")
    }
    let longest = windows.max() ?? .day
    baselineColumn = "premium_z_\(longest.hours)"
    threshold = try Self.threshold(node["classes"], window: longest)
    if case .volatility(_, let column) = threshold,
      !windows.contains(where: { "premium_vol_\($0.hours)" == column })
    {
      throw try node.require("classes").require("volatility_window").error("none of the windows")
    }
    validation = try Self.validation(node["validation"])
    models = try (node["models"]?.items() ?? []).map {
      Workflow.Model(
        kind: try $0.require("kind").choice(Workflow.Model.Kind.self),
        name: try $0["name"]?.name() ?? $0.require("kind").string(), settings: $0)
    }
    inputs = try node["inputs"]?.strings() ?? []
    rules = []
    rules = try (node["rules"]?.items() ?? []).map { try rule($0, longest) }
    for (part, names) in [("models", models.map(\.name)), ("rules", rules.map(\.rule.name))]
    where Set(names).count < names.count {
      throw node.error("two of \(part) have one name; set 'name'")
    }
    guard !models.contains(where: { $0.name == MeanReversion(column: "").name }) else {
      throw node.error("the name mean-reversion is the baseline's")
    }
  }

  /// `threshold_bps`, or `volatility_multiple` of `premium_vol_<volatility_window>`; half a
  /// volatility where nothing is said.
  private static func threshold(
    _ node: ConfigNode?, window: TimeSpan
  ) throws -> PremiumLabels.Threshold {
    try node?.rejectUnknown(keys: ["threshold_bps", "volatility_multiple", "volatility_window"])
    if let fixed = node?["threshold_bps"] {
      guard node?["volatility_multiple"] == nil else {
        throw fixed.error("give either threshold_bps or volatility_multiple")
      }
      let value = try fixed.double()
      guard value >= 0 else { throw fixed.error("must not be below zero") }
      return .basisPoints(value)
    }
    let span = try node?["volatility_window"]?.timeSpan() ?? window
    return .volatility(
      multiple: try node?["volatility_multiple"]?.positiveDouble() ?? 0.5,
      column: "premium_vol_\(span.hours)")
  }

  private static func validation(_ node: ConfigNode?) throws -> Workflow.Validation {
    try node?.rejectUnknown(keys: ["folds", "minimum_train", "embargo"])
    let share = try node?["minimum_train"]?.double() ?? 0.4
    guard share > 0, share < 1 else {
      throw try node!.require("minimum_train").error("must be between 0 and 1")
    }
    return Workflow.Validation(
      folds: try node?["folds"]?.positive() ?? 5, minimumTrain: share, isRolling: false,
      embargo: try node?.span("embargo", default: .zero) ?? .zero)
  }

  private enum RuleKind: String, CaseIterable { case reversion, levels, model, always }

  private func rule(_ node: ConfigNode, _ longest: TimeSpan) throws -> Rule {
    let kind = try node.require("kind").choice(RuleKind.self)
    let own: [String]
    switch kind {
    case .reversion: own = ["column", "enter", "exit"]
    case .levels: own = ["column", "low", "high", "exit"]
    case .model: own = ["model", "horizon", "margin"]
    case .always: own = []
    }
    try node.rejectUnknown(keys: ["kind", "name", "hold"] + own)
    let name = try node["name"]?.name() ?? kind.rawValue
    let hold = try node["hold"]?.positiveSpan()
    var model: String?
    let made: KimchiRule.Kind
    switch kind {
    case .reversion:
      made = .reversion(
        column: try node["column"]?.string() ?? "premium_z_\(longest.hours)",
        enter: try node["enter"]?.positiveDouble() ?? 2, exit: try node["exit"]?.double() ?? 0.5)
    case .levels:
      made = .levels(
        column: try node["column"]?.string() ?? "premium", low: try node.require("low").double(),
        high: try node.require("high").double(), exit: try node.require("exit").double())
    case .model:
      let named = try node.require("model").string()
      let horizon = try node.require("horizon").timeSpan()
      guard models.contains(where: { $0.name == named }) else {
        throw try node.require("model").error(
          "there is no such model: \(models.map(\.name).joined(separator: ", "))")
      }
      guard horizons.contains(horizon) else {
        throw try node.require("horizon").error("none of the study's horizons")
      }
      model = named
      let stem = "\(named)_class_\(horizon.hours)"
      made = .classes(
        down: "\(stem)_down", up: "\(stem)_up", margin: try node["margin"]?.double() ?? 0.2)
    case .always: made = .always
    }
    return Rule(rule: KimchiRule(name, made, hold: hold), model: model)
  }
}

extension KimchiCosts {
  /// In basis points `korean_fee`, `foreign_fee` (both needed), `korean_half_spread`,
  /// `foreign_half_spread`, `fx_spread`; in won `transfer_fee`, `transfer_limit` (a day in Seoul),
  /// `transfer_minimum`; `transfer_delay`.
  init(_ node: ConfigNode) throws {
    try node.rejectUnknown(keys: [
      "korean_fee", "foreign_fee", "korean_half_spread", "foreign_half_spread", "fx_spread",
      "transfer_fee", "transfer_limit", "transfer_minimum", "transfer_delay",
    ])
    do {
      try self.init(
        // Without fees a backtest flatters, so none at all has to be asked for.
        koreanFee: node.require("korean_fee").double(),
        foreignFee: node.require("foreign_fee").double(),
        koreanHalfSpread: node["korean_half_spread"]?.double() ?? 0,
        foreignHalfSpread: node["foreign_half_spread"]?.double() ?? 0,
        fxSpread: node["fx_spread"]?.double() ?? 0,
        transferFee: Int64(node["transfer_fee"]?.int() ?? 0),
        transferLimit: node["transfer_limit"].map { Int64(try $0.int()) } ?? .max,
        transferMinimum: Int64(node["transfer_minimum"]?.int() ?? 1),
        transferDelay: node.span("transfer_delay", default: .zero))
    } catch let error as UsageError {
      throw node.error(error.description)
    }
  }
}

extension KimchiInventory {
  /// In won: `korean_cash`, `korean_coins`, `foreign_cash`, `foreign_coins`.
  init(_ node: ConfigNode) throws {
    try node.rejectUnknown(keys: ["korean_cash", "korean_coins", "foreign_cash", "foreign_coins"])
    do {
      try self.init(
        koreanCash: Int64(node.require("korean_cash").int()),
        koreanCoins: Int64(node.require("korean_coins").int()),
        foreignCash: Int64(node.require("foreign_cash").int()),
        foreignCoins: Int64(node.require("foreign_coins").int()))
    } catch let error as UsageError {
      throw node.error(error.description)
    }
  }
}
