public import HogaCore
public import HogaStatistics
internal import Synchronization

/// Every backtest that was tried on a lake's data, in an SQLite database beside it.
///
/// A Sharpe ratio can only be judged by who knows how many were tried. Any number of processes and threads
/// may write at once: each trial is one transaction, so a process that is killed loses at most the one
/// it was recording. The database uses SQLite's rollback journal and not its write-ahead log: that
/// leaves one file between writes, and can be read from a folder that cannot be written to.
public final class TrialLedger: Sendable {
  public let path: String
  private let connection: Mutex<SQLiteConnection>

  public static let fileName = "ledger.sqlite"

  /// The ledger's place in a lake.
  public static func path(inLake root: String) -> String { "\(root)/\(fileName)" }

  /// What recording a trial did.
  public enum Recording: Hashable, Sendable {
    /// It was not there.
    case added
    /// It was there with these results.
    case unchanged
    /// It was there with other results, which are now replaced: the data or the program has changed.
    case replaced(fingerprint: UInt64)
  }

  /// Opens a ledger.
  ///
  /// - Parameters:
  ///   - path: of the file.
  ///   - creating: makes an empty one where there is none. The folder has to be there.
  ///   - patience: how long to wait while other processes write.
  /// - Throws: `MissingInputError` where there is none; `DataError` where the file is no ledger, is
  ///   damaged, or was written by a newer version; `ResourceError`.
  public init(
    _ path: String, creating: Bool, patience: TimeSpan = .seconds(60)
  ) throws {
    self.path = path
    if !creating, !LedgerFile.exists(path) {
      throw MissingInputError("\(path): no backtest was recorded here")
    }
    if creating, !LedgerFile.exists(LedgerFile.folder(of: path)) {
      throw MissingInputError("\(path): the folder is not there")
    }
    let opened = try SQLiteConnection(path, creating: creating, patience: patience)
    try LedgerSchema.prepare(opened, creating: creating)
    connection = Mutex(opened)
  }

  /// Records a trial: equal data, strategy, configuration and seed are one trial, however often it is
  /// tried.
  ///
  /// What is already there keeps its time of recording, and its returns where the new one has none.
  ///
  /// - Throws: `UsageError` for a trial that makes no sense, `ResourceError`; the ledger is then as it
  ///   was.
  @discardableResult
  public func record(_ trial: Trial) throws -> Recording {
    try trial.validate()
    return try connection.withLock { connection in
      try connection.transaction(writing: true) { try LedgerSchema.record(trial, $0) }
    }
  }

  /// The trials on markets and days, in the order in which they were first recorded.
  ///
  /// - Parameters: each narrows the list; `nil` takes all.
  ///   - withReturns: reads return series too, which are most of the file.
  public func trials(
    venue: String? = nil, symbol: String? = nil, dates: ClosedRange<CivilDate>? = nil,
    withReturns: Bool = false
  ) throws -> TrialSet {
    try connection.withLock { connection in
      try connection.transaction(writing: false) {
        TrialSet(
          try LedgerSchema.trials(
            $0, venue: venue, symbol: symbol, dates: dates, withReturns: withReturns))
      }
    }
  }

  /// The trials that share a market and a day with `data`.
  public func trials(on data: TrialData, withReturns: Bool = false) throws -> TrialSet {
    let all = try trials(dates: data.dates, withReturns: withReturns)
    return TrialSet(all.trials.filter { $0.data.overlaps(data) })
  }

  /// How many trials share a market and a day with `data`.
  public func count(on data: TrialData) throws -> Int { try trials(on: data).count }

  /// The sample variance of Sharpe ratios, per `period`, of the trials on `data`; `nil` of fewer than two.
  public func varianceOfSharpe(on data: TrialData, per period: TimeSpan) throws -> Double? {
    try trials(on: data).sharpeVariance(per: period)
  }

  /// Judges a Sharpe ratio, per `period`, by all trials on its data.
  ///
  /// The trial itself should be recorded before.
  ///
  /// - Returns: `nil` where several trials were made and fewer than two of them have a ratio, and
  ///   where none was recorded.
  public func deflated(
    _ estimate: SharpeEstimate, per period: TimeSpan, on data: TrialData
  ) throws -> DeflatedSharpe? {
    estimate.deflated(by: try trials(on: data).summary(per: period))
  }
}
