public import HogaCore
public import HogaFeatures

/// What the cross-section knows beyond its specification: technical indicators, volatility and
/// liquidity measures, market models, and their standing among the symbols.
///
/// Every symbol is followed from the panel's first row on; the rows of the day before warm the
/// indicators up, and recursive ones begin there. Hand in that whole day: then averages of sixty
/// minutes have forgotten how they began. Columns come in the order of the catalogue, values in
/// (symbol, time) order of the day's rows.
public struct ExtendedFeatures: Sendable {
  public let windows: [Int]
  public let seedings: [Seeding]
  public let transforms: [CrossSectionTransform]
  /// The symbol whose returns explain the others', where the panel has it.
  public let reference: String?

  /// A column and its values.
  public typealias Column = (definition: FeatureDefinition, values: [Double])

  public static let defaultWindows = CrossSectionSettings.defaultWindows

  /// - Parameters:
  ///   - windows: lengths in minutes. Below five only the shapes of candles are computed.
  ///   - transforms: each adds a column per column that differs between symbols.
  /// - Throws: `UsageError` for windows out of 1…1440 or named twice.
  public init(
    windows: [Int] = ExtendedFeatures.defaultWindows, seedings: [Seeding] = [.talib],
    transforms: [CrossSectionTransform] = [], reference: String? = "BTCUSDT"
  ) throws(UsageError) {
    for window in windows where !(1...1440).contains(window) {
      throw UsageError("windows: \(window) minutes is not in 1…1440")
    }
    guard Set(windows).count == windows.count else {
      throw UsageError("windows: one is named twice")
    }
    guard Set(transforms).count == transforms.count, Set(seedings).count == seedings.count else {
      throw UsageError("a transform or seeding is named twice")
    }
    self.windows = windows
    self.seedings = seedings
    self.transforms = transforms
    self.reference = reference
  }

  /// All columns, with what they mean.
  public static func catalogue(
    windows: [Int] = ExtendedFeatures.defaultWindows, seedings: [Seeding] = [.talib],
    transforms: [CrossSectionTransform] = []
  ) throws(UsageError) -> [FeatureDefinition] {
    try ExtendedFeatures(windows: windows, seedings: seedings, transforms: transforms).definitions
  }

  public var definitions: [FeatureDefinition] { parts.flatMap { definitions($0) } }

  /// - Parameter only: the names that are wanted; `nil` for all.
  /// - Throws: `UsageError` for a wanted name that is not in the catalogue.
  public func features(
    _ panel: MinutePanel, workers: Int, only: Set<String>? = nil
  ) throws -> [Column] {
    var parts = self.parts
    if let only {
      let known = Set(definitions.map(\.name))
      if let stranger = only.subtracting(known).min() {
        throw UsageError("no extended feature is called \(stranger)")
      }
      parts = parts.filter { part in definitions(part).contains { only.contains($0.name) } }
    }
    let bars = panel.symbols.indices.map { panel.bars(of: $0) }
    let market = MarketColumns(panel, reference: reference)
    let chosen = parts
    return try inParallel(count: chosen.count, workers: workers) { index in
      columns(chosen[index], panel, bars, market, only)
    }.flatMap { $0 }
  }

  /// Columns before transforms, with the fields they rest on.
  var columns: [(definition: FeatureDefinition, isWide: Bool, window: Int, inputs: [MinuteField])] {
    windows.flatMap { window in
      parts(window).flatMap { part in
        raw(part).map { ($0.definition, $0.isWide, window, inputs(part, $0.definition)) }
      }
    }
  }

  private func inputs(_ part: Part, _ definition: FeatureDefinition) -> [MinuteField] {
    switch part {
    case .operators(let one): one.inputs.fields
    case .market: definition.name.contains("_VolumeShare") ? [.quote] : [.close]
    }
  }

  /// Pieces of work: an operator for all symbols, or a window's market columns.
  private enum Part: Sendable {
    case operators(any BarOperator)
    case market(Int)
  }

  private var parts: [Part] { windows.flatMap { parts($0) } }

  private func parts(_ window: Int) -> [Part] {
    Indicators.operators(BarLength(window), seedings: seedings).map { Part.operators($0) }
      + (window >= 5 ? [.market(window)] : [])
  }

  /// What a part makes before transforms, and whether it differs between symbols.
  private func raw(_ part: Part) -> [(definition: FeatureDefinition, isWide: Bool)] {
    switch part {
    case .operators(let one): one.definitions.map { ($0, false) }
    case .market(let window): MarketColumns.definitions(window).map { ($0.0, $0.isMarketWide) }
    }
  }

  private func definitions(_ part: Part) -> [FeatureDefinition] {
    raw(part).flatMap { column in
      [column.definition]
        + (column.isWide ? [] : transforms.map { column.definition.transformed($0) })
    }
  }

  private func columns(
    _ part: Part, _ panel: MinutePanel, _ bars: [[Bar]], _ market: MarketColumns,
    _ only: Set<String>?
  ) -> [Column] {
    let definitions = raw(part)
    var values: [[Double]]
    switch part {
    case .operators(let one):
      values = [[Double]](repeating: [], count: definitions.count)
      for column in values.indices {
        values[column].reserveCapacity(bars.count * panel.dayRowCount)
      }
      for symbol in bars {
        BarBatch.run(one, over: symbol, skip: panel.lead) { values[$0] += $1 }
      }
    case .market(let window): values = market.values(window)
    }
    // Beyond what a number holds there is no value: no model takes infinities.
    for column in values.indices {
      for row in values[column].indices where values[column][row].isInfinite {
        values[column][row] = .nan
      }
    }
    var columns: [Column] = []
    for (column, raw) in zip(definitions, values) {
      func add(_ definition: FeatureDefinition, _ make: () -> [Double]) {
        if only?.contains(definition.name) ?? true { columns.append((definition, make())) }
      }
      add(column.definition) { raw }
      guard !column.isWide else { continue }
      for transform in transforms {
        add(column.definition.transformed(transform)) {
          transform.apply(raw, symbols: panel.symbols.count)
        }
      }
    }
    return columns
  }
}

extension FeatureDefinition {
  func transformed(_ transform: CrossSectionTransform) -> FeatureDefinition {
    var copy = self
    copy.name += transform.suffix
    copy.formula = "\(transform.formula) of \(name): \(formula)"
    copy.unit = "1"
    return copy
  }
}

extension BarInputs {
  fileprivate var fields: [MinuteField] {
    var fields: [MinuteField] = []
    if contains(.prices) { fields += [.open, .high, .low, .close] }
    if contains(.volume) { fields.append(.volume) }
    if contains(.quoteVolume) { fields.append(.quote) }
    if contains(.count) { fields.append(.count) }
    if contains(.takerQuoteVolume) { fields.append(.takerQuote) }
    return fields
  }
}

extension MinutePanel {
  /// A symbol's minutes as bars, the lead first; what is missing is NaN.
  public func bars(of symbol: Int) -> [Bar] {
    let open = values(.open, of: symbol)
    let high = values(.high, of: symbol)
    let low = values(.low, of: symbol)
    let close = values(.close, of: symbol)
    let volume = values(.volume, of: symbol)
    let quote = values(.quote, of: symbol)
    let count = values(.count, of: symbol)
    let taker = values(.takerQuote, of: symbol)
    return (0..<rowCount).map { row in
      Bar(
        openTime: time(row), open: open[open.startIndex + row], high: high[high.startIndex + row],
        low: low[low.startIndex + row], close: close[close.startIndex + row],
        volume: volume[volume.startIndex + row], quoteVolume: quote[quote.startIndex + row],
        count: count[count.startIndex + row], takerQuoteVolume: taker[taker.startIndex + row])
    }
  }
}
