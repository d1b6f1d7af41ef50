import Foundation
import HogaCore
import HogaImport
import HogaLake
import HogaTestKit
import Testing

@Suite("Klines import")
struct KlinesTests {
  private let scratch: Scratch
  private let lake: Lake
  private let day = CivilDate("2026-03-02")!

  init() throws {
    scratch = try Scratch()
    lake = Lake(root: scratch.folder + "/lake")
  }

  @discardableResult
  private func run(
    _ files: [String], _ what: KlinesContent = .klines, onError: ErrorPolicy = .stop,
    interval: CandleInterval? = nil, symbol: String? = nil, replace: Bool = false
  ) throws -> ImportReport {
    try KlinesImporter(
      venue: "v", what: what, interval: interval, symbol: symbol, onError: onError, workers: 2,
      replace: replace
    ).run(files: files, into: lake)
  }

  private func zip(_ name: String, _ text: String) throws -> String {
    try scratch.file(
      "\(name).zip", StoredZip([("\(name).csv", text)]).bytes)
  }

  // MARK: Forms

  @Test("header or none, milliseconds or microseconds, plain, zip or gzip: the same rows")
  func forms() throws {
    let text = KlineText()
    var micro = text
    micro.isMicroseconds = true
    micro.hasHeader = false
    var paths = [
      try zip("A-1m-2026-03-02", text.rows(0..<1440)),
      try scratch.file("B-1m-2026-03-02.csv", micro.rows(0..<1440)),
      try zip("C-1m-2026-03", micro.rows(0..<1440)),
      try scratch.file("D-1m-2026-03-02.rest.csv", "\u{FEFF}" + text.rows(0..<1440)),
    ]
    // The columns' names of other years, in another order.
    let lines = text.rows(0..<1440).split(separator: "\n").dropFirst().map { line in
      line.split(separator: ",").reversed().joined(separator: ",")
    }
    let names =
      "ignore,taker_buy_quote_asset_volume,taker_buy_base_asset_volume,number_of_trades,"
      + "quote_asset_volume,close_time,volume,close,low,high,open,open_time\n"
    paths.append(
      try scratch.file("E-1m-2026-03-02.csv", names + lines.joined(separator: "\r\n") + "\r\n"))
    let report = try run(paths)
    #expect(report.rows(of: "candles_1m") == 5 * 1440)
    #expect(report.partitions == 1)
    #expect(report.count("days of a symbol") == 5)
    #expect(report.notes == [])

    let first = try lake.allRows(.candles(.minute), "A")
    #expect(first.rowCount == 1440)
    #expect(
      try first.int64s("time") == (0..<1440).map { day.start.nanoseconds + $0 * 60_000_000_000 })
    #expect(try first.doubles("open")[51] == 100.25)
    #expect(try first.doubles("close")[51] == 100.5)
    #expect(try first.int64s("count")[51] == 2)
    #expect(try first.doubles("quote_volume")[51] == 660)
    #expect(try first.doubles("taker_quote_volume")[51] == 25)
    for symbol in ["B", "C", "D", "E"] {
      var rows = try lake.allRows(.candles(.minute), symbol)
      rows.append("symbol", try first.column("symbol"))
      #expect(rows == first)
    }
    #expect(try LakeCheck().run(lake).partitions.flatMap(\.findings) == [])
  }

  @Test("metrics stamped with the start of their five minutes are known at the end")
  func labels() throws {
    func time(of file: String, _ stamp: String, venue: String) throws -> [String] {
      let folder = try TemporaryFolder()
      let lake = Lake(root: folder.path + "/lake")
      let path = try folder.write(
        "create_time,symbol,sum_open_interest,sum_open_interest_value,"
          + "count_toptrader_long_short_ratio,sum_toptrader_long_short_ratio,count_long_short_ratio,"
          + "sum_taker_long_short_vol_ratio\n\(stamp),AUSDT,1,2,3,4,5,6\n", to: file)
      let report = try KlinesImporter(venue: venue, what: .metrics).run(files: [path], into: lake)
      let rows = try lake.allRows(.metrics, venue: venue)
      let times = try rows.int64s("time").map { "\(Timestamp(nanoseconds: $0))" }
      return times + report.notes.map { _ in "noted" }
    }
    // The same instant under the old stamp and the new one: the last reading of 24 June.
    let old = "AUSDT-metrics-2026-06-24.csv"
    let new = "AUSDT-metrics-2026-06-25.csv"
    #expect(
      try time(of: old, "2026-06-25 00:00:00", venue: "binance-usdm") == ["2026-06-25T00:00:00Z"])
    #expect(
      try time(of: new, "2026-06-25 00:00:00", venue: "binance-usdm")
        == ["2026-06-25T00:05:00Z", "noted"])
    #expect(
      try time(of: new, "2026-06-25 23:55:00", venue: "binance-usdm")
        == ["2026-06-26T00:00:00Z", "noted"])
    #expect(
      try time(of: "AUSDT-metrics-2025-01-01.csv", "2025-01-01 00:00:00", venue: "binance-coinm")
        == ["2025-01-01T00:05:00Z", "noted"])
  }

  @Test("days of metrics may come one by one, in any order, and make what they make together")
  func readingsDayByDay() throws {
    let folder = try TemporaryFolder()
    let header =
      "create_time,symbol,sum_open_interest,sum_open_interest_value,"
      + "count_toptrader_long_short_ratio,sum_toptrader_long_short_ratio,count_long_short_ratio,"
      + "sum_taker_long_short_vol_ratio\n"
    // As the archive had them in 2025: from 00:05 to midnight, which is the next day's first.
    let files = try (1...3).map { day in
      try folder.write(
        header
          + (1...288).map { step in
            let date = CivilDate("2025-03-0\(day)")!.start + .seconds(Int64(step) * 300)
            let text = "\(date)".prefix(19).replacing("T", with: " ")
            return "\(text),AUSDT,\(day * 1000 + step),2,3,4,5,6\n"
          }.joined(), to: "AUSDT-metrics-2025-03-0\(day).csv")
    }
    func rows(_ groups: [[Int]], replace: Bool = false) throws -> Frame {
      let folder = try TemporaryFolder()
      let lake = Lake(root: folder.path + "/lake")
      for group in groups {
        _ = try KlinesImporter(venue: "binance-usdm", what: .metrics, replace: replace)
          .run(files: group.map { files[$0] }, into: lake)
      }
      return try lake.allRows(.metrics, venue: "binance-usdm")
    }
    let together = try rows([[0, 1, 2]])
    #expect(together.rowCount == 3 * 288)
    #expect(try rows([[0], [1], [2]]) == together)
    #expect(try rows([[2], [0], [1]]) == together)
    #expect(try rows([[1], [0]], replace: true).rowCount == 2 * 288)
    #expect(try rows([[0, 1, 2], [1]]) == together)
  }

  @Test("metrics come in any order, twice and with holes; the premium index is below zero at times")
  func otherTables() throws {
    let header =
      "create_time,symbol,sum_open_interest,sum_open_interest_value,"
      + "count_toptrader_long_short_ratio,sum_toptrader_long_short_ratio,count_long_short_ratio,"
      + "sum_taker_long_short_vol_ratio\n"
    let metrics = try zip(
      "AUSDT-metrics-2026-03-02",
      header + "2026-03-02 00:10:00,AUSDT,12.5,100,1.5,,1.25,0.5\n"
        + "2026-03-02 00:05:00,AUSDT,12,99,1.5,2.5,1.25,0.5\n"
        + "2026-03-02 00:05:00,AUSDT,12,99,1.5,2.5,1.25,0.5\n"
        + "2026-03-03 00:00:00,AUSDT,13,98,1.5,2.5,1.25,0.5\n")
    let report = try run([metrics], .metrics)
    #expect(report.rows(of: "metrics") == 3)
    #expect(report.count("rows dropped as duplicates") == 1)
    #expect(report.partitions == 2)
    let rows = try lake.allRows(.metrics)
    #expect(try rows.doubles("open_interest") == [12, 12.5, 13])
    #expect(try rows.doubles("top_positions_ratio").map { $0.isNaN } == [false, true, false])
    #expect(try rows.doubles("top_accounts_ratio") == [1.5, 1.5, 1.5])
    #expect(try rows.doubles("taker_ratio") == [0.5, 0.5, 0.5])

    let premium =
      KlineText.header
      + "1772409600000,-0.0001,0.0002,-0.0003,0.0001,0,1772409659999,0,12,0,0,0\n"
    try run([zip("AUSDT-1m-2026-03-02", premium)], .premium)
    #expect(try lake.allRows(.premium(.minute)).doubles("open") == [-0.0001])
    #expect(throws: DataError.self) { try run([zip("BUSDT-1m-2026-03-02", premium)], .klines) }

    let funding = "calc_time,funding_interval_hours,last_funding_rate\n1772409600008,8,-0.00012\n"
    try run([zip("AUSDT-fundingRate-2026-03", funding)], .funding)
    let paid = try lake.allRows(.funding)
    #expect(try paid.doubles("rate") == [-0.00012])
    #expect(try paid.int64s("time") == [1_772_409_600_008_000_000])
    #expect(try paid.column("mark_price").nullCount == 1)
  }

  @Test("Feather, packed in any way, gives the same bars; funding and mark prices meet")
  func feather() throws {
    let names = ["LZ4", "ZSTD", "UNCOMPRESSED"]
    let report = try run(names.map { fixture("klines/\($0)_USDT_USDT-1m-futures.feather") })
    #expect(report.rows(of: "candles_1m") == 600)
    #expect(report.partitions == 2)
    #expect(report.count("days of a symbol with another number of rows than 1440") == 6)
    let first = try lake.allRows(.candles(.minute), "LZ4USDT")
    #expect(first.rowCount == 200)
    #expect(try first.column("quote_volume").nullCount == 200)
    for name in names {
      var rows = try lake.allRows(.candles(.minute), name + "USDT")
      rows.append("symbol", try first.column("symbol"))
      #expect(try rows.doubles("close") == first.doubles("close"))
      #expect(try rows.doubles("volume") == first.doubles("volume"))
      #expect(try rows.int64s("time") == first.int64s("time"))
    }
    let error = #expect(throws: DataError.self) {
      try run([fixture("klines/NOVOL_USDT_USDT-1m-futures.feather")])
    }
    #expect(error?.column == "volume")
  }

  // MARK: Names

  @Test("symbol and interval come from the name, and what contradicts it is refused")
  func names() throws {
    let text = KlineText()
    let anonymous = try scratch.file("bars.csv", text.rows(0..<10))
    #expect(throws: UsageError.self) { try run([anonymous]) }
    #expect(throws: UsageError.self) { try run([anonymous], interval: .minute) }
    try run([anonymous], interval: .minute, symbol: "X")
    #expect(try lake.allRows(.candles(.minute), "X").rowCount == 10)
    let named = try scratch.file("BTC-USD_PERP-1m-2026-03-02.csv", text.rows(0..<10))
    #expect(throws: UsageError.self) { try run([named], symbol: "X") }
    #expect(throws: UsageError.self) { try run([named], interval: .hour) }
    #expect(throws: UsageError.self) { try run([named], .metrics) }
    #expect(throws: MissingInputError.self) { try run([named + "x"]) }
    #expect(throws: UsageError.self) { try run([]) }
    try run([named])
    #expect(try lake.allRows(.candles(.minute), "BTC-USD_PERP").rowCount == 10)
    // Bars of five minutes begin on minutes as well; their ends tell.
    var long = text
    long.interval = 300_000
    let wrong = try scratch.file("Y-1m-2026-03-02.csv", long.rows(0..<10))
    let error = #expect(throws: DataError.self) { try run([wrong]) }
    #expect(error?.reason.contains("300s long") ?? false)
    try run([scratch.file("Y-5m-2026-03-02.csv", long.rows(0..<288))])
    #expect(try lake.allRows(.candles(.fiveMinutes), "Y").rowCount == 288)
    // Days that the name does not speak of.
    let other = try scratch.file("Z-1m-2026-05-02.csv", text.rows(0..<10))
    let outside = #expect(throws: DataError.self) { try run([other]) }
    #expect(outside?.reason.contains("days that the file's name says") ?? false)
  }

  @Test("headers with unknown, repeated or missing columns are refused by name")
  func headers() throws {
    let row = KlineText().row(0)
    for (change, column) in [
      (("count", "trade_count"), "trade_count"), (("volume,close_time", "close_time"), "volume"),
      (("high", "open"), "open"), (("open_time", "when"), "when"),
    ] as [((String, String), String)] {
      let header = KlineText.header.replacingOccurrences(of: change.0, with: change.1)
      let path = try scratch.file("A-1m-2026-03-02.csv", header + row)
      let error = #expect(throws: DataError.self) { try run([path]) }
      #expect(error?.column == column)
      #expect(error?.row == 1)
    }
    let short = try scratch.file("A-1m-2026-03-02.csv", "1772409600000,1,2,0.5,1,3\n")
    #expect(throws: DataError.self) { try run([short]) }
  }

  // MARK: Rows

  @Test(
    "rows that cannot be true stop the import with their place, or are counted",
    arguments: [
      ("grid", 3), ("high below low", 3), ("open or close outside", 3), ("negative", 3),
      ("no finite number", 3), ("taker", 3), ("whole number", 3), ("not above zero", 3),
      ("number of columns", 3), ("another form or unit", 3), ("no finite number", 4),
      ("empty cell", 3), ("contradicts", 5), ("against the order", 5), ("torn", 6),
    ])
  func badRows(words: String, line: Int) throws {
    var lines = KlineText().rows(0..<5).split(separator: "\n").map(String.init)
    var cells = lines[2].split(separator: ",").map(String.init)
    switch (words, line) {
    case ("grid", _): cells[0] = "\(Int(cells[0])! + 1000)"
    case ("high below low", _): cells[2] = "1"
    case ("open or close outside", _): cells[1] = "150"
    case ("negative", _): cells[5] = "-1"
    case ("no finite number", 3): cells[4] = "NaN"
    case ("taker", _): cells[9] = "50"
    case ("whole number", _): cells[8] = "1.5"
    case ("not above zero", _): (cells[1], cells[3]) = ("0", "0")
    case ("number of columns", _): cells.removeLast()
    case ("another form or unit", _): cells[0] += "000"
    case ("empty cell", _): cells[4] = ""
    default: break
    }
    lines[2] = cells.joined(separator: ",")
    if line == 4 { lines[3] = lines[3].replacingOccurrences(of: ",0.25", with: ",1e999") }
    if words == "contradicts" {
      lines[4] = lines[3].replacingOccurrences(of: ",25.0", with: ",24.0")
    }
    if words == "against the order" { lines.swapAt(3, 4) }
    var text = lines.joined(separator: "\n") + "\n"
    if words == "torn" { text.removeLast(3) }
    let path = try scratch.file("A-1m-2026-03-02.csv", text)
    let error = #expect(throws: DataError.self) { try run([path]) }
    #expect(error?.reason.contains(words) ?? false, "\(error?.reason ?? "")")
    #expect(error?.file == path)
    #expect(error?.row == line)
    #expect(!FileManager.default.fileExists(atPath: lake.root + "/candles_1m"))

    let report = try run([path], onError: .skip)
    #expect(report.rejectedRows == 1)
    #expect(report.rejections[0].reason.contains(words))
    #expect(report.rows(of: "candles_1m") == 4)
  }

  @Test("a file that runs backward as a whole is sorted, and the report says so")
  func descending() throws {
    let text = KlineText()
    let rows = (0..<1440).reversed().map { text.row($0) }.joined()
    let report = try run([scratch.file("A-1m-2026-03-02.csv", KlineText.header + rows)])
    #expect(report.count("symbols in files whose rows ran backward in time, sorted") == 1)
    try run([scratch.file("B-1m-2026-03-02.csv", text.rows(0..<1440))])
    let sorted = try lake.allRows(.candles(.minute), "A")
    #expect(try sorted.doubles("open") == lake.allRows(.candles(.minute), "B").doubles("open"))
  }

  @Test("days of 1,439 and 1,441 rows are imported, and named")
  func unevenDays() throws {
    let text = KlineText()
    let short = try scratch.file("A-1m-2026-03.csv", text.rows(1..<1440))
    let double = try scratch.file(
      "B-1m-2026-03.csv", text.rows(0..<1440) + text.row(1439))
    let report = try run([short, double])
    #expect(report.notes == ["rows of A on 2026-03-02: 1439"])
    #expect(report.count("rows dropped as duplicates") == 1)
    #expect(report.rows(of: "candles_1m") == 1439 + 1440)
  }

  // MARK: Archives

  @Test("archives of several members, of members elsewhere, encrypted, cut or changed are refused")
  func archives() throws {
    let text = KlineText().rows(0..<100)
    let cases: [(String, [UInt8])] = [
      ("holds 2 files", StoredZip([("a.csv", text), ("b.csv", text)]).bytes),
      ("holds 0 files", StoredZip([]).bytes),
      ("leads out", StoredZip([("../a.csv", text)]).bytes),
      ("leads out", StoredZip([("a/../../a.csv", text)]).bytes),
      ("leads out", StoredZip([("/etc/a.csv", text)]).bytes),
      ("leads out", StoredZip([("..\\a.csv", text)]).bytes),
      ("leads out", StoredZip([("C:\\a.csv", text)]).bytes),
      ("encrypted", StoredZip([("a.csv", text)], isEncrypted: true).bytes),
      ("not a readable zip", Array(StoredZip([("a.csv", text)]).bytes.dropLast(30))),
      ("empty", []),
      ("web page", Array("<!DOCTYPE html><html>404</html>".utf8)),
    ]
    for (words, bytes) in cases {
      let path = try scratch.file("A-1m-2026-03-02.zip", bytes)
      let error = #expect(throws: DataError.self) { try run([path], onError: .skip) }
      #expect(error?.reason.contains(words) ?? false, "\(words): \(error?.reason ?? "")")
      #expect(error?.file?.hasPrefix(path) ?? false)
    }
    // A byte of the content changed: the checksum tells, at the end, and nothing stays.
    var bytes = StoredZip([("a.csv", text)]).bytes
    bytes[2000] ^= 1
    let path = try scratch.file("A-1m-2026-03-02.zip", bytes)
    #expect(throws: DataError.self) { try run([path], onError: .skip) }
    #expect(lake.bytes(scratch).isEmpty)
  }

  @Test("archives that unpack to far more than their size are refused, whatever they say")
  func bombs() throws {
    for name in ["bomb-1m-2026-03.zip", "bomb-1m-2026-03.csv.gz"] {
      let error = #expect(throws: DataError.self) { try run([fixture("klines/\(name)")]) }
      #expect(error?.reason.contains("not unpacked") ?? false)
    }
    // The directory lies about the size: the stream is counted, and the checksum fails besides.
    var bytes = try fixtureBytes("klines/bomb-1m-2026-03.zip")
    let place = try #require(
      bytes.indices.dropLast(4).last { Array(bytes[$0..<$0 + 4]) == [0x50, 0x4b, 1, 2] })
    for offset in 24..<28 { bytes[place + offset] = offset == 25 ? 16 : 0 }
    let path = try scratch.file("bomb-1m-2026-03.zip", bytes)
    #expect(throws: DataError.self) { try run([path], onError: .skip) }
  }

  // MARK: Merging

  @Test("another symbol joins a day; the others' rows and sources stay")
  func merge() throws {
    let text = KlineText()
    func frame(_ symbol: String) throws -> Frame { try lake.allRows(.candles(.minute), symbol) }
    try run([scratch.file("M-1m-2026-03-02.csv", text.rows(0..<1440))])
    let first = try frame("M")
    let report = try run([
      scratch.file("Z-1m-2026-03-02.csv", text.rows(0..<700)),
      scratch.file("A-1m-2026-03-02.csv", text.rows(0..<800)),
    ])
    #expect(report.count("days of other symbols kept") == 1)
    for name in ["open", "volume", "taker_volume"] {
      #expect(try frame("M").doubles(name) == first.doubles(name))
    }
    #expect(try frame("M").int64s("time") == first.int64s("time"))
    let runs = try #require(
      try lake.candleSymbols(.candles(.minute), venue: "v", date: day))
    #expect(runs.map(\.symbol) == ["A", "M", "Z"])
    #expect(runs.map(\.rows) == [800, 1440, 700])
    let path = try lake.partition(
      table: "candles_1m", venue: "v", symbol: nil, date: day
    ).path
    let file = try ParquetFile(path)
    #expect(
      file.metadata["hoga.symbol_sources"]
        == #"{"A":["A-1m-2026-03-02.csv"],"M":["M-1m-2026-03-02.csv"],"Z":["Z-1m-2026-03-02.csv"]}"#
    )
    #expect(try LakeMetadata.sources(of: file).count == 3)

    // The same file again replaces its rows; another one must not lose any.
    try run([scratch.file("M-1m-2026-03-02.csv", text.rows(0..<1000))])
    #expect(try frame("M").rowCount == 1000)
    let before = lake.bytes(scratch)
    let rest = try scratch.file("M-1m-2026-03-02.rest.csv", text.rows(1000..<1440))
    let error = #expect(throws: DataError.self) { try run([rest]) }
    #expect(error?.reason.contains("M was made from other files (M-1m-2026-03-02.csv)") ?? false)
    #expect(lake.bytes(scratch) == before)
    // All of the old rows and more lose nothing.
    try run([scratch.file("M-1m-2026-03.csv", text.rows(0..<1200))])
    #expect(try frame("M").rowCount == 1200)
    try run([rest], replace: true)
    #expect(try frame("M").rowCount == 440)
    #expect(try frame("A").rowCount == 800)
  }

  @Test("files of one symbol and day join: whole ones, pieces, and what both repeat")
  func pieces() throws {
    let text = KlineText()
    let report = try run([
      scratch.file("A-1m-2026-03-02.rest.csv", text.rows(700..<1440)),
      scratch.file("A-1m-2026-03-02.csv", text.rows(0..<720)),
    ])
    #expect(report.rows(of: "candles_1m") == 1440)
    #expect(report.count("rows dropped as duplicates") == 20)
  }

  @Test("a day's faults undo all days, and no file stays hidden")
  func allOrNothing() throws {
    let text = KlineText()
    var next = text
    next.date = text.date.adding(days: 1)
    try run([scratch.file("M-1m-2026-03-02.csv", text.rows(0..<1440))])
    let before = lake.bytes(scratch)
    let good = try scratch.file("A-1m-2026-03-02.csv", text.rows(0..<1440))
    let bad = try scratch.file(
      "A-1m-2026-03-03.csv", next.rows(0..<5) + next.row(4, price: 7))
    #expect(throws: DataError.self) { try run([good, bad]) }
    #expect(lake.bytes(scratch) == before)
    let monitor = JobMonitor()
    monitor.cancel()
    #expect(throws: JobMonitor.Cancelled.self) {
      try KlinesImporter(venue: "v").run(files: [good], into: lake, monitor: monitor)
    }
    #expect(lake.bytes(scratch) == before)
  }

  @Test("rows that wait on disk, many workers and any order of files give the same bytes")
  func spilled() throws {
    var files: [String] = []
    for (index, symbol) in ["AAA", "BBB", "CCC", "DDD", "EEE"].enumerated() {
      for offset in [0, 1, 30, 31] {
        var text = KlineText()
        text.isMicroseconds = index % 2 == 0
        text.date = text.date.adding(days: offset)
        files.append(
          try scratch.file("\(symbol)-1m-\(text.date).csv", text.rows(0..<(1000 + index))))
      }
    }
    func bytes(_ files: [String], _ workers: Int, _ limit: Int) throws -> [String: Data] {
      let lake = Lake(root: "\(scratch.folder)/lake-\(workers)-\(limit)-\(files[0].hashValue)")
      var importer = KlinesImporter(venue: "v", workers: workers)
      importer.memoryLimit = limit
      _ = try importer.run(files: files, into: lake)
      return lake.bytes(scratch)
    }
    let plain = try bytes(files, 1, 1 << 30)
    #expect(plain.count == 4)
    #expect(try bytes(files, 4, 0) == plain)
    #expect(try bytes(files.reversed(), 3, 200_000) == plain)
  }
}
