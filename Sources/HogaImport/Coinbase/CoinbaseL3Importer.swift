public import HogaCore

/// Imports Coinbase's full channel: every order of one product, with whole books before or between.
///
/// Files hold messages (`received`, `open`, `done`, `match`, `change`) and whole books (`bids`,
/// `asks`, `sequence`) as JSON objects, one on each line or in a list, plain or packed. Two passes:
/// the first looks for the decimals of prices, the second reads, checks sequence numbers, keeps the
/// book and writes, under the venue `coinbase` and the UTC date of the messages:
/// - `orders`: what changes the book, and whole books as `snapshot` rows.
/// - `order_ids`: the UUID of each `order_id`. Numbers count up from one and are never used again.
/// - `trades`: all matches. `aggressor` is the taker's side.
///
/// `sequence` is Coinbase's own. The feed's copies carry no local time, so `arrival` is the
/// message's time, and where that goes backward, the latest before it.
///
/// **Book.** A snapshot that arrives while the book is unknown is brought up to date with the
/// messages that came before it and that it does not contain; one that it cannot be joined with is
/// counted and not used. Messages that a snapshot contains already are skipped and counted. Where
/// numbers are missing, a `gap` row says that the book is stale until the next snapshot; repeated
/// messages are counted. A snapshot without a time is dated by the message after it. A partition
/// that begins while a book runs begins with that book, so that every partition can be replayed on
/// its own.
///
/// **What does not fit** (an execution of an order that is not there, more than is left of it, at
/// another price) is an error: with all messages there, it cannot be.
///
/// Source of the format: Coinbase Exchange, "WebSocket channels: full channel", and "Get product
/// book", level 3.
public struct CoinbaseL3Importer: LakeImporter {
  /// Such as `BTC-USD`; messages of other products are counted and left out.
  public var symbol: String
  public var onError: ErrorPolicy
  /// Decimals of prices; found in the first megabytes of each file where not given.
  public var priceDecimals: Int?
  /// Coinbase counts sizes in 10⁻⁸ almost everywhere.
  public var sizeDecimals: Int
  /// The command that runs, kept in the files it writes.
  public var producer: String
  /// Replace partitions that were made from other files.
  public var replace: Bool

  public static let venue = "coinbase"
  /// The table that holds the UUIDs.
  public static let orderIDs = "order_ids"

  /// What the first pass reads of each file.
  private static let probeBytes: Int64 = 16 << 20

  public init(
    symbol: String, onError: ErrorPolicy = .stop, priceDecimals: Int? = nil, sizeDecimals: Int = 8,
    producer: String = "hoga import coinbase-l3", replace: Bool = false
  ) {
    self.symbol = symbol.uppercased()
    self.onError = onError
    self.priceDecimals = priceDecimals
    self.sizeDecimals = sizeDecimals
    self.producer = producer
    self.replace = replace
  }

  /// Imports files, given in the order of their time: a snapshot before the messages that go on
  /// from it, or among them.
  ///
  /// - Throws: Besides what every importer throws, `DataError` for files without a message or
  ///   snapshot of the product.
  public func run(
    files: [String], into sink: any ImportSink, monitor: JobMonitor
  ) throws -> ImportReport {
    guard !symbol.isEmpty else { throw UsageError("the symbol is empty") }
    for decimals in [priceDecimals, sizeDecimals].compactMap({ $0 })
    where !(0...12).contains(decimals) {
      throw UsageError("decimals must be from 0 to 12, not \(decimals)")
    }
    let inputs = try files.flatMap { try InputFile.contents(of: $0) }
    guard !inputs.isEmpty else { throw UsageError("no files to import") }
    let decimals = try priceDecimals ?? measure(inputs, monitor)
    let instrument = Instrument(
      venue: Self.venue, symbol: symbol, priceDecimals: decimals, sizeDecimals: sizeDecimals)
    var session = CoinbaseSession(instrument: instrument, policy: onError, sink: sink)
    monitor.begin(
      "importing \(symbol)", total: inputs.reduce(0) { $0 + $1.diskBytes }, unit: "bytes")
    for input in inputs {
      try session.read(input) { try monitor.advance(by: $0) }
    }
    return try session.finish(files: inputs.map(\.name))
  }

  /// The most decimals that a price has before its zeros.
  private func measure(_ inputs: [InputFile], _ monitor: JobMonitor) throws -> Int {
    monitor.begin(
      "reading decimals", total: inputs.reduce(0) { $0 + min($1.diskBytes, Self.probeBytes) },
      unit: "bytes")
    let symbol = Array(symbol.utf8)
    var most = 0
    for input in inputs {
      var reader = JSONObjectReader(try input.open()) { try monitor.advance(by: $0) }
      var scanner = CoinbaseScanner()
      while reader.bytesRead <= Self.probeBytes, try reader.next() {
        guard reader.kind == .object else { continue }
        let failure = unsafe scanner.scan(reader.object) { entry in
          unsafe most = max(most, Self.decimals(of: entry.price))
          return true
        }
        guard failure == nil, unsafe scanner.product.equalsIgnoringCase(symbol) else { continue }
        unsafe most = max(most, Self.decimals(of: scanner.price))
      }
    }
    return min(most, 12)
  }

  private static func decimals(of text: UnsafeBufferPointer<UInt8>) -> Int {
    guard let point = unsafe text.firstIndex(of: 0x2e),
      let last = unsafe text.lastIndex(where: { $0 != 0x30 })
    else { return 0 }
    return max(0, last - point)
  }
}
