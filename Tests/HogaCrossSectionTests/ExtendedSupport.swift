import Foundation
import HogaCore
import HogaCrossSection
import HogaFeatures

/// Named columns of a fixture, one per line.
func extendedFixture(_ name: String, file: String = #filePath) throws -> [String: [Double]] {
  let url = URL(fileURLWithPath: file).deletingLastPathComponent()
    .appendingPathComponent("Fixtures/\(name).csv")
  var columns: [String: [Double]] = [:]
  for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
    let cells = line.split(separator: ",", omittingEmptySubsequences: false)
    columns[String(cells[0])] = cells.dropFirst().map { $0.isEmpty ? .nan : Double($0)! }
  }
  return columns
}

/// A seeded market of symbols that share a part of their moves, with all fields.
func randomPanel(_ seed: UInt64, symbols: [String], rows: Int, lead: Int) -> MinutePanel {
  var random = SeededRandom(seed)
  func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + random.uniform() } }
  let common = (0..<rows).map { _ in 0.0006 * normal() }
  var fields = Dictionary(
    uniqueKeysWithValues: MinuteField.allCases.map { ($0, [Double]()) })
  for (index, _) in symbols.enumerated() {
    var close = 10.0 * Double(index + 1)
    var interest = 1e6
    var (top, global, premium) = (1.5, 1.1, 0.0)
    for row in 0..<rows {
      let open = close * (1 + 0.0001 * normal())
      let move = common[row] * (0.5 + 0.2 * Double(index % 5)) + 0.0008 * normal()
      // On a tick, so that some minutes end where they began.
      let tick = 0.002 * Double(index + 1)
      close = row % 3 == 0 ? close : (open * (1 + move) / tick).rounded() * tick
      let high = max(open, close) * (1 + 0.0004 * random.uniform())
      let low = min(open, close) * (1 - 0.0004 * random.uniform())
      let volume = 100 / Double(index + 1) * (0.1 + random.uniform() + abs(normal()))
      let quote = volume * (open + close + high + low) / 4
      interest *= 1 + 0.001 * normal()
      top += 0.01 * normal()
      global += 0.01 * normal()
      premium = 0.9 * premium + 0.0001 * normal()
      let values: [(MinuteField, Double)] = [
        (.open, open), (.high, high), (.low, low), (.close, close), (.volume, volume),
        (.quote, quote), (.count, Double(Int(5 + 200 * random.uniform()))),
        (.takerQuote, quote * random.uniform()), (.premium, premium), (.openInterest, interest),
        (.topRatio, top), (.globalRatio, global),
      ]
      for (field, value) in values { fields[field]!.append(value) }
    }
  }
  return MinutePanel(
    symbols: symbols,
    start: Timestamp(nanoseconds: 1_700_000_000_000_000_000 / 60_000_000_000 * 60_000_000_000),
    rowCount: rows, lead: lead, fields: fields)
}

let fiveSymbols = ["AAAUSDT", "BTCUSDT", "CCCUSDT", "DDDUSDT", "EEEUSDT"]
