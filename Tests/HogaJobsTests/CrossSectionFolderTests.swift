import Foundation
import HogaCore
import HogaJobs
import HogaLake
import HogaTestKit
import Testing

/// A folder of cross-sections made of chance and a planted signal.
struct SyntheticFolder {
  let folder: TemporaryFolder
  var path: String { folder("data") }

  static let first = CivilDate("2025-05-25")!
  static func date(_ day: Int) -> CivilDate { first.adding(days: day) }

  /// `x_1m_signal` says something of both labels, `x_1m_other` of neither; also copies, a constant
  /// and a column without values. Labels: `y_1m`, `y_5m`, without mean, null at the day's end.
  init(
    days: Int, minutes: Int = 90, symbols: Int = 8, signal: Double = 0.5, seed: UInt64 = 1,
    metadata: [String: String] = [:], withMomentum: Bool = false,
    change: (CivilDate, inout Frame) -> Void = { _, _ in }
  ) throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder("data/xy"), withIntermediateDirectories: true)
    var random = SeededRandom(seed)
    for day in 0..<days {
      let date = Self.date(day)
      var frame = Self.frame(
        date, minutes, symbols, signal, withMomentum: withMomentum, &random)
      change(date, &frame)
      try TableFile.write(frame, to: folder("data/xy/\(date).parquet"), metadata: metadata)
    }
  }

  private static func frame(
    _ date: CivilDate, _ minutes: Int, _ symbols: Int, _ signal: Double, withMomentum: Bool,
    _ random: inout SeededRandom
  ) -> Frame {
    let rows = minutes * symbols
    func normals(_ count: Int) -> [Double] {
      (0..<count).map { _ in
        (-2 * log(1 - random.uniform())).squareRoot() * cos(2 * .pi * random.uniform())
      }
    }
    let known = normals(rows)
    let other = normals(rows)
    // By symbol, then minute. The return of the minute after each row.
    let next = zip(known, normals(rows)).map { 1e-3 * (signal * $0 + $1) }
    func label(_ horizon: Int) -> [Double] {
      var label = [Double](repeating: .nan, count: rows)
      for minute in 0..<max(0, minutes - horizon) {
        var sum = 0.0
        for symbol in 0..<symbols {
          let row = symbol * minutes + minute
          label[row] = next[row..<row + horizon].reduce(0, +)
          sum += label[row]
        }
        for symbol in 0..<symbols { label[symbol * minutes + minute] -= sum / Double(symbols) }
      }
      return label
    }
    var holed = other
    for row in stride(from: 3, to: rows, by: 11) { holed[row] = .nan }
    var frame = Frame([
      (
        "symbol",
        .category(
          Categories((0..<rows).map { "S\(String(repeating: "A", count: $0 / minutes + 1))" }))
      ),
      (
        "time",
        .timestamp(
          (0..<rows).map { date.start.nanoseconds + Int64($0 % minutes) * 60_000_000_000 })
      ),
      ("x_1m_signal", .double(known)), ("x_1m_other", .double(other)),
      ("x_5m_other_neut", .double(holed)), ("x_1m_copy", .double(known)),
      ("x_1m_flat", .double(known.map { _ in 2 })), ("x_1m_none", .double(known.map { _ in .nan })),
      ("y_1m", .double(label(1))), ("y_5m", .double(label(5))),
    ])
    if withMomentum {
      frame.append(
        "x_1m_Close_Diff_Rate",
        .double((0..<rows).map { $0 % minutes == 0 ? .nan : next[$0 - 1] }))
    }
    return frame
  }
}

@Suite("Cross-section folder")
struct CrossSectionFolderTests {
  @Test("files are found by date, features and labels by name")
  func finds() throws {
    let data = try SyntheticFolder(days: 2)
    for path in [data.path, data.path + "/xy"] {
      let folder = try CrossSectionFolder(path)
      #expect(folder.dates == [SyntheticFolder.date(0), SyntheticFolder.date(1)])
      #expect(folder.labels == ["y_1m", "y_5m"] && folder.features.count == 6)
    }
    #expect(throws: MissingInputError.self) { try CrossSectionFolder(data.folder("nowhere")) }
    #expect(throws: UsageError.self) { try CrossSectionFolder("") }
  }

  private func error(
    symbols: [String?] = ["A", "A", "B", "B"], minutes: [Int64] = [0, 1, 0, 1],
    x: [Double] = [1, 2, 3, 4]
  ) throws -> DataError? {
    let folder = try TemporaryFolder()
    let date = SyntheticFolder.first
    for day in 0..<3 {
      let start = date.adding(days: day).start.nanoseconds
      let isLast = day == 2
      try TableFile.write(
        Frame([
          ("symbol", .category(Categories(isLast ? symbols : ["A", "A", "B", "B"]))),
          (
            "time",
            .timestamp((isLast ? minutes : [0, 1, 0, 1]).map { start + $0 * 60_000_000_000 })
          ),
          ("x_1m_a", .double(isLast ? x : [1, 2, 3, 4])),
          ("y_1m", .double([0.1, 0.2, -0.1, -0.2])),
        ]), to: folder("\(date.adding(days: day)).parquet"), metadata: [:])
    }
    do {
      _ = try CrossSectionStudyTests.study(test: 2...2, train: 0...0, validation: 1...1)
        .run(folder.path, monitor: JobMonitor())
      return nil
    } catch let error as DataError {
      return error
    }
  }

  @Test("rows out of order, of another day, twice or without symbol, and infinities are refused")
  func refuses() throws {
    let file = "2025-05-27.parquet"
    #expect(try error(minutes: [1, 0, 0, 1])?.file?.hasSuffix(file) == true)
    #expect(try error(minutes: [0, 0, 0, 1])?.row == 2)
    #expect(try error(minutes: [0, 1, 0, 1440])?.column == "time")
    #expect(try error(symbols: ["B", "B", "A", "A"])?.row == 3)
    #expect(try error(symbols: ["A", nil, "B", "B"])?.column == "symbol")
    #expect(try error(x: [1, .infinity, 3, 4])?.column == "x_1m_a")
    #expect(try error(symbols: ["B", "B", "C", "C"])?.row == nil)
  }
}
