import HogaCore
import HogaLearn
import Testing

@Suite("Labels and samples")
struct LabelTests {
  @Test("returns look up the time, so holes give NaN and shift nothing")
  func holes() throws {
    let time: [Int64] = [0, 1, 2, 4, 5, 6].map { $0 * second }
    let mid = [100.0, 101, 102, 104, 105, 106]
    let labels = try Labels.forwardReturns(time: time, mid: mid, horizon: .seconds(2))
    #expect(labels.name == "ret_bps_2s")
    #expect(labels.values[0] == 10_000 * (102.0 / 100 - 1))
    #expect(labels.values[1].isNaN)  // second 3 is a hole
    #expect(labels.values[2] == 10_000 * (104.0 / 102 - 1))
    #expect(labels.values[3] == 10_000 * (106.0 / 104 - 1))
    #expect(labels.values[4].isNaN && labels.values[5].isNaN)
    #expect(labels.end == time.map { $0 + 2 * second })
  }

  @Test("labels equal a search through all rows, by group", arguments: UInt64(0)..<20)
  func bruteForce(seed: UInt64) throws {
    var random = SeededRandom(seed)
    var time: [Int64] = []
    var group: [Int32] = []
    var mid: [Double] = []
    for now in Int64(0)..<80 {
      for symbol in Int32(0)..<3 where random.uniform() < 0.8 {
        time.append(now)
        group.append(symbol)
        mid.append(random.uniform() < 0.1 ? .nan : 100 + random.normal())
      }
    }
    let horizon = Int64.random(in: 1...7, using: &random)
    let labels = try Labels.forwardReturns(
      time: time, mid: mid, horizon: TimeSpan(nanoseconds: horizon), group: group)
    for row in time.indices {
      let later = time.indices.first {
        time[$0] == time[row] + horizon && group[$0] == group[row]
      }
      let expected = later.map { 10_000 * (mid[$0] / mid[row] - 1) } ?? .nan
      #expect(
        labels.values[row] == expected || (labels.values[row].isNaN && expected.isNaN))
    }
  }

  @Test("classes part at the threshold, which itself is flat")
  func classes() throws {
    let time: [Int64] = [0, 1, 2, 3, 4].map { $0 * second }
    let returns = try Labels.forwardReturns(
      time: time, mid: [10_000, 10_001, 10_000, 10_000, 10_010], horizon: .seconds(1))
    let one = try returns.classified(by: .basisPoints(returns.values[0]))
    #expect(Array(one.values[..<4]) == [1, 1, 1, 2])
    #expect(one.values[4].isNaN)
    #expect(one.classes == ["down", "flat", "up"])
    let volatility = [1e-5, 1e-5, 1e-5, .nan, 1e-5]
    let scaled = try returns.classified(by: .volatility(multiple: 2, realised: volatility))
    #expect(Array(scaled.values[..<3]) == [2, 0, 1])
    #expect(scaled.values[3].isNaN)
    #expect(throws: UsageError.self) { try returns.classified(by: .basisPoints(-1)) }
  }

  @Test("times that do not ascend and prices without return are refused with their row")
  func refuses() {
    #expect(throws: DataError("does not ascend", row: 3, column: "time")) {
      try Labels.forwardReturns(time: [0, 5, 5], mid: [1, 1, 1], horizon: .seconds(1))
    }
    #expect(throws: DataError("a return has no meaning on 0.0", row: 2, column: "mid")) {
      try Labels.forwardReturns(time: [0, 5], mid: [1, 0], horizon: .seconds(1))
    }
    #expect(throws: UsageError.self) {
      try Labels.forwardReturns(time: [0], mid: [1], horizon: .zero)
    }
    #expect(throws: DataError.self) {
      try Labels.forwardReturns(time: [.max - 5], mid: [1], horizon: .seconds(1))
    }
  }

  @Test("a matrix takes columns by name and says which are missing")
  func matrix() throws {
    let frame = Frame([
      ("a", .double([1, 2])), ("b", .int64([3, Column.missing])),
      ("c", .category(Categories(["x", "y"]))),
    ])
    let matrix = try Matrix(frame, columns: ["b", "a"])
    #expect(matrix.names == ["b", "a"])
    #expect(matrix[0, 0] == 3 && matrix[1, 0].isNaN && matrix[1, 1] == 2)
    #expect(throws: DataError("2 of 3 columns are missing: d, e")) {
      try Matrix(frame, columns: ["a", "d", "e"])
    }
    #expect(throws: DataError.self) { try Matrix(frame, columns: ["c"]) }
    #expect(throws: DataError.self) { try Matrix(frame, columns: ["a", "a"]) }
    #expect(matrix.rows([1, 1, 0]).column(1) == [2, 2, 1])
    #expect(matrix.completeRows == [true, false])
    #expect(try matrix.selecting(["a"]).values == [1, 2])
  }

  @Test("samples out of order, with odd labels or with lengths that differ are refused")
  func samples() throws {
    let x = Matrix(columns: [("a", [1, 2, 3])])
    #expect(throws: DataError.self) {
      try Samples(x: x, y: [1, 2, 3], time: [0, 2, 1], labelEnd: [5, 5, 5])
    }
    #expect(throws: DataError.self) {
      try Samples(x: x, y: [1, 2, 3], time: [0, 1, 2], labelEnd: [0, 0, 5])
    }
    #expect(throws: DataError.self) {
      try Samples(x: x, y: [0, 3, 1], time: [0, 1, 2], labelEnd: [0, 1, 2], classes: ["n", "y"])
    }
    #expect(throws: DataError.self) {
      try Samples(x: x, y: [0, 1], time: [0, 1], labelEnd: [0, 1])
    }
    let samples = try Samples(x: x, y: [1, .nan, 3], time: [0, 1, 2], labelEnd: [0, 1, 2])
    #expect(samples.labelled().y == [1, 3])
    #expect(samples.labelled().x.values == [1, 3])
  }

  @Test("overlap counts the labels that share an instant")
  func overlap() throws {
    #expect(try gridSamples(rows: 50, features: 1, horizon: 0, seed: 1).overlap == 1)
    #expect(try gridSamples(rows: 50, features: 1, horizon: 1, seed: 1).overlap == 1)
    #expect(try gridSamples(rows: 50, features: 1, horizon: 10, seed: 1).overlap == 10)
    let shared = try Samples(
      x: Matrix(columns: [("a", [1, 2, 3, 4])]), y: [1, 2, 3, 4], time: [0, 0, 1, 1],
      labelEnd: [2, 2, 3, 3])
    #expect(shared.overlap == 2)
  }

  @Test("the last known label is the latest that was decided by then", arguments: UInt64(0)..<10)
  func lastKnown(seed: UInt64) throws {
    var random = SeededRandom(seed)
    var time: [Int64] = []
    for now in Int64(0)..<60 where random.uniform() < 0.7 { time += [now, now] }
    let group = time.indices.map { Int32($0 % 2) }
    let y = time.map { _ in random.uniform() < 0.1 ? Double.nan : random.normal() }
    let samples = try Samples(
      x: Matrix(columns: [("a", y)]), y: y, time: time, labelEnd: time.map { $0 + 5 },
      group: group)
    let known = Baselines.lastKnown(samples)
    for row in time.indices {
      let candidates = time.indices.filter {
        group[$0] == group[row] && !y[$0].isNaN && time[$0] + 5 <= time[row]
      }
      let expected = candidates.last.map { y[$0] } ?? .nan
      #expect(known[row] == expected || (known[row].isNaN && expected.isNaN))
    }
  }
}
