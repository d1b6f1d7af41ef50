public import HogaCore
public import HogaLake

/// Imports text files of trades, quotes or books as a `CSVMapping` describes them.
///
/// Rows stream through: memory holds one block of text, the rows of the reorder window, and some
/// thousand rows of each open partition. Partitions go by the UTC date of arrival. `sequence` is
/// the line's ordinal over all files, or with `reorder` the place after sorting.
public struct CSVImporter: LakeImporter {
  public var mapping: CSVMapping
  /// The date of files that carry times of day only, on the clock of the mapping's zone.
  public var date: CivilDate?
  /// Import these alone, where the symbol is a column.
  public var symbols: Set<String>?
  public var onError: ErrorPolicy
  public var producer: String
  public var replace: Bool

  public init(
    mapping: CSVMapping, date: CivilDate? = nil, symbols: Set<String>? = nil,
    onError: ErrorPolicy = .stop, producer: String = "hoga import csv", replace: Bool = false
  ) {
    self.mapping = mapping
    self.date = date
    self.symbols = symbols
    self.onError = onError
    self.producer = producer
    self.replace = replace
  }

  /// Imports files, each symbol's in the order of time.
  ///
  /// - Throws: Besides what every importer throws, `DataError` for missing columns and files without
  ///   a usable row, and `UsageError` where a date is needed.
  public func run(
    files: [String], into sink: any ImportSink, monitor: JobMonitor
  ) throws -> ImportReport {
    guard mapping.candles == nil else {
      throw UsageError(
        "\(mapping.file): candles need a lake: their files hold all symbols of a day")
    }
    let inputs = try files.flatMap { try InputFile.contents(of: $0) }
    guard !inputs.isEmpty else { throw UsageError("no files to import") }
    let stamp = mapping.arrival ?? mapping.time
    guard date != nil || stamp?.format.hasDate ?? false else {
      throw UsageError("\(mapping.file): times without a date; give --date")
    }
    if let symbols, case .fixed(let symbol) = mapping.symbol, !symbols.contains(symbol) {
      throw UsageError("\(mapping.file): all rows are of \(symbol), which is not asked for")
    }
    var priceDecimals = mapping.priceDecimals
    var sizeDecimals = mapping.sizeDecimals
    if priceDecimals == nil || sizeDecimals == nil {
      monitor.begin("reading decimals", unit: "bytes")
      var probe = CSVProbe(mapping)
      for input in inputs { try probe.read(input) }
      priceDecimals = priceDecimals ?? probe.priceDecimals
      sizeDecimals = sizeDecimals ?? probe.sizeDecimals
    }
    let session = CSVSession(
      self, priceDecimals: priceDecimals ?? 0, sizeDecimals: sizeDecimals ?? 0, sink: sink)
    monitor.begin(
      "importing \(mapping.table.rawValue)", total: inputs.reduce(0) { $0 + $1.diskBytes },
      unit: "bytes")
    for input in inputs {
      try session.read(input) { try monitor.advance(by: $0) }
    }
    return try session.finish()
  }
}

extension CSVImporter {
  /// Imports files into a lake, all together or not at all.
  ///
  /// - Throws: As `run` into a sink.
  public func run(
    files: [String], into lake: Lake, monitor: JobMonitor
  ) throws -> ImportReport {
    guard let candles = mapping.candles, case .fixed(let venue) = mapping.venue else {
      return try importTogether(files, into: lake, monitor: monitor)
    }
    if date != nil {
      throw UsageError("\(mapping.file): candles carry their dates; leave --date out")
    }
    var importer = KlinesImporter(
      venue: venue, interval: candles.interval, onError: onError, producer: producer,
      replace: replace)
    importer.mapping = mapping
    importer.symbols = symbols
    return try importer.run(files: files, into: lake, monitor: monitor)
  }
}

/// Finds how many decimals prices and sizes have, in the first megabytes of each file.
struct CSVProbe {
  private static let sampledBytes: Int64 = 4 << 20

  private let mapping: CSVMapping
  private(set) var priceDecimals: Int
  private(set) var sizeDecimals = 0

  init(_ mapping: CSVMapping) {
    self.mapping = mapping
    priceDecimals = mapping.impliedDecimals
    if let tick = mapping.tick { priceDecimals = max(priceDecimals, Self.decimals(tick.utf8)) }
  }

  mutating func read(_ input: InputFile) throws {
    var rows = CSVRows(mapping, input, LineReader(try input.open()))
    while rows.reader.bytesRead < Self.sampledBytes, try rows.next() {
      guard rows.problem == nil else { continue }
      for index in rows.columns.prices {
        unsafe priceDecimals = max(
          priceDecimals, Self.decimals(rows.cell(index)) + mapping.impliedDecimals)
      }
      for index in rows.columns.sizes {
        unsafe sizeDecimals = max(sizeDecimals, Self.decimals(rows.cell(index)))
      }
      for index in rows.columns.levelCells {
        let parts = unsafe rows.cell(index).split(separator: UInt8(ascii: "@"))
        guard parts.count == 2 else { continue }
        let (price, size) = rows.columns.priceFirst ? (0, 1) : (1, 0)
        unsafe priceDecimals = max(
          priceDecimals, Self.decimals(parts[price]) + mapping.impliedDecimals)
        unsafe sizeDecimals = max(sizeDecimals, Self.decimals(parts[size]))
      }
    }
    priceDecimals = min(priceDecimals, 12)
    sizeDecimals = min(sizeDecimals, 12)
  }

  /// Digits after the point, without zeros at the end; zero for what is no number.
  private static func decimals(_ text: some Sequence<UInt8>) -> Int {
    var count = 0
    var significant = 0
    var isFraction = false
    for byte in text {
      if byte == UInt8(ascii: ".") {
        guard !isFraction else { return 0 }
        isFraction = true
        continue
      }
      guard byte &- 0x30 <= 9 || byte == 0x2d else { return 0 }
      if isFraction {
        count += 1
        if byte != 0x30 { significant = count }
      }
    }
    return significant
  }
}
