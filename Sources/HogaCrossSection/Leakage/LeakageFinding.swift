public import HogaCore

/// Something in a cross-section that knows more than it could have known in time.
public struct LeakageFinding: Hashable, Sendable {
  public enum Kind: String, CaseIterable, Sendable {
    /// A feature of the catalogue holds the value of a later minute.
    case shiftedFeature = "shifted-feature"
    /// A feature of the catalogue does not follow from the minutes up to its own.
    case differentFeature = "different-feature"
    /// A feature that is computed from the minutes changes with minutes that come after it.
    case unstableFeature = "unstable-feature"
    /// A label, or a return that comes later, is among the features.
    case labelAmongFeatures = "label-among-features"
    /// A column holds a later minute's value of a feature of the catalogue.
    case futureFeature = "future-feature"
    /// A column foretells returns better than can be believed of what was known in time.
    case implausible
    /// The universe was chosen by what was traded on its own day.
    case sameDayUniverse = "same-day-universe"
    /// A scaler was measured on more than the training rows.
    case scaler
    /// The last training labels end after the test begins.
    case purging
  }

  public var kind: Kind
  /// A column, a file, or a model.
  public var subject: String
  /// What was found, with its figures.
  public var message: String

  public init(_ kind: Kind, _ subject: String, _ message: String) {
    self.kind = kind
    self.subject = subject
    self.message = message
  }

  public var json: JSONValue {
    [
      "kind": .string(kind.rawValue), "message": .string(message), "subject": .string(subject),
    ]
  }
}

/// Numbers in findings.
enum FigureText {
  /// Three digits after the point.
  static func number(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e6 else { return "\(value)" }
    let scaled = Int((abs(value) * 1000).rounded())
    let digits = String(scaled % 1000)
    let sign = value < 0 && scaled > 0 ? "−" : ""
    return "\(sign)\(scaled / 1000).\(String(repeating: "0", count: 3 - digits.count))\(digits)"
  }
}
