public import HogaCore

/// What one feature column means: its line in the catalogue.
public struct FeatureDefinition: Hashable, Sendable {
  /// The column's name, with its level and window: `mlofi_3_60s`.
  public var name: String
  /// The table of the specification it belongs to: `Book`, `Order flow`, `Trades`.
  public var group: String
  /// The definition in symbols. `b_i, qb_i` and `a_i, qa_i` are bid and ask levels, 1 is best.
  public var formula: String
  /// `price` (quote currency per unit), `size` (units or contracts), `bps`, `1` (a pure number), …
  public var unit: String
  public var lookBack: LookBack
  /// Where the definition comes from: authors, year and title.
  public var source: String

  public init(
    name: String, group: String, formula: String, unit: String, lookBack: LookBack, source: String
  ) {
    self.name = name
    self.group = group
    self.formula = formula
    self.unit = unit
    self.lookBack = lookBack
    self.source = source
  }
}

/// How much of the past a feature's value rests on, which is how long it is null after the start.
public enum LookBack: Hashable, Sendable, CustomStringConvertible {
  /// The state at the grid time alone: known from the first row.
  case instant
  /// Events in `(t − w, t]`: null until a row lies `w` after the first.
  case window(TimeSpan)
  /// As long as it takes so many volume buckets to fill.
  case buckets(Int)
  /// Everything since the start of the input.
  case history

  public var description: String {
    switch self {
    case .instant: "none"
    case .window(let span): "\(span)"
    case .buckets(let count): "\(count) buckets"
    case .history: "since the start"
    }
  }

  /// How many rows from the first are null for certain, on a grid of `step`.
  public func warmUpRows(every step: TimeSpan) -> Int {
    guard case .window(let span) = self else { return 0 }
    return Int(span.nanoseconds / step.nanoseconds)
  }
}

extension FeatureSettings {
  /// The columns `name_w` of one feature, a window each.
  func windowed(
    _ name: String, _ group: String, _ formula: String, unit: String, source: String
  ) -> [FeatureDefinition] {
    windows.map { windowed(name, group, formula, unit: unit, source: source, over: $0) }
  }

  func windowed(
    _ name: String, _ group: String, _ formula: String, unit: String, source: String,
    over window: TimeSpan
  ) -> FeatureDefinition {
    FeatureDefinition(
      name: "\(name)_\(window)", group: group, formula: formula, unit: unit,
      lookBack: .window(window), source: source)
  }
}
