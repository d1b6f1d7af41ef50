import Foundation
import HogaCore
import HogaFeeds
import HogaTestKit
import Synchronization
import Testing

@Suite("One file of the archive, whatever the server does")
struct DownloadTests {
  private static let file = "data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2025-05-25.zip"
  private typealias Reply = TestServer.Reply

  let folder: TemporaryFolder
  let clock = TestClock(today: day("2025-06-10"))
  init() throws { folder = try TemporaryFolder() }

  private struct Setup {
    var server: TestServer
    var web: Web
    var download: ArchiveDownload
    var archive: FakeArchive
    var mirror: Mirror
  }

  /// A server that answers as told and else honestly, and a download from it.
  private func setUp(
    bytes: Int = 50_000, monitor: JobMonitor = JobMonitor(), slowBytes: Int = 0, attempts: Int = 4,
    _ answer: @escaping @Sendable (TestServer.Request, Reply) -> Reply? = { _, _ in nil }
  ) throws -> Setup {
    var archive = FakeArchive()
    archive.add(Self.file, bytes: bytes)
    let honest = archive
    let server = try TestServer { request in
      let reply = honest.reply(request)
      return answer(request, reply) ?? reply
    }
    var http = HTTPSettings()
    http.proxy = ""
    http.slowBytes = slowBytes
    http.slowTime = .seconds(1)
    var policy = RetryPolicy()
    policy.attempts = attempts
    let web = Web(
      http: http,
      budget: RateBudget(limits: [:], longestPause: .seconds(900), silenceLimit: 100),
      policy: policy, clock: clock.clock, monitor: monitor)
    let mirror = try Mirror(root: folder("mirror"))
    return Setup(
      server: server, web: web,
      download: ArchiveDownload(archiveURL: server.url, mirror: mirror, web: web),
      archive: archive, mirror: mirror)
  }

  private func isBody(_ request: TestServer.Request) -> Bool { request.path.hasSuffix(".zip") }

  /// Expects the file whole with its checksum beside it, and nothing else.
  private func expectWhole(_ setup: Setup) throws {
    #expect(folder.files("mirror") == [Self.file, Self.file + ".CHECKSUM"])
    let bytes = try #require(setup.archive.files[Self.file])
    #expect(FileManager.default.contents(atPath: setup.mirror.path(Self.file)) == Data(bytes))
    #expect(try setup.mirror.state(of: Self.file) == .verified(Int64(bytes.count)))
  }

  private func expectProblem(_ setup: Setup, _ words: String...) {
    do {
      let outcome = try setup.download.fetch(Self.file)
      Issue.record("it was \(outcome), which should have failed with \(words)")
    } catch let problem as FetchProblem {
      for word in words { #expect(problem.description.contains(word), "\(problem)") }
    } catch {
      Issue.record("\(error)")
    }
    #expect(folder.files("mirror") == [])
  }

  @Test("an honest server is asked for the checksum and the file, once, and not again")
  func honest() throws {
    let setup = try setUp()
    defer { setup.server.stop() }
    let counted = Mutex<Int64>(0)
    let outcome = try setup.download.fetch(Self.file) { count in counted.withLock { $0 += count } }
    #expect(outcome == .fetched(50_000) && counted.withLock { $0 } == 50_000)
    try expectWhole(setup)
    #expect(setup.server.log == ["GET /\(Self.file).CHECKSUM", "GET /\(Self.file)"])
    #expect(setup.server.connections == 1)
    #expect(try setup.download.fetch(Self.file) == .kept(50_000))
    #expect(setup.server.log.count == 2)
  }

  @Test("a connection cut in the body is taken up where it broke, by a range")
  func cut() throws {
    let setup = try setUp { request, reply in
      guard request.path.hasSuffix(".zip"), request.headers["range"] != "bytes=40000-" else {
        return nil
      }
      var reply = reply
      reply.cutAfter = request.headers["range"] == nil ? 30_000 : 10_000
      return reply
    }
    defer { setup.server.stop() }
    let counted = Mutex<Int64>(0)
    #expect(
      try setup.download.fetch(Self.file) { count in counted.withLock { $0 += count } }
        == .fetched(50_000))
    try expectWhole(setup)
    #expect(counted.withLock { $0 } == 50_000)
    #expect(
      setup.server.log.suffix(3).map { $0.split(separator: " from ").last } == [
        "GET /\(Self.file)", "30000", "40000",
      ])
    #expect(setup.web.counts.retries == 2)
    #expect(clock.waits.count == 2)
    #expect(clock.waits[0] < .milliseconds(500) && clock.waits[1] < .seconds(1))
  }

  @Test("a server that knows no ranges is asked for everything again")
  func cutWithoutRanges() throws {
    let archive = {
      var archive = FakeArchive()
      archive.add(Self.file, bytes: 50_000)
      return archive
    }()
    let setup = try setUp { request, reply in
      guard request.path.hasSuffix(".zip"), let bytes = archive.files[Self.file] else { return nil }
      return Reply(body: bytes, cutAfter: request.earlier == 0 ? 30_000 : nil)
    }
    defer { setup.server.stop() }
    #expect(try setup.download.fetch(Self.file) == .fetched(50_000))
    try expectWhole(setup)
  }

  @Test("a file that changed between two parts is fetched anew")
  func changedBetween() throws {
    let setup = try setUp { request, reply in
      guard request.path.hasSuffix(".zip"), request.earlier == 0 else { return nil }
      // Other bytes under another tag.
      return Reply(
        headers: [("ETag", "\"old\"")],
        body: [0x50, 0x4B] + [UInt8](repeating: 1, count: 49_998), cutAfter: 30_000)
    }
    defer { setup.server.stop() }
    #expect(try setup.download.fetch(Self.file) == .fetched(50_000))
    try expectWhole(setup)
    #expect(setup.server.log.count == 3)
  }

  @Test("the part that a killed run left is gone on from; a foreign one is found out and replaced")
  func leftPart() throws {
    for isForeign in [false, true] {
      let setup = try setUp()
      defer { setup.server.stop() }
      let part = try setup.mirror.begin(Self.file)
      let bytes = try #require(setup.archive.files[Self.file])
      part.abandon()
      let left = isForeign ? [UInt8](repeating: 9, count: 20_000) : Array(bytes[..<20_000])
      let path =
        setup.mirror.path(Self.file)
        .replacingOccurrences(of: "/BTCUSDT-1m", with: "/.BTCUSDT-1m") + ".part"
      try Data(left).write(to: URL(fileURLWithPath: path))
      #expect(try setup.download.fetch(Self.file) == .fetched(50_000))
      try expectWhole(setup)
      #expect(setup.server.count(" from 20000") == 1)
      #expect(setup.server.log.count == (isForeign ? 3 : 2))
      try FileManager.default.removeItem(
        atPath: path.replacingOccurrences(of: "/.", with: "/")
          .replacingOccurrences(of: ".part", with: ""))
    }
  }

  @Test("a part longer than the file is dropped")
  func partTooLong() throws {
    let setup = try setUp()
    defer { setup.server.stop() }
    let part = try setup.mirror.begin(Self.file)
    part.abandon()
    let path =
      setup.mirror.path(Self.file)
      .replacingOccurrences(of: "/BTCUSDT-1m", with: "/.BTCUSDT-1m") + ".part"
    try Data(count: 60_000).write(to: URL(fileURLWithPath: path))
    #expect(try setup.download.fetch(Self.file) == .fetched(50_000))
    try expectWhole(setup)
  }

  @Test("bytes that are not the checksum's are refused, after a second look at both")
  func wrongBytes() throws {
    let setup = try setUp { request, reply in
      guard request.path.hasSuffix(".zip") else { return nil }
      var reply = reply
      reply.body[1_000] ^= 1
      return reply
    }
    defer { setup.server.stop() }
    expectProblem(setup, "SHA-256", "checksum says")
    #expect(setup.server.count(".CHECKSUM") == 2)
    #expect(setup.server.count(".zip") - setup.server.count(".CHECKSUM") == 2)
  }

  @Test("a file that was replaced together with its checksum meanwhile is accepted")
  func replacedMeanwhile() throws {
    let setup = try setUp { request, _ in
      guard request.path.hasSuffix(".CHECKSUM"), request.earlier == 0 else { return nil }
      return .text(String(repeating: "0", count: 64) + "  BTCUSDT-1m-2025-05-25.zip")
    }
    defer { setup.server.stop() }
    #expect(try setup.download.fetch(Self.file) == .fetched(50_000))
    try expectWhole(setup)
  }

  @Test("without a checksum a file is not taken; without both it is absent")
  func missing() throws {
    let setup = try setUp { request, _ in
      request.path.hasSuffix(".CHECKSUM") ? .status(404) : nil
    }
    defer { setup.server.stop() }
    expectProblem(setup, "no checksum")
    let absent = Self.file.replacingOccurrences(of: "-25", with: "-26")
    #expect(try setup.download.fetch(absent) == .absent)
    #expect(setup.web.counts.bytes == 0)
    #expect(folder.files("mirror") == [])
  }

  @Test("a page instead of the archive is refused at once, and says what it is")
  func page() throws {
    let setup = try setUp { request, _ in
      request.path.hasSuffix(".zip")
        ? .text("<html><body>Log in to this network", "text/html") : nil
    }
    defer { setup.server.stop() }
    expectProblem(setup, "no zip archive", "text/html", "Log in")
    #expect(setup.server.log.count == 2)
    let empty = try setUpAgain(setup) { request in
      request.path.hasSuffix(".zip") ? Reply() : nil
    }
    defer { empty.server.stop() }
    expectProblem(empty, "empty")
    let checksum = try setUpAgain(setup) { request in
      request.path.hasSuffix(".CHECKSUM") ? .text("<html>", "text/html") : nil
    }
    defer { checksum.server.stop() }
    expectProblem(checksum, "checksum", "<html>")
  }

  /// The same mirror with another server: a mirror's folder has one owner at a time.
  private func setUpAgain(
    _ setup: Setup, _ answer: @escaping @Sendable (TestServer.Request) -> Reply?
  ) throws -> Setup {
    let archive = setup.archive
    let server = try TestServer { answer($0) ?? archive.reply($0) }
    var again = setup
    again.server = server
    again.download.archiveURL = server.url
    return again
  }

  @Test("429 and 418 are waited out as long as the server asks")
  func asksForPatience() throws {
    let setup = try setUp { request, _ in
      guard request.path.hasSuffix(".zip") else { return nil }
      switch request.earlier {
      case 0: return .status(429, [("Retry-After", "17")])
      case 1: return .status(418, [("Retry-After", "300")])
      default: return nil
      }
    }
    defer { setup.server.stop() }
    #expect(try setup.download.fetch(Self.file) == .fetched(50_000))
    #expect(clock.waits == [.seconds(17), .seconds(300)])
    try expectWhole(setup)
  }

  @Test("errors of the server are tried again, and given up after so many attempts")
  func serverErrors() throws {
    let setup = try setUp { request, _ in
      request.path.hasSuffix(".zip") && request.earlier < 3 ? .status(500, [], "oops") : nil
    }
    defer { setup.server.stop() }
    #expect(try setup.download.fetch(Self.file) == .fetched(50_000))
    try expectWhole(setup)
    #expect(clock.waits.count == 3)
    try setup.mirror.remove(Self.file)
    try setup.mirror.remove(Self.file + ".CHECKSUM")
    let broken = try setUpAgain(setup) { request in
      request.path.hasSuffix(".zip") ? .status(503) : nil
    }
    defer { broken.server.stop() }
    expectProblem(broken, "503", "4 attempts")
    #expect(broken.server.log.count == 5)
  }

  @Test("a server that hangs up without a word is tried again")
  func mute() throws {
    let setup = try setUp { request, _ in
      request.earlier == 0 ? Reply(isMute: true) : nil
    }
    defer { setup.server.stop() }
    #expect(try setup.download.fetch(Self.file) == .fetched(50_000))
    try expectWhole(setup)
  }

  @Test("a body that trickles is given up, and asked for again from where it is")
  func slow() throws {
    let setup = try setUp(slowBytes: 30_000) { request, reply in
      guard request.path.hasSuffix(".zip"), request.earlier == 0 else { return nil }
      var reply = reply
      reply.slowly = (100, 0.02)
      return reply
    }
    defer { setup.server.stop() }
    #expect(try setup.download.fetch(Self.file) == .fetched(50_000))
    try expectWhole(setup)
    #expect(setup.server.count(" from ") == 1)
  }

  @Test("redirects are followed to the web, and neither to files nor in circles")
  func redirects() throws {
    let setup = try setUp { request, _ in
      request.path.hasPrefix("/data") && request.path.hasSuffix(".zip")
        ? .status(302, [("Location", "/moved" + request.path)]) : nil
    }
    defer { setup.server.stop() }
    let archive = setup.archive
    let moved = try setUpAgain(setup) { request in
      if request.path.hasPrefix("/moved/") {
        var there = request
        there.path = String(request.path.dropFirst("/moved".count))
        return archive.reply(there)
      }
      return request.path.hasSuffix(".zip")
        ? .status(302, [("Location", "/moved" + request.path)], "moved") : nil
    }
    defer { moved.server.stop() }
    #expect(try moved.download.fetch(Self.file) == .fetched(50_000))
    try expectWhole(moved)
    try setup.mirror.remove(Self.file)
    try setup.mirror.remove(Self.file + ".CHECKSUM")

    for (location, words) in [
      ("file:///etc/passwd", "file"), ("/\(Self.file)", "redirects"), ("ftp://localhost/x", "ftp"),
    ] {
      let bad = try setUpAgain(setup) { request in
        request.path.hasSuffix(".zip") ? .status(302, [("Location", location)]) : nil
      }
      defer { bad.server.stop() }
      expectProblem(bad, words)
      #expect(bad.server.log.count <= 8)
    }
  }

  @Test("a body compressed for the way is unpacked; cut off, it is fetched anew and not by parts")
  func encoded() throws {
    // Stored blocks are gzip too: 50,000 bytes fit into one.
    let setup = try setUp { request, reply in
      guard request.path.hasSuffix(".zip") else { return nil }
      let packed = Gzip.stored(reply.body)
      return Reply(
        headers: [("Content-Encoding", "gzip"), ("ETag", "\"packed\"")], body: packed,
        cutAfter: request.earlier == 0 ? 20_000 : nil)
    }
    defer { setup.server.stop() }
    #expect(try setup.download.fetch(Self.file) == .fetched(50_000))
    try expectWhole(setup)
    #expect(setup.server.count(" from ") == 0)
  }

  @Test("a stated length that is not the true one is found out", arguments: [40_000, 60_000])
  func wrongLength(length: Int) throws {
    let setup = try setUp { request, reply in
      guard request.path.hasSuffix(".zip"), request.headers["range"] == nil, request.earlier < 1
      else { return nil }
      var reply = reply
      reply.statedLength = length
      if length > 50_000 { reply.cutAfter = 50_000 }
      return reply
    }
    defer { setup.server.stop() }
    #expect(try setup.download.fetch(Self.file) == .fetched(50_000))
    try expectWhole(setup)
  }

  @Test("a body larger than any file of the archive is refused, stated or not")
  func tooLarge() throws {
    for length in [-1, 5_000_000] {
      let setup = try setUp { request, _ in
        guard request.path.hasSuffix(".zip") else { return nil }
        return Reply(
          body: [0x50, 0x4B] + [UInt8](repeating: 0, count: 999_998),
          statedLength: length, slowly: (50_000, 0.001))
      }
      defer { setup.server.stop() }
      var download = setup.download
      download.limit = 200_000
      #expect(throws: FetchProblem.self) { try download.fetch(Self.file) }
      #expect(setup.web.counts.bytes < 300_000)
      #expect(folder.files("mirror") == [])
    }
  }

  @Test("a file damaged on the disk is fetched again; one without a checksum is compared first")
  func damaged() throws {
    let setup = try setUp()
    defer { setup.server.stop() }
    _ = try setup.download.fetch(Self.file)
    var bytes = try #require(setup.archive.files[Self.file])
    bytes[77] ^= 1
    try Data(bytes).write(to: URL(fileURLWithPath: setup.mirror.path(Self.file)))
    #expect(try setup.mirror.state(of: Self.file) == .damaged)
    #expect(try setup.download.fetch(Self.file) == .fetched(50_000))
    try expectWhole(setup)
    try setup.mirror.remove(Self.file + ".CHECKSUM")
    let before = setup.server.count(".zip")
    #expect(try setup.download.fetch(Self.file) == .kept(50_000))
    #expect(setup.server.count(".zip") == before + 1)  // the checksum alone
    try expectWhole(setup)
  }

  @Test("cancelled while nothing arrives, it stops at once and leaves nothing")
  func cancelled() throws {
    let monitor = JobMonitor()
    let setup = try setUp(monitor: monitor) { request, reply in
      guard request.path.hasSuffix(".zip") else { return nil }
      var reply = reply
      reply.slowly = (1_000, 0.2)
      // By now the request is under way.
      Thread.detachNewThread {
        usleep(50_000)
        monitor.cancel()
      }
      return reply
    }
    defer { setup.server.stop() }
    let began = ContinuousClock.now
    #expect(throws: JobMonitor.Cancelled.self) { try setup.download.fetch(Self.file) }
    // Of the ten seconds that the body would take.
    #expect(ContinuousClock.now - began < .seconds(5))
    #expect(folder.files("mirror") == [])
  }

  @Test("a mirror has one download at a time")
  func locked() throws {
    let mirror = try Mirror(root: folder("mirror"))
    #expect(throws: ResourceError.self) { try Mirror(root: folder("mirror")) }
    _ = mirror.root
  }

  @Test("whatever the server does, what is visible is whole", arguments: UInt64(0)..<16)
  func chaos(seed: UInt64) throws {
    let random = Mutex(SeededRandom(seed))
    let setup = try setUp(bytes: 9_000, attempts: 5) { request, reply in
      random.withLock { random in
        var reply = reply
        switch Int.random(in: 0..<14, using: &random) {
        case 0: reply.cutAfter = Int.random(in: 0...reply.body.count, using: &random)
        case 1: reply.isMute = true
        case 2:
          reply = .status(
            [400, 403, 404, 416, 418, 429, 500, 502][Int.random(in: 0..<8, using: &random)])
        case 3: reply.body = Array("<html>no".utf8)
        case 4:
          if !reply.body.isEmpty {
            reply.body[Int.random(in: 0..<reply.body.count, using: &random)] ^= 4
          }
        case 5:
          reply.statedLength = Int.random(in: 0...20_000, using: &random)
          reply.cutAfter = reply.body.count
        case 6: reply.headers.append(("Content-Encoding", "gzip"))
        case 7: reply.body += [1, 2, 3]
        case 8: reply.body.removeLast(min(reply.body.count, 7))
        case 9: reply = .status(302, [("Location", request.path)])
        case 10: reply.headers.append(("Content-Range", "bytes 5-9/10"))
        default: break
        }
        return reply
      }
    }
    defer { setup.server.stop() }
    var isFetched = false
    for _ in 0..<12 {
      do {
        if case .fetched = try setup.download.fetch(Self.file) { isFetched = true }
      } catch is FetchProblem {}
      let state = try setup.mirror.state(of: Self.file)
      #expect(state == .absent || state == .verified(9_000))
      #expect(folder.files("mirror").allSatisfy { !$0.contains(".part") })
    }
    #expect(isFetched == (try setup.mirror.state(of: Self.file) != .absent))
  }
}

/// gzip data without compression (RFC 1952 and RFC 1951's stored blocks).
enum Gzip {
  static func stored(_ bytes: [UInt8]) -> [UInt8] {
    func little(_ value: UInt32, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
    }
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    let length = UInt32(bytes.count)
    return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1] + little(length, 2) + little(~length, 2)
      + bytes + little(~crc, 4) + little(length, 4)
  }
}
