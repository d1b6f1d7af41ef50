internal import Foundation
internal import HogaCore
internal import Synchronization

/// Does pieces of work on so many threads of their own, and returns their results in order.
///
/// Unlike `inParallel`, whose threads are as many as cores: these wait for servers most of the time.
/// A piece that throws ends the whole: pieces that have not begun are left out, and of several
/// failures the one of the lowest index is thrown.
package func onThreads<Result: Sendable>(
  count: Int, workers: Int, _ work: @escaping @Sendable (Int) throws -> Result
) throws -> [Result] {
  let board = WorkBoard<Result>(count: count)
  let ended = DispatchGroup()
  for _ in 0..<min(count, max(1, workers)) {
    ended.enter()
    Thread.detachNewThread {
      board.run(work)
      ended.leave()
    }
  }
  ended.wait()
  return try board.results()
}

private final class WorkBoard<Result: Sendable>: Sendable {
  private struct State {
    var next = 0
    var results: [Int: Result] = [:]
    var failures: [Int: any Error] = [:]
  }
  private let count: Int
  private let state = Mutex(State())

  init(count: Int) { self.count = count }

  func run(_ work: (Int) throws -> Result) {
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

  func results() throws -> [Result] {
    try state.withLock { state in
      if let first = state.failures.keys.min(), let failure = state.failures[first] {
        throw failure
      }
      return (0..<count).compactMap { state.results[$0] }
    }
  }
}
