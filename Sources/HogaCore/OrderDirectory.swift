/// Finds the place of an order by its number, without hashing where numbers are dense.
///
/// Numbers that count up, as importers give them and as exchanges do within a day, are looked up in
/// pages of 256: two loads. A page in which no order lives is used again, so memory follows the
/// number of live orders, not of all there ever were: at most 1 kB for each, when every page holds
/// one that never leaves, and 4 bytes for each 256 numbers given out. Numbers at or above 2³¹ and
/// below zero go to a table with open addressing.
struct OrderDirectory: Sendable {
  private static let pageBits = 8
  private static let pageMask = 255
  private static let largestDense: UInt64 = 1 << 31

  /// The page of each 256 numbers, −1 where there is none.
  private var pageOf: [Int32] = []
  /// Place plus one, 256 for each page; zero where there is no order.
  private var cells: [Int32] = []
  private var liveOnPage: [Int32] = []
  private var freePages: [Int32] = []
  private var sparse = SparseOrders()

  init() {}

  /// The place of an order, or −1.
  func place(of order: Int64) -> Int32 {
    let number = UInt64(bitPattern: order)
    guard number < Self.largestDense else { return sparse.place(of: order) }
    let page = Int(number >> UInt64(Self.pageBits))
    guard page < pageOf.count, pageOf[page] >= 0 else { return -1 }
    return cells[Int(pageOf[page]) << Self.pageBits + Int(order) & Self.pageMask] - 1
  }

  /// - Precondition: the order has no place yet.
  mutating func insert(_ order: Int64, _ place: Int32) {
    let number = UInt64(bitPattern: order)
    guard number < Self.largestDense else { return sparse.insert(order, place) }
    let index = Int(number >> UInt64(Self.pageBits))
    if index >= pageOf.count {
      pageOf.append(contentsOf: repeatElement(-1, count: index + 1 - pageOf.count))
    }
    if pageOf[index] < 0 { pageOf[index] = takePage() }
    let page = Int(pageOf[index])
    liveOnPage[page] += 1
    cells[page << Self.pageBits + Int(order) & Self.pageMask] = place + 1
  }

  private mutating func takePage() -> Int32 {
    if let page = freePages.popLast() { return page }
    cells.append(contentsOf: repeatElement(0, count: Self.pageMask + 1))
    liveOnPage.append(0)
    return Int32(liveOnPage.count - 1)
  }

  /// - Precondition: the order has a place.
  mutating func remove(_ order: Int64) {
    let number = UInt64(bitPattern: order)
    guard number < Self.largestDense else { return sparse.remove(order) }
    let index = Int(number >> UInt64(Self.pageBits))
    let page = Int(pageOf[index])
    cells[page << Self.pageBits + Int(order) & Self.pageMask] = 0
    liveOnPage[page] -= 1
    if liveOnPage[page] == 0 {
      freePages.append(Int32(page))
      pageOf[index] = -1
    }
  }

  /// Forgets all orders, keeping the memory of those that are looked up in pages.
  mutating func removeAll() {
    for index in cells.indices { cells[index] = 0 }
    for index in pageOf.indices { pageOf[index] = -1 }
    for index in liveOnPage.indices { liveOnPage[index] = 0 }
    freePages.removeAll(keepingCapacity: true)
    for page in liveOnPage.indices.reversed() { freePages.append(Int32(page)) }
    sparse = SparseOrders()
  }
}

/// Places of orders whose numbers say nothing, in a table with linear probing.
///
/// Removal shifts back what follows (Knuth, TAOCP 3, section 6.4, algorithm R), so that no marks are
/// left behind and a look-up stays short however many orders came and went.
struct SparseOrders: Sendable {
  private var orders = [Int64](repeating: 0, count: 64)
  /// Place plus one; zero marks a free cell.
  private var places = [Int32](repeating: 0, count: 64)
  private var mask = 63
  private var count = 0

  private func home(of order: Int64) -> Int {
    // Fibonacci hashing (Knuth, as above).
    Int(truncatingIfNeeded: (UInt64(bitPattern: order) &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
  }

  func place(of order: Int64) -> Int32 {
    var index = home(of: order)
    while places[index] != 0 {
      if orders[index] == order { return places[index] - 1 }
      index = (index + 1) & mask
    }
    return -1
  }

  mutating func insert(_ order: Int64, _ place: Int32) {
    if 2 * (count + 1) > mask { grow() }
    var index = home(of: order)
    while places[index] != 0 { index = (index + 1) & mask }
    orders[index] = order
    places[index] = place + 1
    count += 1
  }

  mutating func remove(_ order: Int64) {
    var index = home(of: order)
    while places[index] != 0, orders[index] != order { index = (index + 1) & mask }
    guard places[index] != 0 else { return }
    count -= 1
    var hole = index
    index = (index + 1) & mask
    while places[index] != 0 {
      // Moves back what the hole would cut off from its home.
      let distance = (index &- home(of: orders[index])) & mask
      if distance >= (index &- hole) & mask {
        orders[hole] = orders[index]
        places[hole] = places[index]
        hole = index
      }
      index = (index + 1) & mask
    }
    places[hole] = 0
  }

  private mutating func grow() {
    let (oldOrders, oldPlaces) = (orders, places)
    mask = 2 * mask + 1
    orders = [Int64](repeating: 0, count: mask + 1)
    places = [Int32](repeating: 0, count: mask + 1)
    count = 0
    for index in oldPlaces.indices where oldPlaces[index] != 0 {
      insert(oldOrders[index], oldPlaces[index] - 1)
    }
  }
}
