public import HogaCore
public import HogaFeatures

/// One feature of a cross-section: its line in the catalogue, before transforms.
public struct CrossSectionFeature: Hashable, Sendable {
  /// Name, formula, unit, look-back, source. The name is `x_{w}m_NAME`.
  public var definition: FeatureDefinition
  /// The name without prefix and window: `RVol`.
  public var stem: String
  /// In minutes.
  public var window: Int
  /// Fields of the minutes that it is null without.
  public var inputs: [MinuteField]
  /// A feature before it in the catalogue that holds the same values by construction.
  public var identicalTo: String?
  /// It is one number for all symbols of a minute: nothing is made of it across them.
  public var isMarketWide: Bool

  public var name: String { definition.name }

  public init(
    definition: FeatureDefinition, stem: String, window: Int, inputs: [MinuteField],
    identicalTo: String? = nil, isMarketWide: Bool = false
  ) {
    self.definition = definition
    self.stem = stem
    self.window = window
    self.inputs = inputs
    self.identicalTo = identicalTo
    self.isMarketWide = isMarketWide
  }

  /// `x_{w}m_NAME`.
  public static func name(_ stem: String, window: Int) -> String { "x_\(window)m_\(stem)" }
}

extension CrossSectionFeature {
  init(_ feature: SpecificationFeature, window: Int) {
    let slot = SpecificationLayout.Slot(feature, window: window)
    let text = feature.text
    let rows =
      switch feature.reach {
      case .window, .statistic: slot.length
      case .windowAndBefore, .statisticAndBefore: slot.length + 1
      case .instant: 1
      }
    self.init(
      definition: FeatureDefinition(
        name: Self.name(feature.rawValue, window: window), group: "Specification",
        formula: text.formula, unit: text.unit,
        lookBack: rows == 1 ? .instant : .window(.seconds(60 * Int64(rows))), source: text.source),
      stem: feature.rawValue, window: window, inputs: feature.inputs)
  }
}

extension SpecificationFeature {
  /// In the formulas: rows `t−w+1 … t` are the window, `v = max(w, 5)`; `O` is the window's first
  /// open, `H` and `L` its extremes, `C` the close at `t`, `C₀` the close `w` rows before, `Q`, `V`,
  /// `N` and `B` the window's sums of quote volume, volume, trades and taker buy quote volume.
  fileprivate var text: (formula: String, unit: String, source: String) {
    let own = "Hoga's specification of cross-sections"
    let bollinger = "J. Bollinger, Bollinger on Bollinger Bands, 2001"
    switch self {
    case .openToClose: return ("C/O − 1", "1", own)
    case .openToHigh: return ("H/O − 1", "1", own)
    case .openToLow: return ("L/O − 1", "1", own)
    case .highToClose: return ("C/H − 1", "1", own)
    case .lowToClose: return ("C/L − 1", "1", own)
    case .highToLow:
      return (
        "H/L − 1", "1",
        "after M. Parkinson, The extreme value method for estimating the variance of the rate of "
          + "return, 1980"
      )
    case .realizedVolatility:
      return (
        "σ over v of ln(close_i/close_{i−1})", "1",
        "after T. Andersen, T. Bollerslev, Answering the skeptics, 1998"
      )
    case .efficiencyRatio:
      return (
        "|C − C₀| / Σ |close_i − close_{i−1}|; 0 where the sum is 0", "1",
        "P. J. Kaufman, Smarter Trading, 1995"
      )
    case .priceInterestCorrelation:
      return (
        "correlation of close and oi over v; 0 where either does not vary", "1",
        "K. Pearson, Note on regression and inheritance, 1895"
      )
    case .force:
      return (
        "Σ (close_i − close_{i−1}) · volume_i", "quote", "A. Elder, Trading for a Living, 1993"
      )
    case .percentB:
      return ("(C − (μ − 2σ)) / 4σ of close over v; 0.5 where σ = 0", "1", bollinger)
    case .netTaker:
      return (
        "(2B − Q) / Q; 0 without volume", "1",
        "T. Chordia, R. Roll, A. Subrahmanyam, Order imbalance, liquidity, and market returns, 2002"
      )
    case .averageTrade: return ("Q / N; 0 without trades", "quote", own)
    case .interestChange: return ("oi_t / oi_{t−w} − 1", "1", own)
    case .whaleGap: return ("mean of ls_top − ls_global", "1", own)
    case .closeToVWAP:
      return (
        "C / (Q/V) − 1; 0 without volume", "1",
        "S. Berkowitz, D. Logue, E. Noser, The total cost of transactions on the NYSE, 1988"
      )
    case .premium: return ("mean of premium", "1", own)
    case .closeDifferenceRate: return ("(C − C₀) / C₀", "1", own)
    case .ratioSkew: return ("ls_top − ls_global at t", "1", own)
    case .ratioSkewScore:
      return ("(RatioSkew − μ) / σ of RatioSkew over v; 0 where σ = 0", "1", own)
    case .crowdingPressure: return ("tanh(3 · RatioSkew_Z)", "1", own)
    case .interestScore: return ("(oi − μ) / σ of oi over v; 0 where σ = 0", "1", own)
    case .priceInterestRegime:
      return (
        "sign(C − C₀) · sign(oi_t − oi_{t−w})", "1",
        "after J. Murphy, Technical Analysis of the Futures Markets, 1986"
      )
    case .interestSkew: return ("OI_Z · RatioSkew_Z", "1", own)
    }
  }
}
