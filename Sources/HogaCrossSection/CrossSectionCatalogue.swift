public import HogaCore
public import HogaFeatures

/// All columns of a cross-section's features, with what they mean.
public struct CrossSectionCatalogue: Sendable {
  /// A column of the table of features.
  public struct Entry: Hashable, Sendable {
    public var definition: FeatureDefinition
    /// The name without prefix, window and transform: `RVol`.
    public var stem: String
    /// In minutes.
    public var window: Int
    /// What was made of the feature across symbols; `nil` for the feature itself.
    public var transform: CrossSectionTransform?
    /// Fields of the minutes that it is null without.
    public var inputs: [MinuteField]
    /// A column before it that holds the same values by construction.
    public var identicalTo: String?

    public var name: String { definition.name }
  }

  /// In the order of the table's columns: features, then one transform of each after the other.
  public let entries: [Entry]

  /// The columns under some settings.
  ///
  /// - Throws: `UsageError` for settings that make no sense.
  public init(settings: CrossSectionSettings = CrossSectionSettings()) throws(UsageError) {
    self = try CrossSection(settings: settings).catalogue
  }

  init(_ settings: CrossSectionSettings, _ features: [CrossSectionFeature]) {
    var entries = features.map {
      Entry(
        definition: $0.definition, stem: $0.stem, window: $0.window, transform: nil,
        inputs: $0.inputs, identicalTo: $0.identicalTo)
    }
    for transform in settings.transforms {
      entries += features.filter { !$0.isMarketWide }.map { feature in
        var definition = feature.definition
        definition.name += "_\(transform.rawValue)"
        definition.formula = "\(transform.formula) of \(feature.name)"
        definition.unit = "1"
        definition.source = transform.source
        return Entry(
          definition: definition, stem: feature.stem, window: feature.window, transform: transform,
          inputs: feature.inputs,
          identicalTo: feature.identicalTo.map { "\($0)_\(transform.rawValue)" })
      }
    }
    self.entries = entries
  }

  public var definitions: [FeatureDefinition] { entries.map(\.definition) }
  public var names: [String] { entries.map(\.name) }

  /// The columns that are null throughout where some fields are missing.
  public func names(without fields: Set<MinuteField>) -> [String] {
    entries.filter { !fields.isDisjoint(with: $0.inputs) }.map(\.name)
  }

  /// A list of `name, set, definition, unit, window_minutes, look_back, look_back_seconds, inputs,
  /// identical_to, source`.
  public var json: JSONValue {
    .array(
      entries.map { entry in
        let definition = entry.definition
        let seconds: JSONValue =
          switch definition.lookBack {
          case .instant: 0
          case .window(let span): .double(span.seconds)
          case .buckets, .history: nil
          }
        return [
          "name": .string(definition.name), "set": .string(definition.group),
          "definition": .string(definition.formula), "unit": .string(definition.unit),
          "window_minutes": .int(Int64(entry.window)),
          "look_back": .string(definition.lookBack.description), "look_back_seconds": seconds,
          "inputs": .array(entry.inputs.map { .string($0.rawValue) }),
          "identical_to": entry.identicalTo.map { .string($0) } ?? nil,
          "source": .string(definition.source),
        ]
      })
  }
}

extension CrossSectionTransform {
  /// What it does to the values of one minute.
  public var formula: String {
    switch self {
    case .neutral: "(x − μ) / σ across the minute's symbols, 0 where σ = 0,"
    case .rank:
      "(r − 1)/(k − 1) − ½, r the rank among the minute's k symbols, mean rank of equal values,"
    case .winsorized:
      "(x − μ) / σ across the minute's symbols after cutting to the 5 % and 95 % quantiles"
    }
  }

  var source: String {
    switch self {
    case .neutral: "Hoga's specification of cross-sections"
    case .rank: "C. Spearman, The proof and measurement of association between two things, 1904"
    case .winsorized: "after W. Dixon, Simplified estimation from censored normal samples, 1960"
    }
  }
}

extension CrossSectionCatalogue: CustomStringConvertible {
  /// A table for people: a line per column, a heading per set.
  public var description: String {
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    let nameWidth = entries.map(\.name.count).max() ?? 0
    let unitWidth = entries.map(\.definition.unit.count).max() ?? 0
    var lines: [String] = []
    var group: String?
    for entry in entries {
      let definition = entry.definition
      if definition.group != group {
        if group != nil { lines.append("") }
        lines.append(definition.group)
        group = definition.group
      }
      let same = entry.identicalTo.map { "  = \($0)" } ?? ""
      lines.append(
        "  " + padded(entry.name, nameWidth) + "  " + padded(definition.unit, unitWidth) + "  "
          + definition.formula + same + "  [" + definition.source + "]")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
