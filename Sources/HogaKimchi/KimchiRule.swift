public import HogaCore

/// Which side of a premium is held.
public enum KimchiSide: Int, Sendable, Hashable {
  /// Coins sold in Korea and bought abroad: gains when the premium falls.
  case soldKorea = -1
  case flat = 0
  /// Coins bought in Korea and sold abroad: gains when the premium rises.
  case boughtKorea = 1
}

/// When to enter and leave, decided from what is known at each row of the grid.
public struct KimchiRule: Sendable {
  public enum Kind: Sendable {
    /// Sells Korea where the column is at or above `enter`, buys it at or below `−enter`; leaves
    /// where it is within `±exit` or on the other side. With `premium_z_w`: reversion to the mean.
    case reversion(column: String, enter: Double, exit: Double)
    /// Sells Korea at or above `high`, buys it at or below `low`; leaves on the other side of `exit`.
    case levels(column: String, low: Double, high: Double, exit: Double)
    /// Sells Korea where P(down) − P(up) is `margin` or more, buys it in the opposite case; leaves
    /// where it has turned.
    case classes(down: String, up: String, margin: Double)
    /// Sells Korea at once and stays.
    case always
    /// Enters by chance, selling Korea with probability `sells`.
    case random(probability: Double, sells: Double, seed: UInt64)
    /// A side for each row.
    case scripted([KimchiSide])
  }

  public var name: String
  public var kind: Kind
  /// The longest time a position is held; `nil` for as long as it takes.
  public var hold: TimeSpan?

  public init(_ name: String, _ kind: Kind, hold: TimeSpan? = nil) {
    self.name = name
    self.kind = kind
    self.hold = hold
  }
}

/// A rule with the columns it reads.
struct RuleState {
  private let rule: KimchiRule
  private var columns: [[Double]] = []
  private var random: SeededRandom?

  /// - Throws: `DataError` where the features lack a column.
  init(_ rule: KimchiRule, features: Frame) throws {
    self.rule = rule
    switch rule.kind {
    case .reversion(let column, let enter, let exit):
      guard enter > exit, exit >= 0 else {
        throw UsageError("\(rule.name): enter is above exit, and exit zero or above")
      }
      columns = [try features.doubles(column)]
    case .levels(let column, let low, let high, let exit):
      guard low < exit, exit < high else {
        throw UsageError("\(rule.name): the exit lies between low and high")
      }
      columns = [try features.doubles(column)]
    case .classes(let down, let up, _):
      columns = [try features.doubles(down), try features.doubles(up)]
    case .always: break
    case .random(let probability, let sells, let seed):
      guard (0...1).contains(probability), (0...1).contains(sells) else {
        throw UsageError("\(rule.name): probabilities lie between 0 and 1")
      }
      random = SeededRandom(seed)
    case .scripted(let sides):
      guard sides.count == features.rowCount else {
        throw UsageError("\(rule.name): \(sides.count) sides for \(features.rowCount) rows")
      }
    }
    if let hold = rule.hold, hold <= .zero {
      throw UsageError("\(rule.name): a position is held longer than \(hold)")
    }
  }

  /// The side to be on after the row, given the one held and since when.
  mutating func side(row: Int, time: Int64, held: KimchiSide, since: Int64) -> KimchiSide {
    // Drawn at every row, so that chance does not depend on what was held.
    let draw = (random?.uniform() ?? 1, random?.uniform() ?? 1)
    if case .scripted(let sides) = rule.kind { return sides[row] }
    if held != .flat, let hold = rule.hold, time - since >= hold.nanoseconds { return .flat }
    switch rule.kind {
    case .reversion(_, let enter, let exit):
      let value = columns[0][row]
      return Self.side(value, low: -enter, high: enter, exits: (-exit, exit), held)
    case .levels(_, let low, let high, let exit):
      return Self.side(columns[0][row], low: low, high: high, exits: (exit, exit), held)
    case .classes(_, _, let margin):
      let lead = columns[0][row] - columns[1][row]
      if lead.isNaN { return held }
      if lead >= margin { return .soldKorea }
      if lead <= -margin { return .boughtKorea }
      return (held == .soldKorea && lead < 0) || (held == .boughtKorea && lead > 0) ? .flat : held
    case .always: return .soldKorea
    case .random(let probability, let sells, _):
      guard held == .flat, draw.0 < probability else { return held }
      return draw.1 < sells ? .soldKorea : .boughtKorea
    case .scripted: return held
    }
  }

  private static func side(
    _ value: Double, low: Double, high: Double, exits: (low: Double, high: Double),
    _ held: KimchiSide
  ) -> KimchiSide {
    // What is not known changes nothing; time still ends a position.
    if value.isNaN { return held }
    switch held {
    case .soldKorea: if value > exits.high { return .soldKorea }
    case .boughtKorea: if value < exits.low { return .boughtKorea }
    case .flat:
      if value >= high { return .soldKorea }
      if value <= low { return .boughtKorea }
    }
    return .flat
  }
}
