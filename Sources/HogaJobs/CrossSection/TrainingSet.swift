internal import HogaCore
internal import HogaCrossSection
internal import HogaLearn

/// Rows of several days to learn from, every label known, thinned by whole instants.
struct TrainingSet: Sendable {
  /// Sorted by (time, symbol), symbols numbered in `group` in the order of their names.
  let samples: Samples
  let instants: Int
  /// Before thinning.
  let offeredRows: Int
  let offeredInstants: Int
  /// Rows left out because their label ends too close to the next range, or within it.
  let purgedRows: Int

  /// What to load.
  struct Request {
    var folder: CrossSectionFolder
    var bans: GlobalBanDates
    var label: String
    var features: [String]
    var dates: [CivilDate]
    /// Labels end by then.
    var end: Timestamp
    var maximumRows: Int
    var seed: UInt64
  }

  /// One instant that may be taken.
  private struct Offer {
    var day: Int
    var instant: Int
    /// Rows whose label is known.
    var rows: Int
  }

  /// - Throws: `DataError` where nothing is left.
  init(_ request: Request, monitor: JobMonitor) throws {
    let horizon = TimeSpan.seconds(
      // The label begins at the minute's close.
      60 * (Int64(try CrossSectionFolder.horizon(ofLabel: request.label)) + 1))
    var offers: [Offer] = []
    var names: Set<String> = []
    var purged = 0
    for (place, date) in request.dates.enumerated() {
      let day = try request.folder.open(date)
      names.formUnion(day.symbols)
      let label = try day.column(request.label)
      for instant in 0..<day.rows.instantCount {
        let known = day.rows.rows(instant).count { !label[$0].isNaN }
        guard known > 0 else { continue }
        let time = Timestamp(nanoseconds: day.rows.time(ofInstant: instant))
        if time + horizon > request.end {
          purged += known
        } else {
          offers.append(Offer(day: place, instant: instant, rows: known))
        }
      }
      try monitor.advance(by: 1)
    }
    purgedRows = purged
    offeredInstants = offers.count
    offeredRows = offers.reduce(0) { $0 + $1.rows }
    let taken = Self.thinned(offers, to: request.maximumRows, seed: request.seed)
    instants = taken.count
    guard !taken.isEmpty else {
      throw DataError(
        "no row from \(Self.text(request.dates)) can be learned from", column: request.label)
    }
    samples = try Self.load(taken, request, horizon, names.sorted(), monitor)
  }

  private static func text(_ dates: [CivilDate]) -> String {
    guard let first = dates.first, let last = dates.last else { return "no day" }
    return first == last ? "\(first)" : "\(first) to \(last)"
  }

  /// Instants drawn by chance, each whole, until the next would be too much; in order of time.
  private static func thinned(_ offers: [Offer], to limit: Int, seed: UInt64) -> [Offer] {
    guard offers.reduce(0, { $0 + $1.rows }) > limit else { return offers }
    var random = SeededRandom(seed)
    let order = offers.indices.shuffled(using: &random)
    var picked: [Int] = []
    var rows = 0
    for index in order {
      guard rows + offers[index].rows <= limit else { break }
      rows += offers[index].rows
      picked.append(index)
    }
    return picked.sorted().map { offers[$0] }
  }

  private static func load(
    _ offers: [Offer], _ request: Request, _ horizon: TimeSpan, _ symbols: [String],
    _ monitor: JobMonitor
  ) throws -> Samples {
    let rowCount = offers.reduce(0) { $0 + $1.rows }
    var values = [Double](repeating: .nan, count: rowCount * request.features.count)
    var time: [Int64] = []
    var group: [Int32] = []
    var answers: [Double] = []
    for (place, date) in request.dates.enumerated() {
      let wanted = offers.filter { $0.day == place }
      try monitor.advance(by: 1)
      guard !wanted.isEmpty else { continue }
      let day = try request.folder.open(date)
      let label = try day.column(request.label)
      let numbers = day.symbols.map { name in
        // Every symbol of these days is among the names.
        Int32(symbols.partitioningPoint { $0 >= name })
      }
      let rows = wanted.flatMap { offer in
        day.rows.rows(offer.instant).filter { !label[$0].isNaN }
      }
      try unsafe values.withUnsafeMutableBufferPointer {
        try unsafe day.copy(
          request.features, rows: rows, request.bans, to: $0, at: time.count, rowCount: rowCount)
      }
      for row in rows {
        time.append(day.rows.time[row])
        group.append(numbers[Int(day.rows.symbol[row])])
        answers.append(label[row])
      }
    }
    return try Samples(
      x: Matrix(names: request.features, rowCount: rowCount, values: values), y: answers,
      time: time, labelEnd: time.map { $0 + horizon.nanoseconds }, group: group)
  }
}

extension Array where Element: Comparable {
  /// The first place from which on `condition` holds.
  func partitioningPoint(_ condition: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension Matrix {
  /// The columns a model can learn from: present in at least half of the rows, varying, and no exact
  /// copy of one before. What is left out is told in notes.
  func usableColumns(_ what: String, _ notes: inout [String]) throws -> [String] {
    var empty: [String] = []
    var constant: [String] = []
    var copies: [String] = []
    var placesOf: [UInt64: [Int]] = [:]
    var usable: [String] = []
    for (place, name) in names.enumerated() {
      let values = column(place)
      var present = 0
      var hash = FNV1a()
      var first = Double.nan
      var varies = false
      for value in values {
        hash.add(Int64(bitPattern: value.isNaN ? Double.nan.bitPattern : value.bitPattern))
        guard !value.isNaN else { continue }
        present += 1
        if first.isNaN { first = value } else if value != first { varies = true }
      }
      if present * 2 < rowCount || present == 0 {
        empty.append(name)
      } else if !varies {
        constant.append(name)
      } else if placesOf[hash.value, default: []].contains(where: { equals($0, place) }) {
        copies.append(name)
      } else {
        placesOf[hash.value, default: []].append(place)
        usable.append(name)
      }
    }
    for (names, reason) in [
      (empty, "null in more than half of the rows"), (constant, "constant"),
      (copies, "copies of another feature"),
    ] where !names.isEmpty {
      let shown = names.prefix(12).joined(separator: ", ")
      notes.append(
        "\(what): left out, \(reason): \(shown)"
          + (names.count > 12 ? " and \(names.count - 12) more" : ""))
    }
    guard !usable.isEmpty else { throw DataError("no feature is left to learn from") }
    return usable
  }

  private func equals(_ a: Int, _ b: Int) -> Bool {
    zip(column(a), column(b)).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
  }
}

extension FittedModel {
  /// The forecast of each row, made some rows at a time: what is prepared for a model takes as much
  /// memory as its features.
  func forecasts(_ x: Matrix) throws -> [Double] {
    let x = try x.selecting(featureNames)
    var forecasts: [Double] = []
    forecasts.reserveCapacity(x.rowCount)
    for start in stride(from: 0, to: x.rowCount, by: 8192) {
      forecasts += try predict(x.rows(Array(start..<min(start + 8192, x.rowCount))))
    }
    return forecasts
  }
}
