/// Sums of products of all pairs of columns, the work horse of the linear models.
///
/// Rows come in blocks that a caller packs (centred, weighted, or both), so that the data is read
/// once and never copied whole. Within a block, tiles of 4 × 2 columns keep their sums in
/// registers. The order of additions is fixed: equal inputs give equal bits.
struct GramMatrix {
  typealias Lanes = SIMD2<Double>
  static let blockRows = 256

  /// Row-major and symmetric.
  private(set) var values: [Double]
  let columnCount: Int

  /// - Parameter pack: Writes the rows of a range, column after column at a distance of
  ///   `blockRows`, into the buffer. The rest of the buffer is zero.
  init(
    columnCount: Int, rowCount: Int,
    pack: (_ rows: Range<Int>, _ block: UnsafeMutableBufferPointer<Double>) -> Void
  ) {
    self.columnCount = columnCount
    let padded = (columnCount + 3) / 4 * 4
    var sums = [Double](repeating: 0, count: padded * padded)
    let lanesPerColumn = Self.blockRows / Lanes.scalarCount
    // Zero columns fill up the last tile, and zero rows the last block.
    let block = UnsafeMutablePointer<Lanes>.allocate(capacity: padded * lanesPerColumn)
    unsafe block.initialize(repeating: .zero, count: padded * lanesPerColumn)
    defer { unsafe block.deallocate() }
    unsafe sums.withUnsafeMutableBufferPointer { sums in
      for start in stride(from: 0, to: rowCount, by: Self.blockRows) {
        let rows = start..<min(start + Self.blockRows, rowCount)
        if rows.count < Self.blockRows {
          unsafe block.update(repeating: .zero, count: padded * lanesPerColumn)
        }
        unsafe block.withMemoryRebound(to: Double.self, capacity: padded * Self.blockRows) {
          unsafe pack(rows, UnsafeMutableBufferPointer(start: $0, count: padded * Self.blockRows))
        }
        for i in stride(from: 0, to: padded, by: 4) {
          for j in stride(from: 0, to: i + 4, by: 2) {
            unsafe Self.addTile(block, lanesPerColumn, i, j, &sums, padded)
          }
        }
      }
    }
    values = [Double](repeating: 0, count: columnCount * columnCount)
    for i in 0..<columnCount {
      for j in 0...i {
        values[i * columnCount + j] = sums[i * padded + j]
        values[j * columnCount + i] = sums[i * padded + j]
      }
    }
  }

  subscript(i: Int, j: Int) -> Double { values[i * columnCount + j] }

  /// Adds the products of columns `i..<i+4` and `j..<j+2` of a block.
  @inline(__always)
  private static func addTile(
    _ block: UnsafeMutablePointer<Lanes>, _ lanes: Int, _ i: Int, _ j: Int,
    _ sums: inout UnsafeMutableBufferPointer<Double>, _ width: Int
  ) {
    // In bounds: the caller pads the columns to a multiple of four.
    let a0 = unsafe block + i * lanes
    let a1 = unsafe a0 + lanes
    let a2 = unsafe a1 + lanes
    let a3 = unsafe a2 + lanes
    let b0 = unsafe block + j * lanes
    let b1 = unsafe b0 + lanes
    var s00 = Lanes.zero
    var s01 = Lanes.zero
    var s10 = Lanes.zero
    var s11 = Lanes.zero
    var s20 = Lanes.zero
    var s21 = Lanes.zero
    var s30 = Lanes.zero
    var s31 = Lanes.zero
    for k in 0..<lanes {
      let left = unsafe b0[k]
      let right = unsafe b1[k]
      unsafe s00 += a0[k] * left
      unsafe s01 += a0[k] * right
      unsafe s10 += a1[k] * left
      unsafe s11 += a1[k] * right
      unsafe s20 += a2[k] * left
      unsafe s21 += a2[k] * right
      unsafe s30 += a3[k] * left
      unsafe s31 += a3[k] * right
    }
    unsafe sums[i * width + j] += s00.sum()
    unsafe sums[i * width + j + 1] += s01.sum()
    unsafe sums[(i + 1) * width + j] += s10.sum()
    unsafe sums[(i + 1) * width + j + 1] += s11.sum()
    unsafe sums[(i + 2) * width + j] += s20.sum()
    unsafe sums[(i + 2) * width + j + 1] += s21.sum()
    unsafe sums[(i + 3) * width + j] += s30.sum()
    unsafe sums[(i + 3) * width + j + 1] += s31.sum()
  }
}

/// Means and centred second moments of features and answer: all that squared error needs to know.
struct Moments {
  let count: Int
  let featureMeans: [Double]
  let answerMean: Double
  /// `Σ (x_i − x̄_i)(x_j − x̄_j) / n`, row-major.
  var gram: [Double]
  /// `Σ (x_j − x̄_j)(y − ȳ) / n`.
  var cross: [Double]
  /// `Σ (y − ȳ)² / n`.
  let answerVariance: Double

  var featureCount: Int { cross.count }

  /// - Precondition: there is a row, and `y` has as many as `x`.
  init(_ x: Matrix, _ y: [Double]) {
    precondition(x.rowCount == y.count && !y.isEmpty, "moments need as many answers as rows")
    let features = x.columnCount
    let rowCount = y.count
    let means = (0..<features).map { mean(x.column($0)) }
    let answerMean = mean(y[...])
    let sums = unsafe GramMatrix(columnCount: features + 1, rowCount: rowCount) { rows, block in
      let step = GramMatrix.blockRows
      unsafe x.values.withUnsafeBufferPointer { values in
        for column in 0..<features {
          let start = column * rowCount + rows.lowerBound
          let center = means[column]
          for offset in 0..<rows.count {
            unsafe block[column * step + offset] = unsafe values[start + offset] - center
          }
        }
      }
      for offset in 0..<rows.count {
        unsafe block[features * step + offset] = y[rows.lowerBound + offset] - answerMean
      }
    }
    count = rowCount
    featureMeans = means
    self.answerMean = answerMean
    let scale = Double(rowCount)
    var gram: [Double] = []
    gram.reserveCapacity(features * features)
    for i in 0..<features { for j in 0..<features { gram.append(sums[i, j] / scale) } }
    self.gram = gram
    cross = (0..<features).map { sums[$0, features] / scale }
    answerVariance = sums[features, features] / scale
  }

  /// The mean squared error of a linear forecast on these rows.
  func meanSquaredError(coefficients: [Double], intercept: Double) -> Double {
    let p = featureCount
    var error = answerVariance
    var offset = answerMean - intercept
    for i in 0..<p where coefficients[i] != 0 {
      var product = 0.0
      for j in 0..<p where coefficients[j] != 0 { product += gram[i * p + j] * coefficients[j] }
      error += coefficients[i] * (product - 2 * cross[i])
      offset -= coefficients[i] * featureMeans[i]
    }
    return max(0, error) + offset * offset
  }
}

/// The mean, added in lanes: fast, and with less rounding than one long sum.
func mean(_ values: ArraySlice<Double>) -> Double {
  guard !values.isEmpty else { return .nan }
  var lanes = SIMD8<Double>.zero
  var place = values.startIndex
  let tail = values.startIndex + values.count / 8 * 8
  unsafe values.withUnsafeBufferPointer { buffer in
    var offset = 0
    while place < tail {
      for lane in 0..<8 { unsafe lanes[lane] += buffer[offset + lane] }
      offset += 8
      place += 8
    }
  }
  var sum = lanes.sum()
  while place < values.endIndex {
    sum += values[place]
    place += 1
  }
  return sum / Double(values.count)
}
