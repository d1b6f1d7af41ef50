import HogaCore
import HogaSim
import HogaTestKit
import Testing

// Begin of the code in Docs/backtest.md.
struct FadeMoves: Strategy {
  let name = "fade-moves"
  let signalColumns = ["ofi_norm_20s"]

  mutating func receive(_ event: StrategyEvent, _ desk: inout TradingDesk) {
    guard event == .signal else { return }
    let imbalance = desk.signals[0]
    if imbalance > 3 { desk.trade(toward: -1) }
    if imbalance < -3 { desk.trade(toward: 1) }
    if abs(imbalance) < 1 { desk.trade(toward: 0) }
  }
}
// End of the code in Docs/backtest.md.

@Suite("The guide to backtests")
struct DocumentedStrategyTests {
  @Test("shows a strategy of a user's own that trades as it says")
  func trades() throws {
    let second: Int64 = 1_000_000_000
    let times = (0...10).map { Int64($0) * second }
    func prices(_ value: Int64) -> Column { .decimal(times.map { _ in value }, scale: 0) }
    var book: Frame? = Frame([
      ("arrival", .timestamp(times)), ("time", .timestamp(times)),
      ("sequence", .int64(times.indices.map { Int64($0) })), ("bid_price_1", prices(99)),
      ("bid_size_1", prices(10)), ("ask_price_1", prices(101)), ("ask_size_1", prices(10)),
    ])
    let signals = Frame([
      ("time", .timestamp([2 * second, 4 * second, 6 * second])),
      ("ofi_norm_20s", .double([5, 2, 0])),
    ])
    let backtest = try Backtest(
      instrument: Instrument(venue: "v", symbol: "s", priceDecimals: 0, sizeDecimals: 0),
      settings: SimulationSettings(
        initialCapital: try Money(1000), fees: .none, periodsPerYear: 31_536_000))
    var strategy = FadeMoves()
    let result = try backtest.run(
      &strategy,
      MarketTape(book: {
        defer { book = nil }
        return book
      }), signals: signals)
    #expect(result.fillLog.map(\.side) == [.sell, .buy])
    #expect(result.fillLog.map(\.price.ticks) == [99, 101])
  }

  @Test("shows the code that is compiled here")
  func matches() throws {
    let code = try Repository.code(in: #filePath, of: "Docs/backtest.md")
    #expect(!code.isEmpty)
    #expect(try Repository.text("Docs/backtest.md").contains(code))
  }
}
