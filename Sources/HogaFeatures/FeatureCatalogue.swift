public import HogaCore

/// All features that Hoga computes, with what they mean.
public struct FeatureCatalogue: Sendable {
  public let definitions: [FeatureDefinition]

  /// The columns under some settings, in the order of the specification: table by table, row by
  /// row, within a row name by name (or level by level), and last window by window.
  public init(settings: FeatureSettings = FeatureSettings()) throws(UsageError) {
    try settings.validate()
    // Definitions do not depend on the instrument.
    let any = Instrument(venue: "", symbol: "", priceDecimals: 0, sizeDecimals: 0)
    definitions = Self.operators(settings, any).flatMap { $0.definitions }
  }

  /// The operators of the specification's tables "Book", "Order flow" and "Trades".
  ///
  /// Settings are taken as valid: `FeaturePipeline` checks them.
  public static func operators(
    _ settings: FeatureSettings, _ instrument: Instrument
  ) -> [any FeatureOperator] {
    [
      BookShape(settings, instrument),
      OrderFlow(settings, instrument),
      TradeFlow(settings, instrument),
      RealizedVolatility(settings, instrument),
      KyleLambda(settings, instrument),
      AmihudIlliquidity(settings, instrument),
      RollSpread(settings, instrument),
      EffectiveSpread(settings, instrument),
      VPIN(settings, instrument),
      BulkVPIN(settings, instrument),
    ]
  }

  /// A list of `name, table, definition, unit, look_back, look_back_seconds, source`; the seconds
  /// are 0 for the state at the grid time and null where the look-back is not a span of time.
  public var json: JSONValue {
    .array(
      definitions.map { feature in
        .object([
          ("name", .string(feature.name)),
          ("table", .string(feature.group)),
          ("definition", .string(feature.formula)),
          ("unit", .string(feature.unit)),
          ("look_back", .string(feature.lookBack.description)),
          ("look_back_seconds", seconds(feature.lookBack)),
          ("source", .string(feature.source)),
        ])
      })
  }
}

private func seconds(_ lookBack: LookBack) -> JSONValue {
  switch lookBack {
  case .instant: 0
  case .window(let span): .double(span.seconds)
  case .buckets, .history: nil
  }
}

extension FeatureCatalogue: CustomStringConvertible {
  /// A table for people: a line per feature and its source below, a heading per group.
  public var description: String {
    let nameWidth = definitions.map(\.name.count).max() ?? 0
    let unitWidth = definitions.map(\.unit.count).max() ?? 0
    let backWidth = definitions.map(\.lookBack.description.count).max() ?? 0
    var lines: [String] = []
    var group: String?
    for feature in definitions {
      if feature.group != group {
        if group != nil { lines.append("") }
        lines.append(feature.group)
        group = feature.group
      }
      lines.append(
        "  " + padded(feature.name, nameWidth) + "  " + padded(feature.unit, unitWidth) + "  "
          + padded(feature.lookBack.description, backWidth) + "  " + feature.formula
          + "  [" + feature.source + "]")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

private func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}
