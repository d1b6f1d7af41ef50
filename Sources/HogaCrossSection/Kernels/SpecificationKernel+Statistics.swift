internal import Glibc
internal import HogaCore

/// Means and squared deviations of blocks of 1, 2, 4, … rows, from which those of windows are merged.
///
/// A mean is kept as the distance of the block's newest value from it: differences of neighbouring
/// values are exact or nearly so, while sums of large values would lose the small differences that
/// a deviation is made of. So precision is relative to how much a window varies, not to how large
/// its values are, and a window of equal values has deviations of exactly zero.
///
/// Source of the merging: T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating formulae and a pairwise
/// algorithm for computing sample variances", Stanford STAN-CS-79-773, 1979.
struct BlockMoments {
  var values: UnsafeMutablePointer<Double>
  /// `x_t − mean`, by block length.
  var gaps: [UnsafeMutablePointer<Double>]
  /// Sums of squared deviations, by block length.
  var squares: [UnsafeMutablePointer<Double>]
}

/// The same of a window, for each row of the day.
struct WindowMoments {
  var gap: UnsafeMutablePointer<Double>
  var squares: UnsafeMutablePointer<Double>
}

extension SpecificationKernel {
  /// What rests on deviations from a window's mean, and what belongs to open interest and ratios.
  func computeStatistics(close: UnsafeMutablePointer<Double>?) {
    let delta = unsafe workspace.take(2)
    let window = unsafe WindowMoments(gap: workspace.take(), squares: workspace.take())
    let skew = unsafe loadSkew()
    let interest = unsafe load(.openInterest)
    if let close = unsafe close {
      let mark = workspace.mark
      unsafe computeVolatility(close, window, delta[0])
      workspace.release(to: mark)
    }
    if let skew = unsafe skew {
      let mark = workspace.mark
      unsafe computeSkew(skew, window, delta[0])
      workspace.release(to: mark)
    }
    if let interest = unsafe interest {
      let mark = workspace.mark
      unsafe computeInterestSteps(interest, close: close)
      workspace.release(to: mark)
    }
    unsafe computeLevels(
      close: close, interest: interest, hasSkew: skew != nil, window, delta)
  }

  // MARK: - Parts

  private func computeVolatility(
    _ close: UnsafeMutablePointer<Double>, _ window: WindowMoments,
    _ delta: UnsafeMutablePointer<Double>
  ) {
    let returns = unsafe workspace.take()
    unsafe returns[0] = .nan
    unsafe fill(returns + 1, rows - 1, close + 1, close) { log($0 / $1) }
    let moments = unsafe blockMoments(returns, delta)
    for plan in statistics {
      unsafe merge(moments, plan, into: window, delta)
      let share = 1 / Double(plan.length)
      unsafe fill(out(.realizedVolatility, plan.length), count, window.squares) {
        ($0 * share).squareRoot().finiteOrNull
      }
    }
  }

  /// Top traders' ratio less that of all.
  private func loadSkew() -> UnsafeMutablePointer<Double>? {
    guard let top = unsafe load(.topRatio), let all = unsafe load(.globalRatio) else { return nil }
    unsafe update(top, rows, all) { $0 - $1 }
    return unsafe top
  }

  private func computeSkew(
    _ skew: UnsafeMutablePointer<Double>, _ window: WindowMoments,
    _ delta: UnsafeMutablePointer<Double>
  ) {
    unsafe fill(out(.ratioSkew, 0), count, skew + lead) { $0.finiteOrNull }
    let mark = workspace.mark
    let sums = unsafe blockSums(skew)
    let scratch = unsafe workspace.take()
    for plan in windows where plan.length > 1 {
      let length = Double(plan.length)
      unsafe fill(out(.whaleGap, plan.length), count, windowSums(sums, plan, scratch)) {
        ($0 / length).finiteOrNull
      }
    }
    workspace.release(to: mark)
    let moments = unsafe blockMoments(skew, delta)
    for plan in statistics {
      unsafe merge(moments, plan, into: window, delta)
      let score = unsafe out(.ratioSkewScore, plan.length)
      unsafe self.score(window, plan.length, into: score)
      unsafe fill(out(.crowdingPressure, plan.length), count, score) { tanh(3 * $0) }
    }
  }

  /// Changes over windows: both ends, and every reading in between has to be there.
  private func computeInterestSteps(
    _ interest: UnsafeMutablePointer<Double>, close: UnsafeMutablePointer<Double>?
  ) {
    let presence = unsafe workspace.take()
    unsafe presence[0] = .nan
    unsafe fill(presence + 1, rows - 1, interest + 1, interest) { ($0 - $0) + ($1 - $1) }
    let presences = unsafe blockSums(presence)
    var bars: [UnsafeMutablePointer<Double>]?
    if let close = unsafe close {
      let presence = unsafe workspace.take()
      unsafe presence[0] = .nan
      unsafe fill(presence + 1, rows - 1, close + 1, close) { ($0 - $0) + ($1 - $1) }
      unsafe bars = blockSums(presence)
    }
    let scratch = unsafe workspace.take(2)
    for plan in windows {
      let w = plan.length
      let now = unsafe interest + lead
      let isThere = unsafe windowSums(presences, plan, scratch[0])
      unsafe fill(out(.interestChange, w), count, now, now - w, isThere) {
        ($0 / $1 - 1).finiteOrNull + $2
      }
      guard let bars = unsafe bars, let close = unsafe close else { continue }
      let barsThere = unsafe windowSums(bars, plan, scratch[1])
      let regime = unsafe out(.priceInterestRegime, w)
      unsafe fill(regime, count, barsThere, isThere) { $0 + $1 }
      let price = unsafe close + lead
      unsafe update(regime, count, price, price - w) { there, now, before in
        there + (now > before ? 1 : 0) - (now < before ? 1 : 0)
      }
      unsafe update(regime, count, now, now - w) { sign, now, before in
        // Zero stays zero without a sign.
        sign * ((now > before ? 1 : 0) - (now < before ? 1 : 0)) + 0
      }
    }
  }

  /// What rests on the levels of close and open interest, and on both together.
  private func computeLevels(
    close: UnsafeMutablePointer<Double>?, interest: UnsafeMutablePointer<Double>?, hasSkew: Bool,
    _ closeWindow: WindowMoments, _ delta: [UnsafeMutablePointer<Double>]
  ) {
    let closes = unsafe close.map {
      unsafe blockMoments($0, delta[0], keepsDeltas: interest != nil)
    }
    let interests = unsafe interest.map {
      unsafe blockMoments($0, delta[1], keepsDeltas: close != nil)
    }
    var products: [UnsafeMutablePointer<Double>]?
    if let closes = unsafe closes, let interests = unsafe interests {
      unsafe products = blockProducts(closes.deltas, interests.deltas)
    }
    let interestWindow = unsafe WindowMoments(gap: workspace.take(), squares: workspace.take())
    let product = unsafe workspace.take()
    for plan in statistics {
      let v = plan.length
      unsafe begin(plan, closes?.moments, closeWindow)
      unsafe begin(plan, interests?.moments, interestWindow)
      if let products = unsafe products {
        unsafe product.update(from: products[plan.blocks[0].exponent] + lead, count: count)
      }
      for block in plan.blocks.dropFirst() {
        if let closes = unsafe closes {
          unsafe extend(closeWindow, by: block, closes.moments, delta[0])
        }
        if let interests = unsafe interests {
          unsafe extend(interestWindow, by: block, interests.moments, delta[1])
        }
        if let products = unsafe products {
          let weight = self.weight(block)
          unsafe update(
            product, count, products[block.exponent] + (lead - block.lag), delta[0], delta[1]
          ) { $0 + $1 + $2 * $3 * weight }
        }
      }
      if unsafe closes != nil {
        let share = 1 / Double(v)
        unsafe fill(out(.percentB, v), count, closeWindow.gap, closeWindow.squares) {
          // The definition, with the mean taken off first: (C − μ + 2σ) / 4σ.
          let place = $0 / (4 * ($1 * share).squareRoot()) + 0.5
          return ($1 == 0 ? 0.5 : place.finiteOrNull).known(with: $1)
        }
      }
      if unsafe interests != nil {
        let score = unsafe out(.interestScore, v)
        unsafe self.score(interestWindow, v, into: score)
        if hasSkew {
          unsafe fill(out(.interestSkew, v), count, score, out(.ratioSkewScore, v)) {
            $0 * $1 + 0
          }
        }
      }
      if unsafe products != nil {
        unsafe fill(
          out(.priceInterestCorrelation, v), count, product, closeWindow.squares,
          interestWindow.squares
        ) {
          let ratio = $0 / ($1.squareRoot() * $2.squareRoot())
          let bounded = ratio > 1 ? 1 : (ratio < -1 ? -1 : ratio)
          return ($1 == 0 || $2 == 0 ? 0 : bounded.finiteOrNull).known(with: $0)
            .known(with: $1).known(with: $2)
        }
      }
    }
  }

  /// `(x − μ) / σ`, 0 where σ is 0.
  private func score(
    _ window: WindowMoments, _ length: Int, into out: UnsafeMutablePointer<Double>
  ) {
    let share = 1 / Double(length)
    unsafe fill(out, count, window.gap, window.squares) {
      let score = $0 / ($1 * share).squareRoot()
      return ($1 == 0 ? 0 : score.finiteOrNull).known(with: $1)
    }
  }

  // MARK: - Merging

  private func blockMoments(
    _ values: UnsafeMutablePointer<Double>, _ delta: UnsafeMutablePointer<Double>
  ) -> BlockMoments {
    unsafe blockMoments(values, delta, keepsDeltas: false).moments
  }

  /// - Parameter keepsDeltas: whether the differences between the means of each block's halves are
  ///   kept, by block length, for `blockProducts`.
  private func blockMoments(
    _ values: UnsafeMutablePointer<Double>, _ delta: UnsafeMutablePointer<Double>,
    keepsDeltas: Bool
  ) -> (moments: BlockMoments, deltas: [UnsafeMutablePointer<Double>]) {
    let zero = unsafe workspace.take()
    unsafe fill(zero, rows, values) { $0 - $0 }
    var moments = unsafe BlockMoments(values: values, gaps: [zero], squares: [zero])
    var deltas = unsafe [zero]
    for exponent in 1..<(topExponent + 1) {
      let gap = unsafe workspace.take()
      let square = unsafe workspace.take()
      let delta = unsafe keepsDeltas ? workspace.take() : delta
      let half = 1 << (exponent - 1)
      let first = 2 * half - 1
      let length = rows - first
      let value = unsafe values + first
      let newerGap = unsafe moments.gaps[exponent - 1] + first
      let newerSquare = unsafe moments.squares[exponent - 1] + first
      unsafe fill(delta + first, length, value, value - half, newerGap, newerGap - half) {
        ($0 - $1) - ($2 - $3)
      }
      let weight = Double(half) / 2
      unsafe fill(square + first, length, newerSquare, newerSquare - half, delta + first) {
        $0 + $1 + $2 * $2 * weight
      }
      unsafe fill(gap + first, length, newerGap, delta + first) { $0 + $1 * 0.5 }
      unsafe moments.gaps.append(gap)
      unsafe moments.squares.append(square)
      unsafe deltas.append(delta)
    }
    return unsafe (moments, deltas)
  }

  /// Sums of products of two series' deviations, by block length.
  private func blockProducts(
    _ a: [UnsafeMutablePointer<Double>], _ b: [UnsafeMutablePointer<Double>]
  ) -> [UnsafeMutablePointer<Double>] {
    let zero = unsafe workspace.take()
    unsafe fill(zero, rows, a[0], b[0]) { $0 + $1 }
    var levels = unsafe [zero]
    for exponent in 1..<(topExponent + 1) {
      let level = unsafe workspace.take()
      let half = 1 << (exponent - 1)
      let first = 2 * half - 1
      let newer = unsafe levels[exponent - 1] + first
      let weight = Double(half) / 2
      unsafe fill(
        level + first, rows - first, newer, newer - half, a[exponent] + first, b[exponent] + first
      ) { $0 + $1 + $2 * $3 * weight }
      unsafe levels.append(level)
    }
    return unsafe levels
  }

  private func merge(
    _ moments: BlockMoments, _ plan: WindowPlan, into window: WindowMoments,
    _ delta: UnsafeMutablePointer<Double>
  ) {
    begin(plan, moments, window)
    for block in plan.blocks.dropFirst() {
      unsafe extend(window, by: block, moments, delta)
    }
  }

  /// Starts a window with its newest block.
  private func begin(_ plan: WindowPlan, _ moments: BlockMoments?, _ window: WindowMoments) {
    guard let moments else { return }
    let exponent = plan.blocks[0].exponent
    unsafe window.gap.update(from: moments.gaps[exponent] + lead, count: count)
    unsafe window.squares.update(from: moments.squares[exponent] + lead, count: count)
  }

  /// Adds a block that ends where the window so far begins, and leaves the means' difference in
  /// `delta`.
  private func extend(
    _ window: WindowMoments, by block: WindowPlan.Block, _ moments: BlockMoments,
    _ delta: UnsafeMutablePointer<Double>
  ) {
    let value = unsafe moments.values + lead
    let older = lead - block.lag
    unsafe fill(
      delta, count, value, value - block.lag, window.gap, moments.gaps[block.exponent] + older
    ) { ($0 - $1) - ($2 - $3) }
    let weight = self.weight(block)
    unsafe update(window.squares, count, moments.squares[block.exponent] + older, delta) {
      $0 + $1 + $2 * $2 * weight
    }
    let share = Double(block.length) / Double(block.lag + block.length)
    unsafe update(window.gap, count, delta) { $0 + $1 * share }
  }

  /// `p·q / (p + q)` for a window of `p` rows so far and a block of `q`.
  private func weight(_ block: WindowPlan.Block) -> Double {
    Double(block.lag * block.length) / Double(block.lag + block.length)
  }
}
