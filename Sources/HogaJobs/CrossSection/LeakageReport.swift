public import HogaCore
public import HogaCrossSection

/// What a leakage check looked at, and what it found.
public struct LeakageReport: Sendable {
  public var findings: [LeakageFinding] = []
  /// What was checked, with counts.
  public var checks: [String] = []
  /// What could not be checked, and why.
  public var notes: [String] = []
  /// What proves nothing and should be looked at all the same.
  public var warnings: [String] = []
  /// How well columns of unknown making foretell.
  public var columns: [ColumnStrength] = []

  public init() {}

  /// Whether nothing was found.
  ///
  /// - Parameter strict: whether warnings count as findings.
  public func passes(strict: Bool) -> Bool { findings.isEmpty && !(strict && !warnings.isEmpty) }

  public var json: JSONValue {
    [
      "checks": .array(checks.map { .string($0) }), "columns": .array(columns.map(\.json)),
      "findings": .array(findings.map(\.json)), "notes": .array(notes.map { .string($0) }),
      "passed": .bool(findings.isEmpty), "warnings": .array(warnings.map { .string($0) }),
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
    lines += warnings.map { "warning  \($0)" } + checks.map { "checked  \($0)" }
    lines += notes.map { "note  \($0)" }
    func counted(_ count: Int, _ word: String) -> String {
      "\(count) \(word)\(count == 1 ? "" : "s")"
    }
    let found = findings.isEmpty ? "no leak found" : counted(findings.count, "finding")
    let warned = warnings.isEmpty ? "" : ", \(counted(warnings.count, "warning"))"
    return (lines + [found + warned]).joined(separator: "\n")
  }
}
