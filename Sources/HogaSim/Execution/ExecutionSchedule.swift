public import HogaCore

/// How many lots of a parent order to trade when.
///
/// Slices are whole lots that add up to the parent exactly: each gets its share rounded down, and the
/// lots left over go one each to the largest remainders (Hamilton's method), the earlier slice first
/// where they are equal.
public struct ExecutionSchedule: Hashable, Sendable {
  /// So many lots, to be traded within a time.
  public struct Slice: Hashable, Sendable {
    /// From when these lots are to be traded.
    public var time: Timestamp
    /// Until when.
    public var end: Timestamp
    /// May be zero.
    public var lots: Int64
  }

  public let slices: [Slice]
  public var start: Timestamp { slices[0].time }
  public var end: Timestamp { slices[slices.count - 1].end }
  public let totalLots: Int64

  /// Splits lots over equal intervals by weights.
  ///
  /// - Throws: `UsageError` where there are no lots, no time, no weights, or a weight is negative or
  ///   all are zero.
  public init(
    lots: Int64, from start: Timestamp, to end: Timestamp, weights: [Double]
  ) throws(UsageError) {
    guard lots > 0 else { throw UsageError("there are no lots to execute") }
    let count = weights.count
    guard count > 0, count <= 1_000_000 else {
      throw UsageError("an execution needs between 1 and 1,000,000 slices, not \(count)")
    }
    let (span, overflow) = end.nanoseconds.subtractingReportingOverflow(start.nanoseconds)
    guard !overflow, span >= Int64(count) else {
      throw UsageError("the execution's end must be after its start, and slices a nanosecond long")
    }
    let parts = try Self.apportioned(lots, by: weights)
    func time(_ index: Int) -> Timestamp {
      let offset = Int128(span) * Int128(index) / Int128(count)
      return Timestamp(nanoseconds: start.nanoseconds + Int64(offset))
    }
    slices = (0..<count).map { Slice(time: time($0), end: time($0 + 1), lots: parts[$0]) }
    totalLots = lots
  }

  /// The same number of lots in every interval: time-weighted average price.
  public static func timeWeighted(
    lots: Int64, from start: Timestamp, to end: Timestamp, slices: Int
  ) throws(UsageError) -> ExecutionSchedule {
    try ExecutionSchedule(
      lots: lots, from: start, to: end, weights: [Double](repeating: 1, count: max(0, slices)))
  }

  /// As much in each interval as usually trades in it: volume-weighted average price.
  public static func volumeWeighted(
    lots: Int64, from start: Timestamp, to end: Timestamp, slices: Int, profile: VolumeProfile
  ) throws(UsageError) -> ExecutionSchedule {
    // The intervals are those of the time-weighted schedule, also where they do not divide evenly.
    let even = try timeWeighted(lots: lots, from: start, to: end, slices: slices)
    return try ExecutionSchedule(
      lots: lots, from: start, to: end,
      weights: even.slices.map { profile.volume(from: $0.time, to: $0.end) })
  }

  /// The optimal trades of a model, whose horizon is stretched from `start` to `end`.
  ///
  /// Only the model's proportions are used: it may count units and days.
  public static func optimal(
    lots: Int64, from start: Timestamp, to end: Timestamp, model: AlmgrenChriss
  ) throws(UsageError) -> ExecutionSchedule {
    try ExecutionSchedule(lots: lots, from: start, to: end, weights: model.trades)
  }

  /// Whole parts of a count in proportion to weights, which add up to it exactly.
  ///
  /// Weights are rounded to 2⁻⁴⁰ of the largest one, so that all that follows is in integers.
  static func apportioned(_ count: Int64, by weights: [Double]) throws(UsageError) -> [Int64] {
    guard let largest = weights.max(), largest > 0, largest.isFinite,
      weights.allSatisfy({ $0 >= 0 })
    else { throw UsageError("weights must be zero or above, finite, and not all zero") }
    let whole = weights.map { Int128(($0 / largest * 0x1p40).rounded()) }
    let total = whole.reduce(0, +)
    var parts: [Int64] = []
    var remainders: [Int128] = []
    parts.reserveCapacity(weights.count)
    for weight in whole {
      let (quotient, remainder) = (Int128(count) * weight).quotientAndRemainder(dividingBy: total)
      parts.append(Int64(quotient))
      remainders.append(remainder)
    }
    let left = Int(count - parts.reduce(0, +))  // below the number of weights
    let order = remainders.indices.sorted {
      (remainders[$1], $0) < (remainders[$0], $1)
    }
    for index in order.prefix(left) { parts[index] += 1 }
    return parts
  }
}

/// How much usually trades at each time of the day.
public struct VolumeProfile: Hashable, Sendable {
  /// The length of a bucket, a whole fraction of a day.
  public let bucket: TimeSpan
  /// Volume per bucket in any unit, from midnight UTC on.
  public let volumes: [Double]

  /// - Throws: `UsageError` where buckets do not make up a day, or a volume is negative, or all are
  ///   zero.
  public init(bucket: TimeSpan, volumes: [Double]) throws(UsageError) {
    guard bucket > .zero, TimeSpan.day.nanoseconds % bucket.nanoseconds == 0,
      Int64(volumes.count) == TimeSpan.day.nanoseconds / bucket.nanoseconds
    else {
      throw UsageError("a profile needs a volume for each bucket of a day; \(bucket) does not fit")
    }
    guard volumes.allSatisfy({ $0 >= 0 && $0.isFinite }), volumes.contains(where: { $0 > 0 }) else {
      throw UsageError("a profile's volumes must be zero or above, finite, and not all zero")
    }
    self.bucket = bucket
    self.volumes = volumes
  }

  /// The profile of trades or bars: volumes added up by time of day.
  ///
  /// - Parameter times: nanoseconds since 1970 UTC, in any order.
  /// - Throws: `DataError` where a volume is null or negative or a time null; `UsageError` where the
  ///   bucket does not fit a day or nothing trades.
  public init(bucket: TimeSpan, times: [Int64], volumes: [Double]) throws {
    precondition(times.count == volumes.count, "a volume for each time")
    let day = TimeSpan.day.nanoseconds
    guard bucket > .zero, day % bucket.nanoseconds == 0, day / bucket.nanoseconds <= 86_400 else {
      throw UsageError("\(bucket) is no whole fraction of a day, from one second on")
    }
    var sums = [Double](repeating: 0, count: Int(day / bucket.nanoseconds))
    for row in times.indices {
      guard times[row] != Column.missing else { throw DataError("a time is null", row: row + 1) }
      guard volumes[row] >= 0, volumes[row].isFinite else {
        throw DataError("a volume of \(volumes[row])", row: row + 1)
      }
      let within = times[row] - times[row].floorDivided(by: day) * day
      sums[Int(within / bucket.nanoseconds)] += volumes[row]
    }
    try self.init(bucket: bucket, volumes: sums)
  }

  /// The volume that usually trades between two times, evenly within each bucket.
  public func volume(from start: Timestamp, to end: Timestamp) -> Double {
    let length = bucket.nanoseconds
    var sum = 0.0
    var time = start.nanoseconds
    while time < end.nanoseconds {
      let place = time.floorDivided(by: length)
      let next = min((place + 1) * length, end.nanoseconds)
      let count = Int64(volumes.count)
      let index = Int(place - place.floorDivided(by: count) * count)
      sum += volumes[index] * (Double(next - time) / Double(length))
      time = next
    }
    return sum
  }
}
