import Foundation
import HogaCore
import HogaImport
import HogaJobs
import HogaLake

/// A folder for what a benchmark writes.
struct Scratch {
  let path: String
  private let isTemporary: Bool

  /// Calls `body` with the folder named, or with a temporary one that is removed after.
  static func with(_ options: CommonOptions, _ body: (Scratch) throws -> Void) throws {
    let scratch = Scratch(options)
    defer { scratch.remove() }
    try FileManager.default.createDirectory(
      atPath: scratch.path, withIntermediateDirectories: true)
    try body(scratch)
  }

  private init(_ options: CommonOptions) {
    path = options.folder ?? NSTemporaryDirectory() + "hoga-bench-\(getpid())"
    isTemporary = options.folder == nil
  }

  private func remove() {
    if isTemporary { try? FileManager.default.removeItem(atPath: path) }
  }

  /// Empties a lake of the folder.
  func emptyLake(_ name: String) throws -> Lake {
    let root = path + "/" + name
    if FileManager.default.fileExists(atPath: root) {
      try FileManager.default.removeItem(atPath: root)
    }
    return Lake(root: root)
  }

  /// A LOBSTER day, imported into the folder's lake `lobster`.
  func lobsterDay(_ archive: String) throws -> (Lake, Workflow.Market) {
    let lake = try emptyLake("lobster")
    _ = try LobsterImporter().run(files: [archive], into: lake)
    guard let book = try lake.partitions(table: MarketTable.book.rawValue).first,
      let symbol = book.symbol
    else { throw DataError("holds no order book", file: archive) }
    return (
      lake, Workflow.Market(venue: book.venue, symbol: symbol, dates: book.date...book.date)
    )
  }
}
