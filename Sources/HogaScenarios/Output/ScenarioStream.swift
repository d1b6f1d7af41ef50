internal import HogaCore

/// Makes a synthetic market piece by piece, in memory that does not grow with its length.
///
/// ```swift
/// var stream = try SyntheticMarket(mood: .normal, seed: 7).stream(until: .events(100_000_000))
/// while let chunk = stream.next() { … }
/// ```
public struct ScenarioStream: Sendable {
  /// When a market ends.
  public enum End: Hashable, Sendable {
    /// Seconds after the start.
    case seconds(Double)
    /// Events of the flow; at the latest after `longest` seconds.
    case events(Int)
  }

  /// No market lasts longer, in seconds: about 32 years.
  public static let longest = 1e9

  public let settings: ScenarioSettings
  /// What is known of the market so far.
  public private(set) var truth: ScenarioTruth
  /// Whether chunks carry the truth about single events.
  public let keepsEvents: Bool

  private let end: End
  private var process: HawkesProcess
  private var random: SeededRandom
  private var latency: Chance
  private var engine: ScenarioEngine
  private var phase = -1
  private var tables = ScenarioTables()
  private var touched: [(side: Side, ticks: Int64)] = []
  private var date: CivilDate
  private var lastArrival: Int64
  private var sequence: Int64 = 1
  private var update: Int64 = 1
  private var tradeID: Int64 = 0
  private var hasBegun = false
  private var isDone = false
  /// The first event of the next date, which the present chunk does not hold any more.
  private var waiting: (event: HawkesEvent, arrival: Int64)?

  init(_ settings: ScenarioSettings, seed: UInt64, end: End, keepsEvents: Bool) throws(UsageError) {
    try settings.validate()
    switch end {
    case .seconds(let seconds):
      guard seconds > 0, seconds <= Self.longest else {
        throw UsageError("a market lasts more than 0 and up to 1e9 seconds, not \(seconds)")
      }
      // Later phases may lie beyond: a market may end amid its crash, but not before it.
      if let phase = settings.phases.first, phase.start >= seconds {
        throw UsageError(
          "the market ends after \(seconds) s, before its first phase at \(phase.start) s begins")
      }
    case .events(let count):
      guard count >= 0 else { throw UsageError("a market has no \(count) events") }
    }
    self.settings = settings
    self.end = end
    self.keepsEvents = keepsEvents
    truth = ScenarioTruth(settings, seed: seed)
    process = try HawkesProcess(settings.flow, time: -settings.warmUp)
    random = Chance.generator(seed: seed, stream: 5)
    latency = Chance(seed: seed, stream: 6)
    engine = ScenarioEngine(settings, time: -settings.warmUp, seed: seed)
    date = Timestamp(nanoseconds: settings.start).date
    lastArrival = settings.start
  }

  /// The next rows, or `nil` at the end. A chunk holds rows of one date.
  ///
  /// - Parameter rows: of `orders`, about: a chunk ends after the event that reaches them, and a
  ///   snapshot is not cut.
  public mutating func next(rows: Int = 1 << 16) -> ScenarioChunk? {
    precondition(rows > 0, "chunks of no rows")
    guard !isDone else { return nil }
    tables = ScenarioTables()
    tables.reserve(min(rows, 1 << 16) + 64)
    if !hasBegun { begin() }
    // A date may end before this chunk has anything of it.
    repeat { fill(rows) } while tables.isEmpty && !isDone
    return tables.isEmpty ? nil : tables.chunk(date, settings.instrument, hasEvents: keepsEvents)
  }

  private mutating func fill(_ rows: Int) {
    if let (event, arrival) = waiting {
      waiting = nil
      // A partition begins with the running book, so that it can be replayed on its own.
      date = Timestamp(nanoseconds: arrival).date
      tables.snapshot(
        Moment(arrival: date.start.nanoseconds, time: Column.missing, sequence: sequence),
        update: update, of: engine.book.book)
      write(event, arrival: arrival)
    }
    while tables.orderRows < rows, tables.events.times.count < rows {
      guard let event = draw() else { return finish() }
      let time = settings.start + Int64(event.time * 1e9)
      lastArrival = max(lastArrival, time + settings.latency.nanoseconds(&latency))
      if Timestamp(nanoseconds: lastArrival).date != date {
        waiting = (event, lastArrival)
        return
      }
      write(event, arrival: lastArrival)
    }
  }

  // MARK: Time

  private mutating func begin() {
    hasBegun = true
    while let event = process.next(before: 0, using: &random) {
      if let kind = FlowKind(rawValue: event.kind) { engine.apply(kind, at: event.time) }
    }
    engine.reference.advance(to: 0)
    lastArrival = settings.start + settings.latency.nanoseconds(&latency)
    date = Timestamp(nanoseconds: lastArrival).date
    let moment = Moment(arrival: lastArrival, time: settings.start, sequence: sequence)
    tables.begin(moment)
    tables.snapshot(moment, update: update, of: engine.book.book)
    truth.facts.observe(engine.book, at: 0)
    process.keepsIntensities = keepsEvents
  }

  /// The next event of the flow, phases begun on the way.
  private mutating func draw() -> HawkesEvent? {
    if case .events(let count) = end, truth.eventCount >= count { return nil }
    var last = Self.longest
    if case .seconds(let seconds) = end { last = seconds }
    while true {
      let following =
        phase + 1 < settings.phases.count ? settings.phases[phase + 1].start : .infinity
      if let event = process.next(before: min(last, following), using: &random) { return event }
      guard following < last else { return nil }
      phase += 1
      let next = settings.phases[phase]
      process.setBaseline(zip(settings.flow.baseline, next.baselineFactors).map { $0 * $1 })
      engine.reference.advance(to: following)
      engine.reference.volatilityFactor = next.volatilityFactor
      engine.reference.impactFactor = next.impactFactor
    }
  }

  private mutating func finish() {
    isDone = true
    if case .seconds(let seconds) = end { truth.facts.advance(to: seconds) }
  }

  // MARK: Rows

  private mutating func write(_ event: HawkesEvent, arrival: Int64) {
    guard let kind = FlowKind(rawValue: event.kind) else { return }
    engine.apply(kind, at: event.time)
    let time = settings.start + Int64(event.time * 1e9)
    touched.removeAll(keepingCapacity: true)
    for change in engine.changes {
      sequence += 1
      let moment = Moment(arrival: arrival, time: time, sequence: sequence)
      tables.order(moment, change)
      if change.kind == .execute {
        tradeID += 1
        tables.trade(moment, id: tradeID, change)
      }
      if !touched.contains(where: { $0.ticks == change.ticks && $0.side == change.side }) {
        touched.append((change.side, change.ticks))
      }
    }
    let moment = Moment(arrival: arrival, time: time, sequence: sequence)
    if !touched.isEmpty { update += 1 }
    for (index, level) in touched.enumerated() {
      tables.level(
        moment, update: update, isSnapshot: false, level.side, ticks: level.ticks,
        lots: engine.book.book.level(level.side, at: level.ticks)?.lots ?? 0,
        isLast: index == touched.count - 1)
    }
    note(event, kind, moment)
  }

  private mutating func note(_ event: HawkesEvent, _ kind: FlowKind, _ moment: Moment) {
    truth.eventCounts[event.kind] += 1
    if event.isImmigrant { truth.immigrants += 1 }
    if engine.changes.isEmpty { truth.voidEvents += 1 }
    truth.lapsedLots = engine.lapsedLots
    truth.jumps = engine.reference.jumps
    truth.facts.traded(engine.changes)
    truth.facts.observe(engine.book, at: event.time)
    guard keepsEvents else { return }
    tables.event(
      moment, event, changes: engine.changes.count,
      fundamental: engine.reference.fundamentalTicks, reference: engine.reference.ticks,
      intensities: process.intensitiesBefore)
  }
}
