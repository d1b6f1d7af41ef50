internal import HogaCore

/// The archive's table of contents, page by page.
package struct BinanceArchive: Sendable {
  package var listingURL: String
  package var web: Web
  private static let pageLimit: Int64 = 16 << 20
  /// A listing that never ends is not the archive's.
  private static let pages = 10_000

  package init(listingURL: String, web: Web) {
    self.listingURL = listingURL
    self.web = web
  }

  /// Every symbol that the archive has candles of, also those that are traded no more, sorted.
  ///
  /// Of futures the perpetual ones: dated contracts have their date in the name.
  package func symbols(_ market: BinanceMarket) throws -> [String] {
    let prefix = "\(market.archiveFolder)/daily/klines/"
    var found: Set<String> = []
    try forEachPage(prefix: prefix, delimiter: "/", after: nil) { page in
      for folder in page.folders where folder.hasPrefix(prefix) {
        found.insert(String(folder.dropFirst(prefix.count).dropLast()))
      }
      return true
    }
    return found.filter { isSymbol($0) && isPerpetual($0, market) }.sorted()
  }

  /// The sizes of a series' files between two periods, by name; checksums are left out.
  package func files(
    _ series: ArchiveSeries, from first: ArchivePeriod, to last: ArchivePeriod
  ) throws -> [String: Int64] {
    let folder = series.folder(monthly: first.isMonth)
    let end = folder + series.stem(last) + ".zip"
    var found: [String: Int64] = [:]
    try forEachPage(prefix: folder, delimiter: nil, after: folder + series.stem(first)) { page in
      for file in page.files where file.key.hasPrefix(folder) && file.key.hasSuffix(".zip") {
        found[String(file.key.dropFirst(folder.count))] = file.bytes
      }
      return (page.files.last?.key ?? end) < end
    }
    return found
  }

  private func forEachPage(
    prefix: String, delimiter: String?, after start: String?,
    _ use: (BucketListing) throws -> Bool
  ) throws {
    var marker = start
    for _ in 0..<Self.pages {
      var url = listingURL + "?prefix=" + percentEncoded(prefix)
      if let delimiter { url += "&delimiter=" + percentEncoded(delimiter) }
      if let marker { url += "&marker=" + percentEncoded(marker) }
      guard let answer = try web.text(url, lane: .listing, limit: Self.pageLimit) else {
        throw FetchProblem("the archive's listing is not at \(listingURL)")
      }
      let page: BucketListing
      do {
        page = try BucketListing(xml: answer.text)
      } catch let error as DataError {
        throw FetchProblem("the archive's listing is of no use: \(error.reason)")
      }
      guard try use(page), page.isTruncated else { return }
      // UTF-8 order, as the bucket's.
      guard let next = page.nextMarker,
        marker.map({ $0.utf8.lexicographicallyPrecedes(next.utf8) })
          ?? true
      else { throw FetchProblem("the archive's listing does not go on") }
      marker = next
    }
    throw FetchProblem("the archive's listing does not end")
  }
}

/// Whether a name can be a symbol, and so part of a path: letters (of any script), digits, `_`, `-`.
package func isSymbol(_ name: String) -> Bool {
  !name.isEmpty && name.count <= 60
    && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
}

/// Whether a future has no expiry: `BTCUSDT` and `BTCUSD_PERP`, but not `BTCUSDT_250926`.
func isPerpetual(_ symbol: String, _ market: BinanceMarket) -> Bool {
  switch market {
  case .usdm: !symbol.contains("_")
  case .coinm: symbol.hasSuffix("_PERP")
  case .spot: true
  }
}
