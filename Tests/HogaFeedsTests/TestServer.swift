import Foundation
import HogaCore
import Synchronization

/// A small HTTP server on this machine that does as it is told, also what servers should not do.
final class TestServer: Sendable {
  struct Request: Sendable {
    var method: String
    /// Without the query.
    var path: String
    var query: [String: String]
    var headers: [String: String]
    /// How many requests for this path and query came before.
    var earlier: Int
  }

  struct Reply: Sendable {
    var status = 200
    var headers: [(String, String)] = []
    var body: [UInt8] = []
    /// Said instead of the body's true length; nothing is said where it is negative.
    var statedLength: Int?
    /// The connection is cut after so many bytes of the body.
    var cutAfter: Int?
    /// So many bytes at a time, with a pause after each.
    var slowly: (bytes: Int, pause: Double)?
    /// The connection is cut instead of an answer.
    var isMute = false

    static func text(_ text: String, _ type: String = "text/plain") -> Reply {
      Reply(headers: [("Content-Type", type)], body: Array(text.utf8))
    }
    static func status(_ status: Int, _ headers: [(String, String)] = [], _ text: String = "")
      -> Reply
    { Reply(status: status, headers: headers, body: Array(text.utf8)) }
  }

  private struct State {
    var seen: [String: Int] = [:]
    var log: [String] = []
    var running = 0
    var mostRunning = 0
    var connections = 0
    var open: Set<Int32> = []
    var hasStopped = false
  }

  let url: String
  private let listener: Int32
  private let answer: @Sendable (Request) -> Reply
  private let state = Mutex(State())

  /// Begins to serve on a free port.
  init(_ answer: @escaping @Sendable (Request) -> Reply) throws {
    self.answer = answer
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 64) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard isBound else { throw ResourceError("no test server: \(errno)") }
    url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
    Thread.detachNewThread { [self] in accept() }
  }

  /// Ends all connections. The server's thread holds it until then.
  func stop() {
    let open = state.withLock { state in
      state.hasStopped = true
      return state.open
    }
    shutdown(listener, Int32(SHUT_RDWR))
    for connection in open { shutdown(connection, Int32(SHUT_RDWR)) }
  }

  /// `GET /path` in the order of arrival, with ` from N` where a range was asked for.
  var log: [String] { state.withLock { $0.log } }
  /// How many requests were being answered at once, at most.
  var mostRunning: Int { state.withLock { $0.mostRunning } }
  var connections: Int { state.withLock { $0.connections } }

  func count(_ part: String) -> Int { log.count { $0.contains(part) } }

  private func accept() {
    while true {
      let connection = Glibc.accept(listener, nil, nil)
      guard connection >= 0 else {
        if errno == EINTR { continue }
        close(listener)
        return
      }
      let serves = state.withLock { state in
        state.connections += 1
        if !state.hasStopped { state.open.insert(connection) }
        return !state.hasStopped
      }
      guard serves else {
        close(connection)
        continue
      }
      Thread.detachNewThread { [self] in
        while let request = read(connection), reply(to: request, connection) {}
        state.withLock { _ = $0.open.remove(connection) }
        close(connection)
      }
    }
  }

  private func read(_ connection: Int32) -> Request? {
    var head: [UInt8] = []
    var byte: UInt8 = 0
    while !head.suffix(4).elementsEqual([13, 10, 13, 10]) {
      guard recv(connection, &byte, 1, 0) == 1 else { return nil }
      head.append(byte)
    }
    let lines = String(decoding: head, as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ").map(String.init)
    guard words.count == 3 else { return nil }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] = line[line.index(after: colon)...]
        .trimmingCharacters(in: .whitespaces)
    }
    let parts = words[1].split(separator: "?", maxSplits: 1).map(String.init)
    var query: [String: String] = [:]
    for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1).map { $0.removingPercentEncoding ?? "" }
      query[sides[0]] = sides.count > 1 ? sides[1] : ""
    }
    let earlier = state.withLock { state in
      defer { state.seen[words[0] + words[1], default: 0] += 1 }
      let from = headers["range"].map { " from \($0.dropFirst(6).dropLast())" } ?? ""
      state.log.append("\(words[0]) \(words[1])\(from)")
      return state.seen[words[0] + words[1], default: 0]
    }
    return Request(
      method: words[0], path: parts[0].removingPercentEncoding ?? parts[0], query: query,
      headers: headers, earlier: earlier)
  }

  /// - Returns: whether the connection goes on.
  private func reply(to request: Request, _ connection: Int32) -> Bool {
    state.withLock {
      $0.running += 1
      $0.mostRunning = max($0.mostRunning, $0.running)
    }
    defer { state.withLock { $0.running -= 1 } }
    let reply = answer(request)
    guard !reply.isMute else { return false }
    var head = "HTTP/1.1 \(reply.status) Status\r\n"
    for (name, value) in reply.headers { head += "\(name): \(value)\r\n" }
    let length = reply.statedLength ?? reply.body.count
    if length >= 0 {
      head += "Content-Length: \(length)\r\n"
    } else {
      head += "Connection: close\r\n"
    }
    guard send(Array((head + "\r\n").utf8), connection) else { return false }
    guard request.method != "HEAD" else { return true }
    let body = reply.cutAfter.map { Array(reply.body.prefix($0)) } ?? reply.body
    if let (bytes, pause) = reply.slowly {
      for start in stride(from: 0, to: body.count, by: bytes) {
        guard send(Array(body[start..<min(body.count, start + bytes)]), connection) else {
          return false
        }
        usleep(UInt32(pause * 1e6))
      }
    } else if !send(body, connection) {
      return false
    }
    return reply.cutAfter == nil && length == reply.body.count
  }

  private func send(_ bytes: [UInt8], _ connection: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
