internal import CArrow
internal import Foundation
internal import HogaCore

/// Turns a status of the Arrow shim into the error that says who is at fault.
func arrowError(
  _ status: HogaArrowStatus, message: UnsafePointer<CChar>?, errorNumber: Int32, file: String,
  column: String? = nil
) -> any Error {
  let text = unsafe message.map { unsafe String(cString: $0) } ?? ""
  if status == HOGA_ARROW_RESOURCE {
    let reason = errorNumber == 0 ? "out of memory" : systemMessage(errorNumber)
    return ResourceError("\(file): \(reason)")
  }
  return DataError(text.isEmpty ? "cannot be read" : text, file: file, column: column)
}

/// The system's words for an error number.
func systemMessage(_ errorNumber: Int32) -> String { unsafe String(cString: strerror(errorNumber)) }

/// The error for a file that could not be opened: absent, or not ours to read.
func openError(_ errorNumber: Int32, file: String) -> any Error {
  errorNumber == ENOENT || errorNumber == ENOTDIR
    ? MissingInputError("\(file): no such file")
    : ResourceError("\(file): \(systemMessage(errorNumber))")
}

/// Opens a file for reading.
func openForReading(_ path: String) throws -> Int32 {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw openError(errno, file: path) }
  var information = stat()
  guard unsafe fstat(descriptor, &information) == 0, information.st_mode & S_IFMT != S_IFDIR else {
    close(descriptor)
    throw DataError("is a folder, a file is needed", file: path)
  }
  return descriptor
}
