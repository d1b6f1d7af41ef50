import Foundation
import HogaCore
import HogaCrossSection
import HogaJobs
import HogaLake
import HogaTestKit
import Testing

@Suite("Cross-section jobs")
struct CrossSectionJobTests {
  static let first = CivilDate(daysSince1970: 20_000)

  /// A lake with minutes of four symbols on a few days.
  struct Market {
    let folder: TemporaryFolder
    let lake: Lake

    init(days: Int = 3) throws {
      folder = try TemporaryFolder()
      lake = Lake(root: folder("lake"))
      for day in 0..<days { try write(first.adding(days: day), minutes(day: day)) }
    }

    func write(_ date: CivilDate, _ frame: Frame) throws {
      let transaction = lake.begin(producer: "test", sources: [])
      try transaction.append(frame, to: .minutes, venue: "v", date: date)
      try transaction.commit()
    }

    /// - Parameters:
    ///   - rows: minutes of each symbol; 1,440 where left out.
    ///   - without: fields that are null.
    func minutes(
      day: Int, symbols: [String] = ["AA", "BB", "CC", "DD"], rows: [String: Int] = [:],
      without: Set<MinuteField> = []
    ) -> Frame {
      var random = SeededRandom(UInt64(day + 1))
      var names: [String] = []
      var times: [Int64] = []
      var values: [MinuteField: [Double]] = [:]
      let start = first.adding(days: day).start.nanoseconds
      for (index, symbol) in symbols.enumerated() {
        var close = 100.0
        for row in 0..<(rows[symbol] ?? 1440) {
          names.append(symbol)
          times.append(start + Int64(row) * 60_000_000_000)
          let open = close
          close *= 1 + 1e-3 * (random.uniform() - 0.5)
          for field in MinuteField.allCases {
            let value =
              switch field {
              case .open: open
              case .close: close
              case .high: max(open, close) * 1.0001
              case .low: min(open, close) * 0.9999
              // Later symbols trade more on even days, earlier ones on odd days.
              case .quote: Double(day % 2 == 0 ? index + 1 : 9 - index) * (1 + random.uniform())
              default: 1 + random.uniform()
              }
            values[field, default: []].append(without.contains(field) ? .nan : value)
          }
        }
      }
      var frame = Frame([
        ("symbol", .category(Categories(names))), ("time", .timestamp(times)),
      ])
      for field in MinuteField.allCases { frame.append(field.rawValue, .double(values[field]!)) }
      frame.append("filled", .bool([Bool](repeating: false, count: names.count)))
      return frame
    }

    func job(
      days: ClosedRange<Int> = 0...2, _ members: CrossSectionJob.Members = .all, workers: Int = 1,
      force: Bool = false, windows: [Int] = [1, 5]
    ) -> CrossSectionJob {
      CrossSectionJob(
        lake: lake, venue: "v",
        dates: first.adding(days: days.lowerBound)...first.adding(days: days.upperBound),
        members: members, settings: CrossSectionSettings(windows: windows), workers: workers,
        force: force)
    }

    func run(_ job: CrossSectionJob, to out: String = "out") throws -> CrossSectionSummary {
      try job.run(to: folder(out), producer: "hoga xsection", monitor: JobMonitor())
    }

    func file(_ part: String, day: Int, in out: String = "out") throws -> ParquetFile {
      try ParquetFile("\(folder(out))/\(part)/\(first.adding(days: day)).parquet")
    }
  }

  @Test("write features, labels and both for each day, as the modules compute them")
  func files() throws {
    let market = try Market()
    let summary = try market.run(market.job())
    #expect(summary.days.map(\.rows) == [5760, 5760, 5760])
    #expect(
      market.folder.files("out").sorted()
        == (["cross-section.json"]
        + ["x", "xy", "y"].flatMap { part in
          (0...2).map { "\(part)/\(Self.first.adding(days: $0)).parquet" }
        }).sorted())
    let x = try market.file("x", day: 1).read()
    let y = try market.file("y", day: 1).read()
    let xy = try market.file("xy", day: 1)
    #expect(x.names.count == 2 + 2 * 2 * 24)
    #expect(y.names == ["symbol", "time", "y_1m", "y_5m"])
    let both = CrossSection.joined(x, y)
    #expect(xy.schema == both.schema)
    for name in both.names {
      // Bits: null is not equal to null.
      let (found, expected) = (try xy.read(columns: [name])[name], both[name])
      #expect(found?.asDoubles?.map(\.bitPattern) == expected?.asDoubles?.map(\.bitPattern))
    }
    #expect(xy.metadata["hoga.universe"] == "all")
    #expect(xy.metadata["hoga.windows"] == "1,5")
    #expect(xy.metadata["hoga.label"] == "return")
    #expect(xy.metadata["hoga.null_inputs"] == "[]")
    // The first day has none before it; the second reaches into the first.
    let start = try market.file("x", day: 0).read().doubles("x_5m_O2C")
    #expect(start[3].isNaN && !start[4].isNaN)
    let next = try x.doubles("x_5m_O2C")
    #expect(next.allSatisfy { !$0.isNaN })
    let closes = market.minutes(day: 1)
    let opens = try market.minutes(day: 0).doubles("open")
    #expect(next[0] == (try closes.doubles("close")[0]) / opens[1440 - 4] - 1)
  }

  @Test("give the same bytes on one thread and on several, a day alone and in a range")
  func threads() throws {
    let market = try Market()
    _ = try market.run(market.job(workers: 1), to: "one")
    _ = try market.run(market.job(workers: 4), to: "many")
    _ = try market.run(market.job(days: 1...1, workers: 2), to: "alone")
    let one = market.folder.snapshot("one")
    #expect(one == market.folder.snapshot("many"))
    for (name, bytes) in market.folder.snapshot("alone") where name.hasSuffix(".parquet") {
      #expect(one[name] == bytes, "\(name)")
    }
  }

  @Test("leave days as they are that were made of the same things, and no others")
  func resuming() throws {
    let market = try Market()
    _ = try market.run(market.job(days: 0...1))
    let again = try market.run(market.job())
    #expect(again.days.map(\.isNew) == [false, false, true])
    #expect(again.days.map(\.rows) == [5760, 5760, 5760])
    #expect(try market.run(market.job(force: true)).days.allSatisfy(\.isNew))
    #expect(try market.run(market.job(windows: [1, 15])).days.allSatisfy(\.isNew))
    // Another state of the second day changes that day and the one after.
    try market.write(
      Self.first.adding(days: 1), market.minutes(day: 1, symbols: ["AA", "BB", "CC"]))
    let changed = try market.run(market.job(windows: [1, 15]))
    #expect(changed.days.map(\.isNew) == [false, true, true])
    #expect(changed.days.map(\.symbols) == [4, 3, 4])
    // A part that is gone is made anew.
    try FileManager.default.removeItem(
      atPath: market.folder("out") + "/y/\(Self.first).parquet")
    #expect(
      try market.run(market.job(windows: [1, 15])).days.map(\.isNew) == [true, false, false])
  }

  @Test("choose each day's symbols by the volume of the day before")
  func top() throws {
    let market = try Market()
    let summary = try market.run(market.job(.top(2)))
    #expect(summary.skipped.map(\.date) == [Self.first])
    #expect(summary.rule == "day-before")
    for (day, symbols) in [(1, ["CC", "DD"]), (2, ["AA", "BB"])] {
      guard case .category(let found) = try market.file("x", day: day).read().column("symbol")
      else { continue }
      #expect(found.levels == symbols)
    }
  }

  @Test("take each day's symbols from a file, and say when it looks ahead or names the absent")
  func listed() throws {
    let market = try Market()
    let universe = try Universe(
      top: 3, isSameDay: true,
      days: [
        Self.first: ["DD", "AA"], Self.first.adding(days: 1): ["ZZ"],
        Self.first.adding(days: 2): ["ZZ", "BB"],
      ])
    let summary = try market.run(market.job(.listed(universe, path: "a/top3_universe.json")))
    #expect(summary.days.map(\.symbols) == [2, 1])
    #expect(summary.skipped.count == 1)
    #expect(summary.notes.contains { $0.contains("looks ahead") })
    #expect(summary.days[1].notes.contains { $0.contains("ZZ") })
    #expect(try market.file("xy", day: 0).metadata["hoga.universe"] == "same-day")
  }

  @Test("count missing inputs, a listing and a delisting, and go on")
  func gaps() throws {
    let market = try Market(days: 1)
    try market.write(
      Self.first.adding(days: 1),
      market.minutes(day: 1, symbols: ["AA", "BB", "EE"], rows: ["BB": 720], without: [.premium]))
    let summary = try market.run(market.job(days: 1...2))
    #expect(summary.skipped.map(\.reason) == ["no minutes"])
    let day = summary.days[0]
    #expect(day.nullInputs == [.premium])
    #expect(day.notes.contains { $0.contains("BB") && $0.contains("1440") })
    let x = try market.file("x", day: 1).read()
    #expect(try market.file("x", day: 1).metadata["hoga.null_inputs"] == "[\"premium\"]")
    let values = try x.doubles("x_5m_O2C")
    #expect(try x.doubles("x_5m_Premium").allSatisfy { $0.isNaN })
    // AA was there the day before, BB ends at noon, EE begins.
    #expect(values[..<1440].allSatisfy { !$0.isNaN })
    #expect(values[1440..<2160].allSatisfy { !$0.isNaN })
    #expect(values[2160..<2880].allSatisfy { $0.isNaN })
    #expect(values[2880 + 3].isNaN && !values[2880 + 4].isNaN)
  }

  @Test("write HDF5 with the same values, and find it again")
  func hdf5() throws {
    let market = try Market(days: 1)
    var job = market.job(days: 0...0)
    _ = try market.run(job)
    job.format = .hdf5
    #expect(try market.run(job, to: "h5").days.map(\.isNew) == [true])
    #expect(try market.run(job, to: "h5").days.map(\.isNew) == [false])
    for part in ["x", "y", "xy"] {
      let expected = try market.file(part, day: 0).read()
      let (found, metadata) = try HDF5File.read("\(market.folder("h5"))/\(part)/\(Self.first).h5")
      #expect(metadata["hoga.windows"] == "1,5")
      #expect(found.names == expected.names)
      for name in expected.names.dropFirst(2) {
        let (a, b) = (try found.doubles(name), try expected.doubles(name))
        let isEqual = zip(a, b).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
        #expect(a.count == b.count && isEqual, "\(name)")
      }
    }
  }

  @Test("leave nothing half-written behind when stopped, and complete later")
  func stopping() throws {
    let market = try Market()
    let monitor = JobMonitor()
    monitor.cancel()
    #expect(throws: JobMonitor.Cancelled.self) {
      try market.job().run(to: market.folder("out"), producer: "", monitor: monitor)
    }
    #expect(market.folder.files("out").isEmpty)
    #expect(try market.run(market.job()).days.allSatisfy(\.isNew))
  }

  @Test("refuse what cannot be done")
  func refusals() throws {
    let market = try Market(days: 1)
    #expect(throws: MissingInputError.self) { try market.run(market.job(days: 5...6)) }
    #expect(throws: UsageError.self) { try market.run(market.job(.top(0))) }
    #expect(throws: UsageError.self) { try market.run(market.job(windows: [])) }
    #expect(throws: UsageError.self) { try market.run(market.job(workers: 0)) }
  }
}
