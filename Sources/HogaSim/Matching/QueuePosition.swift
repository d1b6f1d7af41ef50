internal import HogaCore

/// What an order's queue did, from its entry to its end, in lots.
public struct QueueRecord: Hashable, Sendable {
  /// In front when it joined; `nil` where its price was beyond the levels that the source shows.
  public var entry: Double?
  /// What was taken from the front by trades.
  public var traded = 0.0
  /// What was taken from the front by cancels, as the model has it.
  public var cancelled = 0.0
  /// Still in front; 0 at the front.
  public var front: Double?
}

/// A resting order's place in the queue at its price.
///
/// The front is a number of lots, of which a model may cancel fractions; below zero it says how much
/// of a print has reached the order. It never grows.
struct QueuePosition: Hashable, Sendable {
  /// In lots; `unseen` where the price is beyond what the source shows.
  private(set) var front: Double
  private(set) var record: QueueRecord
  /// Lots printed at the price since the level last changed: the next change contains them.
  private var printed: Int64 = 0
  /// Among the orders of the true queue.
  var place: OrderByOrderBook.Place?

  private static let unseen = Double.greatestFiniteMagnitude

  /// - Parameters:
  ///   - lots: what is shown at the price; `nil` where nobody knows.
  init(behind lots: Int64?) {
    front = lots.map { Double($0) } ?? Self.unseen
    record = QueueRecord(entry: lots.map { Double($0) })
  }

  var isUnseen: Bool { front == Self.unseen }
  /// Lots in front, or `nil` where nobody knows.
  var ahead: Double? { isUnseen ? nil : max(0, front) }
  /// Lots of the last print that have come as far as this order.
  var reached: Int64 { front <= -1 ? Int64((-front).rounded(.down)) : 0 }

  var summary: QueueRecord {
    var summary = record
    summary.front = ahead
    return summary
  }

  /// A trade printed at the price.
  ///
  /// - Parameters:
  ///   - left: what own orders before this one have left of it.
  ///   - whole: all of it: what the level is about to lose.
  mutating func printed(_ left: Int64, of whole: Int64) {
    guard !isUnseen else { return }
    let before = max(0, front)
    front -= Double(left)
    record.traded += before - max(0, front)
    printed += whole
  }

  /// The order got so many lots of what reached it.
  mutating func took(_ lots: Int64) { if front < 0 { front = min(0, front + Double(lots)) } }

  /// The size shown at the price changed.
  ///
  /// - Parameter scale: lots of a unit or contract.
  mutating func changed(from old: Int64, to new: Int64, _ model: QueueModel, scale: Double) {
    // Out of view the order waits where it is.
    guard new != LevelChange.outOfView else { return }
    let shown = Double(new)
    guard !isUnseen else {
      if new > 0 {
        front = shown
        record.entry = shown
      }
      return
    }
    let before = max(0, front)
    let cancelled = Double(old) - shown - Double(printed)
    printed = 0
    if model == .riskAverse || cancelled < 0 {
      front = min(front, shown)
    } else {
      let back = Double(old) - front
      let share = model.shareBehind(front: max(0, front) / scale, back: max(0, back) / scale)
      // Where the model takes more from behind than stands there, the rest comes from the front.
      let excess = min(back - share * cancelled, 0)
      front = min(front - (1 - share) * cancelled + excess, shown)
    }
    record.cancelled += before - max(0, front)
  }

  /// In the true queue: an order in front was executed or cancelled.
  mutating func lost(_ lots: Int64, traded: Bool) {
    let loss = min(Double(lots), front)
    front -= loss
    if traded { record.traded += loss } else { record.cancelled += loss }
  }

  /// In the true queue: the book came anew, and so many lots are in front.
  mutating func rebuilt(ahead lots: Int64) {
    record.cancelled += max(0, front - Double(lots))
    front = min(front, Double(lots))
  }
}
