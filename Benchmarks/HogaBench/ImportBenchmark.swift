import ArgumentParser
import HogaCore
import HogaImport
import HogaLake

struct ImportBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Measure the import of raw Binance captures into a lake.",
    discussion: """
      The time holds everything: two passes of unpacking, parsing, the sequence rules of the book,
      Parquet, and its way to the disk.
      """)

  @Argument(help: "Raw captures, in the order of their time.")
  var files: [String]
  @Option(
    help: "usdm, spot or coinm.",
    transform: { text in
      guard let market = BinanceRawImporter.Market(rawValue: text) else {
        throw ValidationError("'\(text)' is no market: usdm, spot or coinm")
      }
      return market
    })
  var market: BinanceRawImporter.Market
  @Option(help: "Such as BTCUSDT.")
  var symbol: String
  @OptionGroup var common: CommonOptions

  func run() throws {
    let machine = Machine()
    try Scratch.with(common) { scratch in
      let importer = BinanceRawImporter(market: market, symbol: symbol)
      var lake = try scratch.emptyLake("binance")
      let measurement = try Measurement(
        "import, \(market.rawValue)", unit: "MB",
        counted: "decompressed text, from gzip files to Parquet on the disk",
        repeats: common.repeats, prepare: { lake = try scratch.emptyLake("binance") }
      ) {
        let report = try importer.run(files: files, into: lake)
        return Measurement.Outcome(
          amount: Double(report.bytes) / 1e6,
          digest: { try digest(of: lake) },
          facts: {
            [MarketTable.trades, .quotes].map { ("\($0)", Double(report.rows(of: $0))) }
          })
      }
      machine.report("import", [measurement])
    }
  }

  private func digest(of lake: Lake) throws -> FNV1a {
    var digest = FNV1a()
    for partition in try lake.partitions() {
      digest.add(try ParquetFile(partition.path).read())
    }
    return digest
  }
}
