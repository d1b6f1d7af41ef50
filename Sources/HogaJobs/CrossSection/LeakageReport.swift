public import HogaCore
public import HogaCrossSection

/// What a leakage check looked at, and what it found.
public struct LeakageReport: Sendable {
  public var findings: [LeakageFinding] = []
  /// What was checked, with counts.
  public var checks: [String] = []
  /// What could not be checked, and why.
  public var notes: [String] = []

  public init() {}

  public var json: JSONValue {
    [
      "checks": .array(checks.map { .string($0) }), "findings": .array(findings.map(\.json)),
      "notes": .array(notes.map { .string($0) }), "passed": .bool(findings.isEmpty),
    ]
  }

  /// Findings with one message share a line.
  public var text: String {
    var lines: [String] = []
    var subjects: [LeakageFinding: [String]] = [:]
    var order: [LeakageFinding] = []
    for finding in findings {
      let key = LeakageFinding(finding.kind, "", finding.message)
      if subjects[key] == nil { order.append(key) }
      subjects[key, default: []].append(finding.subject)
    }
    for key in order {
      let names = subjects[key] ?? []
      let shown = names.prefix(3).joined(separator: ", ")
      let more = names.count > 3 ? " and \(names.count - 3) more" : ""
      lines.append("LEAK  \(key.kind.rawValue)  \(shown)\(more): \(key.message)")
    }
    lines += checks.map { "checked  \($0)" } + notes.map { "note  \($0)" }
    let count = findings.count
    return (lines + [count == 0 ? "no leak found" : count == 1 ? "1 finding" : "\(count) findings"])
      .joined(separator: "\n")
  }
}
