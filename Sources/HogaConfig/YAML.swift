internal import CYAML
internal import HogaCore

extension ConfigNode {
  /// Reads a YAML file (JSON is YAML, too).
  ///
  /// - Throws: `MissingInputError` where there is no such file, `DataError` with the line where it
  ///   is not valid YAML, repeats a key, or uses anchors, which settings do without.
  public static func load(path: String) throws -> ConfigNode {
    try parse(TextFile.read(path), file: path)
  }

  public static func parse(_ text: String, file: String) throws -> ConfigNode {
    var reader = YAMLReader(text, file: file)
    return try reader.document()
  }
}

/// Walks libyaml's events of one document.
@safe private struct YAMLReader: ~Copyable {
  /// Deeper nesting than any settings need; keeps hostile input from exhausting the stack.
  private static let maximumDepth = 64

  // libyaml keeps pointers into its parser and into the text: both stay where they are.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private let file: String

  init(_ text: String, file: String) {
    self.file = file
    let utf8 = Array(text.utf8)
    unsafe bytes = .allocate(capacity: max(utf8.count, 1))
    _ = unsafe bytes.initialize(from: utf8)
    unsafe parser = .allocate(capacity: 1)
    unsafe parser.initialize(to: yaml_parser_t())
    unsafe yaml_parser_initialize(parser)
    unsafe yaml_parser_set_input_string(parser, bytes.baseAddress, utf8.count)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
    unsafe bytes.deallocate()
  }

  private enum Event {
    case scalar(String, isPlain: Bool)
    case listStart, mappingStart, end, alias, boundary, streamEnd
  }

  private mutating func next() throws -> (event: Event, line: Int) {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else {
      let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) }
      throw DataError(
        "not valid YAML: \(problem ?? "unreadable text")", file: file,
        row: Int(unsafe parser.pointee.problem_mark.line) + 1)
    }
    defer { unsafe yaml_event_delete(&event) }
    let line = Int(unsafe event.start_mark.line) + 1
    switch unsafe event.type {
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      let buffer = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      return (
        .scalar(
          unsafe String(decoding: buffer, as: UTF8.self),
          isPlain: unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE), line
      )
    case YAML_SEQUENCE_START_EVENT: return (.listStart, line)
    case YAML_MAPPING_START_EVENT: return (.mappingStart, line)
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return (.end, line)
    case YAML_ALIAS_EVENT: return (.alias, line)
    case YAML_STREAM_END_EVENT: return (.streamEnd, line)
    default: return (.boundary, line)
    }
  }

  mutating func document() throws -> ConfigNode {
    while true {
      let (event, line) = try next()
      switch event {
      case .boundary: continue
      case .streamEnd: return ConfigNode(.mapping([]), file: file, line: 1, path: "")
      default:
        let node = try node(event, line: line, path: "", depth: 0)
        try expectEnd()
        return node
      }
    }
  }

  private mutating func expectEnd() throws {
    while true {
      let (event, line) = try next()
      switch event {
      case .boundary: continue
      case .streamEnd: return
      default: throw DataError("a second document begins", file: file, row: line)
      }
    }
  }

  private mutating func node(
    _ event: Event, line: Int, path: String, depth: Int
  ) throws -> ConfigNode {
    guard depth < Self.maximumDepth else {
      throw DataError("nested deeper than \(Self.maximumDepth)", file: file, row: line)
    }
    switch event {
    case .scalar(let text, let isPlain):
      return ConfigNode(.scalar(text, isPlain: isPlain), file: file, line: line, path: path)
    case .listStart:
      var items: [ConfigNode] = []
      while true {
        let (event, itemLine) = try next()
        if case .end = event { break }
        items.append(
          try node(
            event, line: itemLine, path: Self.join(path, String(items.count)), depth: depth + 1))
      }
      return ConfigNode(.list(items), file: file, line: line, path: path)
    case .mappingStart:
      var members: [ConfigNode.Member] = []
      var known: Set<String> = []
      while true {
        let (event, keyLine) = try next()
        if case .end = event { break }
        guard case .scalar(let key, _) = event else {
          throw DataError("a key is a single word", file: file, row: keyLine)
        }
        guard known.insert(key).inserted else {
          throw DataError("'\(key)' stands here twice", file: file, row: keyLine)
        }
        let (valueEvent, valueLine) = try next()
        members.append(
          .init(
            key: key,
            value: try node(
              valueEvent, line: valueLine, path: Self.join(path, key), depth: depth + 1)))
      }
      return ConfigNode(.mapping(members), file: file, line: line, path: path)
    case .alias: throw DataError("aliases are not supported", file: file, row: line)
    case .end, .boundary, .streamEnd: throw DataError("ends too early", file: file, row: line)
    }
  }

  private static func join(_ path: String, _ key: String) -> String {
    path.isEmpty ? key : "\(path).\(key)"
  }
}
