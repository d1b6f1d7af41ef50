public import HogaCore

/// The difference of a fast and a slow exponential average of closes, its signal and histogram.
///
/// Lengths keep the proportions 12 : 26 : 9 with the slow one at n, rounded up.
public struct MovingAverageConvergence: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private let fast: Int
  private let n: Int
  private let seeding: Seeding
  private var fastAverage: Smoother
  private var slowAverage: Smoother
  private var signal: Smoother
  private var trueRange: Smoother
  private var before = Delay(1)
  private var seen = 0
  private var warmUp: WarmUp
  private var rangeWarmUp: WarmUp

  public static func lengths(slow n: Int) -> (fast: Int, signal: Int) {
    (fast: (12 * n + 25) / 26, signal: (9 * n + 25) / 26)
  }

  /// - Precondition: a length of two bars or more.
  public init(_ length: BarLength, _ seeding: Seeding) {
    n = length.bars
    self.seeding = seeding
    let (fast, signal) = Self.lengths(slow: n)
    self.fast = fast
    fastAverage = Smoother(span: fast, seeding)
    slowAverage = Smoother(span: n, seeding)
    self.signal = Smoother(span: signal, seeding)
    trueRange = Smoother(wilder: n, seeding)
    warmUp = WarmUp(n - 1 + signal - 1)
    rangeWarmUp = WarmUp(n)
    func column(_ name: String, _ formula: String, _ source: String) -> FeatureDefinition {
      length.column("\(name)_\(seeding)", "Oscillators", formula, source, back: nil)
    }
    definitions = [
      column("MACD", "M / C, M = EMA(C, \(fast)) − EMA(C, n)", Source.appel),
      column("MACDSignal", "S / C, S = EMA(M, \(signal))", Source.appel),
      column("MACDHist", "(M − S) / C", Source.appel),
      column("MACDV", "100·M / ATR(n); 0 where the range is 0", Source.spiroglou),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let close = bar.close
    let slow = slowAverage.push(close)
    // TA-Lib starts both averages at one bar: the fast one on its last values before it.
    let isSeed = seeding == .first || seen >= n - fast
    if !isSeed { seen += 1 }
    let quick = isSeed ? fastAverage.push(close) : .nan
    let line = quick - slow
    let smooth = signal.push(line)
    let isKnown = warmUp.pass()
    row.append(line / close, if: isKnown)
    row.append(smooth / close, if: isKnown)
    row.append((line - smooth) / close, if: isKnown)
    let range = trueRange.push(bar.trueRange(before.push(close)))
    row.append(100 * ratio(line, range), if: rangeWarmUp.pass())
  }
}

extension Bar {
  /// The range with the close before it; NaN where there is none.
  func trueRange(_ before: Double) -> Double {
    before.isNaN ? .nan : max(high, before) - min(low, before)
  }
}

/// Wilder's relative strength index, and its place in its own range.
public struct RelativeStrength: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private var gains: Smoother
  private var losses: Smoother
  private var before = Delay(1)
  private var highest: RollingMaximum
  private var lowest: RollingMinimum
  private var slow = RollingMean(3)
  private var warmUps: [WarmUp]

  /// - Precondition: a length of two bars or more.
  public init(_ length: BarLength, _ seeding: Seeding) {
    let n = length.bars
    gains = Smoother(wilder: n, seeding)
    losses = Smoother(wilder: n, seeding)
    highest = RollingMaximum(n)
    lowest = RollingMinimum(n)
    warmUps = [n, 2 * n - 1, 2 * n + 1].map(WarmUp.init)
    func column(_ name: String, _ formula: String, _ source: String) -> FeatureDefinition {
      length.column("\(name)_\(seeding)", "Oscillators", formula, source, back: nil)
    }
    definitions = [
      column(
        "RSI", "100·G/(G + B), averages of weight 1/n of gains and losses of C; 0 where both are 0",
        Source.wilder),
      column(
        "StochRSI_K", "100·(RSI − min)/(max − min) of RSI over n; 0 where max − min < 10⁻⁹",
        "T. Chande, S. Kroll, The New Technical Trader, 1994"),
      column("StochRSI_D", "mean of StochRSI_K over 3", Source.chande),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let change = bar.close - before.push(bar.close)
    let gain = gains.push(change.isNaN ? .nan : max(change, 0))
    let loss = losses.push(change.isNaN ? .nan : max(-change, 0))
    let strength = 100 * ratio(gain, gain + loss)
    let isKnown = warmUps[0].pass()
    // With the first value as seed the index is defined early; its range counts from where both
    // seedings know it.
    let index = isKnown ? strength : .nan
    let (high, low) = (highest.push(index), lowest.push(index))
    // While prices stand still, the index moves by rounding alone.
    let range = high - low < 1e-9 ? 0 : high - low
    let fast = 100 * ratio(index - low, range)
    row.append(index)
    row.append(fast, if: warmUps[1].pass())
    row.append(slow.push(fast), if: warmUps[2].pass())
  }
}

/// Wilder's directional movement system.
public struct DirectionalMovement: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private let n: Double
  private let seeding: Seeding
  private var previous: Bar?
  /// Bars taken in, up to where all is known.
  private var seen = 0
  private var plus = 0.0
  private var minus = 0.0
  private var range = 0.0
  private var dx = 0.0
  private var seedSum = 0.0
  private var adx = Double.nan
  private var oldADX: Delay

  /// - Precondition: a length of two bars or more.
  public init(_ length: BarLength, _ seeding: Seeding) {
    n = Double(length.bars)
    self.seeding = seeding
    oldADX = Delay(length.bars - 1)
    func column(_ name: String, _ formula: String) -> FeatureDefinition {
      length.column("\(name)_\(seeding)", "Oscillators", formula, Source.wilder, back: nil)
    }
    let sums = "smoothed by S = S₋₁ − S₋₁/n + x"
    definitions = [
      column("PlusDI", "100·S(+DM)/S(TR), \(sums); 0 where S(TR) = 0"),
      column("MinusDI", "100·S(−DM)/S(TR), \(sums); 0 where S(TR) = 0"),
      column("DX", "100·abs(PlusDI − MinusDI)/(PlusDI + MinusDI); as before where undefined"),
      column("ADX", "average of DX of weight 1/n; as before where DX is undefined"),
      column("ADXR", "(ADX + ADX of n − 1 bars ago)/2"),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    defer { previous = bar }
    guard let previous else {
      for _ in 0..<5 { row.append(.nan) }
      return
    }
    seen = min(seen + 1, 4 * Int(n))
    let (up, down) = (bar.high - previous.high, previous.low - bar.low)
    let (rise, fall) = (up > down && up > 0 ? up : 0, down > up && down > 0 ? down : 0)
    let spread = bar.trueRange(previous.close)
    switch seeding {
    // TA-Lib adds up n − 1 bars before it begins to smooth.
    case .talib where seen < Int(n):
      plus += rise
      minus += fall
      range += spread
    case .first where seen == 1:
      // Averages that begin with the first value, as sums: n times.
      plus = n * rise
      minus = n * fall
      range = n * spread
    default:
      plus += rise - plus / n
      minus += fall - minus / n
      range += spread - range / n
    }
    let isDefined = range > 0 && plus + minus > 0
    // The quotient of sums is that of the indicators.
    if isDefined { dx = 100 * abs(plus - minus) / (plus + minus) }
    updateADX(isDefined: isDefined)
    let isKnown = seen >= Int(n)
    row.append(100 * ratio(plus, range), if: isKnown)
    row.append(100 * ratio(minus, range), if: isKnown)
    row.append(dx, if: isKnown)
    let known = seen >= 2 * Int(n) - 1 ? adx : .nan
    row.append(known)
    row.append(n == 1 ? known : (known + oldADX.push(known)) / 2)
  }

  private mutating func updateADX(isDefined: Bool) {
    switch seeding {
    case .talib:
      let first = Int(n)
      if seen < first { return }
      if seen < 2 * first {
        if isDefined { seedSum += dx }
        if seen == 2 * first - 1 { adx = seedSum / n }
      } else if isDefined {
        adx += (dx - adx) / n
      }
    case .first:
      if isDefined { adx = adx.isNaN ? dx : adx + (dx - adx) / n }
      // Never yet a move: no direction.
      if adx.isNaN, seen >= 2 * Int(n) - 1 { adx = 0 }
    }
  }
}

/// The close in the range of the last n bars.
public struct Stochastics: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private var highest: RollingMaximum
  private var lowest: RollingMinimum
  private var once = RollingMean(3)
  private var twice = RollingMean(3)

  public init(_ length: BarLength) {
    let n = length.bars
    highest = RollingMaximum(n)
    lowest = RollingMinimum(n)
    let group = "Oscillators"
    definitions = [
      length.column(
        "Stoch_K", group, "100·(C − min L)/(max H − min L) over n; 0 where max H = min L",
        Source.lane, back: n),
      length.column(
        "Stoch_D", group, "mean of Stoch_K over 3 (the fast %D, which is the slow %K)",
        Source.lane, back: n + 2),
      length.column(
        "Stoch_SlowD", group, "mean of Stoch_D over 3", Source.lane, back: n + 4),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let (high, low) = (highest.push(bar.high), lowest.push(bar.low))
    let fast = 100 * ratio(bar.close - low, high - low)
    let slow = once.push(fast)
    row.append(fast)
    row.append(slow)
    row.append(twice.push(slow))
  }
}

/// How long ago the last n + 1 bars had their extremes.
public struct Aroon: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private let n: Double
  private var highest: RollingMaximum
  private var lowest: RollingMinimum

  public init(_ length: BarLength) {
    n = Double(length.bars)
    highest = RollingMaximum(length.bars + 1)
    lowest = RollingMinimum(length.bars + 1)
    let group = "Oscillators"
    let back = length.bars + 1
    definitions = [
      length.column(
        "AroonUp", group, "100·(n − bars since max H of n + 1 bars)/n, the latest of equal ones",
        Source.aroon, back: back),
      length.column(
        "AroonDown", group, "100·(n − bars since min L of n + 1 bars)/n, the latest of equal ones",
        Source.aroon, back: back),
      length.column("AroonOsc", group, "AroonUp − AroonDown", Source.aroon, back: back),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let isKnown = !(highest.push(bar.high) + lowest.push(bar.low)).isNaN
    let up = 100 * (n - Double(highest.age)) / n
    let down = 100 * (n - Double(lowest.age)) / n
    row.append(up, if: isKnown)
    row.append(down, if: isKnown)
    row.append(up - down, if: isKnown)
  }
}

/// Commodity channel index and rank of the close. Costs a pass over n values per bar.
public struct ChannelIndex: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private var mean: RollingMean
  private var typicals: Ring
  private var closes: Ring

  public init(_ length: BarLength) {
    let n = length.bars
    mean = RollingMean(n)
    typicals = Ring(n)
    closes = Ring(n)
    let group = "Oscillators"
    definitions = [
      length.column(
        "CCI", group,
        "(P − μ)/(0.015 · mean of abs(P − μ)), μ = mean of P, over n; 0 where P is constant",
        Source.lambert, back: n),
      length.column(
        "PctRank", group, "100 · share of the n closes before that are below C", Source.classic,
        back: n + 1),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let price = bar.typical
    let center = mean.push(price)
    typicals.push(price)
    var deviation = 0.0
    for value in typicals.values { deviation += abs(value - center) }
    deviation /= Double(typicals.values.count)
    // A constant price may differ from its mean by a rounding.
    let isFlat = deviation <= 1e-14 * price
    row.append(isFlat && !center.isNaN ? 0 : (price - center) / (0.015 * deviation))
    let close = bar.close
    var below = 0.0
    for value in closes.values where value < close { below += 1 }
    row.append(100 * below / Double(closes.values.count), if: closes.isFull)
    closes.push(close)
  }
}

/// The last n values, for sums over them that cannot be updated.
struct Ring: Sendable {
  private(set) var values: [Double] = []
  let capacity: Int
  private var place = 0

  init(_ n: Int) { capacity = n }

  var isFull: Bool { values.count == capacity }

  mutating func push(_ value: Double) {
    guard isFull else {
      values.append(value)
      return
    }
    values[place] = value
    place = place + 1 == capacity ? 0 : place + 1
  }

  /// Oldest first: `ordered[0]` with a full ring is of `capacity − 1` values ago.
  subscript(_ index: Int) -> Double {
    let at = place + index
    return values[at >= values.count ? at - values.count : at]
  }
}
