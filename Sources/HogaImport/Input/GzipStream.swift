internal import CISAL
internal import HogaCore

/// The content of a gzip file of one or several members, checked against their CRC-32.
///
/// Decoded by igzip, which is several times faster than zlib.
@safe final class GzipStream: ByteStream {
  private static let inputBytes = 1 << 18

  private let source: FileStream
  private let path: String
  private let input: UnsafeMutableRawBufferPointer
  // igzip's state is 100 kB and is referred to by address: on the heap, where it stays.
  private let state: UnsafeMutablePointer<inflate_state>
  private var inputEnded = false
  private var memberEnded = false
  private var finished = false

  init(path: String) throws {
    self.path = path
    source = try FileStream(path: path)
    unsafe input = .allocate(byteCount: Self.inputBytes, alignment: 16)
    unsafe state = .allocate(capacity: 1)
    unsafe isal_inflate_init(state)
    unsafe state.pointee.crc_flag = UInt32(ISAL_GZIP)
  }

  deinit {
    unsafe state.deallocate()
    unsafe input.deallocate()
  }

  var position: Int64 { source.position }

  /// Where in the file decoding stands.
  private var offset: Int64 { unsafe source.position - Int64(state.pointee.avail_in) }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard !finished else { return 0 }
    let capacity = min(buffer.count, Int(Int32.max))
    unsafe state.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe state.pointee.avail_out = UInt32(capacity)
    while unsafe state.pointee.avail_out > 0 {
      if unsafe state.pointee.avail_in == 0, !inputEnded { try refill() }
      if memberEnded {
        guard try beginMember() else { break }
      }
      let before = unsafe (state.pointee.avail_in, state.pointee.avail_out)
      try check(isal_inflate(state))
      if unsafe state.pointee.block_state == ISAL_BLOCK_FINISH {
        memberEnded = true
      } else if inputEnded, unsafe before == (state.pointee.avail_in, state.pointee.avail_out) {
        // Hand over what was decoded; the next call finds the end again and reports it.
        if unsafe Int(state.pointee.avail_out) < capacity { break }
        throw TruncatedStream(reason: "the gzip data ends early, at byte \(offset)")
      }
    }
    return unsafe capacity - Int(state.pointee.avail_out)
  }

  private func refill() throws {
    let count = try unsafe source.read(into: input)
    inputEnded = count == 0
    unsafe state.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe state.pointee.avail_in = UInt32(count)
  }

  /// Looks past a member's end; returns false where the file ends there.
  private func beginMember() throws -> Bool {
    // Some writers pad with zeros.
    while let byte = try nextByte() {
      guard byte != 0 else {
        unsafe state.pointee.next_in += 1
        unsafe state.pointee.avail_in -= 1
        continue
      }
      guard byte == 0x1f else {
        throw DataError("no gzip data after byte \(offset), where a member ended", file: path)
      }
      unsafe isal_inflate_reset(state)
      memberEnded = false
      return true
    }
    finished = true
    return false
  }

  private func nextByte() throws -> UInt8? {
    if unsafe state.pointee.avail_in == 0, !inputEnded { try refill() }
    return unsafe state.pointee.avail_in == 0 ? nil : state.pointee.next_in.pointee
  }

  private func check(_ status: Int32) throws {
    let problem: String
    switch status {
    case ISAL_DECOMP_OK, ISAL_END_INPUT: return
    case ISAL_INCORRECT_CHECKSUM: problem = "the gzip checksum (CRC-32) does not match"
    case ISAL_INVALID_WRAPPER, ISAL_UNSUPPORTED_METHOD: problem = "not a valid gzip header"
    default: problem = "damaged gzip data (igzip code \(status))"
    }
    throw DataError("\(problem) near byte \(offset)", file: path)
  }
}
