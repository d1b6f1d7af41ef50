/// The version of Hoga, as files and reports carry it.
public enum HogaVersion {
  public static let text = "0.3.0"
}
