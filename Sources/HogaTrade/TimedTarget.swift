internal import HogaCore
internal import HogaSim

/// A position that a strategy wants, and until when.
///
/// Market orders move the desk toward it, one at a time. After a rejection or a partial fill the
/// next signal or timer tries again, never the rejection itself, so nothing can spin.
struct TimedTarget: Sendable {
  private(set) var lots: Int64 = 0
  private let holding: TimeSpan
  private var end: Timestamp?
  private var wakes: Timestamp?

  init(holding: TimeSpan) { self.holding = holding }

  /// Wants nothing and has nothing, so a new position may be entered.
  func isFlat(_ desk: TradingDesk) -> Bool {
    lots == 0 && desk.position == 0 && desk.openOrders.isEmpty
  }

  mutating func enter(_ target: Int64, at time: Timestamp) {
    lots = target
    end = time + holding
  }

  /// Wants to be flat.
  mutating func leave() {
    lots = 0
    end = nil
  }

  /// Holds for another full time from now.
  mutating func extend(from time: Timestamp) { end = time + holding }

  mutating func endIfDue(_ time: Timestamp) {
    if let end, time >= end { leave() }
  }

  /// Places the order that is missing, and asks to be woken at the holding time's end.
  mutating func follow(_ desk: inout TradingDesk) {
    desk.trade(toward: lots)
    if let end, wakes != end {
      wakes = end
      desk.wake(at: end)
    }
  }

  /// An order is over: what the entry did not get is given up, not chased.
  mutating func received(_ update: OrderUpdate, _ desk: TradingDesk) {
    guard update.isFinal, desk.openOrders.isEmpty, lots != 0 else { return }
    if desk.position == 0 {
      leave()
    } else if desk.position.signum() == lots.signum(), abs(desk.position) < abs(lots) {
      lots = desk.position
    }
  }
}
