internal import CCrypto
internal import Glibc
internal import HogaCore

/// SHA-256 (FIPS 180-4) by OpenSSL's libcrypto, as 64 lower-case hexadecimal digits.
package enum SHA256 {
  package static func digest(_ bytes: some Sequence<UInt8>) -> String {
    var digest = Digest()
    Array(bytes).withUnsafeBytes { unsafe digest.add($0) }
    return digest.finish()
  }

  /// The digest of an open file, from its first byte to its last.
  static func digest(ofFile descriptor: Int32, path: String) throws -> String {
    var digest = Digest()
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    var offset = 0
    while true {
      let count = unsafe pread(descriptor, &buffer, buffer.count, offset)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw ResourceError("\(path): \(systemMessage(errno))") }
      if count == 0 { return digest.finish() }
      buffer[..<count].withUnsafeBytes { unsafe digest.add($0) }
      offset += count
    }
  }

  @safe private struct Digest: ~Copyable {
    private let context: OpaquePointer

    init() {
      // OpenSSL fails here only without memory, as Swift's own allocations do.
      guard let context = unsafe EVP_MD_CTX_new(),
        unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
      else { fatalError("OpenSSL has no SHA-256") }
      unsafe self.context = context
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
      unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }

    mutating func finish() -> String {
      var bytes = [UInt8](repeating: 0, count: 32)
      unsafe EVP_DigestFinal_ex(context, &bytes, nil)
      return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }
}

/// What the system says of an error number.
func systemMessage(_ number: Int32) -> String { unsafe String(cString: strerror(number)) }
