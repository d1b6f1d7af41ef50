import HogaCore
import HogaFeatures
import HogaTestKit
import Testing

// Begin of the code in Docs/features.md.
struct TouchSize: FeatureOperator {
  let definitions = [
    FeatureDefinition(
      name: "touch_size", group: "Book", formula: "qb_1 + qa_1", unit: "size", lookBack: .instant,
      source: "own")
  ]
  let events: FeatureEvents = []
  let scale: Double

  mutating func sample(
    _ context: FeatureContext, into row: inout OutputSpan<Double>
  ) throws(DataError) {
    guard context.book.isTwoSided else { return row.append(.nan) }
    row.append(Double(context.book.bids.lots(0) + context.book.asks.lots(0)) / scale)
  }
}
// End of the code in Docs/features.md.

@Suite("The guide to features")
struct DocumentedOperatorTests {
  @Test("shows an operator of a user's own that computes what it says")
  func computes() throws {
    let instrument = Instrument(venue: "v", symbol: "s", priceDecimals: 0, sizeDecimals: 1)
    var pipeline = try FeaturePipeline(
      instrument: instrument,
      operators: FeatureCatalogue.operators(FeatureSettings(), instrument) + [
        TouchSize(scale: instrument.sizeScale)
      ])
    var book = OrderBook()
    book.set(.buy, ticks: 99, lots: 15)
    book.set(.sell, ticks: 101, lots: 20)
    pipeline.bookChanged(book, at: Moment(arrival: 0, time: 0, sequence: 0))
    try pipeline.finish()
    #expect(try pipeline.take().doubles("touch_size") == [3.5])
  }

  @Test("shows the code that is compiled here")
  func matches() throws {
    let code = try Repository.code(in: #filePath, of: "Docs/features.md")
    #expect(!code.isEmpty)
    #expect(try Repository.text("Docs/features.md").contains(code))
  }
}
