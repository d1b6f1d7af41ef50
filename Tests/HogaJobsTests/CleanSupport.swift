import Foundation
import HogaCore
import HogaJobs
import HogaLake
import HogaTestKit

/// A venue of random walks in a lake of its own.
struct RandomVenue {
  static let minute: Int64 = 60_000_000_000

  let folder: TemporaryFolder
  let lake: Lake
  let venue = "test"
  let first = CivilDate(year: 2024, month: 3, day: 5)!
  let symbols: [String]
  let dayCount: Int
  /// By symbol, over all days.
  var closes: [String: [Double]] = [:]
  /// Minutes that the candles lack, by symbol, counted from the first day's midnight.
  var absent: [String: Set<Int>] = [:]
  /// Days without candles.
  var emptyDays: Set<Int> = []
  var daysWithoutPremium: Set<Int> = []
  var daysWithoutMetrics: Set<Int> = []
  /// Symbols nobody trades, by day.
  var idle: [Int: Set<String>] = [:]
  private let scales: [[Double]]

  var dates: ClosedRange<CivilDate> { first...first.adding(days: dayCount - 1) }
  var last: CivilDate { dates.upperBound }

  /// - Parameter step: the log return of a minute, given those before it and a normal draw.
  init(
    symbols: [String], days: Int, seed: UInt64 = 1,
    step: (_ past: [Double], _ draw: Double) -> Double = { $1 * 0.001 }
  ) throws {
    folder = try TemporaryFolder()
    lake = Lake(root: folder("lake"))
    self.symbols = symbols.sorted()
    dayCount = days
    var random = SeededRandom(seed)
    scales = (0..<days).map { _ in symbols.map { _ in exp(3 * random.uniform()) } }
    for symbol in self.symbols {
      var price = 50 + 100 * random.uniform()
      var past: [Double] = []
      closes[symbol] = (0..<days * 1440).map { _ in
        past.append(step(past, Self.normal(&random)))
        price *= exp(past[past.count - 1])
        return price
      }
    }
  }

  static func normal(_ random: inout SeededRandom) -> Double {
    (-2 * log(1 - random.uniform())).squareRoot() * cos(2 * .pi * random.uniform())
  }

  /// Writes candles, premium and metrics of all days.
  func write(_ days: [Int]? = nil) throws {
    let transaction = lake.begin(producer: "test", sources: ["test"], replace: true)
    for day in days ?? Array(0..<dayCount) {
      let date = first.adding(days: day)
      var random = SeededRandom(UInt64(1000 + day))
      if !emptyDays.contains(day) {
        try transaction.append(
          candles(day, &random), to: .candles(.minute), venue: venue, date: date)
      }
      if !daysWithoutPremium.contains(day) {
        let rows = symbols.flatMap { symbol in (0..<1440).map { (symbol, Int64($0)) } }
        let draws = rows.map { _ in Self.normal(&random) * 1e-4 }
        var frame = keys(rows, date)
        for name in ["open", "high", "low", "close"] { frame.append(name, .double(draws)) }
        try transaction.append(frame, to: .premium(.minute), venue: venue, date: date)
      }
      if !daysWithoutMetrics.contains(day) {
        let rows = symbols.flatMap { symbol in (0..<288).map { (symbol, Int64($0 * 5)) } }
        var frame = keys(rows, date)
        for name in ["open_interest", "top_positions_ratio", "accounts_ratio"] {
          frame.append(name, .double(rows.map { _ in 1 + random.uniform() }))
        }
        try transaction.append(frame, to: .metrics, venue: venue, date: date)
      }
    }
    try transaction.commit()
  }

  private func keys(_ rows: [(String, Int64)], _ date: CivilDate) -> Frame {
    Frame([
      ("symbol", .category(Categories(rows.map(\.0)))),
      ("time", .timestamp(rows.map { date.start.nanoseconds + $0.1 * Self.minute })),
    ])
  }

  private func candles(_ day: Int, _ random: inout SeededRandom) -> Frame {
    var rows: [(String, Int64)] = []
    var columns = [[Double]](repeating: [], count: 8)
    var counts: [Int64] = []
    for (number, symbol) in symbols.enumerated() {
      for minute in 0..<1440 {
        let (share, taken) = (random.uniform(), random.uniform())
        let (up, down) = (random.uniform(), random.uniform())
        let place = day * 1440 + minute
        guard absent[symbol]?.contains(place) != true else { continue }
        let close = closes[symbol]![place]
        let open = place > 0 ? closes[symbol]![place - 1] : close
        let isIdle = idle[day]?.contains(symbol) == true
        let volume = isIdle ? 0 : scales[day][number] * (0.2 + share)
        rows.append((symbol, Int64(minute)))
        counts.append(isIdle ? 0 : Int64(1 + share * 100))
        let values = [
          open, max(open, close) * (1 + 0.001 * up), min(open, close) * (1 - 0.001 * down), close,
          volume, volume * close, volume * taken, volume * close * taken,
        ]
        for (index, value) in values.enumerated() { columns[index].append(value) }
      }
    }
    var frame = keys(rows, first.adding(days: day))
    let names = [
      "open", "high", "low", "close", "volume", "quote_volume", "taker_volume",
      "taker_quote_volume",
    ]
    for (name, column) in zip(names, columns) { frame.append(name, .double(column)) }
    frame.append("count", .int64(counts))
    return frame
  }

  /// Cleans all days into the lake and `quality/`.
  @discardableResult
  func clean(
    workers: Int = 1, change: (inout CleanJob) -> Void = { _ in }
  ) throws -> CleanSummary {
    var job = CleanJob(lake: lake, venue: venue, dates: dates, workers: workers)
    change(&job)
    return try job.run(to: folder("quality"), producer: "test", monitor: JobMonitor())
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: folder(name), encoding: .utf8)
  }
}
