import HogaCore
import HogaLearn
import Testing

@Suite("Splits")
struct SplitTests {
  /// Irregular times with ties, and labels of irregular length.
  struct Timeline {
    var time: [Int64] = []
    var end: [Int64] = []

    init(seed: UInt64) {
      var random = SeededRandom(seed)
      var now = Int64.random(in: -1000...1000, using: &random)
      for _ in 0..<Int.random(in: 200...400, using: &random) {
        now += Int64.random(in: 0...3, using: &random)
        time.append(now)
        end.append(now + Int64.random(in: 0...12, using: &random))
      }
    }

    /// Whether `(t, e]` of the two rows share an instant.
    func overlap(_ a: Int, _ b: Int) -> Bool {
      max(time[a], time[b]) < min(end[a], end[b])
    }
  }

  private func check(_ fold: Fold, _ timeline: Timeline, gap: Int64 = 0) {
    let others = fold.train + fold.validation
    let isPure = fold.test.allSatisfy { test in
      others.allSatisfy { !timeline.overlap($0, test) }
    }
    #expect(isPure)
    let isPureWithin = fold.validation.allSatisfy { row in
      fold.train.allSatisfy { !timeline.overlap($0, row) }
    }
    #expect(isPureWithin)
    for part in [fold.train, fold.validation, fold.test] {
      #expect(zip(part, part.dropFirst()).allSatisfy(<))
    }
    // One instant is never on both sides.
    let testTimes = Set(fold.test.map { timeline.time[$0] })
    let validationTimes = Set(fold.validation.map { timeline.time[$0] })
    #expect(fold.train.allSatisfy { !testTimes.contains(timeline.time[$0]) })
    #expect(fold.train.allSatisfy { !validationTimes.contains(timeline.time[$0]) })
    #expect(fold.validation.allSatisfy { !testTimes.contains(timeline.time[$0]) })
  }

  @Test("walk-forward never lets labels overlap, tests each later row once", arguments: 0..<40)
  func walkForward(seed: Int) throws {
    let timeline = Timeline(seed: UInt64(seed))
    for window in [WalkForwardSplit.Window.expanding, .rolling(TimeSpan(nanoseconds: 150))] {
      for validation in [0, 0.25] {
        let gap = Int64(seed % 3)
        let folds = try WalkForwardSplit(
          folds: 4, window: window, validationShare: validation, gap: TimeSpan(nanoseconds: gap)
        ).folds(time: timeline.time, labelEnd: timeline.end)
        #expect(folds.count == 4)
        let tested = folds.flatMap(\.test)
        #expect(tested == Array(tested[0]..<timeline.time.count))
        for fold in folds {
          check(fold, timeline)
          let start = timeline.time[fold.test[0]]
          #expect((fold.train + fold.validation).allSatisfy { timeline.end[$0] <= start - gap })
          #expect(fold.validation.isEmpty == (validation == 0))
          if case .rolling(let span) = window {
            #expect(fold.train.allSatisfy { timeline.time[$0] >= start - span.nanoseconds })
          }
        }
      }
    }
  }

  @Test("walk-forward drops no row that it may keep", arguments: 0..<20)
  func keepsWhatItMay(seed: Int) throws {
    let timeline = Timeline(seed: UInt64(seed))
    for fold in try WalkForwardSplit(folds: 3).folds(
      time: timeline.time, labelEnd: timeline.end)
    {
      let start = timeline.time[fold.test[0]]
      let allowed = (0..<fold.test[0]).filter { timeline.end[$0] <= start }
      #expect(fold.train == allowed)
      #expect(fold.purged == fold.test[0] - allowed.count)
    }
  }

  @Test("rows dropped by the gap alone count as embargoed", arguments: 0..<20)
  func gapIsNoOverlap(seed: Int) throws {
    let timeline = Timeline(seed: UInt64(seed))
    for validation in [0, 0.3] {
      let split = WalkForwardSplit(
        folds: 3, validationShare: validation, gap: TimeSpan(nanoseconds: 9))
      guard let folds = try? split.folds(time: timeline.time, labelEnd: timeline.end) else {
        continue
      }
      for fold in folds {
        let before = Set(0..<fold.test[0]).subtracting(fold.train + fold.validation)
        let start = timeline.time[fold.test[0]]
        let validated = fold.validation.first.map { timeline.time[$0] } ?? start
        let purged = before.filter { row in
          timeline.end[row] > start
            || (timeline.end[row] > validated && timeline.time[row] < validated)
        }
        #expect(fold.purged == purged.count)
        #expect(fold.embargoed == before.count - purged.count)
      }
    }
    // A label of one second, a gap of three.
    let time = (0..<20).map { Int64($0) * second }
    let fold = try #require(
      try WalkForwardSplit(folds: 1, initialShare: 0.5, gap: .seconds(3)).folds(
        time: time, labelEnd: time.map { $0 + second }
      ).first)
    #expect(fold.train == Array(0..<7))
    #expect(fold.purged == 0 && fold.embargoed == 3)
  }

  @Test("senseless numbers of folds are refused")
  func folds() {
    let time = (0..<20).map { Int64($0) }
    #expect(throws: UsageError("1001 folds are more than 1000")) {
      try WalkForwardSplit(folds: 1001).folds(time: time, labelEnd: time)
    }
    #expect(throws: UsageError.self) {
      try PurgedKFold(folds: .max).folds(time: time, labelEnd: time)
    }
  }

  @Test("purged K-fold equals its definition, row by row", arguments: 0..<30)
  func purgedKFold(seed: Int) throws {
    let timeline = Timeline(seed: UInt64(seed))
    let embargo = Int64(seed % 5)
    let folds = try PurgedKFold(folds: 5, embargo: TimeSpan(nanoseconds: embargo)).folds(
      time: timeline.time, labelEnd: timeline.end)
    #expect(folds.flatMap(\.test) == Array(timeline.time.indices))
    for fold in folds {
      check(fold, timeline)
      let from = timeline.time[fold.test[0]]
      let to = fold.test.map { timeline.end[$0] }.max() ?? 0
      let expected = timeline.time.indices.filter { row in
        let isBefore = row < fold.test[0] && timeline.end[row] <= from
        let isAfter = row > fold.test[fold.test.count - 1] && timeline.time[row] >= to + embargo
        return isBefore || isAfter
      }
      #expect(fold.train == expected)
      #expect(
        fold.train.count + fold.test.count + fold.purged + fold.embargoed == timeline.time.count)
    }
  }

  @Test("a holdout purges both of its borders", arguments: 0..<20)
  func holdout(seed: Int) throws {
    let timeline = Timeline(seed: UInt64(seed))
    let fold = try Holdout(train: 0.6, validation: 0.2).folds(
      time: timeline.time, labelEnd: timeline.end)[0]
    check(fold, timeline)
    #expect(fold.test.last == timeline.time.count - 1)
    let cut = timeline.time[timeline.time.count / 2]
    let byTime = try Holdout(testFrom: Timestamp(nanoseconds: cut)).folds(
      time: timeline.time, labelEnd: timeline.end)[0]
    #expect(byTime.test.allSatisfy { timeline.time[$0] >= cut })
    #expect(byTime.train.allSatisfy { timeline.end[$0] <= cut })
  }

  @Test("a label that ends where the test begins stays in training")
  func touching() throws {
    let time: [Int64] = [0, 10, 20, 30]
    let fold = try Holdout(train: 0.5).folds(time: time, labelEnd: time.map { $0 + 10 })[0]
    #expect(fold.train == [0, 1])
    #expect(fold.test == [2, 3])
    let longer = try Holdout(train: 0.5).folds(time: time, labelEnd: time.map { $0 + 11 })[0]
    #expect(longer.train == [0])
    #expect(longer.purged == 1)
  }

  @Test("what would leave a part empty is refused")
  func refuses() throws {
    let time: [Int64] = [0, 1, 2, 3]
    let long = time.map { $0 + 100 }
    #expect(throws: DataError.self) {
      try WalkForwardSplit(folds: 2).folds(time: time, labelEnd: long)
    }
    #expect(throws: DataError.self) { try PurgedKFold(folds: 2).folds(time: [], labelEnd: []) }
    #expect(throws: DataError.self) {
      try WalkForwardSplit(folds: 3).folds(time: [5, 5, 5, 5], labelEnd: [5, 5, 5, 5])
    }
    #expect(throws: UsageError.self) {
      try WalkForwardSplit(folds: 0).folds(time: time, labelEnd: time)
    }
    #expect(throws: UsageError.self) {
      try Holdout(train: 0.7, validation: 0.3).folds(time: time, labelEnd: time)
    }
  }
}
