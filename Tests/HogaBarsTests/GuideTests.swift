import Foundation
import HogaBars
import HogaCore
import HogaTestKit
import Testing

// Begin of the code in Docs/bars.md.
struct LowVolume: BarStrategy {
  let name = "low-volume"
  let lookback = 0

  mutating func decide(_ view: BarView, _ targets: inout BarTargets) {
    let bars = view.bars(ago: 0)
    let present = (0..<view.symbolCount).filter { bars.isPresent($0) }
    let least = present.min { bars.volume($0) < bars.volume($1) }
    for symbol in present { targets[symbol] = symbol == least ? 1 : 0 }
  }
}
// End of the code in Docs/bars.md.

@Suite("Guide to bars")
struct GuideTests {
  @Test("shows a strategy that compiles and runs")
  func code() throws {
    let code = try Repository.code(in: #filePath, of: "Docs/bars.md")
    #expect(!code.isEmpty)
    #expect(try Repository.text("Docs/bars.md").contains(code))
    let result = try BarBacktest(settings()).run(LowVolume(), on: RandomBars(seed: 1).market)
    #expect(result.fillCount > 10)
  }
}
