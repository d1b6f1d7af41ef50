/// All indicators of a length, and what they mean.
public enum Indicators {
  /// Operators of one length: shapes of candles for any, the rest from five bars on.
  ///
  /// - Parameter seedings: how recursive averages begin. The two kinds of a column approach each
  ///   other geometrically and are the same to rounding after some twenty lengths; ask for both to
  ///   compare them, not to learn from both.
  public static func operators(
    _ length: BarLength, seedings: [Seeding] = [.talib]
  ) -> [any BarOperator] {
    var operators: [any BarOperator] = [CandleShape(length)]
    guard length.bars >= 5 else { return operators }
    operators += [
      PlainAverages(length), TrendLine(length), AdaptiveAverage(length), VolumeAverages(length),
      Stochastics(length), Aroon(length), ChannelIndex(length), BollingerBands(length),
      PriceChannels(length), Ichimoku(length), Momentum(length), UltimateOscillator(length),
      Drawdowns(length), RangeVolatility(length), ReturnShape(length),
      ConditionalVolatility(length), SerialDependence(length), BarLiquidity(length),
      BarImpact(length), TakerFlow(length), MoneyFlow(length), VolumeShape(length),
      TradeCounts(length),
    ]
    for seeding in seedings {
      operators += [
        ExponentialAverages(length, seeding), MovingAverageConvergence(length, seeding),
        RelativeStrength(length, seeding), DirectionalMovement(length, seeding),
        AverageRange(length, seeding), RangeExpansion(length, seeding),
        TrueStrength(length, seeding), ExponentialVolatility(length, seeding),
        VolumeOscillator(length, seeding),
      ]
    }
    return operators
  }

  public static func definitions(
    _ length: BarLength, seedings: [Seeding] = [.talib]
  ) -> [FeatureDefinition] {
    operators(length, seedings: seedings).flatMap(\.definitions)
  }
}
