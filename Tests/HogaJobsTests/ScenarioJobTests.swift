import Foundation
import HogaCore
import HogaJobs
import HogaLake
import HogaScenarios
import HogaTestKit
import Testing

@Suite("Scenario job")
struct ScenarioJobTests {
  let folder: TemporaryFolder
  let lake: Lake
  init() throws {
    folder = try TemporaryFolder()
    lake = Lake(root: folder.path + "/lake")
  }

  private func job(
    _ moods: [ScenarioMood] = [.normal], seconds: Double = 20, seed: UInt64 = 7
  ) -> ScenarioJob {
    ScenarioJob(moods: moods, end: .seconds(seconds), seed: seed)
  }

  @Test("the lake holds what a market in memory has, and its check finds no error")
  func tables() throws {
    var job = job(ScenarioMood.allCases)
    job.keepsEvents = true
    let report = try job.run(into: lake, monitor: JobMonitor())
    let checked = try LakeCheck().run(lake)
    #expect(!checked.hasErrors, "\(checked)")
    #expect(report.markets.map(\.truth.settings.symbol) == ScenarioMood.allCases.map(\.symbol))
    for (mood, entry) in zip(ScenarioMood.allCases, report.markets) {
      let market = try SyntheticMarket(mood.settings(crash: 10), seed: 7).frames(
        seconds: 20, keepsEvents: true)
      let date = try #require(entry.dates.first)
      for (table, frame) in [
        ("orders", market.orders), ("trades", market.trades), ("depth", market.depth),
        ("status", market.status), (ScenarioJob.eventTable, try #require(market.events)),
      ] {
        let partition = try lake.partition(
          table: table, venue: "synthetic", symbol: mood.symbol, date: date)
        let file = try ParquetFile(partition.path)
        let read = try file.read()
        #expect(read.names == frame.names && read.rowCount == frame.rowCount)
        #expect(try read.int64s("sequence") == frame.int64s("sequence"))
        #expect(read.rowCount == entry.rows.first { $0.table == table }?.count)
        let footer = try JSONReader.read(try #require(file.metadata[ScenarioJob.metadataKey]))
        #expect(footer["seed"] == .int(7))
        #expect(footer["settings"]?["symbol"] == .string(mood.symbol))
      }
      let reader = try MarketReader(
        lake, venue: "synthetic", symbol: mood.symbol, dates: date...date)
      #expect(reader.instrument == market.instrument && reader.bookTable == .depth)
      let truth = try JSONReader.read(TextFile.read(entry.truthFile))
      // By their text: what was not measured is null there.
      #expect(truth["truth"]?.text() == entry.truth.json.text())
    }
  }

  @Test("the same market is written again, another is refused unless it is to replace the first")
  func replacing() throws {
    let monitor = JobMonitor()
    _ = try job().run(into: lake, monitor: monitor)
    let path = try #require(try lake.partitions(table: "orders").first).path
    let first = try ParquetFile(path).read()
    _ = try job().run(into: lake, monitor: monitor)
    #expect(try ParquetFile(path).read() == first)
    #expect(throws: DataError.self) { try job(seed: 8).run(into: lake, monitor: monitor) }
    #expect(try ParquetFile(path).read() == first)
    var other = job(seed: 8)
    other.replace = true
    _ = try other.run(into: lake, monitor: monitor)
    #expect(try ParquetFile(path).read() != first)
  }

  @Test("midnight splits the market into days that are each replayed on their own")
  func midnight() throws {
    var job = self.job()
    job.start = Timestamp(nanoseconds: ScenarioSettings.standardStart) - TimeSpan.seconds(10)
    let report = try job.run(into: lake, monitor: JobMonitor())
    #expect(report.markets[0].dates.count == 2)
    #expect(!(try LakeCheck().run(lake).hasErrors))
    for partition in try lake.partitions(table: "orders") {
      var replay = try OrderByOrderReplay(ParquetFile(partition.path).chunks())
      while try replay.step() != nil { #expect(replay.book.state == .normal) }
    }
  }

  @Test("a file of settings replaces those it names, and the file of truth makes the same market")
  func settings() throws {
    let path = folder.path + "/settings.json"
    try TextFile.write(
      #"{"symbol": "THIN", "placement": {"scale": 3.5}, "phases": []}"#, to: path)
    var job = job([.flashCrash])
    job.settingsFile = path
    let market = try #require(try job.markets().first)
    var expected = ScenarioMood.flashCrash.settings()
    expected.symbol = "THIN"
    expected.placement.scale = 3.5
    expected.phases = []
    #expect(market.settings == expected)

    let report = try job.run(into: lake, monitor: JobMonitor())
    job.moods = [.lowLiquidity]
    job.settingsFile = report.markets[0].truthFile
    #expect(try job.markets() == [market])
  }

  @Test(
    "settings that are not known, of another type or without sense are named",
    arguments: [
      (#"{"sybmol": "A"}"#, "sybmol"), (#"{"placement": {"skale": 1}}"#, "placement.skale"),
      (#"{"placement": 3}"#, "placement"), (#"{"symbol": 3}"#, "symbol"),
      (#"{"startPrice": 1.5}"#, "fraction"), (#"{"phases": [{"start": 1}]}"#, "phases.1"),
      (#"{"placement": {"shape": "round"}}"#, "placement.shape"), ("[1]", "object"), ("{", "JSON"),
      (#"{"warmUp": 1e999}"#, "1e999"),
    ])
  func wrongSettings(text: String, name: String) throws {
    let path = folder.path + "/settings.json"
    try TextFile.write(text, to: path)
    var job = self.job()
    job.settingsFile = path
    do {
      _ = try job.run(into: lake, monitor: JobMonitor())
      Issue.record("no error for \(text)")
    } catch let error as DataError {
      #expect(error.file == path && error.reason.contains(name), "\(error)")
    }
    #expect(!FileManager.default.fileExists(atPath: lake.root))
  }

  @Test("what makes no sense is a matter of usage, and what is missing of input")
  func refusals() {
    func expectUsage(_ change: (inout ScenarioJob) -> Void) {
      var job = self.job([.flashCrash])
      change(&job)
      #expect(throws: UsageError.self) { try job.run(into: lake, monitor: JobMonitor()) }
    }
    expectUsage { $0.moods = [] }
    expectUsage { $0.moods = [.normal, .normal] }
    expectUsage { $0.crash = 20 }
    expectUsage { $0.crash = -1 }
    expectUsage { $0.end = .seconds(0) }
    expectUsage { $0.start = Timestamp(nanoseconds: -1) }
    var job = self.job()
    job.settingsFile = folder.path + "/absent.json"
    #expect(throws: MissingInputError.self) { try job.markets() }
    #expect(folder.files() == [])
  }

  @Test("a market that is stopped leaves nothing behind")
  func cancelling() throws {
    let monitor = JobMonitor()
    monitor.cancel()
    #expect(throws: JobMonitor.Cancelled.self) { try job().run(into: lake, monitor: monitor) }
    #expect(folder.files() == [])
  }
}
