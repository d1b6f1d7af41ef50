internal import HogaCore

/// Brings one file of an archive into the mirror, verified against the archive's own checksum.
package struct ArchiveDownload: Sendable {
  package enum Outcome: Hashable, Sendable {
    case fetched(Int64)
    case kept(Int64)
    /// The archive has no such file.
    case absent
  }

  /// What stops a transfer so that it begins anew.
  private struct WrongRange: Error {}

  package var archiveURL: String
  package var mirror: Mirror
  package var web: Web
  /// No file of the archive comes near this; a server that sends more is not the archive.
  package var limit: Int64 = 1 << 30
  private static let checksumLimit: Int64 = 4_096

  package init(archiveURL: String, mirror: Mirror, web: Web) {
    self.archiveURL = archiveURL
    self.mirror = mirror
    self.web = web
  }

  private func url(_ file: String) -> String {
    archiveURL + "/" + percentEncoded(file, keeping: "/")
  }

  /// - Parameter count: told of bytes as they arrive; of a file that begins anew, less than nothing.
  /// - Throws: `FetchProblem`; then nothing of the file is visible, and nothing hidden remains.
  package func fetch(
    _ file: String, count: @escaping @Sendable (Int64) throws -> Void = { _ in }
  ) throws -> Outcome {
    let state = try mirror.state(of: file)
    if case .verified(let bytes) = state { return .kept(bytes) }
    // What is not what it was must not be found by whoever reads the mirror meanwhile.
    if state == .damaged { try mirror.remove(file) }
    guard let checksum = try fetchChecksum(of: file) else {
      guard try exists(file) else { return .absent }
      throw FetchProblem("the archive has no checksum for it, so that it cannot be verified")
    }
    if case .unproven(let digest) = state {
      if digest == checksum.digest {
        try mirror.writeChecksum(digest, of: file)
        if case .verified(let bytes) = try mirror.state(of: file) { return .kept(bytes) }
      }
      try mirror.remove(file)
    }
    let part = try mirror.begin(file)
    defer { part.abandon() }
    let digest = try fetchBody(of: file, into: part, checksum: checksum, count: count)
    try mirror.publish(part, as: file, digest: digest)
    return .fetched(part.size)
  }

  private func fetchChecksum(of file: String) throws -> Checksum? {
    let answer = try web.text(
      url(file + Checksum.suffix), lane: .archive, limit: Self.checksumLimit)
    guard let text = answer?.text else { return nil }
    let name = file.split(separator: "/").last.map(String.init) ?? file
    do {
      return try Checksum(text, of: name)
    } catch let error as DataError {
      throw FetchProblem("what came as its checksum is \(error.reason)")
    }
  }

  private func exists(_ file: String) throws -> Bool {
    try web.attempt(url(file), lane: .archive) { client in
      var request = HTTPRequest(url(file), limit: limit)
      request.onlyHeaders = true
      let response = try client.get(request, monitor: web.monitor) { _ in }
      if response.isSuccess { return .done(true) }
      if response.status == 404 || response.status == 410 { return .done(false) }
      return .answered(response)
    }
  }

  /// - Returns: the digest of the bytes in `part`, which is the checksum's.
  private func fetchBody(
    of file: String, into part: PartFile, checksum: Checksum,
    count: @escaping @Sendable (Int64) throws -> Void
  ) throws -> String {
    var expected = checksum.digest
    var mismatches = 0
    var tag: String?
    if part.size > 0 { try count(part.size) }
    func restart() throws {
      if part.size > 0 { try count(-part.size) }
      try part.restart()
      tag = nil
    }
    return try web.attempt(url(file), lane: .archive) { client in
      let isResumed = part.size > 0
      let response: HTTPResponse
      do {
        response = try transfer(file, client, part, ifRange: tag, count: count) { answer in
          tag = answer.strongTag
          if answer.status != 206 { try restart() }
          tag = answer.strongTag
        }
      } catch is WrongRange {
        try restart()
        return .again("the server sent another part than was asked for")
      }
      guard response.isSuccess else {
        if response.status == 416 {
          try restart()
          return .again("the server has fewer bytes than are here")
        }
        if response.status == 404 || response.status == 410 {
          throw FetchProblem("the archive has a checksum for it, but not the file")
        }
        return .answered(response)
      }
      let digest = try part.digest()
      if digest == expected {
        try Self.requireZip(part.head(4), response)
        return .done(digest)
      }
      if !isResumed { try Self.requireZip(part.head(4), response) }
      try restart()
      guard !isResumed else { return .again("the parts do not fit together") }
      mismatches += 1
      guard mismatches < 2 else {
        throw FetchProblem("its SHA-256 is \(digest), the archive's checksum says \(expected)")
      }
      // It may have been replaced between the two answers.
      if let again = try fetchChecksum(of: file) { expected = again.digest }
      return .again("its SHA-256 is not what the archive's checksum says")
    }
  }

  private func transfer(
    _ file: String, _ client: HTTPClient, _ part: PartFile, ifRange: String?,
    count: @escaping @Sendable (Int64) throws -> Void,
    begin: @escaping (HTTPResponse) throws -> Void
  ) throws -> HTTPResponse {
    var request = HTTPRequest(url(file), limit: limit)
    request.offset = part.size
    request.ifRange = ifRange
    var isEncoded = false
    var answer = HTTPResponse(status: 0)
    do {
      return try client.get(request, monitor: web.monitor) { response in
        if response.status == 206, response.rangeStart != part.size { throw WrongRange() }
        try begin(response)
        isEncoded = response.isEncoded
        answer = response
      } receive: { bytes in
        if part.size == 0, bytes.count >= 4 {
          try Self.requireZip(bytes.prefix(4), answer) {
            String(decoding: bytes.prefix(200), as: UTF8.self)
          }
        }
        try part.append(bytes)
        web.count(bytes: Int64(bytes.count))
        try count(Int64(bytes.count))
      }
    } catch let failure as HTTPFailure {
      // Its bytes have no place in what the next attempt asks for.
      if isEncoded {
        try count(-part.size)
        try part.restart()
      }
      throw failure
    }
  }

  /// Zip archives begin with `PK`; pages that say sorry do not.
  private static func requireZip(
    _ head: some Collection<UInt8>, _ response: HTTPResponse, text: () -> String = { "" }
  ) throws {
    guard !head.starts(with: [UInt8(ascii: "P"), UInt8(ascii: "K")]) else { return }
    let type = response.headers["content-type"].map { " of type \(shortened($0, to: 40))" } ?? ""
    let beginning = shortened(text(), to: 60)
    throw FetchProblem(
      head.isEmpty
        ? "what came is empty, not a zip archive"
        : "what came is no zip archive but something else\(type)"
          + (beginning.isEmpty ? "" : ": '\(beginning)'"))
  }
}
