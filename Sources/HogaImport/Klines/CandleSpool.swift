internal import Foundation
internal import HogaCore
internal import Synchronization

/// Rows of one symbol and UTC day in the order of their file, column by column.
struct CandleBlock: Sendable {
  var symbol: String
  var day: Int
  /// The place of the input, and of the block within it.
  var file: Int
  var place: Int
  var rowCount: Int
  /// Times, then lines, then the bit patterns of each value column.
  var cells: [Int64]
}

/// Keeps blocks until their day is complete: in memory, and beyond a limit in a file without a name.
///
/// The file lies in the lake's folder, which has to have room for the rows anyway, and its place is
/// free again when the process ends, however it ends.
final class CandleSpool: Sendable {
  private struct Entry {
    var block: CandleBlock
    /// Where the cells are in the file; `nil` where they are in memory.
    var offset: Int64?
    var count: Int
  }
  private struct State {
    var entries: [Int: [Entry]] = [:]
    var memory = 0
    var descriptor: Int32 = -1
    var fileEnd: Int64 = 0
    var onDisk = 0
  }

  private let state = Mutex(State())
  private let folder: String
  private let memoryLimit: Int

  init(folder: String, memoryLimit: Int) {
    self.folder = folder
    self.memoryLimit = memoryLimit
  }

  deinit {
    state.withLock { if $0.descriptor >= 0 { close($0.descriptor) } }
  }

  /// Days with rows, in order.
  var days: [Int] { state.withLock { $0.entries.keys.sorted() } }

  func add(_ block: CandleBlock) throws {
    let bytes = block.cells.count * MemoryLayout<Int64>.stride
    let place: (descriptor: Int32, offset: Int64)? = try state.withLock { state in
      guard state.memory + bytes > memoryLimit else {
        state.memory += bytes
        state.entries[block.day, default: []].append(
          Entry(block: block, offset: nil, count: block.cells.count))
        return nil
      }
      if state.descriptor < 0 { state.descriptor = try openFile() }
      let offset = state.fileEnd
      state.fileEnd += Int64(bytes)
      state.onDisk += 1
      return (state.descriptor, offset)
    }
    guard let place else { return }
    try write(block.cells, to: place.descriptor, at: place.offset)
    var entry = Entry(block: block, offset: place.offset, count: block.cells.count)
    entry.block.cells = []
    state.withLock { $0.entries[block.day, default: []].append(entry) }
  }

  /// Hands over the blocks of a day, by symbol, then file, then place, and forgets them.
  ///
  /// Not while blocks of that day are added.
  func take(day: Int) throws -> [CandleBlock] {
    let (taken, descriptor) = state.withLock { state in
      (state.entries.removeValue(forKey: day) ?? [], state.descriptor)
    }
    let blocks = try taken.map { entry in
      guard let offset = entry.offset else { return entry.block }
      var block = entry.block
      block.cells = try read(entry.count, from: descriptor, at: offset)
      return block
    }
    state.withLock { state in
      for entry in taken {
        if entry.offset == nil {
          state.memory -= entry.count * MemoryLayout<Int64>.stride
        } else {
          state.onDisk -= 1
        }
      }
      if state.onDisk == 0, state.descriptor >= 0, state.entries.isEmpty {
        ftruncate(state.descriptor, 0)
        state.fileEnd = 0
      }
    }
    return blocks.sorted { ($0.symbol, $0.file, $0.place) < ($1.symbol, $1.file, $1.place) }
  }

  private func openFile() throws -> Int32 {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = "\(folder)/.spool-\(getpid())-\(UUID().uuidString).tmp"
    let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure("cannot be made") }
    unlink(path)
    return descriptor
  }

  private func write(_ cells: [Int64], to descriptor: Int32, at offset: Int64) throws {
    try unsafe cells.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = unsafe pwrite(
          descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset) + done)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw failure("cannot be written") }
        done += count
      }
    }
  }

  private func read(_ count: Int, from descriptor: Int32, at offset: Int64) throws -> [Int64] {
    var cells = [Int64](repeating: 0, count: count)
    try unsafe cells.withUnsafeMutableBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = unsafe pread(
          descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset) + done)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw failure("cannot be read back") }
        done += count
      }
    }
    return cells
  }

  private func failure(_ what: String) -> ResourceError {
    let reason = unsafe String(cString: strerror(errno))
    return ResourceError("\(folder): the file for rows that wait \(what): \(reason)")
  }
}
