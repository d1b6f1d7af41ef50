import HogaCore
import HogaFeeds
import Testing

@Suite("Politeness")
struct PolitenessTests {
  @Test("no window of the limit's length ever holds more than the limit", arguments: UInt64(0)..<50)
  func slidingWindow(seed: UInt64) {
    var random = SeededRandom(seed)
    let limit = Int.random(in: 5...40, using: &random)
    let span = TimeSpan.seconds(60)
    var budget = RateBudget(
      limits: [.weight: RateBudget.Limit(limit, per: span)], longestPause: .seconds(900),
      silenceLimit: 5)
    var now = TimeSpan.zero
    var sent: [(time: TimeSpan, cost: Int)] = []
    for _ in 0..<400 {
      let cost = Int.random(in: 1...5, using: &random)
      var asked = 0
      while case .wait(let wait) = budget.enter(.weight, cost: cost, now: now) {
        #expect(wait > .zero)
        now = now + wait
        asked += 1
        #expect(asked < 10)
      }
      sent.append((now, cost))
      now = now + .milliseconds(Int64.random(in: 0...3_000, using: &random))
    }
    for (index, first) in sent.enumerated() {
      let window = sent[index...].prefix { $0.time < first.time + span }
      #expect(window.reduce(0) { $0 + $1.cost } <= limit)
    }
    // And no waiting without need: before a wait the window held all but what one request costs.
    let spent = sent.reduce(0) { $0 + $1.cost }
    #expect(now <= TimeSpan.seconds(Int64(spent / max(1, limit - 4) + 1) * 60 + 1_300))
  }

  @Test("a request dearer than the whole limit goes alone")
  func dear() {
    var budget = RateBudget(
      limits: [.weight: RateBudget.Limit(10, per: .seconds(60))], longestPause: .seconds(900),
      silenceLimit: 5)
    #expect(budget.enter(.weight, cost: 20, now: .zero) == .go)
    #expect(budget.enter(.weight, cost: 1, now: .seconds(1)) == .wait(.seconds(59)))
    #expect(budget.enter(.weight, cost: 20, now: .seconds(60)) == .go)
  }

  @Test("a pause holds for all lanes of the server and no other, and the longest one counts")
  func pause() {
    var budget = RateBudget(limits: [:], longestPause: .seconds(900), silenceLimit: 5)
    budget.pause(.exchange, for: .seconds(30), now: .seconds(100), reason: "banned")
    budget.pause(.exchange, for: .seconds(5), now: .seconds(110), reason: "banned")
    #expect(budget.enter(.statistics, cost: 1, now: .seconds(115)) == .wait(.seconds(15)))
    #expect(budget.enter(.funding, cost: 1, now: .seconds(129)) == .wait(.seconds(1)))
    #expect(budget.enter(.archive, cost: 1, now: .seconds(115)) == .go)
    #expect(budget.enter(.weight, cost: 1, now: .seconds(130)) == .go)
    budget.pause(.exchange, for: .seconds(259_200), now: .seconds(130), reason: "banned")
    guard case .closed(let reason) = budget.enter(.weight, cost: 1, now: .seconds(131)) else {
      Issue.record("three days are not waited for")
      return
    }
    #expect(reason.contains("banned") && reason.contains("259200"))
  }

  @Test("what the exchange itself counts stops the workers before its limit")
  func reported() {
    var budget = RateBudget(
      limits: [.weight: RateBudget.Limit(80, per: .seconds(60))], longestPause: .seconds(900),
      silenceLimit: 5)
    budget.reported(used: 79, on: .weight, now: .zero)
    #expect(budget.enter(.weight, cost: 1, now: .zero) == .go)
    budget.reported(used: 80, on: .weight, now: .zero)
    #expect(budget.enter(.weight, cost: 1, now: .zero) == .wait(.seconds(60)))
  }

  @Test(
    "a server that says nothing so many times in a row is out of reach; a word reopens the count")
  func silence() {
    var budget = RateBudget(limits: [:], longestPause: .seconds(900), silenceLimit: 3)
    for _ in 0..<5 {
      budget.heardNothing(.archive, reason: "no route")
      budget.heardNothing(.archive, reason: "no route")
      budget.heard(.archive)
    }
    #expect(budget.enter(.archive, cost: 1, now: .zero) == .go)
    for _ in 0..<3 { budget.heardNothing(.archive, reason: "no route") }
    #expect(
      budget.enter(.archive, cost: 1, now: .zero)
        == .closed("the archive is out of reach: no route"))
    #expect(budget.enter(.weight, cost: 1, now: .zero) == .go)
  }

  @Test("backoff is uniform below a bound that doubles up to its cap, and repeats with its seed")
  func backoff() {
    let policy = RetryPolicy()
    for (attempt, bound) in [(1, 0.5), (2, 1), (3, 2), (8, 60), (40, 60)] {
      var random = SeededRandom(7)
      var again = SeededRandom(7)
      let waits = (0..<2_000).map { _ in policy.backoff(attempt: attempt, &random).seconds }
      #expect(waits.allSatisfy { $0 >= 0 && $0 < bound })
      let mean = waits.reduce(0, +) / 2_000
      // Four standard errors of a uniform's mean.
      #expect(abs(mean - bound / 2) < bound * 0.026)
      #expect(policy.backoff(attempt: attempt, &again).seconds == waits[0])
    }
  }

  @Test("statuses mean what the exchange's documentation says")
  func judgements() {
    func judge(_ status: Int, _ headers: [String: String] = [:]) -> Judgement {
      Judgement(HTTPResponse(status: status, headers: headers))
    }
    #expect(judge(200) == .success && judge(206) == .success)
    #expect(judge(404) == .absent)
    guard case .pause(_, .seconds(7)) = judge(429, ["retry-after": "7"]),
      case .pause(_, .seconds(60)) = judge(429), case .pause(_, .seconds(120)) = judge(418),
      case .again(_, nil) = judge(503),
      case .again(_, TimeSpan.seconds(3)) = judge(503, ["retry-after": "3"]),
      case .refusal = judge(403), case .refusal = judge(451), case .refusal = judge(301),
      case .refusal = judge(0)
    else {
      Issue.record("a status was misjudged")
      return
    }
    #expect(HTTPResponse(status: 429, headers: ["retry-after": "soon"]).retryAfter == nil)
    #expect(HTTPResponse(status: 429, headers: ["retry-after": "-5"]).retryAfter == nil)
    #expect(
      HTTPResponse(status: 429, headers: ["retry-after": "9000000000000"]).retryAfter
        == .seconds(10_000_000))
  }
}
