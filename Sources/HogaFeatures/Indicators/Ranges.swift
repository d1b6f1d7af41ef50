internal import Glibc
public import HogaCore

/// The true range, and channels built on its average.
public struct AverageRange: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private var before = Delay(1)
  private var range: Smoother
  private var center: Smoother
  private var closes: RollingMoments
  private var warmUp: WarmUp

  public init(_ length: BarLength, _ seeding: Seeding) {
    let n = length.bars
    range = Smoother(wilder: n, seeding)
    center = Smoother(span: n, seeding)
    closes = RollingMoments(n)
    warmUp = WarmUp(n)
    func column(_ name: String, _ formula: String, _ source: String) -> FeatureDefinition {
      length.column("\(name)_\(seeding)", "Ranges", formula, source, back: nil)
    }
    definitions = [
      column("NATR", "100·ATR/C, ATR = average of TR of weight 1/n", Source.wilder),
      column("TR_ATR", "TR/ATR; 1 where ATR = 0", Source.wilder),
      column("KeltnerPos", "(C − EMA(C, n))/(2·ATR); 0 where ATR = 0", Source.keltner),
      column("Squeeze", "2σ(C over n)/(1.5·ATR); 0 where ATR = 0", Source.carter),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let spread = bar.trueRange(before.push(bar.close))
    let average = range.push(spread)
    let middle = center.push(bar.close)
    let moments = closes.push(bar.close)
    let isKnown = warmUp.pass()
    row.append(100 * average / bar.close, if: isKnown)
    row.append(ratio(spread, average, orElse: 1), if: isKnown)
    row.append(ratio(bar.close - middle, 2 * average), if: isKnown)
    let deviation = (moments?.populationVariance ?? .nan).squareRoot()
    row.append(ratio(2 * deviation, 1.5 * average), if: isKnown)
  }
}

/// Indicators of the bar's extremes against averages, and of the growth of the range.
public struct RangeExpansion: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private var center: Smoother
  private var range: Smoother
  private var rangeTwice: Smoother
  private var massSum: RollingSum
  private var oldRange: Delay
  private var warmUps: [WarmUp]

  /// The mass index and Chaikin's volatility smooth over this many bars: 9 of 25, rounded up.
  public static func smoothing(_ n: Int) -> Int { (9 * n + 24) / 25 }

  /// - Precondition: a length of three bars or more.
  public init(_ length: BarLength, _ seeding: Seeding) {
    let n = length.bars
    let m = Self.smoothing(n)
    center = Smoother(span: n, seeding)
    range = Smoother(span: m, seeding)
    rangeTwice = Smoother(span: m, seeding)
    massSum = RollingSum(n)
    oldRange = Delay(n)
    warmUps = [n - 1, 2 * (m - 1) + n - 1, m - 1 + n].map(WarmUp.init)
    func column(_ name: String, _ formula: String, _ source: String) -> FeatureDefinition {
      length.column("\(name)_\(seeding)", "Ranges", formula, source, back: nil)
    }
    let average = "E = EMA(H − L, \(m))"
    definitions = [
      column("BullPower", "(H − EMA(C, n))/C", Source.elder),
      column("BearPower", "(L − EMA(C, n))/C", Source.elder),
      column(
        "MassIndex", "Σ E/EMA(E, \(m)) over n, \(average); 1 stands for 0/0", Source.dorsey),
      column("ChaikinVol", "100·(E/E_n − 1), \(average); 0 where E_n = 0", Source.chaikin),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let middle = center.push(bar.close)
    let once = range.push(bar.high - bar.low)
    let twice = rangeTwice.push(once)
    let mass = massSum.push(ratio(once, twice, orElse: 1))
    let old = oldRange.push(once)
    let isKnown = warmUps[0].pass()
    row.append((bar.high - middle) / bar.close, if: isKnown)
    row.append((bar.low - middle) / bar.close, if: isKnown)
    row.append(mass, if: warmUps[1].pass())
    row.append(100 * ratio(once - old, old), if: warmUps[2].pass())
  }
}

/// The bands of a mean and two standard deviations.
///
/// The place between them is `PctB` of the cross-section's specification.
public struct BollingerBands: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private var closes: RollingMoments

  /// - Precondition: a length of two bars or more.
  public init(_ length: BarLength) {
    let n = length.bars
    closes = RollingMoments(n)
    let group = "Ranges"
    definitions = [
      length.column(
        "BB_Width", group, "4σ/μ, μ and population σ of C over n", Source.bollinger, back: n),
      length.column("BB_Upper", group, "C/(μ + 2σ) − 1", Source.bollinger, back: n),
      length.column(
        "BB_Lower", group, "C/(μ − 2σ) − 1; −1 where the band is at zero or below",
        Source.bollinger, back: n),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    guard let moments = closes.push(bar.close) else {
      for _ in 0..<3 { row.append(.nan) }
      return
    }
    let mean = moments.mean
    let deviation = moments.populationVariance.squareRoot()
    let lower = mean - 2 * deviation
    row.append(4 * deviation / mean)
    row.append(bar.close / (mean + 2 * deviation) - 1)
    row.append(lower > 0 ? bar.close / lower - 1 : -1)
  }
}

/// Channels of the highest high and lowest low.
public struct PriceChannels: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private var highest: RollingMaximum
  private var lowest: RollingMinimum
  private var highBefore = Delay(1)
  private var lowBefore = Delay(1)
  private var before: Bar?
  private var trueRanges: RollingSum
  private var ups: RollingSum
  private var downs: RollingSum
  private let scale: Double

  /// - Precondition: a length of two bars or more.
  public init(_ length: BarLength) {
    let n = length.bars
    let group = "Ranges"
    highest = RollingMaximum(n)
    lowest = RollingMinimum(n)
    trueRanges = RollingSum(n)
    ups = RollingSum(n)
    downs = RollingSum(n)
    scale = 100 / log10(Double(n))
    definitions = [
      length.column(
        "DonchianUp", group, "C / max H of the n bars before − 1", Source.donchian, back: n + 1),
      length.column(
        "DonchianDown", group, "C / min L of the n bars before − 1", Source.donchian, back: n + 1),
      length.column(
        "VortexPlus", group, "Σ abs(H − L₋₁) / Σ TR over n; 1 where Σ TR = 0", Source.vortex,
        back: n + 1),
      length.column(
        "VortexMinus", group, "Σ abs(L − H₋₁) / Σ TR over n; 1 where Σ TR = 0", Source.vortex,
        back: n + 1),
      length.column(
        "Choppiness", group,
        "100·log₁₀(Σ TR / (max H − min L)) / log₁₀ n over n; 100 where max H = min L",
        Source.dreiss, back: n + 1),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let (high, low) = (highest.push(bar.high), lowest.push(bar.low))
    let (oldHigh, oldLow) = (highBefore.push(high), lowBefore.push(low))
    let range = trueRanges.push(bar.trueRange(before?.close ?? .nan))
    let up = ups.push(abs(bar.high - (before?.low ?? .nan)))
    let down = downs.push(abs(bar.low - (before?.high ?? .nan)))
    before = bar
    row.append(bar.close / oldHigh - 1)
    row.append(bar.close / oldLow - 1)
    row.append(ratio(up, range, orElse: 1))
    row.append(ratio(down, range, orElse: 1))
    if range.isNaN || high > low {
      row.append(scale * log10(range / (high - low)))
    } else {
      row.append(100)
    }
  }
}

/// The equilibrium chart at a glance, without look-ahead.
///
/// The chart draws its spans n bars ahead and its lagging line n bars back. What is known at a
/// bar's close is the cloud drawn over it, which was computed n bars ago; and the close against
/// that of n bars ago, which is what the lagging line shows. The latter is `Close_Diff_Rate` of the
/// specification and is not repeated here.
public struct Ichimoku: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private var channels: [(highest: RollingMaximum, lowest: RollingMinimum)]
  private var spanA: Delay
  private var spanB: Delay

  /// The conversion line's length in the proportions 9 : 26 : 52, rounded up.
  public static func conversion(_ n: Int) -> Int { (9 * n + 25) / 26 }

  /// - Precondition: a length of two bars or more.
  public init(_ length: BarLength) {
    let n = length.bars
    let short = Self.conversion(n)
    channels = [short, n, 2 * n].map { (RollingMaximum($0), RollingMinimum($0)) }
    spanA = Delay(n)
    spanB = Delay(n)
    let group = "Ranges"
    let source = Source.hosoda
    definitions = [
      length.column(
        "Tenkan", group, "C/T − 1, T = (max H + min L)/2 over \(short)", source, back: short),
      length.column("Kijun", group, "C/K − 1, K = (max H + min L)/2 over n", source, back: n),
      length.column("TenkanKijun", group, "T/K − 1", source, back: n),
      length.column("SpanA", group, "C/A − 1, A = (T + K)/2 of n bars ago", source, back: 2 * n),
      length.column(
        "SpanB", group, "C/B − 1, B = (max H + min L)/2 over 2n, of n bars ago", source,
        back: 3 * n),
      length.column("Cloud", group, "A/B − 1", source, back: 3 * n),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    func middle(_ index: Int) -> Double {
      (channels[index].highest.push(bar.high) + channels[index].lowest.push(bar.low)) / 2
    }
    let (short, base, long) = (middle(0), middle(1), middle(2))
    let (a, b) = (spanA.push((short + base) / 2), spanB.push(long))
    row.append(bar.close / short - 1)
    row.append(bar.close / base - 1)
    row.append(short / base - 1)
    row.append(bar.close / a - 1)
    row.append(bar.close / b - 1)
    row.append(a / b - 1)
  }
}
