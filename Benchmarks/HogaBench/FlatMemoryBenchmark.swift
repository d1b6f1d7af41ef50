import ArgumentParser
import Foundation
import HogaCore
import HogaSim
import HogaTrade

struct FlatMemoryBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flat",
    abstract: "Play very many events through the simulator, and watch the memory.",
    discussion: """
      A book of four levels a side whose sizes change with every message, made chunk by chunk \
      while it is played: what grows is the simulator's. Prints the resident memory after \
      each tenth and ends with an error where the last is above the second by 5 % or 8 MB, \
      whichever is more.
      """)

  @Option(help: "Rows of depth and trades.")
  var events: Int64 = 100_000_000

  func run() throws {
    var samples: [(events: Int64, megabytes: Double)] = []
    let step = max(1, events / 10)
    let rowsPerChunk = 65_536
    let market = EndlessMarket(rows: rowsPerChunk)
    let began = ContinuousClock.now
    var made: Int64 = 0
    let tape = try MarketTape(
      book: {
        guard made < events else { return nil }
        if made / step > Int64(samples.count) - 1 {
          samples.append((made, try Self.residentMegabytes()))
        }
        defer { made += Int64(rowsPerChunk) }
        return market.depth(after: made)
      })
    let settings = SimulationSettings(
      initialCapital: try Money(1_000_000), fees: .none,
      periodsPerYear: SimulationSettings.periodsPerYear(every: .seconds(1)),
      sampleInterval: .seconds(3600))
    var strategy = BuyAndHold(lots: 1)
    let result = try Backtest(instrument: market.instrument, settings: settings)
      .run(&strategy, tape)
    samples.append((result.eventCount, try Self.residentMegabytes()))
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    let json: JSONValue = [
      "events": .int(result.eventCount), "seconds": .double(seconds),
      "events_per_second": .double(Double(result.eventCount) / seconds),
      "resident_mb": .array(
        samples.map { ["events": .int($0.events), "mb": .double($0.megabytes)] }),
    ]
    print(json.text(), terminator: "")
    guard samples.count > 2 else { throw ValidationError("--events is too small to compare") }
    let (early, late) = (samples[1].megabytes, samples[samples.count - 1].megabytes)
    guard late <= max(early * 1.05, early + 8) else {
      throw DataError("memory grew from \(early) MB to \(late) MB")
    }
  }

  private static func residentMegabytes() throws -> Double {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    let fields = text.split(separator: " ")
    guard fields.count > 1, let pages = Double(fields[1]) else {
      throw DataError("cannot be read", file: "/proc/self/statm")
    }
    return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1e6
  }
}

/// A chunk of depth that can follow itself for ever.
private struct EndlessMarket {
  let instrument = Instrument(
    venue: "bench", symbol: "ENDLESS", priceDecimals: 2, sizeDecimals: 3)
  private let rows: Int
  private let ticks: [Int64]
  private let lots: [Int64]
  private let sides: [Int32]
  private let kinds: Column
  private let last: [Bool]

  /// Messages of eight rows: four levels a side, sizes anew each time.
  init(rows: Int) {
    self.rows = rows
    var random = SeededRandom(5)
    var (ticks, lots, sides, last): ([Int64], [Int64], [Int32], [Bool]) = ([], [], [], [])
    for row in 0..<rows {
      let (side, level) = (row % 8 < 4 ? Int32(1) : -1, Int64(row % 4))
      ticks.append(10_000 - Int64(side) * (1 + level))
      lots.append(1 + Int64(random.next() % 1000))
      sides.append(side)
      last.append(row % 8 == 7)
    }
    self.ticks = ticks
    self.lots = lots
    self.sides = sides
    self.last = last
    kinds = .category(Categories([String](repeating: DepthKind.update.rawValue, count: rows)))
  }

  func depth(after made: Int64) -> Frame {
    // A message each ten microseconds.
    let times = (0..<Int64(rows)).map {
      1_700_000_000_000_000_000 + (made + $0) / 8 * 10_000
    }
    return Frame([
      ("arrival", .timestamp(times)), ("time", .timestamp(times)),
      ("sequence", .int64((0..<Int64(rows)).map { (made + $0) / 8 })),
      ("kind", kinds), ("side", .int32(sides)), ("price", .decimal(ticks, scale: 2)),
      ("size", .decimal(lots, scale: 3)), ("last", .bool(last)),
    ])
  }
}
