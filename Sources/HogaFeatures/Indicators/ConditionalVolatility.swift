internal import Glibc
public import HogaCore

/// The volatility forecast for the next bar.
///
/// GARCH(1,1) with stated parameters: a persistence of 1 − 1/n, of which 0.1 goes to the newest
/// squared return, and a long-run variance that is the mean square of all returns so far (variance
/// targeting). Nothing is searched for, so nothing can fail to converge in the middle of a day;
/// `GarchEstimate` finds parameters by quasi-maximum likelihood where those are wanted.
public struct ConditionalVolatility: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private let n: Int
  private let persistence: Double
  private let newest = 0.1
  private var before = Delay(1)
  private var sum = StableSum()
  private var seen = 0
  private var variance = Double.nan

  /// - Precondition: a length of two bars or more.
  public init(_ length: BarLength) {
    n = length.bars
    persistence = 1 - 1 / Double(length.bars)
    definitions = [
      length.column(
        "GARCH", "Volatility",
        "√h of the next bar, h = (1 − p)·v + 0.1·r² + (p − 0.1)·h₋₁, p = 1 − 1/n, v = mean of r² "
          + "since the start; h starts as v with the n-th return",
        Source.garch, back: nil),
      length.column(
        "GARCHRatio", "Volatility", "√(h/v) of that recursion; 1 for 0/0", Source.garch, back: nil),
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let move = log(bar.close / before.push(bar.close))
    guard !move.isNaN else {
      row.append(.nan)
      row.append(.nan)
      return
    }
    seen += 1
    sum.push(move * move)
    let target = sum.value / Double(seen)
    if seen > n {
      variance =
        (1 - persistence) * target + newest * move * move + (persistence - newest) * variance
    } else if seen == n {
      variance = target
    }
    row.append(variance.squareRoot())
    row.append(ratio(variance, target, orElse: 1).squareRoot())
  }
}

/// Volatility by an exponential average of squared returns.
public struct ExponentialVolatility: BarOperator {
  public let definitions: [FeatureDefinition]
  public let inputs: BarInputs = .prices
  private var before = Delay(1)
  private var average: Smoother
  private var warmUp: WarmUp

  public init(_ length: BarLength, _ seeding: Seeding) {
    average = Smoother(span: length.bars, seeding)
    warmUp = WarmUp(length.bars)
    definitions = [
      length.column(
        "EWMAVol_\(seeding)", "Volatility", "√EMA(r², n)", Source.riskMetrics, back: nil)
    ]
  }

  public mutating func update(_ bar: Bar, into row: inout OutputSpan<Double>) {
    let move = log(bar.close / before.push(bar.close))
    row.append(average.push(move * move).squareRoot(), if: warmUp.pass())
  }
}
