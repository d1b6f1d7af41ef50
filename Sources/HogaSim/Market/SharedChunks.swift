internal import HogaCore

/// A table's decoded chunks, read once and handed to two cursors that walk at different times.
///
/// A chunk is dropped as soon as both cursors have taken it, so memory is about two chunks.
final class SharedChunks<Chunk> {
  private let source: () throws -> Chunk?
  private var chunks: [Chunk] = []
  /// The number of `chunks[0]`, counted from the table's first.
  private var first = 0
  /// The number of the chunk that each cursor takes next.
  private var positions = [0, 0]

  /// - Parameter source: the next chunk, or `nil` at the table's end.
  init(_ source: @escaping () throws -> Chunk?) { self.source = source }

  /// The next chunk for a cursor (0 or 1), or `nil` at the table's end.
  func next(for cursor: Int) throws -> Chunk? {
    while positions[cursor] - first == chunks.count {
      guard let chunk = try source() else { return nil }
      chunks.append(chunk)
    }
    let chunk = chunks[positions[cursor] - first]
    positions[cursor] += 1
    let needed = min(positions[0], positions[1])
    if needed > first {
      chunks.removeFirst(needed - first)
      first = needed
    }
    return chunk
  }
}
