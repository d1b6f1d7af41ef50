/// The levels of one side, best first by index.
///
/// Stored as two contiguous arrays with the best level last, so that the busy end moves little
/// memory: an update at depth `d` costs O(d) moves, and the best price is O(1).
public struct BookSide: Sendable {
  public let side: Side
  /// The largest size that readers of outside data let in: sums of 8,000 such levels still fit.
  public static let largestLots: Int64 = 1 << 50
  /// Ticks times the side's sign, ascending: the best level is last on both sides.
  @usableFromInline var keys: [Int64] = []
  @usableFromInline var sizes: [Int64] = []
  /// The sum of all levels' sizes, modulo 2⁶⁴: readers of outside data bound sizes, see
  /// `largestLots`.
  public private(set) var totalLots: Int64 = 0
  @usableFromInline let sign: Int64

  public init(_ side: Side) {
    self.side = side
    sign = side.sign
    keys.reserveCapacity(64)
    sizes.reserveCapacity(64)
  }

  @inlinable public var count: Int { keys.count }
  @inlinable public var isEmpty: Bool { keys.isEmpty }

  /// The price of the level `depth` steps from the best, which is 0.
  @inlinable public func ticks(at depth: Int) -> Int64 { sign &* keys[keys.count - 1 - depth] }
  /// The size of the level `depth` steps from the best, which is 0.
  @inlinable public func lots(at depth: Int) -> Int64 { sizes[sizes.count - 1 - depth] }

  /// - Precondition: the side is not empty.
  @inlinable public var bestTicks: Int64 { ticks(at: 0) }
  @inlinable public var bestLots: Int64 { lots(at: 0) }

  /// The size shown at a price, zero where there is no level.
  public func lots(atTicks ticks: Int64) -> Int64 {
    let index = position(of: sign &* ticks)
    return index < keys.count && keys[index] == sign &* ticks ? sizes[index] : 0
  }

  /// Sets the size shown at a price; zero removes the level.
  ///
  /// - Precondition: `lots` is not negative.
  public mutating func set(ticks: Int64, lots: Int64) {
    precondition(lots >= 0, "a level cannot show \(lots) lots")
    let key = sign &* ticks  // the null of outside data is Int64.min
    let index = position(of: key)
    if index < keys.count, keys[index] == key {
      totalLots &+= lots - sizes[index]
      if lots == 0 {
        keys.remove(at: index)
        sizes.remove(at: index)
      } else {
        sizes[index] = lots
      }
    } else if lots > 0 {
      totalLots &+= lots
      keys.insert(key, at: index)
      sizes.insert(lots, at: index)
    }
  }

  /// Removes every level, keeping the memory.
  public mutating func removeAll() {
    keys.removeAll(keepingCapacity: true)
    sizes.removeAll(keepingCapacity: true)
    totalLots = 0
  }

  /// Adds a level better than all others here; how a whole side is loaded, from its worst level.
  ///
  /// - Returns: false, changing nothing, where `ticks` is not better than the best.
  /// - Precondition: `lots` is above zero.
  public mutating func pushBetter(ticks: Int64, lots: Int64) -> Bool {
    precondition(lots > 0, "a level cannot show \(lots) lots")
    guard keys.isEmpty || sign &* ticks > keys[keys.count - 1] else { return false }
    keys.append(sign &* ticks)
    sizes.append(lots)
    totalLots &+= lots
    return true
  }

  /// Replaces all levels by those of a row of cells, best first: price and size, `stride` apart.
  ///
  /// Levels without a price or size are left out.
  /// - Returns: the first level that is not worse than the one before it, or `nil` if all are.
  mutating func load(_ cells: Span<Int64>, from start: Int, stride: Int, levels: Int) -> Int? {
    let sign = sign
    var count = 0
    var cell = start
    for _ in 0..<levels {
      if cells[cell] != Column.missing, cells[cell + 1] > 0 { count += 1 }
      cell += stride
    }
    if keys.count != count {
      keys.removeAll(keepingCapacity: true)
      sizes.removeAll(keepingCapacity: true)
      keys.append(contentsOf: repeatElement(0, count: count))
      sizes.append(contentsOf: repeatElement(0, count: count))
    }
    var place = count
    var total: Int64 = 0
    var bound = Int64.max
    cell = start
    for level in 0..<levels {
      if cells[cell] != Column.missing, cells[cell + 1] > 0 {
        let key = sign &* cells[cell]
        guard key < bound else { return level }
        bound = key
        place -= 1
        keys[place] = key
        sizes[place] = cells[cell + 1]
        total &+= cells[cell + 1]
      }
      cell += stride
    }
    totalLots = total
    return nil
  }

  /// The first index whose key is not below `key`, found from the busy end.
  private func position(of key: Int64) -> Int {
    var high = keys.count
    // Most updates are near the touch: gallop from the end, then bisect what is left.
    var step = 1
    while high - step >= 0, keys[high - step] >= key {
      high -= step
      step *= 2
    }
    var low = max(0, high - step)
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
