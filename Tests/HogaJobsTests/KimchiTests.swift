import Foundation
import HogaConfig
import HogaCore
import HogaJobs
import HogaKimchi
import HogaLake
import HogaReport
import HogaTestKit
import Testing

@Suite("Kimchi workflow")
struct KimchiTests {
  private static let settings = """
    kind: kimchi
    name: small
    seed: 3
    market: {korean: "upbit:BTC-KRW", foreign: "binance-spot:BTCUSDT", fx: "ecb:USD-KRW"}
    studies:
      - name: hourly
        from: 2018-01-03
        to: 2018-01-23
        windows: [12h, 24h]
        horizons: [6h]
        validation: {folds: 2}
        models: [{kind: logistic}]
        rules:
          - {kind: reversion, enter: 1, exit: 0, hold: 12h}
          - {kind: model, model: logistic, horizon: 6h, hold: 6h}
          - {kind: always}
    backtest:
      trade_size: 10_000_000
      random_runs: 20
      inventory:
        {korean_cash: 25_000_000, korean_coins: 25_000_000, foreign_cash: 25_000_000,
        foreign_coins: 25_000_000}
      costs: {korean_fee: 5, foreign_fee: 10}
    """

  private static func workflow(_ text: String) throws -> KimchiWorkflow {
    try KimchiWorkflow(.parse(text, file: "kimchi.yaml"), relativeTo: "/nowhere")
  }

  /// Three weeks of hourly candles of two venues and daily rates, as an importer leaves them.
  private static func fill(_ lake: Lake, days: Int = 24, seed: UInt64 = 5) throws {
    var random = SeededRandom(seed)
    let first = try #require(CivilDate("2018-01-01"))
    let transaction = lake.begin(producer: "test", sources: ["test.csv"])
    var (price, premium) = (10_000.0, 0.1)
    for day in 0..<days {
      let date = first.adding(days: day)
      var rows: [(foreign: [Double], korean: [Double])] = []
      for _ in 0..<24 {
        let (open, openPremium) = (price, premium)
        price *= 1 + 0.02 * (random.uniform() - 0.5)
        premium += 0.1 * (0.1 - premium) + 0.02 * (random.uniform() - 0.5)
        rows.append(
          ([open, price], [open * 1070 * (1 + openPremium), price * 1070 * (1 + premium)]))
      }
      func frame(_ symbol: String, _ prices: [[Double]], step: TimeSpan) -> Frame {
        Frame([
          ("symbol", .category(Categories(prices.map { _ in symbol }))),
          (
            "time",
            .timestamp(
              prices.indices.map { date.start.nanoseconds + Int64($0) * step.nanoseconds })
          ), ("open", .double(prices.map { $0[0] })),
          ("high", .double(prices.map { max($0[0], $0[1]) })),
          ("low", .double(prices.map { min($0[0], $0[1]) })),
          ("close", .double(prices.map { $0[1] })),
          ("volume", .double(prices.map { _ in 1 + random.uniform() })),
        ])
      }
      try transaction.append(
        frame("BTC-KRW", rows.map(\.korean), step: .seconds(3600)), to: .candles(.hour),
        venue: "upbit", date: date)
      try transaction.append(
        frame("BTCUSDT", rows.map(\.foreign), step: .seconds(3600)), to: .candles(.hour),
        venue: "binance-spot", date: date)
      try transaction.append(
        frame("USD-KRW", [[1070, 1070]], step: .day), to: .candles(.day), venue: "ecb", date: date)
    }
    try transaction.commit()
  }

  @Test("runs from a lake to a report, twice to the same bytes")
  func runs() throws {
    let folder = try TemporaryFolder()
    let lake = Lake(root: folder.path + "/lake")
    try Self.fill(lake)
    var workflow = try Self.workflow(Self.settings)
    workflow.lake = lake.root
    var texts: [[Data]] = []
    for name in ["a", "b"] {
      let out = folder.path + "/\(name)"
      let metrics = try workflow.run(
        folder: out, producer: "hoga kimchi", monitor: JobMonitor(), say: { _ in })
      texts.append(
        try [
          "metrics.json", "report.html", "config.json", "studies/hourly/features.parquet",
          "studies/hourly/predictions.parquet", "studies/hourly/models/logistic_class_6h.json",
          "studies/hourly/backtests/reversion/trips.parquet",
          "studies/hourly/backtests/always/equity.parquet",
        ].map { try Data(contentsOf: URL(fileURLWithPath: out + "/" + $0)) })
      guard case .array(let studies)? = metrics["studies"], let study = studies.first,
        case .array(let rules)? = study["backtests"]
      else {
        Issue.record("no study is told")
        return
      }
      #expect(study["rows"] == .int(21 * 24))
      // The rate of 1 January was known from 15:00 on; by the 3rd all legs are there.
      #expect(study["known"] == .int(21 * 24))
      #expect(rules.map { $0["name"] } == ["reversion", "model", "always"])
      let summary = KimchiWorkflow.summary(metrics)
      #expect(summary.contains("mean-reversion") && summary.contains("6h ahead"))
      let text = try String(contentsOfFile: out + "/report.html", encoding: .utf8)
      #expect(text.contains("Where the money of reversion came from and went"))
      #expect(!FileManager.default.fileExists(atPath: out + "/.partial"))
    }
    #expect(texts[0] == texts[1])
    // The page is made again from the run's files alone.
    let page = try KimchiWorkflow.page(folder: folder.path + "/a").html()
    #expect(Data(page.utf8) == texts[0][1])
  }

  @Test("tells a premium between rows, and forecasts of test rows only")
  func tables() throws {
    let folder = try TemporaryFolder()
    let lake = Lake(root: folder.path + "/lake")
    try Self.fill(lake)
    var workflow = try Self.workflow(Self.settings)
    workflow.lake = lake.root
    _ = try workflow.run(
      folder: folder.path + "/out", producer: "", monitor: JobMonitor(), say: { _ in })
    let study = folder.path + "/out/studies/hourly/"
    let features = try ParquetFile(study + "features.parquet").read()
    let predictions = try ParquetFile(study + "predictions.parquet").read()
    let premium = try features.doubles("premium")
    let isNear = premium.allSatisfy { abs($0 - 0.1) < 0.1 }
    #expect(isNear)
    #expect(predictions.rowCount < features.rowCount * 7 / 10)
    let shares = try ["down", "flat", "up"].map {
      try predictions.doubles("logistic_class_6h_\($0)")
    }
    for row in 0..<predictions.rowCount {
      #expect(abs(shares[0][row] + shares[1][row] + shares[2][row] - 1) < 1e-9)
    }
  }

  @Test("a leg that is not in the lake is missing input, and leaves nothing behind")
  func missingLeg() throws {
    let folder = try TemporaryFolder()
    let lake = Lake(root: folder.path + "/lake")
    try Self.fill(lake, days: 3)
    var workflow = try Self.workflow(
      Self.settings.replacing("upbit:BTC-KRW", with: "upbit:ETH-KRW"))
    workflow.lake = lake.root
    let out = folder.path + "/out"
    #expect(throws: MissingInputError.self) {
      try workflow.run(folder: out, producer: "", monitor: JobMonitor(), say: { _ in })
    }
    #expect(!FileManager.default.fileExists(atPath: out))
  }

  @Test("stops on request and leaves nothing behind")
  func stops() throws {
    let folder = try TemporaryFolder()
    let lake = Lake(root: folder.path + "/lake")
    try Self.fill(lake)
    var workflow = try Self.workflow(Self.settings)
    workflow.lake = lake.root
    let monitor = JobMonitor()
    monitor.cancel()
    #expect(throws: JobMonitor.Cancelled.self) {
      try workflow.run(
        folder: folder.path + "/out", producer: "", monitor: monitor, say: { _ in })
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/out"))
  }

  @Test(
    "says which setting makes no sense",
    arguments: [
      ("upbit:BTC-KRW", "upbit", "venue:symbol"),
      ("windows: [12h, 24h]", "windows: [90m]", "multiple"),
      ("horizons: [6h]", "horizons: [30m]", "multiple"),
      ("model: logistic, horizon: 6h", "model: ridge, horizon: 6h", "no such model"),
      ("model: logistic, horizon: 6h", "model: logistic, horizon: 1h", "horizons"),
      ("[{kind: logistic}]", "[{kind: logistic}, {kind: ridge}]", "returns"),
      ("to: 2018-01-23", "to: 2017-01-23", "before"),
      ("korean_fee: 5", "korean_fee: -5", "bps"),
      ("korean_fee: 5", "taker: 5", "no such setting"),
      ("trade_size: 10_000_000", "trade_size: 0", "above zero"),
      ("folds: 2", "folds: 0", "above zero"),
      ("seed: 3", "seed: -1", "seed"),
      ("kind: always", "kind: never", "none of"),
    ])
  func refuses(setting: String, bad: String, reason: String) throws {
    let text = Self.settings.replacing(setting, with: bad)
    #expect(text != Self.settings)
    do {
      _ = try Self.workflow(text)
      Issue.record("\(bad) was taken")
    } catch {
      #expect("\(error)".contains(reason), "\(error)")
    }
  }

  @Test("survives any damage to its settings", arguments: 0..<40)
  func fuzz(seed: UInt64) throws {
    var random = SeededRandom(seed)
    var bytes = Array(Self.settings.utf8)
    let digits = Array("0123456789-.:[]{}, hedmx\n".utf8)
    for _ in 0..<(1 + Int(random.next() % 8)) {
      let place = Int(random.next() % UInt64(bytes.count))
      switch random.next() % 3 {
      case 0: bytes[place] = digits[Int(random.next() % UInt64(digits.count))]
      case 1: bytes.remove(at: place)
      default: bytes.insert(digits[Int(random.next() % UInt64(digits.count))], at: place)
      }
    }
    // Taken or refused with a reason; never a crash.
    do {
      let workflow = try Self.workflow(String(decoding: bytes, as: UTF8.self))
      for study in workflow.studies { _ = try? study.grid().count }
    } catch is DataError {
    } catch is UsageError {
    }
  }
}
