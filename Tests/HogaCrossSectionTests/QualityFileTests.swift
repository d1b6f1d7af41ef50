import HogaCore
import HogaCrossSection
import HogaTestKit
import Testing

@Suite("Pairs, and the files of banned symbols and dates")
struct QualityFileTests {
  @Test(
    "a base is what is left of its quote, in every venue's spelling",
    arguments: [
      ("BTCUSDT", "BTC"), ("BTCFDUSD", "BTC"), ("USDCUSDT", "USDC"), ("1000SHIBUSDT", "1000SHIB"),
      ("BTC-KRW", "BTC"), ("KRW-BTC", "BTC"), ("USDT-BTC", "BTC"), ("USDC-USDT", "USDC"),
      ("KRW-USDC", "USDC"), ("BTC/USDT:USDT", "BTC"), ("BTCUSDT_240628", "BTC"),
      ("BTCUSD_PERP", "BTC"), ("ETH-USDT-SWAP", "ETH"), ("BTCUSDT-PERP", "BTC"),
      ("TUSDT", "T"), ("ETHBTC", "ETH"), ("USDC", "USDC"), ("btcusdt", "BTC"), ("", ""), ("--", ""),
    ])
  func bases(symbol: String, base: String) { #expect(TradedPair(symbol).base == base) }

  @Test("stablecoins are those of the list and whatever begins with USD")
  func stablecoins() {
    for symbol in [
      "USDCUSDT", "USDPUSDT", "TUSDUSDT", "FDUSDUSDT", "BUSDUSDT", "USTCUSDT", "USDEUSDT",
      "USD1USDT", "USDTKRW", "FDUSD-USDT", "TUSDBUSD",
    ] { #expect(TradedPair(symbol).isStablecoin, "\(symbol)") }
    for symbol in [
      "BTCUSDT", "TUSDT", "SUSDT", "FUSDT", "USUALUSDT", "BTCUSDC", "LUNCBUSD", "ETHFDUSD",
    ] { #expect(!TradedPair(symbol).isStablecoin, "\(symbol)") }
  }

  @Test("files are read back as they were written, with sorted keys and names")
  func roundTrips() throws {
    let folder = try TemporaryFolder()
    let first = RawMarket.date
    let banned = BannedSymbols(days: [first.adding(days: 1): ["B", "A"], first: ["C"]])
    try banned.write(to: folder("banned_symbols.json"))
    #expect(try BannedSymbols.read(folder("banned_symbols.json")) == banned)
    #expect(banned.json.text(indented: false) == #"{"2024-03-05":["C"],"2024-03-06":["A","B"]}"#)
    #expect(banned.contains("A", on: first.adding(days: 1)) && !banned.contains("A", on: first))

    let dates = GlobalBanDates(missingDates: [first], nullFeatures: [first: ["Premium", "OI_Z"]])
    try dates.write(to: folder("global_ban_dates.json"))
    #expect(try GlobalBanDates.read(folder("global_ban_dates.json")) == dates)
    #expect(
      dates.json.text(indented: false)
        == #"{"missing_dates":["2024-03-05"],"nan_dates":{"2024-03-05":["OI_Z","Premium"]}}"#)
    #expect(throws: MissingInputError.self) { try GlobalBanDates.read(folder("absent.json")) }
  }

  @Test("a name of the specification drops all windows; a column only what is made from it")
  func drops() throws {
    let dates = try GlobalBanDates(
      text:
        #"{"nan_dates": {"2024-03-05": ["Premium", "RatioSkew", "x_5m_OI_Z", "x_1m_O2C_neut"]}}"#)
    func drops(_ column: String) -> Bool { dates.drops(column, on: RawMarket.date) }
    #expect(drops("x_1m_Premium") && drops("x_60m_Premium_neut") && drops("x_5m_Premium_rank"))
    #expect(drops("x_15m_RatioSkew") && !drops("x_15m_RatioSkew_Z"))
    #expect(drops("x_5m_OI_Z") && drops("x_5m_OI_Z_wz") && !drops("x_15m_OI_Z"))
    #expect(drops("x_1m_O2C_neut") && !drops("x_1m_O2C") && !drops("x_5m_O2C_neut"))
    #expect(!drops("my_Premium") && !drops("x_m_Premium") && !drops(""))
    #expect(!dates.drops("x_1m_Premium", on: RawMarket.date.adding(days: 1)))
  }

  @Test(
    "what has another shape is refused with a reason",
    arguments: [
      "[]", "{\"2024-13-01\": []}", "{\"2024-01-01\": \"A\"}", "{\"2024-01-01\": [1]}",
      "{\"2024-01-01\": [\"A\", \"A\"]}", "{\"2024-01-01\": [\"\"]}", "{", "",
      "{\"nan_dates\": []}", "{\"missing_dates\": {}}", "{\"missing_dates\": [\"soon\"]}",
      "{\"nan_dates\": {\"2024-01-01\": [null]}}", "{\"other\": []}",
    ])
  func refused(text: String) {
    #expect(throws: DataError.self) { try BannedSymbols(text: text) }
    #expect(throws: DataError.self) { try GlobalBanDates(text: text) }
    #expect(throws: DataError.self) { try Universe(text: text) }
  }

  @Test("bytes that were changed at random are read or refused, never more", arguments: 0..<40)
  func fuzz(seed: UInt64) {
    var random = SeededRandom(seed)
    let text = """
      {"2024-03-05": ["AUSDT", "BUSDT"], "missing_dates": ["2024-01-01"], "nan_dates":
      {"2024-03-05": ["Premium"]}, "look_ahead": "same-day"}
      """
    for _ in 0..<50 {
      var bytes = Array(text.utf8)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 32..<127, using: &random)
        case 1: bytes.remove(at: place)
        default:
          bytes.insert(contentsOf: Array("[]{}\",:-0".utf8).shuffled(using: &random), at: place)
        }
      }
      let changed = String(decoding: bytes, as: UTF8.self)
      for read: (String) throws -> Void in [
        { _ = try BannedSymbols(text: $0) }, { _ = try GlobalBanDates(text: $0) },
        { _ = try Universe(text: $0) },
      ] {
        do { try read(changed) } catch { #expect(error is DataError) }
      }
    }
  }
}
