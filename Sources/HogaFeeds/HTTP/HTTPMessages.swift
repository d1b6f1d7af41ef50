package import HogaCore

/// What to ask a server for.
package struct HTTPRequest: Sendable {
  package var url: String
  /// The first byte wanted, where the bytes before it are already here.
  package var offset: Int64 = 0
  /// The entity tag that those bytes had; the server sends all bytes where it has changed.
  package var ifRange: String?
  /// Whether the body is left out (a HEAD request).
  package var onlyHeaders = false
  /// Whether the server may compress the body for the way.
  package var compressed = false
  /// A body of more bytes than this is refused.
  package var limit: Int64

  package init(_ url: String, limit: Int64) {
    self.url = url
    self.limit = limit
  }
}

/// What a server answered, without the body.
package struct HTTPResponse: Hashable, Sendable {
  package var status: Int
  /// By lower-case name; of several headers of one name, the last.
  package var headers: [String: String]
  /// The beginning of the body where the status is not a success.
  package var errorText = ""

  package init(status: Int, headers: [String: String] = [:], errorText: String = "") {
    self.status = status
    self.headers = headers
    self.errorText = errorText
  }

  package var isSuccess: Bool { (200..<300).contains(status) }

  /// Where the part that was sent begins, of `Content-Range: bytes 100-199/200`.
  package var rangeStart: Int64? {
    guard let range = headers["content-range"], range.lowercased().hasPrefix("bytes ") else {
      return nil
    }
    return Int64(range.dropFirst(6).prefix { $0 != "-" })
  }

  package var length: Int64? { headers["content-length"].flatMap { Int64($0) } }

  /// Whether the body came compressed for the way, so that a part of it has no place in the file.
  package var isEncoded: Bool {
    guard let encoding = headers["content-encoding"]?.lowercased() else { return false }
    return !encoding.isEmpty && encoding != "identity"
  }

  /// A tag that vouches for equal bytes; weak ones (`W/"…"`) do not.
  package var strongTag: String? {
    headers["etag"].flatMap { $0.hasPrefix("\"") ? $0 : nil }
  }

  /// How long the server asks to be left alone, where it says so in seconds.
  package var retryAfter: TimeSpan? {
    guard let text = headers["retry-after"], let seconds = Int64(text), seconds >= 0 else {
      return nil
    }
    return .seconds(min(seconds, 10_000_000))
  }

  /// The weight that the exchange has counted in this minute.
  package var usedWeight: Int? {
    (headers["x-mbx-used-weight-1m"] ?? headers["x-mbx-used-weight"]).flatMap { Int($0) }
  }
}

/// A transfer that brought no whole answer.
package struct HTTPFailure: Error, Hashable, Sendable, CustomStringConvertible {
  package var reason: String
  /// Whether it may work the next time: lost connections and silence, but not a redirect to a file.
  package var isTransient: Bool
  /// Whether an answer had begun, so that the server is there.
  package var wasHeard: Bool

  package init(_ reason: String, isTransient: Bool, wasHeard: Bool = true) {
    self.reason = reason
    self.isTransient = isTransient
    self.wasHeard = wasHeard
  }
  package var description: String { reason }
}

/// How connections behave, apart from what is asked.
package struct HTTPSettings: Sendable {
  package var agent = "hoga"
  package var connectTimeout = TimeSpan.seconds(20)
  /// A body slower than this, in bytes per second, for `slowTime` is given up and asked for again.
  package var slowBytes = 500
  package var slowTime = TimeSpan.seconds(30)
  package var redirects = 5
  /// `nil` takes what the environment says (`https_proxy`, `no_proxy`); empty text takes none.
  package var proxy: String?

  package init() {}
}

/// Text as it may stand in a URL: everything but letters, digits and `-._~` as `%XX`.
package func percentEncoded(_ text: String, keeping kept: String = "") -> String {
  var output = ""
  for byte in text.utf8 {
    let scalar = Unicode.Scalar(byte)
    let isPlain =
      scalar.isASCII
      && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
        || "-._~".unicodeScalars.contains(scalar) || kept.unicodeScalars.contains(scalar))
    if isPlain {
      output.unicodeScalars.append(scalar)
    } else {
      let hex = String(byte, radix: 16, uppercase: true)
      output += "%" + (hex.count < 2 ? "0" : "") + hex
    }
  }
  return output
}
