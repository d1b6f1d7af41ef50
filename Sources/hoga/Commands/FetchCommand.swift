public import ArgumentParser
import HogaCore
public import HogaFeeds
import HogaImport
import HogaJobs
import HogaLake

struct FetchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Download a venue's public market data, verified.",
    discussion: """
      Example: hoga fetch binance --symbols @symbols.txt --start 2025-05-01 \\
        --end 2025-05-31 --out mirror
      """,
    subcommands: [Binance.self])

  struct Binance: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Binance's public archive, and its REST API for days the archive lacks.",
      discussion: """
        Files keep the archive's own paths below --out, each beside its checksum. A file that is \
        there and equal to its checksum is not fetched again, so a run that was stopped goes on \
        where it was. Whole months come as one file. What cannot be had is reported at the end \
        with exit code 74; everything else is kept.

        Example: hoga fetch binance --symbols @symbols.txt --start 2025-05-01 \\
          --end 2025-05-31 --what klines,premium,metrics,funding --out mirror \\
          --lake lake

        Every perpetual future that was ever traded: --symbols all. Two: --symbols \
        BTCUSDT,ETHUSDT.
        """)

    @Option(help: "usdm, coinm or spot.")
    var market: BinanceMarket = .usdm
    @Option(help: "all, names between commas, or @ and a file of names.")
    var symbols: String
    @Option(help: "The first day, yyyy-mm-dd in UTC.")
    var start: String
    @Option(help: "The last day; days that are not over are left out.")
    var end: String
    @Option(help: "What to fetch: klines, premium, metrics, funding, between commas.")
    var what: String = "klines"
    @Option(help: "The length of a candle: 1m, 5m, 1h, …")
    var interval: String = "1m"
    @Option(help: "How many requests may be under way at once.")
    var workers: Int = 8
    @Option(help: "The folder of the files.")
    var out: String = "mirror"
    @Option(help: "Where the archive is.")
    var archiveURL: String = BinanceFetch.archiveURL
    @Option(help: "Where the archive's table of contents is; none asks for each file by name.")
    var listingURL: String = BinanceFetch.listingURL
    @Option(help: "Where the REST API is, if not at the exchange; none leaves gaps as they are.")
    var restURL: String?
    @Option(help: "A lake that what was fetched is imported into.")
    var lake: String?
    @Flag(help: "Replace what the lake has from other files.")
    var replace = false
    @OptionGroup var output: JSONOption

    func run() throws {
      Console.run { monitor in
        let (first, last) = (try CivilDate(argument: start), try CivilDate(argument: end))
        guard first <= last else { throw UsageError("--start \(start) is after --end \(end)") }
        var fetch = BinanceFetch(
          market: market, symbols: try FetchJob.symbols(symbols), dates: first...last,
          kinds: try FetchJob.kinds(what), interval: try FetchJob.interval(interval), folder: out)
        fetch.workers = workers
        fetch.archiveURL = archiveURL
        fetch.listingURL = listingURL == "none" ? nil : listingURL
        if let restURL { fetch.restURL = restURL == "none" ? nil : restURL }
        let lake = try lake.map { try Lake(argument: $0) }
        let report = try FetchJob(fetch).run(monitor: monitor)
        let imports = try lake.map {
          try FetchJob(fetch).importing(
            report, into: $0, replace: replace, producer: commandLine, monitor: monitor)
        }
        guard let imports else {
          output.show(report.json, report.description)
          if !report.failures.isEmpty { throw FindingsError(exitCode: 74) }
          return
        }
        output.show(
          ["fetch": report.json, "imports": .array(imports.map(\.json))],
          ([report.description] + imports.map(\.description)).joined(separator: "\n\n"))
        if !report.failures.isEmpty { throw FindingsError(exitCode: 74) }
      }
    }
  }
}

extension BinanceMarket: ExpressibleByArgument {}
