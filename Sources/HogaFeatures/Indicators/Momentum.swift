internal import Glibc
public import HogaCore

/// Moves over the last n bars, set against their path.
public struct Momentum: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private let skipped: Int
  private var before = Delay(1)
  private var gains: RollingSum
  private var losses: RollingSum
  private var path: RollingSum
  private var closeMean: RollingMean
  private var detrendLag: Delay
  private var recent: Delay
  private var old: Delay
  private var older: Delay
  private var highest: RollingMaximum
  private var lowest: RollingMinimum
  private var rises: RollingSum
  private var bodyGains: RollingSum
  private var bodies: RollingSum
  private var bodySum: RollingSum
  private let n: Double

  /// - Precondition: a length of five bars or more.
  public init(_ length: BarLength) {
    let n = length.bars
    self.n = Double(n)
    skipped = max(1, n / 5)
    gains = RollingSum(n)
    losses = RollingSum(n)
    path = RollingSum(n)
    closeMean = RollingMean(n)
    detrendLag = Delay(n / 2 + 1)
    recent = Delay(skipped)
    old = Delay(n)
    older = Delay(2 * n)
    highest = RollingMaximum(n)
    lowest = RollingMinimum(n)
    rises = RollingSum(n)
    bodyGains = RollingSum(n)
    bodies = RollingSum(n)
    bodySum = RollingSum(n)
    let group = "Momentum"
    let back = n + 1
    definitions = [
      length.column(
        "CMO", group, "100·(Σ gains − Σ losses)/(Σ gains + Σ losses) of C over n; 0 for 0/0",
        Source.chande, back: back),
      length.column(
        "VHF", group, "(max C − min C)/Σ abs(C − C₋₁) over n; 0 for 0/0", Source.white, back: back),
      length.column(
        "DPO", group, "(C of ⌊n/2⌋ + 1 bars ago − mean of C over n)/C", Source.achelis, back: n),
      length.column(
        "MomSkip", group, "C_\(skipped)/C_n − 1: the move but for its last fifth",
        Source.jegadeesh, back: back),
      length.column(
        "Accel", group, "(C/C_n − 1) − (C_n/C_2n − 1)", Source.gettleman, back: 2 * n + 1),
      length.column(
        "UpShare", group, "share of bars with C > C₋₁ over n", Source.achelis, back: back),
      length.column(
        "IMI", group, "100·Σ max(C − O, 0)/Σ abs(C − O) over n; 0 for 0/0", Source.chande, back: n),
      length.column("QStick", group, "mean of C − O over n / C", Source.chande, back: n),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let close = bar.close
    let change = close - before.push(close)
    let gain = gains.push(change.isNaN ? .nan : max(change, 0))
    let loss = losses.push(change.isNaN ? .nan : max(-change, 0))
    row.append(100 * ratio(gain - loss, gain + loss))
    let (high, low) = (highest.push(close), lowest.push(close))
    row.append(ratio(high - low, path.push(abs(change))))
    row.append((detrendLag.push(close) - closeMean.push(close)) / close)
    let (start, earlier) = (old.push(close), older.push(close))
    row.append(recent.push(close) / start - 1)
    row.append(close / start - start / earlier)
    row.append(rises.push(change.isNaN ? .nan : change > 0 ? 1 : 0) / n)
    let body = close - bar.open
    row.append(100 * ratio(bodyGains.push(max(body, 0)), bodies.push(abs(body))))
    row.append(bodySum.push(body) / n / close)
  }
}

/// The shape of candles; of one bar too.
public struct CandleShape: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private var balance: RollingMean
  private var upper: RollingSum
  private var lower: RollingSum
  private var ranges: RollingSum
  private var location: RollingMean

  public init(_ length: BarLength) {
    let n = length.bars
    balance = RollingMean(n)
    upper = RollingSum(n)
    lower = RollingSum(n)
    ranges = RollingSum(n)
    location = RollingMean(n)
    let group = "Momentum"
    definitions = [
      length.column(
        "BOP", group, "mean of (C − O)/(H − L) over n, 0 for 0/0", Source.livshin, back: n),
      length.column(
        "UpperShadow", group, "Σ (H − max(O, C))/Σ (H − L) over n; 0 for 0/0", Source.achelis,
        back: n),
      length.column(
        "LowerShadow", group, "Σ (min(O, C) − L)/Σ (H − L) over n; 0 for 0/0", Source.achelis,
        back: n),
      length.column(
        "CLV", group, "mean of (2C − H − L)/(H − L) over n, 0 for 0/0", Source.chaikin, back: n),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let range = bar.high - bar.low
    let total = ranges.push(range)
    row.append(balance.push(ratio(bar.close - bar.open, range)))
    row.append(ratio(upper.push(bar.high - max(bar.open, bar.close)), total))
    row.append(ratio(lower.push(min(bar.open, bar.close) - bar.low), total))
    row.append(location.push(bar.closeLocation))
  }
}

extension Bar {
  /// Where the close lies in the range, from −1 to 1; 0 where there is no range.
  var closeLocation: Double { ratio((close - low) - (high - close), high - low) }
}

/// Momentum smoothed twice.
public struct TrueStrength: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private var before = Delay(1)
  private var moves: (Smoother, Smoother)
  private var sizes: (Smoother, Smoother)
  private var warmUp: WarmUp

  /// The second smoothing in the proportions 25 : 13, rounded up.
  public static func second(_ n: Int) -> Int { (13 * n + 24) / 25 }

  /// - Precondition: a length of two bars or more.
  public init(_ length: BarLength, _ seeding: Seeding) {
    let n = length.bars
    let m = Self.second(n)
    moves = (Smoother(span: n, seeding), Smoother(span: m, seeding))
    sizes = (Smoother(span: n, seeding), Smoother(span: m, seeding))
    warmUp = WarmUp(n + m - 1)
    definitions = [
      length.column(
        "TSI_\(seeding)", "Momentum",
        "100·E(C − C₋₁)/E(abs(C − C₋₁)), E = EMA(EMA(·, n), \(m)); 0 for 0/0", Source.blau,
        back: nil)
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let change = bar.close - before.push(bar.close)
    let move = moves.1.push(moves.0.push(change))
    let size = sizes.1.push(sizes.0.push(abs(change)))
    row.append(100 * ratio(move, size), if: warmUp.pass())
  }
}

/// Buying pressure over three lengths.
public struct UltimateOscillator: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private var before = Delay(1)
  private var pressures: [RollingSum]
  private var ranges: [RollingSum]

  public init(_ length: BarLength) {
    let lengths = [length.bars, 2 * length.bars, 4 * length.bars]
    pressures = lengths.map(RollingSum.init)
    ranges = lengths.map(RollingSum.init)
    definitions = [
      length.column(
        "UltOsc", "Momentum",
        "100·(4A(n) + 2A(2n) + A(4n))/7, A = Σ (C − min(L, C₋₁))/Σ TR, 0 for 0/0",
        Source.williams, back: lengths[2] + 1)
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let old = before.push(bar.close)
    let pressure = old.isNaN ? .nan : bar.close - min(bar.low, old)
    let range = bar.trueRange(old)
    func average(_ index: Int) -> Double {
      ratio(pressures[index].push(pressure), ranges[index].push(range))
    }
    let (short, middle, long) = (average(0), average(1), average(2))
    row.append(100 * (4 * short + 2 * middle + long) / 7)
  }
}

/// Falls from the highest close.
public struct Drawdowns: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private var highest: RollingMaximum
  private var lowest: RollingMinimum
  private var squares: RollingMean
  private var depths: RollingMean

  public init(_ length: BarLength) {
    let n = length.bars
    highest = RollingMaximum(n)
    lowest = RollingMinimum(n)
    squares = RollingMean(n)
    depths = RollingMean(n)
    let group = "Momentum"
    definitions = [
      length.column("Drawdown", group, "D = C/max C − 1 over n", Source.martin, back: n),
      length.column("Runup", group, "C/min C − 1 over n", Source.martin, back: n),
      length.column(
        "Ulcer", group, "√(mean of (100·D)² over n)", Source.martin, back: 2 * n - 1),
      length.column("Pain", group, "mean of 100·D over n", Source.martin, back: 2 * n - 1),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let fall = bar.close / highest.push(bar.close) - 1
    row.append(fall)
    row.append(bar.close / lowest.push(bar.close) - 1)
    row.append(squares.push(10_000 * fall * fall).squareRoot())
    row.append(depths.push(100 * fall))
  }
}
