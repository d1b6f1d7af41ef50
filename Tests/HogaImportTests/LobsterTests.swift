import Foundation
import HogaCore
import HogaImport
import HogaLake
import Testing

@Suite("LOBSTER importer")
struct LobsterTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  static let date = CivilDate("2012-06-21")!

  @Test("reads a zipped day: orders, books, trades and halts at exact times")
  func archive() throws {
    let sink = MemorySink()
    let importer = LobsterImporter(symbol: "TEST", date: Self.date)
    let report = try importer.run(
      files: [fixture("lobster.zip")], into: sink, monitor: JobMonitor())
    // 2012-06-21 04:00 UTC is midnight in New York.
    let midnight = Self.date.start.nanoseconds + 4 * 3_600_000_000_000

    let orders = try #require(sink.rows(.orders))
    #expect(
      try orders.texts("kind") == [
        "add", "add", "reduce", "execute", "execute_hidden", "delete", "halt", "halt", "halt",
        "cross",
      ])
    #expect(try orders.int64s("arrival")[0] == midnight + 34_200_017_459_617)
    #expect(try orders.int64s("time")[1] == midnight + 34_200_189_607_670)
    #expect(try orders.int64s("time")[9] == midnight + 57_599_999_999_999)
    #expect(try orders.int32s("side")[0...2] == [1, -1, 1])
    #expect(try orders.int32s("side")[6] == Int32.min)
    #expect(try orders.column("price").type == .decimal(scale: 4))

    let trades = try #require(sink.rows(.trades))
    #expect(try trades.int64s("sequence") == [4, 5, 10])
    #expect(try trades.int32s("aggressor") == [1, -1, Int32.min])
    #expect(try trades.int64s("size") == [20, 30, 500])

    let status = try #require(sink.rows(.status))
    #expect(try status.texts("status") == ["halted", "quoting", "trading"])

    let book = try #require(sink.rows(.book))
    #expect(book.rowCount == 10)
    #expect(try book.int64s("ask_price_1")[0...1] == [Column.missing, 2_239_500])
    #expect(try book.int64s("bid_price_1")[0] == 2_238_100)
    #expect(try book.int64s("ask_size_2")[5] == Column.missing)
    #expect(try book.int64s("sequence") == Array(1...10))
    #expect(report.rows(of: .orders) == 10)
  }

  private func day(
    _ messages: String, _ books: String, onError: ErrorPolicy = .stop
  ) throws -> (MemorySink, ImportReport) {
    let files = [
      try scratch.file("X_2012-01-05_0_0_orderbook_1.csv", books),
      try scratch.file("X_2012-01-05_0_0_message_1.csv", messages),
    ]
    let sink = MemorySink()
    let report = try LobsterImporter(onError: onError).run(
      files: files, into: sink, monitor: JobMonitor())
    return (sink, report)
  }
  private static let message = "34200.5,1,1,10,1000000,1\n"
  private static let book = "1000100,5,1000000,10\n"

  @Test("takes symbol and date from the names, and winter time for a winter day")
  func names() throws {
    let (sink, _) = try day(Self.message, Self.book)
    let key = try #require(sink.frames.keys.first)
    #expect(key.instrument.symbol == "X")
    #expect(key.date.description == "2012-01-05")
    let noon = key.date.start.nanoseconds
    #expect(
      try #require(sink.rows(.orders)).int64s("time") == [
        noon + (34_200 + 5 * 3600) * 1_000_000_000 + 500_000_000
      ])
  }

  @Test("takes the noise of a binary float off a time, and says so")
  func noise() throws {
    let (sink, report) = try day(
      "43002.632812672004,1,1,10,1000000,1\n43002.6328126729951,1,1,10,1000000,1\n",
      Self.book + Self.book)
    let times = try #require(sink.rows(.orders)).int64s("time")
    #expect(times.map { $0 % 1_000_000_000 } == [632_812_672, 632_812_673])
    #expect(
      report.count("times with digits below a nanosecond, as binary floats print them") == 2)
  }

  @Test("refuses a symbol or date that the names contradict")
  func contradictions() throws {
    for importer in [
      LobsterImporter(symbol: "AAPL"), LobsterImporter(date: CivilDate("2012-06-22")),
    ] {
      #expect(throws: UsageError.self) {
        try importer.run(files: [fixture("lobster.zip")], into: MemorySink(), monitor: JobMonitor())
      }
    }
    let alone = try scratch.file("X_2012-01-05_0_0_message_1.csv", Self.message)
    #expect(throws: MissingInputError.self) {
      try LobsterImporter().run(files: [alone], into: MemorySink(), monitor: JobMonitor())
    }
    let levels = try scratch.file("X_2012-01-05_0_0_orderbook_2.csv", Self.book)
    #expect(throws: DataError.self) {
      try LobsterImporter().run(files: [alone, levels], into: MemorySink(), monitor: JobMonitor())
    }
  }

  @Test("refuses files of different lengths, whatever the policy", arguments: ErrorPolicy.allCases)
  func lengths(policy: ErrorPolicy) throws {
    #expect { try day(Self.message + Self.message, Self.book, onError: policy) } throws: {
      ($0 as? DataError)?.row == 2
    }
    #expect(throws: DataError.self) {
      try day(Self.message, Self.book + Self.book, onError: policy)
    }
    #expect(throws: DataError.self) { try day("", "", onError: policy) }
  }

  @Test(
    "names each fault with its line, or counts it and leaves both rows out",
    arguments: [
      ("a message has 6 columns", "34201,1,1,10,1000000\n", book),
      ("a message has 6 columns", "34201,1,1,10,1000000,1,1\n", book),
      ("a message has 6 columns", "\n", book),
      (
        "time is no number of seconds, exact to the nanosecond", "34201.1234567891,1,1,10,1,1\n",
        book
      ),
      ("time is no number of seconds, exact to the nanosecond", "NaN,1,1,10,1000000,1\n", book),
      ("time is past the end of the day", "86400,1,1,10,1000000,1\n", book),
      ("time goes backward", "34200.4,1,1,10,1000000,1\n", book),
      ("a field is not a whole number", "34201,1,1,10.5,1000000,1\n", book),
      ("a field is not a whole number", "34201,1,1,10,nan,1\n", book),
      ("a field is not a whole number", "34201,1,1,10,99999999999999999999,1\n", book),
      ("message type is none of 1 to 7", "34201,8,1,10,1000000,1\n", book),
      ("direction is neither 1 nor -1", "34201,1,1,10,1000000,0\n", book),
      ("size is not above zero, or too large", "34201,1,1,-10,1000000,1\n", book),
      ("price is not above zero, or too large", "34201,1,1,10,-1,1\n", book),
      ("a halt's price is none of -1, 0 and 1", "34201,7,0,0,2,-1\n", book),
      ("torn last line", "34201,1,1,10,10000", book),
      ("wrong number of columns", message, "1000100,5,1000000\n"),
      ("wrong number of columns", message, "1000100,5,1000000,10,1\n"),
      ("not a whole number", message, "1000100,5,inf,10\n"),
      ("not a whole number", message, "1000100,5,1000000.5,10\n"),
      ("a size at a dummy price", message, "9999999999,5,1000000,10\n"),
      ("size is not above zero, or too large", message, "1000100,0,1000000,10\n"),
      ("price is not above zero, or too large", message, "1000100,5,9999999999,10\n"),
      ("empty line", message, "\n"),
      ("torn last line", message, "1000100,5,1000000,1"),
    ])
  func faults(reason: String, messageLine: String, bookLine: String) throws {
    let (messages, books) = (Self.message + messageLine, Self.book + bookLine)
    #expect { try day(messages, books) } throws: {
      ($0 as? DataError)?.row == 2 && ($0 as? DataError)?.reason.hasPrefix(reason) ?? false
    }
    let (sink, report) = try day(messages, books, onError: .skip)
    #expect(report.rejections.map(\.reason) == [reason])
    #expect(sink.rows(.orders)?.rowCount == 1)
    #expect(sink.rows(.book)?.rowCount == 1)
  }

  @Test("refuses levels that are not in order of price")
  func order() throws {
    let path = try scratch.file("o_message.csv", Self.message)
    let book = try scratch.file("o_orderbook.csv", "1000100,5,1000000,10,1000100,5,999900,10\n")
    #expect {
      try LobsterImporter(symbol: "X", date: Self.date).run(
        files: [path, book], into: MemorySink(), monitor: JobMonitor())
    } throws: { ($0 as? DataError)?.reason.hasPrefix("levels are not in order of price") ?? false }
  }

  @Test(
    "writes the order book of a real day exactly as it is in the file",
    .enabled(if: realData != nil, "needs HOGA_DATA"),
    arguments: [("AMZN", 5, 155_935, 11_419), ("AAPL", 1, 118_497, 34_990)])
  func realDay(symbol: String, levels: Int, rows: Int, trades: Int) throws {
    let path = "\(realData!)/lobster/LOBSTER_SampleFile_\(symbol)_2012-06-21_\(levels).zip"
    let lake = Lake(root: scratch.folder + "/lake")
    let report = try LobsterImporter(symbol: symbol, date: Self.date).run(files: [path], into: lake)
    #expect(report.rows(of: .book) == rows)
    #expect(report.rows(of: .orders) == rows)
    #expect(report.rows(of: .trades) == trades)
    #expect(report.rejections.isEmpty)
    let partition = try lake.partition(
      table: "book", venue: "lobster", symbol: symbol, date: Self.date)
    let book = try ParquetFile(partition.path).read()
    var columns: [[Int64]] = []
    for level in 1...levels {
      for name in ["ask_price", "ask_size", "bid_price", "bid_size"] {
        columns.append(try book.int64s("\(name)_\(level)"))
      }
    }
    let member = try #require(
      InputFile.contents(of: path).first { $0.baseName.contains("orderbook") })
    var reader = LineReader(try member.open())
    var row = 0
    var differing = 0
    while try reader.next() {
      let fields = unsafe String(decoding: reader.line, as: UTF8.self).split(separator: ",")
      for (column, field) in fields.enumerated() {
        // Dummy prices are ±9999999999 with size 0.
        let isDummy = fields[column / 2 * 2].hasSuffix("9999999999")
        let expected = isDummy ? Column.missing : Int64(field)!
        if columns[column][row] != expected { differing += 1 }
      }
      row += 1
    }
    #expect(row == rows)
    #expect(differing == 0)
  }
}
