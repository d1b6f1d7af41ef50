import ArgumentParser
import HogaCore
import HogaImport
import HogaJobs

extension ImportCommand {
  struct CoinbaseL3: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "coinbase-l3",
      abstract: "Coinbase's full channel: every order, with whole books before or between.",
      discussion: """
        Files hold JSON objects, one on each line or in a list: the channel's messages, and whole \
        books of level 3 (bids, asks, sequence). The book is kept by sequence numbers; a gap \
        marks it stale until the next whole book. 'hoga lake book' writes it out at any time.

        Example: hoga import coinbase-l3 book.json.xz messages.json.xz --symbol BTC-USD \\
          --lake lake
        """)

    @Argument(help: "Files, in order of time, a whole book first: plain, .gz, .xz or .zip.")
    var files: [String]
    @Option(help: "The product, such as BTC-USD.")
    var symbol: String
    @Option(help: "Decimals of prices; found in the data where not given.")
    var priceDecimals: Int?
    @Option(help: "Decimals of sizes.")
    var sizeDecimals: Int = 8
    @OptionGroup var options: Options

    func run() throws {
      Console.check {
        let importer = CoinbaseL3Importer(
          symbol: symbol, onError: options.onError, priceDecimals: priceDecimals,
          sizeDecimals: sizeDecimals, producer: commandLine, replace: options.replace)
        options.run(.coinbaseL3(importer), files)
      }
    }
  }
}
