import ArgumentParser
import HogaCore
import HogaJobs

/// The venue of a backtest, as far as it is set on the command line.
struct VenueOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "The taker's fee as a fraction: 0.0005 is 5 bps.")
  var takerFee: Double?
  @Option(
    parsing: .unconditional,
    help: "The maker's fee, below zero a rebate; the taker's where not given.")
  var makerFee: Double?
  @Option(help: "Added to the recorded arrival of market data; none where not given.")
  var feedLatency: String?
  @Option(help: "From a decision to the exchange; 10ms where not given.")
  var entryLatency: String?
  @Option(help: "From the exchange back; 10ms where not given.")
  var responseLatency: String?
  @Option(
    name: .customLong("venue-set"),
    help: "Another setting of the venue: key.path=value, as in a file. May be repeated.")
  var settings: [String] = []

  /// - Parameter queue: the queue model, as settings spell it.
  /// - Throws: `UsageError` where something is set twice or fees are not set at all.
  func venue(queue: String?) throws -> Workflow.Venue {
    let given: [(option: String, key: String, value: String?)] = [
      ("--taker-fee", "taker_fee", takerFee.map { "\($0)" }),
      ("--maker-fee", "maker_fee", makerFee.map { "\($0)" }),
      ("--feed-latency", "feed_latency", feedLatency),
      ("--entry-latency", "entry_latency", entryLatency),
      ("--response-latency", "response_latency", responseLatency),
      ("--queue", "queue", queue),
    ]
    let set = Set(settings.map { String($0.prefix { $0 != "=" && $0 != "." }) })
    for (option, key, value) in given where value != nil && set.contains(key) {
      throw UsageError("give \(option) or --venue-set \(key)=…, not both")
    }
    guard takerFee != nil || set.contains("taker_fee") || set.contains("fee_tiers") else {
      throw UsageError("--taker-fee is needed: without fees a backtest flatters")
    }
    let options = given.compactMap { _, key, value in value.map { "\(key)=\($0)" } }
    return try Workflow.Venue(settings: options + settings)
  }
}
