internal import HogaCore

/// The labels `y_{w}m`: what a symbol does after a minute's close, less what all do.
struct CrossSectionLabels: Sendable {
  let label: CrossSectionLabel
  /// In minutes.
  let horizons: [Int]

  init(_ label: CrossSectionLabel, horizons: [Int]) {
    self.label = label
    self.horizons = horizons
  }

  var names: [String] { horizons.map(Self.name) }

  static func name(_ horizon: Int) -> String { "y_\(horizon)m" }

  /// A column for each horizon. Closes after the panel's last row are not known.
  func compute(_ panel: MinutePanel) -> [[Double]] {
    let (symbols, rows) = (panel.symbols.count, panel.dayRowCount)
    guard let closes = panel.values(.close) else {
      return horizons.map { _ in [Double](repeating: .nan, count: symbols * rows) }
    }
    return horizons.map { horizon in
      var moves = [Double](repeating: .nan, count: symbols * rows)
      let known = rows - horizon
      for symbol in 0..<symbols where known > 0 {
        let from = symbol * panel.rowCount + panel.lead
        unsafe moves.withUnsafeMutableBufferPointer { moves in
          unsafe closes.withUnsafeBufferPointer { closes in
            // Not empty: `known` is above zero.
            let now = unsafe closes.baseAddress! + from
            let target = unsafe moves.baseAddress! + symbol * rows
            switch label {
            case .return:
              unsafe fill(target, known, now + horizon, now) { ($0 / $1 - 1).finiteOrNull }
            case .difference:
              unsafe fill(target, known, now + horizon, now) { ($0 - $1).finiteOrNull }
            }
          }
        }
      }
      return unsafe [Double](unsafeUninitializedCapacity: moves.count) { out, initialized in
        unsafe moves.withUnsafeBufferPointer { moves in
          guard let moves = moves.baseAddress, let out = out.baseAddress else { return }
          unsafe Neutralization.demeaned(moves, into: out, symbols: symbols, rows: rows)
        }
        initialized = moves.count
      }
    }
  }
}
