import HogaConfig
import HogaCore
import HogaJobs
import HogaLake
import HogaLedger
import HogaSim
import HogaStatistics
import HogaTestKit
import Testing

@Suite("Trials of a lake")
struct TrialsJobTests {
  let folder: TemporaryFolder
  let lake: Lake
  static let day = CivilDate("2024-01-02")!

  init() throws {
    folder = try TemporaryFolder()
    lake = Lake(root: folder.path)
  }

  private func record(
    _ number: Int, _ symbols: [String], from: Int, days: Int = 1, sharpe: Double?
  ) throws {
    var random = SeededRandom(UInt64(number))
    let first = Self.day.adding(days: from)
    // A walk: equity that returns to a level makes each half the opposite of the other.
    var equity = [100.0]
    for row in 0..<200 { equity.append(equity[row] * (0.99 + 0.02 * random.uniform())) }
    try TrialLedger(TrialLedger.path(inLake: lake.root), creating: true).record(
      Trial(
        recorded: Timestamp(nanoseconds: Int64(number)),
        data: TrialData(
          markets: symbols.map { .init(venue: "test", symbol: $0) }, table: "book",
          dates: first...first.adding(days: days - 1)),
        strategy: "s\(number)", configuration: ["number": .int(Int64(number))], seed: 1,
        fingerprint: 1, returnCount: 1000, period: .seconds(1), sharpe: sharpe,
        skewness: sharpe.map { _ in 0 }, kurtosis: sharpe.map { _ in 3 }, netUnits: 0,
        returns: TrialReturns(
          times: (0...200).map { (first.start + .seconds($0)).nanoseconds },
          equity: equity)))
  }

  @Test("are grouped by shared markets and days, directly or by way of others")
  func groups() throws {
    try record(1, ["A"], from: 0, sharpe: 0.02)
    try record(2, ["B"], from: 0, sharpe: 0.05)
    try record(3, ["A", "B"], from: 0, days: 2, sharpe: 0.01)
    try record(4, ["A"], from: 1, days: 3, sharpe: nil)
    try record(5, ["A"], from: 9, sharpe: 0.03)
    try record(6, ["C"], from: 0, days: 20, sharpe: -0.01)
    let result = try TrialsJob(lake: lake, workers: 2).run(monitor: JobMonitor())
    let groups = result.json["groups"].list
    #expect(groups.map { $0.int("count") } == [4, 1, 1])
    #expect(
      groups.map { $0["trials"].list.map { $0.string("strategy") } } == [
        ["s1", "s2", "s3", "s4"], ["s5"], ["s6"],
      ])
    let best = groups[0]["best"]
    #expect(best.string("strategy") == "s2")
    // On its own data were two: the other trials of the group share no market and day with it.
    #expect(best.int("trials") == 2)
    #expect(best.double("standard_error") > 0 && best.double("probability_above_zero") > 0.9)
    let variance = best.double("sharpe_variance")
    #expect(abs(variance - 0.0008) < 1e-15)
    #expect((best?["deflated"]).double("probability") < best.double("probability_above_zero"))
    #expect(result.text.contains("test A, test B, 2024-01-02 – 2024-01-05: 4 trials"))
    #expect(result.text.contains("Best of 2 tried on its data: s2"))
    #expect(groups[2]["best"].double("per_period") == -0.01)
  }

  @Test("tell how probable overfitting is where their returns share time")
  func overfitting() throws {
    for number in 1...25 { try record(number, ["A"], from: 0, sharpe: Double(number) / 1000) }
    let result = try TrialsJob(lake: lake).run(monitor: JobMonitor())
    let group = result.json["groups"].list[0]
    #expect(group["overfitting"].int("trials") == 25)
    #expect((0.2...0.9).contains(group["overfitting"].double("probability")))
    #expect(group.double("effective_count") > 20)
    #expect(result.text.contains("… and 5 more; --json has all"))
    #expect(result.text.contains("Probability of overfitting: "))
    let none = try TrialsJob(lake: lake, symbol: "B").run(monitor: JobMonitor())
    #expect(none.json.int("trials") == 0 && none.text.contains("no trial"))
  }

  @Test("a lake without a ledger has none, and none is made")
  func missing() throws {
    #expect(throws: MissingInputError.self) {
      try TrialsJob(lake: lake).run(monitor: JobMonitor())
    }
    #expect(folder.files() == [])
  }

  @Test("a backtest is recorded once for equal settings, and counts others on its data")
  func recording() throws {
    let instrument = Instrument(venue: "test", symbol: "A", priceDecimals: 2, sizeDecimals: 0)
    let times = (0...300).map { (Self.day.start + .seconds($0)).nanoseconds }
    let rows = times.indices.map { Int64($0) }
    let transaction = lake.begin(producer: "test", sources: ["test"])
    try transaction.append(
      Frame([
        ("arrival", .timestamp(times)), ("time", .timestamp(times)), ("sequence", .int64(rows)),
        ("bid_price_1", .decimal(rows.map { 10_000 + $0 * 7 % 13 }, scale: 2)),
        ("bid_size_1", .decimal(rows.map { 5 + $0 % 3 }, scale: 0)),
        ("ask_price_1", .decimal(rows.map { 10_002 + $0 * 7 % 13 }, scale: 2)),
        ("ask_size_1", .decimal(rows.map { 4 + $0 % 2 }, scale: 0)),
      ]), to: .quotes, instrument: instrument, date: Self.day)
    try transaction.commit()
    func record(fee: Double) throws -> Int {
      let job = BacktestJob(
        lake: lake, market: .init(venue: "test", symbol: "A", dates: Self.day...Self.day),
        options: try Workflow.Backtest(
          venue: Workflow.Venue(settings: [
            "taker_fee=\(fee)", "entry_latency=1ms", "response_latency=0",
          ]), computeDelay: .zero, orderSize: 1, maximumPosition: 1, capital: 1000,
          strategies: [
            Workflow.Strategy(kind: .buyAndHold, settings: []),
            Workflow.Strategy(kind: .random, settings: []),
          ]), seed: 5)
      let outcomes = try job.run(signals: nil, monitor: JobMonitor())
      // The run has recorded them already; the same trials again are no new ones.
      let counts = try job.record(
        outcomes.map(\.result), table: "quotes", signals: nil, at: Timestamp(nanoseconds: 7))
      #expect(counts.count == 2 && counts[0] == counts[1])
      #expect((counts[0].sharpeVariance ?? 0) > 0)
      return counts[0].count
    }
    #expect(try record(fee: 0) == 2)
    #expect(try record(fee: 0) == 2)
    #expect(try record(fee: 0.001) == 4)
    let text = try TrialsJob(lake: lake).run(monitor: JobMonitor()).text
    #expect(text.contains("fees_ppm.taker=1000") && text.contains("fees_ppm.taker=0"))
    #expect(!text.contains("random-entry"), "the kind is what a run's file names it")
    let trials = try TrialLedger(TrialLedger.path(inLake: lake.root), creating: false)
      .trials(withReturns: true).trials
    #expect(trials.map(\.strategy).prefix(2) == ["buy-and-hold", "random-entry"])
    #expect(trials.allSatisfy { $0.data.table == "quotes" && $0.returns != nil })
    #expect(trials.allSatisfy { $0.data.dates == Self.day...Self.day })
    #expect(trials[0].configurationDigest != trials[2].configurationDigest)
  }
}
