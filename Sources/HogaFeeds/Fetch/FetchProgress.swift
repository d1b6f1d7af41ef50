internal import HogaCore
internal import Synchronization

/// Says on the way how many symbols are done; the monitor itself shows bytes and the time left.
final class FetchProgress: Sendable {
  private struct State {
    var open: [String: Int] = [:]
    var done = 0
    var symbols = 0
  }
  private let activity: String
  private let monitor: JobMonitor
  private let state: Mutex<State>

  /// - Parameter symbols: one entry per piece of work.
  init(_ activity: String, symbols: [String], total: Int64, unit: String, monitor: JobMonitor) {
    var start = State()
    for symbol in symbols { start.open[symbol, default: 0] += 1 }
    start.symbols = start.open.count
    self.activity = activity
    self.monitor = monitor
    state = Mutex(start)
    monitor.begin(Self.text(activity, start), total: total, unit: unit)
  }

  /// One piece of a symbol's work is done.
  func finish(_ symbol: String) {
    state.withLock { state in
      state.open[symbol, default: 1] -= 1
      if state.open[symbol] == 0 { state.done += 1 }
      monitor.describe(Self.text(activity, state))
    }
  }

  private static func text(_ activity: String, _ state: State) -> String {
    "\(activity), \(state.done) of \(state.symbols) symbols"
  }
}
