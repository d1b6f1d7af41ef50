public import HogaCore

/// What to compute of a premium: its grid's step, the spans of changes and the windows.
public struct KimchiSettings: Sendable, Hashable {
  public let every: TimeSpan
  /// Over which changes and returns are taken.
  public let changes: [TimeSpan]
  /// Over which means, deviations and correlations are taken.
  public let windows: [TimeSpan]

  /// A window column is null where fewer of its steps than this share are known.
  public static let minimumShare = 0.75

  /// - Throws: `UsageError` where a span is no multiple of the step, comes twice, or a window holds
  ///   fewer than four steps.
  public init(every: TimeSpan, changes: [TimeSpan], windows: [TimeSpan]) throws(UsageError) {
    guard every > .zero else { throw UsageError("a grid's step of \(every) is not above zero") }
    for (name, spans) in [("change", changes), ("window", windows)] {
      guard !spans.isEmpty, Set(spans).count == spans.count else {
        throw UsageError("\(name)s: one or more, each once")
      }
      for span in spans {
        let (steps, rest) = span.nanoseconds.quotientAndRemainder(dividingBy: every.nanoseconds)
        guard span > .zero, rest == 0 else {
          throw UsageError("a \(name) of \(span.hours) is no multiple of the step, \(every.hours)")
        }
        guard steps <= 1_000_000, name == "change" || steps >= 4 else {
          throw UsageError(
            "a \(name) of \(span.hours) holds \(steps) steps: 4 to 1,000,000 are fine")
        }
      }
    }
    self.every = every
    self.changes = changes
    self.windows = windows
  }

  func steps(_ span: TimeSpan) -> Int { Int(span.nanoseconds / every.nanoseconds) }
}

extension TimeSpan {
  /// The text of column names: whole hours as `24h`, whole minutes as `30m`, else as `description`.
  public var hours: String {
    let hour: Int64 = 3_600_000_000_000
    if nanoseconds % hour == 0, nanoseconds != 0 { return "\(nanoseconds / hour)h" }
    if nanoseconds % (hour / 60) == 0, nanoseconds != 0 { return "\(nanoseconds / (hour / 60))m" }
    return description
  }
}
