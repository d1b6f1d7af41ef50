package import HogaCore
internal import Synchronization

/// Why one thing could not be had. The others go on.
package struct FetchProblem: Error, Hashable, Sendable, CustomStringConvertible {
  package var description: String
  package init(_ description: String) { self.description = description }
}

/// Asks servers, politely and again where that helps. Shared by all workers.
package final class Web: Sendable {
  /// How one attempt ended.
  package enum Step<Value> {
    case done(Value)
    /// No success; what to do is a matter of the status.
    case answered(HTTPResponse)
    /// Useless, and another attempt makes sense at once.
    case again(String)
  }

  package struct Counts: Hashable, Sendable {
    package var requests = 0
    package var retries = 0
    package var bytes: Int64 = 0
  }

  package let monitor: JobMonitor
  private let policy: RetryPolicy
  private let clock: FetchClock
  private let pool: HTTPClientPool
  private let budget: Mutex<RateBudget>
  private let counted = Mutex(Counts())

  package init(
    http: HTTPSettings, budget: RateBudget, policy: RetryPolicy, clock: FetchClock,
    monitor: JobMonitor
  ) {
    pool = HTTPClientPool(http)
    self.budget = Mutex(budget)
    self.policy = policy
    self.clock = clock
    self.monitor = monitor
  }

  package var counts: Counts { counted.withLock { $0 } }

  /// Attempts something until it is done.
  ///
  /// - Throws: `FetchProblem` where it cannot be had, `JobMonitor.Cancelled`, `ResourceError`.
  package func attempt<Value>(
    _ url: String, lane: RateLane, cost: Int = 1, _ once: (HTTPClient) throws -> Step<Value>
  ) throws -> Value {
    // From the address, so that the waits do not depend on which worker came first.
    var random = SeededRandom(policy.seed ^ FNV1a(url).value)
    var reason = ""
    for attempt in 0..<policy.attempts {
      if attempt > 0 { counted.withLock { $0.retries += 1 } }
      try enter(lane, cost: cost)
      var wait: TimeSpan?
      do {
        let step = try pool.withClient(once)
        budget.withLock { $0.heard(lane.server) }
        switch step {
        case .done(let value): return value
        case .again(let why):
          reason = why
          wait = .zero
        case .answered(let response):
          note(response, lane)
          switch Judgement(response) {
          case .success, .absent:
            throw FetchProblem("an answer \(response.status) was not expected")
          case .refusal(let why): throw FetchProblem(why)
          case .again(let why, let after):
            reason = why
            wait = after
          case .pause(let why, let span):
            reason = why
            wait = .zero  // it is the server's, and waited for at the gate
            budget.withLock { $0.pause(lane.server, for: span, now: clock.now(), reason: why) }
          }
        }
      } catch let failure as HTTPFailure {
        guard failure.isTransient else { throw FetchProblem(failure.reason) }
        reason = failure.reason
        budget.withLock {
          failure.wasHeard
            ? $0.heard(lane.server) : $0.heardNothing(lane.server, reason: failure.reason)
        }
      }
      if attempt + 1 < policy.attempts {
        try clock.wait(wait ?? policy.backoff(attempt: attempt + 1, &random), monitor)
      }
    }
    throw FetchProblem("\(reason); \(policy.attempts) attempts")
  }

  /// Waits for its turn, and counts the request.
  private func enter(_ lane: RateLane, cost: Int) throws {
    while true {
      try monitor.checkCancelled()
      switch budget.withLock({ $0.enter(lane, cost: cost, now: clock.now()) }) {
      case .go:
        counted.withLock { $0.requests += 1 }
        return
      case .wait(let span): try clock.wait(span, monitor)
      case .closed(let reason): throw FetchProblem(reason)
      }
    }
  }

  package func note(_ response: HTTPResponse, _ lane: RateLane) {
    if let used = response.usedWeight {
      budget.withLock { $0.reported(used: used, on: lane, now: clock.now()) }
    }
  }

  package func count(bytes: Int64) { counted.withLock { $0.bytes += bytes } }

  /// A text answer whole, and `nil` where the server has no such thing.
  ///
  /// - Parameters:
  ///   - accepting: statuses besides success that are answers, to be read by the caller.
  package func text(
    _ url: String, lane: RateLane, cost: Int = 1, limit: Int64, accepting: Set<Int> = []
  ) throws -> (response: HTTPResponse, text: String)? {
    try attempt(url, lane: lane, cost: cost) { client in
      var bytes: [UInt8] = []
      var request = HTTPRequest(url, limit: limit)
      request.compressed = true
      let response = try client.get(
        request, monitor: self.monitor, begin: { _ in bytes = [] },
        receive: { bytes += $0 })
      if response.isSuccess {
        self.note(response, lane)
        self.count(bytes: Int64(bytes.count))
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw FetchProblem("the answer is not text in UTF-8")
        }
        return .done((response, text))
      }
      if response.status == 404 || response.status == 410 { return .done(nil) }
      if accepting.contains(response.status) { return .done((response, response.errorText)) }
      return .answered(response)
    }
  }
}
