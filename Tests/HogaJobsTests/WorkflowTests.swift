import HogaConfig
import HogaCore
import HogaJobs
import HogaTestKit
import Testing

@Suite("Text for terminals")
struct TextTests {
  @Test("numbers are written the same everywhere")
  func numbers() {
    #expect(NumberText.fixed(-0.0004, 2) == "0.00")
    #expect(NumberText.fixed(.nan, 2) == "–")
    #expect(NumberText.count(-1_234_567) == "-1,234,567")
    #expect(NumberText.count(999) == "999")
    #expect(NumberText.bytes(3_637_062) == "3.6 MB")
    #expect(NumberText.percent(0.1234) == "12.3%")
    #expect(NumberText.seconds(245) == "4 m 05 s")
    #expect(NumberText.seconds(0.85) == "850 ms")
  }

  @Test("columns line up, also in Korean")
  func table() {
    var table = TextTable([("name", .left), ("value", .right)])
    table.append(["호가", "1.0"])
    table.appendRule()
    table.append(["mid", "12.5"])
    #expect(
      table.text == """
        name  value
        ────  ─────
        호가    1.0
        ────  ─────
        mid    12.5
        """)
  }
}

@Suite("Workflow")
struct WorkflowTests {
  private static func load(_ settings: [String]) throws -> Workflow {
    try #require(
      WorkflowFile.load(path: Repository.file("Examples/demo.yaml"), settings: settings)
        as? Workflow)
  }

  @Test("the demo's settings are read, and changed from the command line")
  func reads() throws {
    let workflow = try Self.load(["features.every=500ms", "models.0.rule=one-standard-error"])
    #expect(workflow.features.every == .milliseconds(500))
    #expect(workflow.horizons.map(\.description) == ["1s", "2s", "5s", "10s"])
    #expect(workflow.imports.first?.files.count == 2)
    #expect(workflow.backtest?.strategies.count == 5)
  }

  @Test(
    "senseless settings are refused before any work",
    arguments: [
      "features.every=0s", "features.windows=[1500ms]", "labels.horizons=[]",
      "labels.horizons=[1s, 1s]", "labels.horizons=[1500ms]", "backtest.taker_fee=5",
      "backtest.taker_fee=", "backtest.order_size=1000", "backtest.entry_latency=48h",
      "models.0.penalties=100000000", "models.1.leaves=1", "models.0.kind=magic",
      "backtest.strategies.1.horizon=7s", "validation.folds=0", "validation.minimum_train=2",
      "labels.classes={threshold_bps: 1}", "colour=red", "kind=magic", "market.from=2024-13-01",
      "seed=-1",
      "features.vpin_bucket=lots",
    ])
  func refuses(setting: String) {
    #expect(throws: (any Error).self) { try Self.load([setting]) }
  }
}
