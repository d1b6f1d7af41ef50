internal import Foundation

/// A disk of one megabyte in memory, unmounted with its owner. Only root may mount it.
package final class SmallDisk {
  package let path: String

  /// - Returns: `nil` where mounting is not permitted, as to the root of some containers.
  package init?(at path: String) throws {
    self.path = path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    guard Self.run("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", path]) else {
      print("the full disk was not tested: mounting is not permitted")
      return nil
    }
  }

  deinit { _ = Self.run("umount", [path]) }

  /// Runs a tool, and says whether it worked.
  private static func run(_ tool: String, _ arguments: [String]) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [tool] + arguments
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
