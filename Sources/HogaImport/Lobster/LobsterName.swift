internal import HogaCore

/// What a LOBSTER file's name says:
/// `AMZN_2012-06-21_34200000_57600000_message_5.csv`.
struct LobsterName: Hashable {
  enum Kind: Hashable { case message, orderbook }

  var symbol: String
  var date: CivilDate
  var kind: Kind
  var levels: Int

  /// - Returns: `nil` for names of another form.
  init?(_ name: String) {
    let stem = name.split(separator: ".", maxSplits: 1).first ?? ""
    let parts = stem.split(separator: "_")
    guard parts.count == 6, let date = CivilDate(parts[1]), let levels = Int(parts[5]),
      levels > 0
    else { return nil }
    switch parts[4].lowercased() {
    case "message": kind = .message
    case "orderbook": kind = .orderbook
    default: return nil
    }
    symbol = String(parts[0])
    self.date = date
    self.levels = levels
  }

  /// Which of the two a file is, also where its name has another form.
  static func kind(of name: String) -> Kind? {
    let lower = name.lowercased()
    return switch (lower.contains("message"), lower.contains("orderbook")) {
    case (true, false): .message
    case (false, true): .orderbook
    default: nil
    }
  }
}
