import Foundation
import HogaCore
import HogaLedger
import HogaStatistics
import HogaTestKit
import Testing

@Suite("Ledger of trials")
struct TrialLedgerTests {
  let folder: TemporaryFolder
  let path: String
  init() throws {
    folder = try TemporaryFolder()
    path = TrialLedger.path(inLake: folder.path)
  }

  @Test("gives back what was recorded, to the bit")
  func roundTrip() throws {
    let ledger = try TrialLedger(path, creating: true)
    let returns = TrialReturns(
      start: -3_000_000_000, period: .seconds(1), values: [0, -0.1, .leastNonzeroMagnitude, 1 / 3])
    var first = try Sample.trial(1, returns: returns)
    first.sharpe = 0.1 + 0.2
    var second = try Sample.trial(2)
    second.data = try TrialData(
      markets: [
        .init(venue: "upbit", symbol: "KRW-BTC"), .init(venue: "binance-spot", symbol: "한글 'x'/y"),
        .init(venue: "upbit", symbol: "KRW-BTC"),
      ], table: "candles_1m", dates: Sample.day...Sample.day.adding(days: 30))
    (second.sharpe, second.skewness, second.kurtosis) = (nil, nil, nil)
    second.strategy = ""
    try ledger.record(first)
    try ledger.record(second)
    for ledger in [ledger, try TrialLedger(path, creating: false)] {
      let found = try ledger.trials(withReturns: true).trials
      #expect(found.count == 2)
      #expect(found[0].configurationDigest == first.configurationDigest)
      // Keys come back in order.
      #expect(found[0].configuration["nested"] == ["a": [2], "b": 1])
      var expected = [first, second]
      for index in 0..<2 { expected[index].configuration = found[index].configuration }
      #expect(found == expected)
    }
    #expect(found(ledger).allSatisfy { $0.returns == nil })
    #expect(second.data.markets.count == 2 && second.data.markets[0].venue == "binance-spot")
    #expect(first.netText == "-170141183460469.231731687303715884")
  }

  private func found(_ ledger: TrialLedger) -> [Trial] { (try? ledger.trials().trials) ?? [] }

  @Test("equal data, strategy, configuration and seed are one trial, anything else is another")
  func identity() throws {
    let ledger = try TrialLedger(path, creating: true)
    let trial = try Sample.trial(1)
    #expect(try ledger.record(trial) == .added)
    let before = folder.snapshot()
    var again = trial
    again.recorded = Timestamp(nanoseconds: 99)
    // The order of keys is no difference.
    again.configuration = ["nested": ["a": [2], "b": 1], "size": 0.01, "number": 1]
    #expect(try ledger.record(again) == .unchanged)
    #expect(folder.snapshot() == before)

    var other = trial
    other.fingerprint = 5
    other.sharpe = 0.5
    #expect(try ledger.record(other) == .replaced(fingerprint: trial.fingerprint))
    #expect(found(ledger).map(\.sharpe) == [0.5])
    #expect(found(ledger)[0].recorded == trial.recorded)

    var others: [Trial] = []
    func differ(_ change: (inout Trial) throws -> Void) rethrows {
      var copy = trial
      try change(&copy)
      others.append(copy)
    }
    try differ { $0.data = try Sample.data(table: "book") }
    try differ { $0.data = try Sample.data(days: 2) }
    try differ { $0.data = try Sample.data("ETHUSDT") }
    differ { $0.strategy = "other" }
    differ { $0.configuration = ["number": 1] }
    differ { $0.seed = 0 }
    for other in others { #expect(try ledger.record(other) == .added) }
    #expect(try ledger.trials().count == 7)
  }

  @Test("returns that come later are added, and are kept where they are not given again")
  func laterReturns() throws {
    let ledger = try TrialLedger(path, creating: true)
    let returns = TrialReturns(start: 0, period: .seconds(1), values: [0.5])
    #expect(try ledger.record(Sample.trial(1)) == .added)
    #expect(try ledger.record(Sample.trial(1, returns: returns)) == .unchanged)
    #expect(try ledger.record(Sample.trial(1)) == .unchanged)
    #expect(try ledger.trials(withReturns: true).trials[0].returns == returns)
  }

  @Test("trials on data are those that share a market and a day, as a slow reading has it")
  func overlaps() throws {
    let ledger = try TrialLedger(path, creating: true)
    var random = SeededRandom(77)
    let markets = ["A", "B", "C"].flatMap { symbol in
      ["x", "y"].map { TrialData.Market(venue: $0, symbol: symbol) }
    }
    func data() throws -> TrialData {
      let first = Sample.day.adding(days: Int.random(in: 0...20, using: &random))
      return try TrialData(
        markets: (0..<Int.random(in: 1...3, using: &random)).map { _ in
          markets.randomElement(using: &random)!
        }, table: Bool.random(using: &random) ? "depth" : "book",
        dates: first...first.adding(days: Int.random(in: 0...5, using: &random)))
    }
    var all: [Trial] = []
    for number in 0..<60 {
      let trial = try Sample.trial(number, on: data())
      all.append(trial)
      try ledger.record(trial)
    }
    for _ in 0..<40 {
      let asked = try data()
      let expected = all.filter { trial in
        let days = { (data: TrialData) in
          Set(data.dates.lowerBound.daysSince1970...data.dates.upperBound.daysSince1970)
        }
        return !days(trial.data).isDisjoint(with: days(asked))
          && trial.data.markets.contains { asked.markets.contains($0) }
      }
      let found = try ledger.trials(on: asked)
      #expect(found.trials.map(\.recorded) == expected.map(\.recorded))
      #expect(try ledger.count(on: asked) == expected.count)
      let ratios = expected.compactMap(\.sharpe)
      let mean = ratios.reduce(0, +) / Double(ratios.count)
      let variance =
        ratios.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(ratios.count - 1)
      let own = try ledger.varianceOfSharpe(on: asked, per: .seconds(1))
      #expect(ratios.count < 2 ? own == nil : abs(own! - variance) < 1e-15)
    }
    let venue = try ledger.trials(venue: "x", symbol: "A", dates: Sample.day...Sample.day)
    #expect(
      venue.trials.map(\.recorded)
        == all.filter {
          $0.data.markets.contains(markets[0]) && $0.data.dates.lowerBound == Sample.day
        }.map(\.recorded))
  }

  @Test("deflate by their number and variance, brought to the judged period")
  func deflation() throws {
    let ledger = try TrialLedger(path, creating: true)
    // The published example: 100 trials whose daily ratios have a variance of ½/250.
    let spread = (0.5 / 250 * 99 / 100).squareRoot()
    for number in 0..<100 {
      var trial = try Sample.trial(number, sharpe: number % 2 == 0 ? spread : -spread)
      trial.period = .day
      if number % 4 >= 2 {
        // The same ratios, told per hour.
        trial.period = TimeSpan("1h")!
        trial.sharpe! /= 24.0.squareRoot()
      }
      try ledger.record(trial)
    }
    let estimate = SharpeEstimate(
      ratio: 2.5 / 250.0.squareRoot(), returnCount: 1250, skewness: -3, kurtosis: 10)
    let deflated = try #require(
      try ledger.deflated(estimate, per: .day, on: Sample.data()))
    #expect(abs(deflated.probability - 0.900397) < 1e-6 && deflated.trialCount == 100)
    #expect(try ledger.deflated(estimate, per: .day, on: Sample.data("ETHUSDT")) == nil)
  }

  @Test("a ledger that is not there is missing, and reading never makes one")
  func missing() throws {
    #expect(throws: MissingInputError.self) { try TrialLedger(path, creating: false) }
    #expect(folder.files() == [])
    #expect(throws: MissingInputError.self) {
      try TrialLedger(folder("no-lake/ledger.sqlite"), creating: true)
    }
    try folder.write("", to: TrialLedger.fileName)
    #expect(throws: MissingInputError.self) { try TrialLedger(path, creating: false) }
    try TrialLedger(path, creating: true).record(Sample.trial(1))
    #expect(try TrialLedger(path, creating: false).trials().count == 1)
  }

  @Test("files that are no ledger, damaged ledgers and newer ones are refused and left as they are")
  func foreign() throws {
    func expectRefusal(_ words: String) throws {
      let before = folder.snapshot()
      for creating in [false, true] {
        let error = #expect(throws: DataError.self) {
          try TrialLedger(path, creating: creating).trials()
        }
        #expect(error?.file == path && error?.reason.contains(words) == true, "\(error as Any)")
      }
      #expect(folder.snapshot() == before)
    }
    try folder.write(String(repeating: "no database at all ", count: 100), to: TrialLedger.fileName)
    try expectRefusal("is not a ledger of trials")
    try FileManager.default.removeItem(atPath: path)
    try sqlite("CREATE TABLE cats (name TEXT);")
    try expectRefusal("but not a ledger")
    try FileManager.default.removeItem(atPath: path)
    try TrialLedger(path, creating: true).record(Sample.trial(1))
    try sqlite("PRAGMA user_version = 2;")
    try expectRefusal("newer version of Hoga: layout 2, this one knows 1")
    try sqlite("PRAGMA user_version = 1; ALTER TABLE trials RENAME COLUMN seed TO corn;")
    try expectRefusal("shape")
  }

  @Test("rows that someone changed are refused by number and column")
  func changedRows() throws {
    let returns = TrialReturns(start: 0, period: .seconds(1), values: [0.5])
    try TrialLedger(path, creating: true).record(Sample.trial(1, returns: returns))
    for (column, value) in [
      ("first_day", "'yesterday'"), ("markets", "''"), ("configuration", "'{'"), ("seed", "'-1'"),
      ("fingerprint", "'xyz'"), ("net", "'12.5'"), ("period_ns", "0"), ("sharpe", "9e999"),
      ("returns_period_ns", "7"), ("returns", "zeroblob(80008)"),
      ("returns", "x'000000000000f0ff'"),
    ] {
      let copy = folder("copy.sqlite")
      try FileManager.default.copyItem(atPath: path, toPath: copy)
      try sqlite("UPDATE trials SET \(column) = \(value);", in: copy)
      let error = #expect(throws: DataError.self) {
        try TrialLedger(copy, creating: false).trials(withReturns: true)
      }
      #expect(error?.row == 1 && error?.column == column, "\(error as Any)")
      try FileManager.default.removeItem(atPath: copy)
    }
  }

  @Test("a ledger that is cut short or whose bytes are changed never crashes")
  func damage() throws {
    do {
      let ledger = try TrialLedger(path, creating: true)
      for number in 0..<30 { try ledger.record(Sample.trial(number)) }
    }
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    var random = SeededRandom(5)
    for round in 0..<150 {
      var bytes = whole
      if round % 3 == 0 {
        bytes = bytes.prefix(Int.random(in: 1..<bytes.count, using: &random))
      } else {
        for _ in 0..<Int.random(in: 1...20, using: &random) {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
            in: 0...255, using: &random)
        }
      }
      let copy = folder("damaged.sqlite")
      try bytes.write(to: URL(fileURLWithPath: copy))
      do {
        let ledger = try TrialLedger(copy, creating: false)
        _ = try ledger.trials(withReturns: true)
        try ledger.record(Sample.trial(100))
      } catch is DataError {
      } catch is MissingInputError {
      } catch is ResourceError {
      }
      for file in folder.files() where file.hasPrefix("damaged") {
        try FileManager.default.removeItem(atPath: folder(file))
      }
    }
  }

  @Test("waits for other writers only so long, and says so")
  func busy() throws {
    try TrialLedger(path, creating: true).record(Sample.trial(1))
    let impatient = try TrialLedger(path, creating: false, patience: .milliseconds(20))
    let holder = Process()
    holder.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    holder.arguments = ["sqlite3", path]
    let input = Pipe()
    let output = Pipe()
    (holder.standardInput, holder.standardOutput) = (input, output)
    guard (try? holder.run()) != nil else { return }
    input.fileHandleForWriting.write(Data("BEGIN EXCLUSIVE; SELECT 'held';\n".utf8))
    guard String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) == "held\n"
    else { return print("a held ledger was not tested: there is no sqlite3 program") }
    let error = #expect(throws: ResourceError.self) { try impatient.record(Sample.trial(2)) }
    #expect(error?.description.contains("other processes") == true)
    try input.fileHandleForWriting.close()
    holder.waitUntilExit()
    #expect(try impatient.record(Sample.trial(2)) == .added)
  }

  @Test("a trial that makes no sense is refused before anything is written")
  func senseless() throws {
    let ledger = try TrialLedger(path, creating: true)
    var trial = try Sample.trial(1, sharpe: .nan)
    #expect(throws: UsageError.self) { try ledger.record(trial) }
    trial = try Sample.trial(1)
    trial.period = .zero
    #expect(throws: UsageError.self) { try ledger.record(trial) }
    for values in [[-1], [.nan]] as [[Double]] {
      let returns = TrialReturns(start: 0, period: .seconds(1), values: values)
      #expect(throws: UsageError.self) { try ledger.record(Sample.trial(1, returns: returns)) }
    }
    trial = try Sample.trial(1)
    trial.strategy = "a\0b"
    #expect(throws: UsageError.self) { try ledger.record(trial) }
    #expect(try ledger.trials().count == 0)
    for name in ["", "a\nb"] { #expect(throws: UsageError.self) { try Sample.data(name) } }
    #expect(throws: UsageError.self) { try Sample.data(venue: "a/b") }
    #expect(throws: UsageError.self) {
      try TrialData(markets: [], table: "depth", dates: Sample.day...Sample.day)
    }
  }

  private func sqlite(_ sql: String, in file: String? = nil) throws {
    try RawDatabase.execute(sql, in: file ?? path)
  }
}
