internal import HogaCore

/// The features of the specification.
struct SpecificationFamily: CrossSectionFamily {
  private let layout: SpecificationLayout

  init(_ settings: CrossSectionSettings) {
    layout = SpecificationLayout(windows: settings.windows)
  }

  var features: [CrossSectionFeature] {
    var first: [SpecificationLayout.Slot: String] = [:]
    return layout.columns.map { feature, window, slot in
      var described = CrossSectionFeature(feature, window: window)
      described.identicalTo = first[slot]
      if first[slot] == nil { first[slot] = described.name }
      return described
    }
  }

  var lookBack: Int {
    max(layout.windows.max() ?? 1, layout.statistics.max() ?? 1)
  }

  func compute(_ panel: MinutePanel, workers: Int) throws -> [[Double]] {
    let symbols = panel.symbols.count
    let slots = layout.slots.filter { slot in
      slot.feature.inputs.allSatisfy { panel.values($0) != nil }
    }
    // A few pieces per thread, so that none waits long for the last.
    let pieces = min(symbols, max(1, workers) * 4)
    let arrays = try filledArrays(count: slots.count, length: symbols * panel.dayRowCount) {
      outputs in
      // Each symbol's rows are written by one thread.
      nonisolated(unsafe) let destinations = unsafe Dictionary(
        uniqueKeysWithValues: zip(slots, outputs))
      _ = try inParallel(count: pieces, workers: workers) { piece in
        let kernel = unsafe SpecificationKernel(
          panel: panel, layout: layout, destinations: destinations)
        for symbol in symbols * piece / pieces..<symbols * (piece + 1) / pieces {
          kernel.compute(symbol: symbol)
        }
      }
    }
    let place = Dictionary(uniqueKeysWithValues: slots.enumerated().map { ($1, $0) })
    lazy var missing = [Double](repeating: .nan, count: symbols * panel.dayRowCount)
    return layout.columns.map { column in
      if let index = place[column.slot] { return arrays[index] }
      return missing
    }
  }
}
