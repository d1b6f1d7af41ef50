/// Loops over arrays of doubles that the compiler turns into vector instructions: one output, a few
/// inputs, no branch. `out` overlaps none of the inputs; where it is one of them, call `update`.
///
/// Callers vouch that each pointer has `count` values behind it.

@inline(__always)
func fill(
  _ out: UnsafeMutablePointer<Double>, _ count: Int, _ a: UnsafePointer<Double>,
  _ body: (Double) -> Double
) {
  for index in 0..<count { unsafe out[index] = body(a[index]) }
}

@inline(__always)
func fill(
  _ out: UnsafeMutablePointer<Double>, _ count: Int, _ a: UnsafePointer<Double>,
  _ b: UnsafePointer<Double>, _ body: (Double, Double) -> Double
) {
  for index in 0..<count { unsafe out[index] = body(a[index], b[index]) }
}

@inline(__always)
func fill(
  _ out: UnsafeMutablePointer<Double>, _ count: Int, _ a: UnsafePointer<Double>,
  _ b: UnsafePointer<Double>, _ c: UnsafePointer<Double>,
  _ body: (Double, Double, Double) -> Double
) {
  for index in 0..<count { unsafe out[index] = body(a[index], b[index], c[index]) }
}

@inline(__always)
func fill(
  _ out: UnsafeMutablePointer<Double>, _ count: Int, _ a: UnsafePointer<Double>,
  _ b: UnsafePointer<Double>, _ c: UnsafePointer<Double>, _ d: UnsafePointer<Double>,
  _ body: (Double, Double, Double, Double) -> Double
) {
  for index in 0..<count { unsafe out[index] = body(a[index], b[index], c[index], d[index]) }
}

@inline(__always)
func fill(
  _ out: UnsafeMutablePointer<Double>, _ count: Int, _ a: UnsafePointer<Double>,
  _ b: UnsafePointer<Double>, _ c: UnsafePointer<Double>, _ d: UnsafePointer<Double>,
  _ e: UnsafePointer<Double>, _ body: (Double, Double, Double, Double, Double) -> Double
) {
  for index in 0..<count {
    unsafe out[index] = body(a[index], b[index], c[index], d[index], e[index])
  }
}

@inline(__always)
func update(
  _ out: UnsafeMutablePointer<Double>, _ count: Int, _ a: UnsafePointer<Double>,
  _ body: (Double, Double) -> Double
) {
  for index in 0..<count { unsafe out[index] = body(out[index], a[index]) }
}

@inline(__always)
func update(
  _ out: UnsafeMutablePointer<Double>, _ count: Int, _ a: UnsafePointer<Double>,
  _ b: UnsafePointer<Double>, _ body: (Double, Double, Double) -> Double
) {
  for index in 0..<count { unsafe out[index] = body(out[index], a[index], b[index]) }
}

@inline(__always)
func update(
  _ out: UnsafeMutablePointer<Double>, _ count: Int, _ a: UnsafePointer<Double>,
  _ b: UnsafePointer<Double>, _ c: UnsafePointer<Double>,
  _ body: (Double, Double, Double, Double) -> Double
) {
  for index in 0..<count { unsafe out[index] = body(out[index], a[index], b[index], c[index]) }
}

extension Double {
  /// This number, or NaN where it is infinite: what divides by zero is not known.
  @inline(__always)
  var finiteOrNull: Double { self + (self - self) }

  /// This number, or NaN where another is missing.
  @inline(__always)
  func known(with other: Double) -> Double { self + (other - other) }
}

/// Makes arrays of equal length through pointers that are all valid at once, so that threads can
/// write any part of any of them, and nothing is copied.
///
/// - Parameter fill: writes every value of every array.
func filledArrays(
  count: Int, length: Int, _ fill: ([UnsafeMutablePointer<Double>]) throws -> Void
) rethrows -> [[Double]] {
  var arrays: [[Double]] = []
  arrays.reserveCapacity(count)
  var pointers: [UnsafeMutablePointer<Double>] = []
  pointers.reserveCapacity(count)
  // Each array is made while those before it are being made: the innermost call sees all.
  func make() throws {
    guard unsafe pointers.count < count else { return try unsafe fill(pointers) }
    let array = try unsafe [Double](unsafeUninitializedCapacity: length) { buffer, initialized in
      // No memory at all for no rows: then the pointer is never used.
      unsafe pointers.append(buffer.baseAddress ?? .init(bitPattern: 8)!)
      try make()
      initialized = length
    }
    arrays.append(array)
  }
  try make()
  return arrays.reversed()
}
