public import HogaCore

/// Computes features and labels of all symbols of a day, side by side.
///
/// The tables have `symbol` and `time` first, and one row for each symbol and minute of the day, in
/// that order. Features of a minute use it and what came before; labels begin at its close.
///
/// ```swift
/// let crossSection = try CrossSection()
/// let x = try crossSection.features(panel, workers: 2)
/// let xy = CrossSection.joined(x, crossSection.labels(panel))
/// ```
public struct CrossSection: Sendable {
  public let settings: CrossSectionSettings
  private let families: [any CrossSectionFamily]

  /// - Throws: `UsageError` for settings that make no sense.
  public init(settings: CrossSectionSettings = CrossSectionSettings()) throws(UsageError) {
    try settings.validate()
    self.settings = settings
    families = try Self.families(settings)
  }

  /// What the sets of features consist of. Each family is one set's.
  static func families(
    _ settings: CrossSectionSettings
  ) throws(UsageError) -> [any CrossSectionFamily] {
    var families: [any CrossSectionFamily] = []
    for set in settings.sets {
      switch set {
      case .specification: families.append(SpecificationFamily(settings))
      case .extended: families.append(try ExtendedFamily(settings))
      }
    }
    return families
  }

  /// How many minutes before the day are looked at; rows further back change nothing.
  public var lookBack: Int { families.map(\.lookBack).max() ?? 0 }

  /// The columns, in the order of `features`' table.
  public var catalogue: CrossSectionCatalogue {
    CrossSectionCatalogue(settings, families.flatMap(\.features))
  }

  /// `symbol`, `time`, and a column for each feature of the catalogue; null where its inputs are
  /// missing, or where its definition divides by zero.
  ///
  /// - Parameter workers: how many threads; the result does not depend on it.
  public func features(_ panel: MinutePanel, workers: Int = 1) throws -> Frame {
    var frame = Self.keys(panel)
    var features: [CrossSectionFeature] = []
    var columns: [[Double]] = []
    for family in families {
      features += family.features
      columns += try family.compute(panel, workers: workers)
    }
    for (feature, column) in zip(features, columns) { frame.append(feature.name, .double(column)) }
    // What is one number for all symbols has no place among them.
    columns = zip(features, columns).filter { !$0.0.isMarketWide }.map(\.1)
    let names = features.filter { !$0.isMarketWide }.map(\.name)
    let storages = Storages(columns)
    for transform in settings.transforms {
      let distinct = try transformed(
        storages.distinct.map { columns[$0] }, by: transform, panel, workers: workers)
      for (index, name) in names.enumerated() {
        frame.append("\(name)_\(transform.rawValue)", .double(distinct[storages.place[index]]))
      }
    }
    return frame
  }

  /// `symbol`, `time`, and `y_{w}m` for each window: what follows the minute's close, less the mean
  /// over the symbols that have it; null where the day ends first.
  public func labels(_ panel: MinutePanel) -> Frame {
    var frame = Self.keys(panel)
    let labels = CrossSectionLabels(settings.label, horizons: settings.windows)
    for (name, column) in zip(labels.names, labels.compute(panel)) {
      frame.append(name, .double(column))
    }
    return frame
  }

  /// Features and labels in one table.
  ///
  /// - Precondition: both are of the same panel.
  public static func joined(_ features: Frame, _ labels: Frame) -> Frame {
    var frame = features
    for (name, column) in zip(labels.names, labels.columns) {
      if keyNames.contains(name) {
        precondition(column == features[name], "tables of different panels cannot be joined")
      } else {
        precondition(!features.contains(name), "\(name) is a feature and a label")
        frame.append(name, column)
      }
    }
    return frame
  }

  static let keyNames = ["symbol", "time"]

  private static func keys(_ panel: MinutePanel) -> Frame {
    let rows = panel.dayRowCount
    let times = (0..<rows).map { panel.time(panel.lead + $0) }
    var codes: [Int32] = []
    var stamps: [Int64] = []
    codes.reserveCapacity(rows * panel.symbols.count)
    stamps.reserveCapacity(rows * panel.symbols.count)
    for symbol in panel.symbols.indices {
      codes.append(contentsOf: repeatElement(Int32(symbol), count: rows))
      stamps.append(contentsOf: times)
    }
    return Frame([
      ("symbol", .category(Categories(codes: codes, levels: panel.symbols))),
      ("time", .timestamp(stamps)),
    ])
  }

  private func transformed(
    _ columns: [[Double]], by transform: CrossSectionTransform, _ panel: MinutePanel, workers: Int
  ) throws -> [[Double]] {
    let (symbols, rows) = (panel.symbols.count, panel.dayRowCount)
    guard transform == .neutral else {
      return try inParallel(count: columns.count, workers: workers) { index in
        transform.apply(columns[index], symbols: symbols)
      }
    }
    return try filledArrays(count: columns.count, length: symbols * rows) { outputs in
      // Threads write to arrays of their own.
      nonisolated(unsafe) let outputs = unsafe outputs
      _ = try inParallel(count: columns.count, workers: workers) { index in
        unsafe columns[index].withUnsafeBufferPointer { values in
          guard let values = values.baseAddress else { return }
          unsafe Neutralization.neutral(values, into: outputs[index], symbols: symbols, rows: rows)
        }
      }
    }
  }
}

/// Features that are computed together.
protocol CrossSectionFamily: Sendable {
  /// The columns, without transforms.
  var features: [CrossSectionFeature] { get }
  /// How many minutes before the day matter to the day's values.
  var lookBack: Int { get }

  /// A column for each feature, `panel.symbols.count · panel.dayRowCount` values each.
  ///
  /// Columns that are equal by construction share their storage, which saves making them, and
  /// their transforms, twice.
  func compute(_ panel: MinutePanel, workers: Int) throws -> [[Double]]
}

/// Which of some arrays are one array under several names.
private struct Storages {
  /// The first of each storage.
  private(set) var distinct: [Int] = []
  /// For each array, the place of its storage in `distinct`.
  private(set) var place: [Int] = []

  init(_ arrays: [[Double]]) {
    var known: [Int: Int] = [:]
    for (index, array) in arrays.enumerated() {
      let address = unsafe array.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) }
      if let at = known[address] {
        place.append(at)
      } else {
        known[address] = distinct.count
        place.append(distinct.count)
        distinct.append(index)
      }
    }
  }
}
