internal import HogaCore
internal import HogaFeatures

/// The extended set as a family of the cross-section.
struct ExtendedFamily: CrossSectionFamily {
  private let extended: ExtendedFeatures

  /// - Throws: `UsageError` for windows that make no sense.
  init(_ settings: CrossSectionSettings) throws(UsageError) {
    extended = try ExtendedFeatures(windows: settings.windows)
  }

  var features: [CrossSectionFeature] {
    extended.columns.map { column in
      CrossSectionFeature(
        definition: column.definition,
        stem: String(column.definition.name.dropFirst("x_\(column.window)m_".count)),
        window: column.window, inputs: column.inputs, isMarketWide: column.isWide)
    }
  }

  /// The whole day before: recursive averages begin with its first minute.
  var lookBack: Int { 1440 }

  func compute(_ panel: MinutePanel, workers: Int) throws -> [[Double]] {
    try extended.features(panel, workers: workers).map(\.values)
  }
}
