import Foundation
import HogaCore
import HogaJobs
import HogaLake
import HogaScenarios
import HogaTestKit
import Testing

@Suite("Stress runs of a workflow")
struct StressWorkflowTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A backtest on a synthetic market in the lake, followed by stress runs.
  private func load(_ stress: String, _ settings: [String] = []) throws -> BacktestWorkflow {
    let path = try folder.write(
      """
      kind: backtest
      lake: lake
      seed: 3
      market: {venue: synthetic, symbol: NORMAL, date: 2024-01-02}
      backtest:
        order_size: 0.05
        maximum_position: 0.5
        maker_fee: 0
        taker_fee: 0.0005
        strategies:
          - kind: quotes
          - kind: random
      \(stress)
      """, to: "run.yaml")
    return try #require(
      WorkflowFile.load(path: path, settings: settings) as? BacktestWorkflow)
  }

  @Test("metrics, tables and page have the stress runs, and the page can be made again")
  func run() throws {
    let job = ScenarioJob(moods: [.normal], end: .seconds(30), seed: 1)
    _ = try job.run(into: Lake(root: folder("lake")), monitor: JobMonitor())
    let workflow = try load("stress: {duration: 20s, seeds: 2, moods: [normal, flash-crash]}")
    var said: [String] = []
    let metrics = try workflow.run(
      folder: folder("run"), producer: "test", monitor: JobMonitor(), say: { said.append($0) })
    #expect(said.contains { $0.hasPrefix("stress: 2 seeds") })
    let stress = try #require(metrics["stress"])
    #expect(stress["moods"].texts == ["normal", "flash-crash"])
    #expect(stress["strategies"].texts == ["quotes", "random"])
    #expect(stress.int("first_seed") == 3 && stress["results"].list.count == 4)
    let table = try ParquetFile(folder("run/stress.parquet")).read()
    #expect(table.rowCount == 2 * 2 * 2)
    let path = folder("run/report.html")
    let page = try String(contentsOfFile: path, encoding: .utf8)
    #expect(page.contains("Stress runs") && page.contains("random, mood by mood"))
    let (_, summary) = try WorkflowFile.report(on: folder("run"))
    #expect(summary.contains("Stress runs: 2 seeds"))
    #expect(try String(contentsOfFile: path, encoding: .utf8) == page)

    // Without them, the next run leaves none behind.
    let plain = try load("").run(
      folder: folder("run"), producer: "test", monitor: JobMonitor(), say: { _ in })
    #expect(plain["stress"] == nil)
    #expect(
      plain["backtests"].list.map { $0["result"] } == metrics["backtests"].list.map { $0["result"] }
    )
    #expect(!FileManager.default.fileExists(atPath: folder("run/stress.parquet")))
    #expect(!(try String(contentsOfFile: path, encoding: .utf8)).contains("Stress runs"))
  }

  @Test(
    "settings that are unknown or make no sense are refused with their place",
    arguments: [
      "stress: {duration: 5}", "stress: {seeds: 0}", "stress: {moods: [stormy]}",
      "stress: {moods: []}", "stress: {length: 5m}", "stress: {duration: 1s}",
      "stress: {crash_at: 20m}",
    ])
  func wrong(stress: String) throws {
    let error = #expect(throws: DataError.self) { try load(stress) }
    #expect(error?.file?.hasSuffix("run.yaml") ?? false)
    #expect(error?.row ?? 0 >= 14, "\(String(describing: error))")
  }

  @Test("sizes that fit the recording but not the synthetic markets are refused with their place")
  func sizes() throws {
    let error = #expect(throws: DataError.self) {
      try load("stress: {duration: 20s}", ["backtest.order_size=0.0005"])
    }
    #expect(error?.reason.contains("lot is 0.001") ?? false, "\(String(describing: error))")
    _ = try load("", ["backtest.order_size=0.0005"])
  }
}
