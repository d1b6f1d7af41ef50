import HogaConfig
import HogaCore
import Testing

@Suite("Configuration")
struct ConfigNodeTests {
  private let text = """
    # settings
    name: demo
    every: 1s
    windows: [5s, 20s, 1m]
    fees:
      maker: 0.0002
      taker: 5e-4
    quoted: "null"
    nothing: ~
    """

  @Test("reads values with their types")
  func readsValues() throws {
    let node = try ConfigNode.parse(text, file: "demo.yaml")
    #expect(try node.require("name").string() == "demo")
    #expect(try node.require("every").timeSpan() == .seconds(1))
    #expect(try node.require("windows").timeSpans().map(\.description) == ["5s", "20s", "60s"])
    #expect(try node.require("fees").require("taker").double() == 5e-4)
    #expect(try node.require("quoted").string() == "null")
    #expect(node["nothing"] == nil)
  }

  @Test("names file, line and key of a bad value")
  func namesPlace() throws {
    let node = try ConfigNode.parse("a:\n  b: x\n", file: "f.yaml")
    let error = #expect(throws: DataError.self) {
      try node.require("a").require("b").int()
    }
    #expect(error?.description == "f.yaml:2: a.b: 'x' is not a whole number")
  }

  @Test("refuses a key nobody knows and suggests the nearest")
  func refusesUnknown() throws {
    let node = try ConfigNode.parse("evry: 1s", file: "f.yaml")
    let error = #expect(throws: DataError.self) {
      try node.rejectUnknown(keys: ["every", "windows"])
    }
    #expect(error?.reason.contains("did you mean 'every'?") == true)
  }

  @Test("sets a nested value from the command line and makes what is missing")
  func setsValue() throws {
    var node = try ConfigNode.parse(text, file: "demo.yaml")
    try node.set("fees.maker", to: .parse("0.001", file: "--set"))
    try node.set("model.depth", to: .parse("3", file: "--set"))
    try node.set("windows.1", to: .parse("30s", file: "--set"))
    #expect(try node.require("fees").require("maker").double() == 0.001)
    #expect(try node.require("model").require("depth").int() == 3)
    #expect(try node.require("windows").strings() == ["5s", "30s", "1m"])
    #expect(throws: UsageError.self) {
      try node.set("name.first", to: .parse("x", file: "--set"))
    }
  }

  @Test("writes JSON that reads back to the same settings")
  func roundTrips() throws {
    let node = try ConfigNode.parse(text, file: "demo.yaml")
    let again = try ConfigNode.parse(node.json.text(), file: "json")
    #expect(again.json == node.json)
  }

  @Test(
    "turns broken text into an error, not a crash",
    arguments: [
      "a: [1, 2", "a: 1\na: 2", "a: &x 1\nb: *x", "\t- x", "{a: }}", "? [1]\n: 2", "'", "\u{0}",
    ])
  func refusesBroken(text: String) {
    #expect(throws: (any Error).self) { try ConfigNode.parse(text, file: "broken") }
  }

  @Test("survives mutated text", arguments: UInt64(0)..<200)
  func survivesMutation(seed: UInt64) {
    var random = SeededRandom(seed)
    var bytes = Array(text.utf8)
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      let index = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<3, using: &random) {
      case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes.remove(at: index)
      default: bytes.insert(contentsOf: bytes[index...].prefix(20), at: index)
      }
    }
    _ = try? ConfigNode.parse(String(decoding: bytes, as: UTF8.self), file: "mutated")
  }

  @Test("stops at nesting that no settings need")
  func refusesDepth() {
    let deep = String(repeating: "[", count: 10_000)
    #expect(throws: DataError.self) { try ConfigNode.parse(deep, file: "deep") }
  }
}
