internal import Dispatch
internal import Synchronization

/// Applies `body` to each element on up to `threads` threads, and returns the results in order.
///
/// - Throws: the error of the first element (by index) that failed; elements not yet begun when
///   one failed are left out.
func parallelMap<Element: Sendable, Result: Sendable>(
  _ elements: [Element], threads: Int, _ body: @Sendable (Element) throws -> Result
) throws -> [Result] {
  let results = Mutex([Int: Swift.Result<Result, any Error>]())
  let next = Atomic(0)
  let failed = Atomic(false)
  DispatchQueue.concurrentPerform(iterations: max(1, min(threads, elements.count))) { _ in
    while !failed.load(ordering: .relaxed) {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < elements.count else { return }
      let result = Swift.Result { try body(elements[index]) }
      if case .failure = result { failed.store(true, ordering: .relaxed) }
      results.withLock { $0[index] = result }
    }
  }
  return try results.withLock { done in
    // The first failure by index, so that the error does not depend on scheduling alone.
    try done.keys.sorted().map { try done[$0]!.get() }
  }
}
