public import HogaCore

/// Where own trading has pushed the price, as a model has it.
///
/// The state is a few numbers, whatever was executed: one per term of the kernel. Times are the
/// exchange's and do not go back; one that does counts as the latest.
public struct ImpactState: Hashable, Sendable {
  public let model: ImpactModel
  /// Prices of orders are multiples of this, so concessions are too.
  private let tickIncrement: Int64
  /// The kernel's terms: time constants in seconds, weights, and the ticks that each still holds.
  private let terms: ExponentialSum?
  private var amplitudes: [Double]
  /// Ticks that stay.
  private var permanent = 0.0
  /// When `amplitudes` were last brought up to date; the time of `pending`.
  private var time = Int64.min
  /// Lots executed at `time`, which later orders feel and orders of that instant do not.
  private var pendingBuys: Int64 = 0
  private var pendingSells: Int64 = 0
  /// Lots of the present interval, for the temporary part.
  private var interval = Int64.min
  private var intervalBuys: Int64 = 0
  private var intervalSells: Int64 = 0

  /// - Throws: `UsageError` where the model's settings make no sense.
  public init(_ model: ImpactModel, tickIncrement: Int64 = 1) throws(UsageError) {
    try model.validate()
    guard tickIncrement > 0 else { throw UsageError("a tick increment must be above zero") }
    self.model = model
    self.tickIncrement = tickIncrement
    if case .propagator(let propagator) = model {
      terms = try ExponentialSum(propagator.kernel)
    } else {
      terms = nil
    }
    amplitudes = [Double](repeating: 0, count: terms?.weights.count ?? 0)
  }

  /// How far own executions before `time` have displaced the price, in ticks: above zero, up.
  public func displacement(at time: Int64) -> Double {
    // Nothing has executed, or only at this very instant: the book that is walked is its cost.
    let isLater = time > self.time
    switch model {
    case .none: return 0
    case .almgrenChriss(let impact):
      let pending = isLater ? impact.permanent * Double(pendingBuys - pendingSells) : 0
      return permanent + pending
    case .propagator:
      guard isLater, let terms else { return amplitudes.reduce(0, +) }
      let seconds = elapsed(to: time)
      let pending = pendingDisplacement
      var sum = 0.0
      for index in amplitudes.indices {
        let amplitude = amplitudes[index] + terms.weights[index] * pending
        if amplitude != 0 {
          sum += amplitude * PortableMath.exp(-seconds / terms.seconds[index])
        }
      }
      return sum
    }
  }

  /// What each lot of an order that executes now gives up against the recorded price, in ticks.
  ///
  /// To be added to the price of a buy and taken off that of a sale. Rounded up to the instrument's
  /// price step, which is against us, and never below zero; a billionth of a tick is forgiven, so
  /// that binary fractions do not cost a tick.
  /// - Throws: `DataError` beyond 10¹² ticks.
  public func concession(
    side: Side, lots: Int64, at time: Int64
  ) throws(DataError) -> Int64 {
    if case .none = model { return 0 }
    var ticks = max(0, Double(side.sign) * displacement(at: time))
    if case .almgrenChriss(let impact) = model {
      let current = max(time, self.time).floorDivided(by: impact.interval.nanoseconds)
      let before =
        current == interval ? Double(side == .buy ? intervalBuys : intervalSells) : 0
      // Whatever orders share an interval, together they pay the square of its lots.
      ticks +=
        impact.fixed + impact.temporary * (2 * before + Double(lots)) / impact.interval.seconds
    }
    let steps = (ticks / Double(tickIncrement) - 1e-9).rounded(.up)
    guard steps * Double(tickIncrement) <= 1e12 else {
      throw DataError("own orders would move the price by \(ticks) ticks: check the impact model")
    }
    return max(0, Int64(steps)) * tickIncrement
  }

  /// Tells the model of own lots that executed.
  public mutating func executed(side: Side, lots: Int64, at time: Int64) {
    guard lots > 0 else { return }
    switch model {
    case .none: return
    case .almgrenChriss(let impact):
      settle(at: time)
      let current = self.time.floorDivided(by: impact.interval.nanoseconds)
      if current != interval {
        interval = current
        intervalBuys = 0
        intervalSells = 0
      }
      if side == .buy { Self.add(lots, &intervalBuys) } else { Self.add(lots, &intervalSells) }
    case .propagator:
      settle(at: time)
    }
    if side == .buy { Self.add(lots, &pendingBuys) } else { Self.add(lots, &pendingSells) }
  }

  private static func add(_ lots: Int64, _ sum: inout Int64) {
    // No order is anywhere near this; a model that is told nonsense must not end the run.
    let (total, overflow) = sum.addingReportingOverflow(lots)
    sum = overflow ? .max / 2 : min(total, .max / 2)
  }

  /// Brings the state to a later time, at which pending lots are felt.
  private mutating func settle(at time: Int64) {
    guard time > self.time else { return }
    switch model {
    case .none: break
    case .almgrenChriss(let impact):
      permanent += impact.permanent * Double(pendingBuys - pendingSells)
    case .propagator:
      guard let terms, self.time > .min else { break }
      let seconds = elapsed(to: time)
      let pending = pendingDisplacement
      for index in amplitudes.indices {
        let amplitude = amplitudes[index] + terms.weights[index] * pending
        amplitudes[index] =
          amplitude == 0 ? 0 : amplitude * PortableMath.exp(-seconds / terms.seconds[index])
      }
    }
    pendingBuys = 0
    pendingSells = 0
    self.time = time
  }

  private var pendingDisplacement: Double {
    guard pendingBuys > 0 || pendingSells > 0, case .propagator(let impact) = model else {
      return 0
    }
    return impact.displacement(afterLots: pendingBuys)
      - impact.displacement(afterLots: pendingSells)
  }

  private func elapsed(to time: Int64) -> Double {
    guard self.time > .min else { return 0 }
    return Double(time - self.time) / 1e9
  }
}
