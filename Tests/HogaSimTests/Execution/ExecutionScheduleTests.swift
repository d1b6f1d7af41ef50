import HogaCore
import HogaSim
import Testing

@Suite("Execution schedules")
struct ExecutionScheduleTests {
  static let start = Timestamp(nanoseconds: 1_700_000_000_000_000_000)

  @Test("add up to the parent exactly, each slice within a lot of its share", arguments: 0..<200)
  func exactness(seed: Int) throws {
    var random = SeededRandom(UInt64(seed))
    let count = Int.random(in: 1...50, using: &random)
    let lots = Int64.random(in: 1...(seed % 5 == 0 ? .max : 1000), using: &random)
    let weights = (0..<count).map { _ in
      random.next() % 4 == 0 ? 0 : random.uniform() * (random.next() % 3 == 0 ? 1e9 : 1)
    }
    guard weights.contains(where: { $0 > 0 }) else { return }
    let end = Self.start + TimeSpan(nanoseconds: Int64.random(in: 50...1 << 50, using: &random))
    let schedule = try ExecutionSchedule(lots: lots, from: Self.start, to: end, weights: weights)
    #expect(schedule.slices.reduce(0) { $0 + $1.lots } == lots && schedule.totalLots == lots)
    let total = weights.reduce(0, +)
    for (slice, weight) in zip(schedule.slices, weights) {
      let share = Double(lots) * weight / total
      #expect(slice.lots >= 0 && abs(Double(slice.lots) - share) <= 1 + 1e-11 * Double(lots))
      #expect(slice.time < slice.end)
    }
    #expect(schedule.start == Self.start && schedule.end == end)
    for (slice, next) in zip(schedule.slices, schedule.slices.dropFirst()) {
      #expect(slice.end == next.time)
    }
  }

  @Test("give lots left over to the largest remainders, the earlier first")
  func remainders() throws {
    func lots(_ count: Int64, _ weights: [Double]) throws -> [Int64] {
      try ExecutionSchedule(
        lots: count, from: Self.start, to: Self.start + .seconds(100), weights: weights
      ).slices.map(\.lots)
    }
    #expect(try lots(10, [1, 1, 1, 1]) == [3, 3, 2, 2])
    #expect(try lots(2, [1, 1, 1, 1]) == [1, 1, 0, 0])
    #expect(try lots(10, [0, 1, 2, 0]) == [0, 3, 7, 0])
    #expect(try lots(100, [47, 16, 15.8, 12, 6.1, 3.1]) == [47, 16, 16, 12, 6, 3])
    let even = try ExecutionSchedule.timeWeighted(
      lots: 7, from: Self.start, to: Self.start + TimeSpan(nanoseconds: 10), slices: 3)
    #expect(even.slices.map(\.lots) == [3, 2, 2])
    #expect(even.slices.map { ($0.time - Self.start).nanoseconds } == [0, 3, 6])
  }

  @Test("follow the volume that usually trades, across midnight and within buckets")
  func volume() throws {
    let hour: Int64 = 3_600_000_000_000
    // Twice as much in every odd hour, nothing from 2 to 4.
    let times = (0..<24).map { Int64($0) * hour + 5 }
    let volumes = (0..<24).map { $0 == 2 || $0 == 3 ? 0 : $0 % 2 == 0 ? 10.0 : 20 }
    let profile = try VolumeProfile(
      bucket: TimeSpan(nanoseconds: hour), times: times + times.map { $0 + 24 * hour },
      volumes: volumes + volumes)
    #expect(profile.volumes[0] == 20 && profile.volumes[23] == 40)
    let midnight = Timestamp(nanoseconds: 20_000 * 24 * hour)
    func volume(_ from: Double, _ to: Double) -> Double {
      profile.volume(
        from: midnight + TimeSpan(nanoseconds: Int64(from * Double(hour))),
        to: midnight + TimeSpan(nanoseconds: Int64(to * Double(hour))))
    }
    #expect(volume(0.25, 0.75) == 10 && volume(-0.5, 0.5) == 30 && volume(1.5, 4.5) == 30)
    #expect(volume(0, 48) == 2 * profile.volumes.reduce(0, +))
    let schedule = try ExecutionSchedule.volumeWeighted(
      lots: 90, from: midnight - TimeSpan(nanoseconds: hour),
      to: midnight + TimeSpan(nanoseconds: 3 * hour), slices: 4, profile: profile)
    #expect(schedule.slices.map(\.lots) == [36, 18, 36, 0])
  }

  @Test("front-load as an optimal execution does")
  func optimal() throws {
    let model = try AlmgrenChrissTests.paper(1e-6)
    let schedule = try ExecutionSchedule.optimal(
      lots: 1000, from: Self.start, to: Self.start + .seconds(50), model: model)
    let exact = model.trades.map { $0 / 1000 }
    for (slice, share) in zip(schedule.slices, exact) {
      #expect(abs(Double(slice.lots) - share) < 1)
    }
    #expect(schedule.slices.map { $0.time } == (0..<5).map { Self.start + .seconds($0 * 10) })
  }

  @Test("refuse what cannot be split")
  func validation() throws {
    let end = Self.start + .seconds(1)
    for (lots, stop, weights) in [
      (0, end, [1]), (1, Self.start, [1]), (1, end, []), (1, end, [0, 0]), (1, end, [1, -1]),
      (1, end, [.nan]), (1, end, [.infinity]),
    ] as [(Int64, Timestamp, [Double])] {
      #expect(throws: UsageError.self) {
        try ExecutionSchedule(lots: lots, from: Self.start, to: stop, weights: weights)
      }
    }
    #expect(throws: UsageError.self) {
      try ExecutionSchedule.timeWeighted(lots: 1, from: Self.start, to: end, slices: -1)
    }
    #expect(throws: UsageError.self) { try VolumeProfile(bucket: .seconds(7), volumes: [1]) }
    #expect(throws: DataError.self) {
      try VolumeProfile(bucket: .seconds(3600), times: [0], volumes: [-1])
    }
  }
}
