internal import HogaCore

/// The little linear algebra that branching matrices need. Rows first.
enum SquareMatrix {
  static func product(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
    a.map { row in
      b.indices.map { column in
        row.indices.reduce(0) { $0 + row[$1] * b[$1][column] }
      }
    }
  }

  static func transposed(_ a: [[Double]]) -> [[Double]] {
    a.indices.map { row in a.indices.map { a[$0][row] } }
  }

  /// The largest absolute eigenvalue, by squaring the matrix: ρ = lim ‖Aⁿ‖^(1/n).
  ///
  /// Source: I. Gelfand, "Normierte Ringe", 1941. Unlike power iteration it needs no gap between
  /// eigenvalues.
  static func spectralRadius(_ matrix: [[Double]]) -> Double {
    var a = matrix
    var exponent = 0.0
    var share = 1.0
    for _ in 0..<60 {
      let norm = a.map { $0.reduce(0) { $0 + abs($1) } }.max() ?? 0
      guard norm > 0 else { return 0 }
      exponent += share * PortableMath.log(norm)
      a = a.map { $0.map { $0 / norm } }
      a = product(a, a)
      share /= 2
    }
    return PortableMath.exp(exponent)
  }

  /// The inverse of `I − matrix`, by Gauss–Jordan elimination with row exchanges.
  ///
  /// - Precondition: the spectral radius is below one.
  static func inverseOfIdentityMinus(_ matrix: [[Double]]) -> [[Double]] {
    let count = matrix.count
    var a = (0..<count).map { row in
      (0..<2 * count).map { column in
        column < count
          ? (row == column ? 1 : 0) - matrix[row][column] : (row == column - count ? 1.0 : 0)
      }
    }
    for column in 0..<count {
      let pivot = (column..<count).max { abs(a[$0][column]) < abs(a[$1][column]) } ?? column
      a.swapAt(column, pivot)
      let divisor = a[column][column]
      a[column] = a[column].map { $0 / divisor }
      for row in 0..<count where row != column {
        let factor = a[row][column]
        guard factor != 0 else { continue }
        for index in a[row].indices { a[row][index] -= factor * a[column][index] }
      }
    }
    return a.map { Array($0[count...]) }
  }
}
