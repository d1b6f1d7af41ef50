import HogaCore
import HogaLearn
import HogaTestKit
import Testing

@Suite("Feature lists")
struct SelectionListTests {
  @Test("both forms of a list are read")
  func forms() throws {
    let names = ["x_1m_O2C", "x_5m_RVol_neut"]
    for text in [
      #"["x_1m_O2C", "x_5m_RVol_neut"]"#, #""['x_1m_O2C', 'x_5m_RVol_neut']""#,
      #""[\"x_1m_O2C\",'x_5m_RVol_neut',]""#, #""  [ 'x_1m_\u004f2C' , 'x_5m_RVol\\x5fneut' ]  ""#,
      #""['x_1m_O2C',\n 'x_5m_RVol_neut']""#,
    ] {
      #expect(try FeatureList(text: text).names == names, "\(text)")
    }
    #expect(try FeatureList(text: "[]").names.isEmpty)
    #expect(try FeatureList(text: #""[]""#).names.isEmpty)
  }

  @Test("a list survives writing and reading")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    let list = try FeatureList(["x_1m_a", "x \"quoted\" 'name'", "거래량"])
    try list.save(to: folder("list.json"))
    #expect(try FeatureList(path: folder("list.json")) == list)
    #expect(
      FeatureList.path(label: "y_15m", top: 50, count: 20)
        == "feature_list/y_15m/top50_example_features_20.json")
  }

  @Test(
    "what is no list is refused",
    arguments: [
      "", "{}", "1", #"["a", 1]"#, #"["a", "a"]"#, #"[""]"#, #""['a'""#, #""['a' 'b']""#,
      #""[a]""#, #""['a'] x""#, #""['a\\q']""#, #""['a\\x4']""#, #""['a\\ud800']""#, #""['a\\"#,
      #""['a\nb']""#, #""(1,)""#, #""[,]""#, #""['a',,'b']""#, #""""#,
    ])
  func refused(text: String) {
    #expect(throws: DataError.self) { try FeatureList(text: text) }
  }

  @Test("damaged lists are read or refused, never worse", arguments: UInt64(0)..<40)
  func fuzz(seed: UInt64) throws {
    var random = SeededRandom(seed)
    let pieces: [Unicode.Scalar] = [
      "[", "]", "'", "\"", "\\", ",", " ", "a", "x", "u", "U", "0", "f", "n", "\u{0}", "é",
      "\u{1F600}",
    ]
    for _ in 0..<200 {
      var python = Array("['x_1m_a', \"x_2m_b\", 'c\\x41']".unicodeScalars)
      for _ in 0..<Int.random(in: 1...5, using: &random) {
        let place = Int.random(in: 0..<python.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: python[place] = pieces[Int.random(in: 0..<pieces.count, using: &random)]
        case 1: python.remove(at: place)
        default: python.insert(pieces[Int.random(in: 0..<pieces.count, using: &random)], at: place)
        }
      }
      let text = String(String.UnicodeScalarView(python))
      do {
        let names = try FeatureList(text: JSONValue.string(text).text()).names
        #expect(Set(names).count == names.count && names.allSatisfy { !$0.isEmpty })
      } catch is DataError {
      }
      // The same damage to the file itself.
      _ = try? FeatureList(text: text)
    }
  }
}

@Suite("Selection of features")
struct SelectionTests {
  /// Two features that matter, a near-copy and a mirrored copy of the better one, and noise.
  private func samples(seed: UInt64 = 2) throws -> Samples {
    var random = SeededRandom(seed)
    let (instants, symbols) = (200, 10)
    let count = instants * symbols
    let strong = random.normals(count)
    let weak = random.normals(count)
    let y = (0..<count).map { 0.6 * strong[$0] + 0.25 * weak[$0] + random.normal() }
    var holed = weak
    for row in stride(from: 0, to: count, by: 9) { holed[row] = .nan }
    let time = (0..<count).map { Int64($0 / symbols) * second }
    return try Samples(
      x: Matrix(columns: [
        ("noise", random.normals(count)), ("copy", strong.map { $0 * 3 + 0.02 * random.normal() }),
        ("strong", strong), ("mirror", strong.map { -$0 * $0 * $0 }), ("weak", holed),
        ("flat", strong.map { _ in 1 }),
      ]), y: y, time: time, labelEnd: time.map { $0 + second },
      group: (0..<count).map { Int32($0 % symbols) })
  }

  @Test(
    "the best features are chosen, their copies passed over",
    arguments: FeatureSelection.Method.allCases)
  func chooses(method: FeatureSelection.Method) throws {
    let choice = try FeatureSelection(method: method, count: 2).choose(samples())
    #expect(choice.names.count == 2 && choice.names[1] == "weak")
    #expect(["strong", "copy", "mirror"].contains(choice.names[0]))
    #expect(choice.copies.allSatisfy { $0.of == choice.names[0] && abs($0.correlation) > 0.98 })
    #expect(choice.scores[0] > choice.scores[1])
    let all = try FeatureSelection(method: method, count: 100).choose(samples())
    #expect(!all.names.contains("flat") && all.copies.count == 2)
    #expect(all.names.count <= 3)
  }

  @Test("with a limit of one nothing but exact copies in rank is left out")
  func limit() throws {
    let choice = try FeatureSelection(method: .ic, count: 100, maximumCorrelation: 1).choose(
      samples())
    #expect(choice.names.contains("copy") && choice.names.contains("strong"))
    #expect(throws: UsageError.self) { try FeatureSelection(count: 0) }
    #expect(throws: UsageError.self) { try FeatureSelection(count: 1, maximumCorrelation: 0) }
  }
}

@Suite("Least squares by sums of products")
struct SelectionLeastSquaresTests {
  @Test("equals the regression by reflections")
  func equals() throws {
    let samples = try gridSamples(rows: 500, features: 6, horizon: 1, seed: 8)
    let slow = try LinearRegression().fit(samples)
    let fast = try LeastSquares().fit(samples)
    #expect(agree(fast.coefficients, slow.coefficients, within: 1e-10))
    #expect(agree(fast.intercept, slow.intercept, within: 1e-10))
  }

  @Test("a feature that others determine takes no part, and the forecast stays")
  func dependent() throws {
    let samples = try gridSamples(rows: 400, features: 3, horizon: 1, seed: 9)
    let x = samples.x
    let sum = (0..<x.rowCount).map { x[$0, 0] + 2 * x[$0, 1] }
    let more = samples.with(
      x: x.appending(
        Matrix(columns: [("sum", sum), ("flat", sum.map { _ in 4 }), ("again", Array(x.column(2)))])
      ))
    let plain = try LeastSquares().fit(samples)
    let fitted = try LeastSquares().fit(more)
    #expect(fitted.coefficients[3...] == [0, 0, 0])
    #expect(agree(Array(fitted.coefficients[..<3]), plain.coefficients, within: 1e-10))
  }
}
