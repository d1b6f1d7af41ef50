/// The factor `L` of a symmetric positive definite matrix `A = L·Lᵀ`.
struct Cholesky {
  private let size: Int
  /// Row-major; only the lower triangle counts.
  private var lower: [Double]

  /// Fails with the index of the first row that is a combination of the ones before it.
  struct NotPositiveDefinite: Error {
    var row: Int
  }

  /// - Parameter matrix: Row-major, symmetric.
  init(_ matrix: [Double], size: Int) throws(NotPositiveDefinite) {
    precondition(matrix.count == size * size, "not a square matrix")
    self.size = size
    lower = matrix
    for i in 0..<size {
      for j in 0...i {
        var sum = lower[i * size + j]
        for k in 0..<j { sum -= lower[i * size + k] * lower[j * size + k] }
        if i == j {
          // What is left of the diagonal, relative to what it was, tells how independent it is.
          let limit = 1e-14 * Double(size) * abs(matrix[i * size + i])
          guard sum > limit, sum.isFinite else { throw NotPositiveDefinite(row: i) }
          lower[i * size + i] = sum.squareRoot()
        } else {
          lower[i * size + j] = sum / lower[j * size + j]
        }
      }
    }
  }

  /// Returns `x` with `A·x = right`.
  func solve(_ right: [Double]) -> [Double] {
    var x = right
    for i in 0..<size {
      for k in 0..<i { x[i] -= lower[i * size + k] * x[k] }
      x[i] /= lower[i * size + i]
    }
    for i in (0..<size).reversed() {
      for k in (i + 1)..<max(size, i + 1) { x[i] -= lower[k * size + i] * x[k] }
      x[i] /= lower[i * size + i]
    }
    return x
  }
}
