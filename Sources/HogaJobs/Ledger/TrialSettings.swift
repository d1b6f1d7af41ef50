internal import HogaCore
internal import HogaLedger

/// What tells trials apart for a reader: the name of their strategy, and the settings that differ.
enum TrialSettings {
  /// The kind of the strategy as a run's file names it, where the trial kept that.
  static func name(_ trial: Trial) -> String {
    let kind = Optional(trial.configuration).string("kind")
    return kind.isEmpty ? trial.strategy : kind
  }

  /// For each trial the settings in which another one differs, such as `half_spread_ticks=10`; a trial
  /// of the same strategy that lacks a setting differs in it. `–` where there is none.
  static func differences(_ trials: [Trial]) -> [String] {
    let settings = trials.map { leaves(of: $0.configuration) }
    let values = settings.map { own in
      Dictionary(own.map { ($0.path, $0.value) }) { first, _ in first }
    }
    let names = trials.map(name)
    return trials.indices.map { index in
      let own = settings[index].filter { leaf in
        trials.indices.contains { other in
          guard let value = values[other][leaf.path] else { return names[other] == names[index] }
          return value != leaf.value
        }
      }
      // A digest says that something differs, so it is for where nothing else does.
      let told = own.filter { !isDigest($0.path) }
      let shown =
        told.contains { $0.path.hasPrefix("simulation.") }
        ? told
        : told
          + own.filter {
            isDigest($0.path)
          }
      return shown.isEmpty ? "–" : shown.map(text).joined(separator: " ")
    }
  }

  private static func isDigest(_ path: String) -> Bool { path == "simulation.digest" }

  private static func text(_ leaf: (path: String, value: String)) -> String {
    var name = leaf.path
    for prefix in ["settings.", "simulation.", "strategy."] where name.hasPrefix(prefix) {
      name.removeFirst(prefix.count)
    }
    let isShortened = isDigest(leaf.path) || leaf.path == "signals"
    return "\(isDigest(leaf.path) ? "simulation" : name)="
      + (isShortened ? String(leaf.value.prefix(8)) : leaf.value)
  }

  /// All single values with their paths, but for those that have a column of their own.
  private static func leaves(
    of value: JSONValue, at path: String = ""
  ) -> [(path: String, value: String)] {
    switch value {
    case .object(let members):
      return members.flatMap {
        leaves(of: $0.value, at: path.isEmpty ? $0.key : "\(path).\($0.key)")
      }
    case .null: return []
    case .string(let text): return hasColumn(path) ? [] : [(path, text)]
    default: return hasColumn(path) ? [] : [(path, value.text(indented: false))]
    }
  }

  private static func hasColumn(_ path: String) -> Bool {
    ["kind", "settings.kind", "simulation.seed"].contains(path)
  }
}
