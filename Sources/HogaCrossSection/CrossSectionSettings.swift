public import HogaCore

/// What a cross-section is made of: windows, features, labels.
public struct CrossSectionSettings: Hashable, Sendable {
  /// Minutes of the windows and of the labels' horizons, ascending, each once.
  public var windows: [Int]
  public var label: CrossSectionLabel
  /// Which features.
  public var sets: [FeatureSet]
  /// What is made of each feature across the day's symbols, in this order.
  public var transforms: [CrossSectionTransform]

  public static let defaultWindows = [1, 5, 15, 30, 60]
  /// The longest window reaches through the whole day before, and no further.
  public static let maximumWindow = 1440
  /// Statistics that need several points look at this many minutes at least.
  public static let shortestStatistic = 5

  public init(
    windows: [Int] = CrossSectionSettings.defaultWindows, label: CrossSectionLabel = .return,
    sets: [FeatureSet] = [.specification], transforms: [CrossSectionTransform] = [.neutral]
  ) {
    self.windows = windows
    self.label = label
    self.sets = sets
    self.transforms = transforms
  }

  /// - Throws: `UsageError` for settings that make no sense on any data.
  public func validate() throws(UsageError) {
    guard !windows.isEmpty, windows.count <= 32 else {
      throw UsageError("give 1 to 32 windows, not \(windows.count)")
    }
    for window in windows where !(1...Self.maximumWindow).contains(window) {
      throw UsageError("a window of \(window) minutes: 1 to \(Self.maximumWindow) are possible")
    }
    guard zip(windows, windows.dropFirst()).allSatisfy(<) else {
      throw UsageError("windows ascend, each once: \(windows)")
    }
    guard !sets.isEmpty else { throw UsageError("a cross-section needs a set of features") }
    guard Set(sets).count == sets.count, Set(transforms).count == transforms.count else {
      throw UsageError("a set of features or a transform is named twice")
    }
  }

  /// The length of statistics that belong to a window.
  static func statisticLength(_ window: Int) -> Int { max(window, shortestStatistic) }

  /// How many minutes before the day the features of the specification look at.
  public var lookBack: Int { Self.statisticLength(windows.max() ?? 1) }

  /// All settings, for footers and reports.
  public var json: JSONValue {
    [
      "windows": .array(windows.map { .int(Int64($0)) }), "label": .string(label.rawValue),
      "sets": .array(sets.map { .string($0.rawValue) }),
      "transforms": .array(transforms.map { .string($0.rawValue) }),
    ]
  }
}

/// What a label `y_{w}m` measures, before the mean over the symbols is taken off.
public enum CrossSectionLabel: String, CaseIterable, Sendable {
  /// `close_{t+w} / close_t − 1`.
  case `return`
  /// `close_{t+w} − close_t`.
  case difference
}

/// A group of features that are computed or left out together.
public enum FeatureSet: String, CaseIterable, Sendable {
  /// The 24 of the specification.
  case specification
  /// Technical indicators, residuals, volatility models.
  case extended
}

/// What is made of a feature across the symbols of one minute; its name is the column's suffix.
public enum CrossSectionTransform: String, CaseIterable, Sendable {
  /// The z-score among the symbols that have a value: see `Neutralization`.
  case neutral = "neut"
  /// The rank.
  case rank
  /// The z-score of values that are pulled in to the bulk first.
  case winsorized = "wz"
}
