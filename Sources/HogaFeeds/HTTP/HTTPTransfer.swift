internal import HogaCore

/// One request under way: gathers headers and hands on the body.
///
/// Redirects come as several answers; the last one counts.
final class HTTPTransfer {
  /// Enough of an error page to say what it is.
  private static let errorBytes = 1_000
  /// More of an error page than this is not waited for.
  private static let longestError: Int64 = 1 << 20

  private let request: HTTPRequest
  private let begin: (HTTPResponse) throws -> Void
  private let receive: (UnsafeRawBufferPointer) throws -> Void
  private var hasBegun = false
  private var received: Int64 = 0
  private var errorBody: [UInt8] = []
  private var answer = HTTPResponse(status: 0)

  /// Why the transfer was stopped from this side.
  private(set) var problem: (any Error)?
  /// The answer is complete enough, although its body was not taken to the end.
  private(set) var isEnough = false

  init(
    _ request: HTTPRequest, begin: @escaping (HTTPResponse) throws -> Void,
    receive: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) {
    self.request = request
    self.begin = begin
    self.receive = receive
  }

  /// The answer so far, with the beginning of an error page.
  var response: HTTPResponse {
    var response = answer
    response.errorText = String(decoding: errorBody, as: UTF8.self)
    return response
  }

  func header(_ bytes: UnsafeRawBufferPointer) {
    var line = String(decoding: bytes, as: UTF8.self)[...]
    while let last = line.unicodeScalars.last, last == "\n" || last == "\r" {
      line = Substring(line.unicodeScalars.dropLast())
    }
    if line.hasPrefix("HTTP/") {
      let words = line.split(separator: " ", maxSplits: 2)
      answer = HTTPResponse(status: words.count > 1 ? Int(words[1]) ?? 0 : 0)
    } else if let colon = line.firstIndex(of: ":") {
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      answer.headers[line[..<colon].lowercased()] = String(value)
    }
  }

  /// - Returns: whether to go on.
  func body(_ bytes: UnsafeRawBufferPointer) -> Bool {
    received += Int64(bytes.count)
    guard answer.isSuccess else {
      errorBody += bytes.prefix(max(0, Self.errorBytes - errorBody.count))
      isEnough = received > Self.longestError
      return !isEnough
    }
    do {
      if !hasBegun {
        hasBegun = true
        if let length = answer.length, length > request.limit { throw tooLarge(length) }
        try begin(answer)
      }
      // Counted here, after decoding: what unpacks to more than was announced is caught too.
      if received > request.limit { throw tooLarge(received) }
      try receive(bytes)
      return true
    } catch {
      problem = error
      return false
    }
  }

  private func tooLarge(_ bytes: Int64) -> HTTPFailure {
    HTTPFailure(
      "the answer is larger than it can be: \(bytes) bytes or more, where \(request.limit) are "
        + "allowed", isTransient: false)
  }
}
