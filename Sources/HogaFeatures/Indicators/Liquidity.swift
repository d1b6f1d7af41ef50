internal import Glibc
public import HogaCore

/// Spreads and price impact from bars alone.
public struct BarLiquidity: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private var before: Bar?
  private var changeBefore = Delay(1)
  private var changes: RollingPairs
  private var corwinSchultz: RollingMean
  private var abdiRanaldo: RollingMean

  /// - Precondition: a length of two bars or more.
  public init(_ length: BarLength) {
    let n = length.bars
    changes = RollingPairs(n)
    corwinSchultz = RollingMean(n)
    abdiRanaldo = RollingMean(n)
    let group = "Liquidity"
    definitions = [
      length.column(
        "RollSpread", group,
        "2√max(0, −cov(C − C₋₁, C₋₁ − C₋₂))/C over n pairs, divisor n − 1", Source.roll,
        back: n + 2),
      length.column(
        "CorwinSchultz", group,
        "mean over n of max(0, 2(e^α − 1)/(1 + e^α)), α = (√2β − √β)/k − √(γ/k), k = 3 − 2√2, "
          + "β = ln(H/L)² + ln(H₋₁/L₋₁)², γ = ln(max(H, H₋₁)/min(L, L₋₁))²",
        Source.corwinSchultz, back: n + 1),
      length.column(
        "AbdiRanaldo", group,
        "2√max(0, mean over n of (c₋₁ − η₋₁)(c₋₁ − η)), c = ln C, η = (ln H + ln L)/2",
        Source.abdiRanaldo, back: n + 1),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    defer { before = bar }
    guard let before else {
      for _ in 0..<3 { row.append(.nan) }
      return
    }
    let change = bar.close - before.close
    let pair = changes.push(changeBefore.push(change), change)
    row.append(2 * positiveRoot(-(pair?.covariance ?? .nan)) / bar.close)
    let (now, then) = (log(bar.high / bar.low), log(before.high / before.low))
    let beta = now * now + then * then
    let both = log(max(bar.high, before.high) / min(bar.low, before.low))
    let k = 3 - 2 * 2.0.squareRoot()
    let alpha = ((2 * beta).squareRoot() - beta.squareRoot()) / k - both / k.squareRoot()
    // tanh(α/2) is (e^α − 1)/(1 + e^α).
    row.append(corwinSchultz.push(max(0, 2 * tanh(alpha / 2))))
    // In logs of quotients: differences of logs of prices lose digits.
    let toOldMiddle = log(before.close / before.high) + log(before.close / before.low)
    let toMiddle = log(before.close / bar.high) + log(before.close / bar.low)
    row.append(2 * positiveRoot(abdiRanaldo.push(toOldMiddle * toMiddle / 4)))
  }
}

/// How far prices move for the value traded.
public struct BarImpact: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = [.prices, .quoteVolume]
  private var before = Delay(1)
  private var impacts: RollingSum
  private var traded: RollingSum

  public init(_ length: BarLength) {
    let n = length.bars
    impacts = RollingSum(n)
    traded = RollingSum(n)
    definitions = [
      length.column(
        "Amihud", "Liquidity",
        "10⁶ · mean of abs(C/C₋₁ − 1)/Q over those of n bars with volume; 0 without",
        Source.amihud, unit: "1/million quote", back: n + 1)
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let move = abs(bar.close / before.push(bar.close) - 1)
    guard !move.isNaN else {
      row.append(.nan)
      return
    }
    let hasVolume = bar.quoteVolume > 0
    let sum = impacts.push(hasVolume ? 1e6 * move / bar.quoteVolume : 0)
    row.append(ratio(sum, traded.push(hasVolume ? 1 : 0)))
  }
}

/// What aggressive buyers and sellers do, and what prices do with it.
public struct TakerFlow: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = [.prices, .quoteVolume, .takerQuoteVolume]
  private var before = Delay(1)
  private var shareBefore = Delay(1)
  private var shares: RollingMoments
  private var withReturn: RollingPairs
  private var withNext: RollingPairs
  private var withItself: RollingPairs
  private var impact: RollingPairs
  private var absolute: RollingSum
  private var total: RollingSum
  private var bulk: RollingSum
  private var bulkTotal: RollingSum
  private var moves: RollingMoments

  /// - Precondition: a length of three bars or more.
  public init(_ length: BarLength) {
    let n = length.bars
    shares = RollingMoments(n)
    withReturn = RollingPairs(n)
    withNext = RollingPairs(n)
    withItself = RollingPairs(n)
    impact = RollingPairs(n)
    absolute = RollingSum(n)
    total = RollingSum(n)
    bulk = RollingSum(n)
    bulkTotal = RollingSum(n)
    moves = RollingMoments(n)
    let group = "Taker flow"
    let share = "p = (2T − Q)/Q, 0 without volume"
    definitions = [
      length.column(
        "TakerZ", group, "(p − μ)/σ of \(share), over n, population σ; 0 where σ = 0",
        Source.chordia, back: n),
      length.column(
        "TakerReturn", group, "Pearson correlation of p and r over n; 0 where undefined; \(share)",
        Source.chordia, back: n + 1),
      length.column(
        "TakerLead", group, "Pearson correlation of p₋₁ and r over n; 0 where undefined; \(share)",
        Source.chordia, back: n + 1),
      length.column(
        "TakerAutocorr", group,
        "Pearson correlation of p and p₋₁ over n pairs; 0 where undefined; \(share)",
        Source.chordia, back: n + 1),
      length.column(
        "KyleLambda", group, "10⁶ · slope of r on 2T − Q over n; 0 where undefined", Source.kyle,
        unit: "1/million quote", back: n + 1),
      length.column(
        "VPIN", group, "Σ abs(2T − Q)/Σ Q over n: bars in place of volume buckets; 0 for 0/0",
        Source.vpin, back: n),
      length.column(
        "BulkFlow", group,
        "Σ Q(2Φ(r/σ) − 1)/Σ Q over n, σ population of r over n at each bar; 0 for 0/0",
        Source.vpin, back: 2 * n),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let move = log(bar.close / before.push(bar.close))
    let signed = 2 * bar.takerQuoteVolume - bar.quoteVolume
    let share = ratio(signed, bar.quoteVolume)
    let shareOld = shareBefore.push(share)
    row.append(shares.push(share)?.score(of: share) ?? .nan)
    row.append(withReturn.push(share, move)?.knownCorrelation ?? .nan)
    row.append(withNext.push(shareOld, move)?.knownCorrelation ?? .nan)
    row.append(withItself.push(shareOld, share)?.knownCorrelation ?? .nan)
    row.append(impact.push(signed, move).map { 1e6 * ($0.slope.isNaN ? 0 : $0.slope) } ?? .nan)
    row.append(ratio(absolute.push(abs(signed)), total.push(bar.quoteVolume)))
    let score: Double
    if let known = moves.push(move) {
      let deviation = known.populationVariance.squareRoot()
      score = erf(ratio(move, deviation) / 2.0.squareRoot())
    } else {
      score = .nan
    }
    let flow = bulk.push(bar.quoteVolume * score)
    row.append(ratio(flow, bulkTotal.push(score.isNaN ? .nan : bar.quoteVolume)))
  }
}

extension Moments {
  /// How many population deviations a value lies from the mean; 0 where nothing deviates.
  func score(of value: Double) -> Double {
    ratio(value - mean, populationVariance.squareRoot())
  }
}

extension CoMoments {
  /// The correlation, 0 where one side does not vary.
  var knownCorrelation: Double { correlation.isNaN ? 0 : correlation }
}
