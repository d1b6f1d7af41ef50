/// Column names as the specification of microstructure features has them, written out by hand.
enum Specification {
  static func columns(windows: [String]) -> [String] {
    func each(_ name: String) -> [String] { windows.map { "\(name)_\($0)" } }
    var names = ["mid", "spread", "spread_bps", "microprice_dev_bps"]
    names += ["imbalance_1", "imbalance_5", "imbalance_10", "depth_imbalance"]
    for name in ["pressure_ratio", "bid_slope", "ask_slope"] {
      names += [1, 5, 10].map { "\(name)_\($0)" }
    }
    names += each("ofi")
    for level in 1...10 { names += each("mlofi_\(level)") }
    for name in [
      "ofi_norm", "volume", "signed_volume", "trades", "trade_imbalance", "vwap_dev_bps", "rv",
      "kyle_lambda", "amihud", "roll_spread", "effective_spread_bps",
    ] {
      names += each(name)
    }
    return names + ["vpin", "vpin_bvc"]
  }
}
