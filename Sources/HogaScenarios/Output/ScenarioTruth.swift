public import HogaCore

/// What is known of a synthetic market, and hidden in real ones.
public struct ScenarioTruth: Hashable, Sendable {
  public var settings: ScenarioSettings
  public var seed: UInt64
  /// The spectral radius of the branching matrix.
  public var branchingRatio: Double
  /// Λ of each kind while no phase changes the flow, per second, in the order of `FlowKind`.
  public var meanIntensities: [Double]
  /// Λ that the flow tends to in each phase.
  public var phaseIntensities: [[Double]]
  /// Events of each kind, those without anything to do included.
  public internal(set) var eventCounts: [Int]
  /// Events that no event caused.
  public internal(set) var immigrants = 0
  /// Events that found nothing to do: a cancellation in a thin book, a market order without partner.
  public internal(set) var voidEvents = 0
  /// Lots of market orders that found no partner.
  public internal(set) var lapsedLots: Int64 = 0
  /// Jumps of the fundamental, warm-up included.
  public internal(set) var jumps = 0
  public internal(set) var facts: ScenarioFacts

  init(_ settings: ScenarioSettings, seed: UInt64) {
    self.settings = settings
    self.seed = seed
    branchingRatio = settings.flow.branchingRatio
    meanIntensities = settings.flow.meanIntensities
    phaseIntensities = settings.phases.map { phase in
      settings.flow.meanIntensities(
        baseline: zip(settings.flow.baseline, phase.baselineFactors).map { $0 * $1 })
    }
    eventCounts = FlowKind.allCases.map { _ in 0 }
    facts = ScenarioFacts(from: 0)
  }

  public var eventCount: Int { eventCounts.reduce(0, +) }

  /// All of it but the settings.
  public var json: JSONValue {
    func perKind(_ values: [JSONValue]) -> JSONValue {
      .object(zip(FlowKind.allCases, values).map { ($0.name, $1) })
    }
    return [
      "venue": .string(ScenarioSettings.venue), "symbol": .string(settings.symbol),
      "seed": Int64(exactly: seed).map { .int($0) } ?? .string(String(seed)),
      "branching_ratio": .double(branchingRatio),
      "mean_intensities_per_s": perKind(meanIntensities.map { .double($0) }),
      "phases": .array(
        zip(settings.phases, phaseIntensities).map { phase, intensities in
          [
            "start_s": .double(phase.start),
            "mean_intensities_per_s": perKind(intensities.map { .double($0) }),
          ]
        }),
      "events": perKind(eventCounts.map { .int(Int64($0)) }),
      "events_per_s": perKind(eventCounts.map { .double(Double($0) / facts.duration) }),
      "immigrants": .int(Int64(immigrants)), "void_events": .int(Int64(voidEvents)),
      "lapsed_lots": .int(lapsedLots), "jumps": .int(Int64(jumps)), "measured": facts.json,
    ]
  }
}

extension ScenarioFacts {
  public var json: JSONValue {
    [
      "duration_s": .double(duration), "mean_spread_ticks": .double(meanSpread),
      "mean_touch_lots": .double(meanTouchLots), "mean_orders_per_side": .double(meanOrders),
      "aggressors": .int(Int64(aggressors)), "trades": .int(Int64(trades)),
      "trades_per_s": .double(tradesPerSecond), "traded_lots": .int(tradedLots),
      "volatility_per_minute": .double(volatilityPerMinute),
      "volatility_per_minute_from_seconds": .double(volatilityPerMinuteFromSeconds),
      "kurtosis_1s": .double(kurtosis),
      "sign_autocorrelation": .object(
        signAutocorrelation.map { ("\($0.lag)", .double($0.value)) }),
      "max_drawdown": .double(maxDrawdown), "lowest_mid_ticks": .double(lowestMid),
      "highest_mid_ticks": .double(highestMid),
    ]
  }
}
