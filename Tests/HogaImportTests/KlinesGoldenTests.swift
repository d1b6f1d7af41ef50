import Foundation
import HogaConfig
import HogaCore
import HogaImport
import HogaLake
import HogaTestKit
import Testing

/// Figures printed by `Scripts/fixtures/klines.py`, which counts the real files without Hoga.
@Suite(
  "Real candles",
  .enabled(if: realData != nil, "HOGA_DATA does not name the folder of real data"))
struct KlinesGoldenTests {
  private let scratch: Scratch
  private let lake: Lake
  private let data = realData ?? ""

  init() throws {
    scratch = try Scratch()
    lake = Lake(root: scratch.folder + "/lake")
  }

  private func sum(_ values: [Double]) -> Double { values.reduce(0, +) }

  @Test("a month of the spot archive")
  func archive() throws {
    let report = try KlinesImporter(venue: "v").run(
      files: ["\(data)/binance_spot_1m_archive/BTCUSDT-1m-2026-03.zip"], into: lake)
    #expect(report.rows(of: "candles_1m") == 44_640)
    #expect(report.partitions == 31)
    #expect(report.rejectedRows == 0)
    #expect(report.notes == [])
    let rows = try lake.allRows(.candles(.minute), "BTCUSDT")
    #expect(sum(try rows.doubles("open")) == 3_108_126_703.9800572)
    #expect(sum(try rows.doubles("close")) == 3_108_127_921.000049)
    #expect(sum(try rows.doubles("quote_volume")) == 49_272_460_745.08046)
    #expect(sum(try rows.doubles("taker_volume")) == 349_386.18540000153)
    #expect(try rows.int64s("count").reduce(0, +) == 139_526_257)
    #expect(try LakeCheck().run(lake).partitions.flatMap(\.findings) == [])
  }

  @Test("a month of nine futures in Feather")
  func feather() throws {
    let folder = "\(data)/binance_futures_1m"
    let figures: [(String, Int, Int, Int, Double, Double)] = [
      ("ADA", 43_200, 806, 634, 28570.063799999756, 17278055143.0),
      ("BNB", 43_199, 806, 633, 28318567.060000036, 14494390.750000034),
      ("BTC", 43_199, 807, 632, 4564682080.599971, 4952648.851000012),
      ("DOGE", 43_200, 805, 635, 8066.030390000031, 166925607422.0),
      ("DOT", 43_199, 804, 635, 171095.87600000002, 1080783867.2000039),
      ("ETH", 43_200, 807, 633, 110062182.32999963, 185962320.77100068),
      ("LTC", 43_199, 804, 635, 3799142.389999985, 56735594.43900012),
      ("SOL", 43_199, 805, 634, 6658139.8199999565, 647977272.5399952),
      ("XRP", 43_199, 805, 634, 94899.70329999979, 16855306835.799953),
    ]
    let report = try KlinesImporter(venue: "v").run(
      files: figures.map { "\(folder)/\($0.0)_USDT_USDT-1m-futures.feather" }, into: lake)
    #expect(report.rows(of: "candles_1m") == figures.reduce(0) { $0 + $1.1 })
    #expect(report.partitions == 31)
    let dates = try lake.candleDates(.candles(.minute), venue: "v")
    let ends = try [dates[0], dates[30]].map {
      try lake.candleSymbols(.candles(.minute), venue: "v", date: $0) ?? []
    }
    for (index, (name, rows, first, last, close, volume)) in figures.enumerated() {
      let all = try lake.allRows(.candles(.minute), name + "USDT")
      #expect(all.rowCount == rows)
      #expect(sum(try all.doubles("close")) == close)
      #expect(sum(try all.doubles("volume")) == volume)
      #expect(ends[0][index].rows == first)
      #expect(ends[1][index].rows == last)
    }
    // A funding has its rate and its mark price, whose files' stamps are milliseconds apart.
    let funding = try KlinesImporter(venue: "v", what: .funding).run(
      files: ["funding_rate", "mark"].map { "\(folder)/BTC_USDT_USDT-8h-\($0).feather" },
      into: lake)
    #expect(funding.rows(of: "funding") == 89)
    #expect(try lake.allRows(.funding).column("mark_price").nullCount == 0)
    #expect(try lake.allRows(.funding).column("rate").nullCount == 0)
  }

  @Test("hours of two venues and daily rates, by mappings")
  func mapped() throws {
    func run(_ file: String, _ mapping: String) throws -> ImportReport {
      let node = try ConfigNode.parse(mapping, file: "mapping.yaml")
      return try CSVImporter(mapping: CSVMapping(node), onError: .skip).run(
        files: ["\(data)/kimchi/\(file).csv"], into: lake, monitor: JobMonitor())
    }
    let upbit = try run(
      "upbit_btc_hourly_history",
      """
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
      """)
    #expect(upbit.rows(of: "candles_1h") == 58_201)
    #expect(upbit.rejectedRows == 0)
    #expect(upbit.count("empty rows passed over") == 58_423 - 58_201)
    #expect(
      sum(try lake.allRows(.candles(.hour), venue: "upbit").doubles("close")) == 1_712_102_041_000)
    let rates = try run(
      "usd_krw_investingcom",
      """
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
      """)
    // In 79 rows of Investing.com the day's open or close lies outside of its low and high.
    #expect(rates.rejectedRows == 79)
    #expect(rates.rows(of: "candles_1d") == 1934 - 79)
    #expect(
      sum(try lake.allRows(.candles(.day), venue: "fx").doubles("close")) == 2_215_740.5599999996)
  }
}
