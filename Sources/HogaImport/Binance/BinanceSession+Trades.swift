internal import HogaCore

extension BinanceSession {
  mutating func trade(_ arrival: Int64, _ time: Int64) throws -> Bool {
    let isAggregate = scanner.event == .aggregateTrade
    let id = isAggregate ? scanner.aggregateID : scanner.tradeID
    guard id != Column.missing, scanner.price != Column.missing, scanner.size != Column.missing,
      scanner.buyerIsMaker != Column.missing
    else {
      try reject("a trade lacks its id, p, q or m")
      return false
    }
    if let tradeEvent, tradeEvent != scanner.event {
      counter.add(
        isAggregate
          ? "aggregate trades beside trades, not used" : "trades beside aggregates, not used")
      return false
    }
    tradeMessages += 1
    guard lastTrade == Column.missing || id > lastTrade else {
      duplicateTrades += 1
      return false
    }
    if scanner.orderType.count > 0, unsafe !scanner.orderType.equals("MARKET") {
      let kind = unsafe String(decoding: scanner.orderType.prefix(40), as: UTF8.self)
      counter.add("trades outside the book (\(kind)), not used")
      note(trade: id)
      return false
    }
    guard scanner.price > 0 else {
      try reject("a trade's price is not above zero", text(price: scanner.price))
      return false
    }
    guard scanner.size > 0 else {
      try reject("a trade's size is not above zero", text(size: scanner.size))
      return false
    }
    tradeEvent = scanner.event
    note(trade: id)
    try prepare(arrival)
    try writer?.trade(
      moment(arrival, time), id: id, price: scanner.price, size: scanner.size,
      aggressor: scanner.buyerIsMaker == 1 ? .sell : .buy)
    return true
  }

  private mutating func note(trade id: Int64) {
    if lastTrade != Column.missing { missingTrades += id - lastTrade - 1 }
    lastTrade = id
  }

  mutating func quote(_ arrival: Int64, _ time: Int64) throws -> Bool {
    guard scanner.bidPrice != Column.missing, scanner.bidSize != Column.missing,
      scanner.askPrice != Column.missing, scanner.askSize != Column.missing
    else {
      try reject("a best bid and ask lacks b, B, a or A")
      return false
    }
    quoteMessages += 1
    if scanner.lastUpdate != Column.missing {
      guard lastQuote == Column.missing || scanner.lastUpdate > lastQuote else {
        duplicateQuotes += 1
        return false
      }
    }
    var cells = [
      scanner.bidPrice, scanner.bidSize, scanner.askPrice, scanner.askSize,
    ]
    for side in [0, 2] {
      let (price, size) = (cells[side], cells[side + 1])
      guard price >= 0, size >= 0, (price == 0) == (size == 0) else {
        try reject(
          "a best price or size is not above zero", "\(text(price: price)) × \(text(size: size))")
        return false
      }
      // Zeros say that the side is empty.
      if price == 0 {
        cells[side] = Column.missing
        cells[side + 1] = Column.missing
      }
    }
    if scanner.lastUpdate != Column.missing { lastQuote = scanner.lastUpdate }
    try prepare(arrival)
    try writer?.quote(moment(arrival, time), cells)
    return true
  }
}
