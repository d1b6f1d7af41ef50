internal import CCurl
package import HogaCore
internal import Synchronization

/// Fetches over HTTP and HTTPS, one request at a time, over connections that are kept.
///
/// libcurl's multi interface drives the transfer, since its loop is ours: whoever asks to stop is
/// heard within a tenth of a second, also while nothing arrives.
@safe package final class HTTPClient {
  private static let pollMilliseconds: Int32 = 100
  /// libcurl wants to be set up once, before threads use it.
  private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  private let settings: HTTPSettings
  private let easy: UnsafeMutableRawPointer
  private let multi: UnsafeMutableRawPointer
  private let errors: UnsafeMutablePointer<CChar>

  package init(_ settings: HTTPSettings) throws {
    guard Self.isReady, let easy = unsafe curl_easy_init(), let multi = unsafe curl_multi_init()
    else { throw ResourceError("libcurl cannot be set up") }
    self.settings = settings
    unsafe self.easy = easy
    unsafe self.multi = multi
    unsafe errors = .allocate(capacity: Int(CURL_ERROR_SIZE))
  }

  deinit {
    unsafe curl_multi_cleanup(multi)
    unsafe curl_easy_cleanup(easy)
    unsafe errors.deallocate()
  }

  /// Asks, and hands on the body of a success as it arrives.
  ///
  /// - Parameters:
  ///   - begin: told the answer before the first byte of a success's body.
  ///   - receive: told the body's bytes, decoded. What either throws ends the transfer.
  /// - Returns: the answer, whatever its status.
  /// - Throws: `HTTPFailure`, `JobMonitor.Cancelled`, or what `begin` or `receive` threw.
  package func get(
    _ request: HTTPRequest, monitor: JobMonitor,
    begin: @escaping (HTTPResponse) throws -> Void = { _ in },
    receive: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) throws -> HTTPResponse {
    let transfer = HTTPTransfer(request, begin: begin, receive: receive)
    let headers = try prepare(request, transfer)
    defer { unsafe curl_slist_free_all(headers) }
    let code = try perform(monitor)
    if let problem = transfer.problem { throw problem }
    guard code == CURLE_OK || transfer.isEnough else {
      throw failure(code, wasHeard: transfer.response.status != 0)
    }
    return transfer.response
  }

  private func prepare(
    _ request: HTTPRequest, _ transfer: HTTPTransfer
  ) throws -> UnsafeMutablePointer<curl_slist>? {
    unsafe curl_easy_reset(easy)  // connections stay
    unsafe errors.pointee = 0
    unsafe hoga_curl_set_errors(easy, errors)
    try set(CURLOPT_URL, request.url)
    // Never files, never from a safe connection to an open one.
    let isSafe = request.url.lowercased().hasPrefix("https:")
    try set(CURLOPT_PROTOCOLS_STR, "http,https")
    try set(CURLOPT_REDIR_PROTOCOLS_STR, isSafe ? "https" : "http,https")
    try set(CURLOPT_FOLLOWLOCATION, 1)
    try set(CURLOPT_MAXREDIRS, settings.redirects)
    try set(CURLOPT_NOSIGNAL, 1)
    try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    try set(CURLOPT_CONNECTTIMEOUT_MS, Int(settings.connectTimeout.nanoseconds / 1_000_000))
    try set(CURLOPT_LOW_SPEED_LIMIT, settings.slowBytes)
    try set(CURLOPT_LOW_SPEED_TIME, max(1, Int(settings.slowTime.seconds)))
    try set(CURLOPT_USERAGENT, settings.agent)
    if let proxy = settings.proxy { try set(CURLOPT_PROXY, proxy) }
    // A server that compresses uninvited is understood either way.
    try set(CURLOPT_ACCEPT_ENCODING, request.compressed ? "" : "identity")
    if request.onlyHeaders { try set(CURLOPT_NOBODY, 1) }

    var headers: UnsafeMutablePointer<curl_slist>?
    if request.offset > 0 {
      try set(CURLOPT_RANGE, "\(request.offset)-")
      if let tag = request.ifRange {
        unsafe headers = curl_slist_append(nil, "If-Range: \(tag)")
        unsafe hoga_curl_set_list(easy, CURLOPT_HTTPHEADER, headers)
      }
    }
    // The transfer outlives the call, which ends before `get` returns.
    let context = unsafe Unmanaged.passUnretained(transfer).toOpaque()
    unsafe hoga_curl_set_header(
      easy,
      { bytes, size, count, context in
        if let bytes, let context {
          unsafe Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
            .header(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        return size * count
      }, context)
    unsafe hoga_curl_set_body(
      easy,
      { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let goesOn = unsafe Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
          .body(UnsafeRawBufferPointer(start: bytes, count: size * count))
        return goesOn ? size * count : 0
      }, context)
    return unsafe headers
  }

  private func set(_ option: CURLoption, _ value: String) throws {
    try check(unsafe hoga_curl_set_text(easy, option, value), option)
  }
  private func set(_ option: CURLoption, _ value: Int) throws {
    try check(unsafe hoga_curl_set_long(easy, option, value), option)
  }
  private func check(_ code: CURLcode, _ option: CURLoption) throws {
    guard code == CURLE_OK else {
      throw ResourceError(
        unsafe "libcurl refuses option \(option.rawValue): \(String(cString: curl_easy_strerror(code)))"
      )
    }
  }

  private func perform(_ monitor: JobMonitor) throws -> CURLcode {
    guard unsafe curl_multi_add_handle(multi, easy) == CURLM_OK else {
      throw ResourceError("libcurl cannot begin a transfer")
    }
    defer { unsafe curl_multi_remove_handle(multi, easy) }
    var running: Int32 = 1
    while true {
      try monitor.checkCancelled()
      guard unsafe curl_multi_perform(multi, &running) == CURLM_OK else {
        throw ResourceError("libcurl cannot go on with a transfer")
      }
      if running == 0 { return unsafe hoga_curl_result(multi) }
      unsafe curl_multi_poll(multi, nil, 0, Self.pollMilliseconds, nil)
    }
  }

  private func failure(_ code: CURLcode, wasHeard: Bool) -> HTTPFailure {
    var reason = unsafe String(cString: errors)
    if reason.isEmpty { reason = unsafe String(cString: curl_easy_strerror(code)) }
    if code == CURLE_OPERATION_TIMEDOUT, reason.hasPrefix("Operation too slow") {
      reason = "the answer came too slowly"
    }
    // What a server sent beyond the length that it had stated lies in the connection, and is taken for
    // the next answer; another connection will do.
    if reason.hasPrefix("Received HTTP/0.9") {
      return HTTPFailure("what came is no HTTP answer", isTransient: true)
    }
    let lasting = [
      CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_TOO_MANY_REDIRECTS,
      CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_BAD_CONTENT_ENCODING,
    ]
    return HTTPFailure(reason, isTransient: !lasting.contains(code), wasHeard: wasHeard)
  }
}

/// Clients for workers: as many as are in use at once, each with its connections.
package final class HTTPClientPool: Sendable {
  /// A client is used by whoever took it, and by nobody else until it is given back.
  private struct Idle: @unchecked Sendable { var clients: [HTTPClient] = [] }

  private let settings: HTTPSettings
  private let idle = Mutex(Idle())

  package init(_ settings: HTTPSettings) { self.settings = settings }

  package func withClient<Value>(_ use: (HTTPClient) throws -> Value) throws -> Value {
    // Moving a client between threads is safe, as long as one at a time uses it.
    nonisolated(unsafe) let taken = idle.withLock { $0.clients.popLast() }
    let client = try taken ?? HTTPClient(settings)
    nonisolated(unsafe) let returned = client
    defer { idle.withLock { $0.clients.append(returned) } }
    return try use(client)
  }
}
