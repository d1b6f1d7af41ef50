internal import Foundation
internal import HogaCore
internal import HogaLearn

extension CrossSectionStudy {
  /// Models by kind, with settings as `key=value` for all of them, or `kind.key=value` for one.
  ///
  /// - Throws: `UsageError` for a kind that comes twice or a setting of one that is not named.
  public static func models(
    _ kinds: [Workflow.Model.Kind], settings: [String]
  ) throws -> [Workflow.Model] {
    guard Set(kinds).count == kinds.count else { throw UsageError("a model is named twice") }
    func owner(_ setting: String) -> Workflow.Model.Kind? {
      let key = setting.prefix { $0 != "=" }
      guard let dot = key.firstIndex(of: ".") else { return nil }
      return Workflow.Model.Kind(rawValue: String(key[..<dot]))
    }
    for setting in settings {
      if let kind = owner(setting), !kinds.contains(kind) {
        throw UsageError("--set \(setting): there is no model \(kind.rawValue)")
      }
    }
    return try kinds.map { kind in
      try Workflow.Model(
        kind: kind,
        settings: settings.compactMap { setting in
          guard let owner = owner(setting) else { return setting }
          return owner == kind ? String(setting.dropFirst(kind.rawValue.count + 1)) : nil
        })
    }
  }

  /// Features as a person names them: a file with a list (`FeatureList`), or names and patterns
  /// separated by commas; none for all.
  public static func features(_ text: String?) throws -> [String] {
    guard let text else { return [] }
    if text.hasSuffix(".json") || FileManager.default.fileExists(atPath: text) {
      let names = try FeatureList(path: text).names
      guard !names.isEmpty else { throw DataError("the list of features is empty", file: text) }
      return names
    }
    return text.split(separator: ",").map(String.init)
  }
}
