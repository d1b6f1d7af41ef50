internal import HogaCore

/// Small numbers for the orders that live, by their UUIDs.
///
/// Numbers count up from one and are never given again, so a lake's `order_id` is dense and a book
/// finds an order without hashing. The table holds live orders alone, with linear probing; removal
/// shifts back what follows (Knuth, TAOCP 3, section 6.4, algorithm R).
struct OrderNumbers {
  private struct Cell {
    var uuid: OrderUUID
    /// Zero marks a free cell.
    var number: Int64
  }
  private static let free = Cell(uuid: OrderUUID(high: 0, low: 0), number: 0)

  private var cells = [Cell](repeating: Self.free, count: 1024)
  private var mask = 1023
  private(set) var count = 0
  /// The last number given.
  private(set) var last: Int64 = 0

  private func home(of uuid: OrderUUID) -> Int {
    // Random bits by their making, but nobody vouches for foreign data: mixed, after Knuth.
    let mixed = (uuid.high ^ uuid.low &* 0xD6E8_FEB8_6659_FD93) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed >> 32) & mask
  }

  private func index(of uuid: OrderUUID) -> Int {
    var index = home(of: uuid)
    while cells[index].number != 0, cells[index].uuid != uuid { index = (index + 1) & mask }
    return index
  }

  func number(of uuid: OrderUUID) -> Int64? {
    let number = cells[index(of: uuid)].number
    return number == 0 ? nil : number
  }

  /// Gives the next number to an order that has none, or the one asked for.
  mutating func insert(_ uuid: OrderUUID, number: Int64? = nil) -> Int64 {
    if 2 * (count + 1) > mask { grow() }
    if number == nil { last += 1 }
    cells[index(of: uuid)] = Cell(uuid: uuid, number: number ?? last)
    count += 1
    return number ?? last
  }

  mutating func remove(_ uuid: OrderUUID) {
    var hole = index(of: uuid)
    guard cells[hole].number != 0 else { return }
    count -= 1
    var index = (hole + 1) & mask
    while cells[index].number != 0 {
      if (index &- home(of: cells[index].uuid)) & mask >= (index &- hole) & mask {
        cells[hole] = cells[index]
        hole = index
      }
      index = (index + 1) & mask
    }
    cells[hole] = Self.free
  }

  /// Forgets all orders; numbers go on counting.
  mutating func removeAll() {
    for index in cells.indices { cells[index] = Self.free }
    count = 0
  }

  /// The orders that live, by number.
  var all: [(number: Int64, uuid: OrderUUID)] {
    cells.filter { $0.number != 0 }.map { ($0.number, $0.uuid) }.sorted { $0.0 < $1.0 }
  }

  private mutating func grow() {
    let old = cells
    mask = 2 * mask + 1
    cells = [Cell](repeating: Self.free, count: mask + 1)
    for cell in old where cell.number != 0 { cells[index(of: cell.uuid)] = cell }
  }
}
