import Foundation
import HogaConfig
import HogaCore
import HogaImport
import HogaLake
import HogaTestKit
import Testing

@Suite("Mappings of candles")
struct KlinesMappingTests {
  private let scratch: Scratch
  private let lake: Lake

  init() throws {
    scratch = try Scratch()
    lake = Lake(root: scratch.folder + "/lake")
  }

  private static let upbit = """
    table: candles
    venue: upbit
    symbol: BTC-KRW
    interval: 1h
    file: {empty_rows: skip}
    time: {column: candle_date_time_utc, format: "%Y-%m-%d %-H:%M"}
    open: opening_price
    high: high_price
    low: low_price
    close: trade_price
    volume: candle_acc_trade_volume
    """
  private static let rates = """
    table: candles
    venue: fx
    symbol: USD-KRW
    interval: 1d
    file: {thousands: true}
    time: {column: Date, format: "%Y-%m-%d"}
    open: Open
    high: High
    low: Low
    close: Price
    """

  @discardableResult
  private func run(_ mapping: String, _ files: [String], onError: ErrorPolicy = .stop) throws
    -> ImportReport
  {
    let node = try ConfigNode.parse(mapping, file: "mapping.yaml")
    return try CSVImporter(mapping: CSVMapping(node), onError: onError)
      .run(files: files, into: lake, monitor: JobMonitor())
  }

  @Test("hours of one digit, empty rows, thousands and dates alone are read as the mapping says")
  func reading() throws {
    let header =
      "candle_date_time_utc,opening_price,high_price,low_price,trade_price,candle_acc_trade_volume\n"
    let hours = try scratch.file(
      "hours.csv",
      header + "2017-09-26 0:00,4317000,4336000,4314000,4334000,0.18\n,,,,,\n"
        + "2017-09-26 13:00,4334000,4356000,4327000,4337000,0.83\n,,,,,\n")
    let report = try run(Self.upbit, [hours])
    #expect(report.rows(of: "candles_1h") == 2)
    #expect(report.count("empty rows passed over") == 2)
    let rows = try lake.allRows(.candles(.hour), "BTC-KRW", venue: "upbit")
    #expect(
      try rows.int64s("time").map { Timestamp(nanoseconds: $0).description }
        == ["2017-09-26T00:00:00Z", "2017-09-26T13:00:00Z"])
    #expect(try rows.doubles("close") == [4_334_000, 4_337_000])
    let strict = Self.upbit.replacingOccurrences(of: "skip", with: "reject")
    let error = #expect(throws: DataError.self) { try run(strict, [hours]) }
    #expect(error?.row == 3)

    let daily = try scratch.file(
      "fx.csv",
      "Date,Price,Open,High,Low,Vol.,Change %\n"
        + "2017-01-02,\"1,203.93\",\"1,206.85\",\"1,210.70\",\"1,203.19\",,-0.28%\n"
        + "2017-01-03,999.5,998,\"1,000,000.25\",997,,0.24%\n")
    try run(Self.rates, [daily])
    let rates = try lake.allRows(.candles(.day), venue: "fx")
    #expect(try rows.int64s("time").count == 2)
    #expect(try rates.doubles("close") == [1203.93, 999.5])
    #expect(try rates.doubles("high") == [1210.7, 1_000_000.25])
    #expect(try rates.column("volume").nullCount == 2)
    for wrong in ["\"12,03.93\"", "\"1,2034\"", "\",203\"", "\"1,,203\"", "1.2.3", "-"] {
      let path = try scratch.file(
        "bad.csv", "Date,Price,Open,High,Low\n2018-01-02,\(wrong),1,2,1\n")
      let error = #expect(throws: DataError.self) { try run(Self.rates, [path]) }
      #expect(error?.reason.contains("no finite number") ?? false)
      #expect(error?.column == "close")
    }
  }

  @Test("a column names the symbols, several files of them go into one day")
  func symbols() throws {
    let mapping = """
      table: candles
      venue: x
      symbol: {column: 1}
      interval: 1m
      file: {header: false, delimiter: semicolon}
      time: {column: 2, format: epoch_s}
      open: 3
      high: 3
      low: 3
      close: 3
      """
    let start = 1_772_409_600
    let text = (0..<6).map { "\($0 % 2 == 0 ? "B" : "A");\(start + $0 / 2 * 60);\($0 + 1)\n" }
    let report = try run(mapping, [scratch.file("a.txt", text.joined())])
    #expect(report.rows(of: "candles_1m") == 6)
    #expect(report.rejectedRows == 0)
    #expect(try lake.allRows(.candles(.minute), "A", venue: "x").doubles("close") == [2, 4, 6])
    #expect(try lake.allRows(.candles(.minute), "B", venue: "x").doubles("open") == [1, 3, 5])
  }

  @Test("mappings that make no sense are refused with their line")
  func senseless() throws {
    let changes = [
      ("interval: 1h", "interval: 2m", 4), ("venue: upbit", "venue: {column: v}", 2),
      ("empty_rows: skip", "empty_rows: drop", 5), ("%Y-%m-%d %-H:%M", "%-H:%M", 6),
      ("%Y-%m-%d %-H:%M", "%Y-%m", 6), ("open: opening_price", "price: x", 7),
    ]
    for (old, new, line) in changes {
      let error = #expect(throws: DataError.self) {
        try run(Self.upbit.replacingOccurrences(of: old, with: new), ["none"])
      }
      #expect(error?.row == line, "\(new): \(error?.description ?? "")")
    }
    // Trades need an hour in their times, as ever.
    #expect(throws: (any Error).self) {
      try ConfigNode.parse("format: 1", file: "x").require("none")
    }
    #expect(throws: UsageError.self) { try TimeFormat("%Y-%m-%d", at: "time") }
    #expect(throws: UsageError.self) { try TimeFormat("%Y-%m-%-q %H", at: "time") }
  }
}
