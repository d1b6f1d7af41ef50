internal import HogaCore

/// Decides which depth messages continue a known book, by Binance's update ids.
///
/// Source: Binance, "How to manage a local order book correctly", for spot and for futures. Sizes
/// are absolute, so a message that overlaps what is known is as good as one that continues it:
/// - spot: message `[U, u]` after update `n` is next where `U ≤ n + 1 ≤ u`;
/// - futures: ids are shared by all symbols and leave holes, and `pu` names the symbol's update
///   before the message: it is next where `pu ≤ n < u`. The exchange's own `pu = n`, and its
///   `U ≤ L ≤ u` after a snapshot `L`, are cases of this.
///
/// It holds no levels: the importer does as told.
package struct DepthSynchronizer: Sendable {
  package enum Numbering: Sendable { case spot, futures }

  package struct Message: Hashable, Sendable {
    package var first: Int64
    package var last: Int64
    /// Futures only; ignored for spot.
    package var previous: Int64

    package init(first: Int64, last: Int64, previous: Int64 = Column.missing) {
      self.first = first
      self.last = last
      self.previous = previous
    }
  }

  package enum DiffAction: Hashable, Sendable {
    /// It continues the book.
    case apply
    /// All of it is known already.
    case drop
    /// There is no book that it could change: keep it for the next snapshot.
    case keep
    /// Messages are missing before it: the book is stale. Forget what was kept, then keep this one.
    case gap
  }

  package enum SnapshotAction: Hashable, Sendable {
    /// Begin a new book with it, then apply the kept messages from this one on.
    case apply(keptFrom: Int)
    /// Messages between it and the first one kept are missing, or the book is further already: it
    /// cannot be brought up to date.
    case tooOld
  }

  package let numbering: Numbering
  /// The last update of the running book; `nil` while there is none.
  package private(set) var last: Int64?
  /// The last update of the messages kept while there is no book.
  private var lastKept: Int64?

  package init(_ numbering: Numbering) { self.numbering = numbering }

  package var isSynchronized: Bool { last != nil }

  package mutating func receive(_ message: Message) -> DiffAction {
    if let known = last {
      guard message.last > known else { return .drop }
      if continues(message, after: known) {
        last = message.last
        return .apply
      }
      last = nil
      lastKept = message.last
      return .gap
    }
    guard let known = lastKept else {
      lastKept = message.last
      return .keep
    }
    guard message.last > known else { return .drop }
    lastKept = message.last
    return continues(message, after: known) ? .keep : .gap
  }

  /// - Parameter kept: messages that arrived before, each continuing the one before it. While the
  ///   book runs, they may be the latest it was built from.
  package mutating func receive(
    snapshot update: Int64, kept: some RandomAccessCollection<Message>
  ) -> SnapshotAction {
    var index = 0
    for message in kept {
      if message.last > update {
        guard continues(message, after: update) else { return .tooOld }
        break
      }
      index += 1
    }
    let reached = index < kept.count ? kept.last!.last : update
    // A running book is never set back.
    if let last, reached < last { return .tooOld }
    last = reached
    lastKept = nil
    return .apply(keptFrom: index)
  }

  /// Whether a message is the next one after an update.
  package func continues(_ message: Message, after known: Int64) -> Bool {
    switch numbering {
    // Written so that no id can overflow.
    case .spot: message.first <= known || message.first - 1 == known
    case .futures: message.previous <= known
    }
  }
}

/// The latest depth messages with their levels, so that a snapshot that is older than the feed can
/// be brought up to date.
struct DepthHistory {
  struct Entry {
    var message: DepthSynchronizer.Message
    var time: Int64
    var bidCount: Int
    /// Prices and sizes in turn, bids first.
    var levels: Range<Int>
  }

  /// A snapshot takes about a second to arrive: a hundred messages. These bounds hold minutes.
  private static let maximumEntries = 4096
  private static let maximumValues = 1 << 20

  private(set) var entries: [Entry] = []
  private(set) var values: [Int64] = []

  mutating func removeAll() {
    entries.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
  }

  mutating func append(
    _ message: DepthSynchronizer.Message, time: Int64, bids: UnsafeBufferPointer<Int64>,
    asks: UnsafeBufferPointer<Int64>
  ) {
    if entries.count >= Self.maximumEntries || values.count >= Self.maximumValues { forgetHalf() }
    let start = values.count
    unsafe values.append(contentsOf: bids)
    unsafe values.append(contentsOf: asks)
    entries.append(
      Entry(
        message: message, time: time, bidCount: bids.count / 2, levels: start..<values.count))
  }

  private mutating func forgetHalf() {
    let count = entries.count / 2
    guard count > 0 else { return removeAll() }
    let offset = entries[count].levels.lowerBound
    values.removeFirst(offset)
    entries.removeFirst(count)
    for index in entries.indices {
      let levels = entries[index].levels
      entries[index].levels = (levels.lowerBound - offset)..<(levels.upperBound - offset)
    }
  }
}
