package import HogaCore

/// What requests are counted against.
package enum RateLane: Hashable, CaseIterable, Sendable {
  /// Files of the archive.
  case archive
  /// The archive's table of contents.
  case listing
  /// The exchange's weight per minute.
  case weight
  /// Its positioning statistics, counted apart.
  case statistics
  /// Its funding history, counted apart.
  case funding

  package var server: RateServer {
    switch self {
    case .archive: .archive
    case .listing: .listing
    case .weight, .statistics, .funding: .exchange
    }
  }
}

/// Who answers: a server that asks to be left alone means all of its lanes.
package enum RateServer: Hashable, Sendable {
  case archive, listing, exchange

  package var name: String {
    switch self {
    case .archive: "the archive"
    case .listing: "the archive's listing"
    case .exchange: "the exchange's REST API"
    }
  }
}

/// Decides when a request may go out, so that all workers together stay below the servers' limits.
///
/// Counts over a sliding window, which is stricter than the fixed minutes of the exchange: a limit
/// kept in every window of a minute is kept in those that the exchange looks at, wherever its clock
/// stands.
package struct RateBudget: Sendable {
  package enum Decision: Hashable, Sendable {
    case go
    case wait(TimeSpan)
    /// Nothing more is asked of this server.
    case closed(String)
  }

  package struct Limit: Hashable, Sendable {
    package var cost: Int
    package var span: TimeSpan
    package init(_ cost: Int, per span: TimeSpan) {
      self.cost = cost
      self.span = span
    }
  }

  private let limits: [RateLane: Limit]
  private let longestPause: TimeSpan
  private let silenceLimit: Int
  private let knownSilenceLimit: Int
  private var spent: [RateLane: [(time: TimeSpan, cost: Int)]] = [:]
  private var pausedUntil: [RateServer: TimeSpan] = [:]
  private var closed: [RateServer: String] = [:]
  private var silence: [RateServer: Int] = [:]
  private var known: Set<RateServer> = []

  /// - Parameters:
  ///   - longestPause: a server that asks for more is not asked again.
  ///   - silenceLimit: how many lost connections in a row, over all workers, close a server.
  ///   - knownSilenceLimit: the same once it has answered: then a net that is away for a moment takes
  ///     the connections of all workers at once.
  package init(
    limits: [RateLane: Limit], longestPause: TimeSpan, silenceLimit: Int,
    knownSilenceLimit: Int? = nil
  ) {
    self.limits = limits
    self.knownSilenceLimit = knownSilenceLimit ?? silenceLimit
    self.longestPause = longestPause
    self.silenceLimit = silenceLimit
  }

  /// Whether a request may go out now; if so, it is counted.
  package mutating func enter(_ lane: RateLane, cost: Int, now: TimeSpan) -> Decision {
    if let reason = closed[lane.server] { return .closed(reason) }
    if let until = pausedUntil[lane.server], until > now { return .wait(until - now) }
    guard let limit = limits[lane] else { return .go }
    let windowStart = now - limit.span
    var log = spent[lane] ?? []
    log.removeAll { $0.time <= windowStart }
    var total = log.reduce(cost) { $0 + $1.cost }
    var wait = TimeSpan.zero
    // The oldest have to leave the window first. A request over the limit alone waits for all.
    for entry in log where total > limit.cost {
      total -= entry.cost
      wait = entry.time - windowStart
    }
    if wait > .zero {
      spent[lane] = log
      return .wait(wait)
    }
    log.append((now, cost))
    spent[lane] = log
    return .go
  }

  /// A server asked to be left alone.
  package mutating func pause(
    _ server: RateServer, for span: TimeSpan, now: TimeSpan, reason: String
  ) {
    if span > longestPause {
      closed[server] = "\(reason), and asks to be left alone for \(span.seconds) s"
      return
    }
    let until = now + span
    pausedUntil[server] = max(pausedUntil[server] ?? until, until)
  }

  /// The exchange's own count: others on this address may use it too.
  package mutating func reported(used: Int, on lane: RateLane, now: TimeSpan) {
    guard lane == .weight, let limit = limits[lane], used >= limit.cost else { return }
    pause(lane.server, for: limit.span, now: now, reason: "the minute's weight is used up")
  }

  package mutating func heard(_ server: RateServer) {
    silence[server] = 0
    known.insert(server)
  }

  package mutating func heardNothing(_ server: RateServer, reason: String) {
    silence[server, default: 0] += 1
    let limit = known.contains(server) ? knownSilenceLimit : silenceLimit
    if silence[server, default: 0] >= limit, closed[server] == nil {
      closed[server] = "\(server.name) is out of reach: \(reason)"
    }
  }
}

extension TimeSpan {
  package static func + (left: TimeSpan, right: TimeSpan) -> TimeSpan {
    TimeSpan(nanoseconds: left.nanoseconds + right.nanoseconds)
  }
  package static func - (left: TimeSpan, right: TimeSpan) -> TimeSpan {
    TimeSpan(nanoseconds: left.nanoseconds - right.nanoseconds)
  }
}
