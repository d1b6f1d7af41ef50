import Foundation
import HogaConfig
import HogaCore
import HogaImport
import HogaLake
import Testing

@Suite("CSV importer")
struct CSVImportTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  static let tardisHeader = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
  static let tradesMapping = """
    table: trades
    venue: test
    symbol: X
    file: {header: false}
    instrument: {price_decimals: 2, size_decimals: 0}
    time: {column: 1, format: epoch_ms}
    price: 2
    size: 3
    """

  func run(
    _ text: String, _ yaml: String = tradesMapping, onError: ErrorPolicy = .stop,
    date: CivilDate? = nil
  ) throws -> (MemorySink, ImportReport) {
    try run(
      [try scratch.file("data", text)], CSVMapping(ConfigNode.parse(yaml, file: "map.yaml")),
      onError, date)
  }

  func run(
    _ files: [String], _ mapping: CSVMapping, _ onError: ErrorPolicy = .stop,
    _ date: CivilDate? = nil
  ) throws -> (MemorySink, ImportReport) {
    let sink = MemorySink()
    let importer = CSVImporter(mapping: mapping, date: date, onError: onError)
    return (sink, try importer.run(files: files, into: sink, monitor: JobMonitor()))
  }

  // MARK: Shipped mappings

  @Test("reads KOSPI 200 option quotes, one partition for each issue")
  func kospi() throws {
    let (sink, report) = try run([fixture("kospi200.txt.xz")], mapping("kospi200-quotes"))
    #expect(report.rows(of: .book) == 1500)
    #expect(report.rejections.isEmpty)
    let book = try #require(sink.rows(.book, symbol: "KR4301F32778"))
    // 1297814400.500708 09000000 KR4301F32778 … 0000007@01360 0000003@01450 …
    #expect(try book.int64s("arrival")[0] == 1_297_814_400_500_708_000)
    #expect(try book.int64s("time")[0] == 1_297_814_400_000_000_000)
    #expect(try book.int64s("bid_price_1")[0] == 1360)
    #expect(try book.int64s("bid_size_1")[0] == 7)
    #expect(try book.int64s("bid_price_2")[0] == Column.missing)
    #expect(try book.int64s("ask_price_1")[0] == 1450)
    // Accepted at 08:59:59.97 in Seoul, still the day before in UTC.
    let early = try #require(sink.rows(.book, symbol: "KR4201F32705"))
    #expect(try early.int64s("time")[0] == 1_297_814_399_970_000_000)
  }

  @Test("reads E-mini trades, whose clock is Chicago's")
  func es() throws {
    let (sink, report) = try run([fixture("es.csv.gz")], mapping("es-trades"))
    #expect(report.rows(of: .trades) == 1000)
    let trades = try #require(sink.rows(.trades))
    #expect(
      Timestamp(nanoseconds: try trades.int64s("time")[0]).description
        == "2013-09-01T22:00:00.083Z")
    #expect(try trades.int64s("price")[0] == 164_025)
    #expect(try trades.int32s("aggressor")[0] == Int32.min)
    #expect(sink.frames.keys.first?.instrument.tickIncrement == 25)
  }

  @Test("reads trades in Tardis' format")
  func tardisTrades() throws {
    let path = try scratch.file(
      "trades.csv",
      Self.tardisHeader + """
        binance-futures,BTCUSDT,1582329602111000,1582329602418379,7,buy,9682,0.132
        binance-futures,ETHUSDT,1582329602116000,1582329602418420,8,sell,268.57,0.41
        binance-futures,BTCUSDT,1582329602150000,1582329602421528,8,unknown,9682.5,0.296
        binance-futures,BTCUSDT,1582329602150000,1582329602421528,8,unknown,9682.5,0.296

        """)
    let (sink, report) = try run([path], mapping("tardis-trades"))
    let trades = try #require(sink.rows(.trades, symbol: "BTCUSDT"))
    #expect(try trades.column("price") == .decimal([968_200, 968_250], scale: 2))
    #expect(try trades.column("size") == .decimal([132, 296], scale: 3))
    #expect(try trades.int32s("aggressor") == [1, Int32.min])
    #expect(try trades.int64s("arrival")[0] == 1_582_329_602_418_379_000)
    #expect(sink.frames.keys.map(\.instrument.venue).allSatisfy { $0 == "binance-futures" })
    #expect(report.count("trades dropped as their id is repeated") == 1)
    #expect(report.count("symbols") == 2)
  }

  @Test("reads quotes in Tardis' format, also of one side")
  func tardisQuotes() throws {
    let path = try scratch.file(
      "quotes.csv",
      """
      exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount
      binance-futures,BTCUSDT,1582329601096000,1582329603502092,0.84,9682,9681.92,0.67
      binance-futures,BTCUSDT,1582329601097000,1582329603502093,0.84,9682,,

      """)
    let (sink, _) = try run([path], mapping("tardis-quotes"))
    let quotes = try #require(sink.rows(.quotes))
    #expect(try quotes.int64s("bid_price_1") == [968_192, Column.missing])
    #expect(try quotes.int64s("ask_size_1") == [84, 84])
  }

  @Test(
    "reads the whole real files", .enabled(if: realData != nil, "needs HOGA_DATA"),
    arguments: [
      ("kospi200-quotes", "kospi200_options_quotes/quotes.arrival-order.txt.xz", 16_004, 160),
      ("es-trades", "es_ticks_2013/tick_data.csv.xz", 500_000, 1),
      ("tardis-trades", "tardis/tardis_trades.csv", 9999, 1),
      ("tardis-quotes", "tardis/tardis_quotes.csv", 9999, 1),
    ])
  func realFiles(name: String, path: String, rows: Int, symbols: Int) throws {
    let lake = Lake(root: scratch.folder + "/lake")
    let map = try mapping(name)
    let report = try CSVImporter(mapping: map).run(files: ["\(realData!)/\(path)"], into: lake)
    #expect(report.rows.map(\.count) == [rows])
    #expect(report.rejections.isEmpty)
    #expect(report.count("symbols") == symbols)
    let partitions = try lake.partitions()
    #expect(Set(partitions.map(\.symbol)).count == symbols)
    #expect(try partitions.reduce(0) { $0 + (try ParquetFile($1.path).rowCount) } == rows)
  }

  // MARK: The mapping's parts

  @Test("makes trades of cumulative volume, afresh each day")
  func cumulative() throws {
    let yaml = Self.tradesMapping.replacing(
      "size: 3", with: "size: {column: 3, cumulative: true, lot: 10}\nopen_interest: 4")
    let day: Int64 = 86_400_000
    let rows = [(0, 100), (1, 103), (2, 103), (3, 110), (day, 4), (day + 1, 5)]
    let text = rows.map { "\($0.0),10.5,\($0.1),7\n" }.joined()
    let (sink, report) = try run(text, yaml)
    let trades = try #require(sink.rows(.trades))
    #expect(try trades.int64s("size") == [30, 70, 40, 10])
    #expect(report.count("rows without new volume, no trade") == 1)
    #expect(report.count("first rows of cumulative volume, no trade") == 1)
    #expect(try #require(sink.rows("open_interest")).int64s("open_interest") == [7, 7, 7, 7])
    #expect { try run(text + "\(day + 2),10.5,4,7\n", yaml) } throws: {
      ($0 as? DataError)?.reason.hasPrefix("cumulative volume falls within a day") ?? false
    }
  }

  @Test("writes hundreds of symbols at once")
  func manySymbols() throws {
    let yaml = Self.tradesMapping.replacing("symbol: X", with: "symbol: {column: 4}")
    let text = (0..<400).map { "\($0),1.00,1,S\($0 % 200)\n" }.joined()
    let map = try CSVMapping(ConfigNode.parse(yaml, file: "map.yaml"))
    let lake = Lake(root: scratch.folder + "/lake")
    let report = try CSVImporter(mapping: map).run(
      files: [try scratch.file("data", text)], into: lake)
    #expect(report.partitions == 200)
    #expect(try lake.partitions().count == 200)
  }

  @Test("sorts rows that are late within the window, and rejects those beyond it")
  func reorder() throws {
    let yaml = Self.tradesMapping + "\nreorder: 5ms"
    let text = [10, 12, 11, 15, 13, 20, 12, 16].map { "\($0),1.00,\($0)\n" }.joined()
    let (sink, report) = try run(text, yaml, onError: .skip)
    let trades = try #require(sink.rows(.trades))
    #expect(try trades.int64s("size") == [10, 11, 12, 13, 15, 16, 20])
    #expect(try trades.int64s("sequence") == [1, 2, 3, 4, 5, 6, 7])
    #expect(report.rejections.map(\.reason) == ["later than the reorder window"])
    #expect(report.rejections[0].examples[0].contains("data:7: "))
  }

  @Test("takes dates from the option where the file has times of day only")
  func timesOfDay() throws {
    let yaml = Self.tradesMapping.replacing(
      "time: {column: 1, format: epoch_ms}",
      with: "time: {column: 1, format: \"%H:%M:%S.%f\", zone: Asia/Seoul}")
    #expect(throws: UsageError.self) { try run("09:00:00.5,1,1\n", yaml) }
    let (sink, _) = try run("09:00:00.5,1,1\n", yaml, date: CivilDate("2011-02-16"))
    #expect(try #require(sink.rows(.trades)).int64s("time") == [1_297_814_400_500_000_000])
  }

  @Test("reads dates and times in two columns, implied decimals, quotes and comments")
  func forms() throws {
    let yaml = """
      table: book
      venue: test
      symbol: {column: s}
      file: {delimiter: semicolon, comment: "#", skip: 1, last_line: complete}
      instrument: {price_decimals: 3, size_decimals: 1}
      time: {columns: [d, t], format: "%Y%m%d %H%M%S"}
      price: {implied_decimals: 2}
      size: {lot: 2}
      bids: [{price: b1, size: bs1}, {price: b2, size: bs2}]
      asks: [{price: a1, size: as1}, {price: a2, size: as2}]
      zero_is_missing: true
      """
    let text = """
      a title that is passed over
      d;t;s;b1;bs1;b2;bs2;a1;as1;a2;as2
      # a comment
      20110216;000001;"K;1";1050;1.5;1040;2;1060; 3;1070;0
      20110216;000002;"K;1";1050;0;1040;2;;;1070;1
      """
    let (sink, _) = try run(text, yaml)
    let book = try #require(sink.rows(.book, symbol: "K;1"))
    #expect(try book.column("bid_price_1") == .decimal([10_500, 10_400], scale: 3))
    #expect(try book.column("bid_size_1") == .decimal([30, 40], scale: 1))
    #expect(try book.int64s("bid_price_2") == [10_400, Column.missing])
    #expect(try book.int64s("ask_price_1") == [10_600, 10_700])
    #expect(try book.int64s("ask_size_1") == [60, 20])
  }

  @Test(
    "names each fault with its line, or counts it",
    arguments: [
      ("wrong number of columns", "5,1.00\n"), ("wrong number of columns", "5,1.00,1,1\n"),
      ("price is not a number", "5,NaN,1\n"), ("price is not a number", "5,-inf,1\n"),
      ("price is not a number", "5,,1\n"), ("price is not a number", "5,1e3,1\n"),
      ("price is not above zero", "5,-1.00,1\n"), ("price is not above zero", "5,0,1\n"),
      ("price has too many decimals; raise 'price_decimals' in the mapping", "5,1.005,1\n"),
      ("price is too large", "5,99999999999999999999,1\n"),
      ("negative size", "5,1.00,-1\n"), ("size is not above zero", "5,1.00,0\n"),
      ("size is not a number", "5,1.00,x\n"),
      ("size has too many decimals; raise 'size_decimals' in the mapping", "5,1.00,0.5\n"),
      ("not a time of the mapping's format", "x,1.00,1\n"),
      ("not a time of the mapping's format", ",1.00,1\n"),
      ("time goes backward; 'reorder' in the mapping sorts late rows", "3,1.00,1\n"),
      ("a quote is not closed", "5,\"1.00,1\n"), ("text after a closing quote", "5,\"1\"0,1\n"),
      ("torn last line (no line end; 'last_line: complete' in the mapping accepts it)", "5,1.00,1"),
    ])
  func faults(reason: String, line: String) throws {
    let text = "4,1.00,1\n" + line
    #expect { try run(text) } throws: {
      guard let error = $0 as? DataError else { return false }
      return error.row == 2 && error.reason.hasPrefix(reason)
    }
    let (sink, report) = try run(text, onError: .skip)
    #expect(report.rejections.map(\.reason) == [reason])
    #expect(sink.rows(.trades)?.rowCount == 1)
  }

  @Test("refuses unusable levels and unknown aggressors")
  func levelFaults() throws {
    let yaml = """
      table: book
      venue: test
      symbol: X
      file: {header: false, delimiter: space}
      instrument: {price_decimals: 0, size_decimals: 0}
      time: {column: 1, format: epoch_ns}
      bids: {cells: [2, 3], form: size@price, order: best-first}
      asks: {cells: [4, 5], form: size@price, order: best-first}
      """
    for (line, reason) in [
      ("1 1@9 1@9 1@10 1@11\n", "levels are not in order of price"),
      ("1 1@9 1@8 1@11 1@10\n", "levels are not in order of price"),
      ("1 1@9 0@8 1@10 1@11\n", "a level of size 0; see 'zero_is_missing'"),
      ("1 1@9 1@8 1-10 1@11\n", "a level's cell has no @"),
      ("1 1@9 1@8@7 1@10 1@11\n", "price is not a number"),
      ("1 -1@9 1@8 1@10 1@11\n", "negative size"),
    ] {
      #expect { try run(line, yaml) } throws: {
        ($0 as? DataError)?.reason.hasPrefix(reason) ?? false
      }
    }
    let trades = Self.tradesMapping + "\naggressor: {column: 4, buy: b, sell: s}"
    #expect(try run("1,1,1,b\n2,1,1,s\n3,1,1,\n", trades).1.rows(of: .trades) == 3)
    #expect { try run("1,1,1,x\n", trades) } throws: {
      ($0 as? DataError)?.reason.hasPrefix("aggressor is none of the mapping's words") ?? false
    }
  }

  @Test("refuses files that are empty, hold no row, or lack a column")
  func wholeFiles() throws {
    #expect(throws: DataError.self) { try run("") }
    #expect(throws: DataError.self) { try run("\n\n", onError: .skip) }
    #expect(throws: DataError.self) { try run("x\ny\n", onError: .skip) }
    let named = Self.tradesMapping.replacing("{header: false}", with: "{header: true}")
      .replacing("price: 2", with: "price: Price")
    #expect { try run("a,b,c\n1,1,1\n", named) } throws: {
      ($0 as? DataError)?.column == "Price"
    }
    #expect(try run("t,Price,v\n1,1,1\n", named).1.rows(of: .trades) == 1)
    #expect(throws: DataError.self) { try run("t,Price,Price\n1,1,1\n", named) }
  }

  @Test(
    "points at the line of a mapping that makes no sense",
    arguments: [
      ("table: trades", "table: depth"), ("price: 2", "prise: 2"), ("symbol: X", "other: X"),
      ("epoch_ms", "epoch_minutes"), ("size: 3", "size: {column: 3, lot: 0}"),
      ("price_decimals: 2", "price_decimals: 13"), ("header: false", "delimiter: x"),
      ("price: 2", "price: 0"), ("price: 2", "price: {implied_decimals: 3, column: 2}"),
    ])
  func badMappings(part: String, other: String) throws {
    let yaml = Self.tradesMapping.replacing(part, with: other)
    #expect {
      try CSVMapping(ConfigNode.parse(yaml, file: "map.yaml"))
    } throws: {
      ($0 as? DataError)?.file == "map.yaml" && ($0 as? DataError)?.row != nil
    }
  }

  @Test(
    "refuses sides that are written in different ways, which one reading could not serve",
    arguments: [
      ("[{price: 2, size: 3}]", "{cells: [4], form: size@price, order: best-first}"),
      (
        "{cells: [2], form: price@size, order: best-first}",
        "{cells: [4], form: size@price, order: best-first}"
      ),
    ])
  func mixedSides(bids: String, asks: String) {
    let yaml = """
      table: quotes
      venue: test
      symbol: X
      file: {header: false}
      instrument: {price_decimals: 2, size_decimals: 0}
      time: {column: 1, format: epoch_ms}
      bids: \(bids)
      asks: \(asks)
      """
    #expect {
      try CSVMapping(ConfigNode.parse(yaml, file: "map.yaml"))
    } throws: {
      "\($0)".contains("another form")
    }
  }

  @Test("refuses to import a symbol that the mapping does not give")
  func otherSymbol() throws {
    let mapping = try CSVMapping(ConfigNode.parse(Self.tradesMapping, file: "map.yaml"))
    let file = try scratch.file("data", "1,1.00,1\n")
    let importer = CSVImporter(mapping: mapping, symbols: ["Y"])
    #expect(throws: UsageError.self) {
      try importer.run(files: [file], into: MemorySink(), monitor: JobMonitor())
    }
  }
}
