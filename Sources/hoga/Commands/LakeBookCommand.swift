import ArgumentParser
import HogaCore
import HogaJobs
import HogaLake

extension LakeCommand {
  struct Book: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Replay a day's single orders and write the book out, order by order.",
      discussion: """
        Writes JSON as Coinbase sends whole books: bids and asks, best first, each order as \
        [price, size, id] in the order of its queue, and the sequence of the last message. Ids are \
        the exchange's where the lake has the table order_ids. Without --at it is the book after \
        the day's last message.

        Example: hoga lake book --lake lake --venue coinbase --symbol BTC-USD \\
          --date 2018-07-13 --at 2018-07-13T20:50:00Z --out book.json
        """)

    @OptionGroup var lake: LakeOption
    @Option(help: "The venue, as the lake names it: coinbase, …")
    var venue: String
    @Option(help: "The symbol: BTC-USD, …")
    var symbol: String
    @Option(help: "The date, yyyy-mm-dd.")
    var date: String
    @Option(help: "Messages that arrived up to this time, yyyy-mm-ddThh:mm:ss[.…]Z.")
    var at: String?
    @Option(help: "The file to write.")
    var out: String
    @OptionGroup var output: JSONOption

    func run() throws {
      Console.run { monitor in
        let job = BookJob(
          lake: try Lake(argument: lake.lake), venue: venue, symbol: symbol,
          date: try CivilDate(argument: date), until: try at.map { try BookJob.time($0) })
        let summary = try job.run(writing: out, monitor: monitor)
        output.show(summary.json, summary.description)
      }
    }
  }
}
