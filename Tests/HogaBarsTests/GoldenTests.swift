import Foundation
import HogaBars
import HogaCore
import HogaSim
import HogaTestKit
import Testing

/// Accounts that `Scripts/fixtures/bars.py` computed with whole numbers from the written rules.
@Suite("Bars against whole numbers in Python")
struct GoldenTests {
  private struct Fixture: Decodable {
    let start: Int64
    let rows: Int
    let symbols: [[Value]]
    let markets: [String: [[Double]]]
    let funding: [[Double?]]
    let cases: [Case]
  }
  /// A text or a number.
  private enum Value: Decodable {
    case text(String)
    case number(Double)
    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        self = .text(text)
      } else {
        self = .number(try container.decode(Double.self))
      }
    }
    var text: String { if case .text(let text) = self { text } else { "" } }
    var number: Double { if case .number(let number) = self { number } else { .nan } }
  }
  private struct Case: Decodable {
    let name: String
    let settings: Settings
    let weights: [[Double]]
    let outcome: Outcome
  }
  private struct Settings: Decodable {
    let capital, fee, penalty, maintenance: Int64
    let halfSpread, maxGross, maxWeight, band: Double
    let execution: String
    let delay, patience, every, market: Int
    let impact: String?
    let coefficient, participation: Double?
    let window: Int?
  }
  private struct Outcome: Decodable {
    let samples: [[Value]]
    let positions: [Int64]
    let fills, decisions, scaled, cut, below, unpriced: Int
    let net: [String]
    let unfilled: [String: Int]
    let liquidation: Int64?
    let fingerprint: String
  }

  private static let fixture: Fixture = {
    do {
      let path = Repository.file("Tests/HogaBarsTests/Fixtures/bars.json")
      return try JSONDecoder().decode(
        Fixture.self, from: Data(contentsOf: URL(filePath: path)))
    } catch { fatalError("\(error)") }
  }()

  private static func market(_ number: Int, blocks sizes: [Int]) throws -> BarMarket {
    let instruments = try fixture.symbols.map {
      try BarInstrument(
        symbol: $0[0].text, priceDecimals: Int($0[1].number), sizeDecimals: Int($0[2].number),
        lotStep: Int64($0[3].number), minimumNotional: Money($0[4].number))
    }
    let count = instruments.count
    var columns = [[Double]](
      repeating: [Double](repeating: .nan, count: fixture.rows * count), count: 6)
    for bar in fixture.markets["\(number)"] ?? [] {
      let symbol = Int(bar[1])
      let place = Int(bar[0]) * count + symbol
      for column in 0..<4 {
        columns[column][place] = bar[2 + column] / pow(10, fixture.symbols[symbol][1].number)
      }
      columns[4][place] = bar[6] / pow(10, fixture.symbols[symbol][2].number)
      columns[5][place] = bar[7]
    }
    var blocks: [BarBlock] = []
    var first = 0
    for size in sizes {
      let parts = columns.map { Array($0[first * count..<(first + size) * count]) }
      blocks.append(
        BarBlock(
          start: Timestamp(nanoseconds: (fixture.start + Int64(first) * 60) * 1_000_000_000),
          interval: minute, rowCount: size, symbolCount: count, open: parts[0], high: parts[1],
          low: parts[2], close: parts[3], volume: parts[4], quoteVolume: parts[5]))
      first += size
    }
    let funding = fixture.funding.map {
      BarFunding(
        time: Timestamp(nanoseconds: Int64($0[0] ?? 0)), symbol: Int($0[1] ?? 0), rate: $0[2] ?? 0,
        mark: $0[3] ?? .nan)
    }
    return try BarMarket(instruments: instruments, blocks: blocks, funding: funding)
  }

  @Test("comes to the same money, to the unit, and the same fills", arguments: 0..<5)
  func agrees(index: Int) throws {
    let given = Self.fixture.cases[index]
    let wanted = given.settings
    let expected = given.outcome
    let impact: BarCosts.Impact =
      switch wanted.impact {
      case "linear": .linear(coefficient: wanted.coefficient ?? .nan)
      case "square-root":
        .squareRoot(coefficient: wanted.coefficient ?? .nan, window: wanted.window ?? 0)
      default: .none
      }
    let settings = try BarSettings(
      initialCapital: Money(Double(wanted.capital)),
      costs: BarCosts(
        takerPartsPerMillion: wanted.fee, halfSpreadBasisPoints: wanted.halfSpread, impact: impact,
        maximumParticipation: wanted.participation, liquidationPartsPerMillion: wanted.penalty),
      execution: #require(BarSettings.Execution(rawValue: wanted.execution)), delay: wanted.delay,
      patience: wanted.patience, rebalance: .seconds(Int64(wanted.every) * 60), sampling: minute,
      maximumGross: wanted.maxGross, maximumWeight: wanted.maxWeight, band: wanted.band,
      maintenancePartsPerMillion: wanted.maintenance)
    let table = try BarTable(
      known: given.weights.map { Int64($0[0]) * 1_000_000_000 },
      symbols: given.weights.map { Int32($0[1]) }, values: given.weights.map { $0[2] },
      symbolCount: Self.fixture.symbols.count)
    // However the rows are cut, the account is the same.
    for sizes in [[240], [1, 100, 139], [Int](repeating: 24, count: 10)] {
      let market = try Self.market(wanted.market, blocks: sizes)
      let result = try BarBacktest(settings).run(
        TableWeights(table, maximumAge: .zero), on: market)
      let byTime = Dictionary(
        result.samples.map { ($0.time / 1_000_000_000, $0) }, uniquingKeysWith: { $1 })
      #expect(result.samples.count == Self.fixture.rows + 1)
      for row in expected.samples {
        let sample = try #require(byTime[Int64(row[0].number)])
        let amounts = [
          sample.equity, sample.cash, sample.gross, sample.slippage, sample.fees, sample.funding,
          sample.traded,
        ]
        #expect(amounts.map { String($0.units) } == row.dropFirst().map(\.text))
      }
      #expect(result.symbols.map(\.position) == expected.positions)
      #expect(result.symbols.map { String($0.net.units) } == expected.net)
      #expect(result.fillCount == expected.fills && result.fills.count == expected.fills)
      let unfilled = result.unfilled.filter { $0.count > 0 }.map { ($0.reason.rawValue, $0.count) }
      #expect(Dictionary(uniqueKeysWithValues: unfilled) == expected.unfilled)
      #expect(result.decisions == expected.decisions)
      #expect(result.scaledDecisions == expected.scaled && result.cutWeights == expected.cut)
      #expect(result.belowMinimum == expected.below && result.unpriced == expected.unpriced)
      #expect(result.liquidation.map { $0.nanoseconds / 1_000_000_000 } == expected.liquidation)
      #expect(result.fingerprintText == expected.fingerprint)
    }
  }
}
