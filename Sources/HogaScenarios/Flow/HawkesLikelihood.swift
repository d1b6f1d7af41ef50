internal import HogaCore

/// How well a list of events fits a Hawkes process, in closed form and one pass.
///
/// ∫λᵢ over a stretch of length Δ without an event is μᵢΔ + Σₖ xₖᵢ (1 − e^{−βₖΔ}) / βₖ, with the
/// excitation x at its beginning.
public struct HawkesLikelihood: Hashable, Sendable {
  /// Σ log λ at the events, minus Σᵢ ∫λᵢ.
  ///
  /// Source: Y. Ogata, "The asymptotic behaviour of maximum likelihood estimators for stationary
  /// point processes", 1978.
  public let logLikelihood: Double
  /// ∫λᵢ over the whole time, for each kind: as many events as were to be expected.
  public let compensators: [Double]
  /// ∫λᵢ between one event of kind i and the next, for each kind: exponential with mean one and
  /// independent if the process is the true one.
  ///
  /// Source: E. N. Brown, R. Barbieri, V. Ventura, R. E. Kass, L. M. Frank, "The time-rescaling
  /// theorem and its application to neural spike train data analysis", 2002.
  public let residuals: [[Double]]
  /// The intensity of its kind at each event, per second.
  public let intensities: [Double]

  /// - Parameters:
  ///   - events: in order of time.
  ///   - start: when watching began, in seconds.
  ///   - end: when it ended.
  ///   - startsStationary: as in `HawkesProcess`.
  /// - Throws: `UsageError` where the settings are not valid, `DataError` where an event is out of
  ///   order, outside of the time, or of a kind that does not exist.
  public init(
    _ settings: HawkesSettings, events: [HawkesEvent], from start: Double = 0, to end: Double,
    startsStationary: Bool = true
  ) throws {
    try settings.validate()
    let kinds = settings.kindCount
    var excitation = HawkesProcess.stationaryExcitation(settings).map { startsStationary ? $0 : 0 }
    var time = start
    var logarithms = 0.0
    var sums = [Double](repeating: 0, count: kinds)
    var open = sums
    var residuals = [[Double]](repeating: [], count: kinds)
    var intensities: [Double] = []
    intensities.reserveCapacity(events.count)
    func advance(to next: Double) {
      let span = next - time
      for kind in 0..<kinds { open[kind] += settings.baseline[kind] * span }
      for (scale, part) in settings.timescales.enumerated() {
        let factor = PortableMath.exp(-part.decay * span)
        for kind in 0..<kinds {
          let index = scale * kinds + kind
          open[kind] += excitation[index] * (1 - factor) / part.decay
          excitation[index] *= factor
        }
      }
      time = next
    }
    for (row, event) in events.enumerated() {
      guard event.time >= time, event.time <= end else {
        throw DataError("the event is out of order or outside of the time", row: row + 1)
      }
      guard (0..<kinds).contains(event.kind) else {
        throw DataError("there is no kind \(event.kind)", row: row + 1)
      }
      advance(to: event.time)
      let intensity = settings.timescales.indices.reduce(settings.baseline[event.kind]) {
        $0 + excitation[$1 * kinds + event.kind]
      }
      intensities.append(intensity)
      logarithms += PortableMath.log(intensity)
      residuals[event.kind].append(open[event.kind])
      sums[event.kind] += open[event.kind]
      open[event.kind] = 0
      for (scale, part) in settings.timescales.enumerated() {
        for kind in 0..<kinds {
          excitation[scale * kinds + kind] +=
            settings.branching[kind][event.kind] * part.weight * part.decay
        }
      }
    }
    guard end >= time else { throw UsageError("the time ends before it begins") }
    advance(to: end)
    let totals = zip(sums, open).map { $0 + $1 }
    compensators = totals
    logLikelihood = logarithms - totals.reduce(0, +)
    self.residuals = residuals
    self.intensities = intensities
  }
}
