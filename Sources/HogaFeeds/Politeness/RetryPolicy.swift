package import HogaCore

/// How often and when to ask again.
package struct RetryPolicy: Sendable {
  /// Requests in all, the first included.
  package var attempts = 6
  package var base = TimeSpan.milliseconds(500)
  package var cap = TimeSpan.seconds(60)
  package var seed: UInt64 = 1

  package init() {}

  /// The wait before attempt number `attempt` (the second is 1).
  ///
  /// Exponential backoff with full jitter: uniform over 0 and the bound, which doubles. Source: M.
  /// Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
  package func backoff(attempt: Int, _ random: inout SeededRandom) -> TimeSpan {
    let bound = min(cap.seconds, base.seconds * Double(1 << min(attempt - 1, 30)))
    return TimeSpan(nanoseconds: Int64(bound * 1e9 * random.uniform()))
  }
}

/// What an answer's status means for whoever asked.
package enum Judgement: Hashable, Sendable {
  case success
  case absent
  /// Ask again after a backoff, or after as long as the server says.
  case again(String, after: TimeSpan?)
  /// All workers leave the server alone for a while.
  case pause(String, TimeSpan)
  case refusal(String)

  /// - Parameters:
  ///   - response: of a REST API or of file storage; both mean the same by these.
  package init(_ response: HTTPResponse) {
    let said = response.shortError
    switch response.status {
    case 200..<300: self = .success
    case 404, 410: self = .absent
    case 429:
      self = .pause("the server asks for fewer requests (429)", response.retryAfter ?? .seconds(60))
    case 418:
      self = .pause(
        "the exchange has banned this address (418)", response.retryAfter ?? .seconds(120))
    case 408, 500..<600:
      self = .again("the server answered \(response.status)", after: response.retryAfter)
    case 451:
      self = .refusal("the exchange does not serve this location (451)")
    default:
      self = .refusal("the server answered \(response.status)\(said.isEmpty ? "" : ": \(said)")")
    }
  }
}

extension HTTPResponse {
  /// One line of an error page.
  package var shortError: String { shortened(errorText) }
}

/// Text on one short line, for messages.
package func shortened(_ text: some StringProtocol, to count: Int = 120) -> String {
  let line = text.split { $0.isWhitespace || $0.isNewline }.joined(separator: " ")
  let printable = String(line.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 })
  return printable.count <= count ? printable : printable.prefix(count) + "…"
}
