internal import Dispatch
internal import Synchronization

/// Does independent pieces of work on a few threads, and returns their results in order.
///
/// After a piece has failed, pieces that have not begun are left out. Of several failures the one
/// of the lowest index among those that happened is thrown.
package func inParallel<Result: Sendable>(
  count: Int, workers: Int, _ work: @Sendable (Int) throws -> Result
) throws -> [Result] {
  guard workers > 1, count > 1 else { return try (0..<count).map(work) }
  let state = Mutex(ParallelState<Result>())
  DispatchQueue.concurrentPerform(iterations: min(workers, count)) { _ in
    while true {
      let taken: Int? = state.withLock { state in
        guard state.next < count, state.failures.isEmpty else { return nil }
        defer { state.next += 1 }
        return state.next
      }
      guard let index = taken else { return }
      do {
        let result = try work(index)
        state.withLock { $0.results[index] = result }
      } catch {
        state.withLock { $0.failures[index] = error }
      }
    }
  }
  return try state.withLock { state in
    if let first = state.failures.keys.min(), let failure = state.failures[first] { throw failure }
    return (0..<count).compactMap { state.results[$0] }
  }
}

private struct ParallelState<Result: Sendable> {
  var next = 0
  var results: [Int: Result] = [:]
  var failures: [Int: any Error] = [:]
}
