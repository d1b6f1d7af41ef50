internal import HogaCore

/// Reads times such as `2018-07-13T20:47:11.025000Z`; a day's date is worked out once.
package struct ISOTime {
  private var day: [UInt8] = []
  private var midnight: Int64 = 0

  package init() {}

  /// Nanoseconds since 1970 UTC, or `nil`.
  package static func nanoseconds(_ text: String) -> Int64? {
    var clock = ISOTime()
    let bytes = Array(text.utf8)
    return unsafe bytes.withUnsafeBufferPointer { unsafe clock.nanoseconds($0) }
  }

  /// Nanoseconds since 1970 UTC, or `nil`.
  mutating func nanoseconds(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
    guard text.count >= 20, unsafe text[10] == 0x54, unsafe text[13] == 0x3a,
      unsafe text[16] == 0x3a
    else { return nil }
    func two(_ index: Int, below limit: Int64) -> Int64? {
      let (tens, ones) = unsafe (text[index] &- 0x30, text[index + 1] &- 0x30)
      guard tens <= 9, ones <= 9 else { return nil }
      let value = Int64(tens) * 10 + Int64(ones)
      return value < limit ? value : nil
    }
    let date = unsafe UnsafeBufferPointer(rebasing: text[..<10])
    if unsafe day.count != 10 || !date.elementsEqual(day) {
      let characters = unsafe String(decoding: date, as: UTF8.self)
      // Nanoseconds in 64 bits reach from 1677 to 2262.
      guard let date = CivilDate(characters), (1970...2200).contains(date.components.year) else {
        return nil
      }
      midnight = date.start.nanoseconds
      day = Array(characters.utf8)
    }
    guard let hour = two(11, below: 24), let minute = two(14, below: 60),
      let second = two(17, below: 60)
    else { return nil }
    var nanoseconds = midnight + ((hour * 60 + minute) * 60 + second) * 1_000_000_000
    var index = 19
    if unsafe text[index] == 0x2e {
      index += 1
      var unit: Int64 = 100_000_000
      let first = index
      while index < text.count, unsafe text[index] &- 0x30 <= 9 {
        let digit = unsafe Int64(text[index] &- 0x30)
        guard unit > 0 || digit == 0 else { return nil }
        nanoseconds += digit * unit
        unit /= 10
        index += 1
      }
      guard index > first else { return nil }
    }
    let zone = unsafe UnsafeBufferPointer(rebasing: text[index...])
    return unsafe zone.equals("Z") || zone.equals("+00:00") ? nanoseconds : nil
  }
}
