public import HogaCore
public import HogaImport
public import HogaLake

/// Brings raw files into a lake, whichever format they are in.
public struct ImportJob: Sendable {
  public enum Format: Sendable {
    case binanceRaw(BinanceRawImporter)
    case lobster(LobsterImporter)
    case csv(CSVImporter)
    case coinbaseL3(CoinbaseL3Importer)
    case klines(KlinesImporter)
  }

  public var format: Format
  public var files: [String]

  public init(_ format: Format, files: [String]) {
    self.format = format
    self.files = files
  }

  /// The import that a workflow asks for.
  ///
  /// - Throws: `UsageError` where the source needs a setting that is not there.
  public init(_ step: Workflow.Import) throws {
    files = step.files
    switch step.source {
    case .binanceRaw:
      guard let market = step.market.flatMap(BinanceRawImporter.Market.init(rawValue:)) else {
        let known = BinanceRawImporter.Market.allCases.map(\.rawValue).joined(separator: ", ")
        throw UsageError("import of binance-raw: 'market' is one of \(known)")
      }
      guard let symbol = step.symbol else {
        throw UsageError("import of binance-raw: 'symbol' is missing")
      }
      format = .binanceRaw(BinanceRawImporter(market: market, symbol: symbol))
    case .lobster:
      format = .lobster(LobsterImporter(symbol: step.symbol, date: step.date))
    case .csv:
      guard let mapping = step.mapping else {
        throw UsageError("import of csv: 'mapping' is missing")
      }
      format = .csv(
        CSVImporter(
          mapping: try CSVMapping.load(path: mapping), date: step.date,
          symbols: step.symbol.map { [$0] }))
    case .coinbaseL3:
      guard let symbol = step.symbol else {
        throw UsageError("import of coinbase-l3: 'symbol' is missing")
      }
      format = .coinbaseL3(CoinbaseL3Importer(symbol: symbol))
    case .klines:
      guard let venue = step.venue else {
        throw UsageError("import of klines: 'venue' is missing")
      }
      format = .klines(
        KlinesImporter(
          venue: venue, what: step.what ?? .klines, interval: step.interval, symbol: step.symbol))
    }
  }

  public func run(into lake: Lake, monitor: JobMonitor) throws -> ImportReport {
    switch format {
    case .binanceRaw(let importer): try importer.run(files: files, into: lake, monitor: monitor)
    case .lobster(let importer): try importer.run(files: files, into: lake, monitor: monitor)
    case .csv(let importer): try importer.run(files: files, into: lake, monitor: monitor)
    case .coinbaseL3(let importer): try importer.run(files: files, into: lake, monitor: monitor)
    case .klines(let importer): try importer.run(files: files, into: lake, monitor: monitor)
    }
  }

  /// The imports of a workflow, one after the other.
  ///
  /// - Returns: their reports, for the run's metrics.
  static func runAll(
    _ steps: [Workflow.Import], into lake: Lake, monitor: JobMonitor, say: (String) -> Void
  ) throws -> [JSONValue] {
    try steps.map { step in
      var report = try ImportJob(step).run(into: lake, monitor: monitor)
      // Names alone: where a checkout lies is no part of a result.
      report.files = report.files.map { RunFolder.name(of: $0) }
      let rows = report.rows.map { "\(NumberText.count($0.count)) \($0.name)" }
      say(
        "import: \(rows.joined(separator: ", ")), \(report.gaps) gaps, "
          + "\(report.rejectedRows) rejected"
          + (report.clockShift == .zero
            ? "" : ", clock shifted by \(NumberText.fixed(report.clockShift.seconds, 3)) s"))
      return report.json
    }
  }
}
