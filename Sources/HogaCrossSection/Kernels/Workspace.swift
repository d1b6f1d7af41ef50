/// Scratch rows for one symbol at a time: allocated once per thread, small enough for its cache.
final class Workspace {
  /// Values of each row of scratch.
  let rows: Int
  private let memory: UnsafeMutablePointer<Double>
  private let capacity: Int
  private let stride: Int
  private var used = 0

  /// - Parameter count: how many rows of scratch there are at most at a time.
  init(rows: Int, count: Int) {
    self.rows = rows
    // An odd number of cache lines apart, so that equal places do not compete for one set.
    stride = ((rows + 7) / 8 | 1) * 8
    capacity = count
    unsafe memory = .allocate(capacity: stride * count)
    unsafe memory.initialize(repeating: .nan, count: stride * count)
  }

  deinit { unsafe memory.deallocate() }

  /// A row of `rows` values, of any content; valid until `release(to:)` goes back before it, or the
  /// workspace goes.
  func take() -> UnsafeMutablePointer<Double> {
    precondition(used < capacity, "more scratch was taken than was made")
    used += 1
    return unsafe memory + (used - 1) * stride
  }

  func take(_ count: Int) -> [UnsafeMutablePointer<Double>] {
    unsafe (0..<count).map { _ in unsafe take() }
  }

  /// How many rows are taken.
  var mark: Int { used }

  /// Gives back what was taken since a mark.
  func release(to mark: Int) { used = mark }
}
