internal import Glibc
public import HogaCore

/// Volume on rising and falling bars.
public struct MoneyFlow: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = [.prices, .volume]
  private var before = Delay(1)
  private var typicalBefore = Delay(1)
  private var positive: RollingSum
  private var negative: RollingSum
  private var accumulated: RollingSum
  private var balance: RollingSum
  private var trend: RollingSum
  private var volumes: RollingSum
  private var movedVolumes: RollingSum
  private var middleBefore = Delay(1)
  private var ease: RollingSum
  // The two averages of the accumulation line lag behind it by this much. Distances instead of
  // levels: the line itself grows without bound.
  private var fastGap = 0.0
  private var slowGap = 0.0
  private var isFirst = true
  private let fast: Double
  private let slow: Double
  private let n: Double

  /// The oscillator's fast length in the proportions 3 : 10, rounded up, at least 2.
  public static func fast(_ n: Int) -> Int { max(2, (3 * n + 9) / 10) }

  /// - Precondition: a length of two bars or more.
  public init(_ length: BarLength) {
    let n = length.bars
    self.n = Double(n)
    positive = RollingSum(n)
    negative = RollingSum(n)
    accumulated = RollingSum(n)
    balance = RollingSum(n)
    trend = RollingSum(n)
    volumes = RollingSum(n)
    movedVolumes = RollingSum(n)
    ease = RollingSum(n)
    fast = 2 / Double(Self.fast(n) + 1)
    slow = 2 / Double(n + 1)
    let group = "Volume"
    let back = n + 1
    definitions = [
      length.column(
        "MFI", group,
        "100·(Σ P·V of rising P)/(Σ P·V of moving P) over n; moves below 10⁻¹²·P are none; 0 for 0/0",
        Source.mfi,
        back: back),
      length.column(
        "CMF", group, "Σ V·(2C − H − L)/(H − L) / Σ V over n, 0 for 0/0", Source.chaikin, back: n),
      length.column(
        "OBV", group,
        "Σ sign(C − C₋₁)·V / Σ V over n: the change of on-balance volume, which is volume on "
          + "rising less falling bars; 0 for 0/0",
        Source.granville, back: back),
      length.column(
        "PVT", group, "Σ V·(C/C₋₁ − 1)/Σ V over n: the change of the price-volume trend; 0 for 0/0",
        Source.achelis, back: back),
      length.column(
        "EMV", group,
        "mean over n of ((M − M₋₁)/M)·((H − L)/M)·(mean V/V), M = (H + L)/2, mean V over n; a bar "
          + "without volume counts 0",
        "R. Arms, Volume Cycles in the Stock Market, 1983", back: back),
      length.column(
        "ADOsc_first", group,
        "(EMA(A, \(Self.fast(n))) − EMA(A, n))/mean V over n, A = Σ V·(2C − H − L)/(H − L) since "
          + "the start; TA-Lib too starts with the first value; 0 without volume",
        Source.chaikin, back: nil),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let typical = bar.typical
    let typicalStep = typical - typicalBefore.push(typical)
    // Equal typical prices may differ by a rounding, which is no move.
    let typicalMove = abs(typicalStep) <= 1e-12 * typical ? 0 : typicalStep
    let flow = typical * bar.volume
    let isMoving = !typicalMove.isNaN
    let rising = positive.push(isMoving ? (typicalMove > 0 ? flow : 0) : .nan)
    let falling = negative.push(isMoving ? (typicalMove < 0 ? flow : 0) : .nan)
    row.append(100 * ratio(rising, rising + falling))
    let located = bar.closeLocation * bar.volume
    let volume = volumes.push(bar.volume)
    row.append(ratio(accumulated.push(located), volume))
    let old = before.push(bar.close)
    let sign = old.isNaN ? .nan : bar.close > old ? 1.0 : bar.close < old ? -1 : 0
    let moved = movedVolumes.push(sign.isNaN ? .nan : bar.volume)
    row.append(ratio(balance.push(sign * bar.volume), moved))
    row.append(ratio(trend.push((bar.close / old - 1) * bar.volume), moved))
    let middle = (bar.high + bar.low) / 2
    let step = (middle - middleBefore.push(middle)) / middle * ((bar.high - bar.low) / middle)
    let eased = ease.push(step.isNaN ? .nan : bar.volume > 0 ? step / bar.volume : 0)
    row.append(eased * moved / (n * n))
    let change = isFirst ? 0 : located
    isFirst = false
    fastGap = (1 - fast) * (fastGap + change)
    slowGap = (1 - slow) * (slowGap + change)
    row.append(volume.isNaN ? .nan : ratio((slowGap - fastGap) * n, volume))
  }
}

/// Averages of volume that never forget.
public struct VolumeOscillator: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = [.prices, .volume]
  private var before = Delay(1)
  private var fast: Smoother
  private var slow: Smoother
  private var force: Smoother
  private var movedVolume: Smoother
  private var warmUps: [WarmUp]

  /// - Precondition: a length of two bars or more.
  public init(_ length: BarLength, _ seeding: Seeding) {
    let n = length.bars
    let m = MovingAverageConvergence.lengths(slow: n).fast
    fast = Smoother(span: m, seeding)
    slow = Smoother(span: n, seeding)
    force = Smoother(span: n, seeding)
    movedVolume = Smoother(span: n, seeding)
    warmUps = [n - 1, n].map(WarmUp.init)
    definitions = [
      length.column(
        "PVO_\(seeding)", "Volume", "100·(EMA(V, \(m))/EMA(V, n) − 1); 0 without volume",
        Source.appel, back: nil),
      length.column(
        "EFI_\(seeding)", "Volume",
        "EMA((C − C₋₁)·V, n)/(C · EMA(V, n)), both from the second bar on; 0 without volume",
        Source.elder, back: nil),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let long = slow.push(bar.volume)
    let short = fast.push(bar.volume)
    row.append(100 * ratio(short - long, long), if: warmUps[0].pass())
    let change = bar.close - before.push(bar.close)
    let pushed = force.push(change * bar.volume)
    let volume = movedVolume.push(change.isNaN ? .nan : bar.volume)
    row.append(ratio(pushed, volume) / bar.close, if: warmUps[1].pass())
  }
}

/// How volume varies, and with what.
public struct VolumeShape: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = [.prices, .volume]
  private var before = Delay(1)
  private var moments: RollingMoments
  private var meanBefore = Delay(1)
  private var trend: RollingPairs
  private var index = 0.0
  private var withReturn: RollingPairs
  private var withSize: RollingPairs

  /// - Precondition: a length of three bars or more.
  public init(_ length: BarLength) {
    let n = length.bars
    moments = RollingMoments(n)
    trend = RollingPairs(n)
    withReturn = RollingPairs(n)
    withSize = RollingPairs(n)
    let group = "Volume"
    definitions = [
      length.column(
        "VolumeZ", group, "(V − μ)/σ of V over n, population σ; 0 where σ = 0", Source.karpoff,
        back: n),
      length.column(
        "VolumeCV", group, "σ/μ of V over n, population σ; 0 for 0/0", Source.karpoff, back: n),
      length.column(
        "RVOL", group, "V / mean of V over the n bars before; 0 where that is 0", Source.achelis,
        back: n + 1),
      length.column(
        "VolumeTrend", group, "Pearson correlation of V with time over n; 0 where V is constant",
        Source.hoga, back: n),
      length.column(
        "VolumeReturn", group, "Pearson correlation of V and r over n; 0 where undefined",
        Source.karpoff, back: n + 1),
      length.column(
        "VolumeMove", group, "Pearson correlation of V and abs r over n; 0 where undefined",
        Source.karpoff, back: n + 1),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    index += 1
    let volume = bar.volume
    let known = moments.push(volume)
    row.append(known?.score(of: volume) ?? .nan)
    row.append(known.map { ratio($0.populationVariance.squareRoot(), $0.mean) } ?? .nan)
    row.append(ratio(volume, meanBefore.push(known?.mean ?? .nan)))
    row.append(trend.push(index, volume)?.knownCorrelation ?? .nan)
    let move = log(bar.close / before.push(bar.close))
    row.append(withReturn.push(volume, move)?.knownCorrelation ?? .nan)
    row.append(withSize.push(volume, abs(move))?.knownCorrelation ?? .nan)
  }
}

/// How many trades make a bar and how large they are.
public struct TradeCounts: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = [.quoteVolume, .count]
  private var counts: RollingMoments
  private var shortValue: RollingSum
  private var shortCount: RollingSum
  private var longValue: RollingSum
  private var longCount: RollingSum
  private var together: RollingPairs

  public init(_ length: BarLength) {
    let n = length.bars
    counts = RollingMoments(n)
    shortValue = RollingSum(n)
    shortCount = RollingSum(n)
    longValue = RollingSum(4 * n)
    longCount = RollingSum(4 * n)
    together = RollingPairs(n)
    let group = "Volume"
    definitions = [
      length.column(
        "CountZ", group, "(N − μ)/σ of N over n, population σ; 0 where σ = 0", Source.karpoff,
        back: n),
      length.column(
        "TradeSize", group, "(Σ Q/Σ N over n)/(Σ Q/Σ N over 4n) − 1; 0 without trades",
        Source.hoga, back: 4 * n),
      length.column(
        "CountSize", group,
        "Pearson correlation of N and Q/N over n, 0 for 0/0; 0 where undefined", Source.hoga,
        back: n),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let (value, count) = (bar.quoteVolume, bar.count)
    row.append(counts.push(count)?.score(of: count) ?? .nan)
    let recent = ratio(shortValue.push(value), shortCount.push(count))
    let usual = ratio(longValue.push(value), longCount.push(count))
    row.append(usual == 0 ? 0 : recent / usual - 1)
    row.append(together.push(count, ratio(value, count))?.knownCorrelation ?? .nan)
  }
}
