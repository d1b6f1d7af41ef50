internal import Foundation
public import HogaCore

/// Imports LOBSTER days: a message file and its order-book file, plain or packed.
///
/// Writes, under the venue `lobster` and the date in New York:
/// - `orders`: every message. `side` is the resting order's; a halt has neither side nor price.
/// - `book`: every row of the order-book file; levels that LOBSTER fills with ±9999999999 are null.
/// - `trades`: executions of visible (4) and hidden (5) orders and cross trades (6). The aggressor
///   is opposite to the resting order. LOBSTER gives a direction for hidden executions as well:
///   that of the hidden resting order. A cross has no aggressor.
/// - `status`: halts (7): price −1 `halted`, 0 `quoting` resumes, 1 `trading` resumes.
///
/// `sequence` is the row in the files, the same for all tables. Times are seconds after midnight in
/// New York, read digit by digit (`43002.632812672004`, as some files print binary floats, counts as
/// its nanosecond, and is reported); the feed has one clock, so `arrival` equals `time`. Prices have
/// four decimals, sizes are shares.
///
/// Source of the format: LOBSTER, "Output structure", as in the read-me of its samples.
public struct LobsterImporter: LakeImporter {
  /// Checked against the files' names; taken from them where `nil`.
  public var symbol: String?
  public var date: CivilDate?
  public var onError: ErrorPolicy
  public var producer: String
  public var replace: Bool

  public static let venue = "lobster"
  public static let maximumLevels = 200

  public init(
    symbol: String? = nil, date: CivilDate? = nil, onError: ErrorPolicy = .stop,
    producer: String = "hoga import lobster", replace: Bool = false
  ) {
    self.symbol = symbol
    self.date = date
    self.onError = onError
    self.producer = producer
    self.replace = replace
  }

  /// Imports one or more days.
  ///
  /// - Parameter files: archives that hold pairs, or the pairs' files in any order.
  /// - Throws: Besides what every importer throws, `DataError` always where the two files disagree,
  ///   and `UsageError` where the names say another symbol or date.
  public func run(
    files: [String], into sink: any ImportSink, monitor: JobMonitor
  ) throws -> ImportReport {
    let pairs = try pairs(files)
    monitor.begin(
      "importing LOBSTER",
      total: pairs.reduce(0) { $0 + $1.message.diskBytes + $1.orderbook.diskBytes }, unit: "bytes")
    var report = ImportReport()
    var log = RejectionLog(onError)
    var counter = Counter()
    for pair in pairs {
      let session = LobsterSession(pair, sink: sink)
      try session.run(log: &log) { try monitor.advance(by: $0) }
      session.add(to: &report, &counter)
      report.files += [pair.message.name, pair.orderbook.name]
    }
    report.rejections = log.rejections
    report.counts = counter.counts.filter { $0.count > 0 }
    return report
  }

  struct Pair {
    var symbol: String
    var date: CivilDate
    /// As the name says, or `nil`.
    var levels: Int?
    var message: InputFile
    var orderbook: InputFile
  }

  private func pairs(_ files: [String]) throws -> [Pair] {
    guard !files.isEmpty else { throw UsageError("no files to import") }
    var messages: [InputFile] = []
    var orderbooks: [InputFile] = []
    for path in files {
      let contents = try InputFile.contents(of: path)
      for file in contents {
        switch LobsterName.kind(of: file.baseName) {
        case .message: messages.append(file)
        case .orderbook: orderbooks.append(file)
        case nil:
          // Archives carry a read-me.
          guard contents.count > 1 else {
            throw UsageError("\(path): the name contains neither 'message' nor 'orderbook'")
          }
        }
      }
    }
    guard messages.count == orderbooks.count, !messages.isEmpty else {
      throw MissingInputError(
        "a message file and an order-book file are needed for each day; there are "
          + "\(messages.count) and \(orderbooks.count)")
    }
    func key(_ file: InputFile) -> String {
      file.baseName.lowercased().replacing("orderbook", with: "message")
    }
    messages.sort { key($0) < key($1) }
    orderbooks.sort { key($0) < key($1) }
    return try zip(messages, orderbooks).map { try pair($0, $1) }
  }

  private func pair(_ message: InputFile, _ orderbook: InputFile) throws -> Pair {
    let names = [message, orderbook].compactMap { LobsterName($0.baseName) }
    for name in names {
      if let symbol, symbol.lowercased() != name.symbol.lowercased() {
        throw UsageError("the symbol is given as \(symbol), but the file is of \(name.symbol)")
      }
      if let date, date != name.date {
        throw UsageError("the date is given as \(date), but the file is of \(name.date)")
      }
    }
    if names.count == 2 {
      guard names[0].symbol == names[1].symbol, names[0].date == names[1].date,
        names[0].levels == names[1].levels
      else {
        throw DataError(
          "is not the order book of \(message.baseName): symbol, date or levels differ",
          file: orderbook.name)
      }
    }
    guard let symbol = symbol ?? names.first?.symbol else {
      throw UsageError("the files' names do not say the symbol; give --symbol")
    }
    guard let date = date ?? names.first?.date else {
      throw UsageError("the files' names do not say the date; give --date")
    }
    return Pair(
      symbol: symbol.uppercased(), date: date, levels: names.first?.levels, message: message,
      orderbook: orderbook)
  }
}
