internal import Foundation
public import HogaCore
public import HogaLake
internal import Synchronization

/// Imports candles and what comes with them from files: the archive's zip and CSV, Feather, and text
/// that a mapping describes.
///
/// A lake's file of candles holds all symbols of a day. The rows of other symbols that are there stay,
/// and the file is written anew; whose rows came from which files is kept in its footer. A symbol's
/// day that was made from other files is replaced only where nothing is lost by it, or on demand.
///
/// Files are read in parallel and in the order of the days that their names say; what a day has is
/// kept in memory, beyond 512 MiB in a file, until no other input can have rows of it. Then the day
/// is merged and written, still hidden. All days become visible together at the end, or none.
public struct KlinesImporter: Sendable {
  public var venue: String
  public var content: KlinesContent
  /// Of bars; taken from the files' names where `nil`.
  public var interval: CandleInterval?
  /// Checked against the files' names, and taken from them (or from a column) where `nil`.
  public var symbol: String?
  public var onError: ErrorPolicy
  /// Files read, and days written, at the same time.
  public var workers: Int
  /// The command that runs, kept in the files it writes.
  public var producer: String
  /// Replace a symbol's day that was made from other files.
  public var replace: Bool
  /// Says what the columns of plain text mean; the archive's layout where `nil`.
  var mapping: CSVMapping?
  /// With a mapping: import these alone.
  var symbols: Set<String>?
  /// Rows that wait in memory before they wait on disk.
  package var memoryLimit = 512 << 20

  public init(
    venue: String, what content: KlinesContent = .klines, interval: CandleInterval? = nil,
    symbol: String? = nil, onError: ErrorPolicy = .stop, workers: Int = 0,
    producer: String = "hoga import klines", replace: Bool = false
  ) {
    self.venue = venue
    self.content = content
    self.interval = interval
    self.symbol = symbol
    self.onError = onError
    self.workers = workers > 0 ? workers : min(16, ProcessInfo.processInfo.activeProcessorCount)
    self.producer = producer
    self.replace = replace
  }

  /// How much later than its stamp a row of a file is known, by the stamp.
  func delay(_ days: ClosedRange<CivilDate>?) -> @Sendable (Int64) -> Int64 {
    guard content == .metrics else { return { _ in 0 } }
    let venue = venue
    return { MetricsLabel.delay(venue: venue, days: days, stamp: $0) }
  }

  /// Imports files into a lake, all together or not at all.
  ///
  /// - Throws: `DataError` for rows that cannot be used (where the policy is to stop), for files of
  ///   another kind or damaged, and for a symbol's day whose rows would be lost; `UsageError` where
  ///   neither name nor setting say symbol or interval, or they disagree; `MissingInputError`,
  ///   `ResourceError`, `JobMonitor.Cancelled`.
  public func run(
    files: [String], into lake: Lake, monitor: JobMonitor = JobMonitor()
  ) throws -> ImportReport {
    guard !files.isEmpty else { throw UsageError("no files to import") }
    let inputs = try files.map { try KlinesInput($0, isMapped: mapping != nil) }
    let table = content.table(try commonInterval(inputs))
    try inputs.forEach(check)
    let transaction = lake.begin(producer: producer, sources: files, replace: replace)
    do {
      var session = KlinesSession(self, table, inputs, lake, transaction)
      try session.run(monitor)
      try transaction.commit()
      if inputs.contains(where: { delay($0.facts.period)(.max) > 0 }) {
        session.report.notes.append(MetricsLabel.note)
      }
      return session.report
    } catch {
      transaction.abandon()
      throw error
    }
  }

  /// - Returns: `nil` for readings.
  private func commonInterval(_ inputs: [KlinesInput]) throws -> CandleInterval? {
    guard content.hasInterval else { return nil }
    var found = interval
    for input in inputs {
      guard let named = input.facts.interval else { continue }
      if let found, found != named {
        throw UsageError(
          "\(input.path): bars of \(named), where \(found) "
            + (interval == nil
              ? "are in other files; import them apart" : "are asked for (--interval)"))
      }
      found = named
    }
    guard let found else {
      throw UsageError("\(inputs[0].path): the name does not say the interval; give --interval")
    }
    return found
  }

  private func check(_ input: KlinesInput) throws {
    if let named = input.facts.symbol, let symbol, named != symbol {
      throw UsageError("\(input.path): the file is of \(named), \(symbol) is asked for (--symbol)")
    }
    let fits: Bool
    switch input.facts.kind {
    case nil: fits = true
    case .bars: fits = content.hasInterval
    case .metrics: fits = content == .metrics
    case .funding, .markPrice: fits = content == .funding
    }
    guard fits else {
      throw UsageError("\(input.path): its name does not say \(content.rawValue) (--what)")
    }
  }
}
