/// Where the indicators come from. Formulas write `O H L C V Q N T` for a bar's open, high, low,
/// close, volume, quote volume, count and taker buy quote volume, `n` for the length in bars, `r` for
/// `ln(C / C₋₁)`, `TR` for `max(H, C₋₁) − min(L, C₋₁)`, `P` for `(H + L + C)/3`, `_k` for k bars ago.
enum Source {
  static let classic = "W. Gordon, The Stock Market Indicators, 1968"
  static let mulloy =
    "P. Mulloy, Smoothing Data with Faster Moving Averages, Stocks & Commodities 12, 1994"
  static let tillson = "T. Tillson, Smoothing Techniques for More Accurate Signals, S&C 16, 1998"
  static let hull = "A. Hull, Hull Moving Average, 2005"
  static let zeroLag = "J. Ehlers, R. Way, Zero Lag (Well, Almost), S&C 28, 2010"
  static let kaufman = "P. Kaufman, Smarter Trading, 1995"
  static let regression = "C. F. Gauss, Theoria motus, 1809 (least squares); TA-Lib LINEARREG"
  static let chande = "T. Chande, S. Kroll, The New Technical Trader, 1994"
  static let vwap =
    "S. Berkowitz, D. Logue, E. Noser, The Total Cost of Transactions on the NYSE, J. Finance 43, 1988"
  static let appel = "G. Appel, The Moving Average Convergence Divergence Trading Method, 1979"
  static let spiroglou = "A. Spiroglou, MACD-V: Volatility Normalised Momentum, 2022"
  static let hutson = "J. Hutson, Good TRIX, Stocks & Commodities 1, 1983"
  static let wilder = "J. W. Wilder, New Concepts in Technical Trading Systems, 1978"
  static let lane = "G. Lane, Lane's Stochastics, Stocks & Commodities 2, 1984"
  static let aroon = "T. Chande, A Time Price Oscillator, Stocks & Commodities 13, 1995"
  static let lambert = "D. Lambert, Commodity Channel Index, Commodities 9, 1980"
  static let mfi = "G. Quong, A. Soudack, Volume-Weighted RSI: Money Flow, S&C 7, 1989"
  static let williams = "L. Williams, The Ultimate Oscillator, Stocks & Commodities 3, 1985"
  static let blau = "W. Blau, Momentum, Direction, and Divergence, 1995"
  static let keltner = "C. Keltner, How to Make Money in Commodities, 1960"
  static let elder = "A. Elder, Trading for a Living, 1993"
  static let dorsey = "D. Dorsey, The Mass Index, Stocks & Commodities 10, 1992"
  static let chaikin = "M. Chaikin, in S. Achelis, Technical Analysis from A to Z, 1995"
  static let granville = "J. Granville, New Key to Stock Market Profits, 1963"
  static let achelis = "S. Achelis, Technical Analysis from A to Z, 1995"
  static let bollinger = "J. Bollinger, Bollinger on Bollinger Bands, 2001"
  static let carter = "J. Carter, Mastering the Trade, 2005"
  static let hosoda = "G. Hosoda, Ichimoku Kinko Hyo, 1969"
  static let donchian = "R. Donchian, High Finance in Copper, Financial Analysts Journal 16, 1960"
  static let vortex = "E. Botes, D. Siepman, The Vortex Indicator, Stocks & Commodities 28, 2010"
  static let dreiss = "E. W. Dreiss, Choppiness Index, 1993"
  static let white = "A. White, The Vertical Horizontal Filter, Futures 20, 1991"
  static let livshin = "I. Livshin, Balance of Power, Stocks & Commodities 19, 2001"
  static let jegadeesh =
    "N. Jegadeesh, S. Titman, Returns to Buying Winners and Selling Losers, J. Finance 48, 1993"
  static let gettleman = "E. Gettleman, J. Marks, Acceleration Strategies, 2006"
  static let martin = "P. Martin, B. McCann, The Investor's Guide to Fidelity Funds, 1989"
  static let realized =
    "T. Andersen, T. Bollerslev, Answering the Skeptics, International Economic Review 39, 1998"
  static let parkinson =
    "M. Parkinson, The Extreme Value Method for Estimating the Variance, J. Business 53, 1980"
  static let garmanKlass =
    "M. Garman, M. Klass, On the Estimation of Security Price Volatilities, J. Business 53, 1980"
  static let rogersSatchell =
    "L. Rogers, S. Satchell, Estimating Variance from High, Low and Closing Prices, "
    + "Annals of Applied Probability 1, 1991"
  static let yangZhang =
    "D. Yang, Q. Zhang, Drift-Independent Volatility Estimation, J. Business 73, 2000"
  static let bipower =
    "O. Barndorff-Nielsen, N. Shephard, Power and Bipower Variation, "
    + "J. Financial Econometrics 2, 2004"
  static let medianRV =
    "T. Andersen, D. Dobrev, E. Schaumburg, Jump-Robust Volatility Estimation, "
    + "J. Econometrics 169, 2012"
  static let semivariance =
    "O. Barndorff-Nielsen, S. Kinnebrock, N. Shephard, Measuring Downside Risk, 2010"
  static let moments = "K. Pearson, Contributions to the Mathematical Theory of Evolution II, 1895"
  static let sharpe = "W. Sharpe, The Sharpe Ratio, J. Portfolio Management 21, 1994"
  static let boxJenkins = "G. Box, G. Jenkins, Time Series Analysis, 1970"
  static let varianceRatio =
    "A. Lo, C. MacKinlay, Stock Market Prices Do Not Follow Random Walks, "
    + "Review of Financial Studies 1, 1988"
  static let dickeyFuller =
    "D. Dickey, W. Fuller, Distribution of the Estimators for Autoregressive Time Series, JASA 74, 1979"
  static let halfLife = "E. Chan, Algorithmic Trading, 2013"
  static let hurst =
    "H. E. Hurst, Long-Term Storage Capacity of Reservoirs, 1951; A. Lo, Long-Term Memory in Stock "
    + "Market Prices, Econometrica 59, 1991"
  static let amihud = "Y. Amihud, Illiquidity and Stock Returns, J. Financial Markets 5, 2002"
  static let roll =
    "R. Roll, A Simple Implicit Measure of the Effective Bid-Ask Spread, J. Finance 39, 1984"
  static let corwinSchultz =
    "S. Corwin, P. Schultz, A Simple Way to Estimate Bid-Ask Spreads from Daily High and Low Prices, "
    + "J. Finance 67, 2012"
  static let abdiRanaldo =
    "F. Abdi, A. Ranaldo, A Simple Estimation of Bid-Ask Spreads from Daily Close, High, and Low "
    + "Prices, Review of Financial Studies 30, 2017"
  static let zeroReturns =
    "D. Lesmond, J. Ogden, C. Trzcinka, A New Estimate of Transaction Costs, "
    + "Review of Financial Studies 12, 1999"
  static let kyle = "A. Kyle, Continuous Auctions and Insider Trading, Econometrica 53, 1985"
  static let karpoff =
    "J. Karpoff, The Relation between Price Changes and Trading Volume, JFQA 22, 1987"
  static let vpin =
    "D. Easley, M. López de Prado, M. O'Hara, Flow Toxicity and Liquidity in a High-Frequency World, "
    + "Review of Financial Studies 25, 2012"
  static let chordia =
    "T. Chordia, R. Roll, A. Subrahmanyam, Order Imbalance, Liquidity, and Market Returns, "
    + "J. Financial Economics 65, 2002"
  static let garch =
    "T. Bollerslev, Generalized Autoregressive Conditional Heteroskedasticity, J. Econometrics 31, "
    + "1986; R. Engle, J. Mezrich, GARCH for Groups, Risk 9, 1996 (variance targeting)"
  static let riskMetrics = "J.P. Morgan, RiskMetrics Technical Document, 1996"
  static let hoga = "defined here"
}
