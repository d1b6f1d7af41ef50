public import HogaCore

/// What to compute: the grid, the windows and the parameters of single features.
public struct FeatureSettings: Hashable, Sendable {
  /// The spacing of the grid times.
  public var every: TimeSpan
  /// The windows of flow and trade features. Multiples of `every`, so that a window is a whole
  /// number of grid steps and its sums are exact.
  public var windows: [TimeSpan]
  /// How many levels the imbalances, pressure ratios and slopes look at.
  public var levels: [Int]
  /// `mlofi_k` is computed for k = 1 … this.
  public var flowLevels: Int
  /// The size of a volume bucket of `vpin` and `vpin_bvc`; `nil` makes both columns null.
  ///
  /// The usual choice is a fiftieth of the volume of the day before (`.fraction`), which the caller
  /// has to hand in: a pipeline knows one stream. Never the same day's total, which no one knew.
  public var vpinBucket: VolumeBucket?
  /// Over how many completed buckets VPIN is the mean.
  public var vpinBuckets: Int
  /// The time bars of bulk classification, counted from midnight.
  public var vpinBar: TimeSpan
  /// From midnight UTC to the midnight that grid times and bars are counted from: zero, or the
  /// offset of the venue's zone where its files count from local midnight.
  public var gridOrigin: TimeSpan

  public init(
    every: TimeSpan = .seconds(1),
    windows: [TimeSpan] = [.seconds(20), .seconds(60), .seconds(300)],
    levels: [Int] = [1, 5, 10], flowLevels: Int = 10, vpinBucket: VolumeBucket? = nil,
    vpinBuckets: Int = 50, vpinBar: TimeSpan = .seconds(60), gridOrigin: TimeSpan = .zero
  ) {
    self.every = every
    self.windows = windows
    self.levels = levels
    self.flowLevels = flowLevels
    self.vpinBucket = vpinBucket
    self.vpinBuckets = vpinBuckets
    self.vpinBar = vpinBar
    self.gridOrigin = gridOrigin
  }

  /// The size of a volume bucket.
  public enum VolumeBucket: Hashable, Sendable {
    /// In the instrument's size units (base units or contracts).
    case base(Double)
    /// In quote currency.
    case quote(Double)
    /// `lots / parts`, exact: the volume of the day before, cut into so many parts.
    case fraction(lots: Int64, parts: Int)
  }

  /// The windows as counts of grid steps.
  package var windowSteps: [Int] { windows.map { Int($0.nanoseconds / every.nanoseconds) } }

  /// A window of more steps than this would need more memory than it is worth.
  static let maximumSteps: Int64 = 1_000_000

  /// - Throws: `UsageError` that names the setting that makes no sense.
  public func validate() throws(UsageError) {
    guard every > .zero, every <= .day else {
      throw UsageError("every: \(every) is not above zero and at most a day")
    }
    for window in windows {
      guard window > .zero, window.nanoseconds % every.nanoseconds == 0 else {
        throw UsageError("windows: \(window) is not a multiple of the grid's \(every)")
      }
      guard window.nanoseconds / every.nanoseconds <= Self.maximumSteps else {
        throw UsageError("windows: \(window) is more than \(Self.maximumSteps) steps of \(every)")
      }
    }
    guard Set(windows).count == windows.count else {
      throw UsageError("windows: one is named twice")
    }
    let known = 1...BookTop.levelCount
    guard levels.allSatisfy({ known.contains($0) }), Set(levels).count == levels.count else {
      throw UsageError("levels: \(levels) are not distinct numbers in 1…\(BookTop.levelCount)")
    }
    guard known.contains(flowLevels) else {
      throw UsageError("flow levels: \(flowLevels) is not in 1…\(BookTop.levelCount)")
    }
    switch vpinBucket {
    case .base(let size), .quote(let size):
      guard size > 0, size.isFinite else {
        throw UsageError(
          "vpin bucket: \(size) is not \(size > 0 ? "a finite number" : "above zero")")
      }
    case .fraction(let lots, let parts):
      guard lots > 0, parts > 0 else {
        throw UsageError("vpin bucket: \(lots) lots in \(parts) parts is not above zero")
      }
      try Self.check("vpin bucket parts", parts)
    case nil: break
    }
    try Self.check("vpin buckets", vpinBuckets)
    guard vpinBar >= .milliseconds(1), vpinBar <= .day else {
      throw UsageError("vpin bar: \(vpinBar) is not from 1ms to a day")
    }
    guard abs(gridOrigin.nanoseconds) <= TimeSpan.day.nanoseconds else {
      throw UsageError("grid origin: \(gridOrigin) is more than a day")
    }
  }
  /// VPIN keeps every bucket of its mean.
  static let maximumBuckets = 1_000_000

  private static func check(_ name: String, _ count: Int) throws(UsageError) {
    guard count > 0 else { throw UsageError("\(name): \(count) is not above zero") }
    guard count <= maximumBuckets else {
      throw UsageError("\(name): \(count) is more than \(maximumBuckets)")
    }
  }
}
