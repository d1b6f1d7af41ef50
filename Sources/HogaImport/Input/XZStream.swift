internal import CLZMA
internal import HogaCore

/// The content of an .xz file of one or several streams.
@safe final class XZStream: ByteStream {
  private static let inputBytes = 1 << 18
  /// liblzma's LZMA_CONCATENATED, a macro that Swift cannot see.
  private static let concatenated: UInt32 = 0x08
  /// What decoding may take: the strongest preset needs 65 MiB.
  private static let memoryLimit: UInt64 = 256 << 20

  private let source: FileStream
  private let path: String
  private let input: UnsafeMutableRawBufferPointer
  // liblzma keeps a pointer to its stream: on the heap, where it stays.
  private let stream: UnsafeMutablePointer<lzma_stream>
  private var inputEnded = false
  private var finished = false

  init(path: String) throws {
    self.path = path
    source = try FileStream(path: path)
    unsafe input = .allocate(byteCount: Self.inputBytes, alignment: 16)
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: lzma_stream())
    let status = unsafe lzma_stream_decoder(stream, Self.memoryLimit, Self.concatenated)
    guard status == LZMA_OK else { throw ResourceError("liblzma cannot start: \(status.rawValue)") }
  }

  deinit {
    unsafe lzma_end(stream)
    unsafe stream.deallocate()
    unsafe input.deallocate()
  }

  var position: Int64 { source.position }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard !finished else { return 0 }
    unsafe stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe stream.pointee.avail_out = buffer.count
    while unsafe stream.pointee.avail_out > 0 {
      if unsafe stream.pointee.avail_in == 0, !inputEnded {
        let count = try unsafe source.read(into: input)
        inputEnded = count == 0
        unsafe stream.pointee.next_in = UnsafePointer(
          input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        unsafe stream.pointee.avail_in = count
      }
      let status = unsafe lzma_code(stream, inputEnded ? LZMA_FINISH : LZMA_RUN)
      let offset = unsafe source.position - Int64(stream.pointee.avail_in)
      switch status {
      case LZMA_OK: continue
      case LZMA_STREAM_END:
        finished = true
        return unsafe buffer.count - stream.pointee.avail_out
      case LZMA_BUF_ERROR:
        if unsafe stream.pointee.avail_out < buffer.count {
          return unsafe buffer.count - stream.pointee.avail_out
        }
        throw TruncatedStream(reason: "the xz data ends early, at byte \(offset)")
      case LZMA_MEMLIMIT_ERROR:
        throw ResourceError(
          "\(path): decoding needs more than \(Self.memoryLimit >> 20) MiB of memory")
      case LZMA_MEM_ERROR: throw ResourceError("\(path): no memory to decode xz data")
      default:
        throw DataError("damaged xz data near byte \(offset) (code \(status.rawValue))", file: path)
      }
    }
    return buffer.count
  }
}
