import Foundation
import HogaConfig
import HogaCore
import HogaJobs
import HogaLake
import HogaSim
import HogaTestKit
import Testing

@Suite("Settings of a venue")
struct VenueSettingsTests {
  private static func workflow(_ venue: String, in folder: String = "/nowhere") throws
    -> BacktestWorkflow
  {
    let text = """
      kind: backtest
      market: {venue: v, symbol: s, from: 2024-01-02, to: 2024-01-02}
      backtest:
        strategies: [{kind: quotes}]
      """ + "\n" + venue.split(separator: "\n").map { "  \($0)\n" }.joined()
    return try BacktestWorkflow(.parse(text, file: "venue.yaml"), relativeTo: folder)
  }

  @Test("are read as the guide shows them")
  func guide() throws {
    let guide = try Repository.text("Docs/workflow.md")
    let part = guide.components(separatedBy: "## The venue")[1]
    let block = part.components(separatedBy: "```yaml\n")[1].components(separatedBy: "```")[0]
    let folder = try TemporaryFolder()
    try TableFile.write(
      Frame([("latency_ns", .int64([5_000_000, 9_000_000, 20_000_000]))]),
      to: folder("answers.parquet"), metadata: [:])
    let lines = block.split(separator: "\n").map { $0.hasPrefix("  ") ? $0.dropFirst(2) : $0 }
    let venue = try Self.workflow(lines.joined(separator: "\n"), in: folder.path).backtest.venue
    #expect(venue.feed == .recorded(scale: 1, plus: .milliseconds(2)))
    #expect(
      venue.entry
        == .sampled(
          try .logNormal(
            median: .milliseconds(10), percentile99: .milliseconds(40), floor: .milliseconds(2))))
    #expect(venue.response == .sampled(try .empirical([5_000_000, 9_000_000, 20_000_000])))
    #expect(venue.fees.tier(atVolume: .zero).makerPartsPerMillion == 200)
    #expect(venue.fees.tier(atVolume: try Money(15e6)).makerPartsPerMillion == 160)
    #expect(venue.margin?.liquidationFeePartsPerMillion == 12_500)
    #expect(venue.selfTrade == .cancelNewest && !venue.fillsWhole)
    if case .table = venue.funding {} else { Issue.record("funding is no table") }
    if case .almgrenChriss = venue.impact {} else { Issue.record("impact is no other model") }
  }

  @Test(
    "that contradict each other, or make no sense, are refused with their line",
    arguments: [
      ("taker_fee: 0.001\nfee_tiers: [{maker: 0.0, taker: 0.001}]", "taker_fee"),
      ("fee_tiers: [{from: 5, maker: 0.0, taker: 0.001}]", "zero"),
      ("taker_fee: 0.0000001", "millionths"), ("maker_fee: 0", "taker_fee"),
      ("taker_fee: 0\nqueue: power", "power N"), ("taker_fee: 0\nqueue: power 0", "power N"),
      ("taker_fee: 0\nfills: half", "partial, whole"),
      ("taker_fee: 0\nself_trade: never", "cancel-newest"),
      ("taker_fee: 0\nentry_latency: {median: 10ms, constant: 5ms, p99: 20ms}", "not both"),
      ("taker_fee: 0\nentry_latency: {median: 10ms, p99: 5ms}", "99th"),
      ("taker_fee: 0\nentry_latency: {plus: 10ms}", "one of constant"),
      ("taker_fee: 0\nentry_latency: -1ms", "latency"),
      ("taker_fee: 0\nmargin: {initial: 0.01, maintenance: 0.02}", "maintenance"),
      ("taker_fee: 0\nmargin: {tiers: [], initial: 0.1, maintenance: 0.02}", "not both"),
      ("taker_fee: 0\nfunding: often", "table"), ("taker_fee: 0\nfunding: {rate: 2}", "100 %"),
      (
        "taker_fee: 0\nimpact: {almgren_chriss: {}, propagator: {price: 1, size: 1, decay: 1s}}",
        "not both"
      ),
      (
        "taker_fee: 0\nimpact: {propagator: {price: 1, size: 1, decay: 1s, exponent: 0.5}}",
        "not both"
      ),
      ("taker_fee: 0\nrules: {minimum_sice: 1}", "minimum_size"),
    ])
  func refused(text: String, part: String) throws {
    do {
      _ = try Self.workflow(text)
      Issue.record("no error for \(text)")
    } catch let error as DataError {
      #expect(error.reason.contains(part) && error.file == "venue.yaml", "\(error)")
      #expect(error.row != nil)
    }
  }

  @Test("measured latencies are looked for beside the file, and faults name file and row")
  func measured() throws {
    let folder = try TemporaryFolder()
    try TableFile.write(
      Frame([("latency_ns", .int64([5, -1, 20]))]), to: folder("l.parquet"), metadata: [:])
    let text = "taker_fee: 0\nentry_latency: {file: l.parquet}"
    #expect(throws: MissingInputError.self) { try Self.workflow(text) }
    do {
      _ = try Self.workflow(text, in: folder.path)
      Issue.record("a latency below zero went through")
    } catch let error as DataError {
      #expect(error.file == folder("l.parquet") && error.row == 2 && error.column == "latency_ns")
    }
  }
}
