import Foundation
import HogaCore
import HogaLake
import HogaTestKit
import Testing

@Suite("From capture to backtest, command by command")
struct ChainTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test(
    "features have the specification's columns, which the list tells in the same order",
    arguments: [
      (every: "1s", windows: "20s,60s,300s"), ("1s", "5s"), ("250ms", "500ms,10s,1m"),
    ])
  func columns(every: String, windows: String) throws {
    try folder.importCapture()
    try CommandLineRun(
      ["features"] + TemporaryFolder.market + [
        "--every", every, "--windows", windows, "--out", "f.parquet",
      ], in: folder.path
    ).expect(exitCode: 0)
    let written = try ParquetFile(folder("f.parquet"))
    let spelled = windows.replacing("1m", with: "60s").split(separator: ",").map(String.init)
    #expect(written.schema.map(\.name) == ["time"] + Specification.columns(windows: spelled))
    #expect(written.schema[0].type == .timestamp)
    #expect(written.schema.dropFirst().allSatisfy { $0.type == .double })

    let list = try folder.hoga("features", "list", "--every", every, "--windows", windows, "--json")
      .json()
    #expect(
      list.items?.map { $0["name"]?.string } == written.schema.dropFirst().map { $0.name })
    for feature in list.items ?? [] {
      for key in ["definition", "unit", "look_back", "source"] {
        #expect(feature[key]?.string?.isEmpty == false)
      }
    }
  }

  @Test("the grid is exact: multiples of the step, from the first book to the last event")
  func grid() throws {
    try folder.makeFeatures()
    let table = try ParquetFile(folder("features.parquet")).read()
    let times = try table.int64s("time")
    let step: Int64 = 100_000_000
    let partition = "venue=binance-usdm/symbol=BTCUSDT/date=2024-08-08/part-0.parquet"
    let depth = try ParquetFile(folder("lake/depth/\(partition)")).read(columns: [
      "arrival", "kind",
    ])
    let trades = try ParquetFile(folder("lake/trades/\(partition)")).read(columns: ["arrival"])
    guard case .category(let kinds) = try depth.column("kind") else {
      Issue.record("no kinds")
      return
    }
    let arrivals = try depth.int64s("arrival")
    let first = try #require(kinds.codes.indices.first { kinds[$0] == "snapshot" })
    let last = max(try #require(arrivals.last), try #require(try trades.int64s("arrival").last))
    let origin = (arrivals[first] + step - 1) / step * step
    #expect(
      times == Array(stride(from: origin, through: last / step * step, by: Int64.Stride(step))))
    #expect(times.count == 160)
    #expect(try table.doubles("mid").allSatisfy { (61_000...63_000).contains($0) })
    // Windows that have not passed yet are unknown, not zero.
    #expect(try table.doubles("rv_2s").prefix(20).allSatisfy(\.isNaN))
    #expect(try !table.doubles("rv_2s")[21].isNaN)
  }

  @Test("days in the lake's own table equal those written to a file")
  func lakeTable() throws {
    try folder.makeFeatures()
    let command = ["features"] + TemporaryFolder.market + TemporaryFolder.fineGrid
    let written = try CommandLineRun(command + ["--json"], in: folder.path).json()
    let path = try #require(written.items?.first?["path"]?.string)
    #expect(
      path == "lake/features/venue=binance-usdm/symbol=BTCUSDT/date=2024-08-08/part-0.parquet")
    // NaN differs from itself, so the cells' bits are compared.
    let (mine, other) = (try ParquetFile(folder(path)), try ParquetFile(folder("features.parquet")))
    #expect(mine.schema == other.schema && mine.rowCount == other.rowCount)
    for name in mine.schema.map(\.name).dropFirst() {
      let bits = try [mine, other].map {
        try $0.read(columns: [name]).doubles(name).map(\.bitPattern)
      }
      #expect(bits[0] == bits[1])
    }
  }

  @Test("a model is evaluated, trained and applied, and refuses a table that it was not fitted on")
  func models() throws {
    try folder.makeFeatures()
    let learn = ["--features", "features.parquet", "--horizon", "500ms", "--model", "lasso"]
    let evaluation = try CommandLineRun(
      ["evaluate"] + learn + ["--folds", "3", "--out", "oos.parquet", "--json"], in: folder.path
    ).json()
    let trial = try #require(evaluation["evaluation"]?["trials"]?.items?.first)
    #expect(trial["model"]?.string == "lasso" && trial["horizon"]?.string == "500ms")
    let oos = try ParquetFile(folder("oos.parquet")).read()
    #expect(oos.names == ["time", "mid", "fold", "ret_bps_500ms", "lasso_ret_bps_500ms"])
    #expect(try Set(oos.int32s("fold")) == [1, 2, 3])

    try CommandLineRun(["train"] + learn + ["--out", "m.json"], in: folder.path).expect(exitCode: 0)
    let predict = { (features: String) in
      try folder.hoga(
        "predict", "--model", "m.json", "--features", features, "--out", "p.parquet")
    }
    let table = try ParquetFile(folder("features.parquet")).read()
    for change in ["renamed", "missing"] {
      var changed = Frame()
      for name in table.names where change == "renamed" || name != "ofi_2s" {
        changed.append(name == "ofi_2s" ? "ofi_2000ms" : name, try table.column(name))
      }
      let writer = try ParquetWriter(
        path: folder("\(change).parquet"), schema: changed.schema, metadata: [:])
      try writer.append(changed)
      try writer.commit()
      try predict("\(change).parquet").expectFailure(65, saying: "\(change).parquet", "ofi_2s")
      #expect(!folder.files().contains("p.parquet"))
    }
    try predict("features.parquet").expect(exitCode: 0)
    let forecasts = try ParquetFile(folder("p.parquet")).read()
    #expect(forecasts.names == ["time", "prediction"])
    #expect(try forecasts.int64s("time") == table.int64s("time"))
    #expect(try forecasts.doubles("prediction").allSatisfy(\.isFinite))
  }

  @Test("columns without values are left out of a training, which says so")
  func emptyColumns() throws {
    try folder.importCapture()
    // Without a bucket's volume, VPIN is null in every row.
    try CommandLineRun(
      ["features"] + TemporaryFolder.market + [
        "--every", "100ms", "--windows", "500ms", "--out", "f.parquet",
      ], in: folder.path
    ).expect(exitCode: 0)
    for model in ["lasso", "lightgbm"] {
      let learn = ["--features", "f.parquet", "--horizon", "500ms", "--model", model]
      let trained = try CommandLineRun(
        ["train", "--out", "m.json", "--json"] + learn, in: folder.path
      ).json()
      let note = try #require(trained["notes"]?.items?.first?.string)
      #expect(note.contains("vpin, vpin_bvc"))
      try folder.hoga(
        "predict", "--model", "m.json", "--features", "f.parquet", "--out", "p.parquet"
      )
      .expect(exitCode: 0)
      try CommandLineRun(["evaluate", "--folds", "2"] + learn, in: folder.path).expect(exitCode: 0)
    }
  }

  @Test(
    "strategies are played on the lake, and equal commands give equal files",
    arguments: [
      ["ofi-vpin", "--set", "column=ofi_norm_2s", "--set", "threshold=0.1"],
      [
        "model-signal", "--set", "column=microprice_dev_bps", "--set", "horizon=500ms", "--set",
        "cost_multiple=0",
      ],
      ["buy-and-hold"], ["random", "--set", "probability=0.5", "--set", "hold=1s"],
    ])
  func backtest(strategy: [String]) throws {
    try folder.makeFeatures()
    let command =
      ["backtest"] + TemporaryFolder.market + ["--strategy"] + strategy
      + [
        "--signals", "features.parquet", "--size", "0.01", "--taker-fee", "0.0005", "--seed", "3",
        "--out", "run",
      ]
    let metrics = try CommandLineRun(command + ["--json"], in: folder.path).json()
    let result = try #require(metrics["backtests"]?.items?.first?["result"])
    let first = folder.snapshot("run")
    let tables = "backtests/\(strategy[0])"
    for name in ["equity", "fills", "orders"] {
      #expect(first["\(tables)/\(name).parquet"] != nil)
    }
    let fills = try ParquetFile(folder("run/\(tables)/fills.parquet")).rowCount
    #expect(fills > 0)
    #expect(result["trades"]?["fills"]?.integer == Int64(fills))
    #expect(first["metrics.json"] == Data(metrics.text().utf8))

    try FileManager.default.removeItem(atPath: folder("run"))
    try CommandLineRun(command + ["--json"], in: folder.path).expect(exitCode: 0)
    expectEqual(folder.snapshot("run"), first)
  }
}
