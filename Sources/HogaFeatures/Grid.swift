internal import HogaCore

/// Grid times: multiples of a step, counted from midnight.
enum Grid {
  /// The first multiple of `every`, counted from the midnight before `time`, at or after `time`.
  ///
  /// `origin` is that midnight's distance from midnight UTC. Where `every` does not divide the day,
  /// the first midnight counts.
  static func firstTime(atOrAfter time: Int64, every: Int64, origin: Int64) -> Int64 {
    let day = TimeSpan.day.nanoseconds
    let midnight = (time - origin).floorDivided(by: day) * day + origin
    return midnight + (time - midnight + every - 1) / every * every
  }
}
