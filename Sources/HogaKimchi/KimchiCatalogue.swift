internal import HogaCore
public import HogaFeatures

/// The features of a premium with formula and source, in the order of their columns.
///
/// `p` is the premium, `K` the Korean price, `F` the foreign one, `X` won per dollar, `V` volumes in
/// base units, `s` the grid's step, `n` the steps in a window `w`, `Σ_w` sums over `(t − w, t]`.
public struct KimchiCatalogue: Sendable {
  public let definitions: [FeatureDefinition]

  public init(settings: KimchiSettings) {
    var list: [FeatureDefinition] = []
    func add(
      _ name: String, _ group: String, _ formula: String, _ unit: String, _ source: String,
      over span: TimeSpan? = nil, more: TimeSpan = .zero
    ) {
      list.append(
        FeatureDefinition(
          name: span.map { "\(name)_\($0.hours)" } ?? name, group: group, formula: formula,
          unit: unit,
          lookBack: span.map {
            .window(
              TimeSpan(
                nanoseconds: $0.nanoseconds + more.nanoseconds))
          } ?? .instant, source: source))
    }
    let every = settings.every
    add("premium", "Premium", "p = K / (F·X) − 1", "1", Self.choi)
    for span in settings.changes {
      add("premium_change", "Premium", "10⁴ · (p_t − p_{t−h})", "bps", Self.makarov, over: span)
    }
    for window in settings.windows {
      add("premium_gap", "Premium", "10⁴ · (p − mean_w p)", "bps", Self.gatev, over: window)
      add(
        "premium_z", "Premium", "(p − mean_w p) / sd_w p, divisor n − 1", "1", Self.gatev,
        over: window)
      add(
        "premium_range", "Premium", "(p − min_w p) / (max_w p − min_w p)", "1",
        "G. Lane, \"Lane's stochastics\", 1984", over: window)
      add(
        "premium_vol", "Premium", "sd_w of 10⁴ · (p_t − p_{t−s})", "bps", Self.makarov,
        over: window, more: every)
      add(
        "premium_ar1", "Premium", "φ, the slope of p_t on p_{t−s} over w, with intercept", "1",
        Self.box, over: window, more: every)
      add(
        "premium_half_life", "Premium", "−ln 2 / ln φ · s, null unless 0 < φ < 1", "h", Self.box,
        over: window, more: every)
    }
    for span in settings.changes {
      add("korean_return", "Legs", "10⁴ · ln(K_t / K_{t−h})", "bps", Self.makarov, over: span)
      add("foreign_return", "Legs", "10⁴ · ln(F_t / F_{t−h})", "bps", Self.makarov, over: span)
      add("fx_return", "FX", "10⁴ · ln(X_t / X_{t−h})", "bps", Self.makarov, over: span)
    }
    for window in settings.windows {
      for (name, letter) in [("korean_vol", "K"), ("foreign_vol", "F")] {
        add(
          name, "Legs", "√(mean_w r²), r = 10⁴ · ln(\(letter)_t / \(letter)_{t−s})", "bps",
          Self.andersen, over: window, more: every)
      }
      add(
        "leg_correlation", "Legs", "corr_w(r_K, r_F) of one-step returns", "1", Self.makarov,
        over: window, more: every)
      add(
        "foreign_lead", "Legs", "corr_w(r_F,t−s , r_K,t) − corr_w(r_K,t−s , r_F,t)", "1", Self.lo,
        over: window, more: TimeSpan(nanoseconds: 2 * every.nanoseconds))
    }
    add("korean_volume", "Volume", "V_K since t − s", "base", Self.choi)
    add("foreign_volume", "Volume", "V_F since t − s", "base", Self.choi)
    add("volume_ratio", "Volume", "ln(V_K / V_F)", "1", Self.makarov)
    for window in settings.windows {
      add("korean_surge", "Volume", "V_K / mean_w V_K", "1", Self.gervais, over: window)
      add("foreign_surge", "Volume", "V_F / mean_w V_F", "1", Self.gervais, over: window)
      add(
        "volume_ratio", "Volume", "ln(mean_w V_K / mean_w V_F)", "1", Self.makarov, over: window)
    }
    add("fx_age", "FX", "time since the rate was published", "h", "a reading's age")
    for (name, formula) in [
      ("hour_sin", "sin(2π·h/24), h the hour in Seoul"), ("hour_cos", "cos(2π·h/24)"),
      ("weekday_sin", "sin(2π·d/7), d = 0 on Monday in Seoul"), ("weekday_cos", "cos(2π·d/7)"),
    ] {
      add(name, "Clock", formula, "1", "the calendar on a circle")
    }
    definitions = list
  }

  private static let choi =
    "K. J. Choi, A. Lehar, R. Stauffer, \"Bitcoin microstructure and the Kimchi premium\", 2018"
  private static let makarov =
    "I. Makarov, A. Schoar, \"Trading and arbitrage in cryptocurrency markets\", JFE 135, 2020"
  private static let gatev =
    "E. Gatev, W. Goetzmann, K. Rouwenhorst, \"Pairs trading\", RFS 19, 2006"
  private static let box =
    "G. Box, G. Jenkins, \"Time series analysis: forecasting and control\", 1970"
  private static let andersen =
    "T. Andersen, T. Bollerslev, \"Answering the skeptics\", Int. Economic Review 39, 1998"
  private static let lo =
    "A. Lo, A. C. MacKinlay, \"When are contrarian profits due to overreaction?\", RFS 3, 1990"
  private static let gervais =
    "S. Gervais, R. Kaniel, D. Mingelgrin, \"The high-volume return premium\", JF 56, 2001"
}
