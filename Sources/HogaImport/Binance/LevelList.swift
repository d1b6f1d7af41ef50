/// Price levels of one message: a price and a size each, in a buffer that is reused.
@safe package struct LevelList: ~Copyable {
  private(set) var count = 0
  private var capacity = 4096
  private var values: UnsafeMutablePointer<Int64> = .allocate(capacity: 2 * 4096)

  init() {}
  deinit { unsafe values.deallocate() }

  @inline(__always) mutating func removeAll() { count = 0 }

  @inline(__always) mutating func append(price: Int64, size: Int64) {
    if count == capacity { grow() }
    unsafe values[2 * count] = price
    unsafe values[2 * count + 1] = size
    count += 1
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Int64>.allocate(capacity: 4 * capacity)
    unsafe larger.update(from: values, count: 2 * count)
    unsafe values.deallocate()
    unsafe values = larger
    capacity *= 2
  }

  /// Prices and sizes in turn, until the next change.
  package var pairs: UnsafeBufferPointer<Int64> {
    unsafe UnsafeBufferPointer(start: values, count: 2 * count)
  }
}
