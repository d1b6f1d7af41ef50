import Foundation
import HogaCore
import HogaCrossSection

/// A market and what a slow reading of the specification makes of it, by
/// `Scripts/fixtures/cross_section.py`.
struct CrossSectionFixture {
  let panel: MinutePanel
  /// The rows of the day that `expected` has.
  let rows: [Int]
  let names: [String]
  private let values: [Double]

  init(_ name: String) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/cross-section")
    struct Head: Decodable {
      var symbols: [String]
      var start: Int64
      var lead: Int
      var minutes: Int
      var fields: [String]
      var rows: [Int]
      var columns: [String]
    }
    func doubles(_ file: String) throws -> [Double] {
      let data = try Data(contentsOf: folder.appending(path: file))
      return data.withUnsafeBytes { bytes in
        (0..<bytes.count / 8).map {
          Double(
            bitPattern: UInt64(
              littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)))
        }
      }
    }
    let head = try JSONDecoder().decode(
      Head.self, from: Data(contentsOf: folder.appending(path: "\(name).json")))
    let input = try doubles("\(name).input.f64")
    let size = head.symbols.count * head.minutes
    var fields: [MinuteField: [Double]] = [:]
    for (index, field) in head.fields.enumerated() {
      guard let field = MinuteField(rawValue: field) else { throw DataError("no field \(field)") }
      fields[field] = Array(input[index * size..<(index + 1) * size])
    }
    panel = MinutePanel(
      symbols: head.symbols, start: Timestamp(nanoseconds: head.start), rowCount: head.minutes,
      lead: head.lead, fields: fields)
    rows = head.rows
    names = head.columns
    values = try doubles("\(name).expected.f64")
  }

  /// By row and symbol.
  func expected(_ name: String) -> [[Double]] {
    guard let column = names.firstIndex(of: name) else { return [] }
    let symbols = panel.symbols.count
    return rows.indices.map { row in
      let first = (column * rows.count + row) * symbols
      return Array(values[first..<first + symbols])
    }
  }
}

/// A market drawn from a seed: a random walk, steps every five minutes, no gaps.
func randomPanel(
  symbols: Int = 4, lead: Int = 70, day: Int = 200, seed: UInt64 = 1,
  change: (MinuteField, inout [Double]) -> Void = { _, _ in }
) -> MinutePanel {
  var random = SeededRandom(seed)
  let rows = lead + day
  var fields: [MinuteField: [Double]] = [:]
  for field in MinuteField.allCases { fields[field] = [] }
  for symbol in 0..<symbols {
    var close = 100.0 * Double(symbol + 1)
    var (interest, top, all) = (1e6, 1.5, 1.2)
    for row in 0..<rows {
      let open = close
      close *= 1 + 1e-3 * (random.uniform() - 0.5)
      if row % 5 == 0 {
        interest *= 1 + 1e-3 * (random.uniform() - 0.5)
        top = 1 + random.uniform()
        all = 1 + random.uniform()
      }
      let volume = 100 * random.uniform()
      let values: [MinuteField: Double] = [
        .open: open, .close: close, .high: max(open, close) * (1 + 1e-4 * random.uniform()),
        .low: min(open, close) * (1 - 1e-4 * random.uniform()), .volume: volume,
        .quote: volume * close, .count: Double(Int(50 * random.uniform())),
        .takerQuote: volume * close * random.uniform(), .premium: 1e-4 * random.uniform(),
        .openInterest: interest, .topRatio: top, .globalRatio: all,
      ]
      for (field, value) in values { fields[field]!.append(value) }
    }
  }
  for field in MinuteField.allCases { change(field, &fields[field]!) }
  return MinutePanel(
    symbols: (0..<symbols).map { "S\($0 + 10)" }, start: Timestamp(nanoseconds: 0), rowCount: rows,
    lead: lead, fields: fields)
}

extension MinutePanel {
  /// Some of the rows; those before the day's are the lead.
  func rows(_ range: Range<Int>) -> MinutePanel {
    var fields: [MinuteField: [Double]] = [:]
    for field in MinuteField.allCases where values(field) != nil {
      fields[field] = symbols.indices.flatMap { symbol in
        let all = Array(values(field, of: symbol))
        return all[range]
      }
    }
    return MinutePanel(
      symbols: symbols, start: Timestamp(nanoseconds: time(range.lowerBound)),
      rowCount: range.count, lead: max(0, lead - range.lowerBound), fields: fields)
  }

  /// The same with fields changed.
  func changing(_ change: (MinuteField, inout [Double]) -> Void) -> MinutePanel {
    var fields: [MinuteField: [Double]] = [:]
    for field in MinuteField.allCases {
      guard var values = values(field) else { continue }
      change(field, &values)
      fields[field] = values
    }
    return MinutePanel(
      symbols: symbols, start: start, rowCount: rowCount, lead: lead, fields: fields)
  }

  /// The same without some fields.
  func without(_ missing: Set<MinuteField>) -> MinutePanel {
    var fields: [MinuteField: [Double]] = [:]
    for field in MinuteField.allCases where !missing.contains(field) {
      fields[field] = values(field)
    }
    return MinutePanel(
      symbols: symbols, start: start, rowCount: rowCount, lead: lead, fields: fields)
  }
}

/// Bits, with one null as good as another.
func bits(_ values: some Sequence<Double>) -> [UInt64] {
  values.map { $0.isNaN ? .max : $0.bitPattern }
}
