internal import Foundation
package import HogaCore
package import HogaScenarios

extension ScenarioSettings {
  /// The settings as the file of truth and the footers hold them, keys sorted.
  package var json: JSONValue {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return try JSONReader.read(String(decoding: try encoder.encode(self), as: UTF8.self))
    }
  }
}

/// Settings in JSON that replace some of a mood's: as many as the file has, by the names that the file
/// of truth shows under `settings`. Lists are replaced whole.
package struct ScenarioSettingsFile: Sendable {
  private let path: String
  private let overrides: JSONValue

  /// - Throws: `MissingInputError` where there is no such file, `DataError` where it is no JSON
  ///   object.
  package init(path: String) throws {
    self.path = path
    do {
      let document = try JSONReader.read(TextFile.read(path))
      // A file of truth may be given as it is.
      overrides = document["truth"] != nil ? document["settings"] ?? document : document
    } catch let error as DataError {
      throw error.located(file: path)
    }
    guard case .object = overrides else { throw DataError("is no JSON object", file: path) }
  }

  /// - Throws: `DataError` that names the setting that is not known or of another type.
  package func applied(to settings: ScenarioSettings) throws -> ScenarioSettings {
    let merged = try merge(try settings.json, overrides, "")
    do {
      return try JSONDecoder().decode(
        ScenarioSettings.self, from: Data(merged.text(indented: false).utf8))
    } catch let error as DecodingError {
      throw DataError(Self.reason(error), file: path)
    }
  }

  private func merge(_ base: JSONValue, _ changes: JSONValue, _ place: String) throws -> JSONValue {
    guard case .object(var members) = base else { return changes }
    guard case .object(let new) = changes else {
      throw DataError("'\(place)' has settings of its own, a JSON object is needed", file: path)
    }
    for change in new {
      let name = place.isEmpty ? change.key : "\(place).\(change.key)"
      guard let index = members.firstIndex(where: { $0.key == change.key }) else {
        let known = members.map(\.key).joined(separator: ", ")
        throw DataError("there is no setting '\(name)'; there are \(known)", file: path)
      }
      members[index].value = try merge(members[index].value, change.value, name)
    }
    return .object(members)
  }

  private static func reason(_ error: DecodingError) -> String {
    func name(_ keys: [any CodingKey]) -> String {
      keys.map { $0.intValue.map { "\($0 + 1)" } ?? $0.stringValue }.joined(separator: ".")
    }
    return switch error {
    case .keyNotFound(let key, let context):
      "'\(name(context.codingPath + [key]))' is missing"
    // The decoder tells numbers that do not fit without their place.
    case .dataCorrupted(let context) where context.codingPath.isEmpty:
      "a number is out of range, or has a fraction where none may be"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      "'\(name(context.codingPath))' is of the wrong type or out of range"
    @unknown default: "cannot be understood"
    }
  }
}
