/// Messages on one connection: they arrive in the order in which they were sent.
///
/// A message that would overtake an earlier one arrives right behind it. Storage is reused, so a
/// steady flow allocates nothing.
struct TimedQueue<Element> {
  private var elements: [(time: Int64, element: Element)] = []
  private var head = 0
  private var lastTime = Int64.min

  /// When the next message arrives, `Int64.max` where there is none.
  var nextTime: Int64 { head < elements.count ? elements[head].time : .max }

  /// When a message arrives that is to arrive at `time` and may not overtake.
  func arrival(_ time: Int64) -> Int64 { max(lastTime, time) }

  mutating func push(_ element: Element, at time: Int64) {
    lastTime = arrival(time)
    elements.append((lastTime, element))
  }

  /// - Precondition: there is a message.
  mutating func pop() -> Element {
    let element = elements[head].element
    head += 1
    if head == elements.count {
      elements.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= 1024, head * 2 > elements.count {
      elements.removeFirst(head)
      head = 0
    }
    return element
  }
}
