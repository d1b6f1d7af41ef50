internal import Foundation
package import HogaCore

/// How time passes for a download. Tests hand in one whose waits take no time.
package struct FetchClock: Sendable {
  /// Time since some moment, which never goes back.
  package var now: @Sendable () -> TimeSpan
  /// The date and time.
  package var wall: @Sendable () -> Timestamp
  /// Lets time pass.
  package var wait: @Sendable (TimeSpan, JobMonitor) throws -> Void

  package init(
    now: @escaping @Sendable () -> TimeSpan, wall: @escaping @Sendable () -> Timestamp,
    wait: @escaping @Sendable (TimeSpan, JobMonitor) throws -> Void
  ) {
    self.now = now
    self.wall = wall
    self.wait = wait
  }

  /// The machine's clock. Its waits end early when the work is cancelled.
  package static let machine = FetchClock(
    now: { TimeSpan(nanoseconds: Int64(clamping: DispatchTime.now().uptimeNanoseconds)) },
    wall: { Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1e9)) },
    wait: { span, monitor in
      let slice = TimeSpan.milliseconds(50)
      var left = span
      while left > .zero {
        try monitor.checkCancelled()
        let step = min(left, slice)
        Thread.sleep(forTimeInterval: step.seconds)
        left = TimeSpan(nanoseconds: left.nanoseconds - step.nanoseconds)
      }
      try monitor.checkCancelled()
    })
}
