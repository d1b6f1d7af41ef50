import ArgumentParser
import HogaCore
import HogaImport
import HogaJobs
import HogaLake

struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Bring raw market data into the lake.",
    discussion: """
      Files given together are imported together or not at all. A partition that was made from \
      other files is not replaced unless --replace is given.

      Example: hoga import binance-raw usdm.gz --market usdm --symbol BTCUSDT \\
        --lake lake
      """,
    subcommands: [BinanceRaw.self, Lobster.self, CSV.self, Klines.self, CoinbaseL3.self])

  /// What all imports share.
  struct Options: ParsableArguments {
    @Option(help: "The lake's folder; made where it is missing.")
    var lake: String = "lake"

    @Option(help: "What to do with a row that cannot be used: stop or skip (and count).")
    var onError: ErrorPolicy = .stop

    @Flag(help: "Replace partitions that were made from other files.")
    var replace = false

    @OptionGroup var output: JSONOption

    func run(_ format: ImportJob.Format, _ files: [String]) {
      Console.run { monitor in
        let report = try ImportJob(format, files: files).run(
          into: Lake(argument: lake), monitor: monitor)
        output.show(report.json, report.description.trimmingNewline)
      }
    }
  }

  struct BinanceRaw: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "binance-raw",
      abstract: "Captures of Binance's combined WebSocket streams.",
      discussion: """
        Each line is a local time in nanoseconds and a message: depth diffs, trades, book \
        ticker, or a REST snapshot. The book is rebuilt by the market's sequence rules; a gap \
        marks it stale until the next snapshot. A local clock behind the exchange's is shifted, \
        visibly.

        Example: hoga import binance-raw usdm_20240808.gz --market usdm \\
          --symbol BTCUSDT --lake lake
        """)

    @Argument(help: "Files, in order of time: plain, .gz, .xz or .zip.")
    var files: [String]
    @Option(help: "spot, usdm or coinm.")
    var market: BinanceRawImporter.Market
    @Option(help: "The symbol, such as BTCUSDT or BTCUSD_PERP.")
    var symbol: String
    @Option(help: "Decimals of prices; found in the data where not given.")
    var priceDecimals: Int?
    @Option(help: "Decimals of sizes; found in the data where not given.")
    var sizeDecimals: Int?
    @Option(help: "Added to arrival times, such as 1300ms; found in the data where not given.")
    var clockShift: String?
    @OptionGroup var options: Options

    func run() throws {
      Console.check {
        var importer = BinanceRawImporter(
          market: market, symbol: symbol, onError: options.onError, priceDecimals: priceDecimals,
          sizeDecimals: sizeDecimals, producer: commandLine, replace: options.replace)
        importer.clockShift = try clockShift.map { try TimeSpan(argument: $0) }
        options.run(.binanceRaw(importer), files)
      }
    }
  }

  struct Lobster: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "LOBSTER days: message and order-book files, also zipped.",
      discussion: """
        Example: hoga import lobster LOBSTER_SampleFile_AMZN_2012-06-21_5.zip \\
          --symbol AMZN --date 2012-06-21 --lake lake
        """)

    @Argument(help: "Archives, or message and order-book files.")
    var files: [String]
    @Option(help: "The symbol; checked against the files' names.")
    var symbol: String?
    @Option(help: "The date, yyyy-mm-dd; checked against the files' names.")
    var date: String?
    @OptionGroup var options: Options

    func run() throws {
      Console.check {
        let importer = LobsterImporter(
          symbol: symbol, date: try date.map { try CivilDate(argument: $0) },
          onError: options.onError, producer: commandLine, replace: options.replace)
        options.run(.lobster(importer), files)
      }
    }
  }

  struct CSV: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Text files of other venues, described by a mapping.",
      discussion: """
        Mappings for the KOSPI 200 option quotes, E-mini trades and Tardis' trades and quotes \
        are in Examples/mappings; Docs/mappings.md describes every key.

        Example: hoga import csv ticks.csv.xz \\
          --mapping Examples/mappings/es-trades.yaml --lake lake
        """)

    @Argument(help: "Files: plain, .gz, .xz or .zip.")
    var files: [String]
    @Option(help: "The mapping that says what the columns mean.")
    var mapping: String
    @Option(help: "The date of files whose times are times of day, yyyy-mm-dd.")
    var date: String?
    @Option(help: "Import these symbols alone, separated by commas.")
    var symbols: String?
    @OptionGroup var options: Options

    func run() throws {
      Console.check {
        let importer = CSVImporter(
          mapping: try CSVMapping.load(path: mapping),
          date: try date.map { try CivilDate(argument: $0) },
          symbols: symbols.map { Set($0.split(separator: ",").map(String.init)) },
          onError: options.onError,
          producer: commandLine, replace: options.replace)
        options.run(.csv(importer), files)
      }
    }
  }
}

extension ImportCommand {
  struct Klines: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Candles, premium index, metrics and funding: the archive's files and Feather.",
      discussion: """
        Reads the exchange archive's zip and CSV files (with and without header, milliseconds and \
        microseconds) and freqtrade's Feather files. Symbol and interval come from the files' \
        names. A day's file holds all symbols; importing more of them keeps those that are there. \
        CSV of other sources goes by a mapping: hoga import csv.

        Example: hoga import klines BTCUSDT-1m-2026-03.zip \\
          --venue binance-spot --lake lake
        """)

    @Argument(help: "Files: .zip, .csv (also .gz, .xz) or .feather.")
    var files: [String]
    @Option(help: "The venue, such as binance-usdm or binance-spot.")
    var venue: String
    @Option(help: "klines, premium, metrics or funding.")
    var what: KlinesContent = .klines
    @Option(help: "The bars' length, 1m to 1d; from the files' names where not given.")
    var interval: CandleInterval?
    @Option(help: "The symbol; from the files' names where not given.")
    var symbol: String?
    @Option(help: "Files read at the same time; 0 takes one per processor.")
    var workers: Int = 0
    @OptionGroup var options: Options

    func run() throws {
      Console.check {
        guard workers >= 0 else { throw UsageError("--workers is below zero") }
        let importer = KlinesImporter(
          venue: venue, what: what, interval: interval, symbol: symbol, onError: options.onError,
          workers: workers, producer: commandLine, replace: options.replace)
        options.run(.klines(importer), files)
      }
    }
  }
}

extension String {
  var trimmingNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}
