import Synchronization

/// Lets long work say how far it is, and lets people stop it.
///
/// Work calls `advance` from any thread, as often as it likes but not per row: per chunk. Whoever
/// shows progress reads `snapshot`. The work itself knows neither clock nor terminal.
public final class JobMonitor: Sendable {
  public struct Snapshot: Sendable {
    /// What is being done now: `importing usdm_btcusdt.gz`.
    public var activity: String
    public var done: Int64
    /// `nil` where the end is not known.
    public var total: Int64?
    /// What is counted: `bytes`, `rows`, `events`, `folds`.
    public var unit: String
    /// How many activities were begun before this one.
    public var stage: Int
  }

  /// The work was stopped on request. Exit code 130, as shells expect of Ctrl-C.
  public struct Cancelled: Error, CustomStringConvertible {
    public var description: String { "stopped; nothing half-written was left behind" }
    public init() {}
  }

  private let state = Mutex(Snapshot(activity: "", done: 0, total: nil, unit: "", stage: 0))
  private let cancelled = Atomic(false)

  public init() {}

  public var snapshot: Snapshot { state.withLock { $0 } }

  /// Begins a piece of work; counts restart at zero.
  public func begin(_ activity: String, total: Int64? = nil, unit: String) {
    state.withLock {
      $0 = Snapshot(activity: activity, done: 0, total: total, unit: unit, stage: $0.stage + 1)
    }
  }

  /// Says anew what is being done, without beginning anything: `fetching, 12 of 50 symbols`.
  public func describe(_ activity: String) {
    state.withLock { $0.activity = activity }
  }

  /// Counts work as done.
  ///
  /// - Throws: `Cancelled` once someone asked to stop, so that the caller unwinds and cleans up.
  public func advance(by count: Int64) throws(Cancelled) {
    state.withLock { $0.done += count }
    try checkCancelled()
  }

  public func checkCancelled() throws(Cancelled) {
    if cancelled.load(ordering: .relaxed) { throw Cancelled() }
  }

  /// Asks the work to stop at its next step. Safe to call from any thread.
  public func cancel() { cancelled.store(true, ordering: .relaxed) }
}
