/// Numbers above zero at the prices of one side of a book: sizes, or places of queues.
///
/// What a book asks all day is near the best price, so a window of prices around it is laid out as
/// an array, one cell per price, with a bit for each cell that is taken and summaries of those bits:
/// a look-up, a change, and the next best price after a removal take a few instructions each,
/// whatever stands between. Prices outside of the window wait in sorted arrays; a change there costs
/// a search and a move of what is nearer to the window.
///
/// The window moves when changes outside of it have cost about as much as laying it out anew, so a
/// feed that jumps back and forth pays for it once in a while and not each time. Memory is fixed,
/// but for the sorted arrays, which keep the most they ever held: nothing is allocated per event.
///
/// Keys are prices in ticks, times −1 for asks: the best is the highest on both sides.
public struct PriceLadder: Sendable {
  /// The keys of the window that are used if none are asked for: 655.36 at two decimals.
  public static let standardWindow = 1 << 16
  /// Keys beyond this, either way, are not for books; readers of outside data refuse them.
  public static let largestKey: Int64 = 1 << 61

  /// The number of keys that have a value.
  public private(set) var count = 0
  /// The highest key that has a value; means nothing while `count` is zero.
  public private(set) var best: Int64 = .min

  /// The value of `base + index`, zero where there is none.
  private var near: [Int64]
  /// A bit for each cell of `near` that is taken.
  private var words: [UInt64]
  /// A bit for each word that may have one: set with the word's bits, and cleared when a search finds
  /// the word empty, so that a change writes without asking.
  private var blocks: [UInt64]
  /// A bit for each block that may have one.
  private var top: UInt64 = 0
  /// The key of the window's first cell.
  private var base: Int64 = 0
  /// Keys below the window, and keys above it.
  private var below = SortedKeys()
  private var above = SortedKeys()
  /// Changes outside of the window since it was laid out.
  private var farChanges = 0

  /// - Parameter window: how many keys lie in the window: a multiple of 4,096 up to 262,144.
  public init(window: Int = PriceLadder.standardWindow) {
    precondition(
      window > 0 && window % 4096 == 0 && window <= 1 << 18, "no window of \(window) prices")
    near = [Int64](repeating: 0, count: window)
    words = [UInt64](repeating: 0, count: window >> 6)
    blocks = [UInt64](repeating: 0, count: window >> 12)
  }

  public var isEmpty: Bool { count == 0 }

  /// The value at a key, zero where there is none.
  public func value(at key: Int64) -> Int64 {
    let index = UInt64(bitPattern: key &- base)
    if index < UInt64(near.count) { return near[Int(index)] }
    return key < base ? below.value(at: key) : above.value(at: key)
  }

  /// Sets the value at a key, zero to have none, and returns the one before.
  ///
  /// - Precondition: the value is not negative; the key is within ±`largestKey`.
  @discardableResult
  public mutating func set(_ value: Int64, at key: Int64) -> Int64 {
    precondition(value >= 0, "a ladder holds no \(value)")
    let index = UInt64(bitPattern: key &- base)
    guard index < UInt64(near.count) else { return setFar(value, at: key) }
    let old = near[Int(index)]
    near[Int(index)] = value
    mark(Int(index), isTaken: value > 0)
    count += (value > 0 ? 1 : 0) - (old > 0 ? 1 : 0)
    if value > 0 {
      if key > best { best = key }
    } else if key == best {
      findBest(below: key)
    }
    return old
  }

  /// Sets one value after another: as `set` for each, several times faster.
  ///
  /// - Parameters:
  ///   - changes: below zero, a size counts as zero.
  ///   - sign: what the changes' prices are multiplied with to be keys.
  /// - Precondition: as for `set`.
  package mutating func apply(_ changes: Span<LevelChange>, sign: Int64) {
    var row = 0
    while row < changes.count {
      row = applyNear(changes, from: row, sign: sign)
      if row < changes.count {
        setFar(max(0, changes[row].lots), at: changes[row].ticks &* sign)
        row += 1
      }
    }
  }

  /// Sets values up to the first outside of the window, and returns its row.
  private mutating func applyNear(
    _ changes: Span<LevelChange>, from first: Int, sign: Int64
  ) -> Int {
    var row = first
    while true {
      let (end, lostBest) = applyNearUntilBestIsLost(changes, from: row, sign: sign)
      guard lostBest else { return end }
      findBest(below: best)
      row = end
    }
  }

  @inline(__always)
  private mutating func applyNearUntilBestIsLost(
    _ changes: Span<LevelChange>, from first: Int, sign: Int64
  ) -> (row: Int, lostBest: Bool) {
    let base = base
    var best = best
    var count = count
    var top = top
    var row = first
    // Out of the struct and back, so that each is an array of its own to the compiler.
    var (cells, cellBits, wordBits): ([Int64], [UInt64], [UInt64]) = ([], [], [])
    swap(&cells, &near)
    swap(&cellBits, &words)
    swap(&wordBits, &blocks)
    defer {
      self.best = best
      self.count = count
      self.top = top
      swap(&cells, &near)
      swap(&cellBits, &words)
      swap(&wordBits, &blocks)
    }
    var near = cells.mutableSpan
    var words = cellBits.mutableSpan
    var blocks = wordBits.mutableSpan
    let size = UInt64(near.count)
    while row < changes.count {
      let change = changes[row]
      let key = change.ticks &* sign
      let offset = UInt64(bitPattern: key &- base)
      guard offset < size else { return (row, false) }
      let cell = Int(truncatingIfNeeded: offset)
      let value = max(0, change.lots)
      let old = near[cell]
      near[cell] = value
      // Branches on whether levels come or go would be guessed wrong half of the time.
      let taken: UInt64 = value == 0 ? 0 : 1
      let word = cell >> 6
      let bit = UInt64(cell & 63)
      words[word] = words[word] & ~(1 &<< bit) | taken &<< bit
      blocks[word >> 6] |= taken &<< UInt64(word & 63)
      top |= taken &<< UInt64(word >> 6)
      count &+= Int(truncatingIfNeeded: taken) &- (old == 0 ? 0 : 1)
      row &+= 1
      if key >= best {
        if value == 0 {
          if key == best { return (row, true) }
        } else {
          best = key
        }
      }
    }
    return (row, false)
  }

  /// Adds to the value at a key that has one, and returns the sum.
  ///
  /// - Precondition: the key has a value, and the sum is above zero.
  @discardableResult
  public mutating func add(_ change: Int64, at key: Int64) -> Int64 {
    let index = UInt64(bitPattern: key &- base)
    guard index < UInt64(near.count) else {
      let sum = value(at: key) &+ change
      precondition(sum > 0, "a ladder holds no \(sum)")
      setFar(sum, at: key)
      return sum
    }
    let sum = near[Int(index)] &+ change
    precondition(sum > 0, "a ladder holds no \(sum)")
    near[Int(index)] = sum
    return sum
  }

  /// The highest key below `key` that has a value, or `nil`: the next worse price.
  public func next(below key: Int64) -> Int64? {
    if key > base &+ Int64(near.count) {
      if let found = above.next(below: key) { return found }
    }
    if key > base {
      let from = min(key &- base, Int64(near.count))
      if let index = highestIndex(below: Int(from)) { return base &+ Int64(index) }
    }
    return below.next(below: key)
  }

  /// Removes every value, keeping the memory.
  public mutating func removeAll() {
    // Cell by cell where few are taken: the window is large.
    var index = near.count
    while let taken = highestIndex(below: index) {
      near[taken] = 0
      mark(taken, isTaken: false)
      index = taken
    }
    for block in blocks.indices { blocks[block] = 0 }
    top = 0
    below.removeAll()
    above.removeAll()
    count = 0
    best = .min
    farChanges = 0
  }

  // MARK: The window

  private mutating func mark(_ index: Int, isTaken: Bool) {
    let taken: UInt64 = isTaken ? 1 : 0
    let bit = UInt64(index & 63)
    words[index >> 6] = words[index >> 6] & ~(1 &<< bit) | taken &<< bit
    blocks[index >> 12] |= taken &<< UInt64(index >> 6 & 63)
    top |= taken &<< UInt64(index >> 12)
  }

  /// The highest taken cell below `limit`.
  private func highestIndex(below limit: Int) -> Int? {
    guard limit > 0 else { return nil }
    let last = limit - 1
    var word = last >> 6
    let bits = words[word] & Self.through(last & 63)
    if bits != 0 { return word << 6 + 63 - bits.leadingZeroBitCount }
    var block = word >> 6
    var candidates = blocks[block] & Self.below(word & 63)
    var blockCandidates = top & Self.below(block)
    while true {
      while candidates != 0 {
        let bit = 63 - candidates.leadingZeroBitCount
        word = block << 6 + bit
        if words[word] != 0 { return word << 6 + 63 - words[word].leadingZeroBitCount }
        candidates &= ~(1 << UInt64(bit))
      }
      guard blockCandidates != 0 else { return nil }
      block = 63 - blockCandidates.leadingZeroBitCount
      blockCandidates &= ~(1 << UInt64(block))
      candidates = blocks[block]
    }
  }

  /// Forgets words and blocks that have become empty, so that no search looks at them twice.
  private mutating func sweep(from limit: Int, to found: Int) {
    let first = found >> 6
    var word = limit >> 6
    while word > first {
      let block = word >> 6
      let candidates = blocks[block] & Self.through(word & 63)
      guard candidates != 0 else {
        if blocks[block] == 0 { top &= ~(1 << UInt64(block)) }
        word = block << 6 - 1
        continue
      }
      let bit = 63 - candidates.leadingZeroBitCount
      word = block << 6 + bit
      guard word > first else { return }
      if words[word] == 0 { blocks[block] &= ~(1 << UInt64(bit)) }
      word -= 1
    }
  }

  /// The bits from 0 to `bit`.
  private static func through(_ bit: Int) -> UInt64 { UInt64.max >> UInt64(63 - bit) }
  /// The bits below `bit`.
  private static func below(_ bit: Int) -> UInt64 { (1 << UInt64(bit)) &- 1 }

  private mutating func findBest(below key: Int64) {
    best = count == 0 ? .min : next(below: key) ?? .min
    let from = key &- base
    if from > 0, from < Int64(near.count) {
      sweep(from: Int(from), to: Int(max(0, min(best &- base, from))))
    }
  }

  // MARK: Outside of the window

  @inline(never)
  @discardableResult
  private mutating func setFar(_ value: Int64, at key: Int64) -> Int64 {
    precondition(abs(key) <= Self.largestKey, "no price of \(key) ticks")
    if count == 0 {
      guard value > 0 else { return 0 }
      // Nothing has to be moved: the window opens around the first price.
      base = windowBase(around: key)
      return set(value, at: key)
    }
    let old = key < base ? below.set(value, at: key) : above.set(value, at: key)
    if old == 0, value > 0 {
      count += 1
      best = max(best, key)
    } else if old > 0, value == 0 {
      count -= 1
      if key == best { findBest(below: key) }
    }
    farChanges += 1
    if farChanges > count + 64 { recentre() }
    return old
  }

  /// Most of the window lies on the side's own, worse prices.
  private func windowBase(around key: Int64) -> Int64 { key &- Int64(near.count / 4 * 3) }

  /// Lays the window around the best price anew, where that is not well inside of it.
  private mutating func recentre() {
    farChanges = 0
    guard count > 0, best >= base &+ Int64(near.count) || best < base &+ Int64(near.count / 4)
    else { return }
    var all = SortedKeys()
    swap(&all, &below)
    var taken: [Int] = []
    var index = near.count
    while let found = highestIndex(below: index) {
      taken.append(found)
      index = found
    }
    for index in taken.reversed() {
      all.append(base &+ Int64(index), near[index])
      near[index] = 0
      mark(index, isTaken: false)
    }
    for index in 0..<above.count { all.append(above.key(index), above.value(index)) }
    above.removeAll()
    base = windowBase(around: best)
    let end = base &+ Int64(near.count)
    let first = all.firstIndex(notBelow: base)
    for index in first..<all.count {
      let key = all.key(index)
      if key < end {
        near[Int(key &- base)] = all.value(index)
        mark(Int(key &- base), isTaken: true)
      } else {
        above.append(key, all.value(index))
      }
    }
    all.removeLast(all.count - first)
    swap(&all, &below)
  }
}

/// Keys with values above zero, ascending.
private struct SortedKeys: Sendable {
  private var keys: [Int64] = []
  private var values: [Int64] = []

  var count: Int { keys.count }
  func key(_ index: Int) -> Int64 { keys[index] }
  func value(_ index: Int) -> Int64 { values[index] }

  /// - Precondition: the key is above all others.
  mutating func append(_ key: Int64, _ value: Int64) {
    keys.append(key)
    values.append(value)
  }

  mutating func removeLast(_ count: Int) {
    keys.removeLast(count)
    values.removeLast(count)
  }

  mutating func removeAll() {
    keys.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
  }

  func value(at key: Int64) -> Int64 {
    let index = firstIndex(notBelow: key)
    return index < keys.count && keys[index] == key ? values[index] : 0
  }

  func next(below key: Int64) -> Int64? {
    let index = firstIndex(notBelow: key)
    return index > 0 ? keys[index - 1] : nil
  }

  mutating func set(_ value: Int64, at key: Int64) -> Int64 {
    let index = firstIndex(notBelow: key)
    guard index < keys.count, keys[index] == key else {
      guard value > 0 else { return 0 }
      keys.insert(key, at: index)
      values.insert(value, at: index)
      return 0
    }
    let old = values[index]
    if value > 0 {
      values[index] = value
    } else {
      keys.remove(at: index)
      values.remove(at: index)
    }
    return old
  }

  func firstIndex(notBelow key: Int64) -> Int {
    var (low, high) = (0, keys.count)
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
