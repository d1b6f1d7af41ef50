import Foundation
import HogaCore
import HogaLake
import HogaTestKit
import Testing

@Suite("Import by the command line")
struct ImportTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test("importing a file again changes no byte")
  func idempotent() throws {
    try folder.importCapture()
    let before = folder.snapshot()
    #expect(
      folder.files()
        == ["depth", "quotes", "trades"].map {
          "lake/\($0)/venue=binance-usdm/symbol=BTCUSDT/date=2024-08-08/part-0.parquet"
        })
    try folder.importCapture()
    expectEqual(folder.snapshot(), before)
  }

  @Test("a partition made from other files is replaced on request only")
  func replacing() throws {
    try folder.importCapture()
    let before = folder.snapshot()
    let lines = try CaptureText(Repository.capture("usdm.gz")).lines
    try folder.write(lines[..<2_000].joined(separator: "\n") + "\n", to: "first-half.txt")
    let command = [
      "import", "binance-raw", "first-half.txt", "--market", "usdm", "--symbol", "BTCUSDT",
      "--lake", "lake",
    ]
    try CommandLineRun(command, in: folder.path).expectFailure(
      65, saying: "part-0.parquet", "usdm.gz", "would be lost")
    var kept = before
    kept["first-half.txt"] = folder.snapshot()["first-half.txt"]
    expectEqual(folder.snapshot(), kept)

    try CommandLineRun(command + ["--replace"], in: folder.path).expect(exitCode: 0)
    #expect(folder.files() == kept.filter { $0.value != nil }.keys.sorted())
    let depth = "lake/depth/venue=binance-usdm/symbol=BTCUSDT/date=2024-08-08/part-0.parquet"
    #expect(folder.snapshot()[depth] != before[depth])
    #expect(
      try ParquetFile(folder(depth)).metadata[LakeMetadata.sources] == #"["first-half.txt"]"#)
  }

  @Test("files of one import come in together or not at all")
  func together() throws {
    try folder.write(
      "1723161256330314667 {\"stream\":\"btcusdt@trade\",\"data\":{\"e\"", to: "torn.txt")
    try folder.hoga(
      "import", "binance-raw", Repository.capture("usdm.gz"), "torn.txt", "--market", "usdm",
      "--symbol", "BTCUSDT", "--lake", "lake"
    ).expectFailure(65, saying: "torn.txt:1")
    #expect(folder.files("lake") == [])
  }

  @Test("a LOBSTER pair becomes orders, books and trades, and then features on New York's grid")
  func lobster() throws {
    // Time after midnight, type, order, size, price in 1/10,000 dollar, direction.
    try folder.write(
      """
      34200.250000000,1,11,100,1000000,1
      34200.500000000,1,12,50,1000200,-1
      34201.100000000,4,12,20,1000200,-1
      34202.000000001,3,11,100,1000000,1
      34202.500000000,1,13,70,999900,1

      """, to: "ABC_2012-06-21_34200000_57600000_message_1.csv")
    // Ask price, ask size, bid price, bid size; 9999999999 where there is no level.
    try folder.write(
      """
      9999999999,0,1000000,100
      1000200,50,1000000,100
      1000200,30,1000000,100
      1000200,30,-9999999999,0
      1000200,30,999900,70

      """, to: "ABC_2012-06-21_34200000_57600000_orderbook_1.csv")
    let files = ["message", "orderbook"].map { "ABC_2012-06-21_34200000_57600000_\($0)_1.csv" }
    let report = try CommandLineRun(
      ["import", "lobster"] + files + [
        "--symbol", "ABC", "--date", "2012-06-21", "--lake", "lake", "--json",
      ], in: folder.path
    ).json()
    #expect(report["rows"]?["orders"]?.integer == 5)
    #expect(report["rows"]?["trades"]?.integer == 1)
    let partition = "venue=lobster/symbol=ABC/date=2012-06-21/part-0.parquet"
    let trades = try ParquetFile(folder("lake/trades/\(partition)")).read()
    #expect(try trades.int64s("price") == [1_000_200] && trades.int64s("size") == [20])
    #expect(try trades.int32s("aggressor") == [1])
    let book = try ParquetFile(folder("lake/book/\(partition)")).read()
    #expect(try book.int64s("ask_price_1")[0] == Column.missing)
    #expect(try book.int64s("bid_price_1") == [1_000_000, 1_000_000, 1_000_000, .min, 999_900])

    try folder.hoga(
      "features", "--lake", "lake", "--venue", "lobster", "--symbol", "ABC", "--date",
      "2012-06-21", "--every", "1s", "--windows", "1s", "--out", "f.parquet"
    ).expect(exitCode: 0)
    let features = try ParquetFile(folder("f.parquet")).read()
    // 09:30:01 and 09:30:02 in New York, four hours behind UTC.
    let open = CivilDate("2012-06-21")!.start.nanoseconds + (13 * 60 + 30) * 60_000_000_000
    #expect(try features.int64s("time") == [open + 1_000_000_000, open + 2_000_000_000])
    #expect(try features.doubles("spread") == [0.02, 0.02])
    // A window of a second has passed at the second row only.
    let volume = try features.doubles("volume_1s")
    #expect(volume[0].isNaN && volume[1] == 20)

    // Names that contradict the arguments are refused.
    try CommandLineRun(
      ["import", "lobster"] + files + ["--symbol", "XYZ", "--date", "2012-06-21", "--lake", "l2"],
      in: folder.path
    ).expectFailure(64, saying: "XYZ", "ABC")
    try CommandLineRun(
      ["import", "lobster", files[0], "--symbol", "ABC", "--date", "2012-06-21", "--lake", "l2"],
      in: folder.path
    ).expectFailure(66, saying: "order-book file")
    #expect(folder.files("l2") == [])
  }

  @Test("a CSV file is read by a mapping, and a wrong row is refused with its place")
  func csv() throws {
    let header = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
    let rows = [
      "test,BTCUSDT,1582329600000000,1582329600010000,1,buy,9700.5,0.25",
      "test,BTCUSDT,1582329601000000,1582329601010000,2,sell,9700.0,1.5",
      "test,BTCUSDT,1582329602000000,1582329602010000,3,unknown,9701.5,0.125",
    ]
    let mapping = Repository.file("Examples/mappings/tardis-trades.yaml")
    try folder.write(header + rows.joined(separator: "\n") + "\n", to: "trades.csv")
    let report = try folder.hoga(
      "import", "csv", "trades.csv", "--mapping", mapping, "--lake", "lake", "--json"
    ).json()
    #expect(report["rows"]?["trades"]?.integer == 3)
    let trades = try ParquetFile(
      folder("lake/trades/venue=test/symbol=BTCUSDT/date=2020-02-22/part-0.parquet")
    ).read()
    #expect(try trades.column("price").type == .decimal(scale: 1))
    #expect(try trades.int64s("price") == [97_005, 97_000, 97_015])
    #expect(try trades.int64s("size") == [250, 1_500, 125])
    #expect(try trades.int32s("aggressor") == [1, -1, .min])

    let wrong = [
      ("count", rows[1] + ",7"), ("number", rows[1].replacing("9700.0", with: "many")),
      ("nan", rows[1].replacing("9700.0", with: "NaN")),
      ("negative", rows[1].replacing("1.5", with: "-1.5")),
    ]
    for (name, row) in wrong {
      try folder.write(
        header + [rows[0], row, rows[2], ""].joined(separator: "\n"), to: "\(name).csv")
      try folder.hoga("import", "csv", "\(name).csv", "--mapping", mapping, "--lake", "bad")
        .expectFailure(65, saying: "\(name).csv:3")
      let skipped = try folder.hoga(
        "import", "csv", "\(name).csv", "--mapping", mapping, "--lake", "skip-\(name)",
        "--on-error", "skip", "--json"
      ).json()
      #expect(skipped["rejected_rows"]?.integer == 1)
      #expect(skipped["rows"]?["trades"]?.integer == 2)
    }
    // A last line without its end may be half a row.
    try folder.write(header + rows.joined(separator: "\n"), to: "torn.csv")
    try folder.hoga("import", "csv", "torn.csv", "--mapping", mapping, "--lake", "bad")
      .expectFailure(65, saying: "torn.csv:4", "torn last line")
    #expect(folder.files("bad") == [])
    try folder.write("table: trades\nvenu: x\n", to: "typo.yaml")
    try folder.hoga("import", "csv", "trades.csv", "--mapping", "typo.yaml", "--lake", "bad")
      .expectFailure(65, saying: "typo.yaml:2", "did you mean 'venue'?")
  }
}
