public import HogaCore
internal import HogaSim

// The result as tables; `Docs/bars.md` describes their columns.

extension BarResult {
  /// `time, equity, cash, exposure, gross, slippage, fees, funding, traded`: at each sample, the
  /// amounts since the start, in units of currency.
  public var equityFrame: Frame {
    func column(_ amount: (BarSample) -> Money) -> Column {
      .double(samples.map { amount($0).value })
    }
    return Frame([
      ("time", .timestamp(samples.map(\.time))), ("equity", column(\.equity)),
      ("cash", column(\.cash)), ("exposure", column(\.exposure)), ("gross", column(\.gross)),
      ("slippage", column(\.slippage)), ("fees", column(\.fees)), ("funding", column(\.funding)),
      ("traded", column(\.traded)),
    ])
  }

  /// `time` and a column for each symbol: the worth of its position over equity, at each sample; null
  /// where there is no equity.
  public var weightFrame: Frame {
    let count = instruments.count
    let columns = instruments.indices.map { symbol -> (String, Column) in
      let scale =
        Double(instruments[symbol].unitsPerLotTick) / 1e18
      let weights = samples.indices.map { row -> Double in
        let equity = samples[row].equity
        guard equity > .zero, !positions.isEmpty else { return Double.nan }
        let place = row * count + symbol
        return Double(positions[place]) * Double(closes[place]) * scale / equity.value
      }
      return (instruments[symbol].symbol, .double(weights))
    }
    return Frame([("time", .timestamp(samples.map(\.time)))] + columns)
  }

  /// `time` (the bar's open), `symbol`, `side` (1 bought, −1 sold), `size`, `price` (the bar's),
  /// `slippage` and `fee` (units of currency), `forced`.
  public var fillFrame: Frame {
    let decimals = instruments.map { (Double($0.priceScale), Double($0.sizeScale)) }
    return Frame([
      ("time", .timestamp(fills.map(\.time))),
      (
        "symbol",
        .category(
          Categories(codes: fills.map(\.symbol), levels: instruments.map(\.symbol)))
      ),
      ("side", .int32(fills.map { $0.lots < 0 ? -1 : 1 })),
      ("size", .double(fills.map { Double($0.lots.magnitude) / decimals[Int($0.symbol)].1 })),
      ("price", .double(fills.map { Double($0.ticks) / decimals[Int($0.symbol)].0 })),
      ("slippage", .double(fills.map(\.slippage.value))),
      ("fee", .double(fills.map(\.fee.value))), ("forced", .bool(fills.map(\.isForced))),
    ])
  }

  /// `symbol, position, fills, traded, gross, slippage, fees, funding, net, missing_bars`.
  public var symbolFrame: Frame {
    func column(_ amount: (SymbolLine) -> Money) -> Column {
      .double(symbols.map { amount($0).value })
    }
    return Frame([
      ("symbol", .category(Categories(symbols.map(\.symbol)))),
      (
        "position",
        .double(
          zip(symbols, instruments).map { Double($0.position) / $1.sizeScale })
      ), ("fills", .int64(symbols.map { Int64($0.fills) })), ("traded", column(\.traded)),
      ("gross", column(\.gross)), ("slippage", column(\.slippage)), ("fees", column(\.fees)),
      ("funding", column(\.funding)), ("net", column(\.net)),
      ("missing_bars", .int64(symbols.map { Int64($0.missingBars) })),
    ])
  }
}
