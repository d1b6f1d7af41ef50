import Foundation
import HogaCore
import HogaFeeds
import Synchronization

/// The archive's layout with made-up files: a table of contents, checksums, ranges.
struct FakeArchive: Sendable {
  var files: [String: [UInt8]] = [:]
  /// Entries per page of the table of contents.
  var pageSize = 1_000

  /// Adds a file that begins as zip archives do.
  mutating func add(_ path: String, bytes: Int = 2_000) {
    var random = SeededRandom(FNV1a(path).value)
    files[path] =
      [0x50, 0x4B, 3, 4] + (4..<max(5, bytes)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  mutating func add(_ series: ArchiveSeries, _ days: ClosedRange<CivilDate>, bytes: Int = 2_000) {
    for day in days.lowerBound.daysSince1970...days.upperBound.daysSince1970 {
      add(series.file(.day(CivilDate(daysSince1970: day))), bytes: bytes)
    }
  }

  /// What an honest server says.
  func reply(_ request: TestServer.Request) -> TestServer.Reply {
    if let prefix = request.query["prefix"] {
      return listing(prefix, request.query["delimiter"], after: request.query["marker"] ?? "")
    }
    let path = String(request.path.dropFirst())
    if path.hasSuffix(".CHECKSUM") {
      let file = String(path.dropLast(9))
      guard let bytes = files[file] else { return .status(404, [], "<Error>NoSuchKey</Error>") }
      let name = file.split(separator: "/").last ?? ""
      return .text("\(SHA256.digest(bytes))  \(name)\n")
    }
    guard let bytes = files[path] else { return .status(404, [], "<Error>NoSuchKey</Error>") }
    let tag = "\"\(FNV1a(path).text)\""
    let headers = [("Content-Type", "application/zip"), ("ETag", tag)]
    guard let range = request.headers["range"], let from = Int(range.dropFirst(6).dropLast()),
      request.headers["if-range"] ?? tag == tag
    else { return TestServer.Reply(headers: headers, body: bytes) }
    guard from < bytes.count else { return .status(416) }
    return TestServer.Reply(
      status: 206,
      headers: headers + [("Content-Range", "bytes \(from)-\(bytes.count - 1)/\(bytes.count)")],
      body: Array(bytes[from...]))
  }

  private func listing(
    _ prefix: String, _ delimiter: String?, after marker: String
  ) -> TestServer.Reply {
    let keys = files.keys.flatMap { [$0, $0 + ".CHECKSUM"] }.filter { $0.hasPrefix(prefix) }
    var entries: [(key: String, isFolder: Bool)] = []
    if delimiter != nil {
      let folders = Set(
        keys.compactMap { key -> String? in
          let rest = key.dropFirst(prefix.count)
          return rest.firstIndex(of: "/").map { prefix + rest[...$0] }
        })
      entries = folders.sorted().map { ($0, true) }
    } else {
      entries = keys.sorted().map { ($0, false) }
    }
    entries = entries.filter { $0.key > marker }
    let page = entries.prefix(pageSize)
    let isTruncated = entries.count > page.count
    var xml = """
      <?xml version="1.0" encoding="UTF-8"?>
      <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>data</Name>\
      <Prefix>\(prefix)</Prefix><Marker>\(marker)</Marker><MaxKeys>\(pageSize)</MaxKeys>\
      <IsTruncated>\(isTruncated)</IsTruncated>
      """
    if isTruncated, delimiter != nil { xml += "<NextMarker>\(page.last?.key ?? "")</NextMarker>" }
    for (key, isFolder) in page {
      xml +=
        isFolder
        ? "<CommonPrefixes><Prefix>\(key)</Prefix></CommonPrefixes>"
        : "<Contents><Key>\(key)</Key><ETag>&quot;x&quot;</ETag>"
          + "<Size>\(files[key]?.count ?? 90)</Size></Contents>"
    }
    return .text(xml + "</ListBucketResult>", "application/xml")
  }
}

/// A clock whose waits take no time and are remembered.
final class TestClock: Sendable {
  private let state = Mutex((now: TimeSpan.zero, waits: [TimeSpan]()))
  let today: CivilDate

  init(today: CivilDate) { self.today = today }

  var waits: [TimeSpan] { state.withLock { $0.waits } }
  var now: TimeSpan { state.withLock { $0.now } }

  var clock: FetchClock {
    FetchClock(
      now: { self.now },
      wall: { self.today.start + .seconds(43_200) },
      wait: { span, monitor in
        try monitor.checkCancelled()
        guard span > .zero else { return }
        self.state.withLock { state in
          state.waits.append(span)
          state.now = TimeSpan(nanoseconds: state.now.nanoseconds + span.nanoseconds)
        }
      })
  }
}

func day(_ text: String) -> CivilDate {
  guard let date = CivilDate(text) else { preconditionFailure("\(text) is no date") }
  return date
}
