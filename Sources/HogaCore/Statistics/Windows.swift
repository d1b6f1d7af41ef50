/// The aggregate of a first-in, first-out window, in constant amortised time per change.
///
/// Two stacks: values arrive on the back, whose aggregate is kept; they leave from the front, which
/// holds the aggregate of each of its suffixes. When the front runs empty, the back is turned over
/// into it. Values are added and never subtracted, so the answer depends on what is in the window
/// alone: no rounding of departed values is left behind, and an outlier or NaN that has left is
/// gone. Source of the technique: folklore; K. Tangwongsan, M. Hirzel, S. Schneider, "Low-latency
/// sliding-window aggregation in worst-case constant time", DEBS 2017.
@frozen
public struct WindowAggregator<Aggregate: WindowAggregate>: Sendable {
  @usableFromInline var front: [Aggregate] = []
  @usableFromInline var back: [Aggregate.Value] = []
  @usableFromInline var backAggregate = Aggregate()

  @inlinable public init() {}

  @inlinable public var count: Int { front.count + back.count }

  /// What is known of all values in the window.
  @inlinable public var aggregate: Aggregate {
    guard var all = front.last else { return backAggregate }
    all.merge(backAggregate)
    return all
  }

  @inlinable
  public mutating func push(_ value: Aggregate.Value) {
    back.append(value)
    backAggregate.push(value)
  }

  /// Removes the oldest value.
  ///
  /// - Precondition: there is one.
  @inlinable
  public mutating func removeFirst() {
    if front.isEmpty {
      precondition(!back.isEmpty, "an empty window has no first value")
      var suffix = Aggregate()
      front.reserveCapacity(back.count)
      for value in back.reversed() {
        suffix.push(value)
        front.append(suffix)
      }
      back.removeAll(keepingCapacity: true)
      backAggregate = Aggregate()
    }
    front.removeLast()
  }

  @inlinable
  public mutating func removeAll() {
    front.removeAll(keepingCapacity: true)
    back.removeAll(keepingCapacity: true)
    backAggregate = Aggregate()
  }
}

/// The aggregate of the last `capacity` values: `CountWindow<Moments>`, `CountWindow<Extremes>`, …
@frozen
public struct CountWindow<Aggregate: WindowAggregate>: Sendable {
  public let capacity: Int
  @usableFromInline var window = WindowAggregator<Aggregate>()

  /// - Precondition: `capacity` is above zero.
  @inlinable
  public init(_ capacity: Int) {
    precondition(capacity > 0, "a window of \(capacity) values holds none")
    self.capacity = capacity
  }

  @inlinable public var count: Int { window.count }
  @inlinable public var isFull: Bool { window.count == capacity }
  @inlinable public var aggregate: Aggregate { window.aggregate }

  @inlinable
  public mutating func push(_ value: Aggregate.Value) {
    if isFull { window.removeFirst() }
    window.push(value)
  }

  @inlinable public mutating func removeAll() { window.removeAll() }
}

/// The aggregate of the values of the last `span` of time: those stamped in `(now − span, now]`.
@frozen
public struct TimeWindow<Aggregate: WindowAggregate>: Sendable {
  public let span: TimeSpan
  @usableFromInline var window = WindowAggregator<Aggregate>()
  @usableFromInline var times: [Int64] = []
  @usableFromInline var head = 0
  @usableFromInline var now = Int64.min

  /// - Precondition: `span` is above zero.
  @inlinable
  public init(_ span: TimeSpan) {
    precondition(span.nanoseconds > 0, "a window of \(span.nanoseconds) ns holds nothing")
    self.span = span
  }

  @inlinable public var count: Int { window.count }
  @inlinable public var aggregate: Aggregate { window.aggregate }

  /// Adds a value and lets go of those that are `span` or more older.
  ///
  /// - Precondition: `time` is not before any earlier time given.
  @inlinable
  public mutating func push(_ value: Aggregate.Value, at time: Timestamp) {
    advance(to: time)
    window.push(value)
    times.append(time.nanoseconds)
  }

  /// Lets go of values that are `span` or more older than `time`.
  ///
  /// - Precondition: `time` is not before any earlier time given.
  @inlinable
  public mutating func advance(to time: Timestamp) {
    precondition(time.nanoseconds >= now, "time went back by \(now - time.nanoseconds) ns")
    now = time.nanoseconds
    let (edge, isBeforeAll) = now.subtractingReportingOverflow(span.nanoseconds)
    guard !isBeforeAll else { return }
    while head < times.count, times[head] <= edge {
      window.removeFirst()
      head += 1
    }
    // Compact when half is spent: constant amortised time, memory twice the window at most.
    if head > 32, head * 2 > times.count {
      times.removeSubrange(..<head)
      head = 0
    }
  }
}
