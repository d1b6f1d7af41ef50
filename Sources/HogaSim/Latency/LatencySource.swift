public import HogaCore

/// The latencies of one leg's messages, one after the other.
///
/// Each leg has a source and a generator of its own, so that a message more on one leg changes
/// nothing on another: equal settings and seeds give equal latencies whatever else is drawn.
public struct LatencySource: Sendable {
  /// The legs of a round trip. The values enter seeds and must not change.
  public enum Leg: UInt64, Hashable, Sendable, CaseIterable {
    case feed = 1
    case entry = 2
    case response = 3
  }

  public let model: LatencyModel
  private var random: NormalRandom

  /// - Parameter seed: the run's; each leg makes another one of it.
  /// - Throws: `UsageError` where the model's settings make no sense.
  public init(_ model: LatencyModel, seed: UInt64, leg: Leg) throws(UsageError) {
    try model.validate()
    self.model = model
    // Mixed, not added: seeds that differ by the generator's own step would give shifted numbers.
    var hash = FNV1a("latency")
    hash.add(Int64(bitPattern: seed))
    hash.add(Int64(bitPattern: leg.rawValue))
    random = NormalRandom(SeededRandom(hash.value))
  }

  /// The latency of the next message in nanoseconds: never negative, a day at most.
  ///
  /// - Parameters:
  ///   - time: when the message is sent. No model depends on it yet.
  ///   - recordedFeedLatency: what the newest market message took to arrive, in nanoseconds.
  public mutating func next(at time: Int64, recordedFeedLatency: Int64) -> Int64 {
    let nanoseconds: Double
    switch model {
    case .constant(let span): return span.nanoseconds
    case .recorded(let scale, let plus):
      let recorded = max(0, recordedFeedLatency)
      if scale == 1 {
        let limit = LatencyModel.maximum.nanoseconds
        return min(min(recorded, limit) + plus.nanoseconds, limit)
      }
      nanoseconds = Double(recorded) * scale + Double(plus.nanoseconds)
    case .sampled(let distribution):
      nanoseconds = distribution.draw(&random)
    }
    return Int64(min(max(0, nanoseconds.rounded()), Double(LatencyModel.maximum.nanoseconds)))
  }
}
