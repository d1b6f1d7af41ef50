package import HogaCore

/// Sorts rows that are late by a bounded time.
///
/// A heap by (arrival, line); a row leaves once one has come that is later by the window. Rows are
/// stored in slots of one array, so that a row in flight costs its cells and 24 bytes.
package struct ReorderBuffer {
  package struct Row {
    package var arrival: Int64
    /// The line's place over all files: keeps equal times in the file's order.
    package var ordinal: Int64
    var slot: Int
  }

  /// Rows in flight: beyond this, the window is too long for the memory.
  static let maximumRows = 1 << 22

  private let window: Int64
  private let width: Int
  private var heap: [Row] = []
  private var cells: [Int64] = []
  private var freeSlots: [Int] = []
  private var latest = Int64.min

  /// - Parameter width: values of a row.
  package init(window: TimeSpan, width: Int) {
    self.window = window.nanoseconds
    self.width = width
  }

  package var count: Int { heap.count }

  package mutating func insert(arrival: Int64, ordinal: Int64, _ values: [Int64]) throws {
    guard heap.count < Self.maximumRows else {
      throw ResourceError(
        "more than \(Self.maximumRows) rows fall into the reorder window; make it shorter")
    }
    latest = max(latest, arrival)
    let slot: Int
    if let free = freeSlots.popLast() {
      slot = free
      for index in 0..<width { cells[slot * width + index] = values[index] }
    } else {
      slot = cells.count / width
      cells.append(contentsOf: values)
    }
    heap.append(Row(arrival: arrival, ordinal: ordinal, slot: slot))
    siftUp()
  }

  /// Takes the earliest row out, if no row may still come before it.
  ///
  /// - Parameter isEnd: no rows will come at all.
  package mutating func next(into values: inout [Int64], isEnd: Bool) -> Row? {
    guard let first = heap.first else { return nil }
    let (limit, overflow) = first.arrival.addingReportingOverflow(window)
    guard isEnd || (!overflow && limit <= latest) else { return nil }
    for index in 0..<width { values[index] = cells[first.slot * width + index] }
    freeSlots.append(first.slot)
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      siftDown()
    }
    return first
  }

  private func precedes(_ left: Row, _ right: Row) -> Bool {
    (left.arrival, left.ordinal) < (right.arrival, right.ordinal)
  }

  private mutating func siftUp() {
    var index = heap.count - 1
    while index > 0, precedes(heap[index], heap[(index - 1) / 2]) {
      heap.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  private mutating func siftDown() {
    var index = 0
    while true {
      var least = index
      for child in [2 * index + 1, 2 * index + 2]
      where child < heap.count && precedes(heap[child], heap[least]) {
        least = child
      }
      guard least != index else { return }
      heap.swapAt(index, least)
      index = least
    }
  }
}
