import HogaCore
import HogaFeatures
import Testing

@Suite("Features against a slow reading of their definitions")
struct FeatureFixtureTests {
  private func expectEqual(_ frame: Frame, fixture: String, within tolerance: Double) throws {
    let expected = try Table(fixture: fixture)
    #expect(frame.names == expected.names)
    #expect(try frame.int64s("time") == expected.int64s("time"))
    for name in frame.names.dropFirst() {
      let values = try frame.doubles(name)
      let wanted = expected.doubles(name)
      try #require(values.count == wanted.count)
      for row in values.indices {
        let isEqual =
          values[row].isNaN || wanted[row].isNaN
          ? values[row].isNaN && wanted[row].isNaN
          : abs(values[row] - wanted[row]) <= tolerance * abs(wanted[row])
        #expect(isEqual, "\(name), row \(row): \(values[row]), not \(wanted[row])")
      }
    }
  }

  @Test("every column of a stream with gaps, silence and odd books agrees to 1e-9")
  func synthetic() throws {
    let depth = try Table(fixture: "features_synthetic_depth")
    let trades = try Table(fixture: "features_synthetic_trades")
    let frame = try FeatureTable.make(
      book: source(depth.depth(priceDecimals: 2, sizeDecimals: 3)),
      trades: source(trades.trades(priceDecimals: 2, sizeDecimals: 3)),
      instrument: RandomMarket.instrument, settings: .short)
    try expectEqual(frame, fixture: "features_synthetic_expected", within: 1e-9)
  }

  @Test("every column of a minute of Binance spot agrees to 1e-9")
  func spot() throws {
    let book = try Table(fixture: "features_spot_book")
    let trades = try Table(fixture: "features_spot_trades")
    let settings = FeatureSettings(
      windows: [.seconds(5), .seconds(20)], levels: [1, 3], flowLevels: 6,
      vpinBucket: .quote(10_000), vpinBuckets: 7, vpinBar: .seconds(5))
    let frame = try FeatureTable.make(
      book: source(book.book(priceDecimals: 2, sizeDecimals: 8)),
      trades: source(trades.trades(priceDecimals: 2, sizeDecimals: 8)),
      instrument: Instrument(
        venue: "binance-spot", symbol: "BTCUSDT", priceDecimals: 2, sizeDecimals: 8),
      settings: settings)
    try expectEqual(frame, fixture: "features_spot_expected", within: 1e-9)
  }
}
