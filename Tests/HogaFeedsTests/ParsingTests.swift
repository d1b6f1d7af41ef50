import HogaCore
import HogaFeeds
import Testing

@Suite("What servers say, read strictly")
struct ParsingTests {
  @Test("SHA-256 gives the digests of the standard's examples")
  func digests() {
    // FIPS 180-4's examples, as published by NIST.
    #expect(
      SHA256.digest(Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      SHA256.digest([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      SHA256.digest(Array(repeating: UInt8(ascii: "a"), count: 1_000_000))
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test("a checksum's line is read with one space, two, or a star, and with either line end")
  func checksums() throws {
    let digest = String(repeating: "0a", count: 32)
    for line in [
      "\(digest)  a.zip\n", "\(digest) a.zip", "\(digest) *a.zip\r\n",
      "\(digest.uppercased())  a.zip",
    ] {
      #expect(try Checksum(line, of: "a.zip").digest == digest)
    }
    #expect(try Checksum(Checksum(digest: digest, name: "a.zip").text, of: "a.zip").name == "a.zip")
  }

  @Test(
    "no checksum of a file is another file's, a page, a short one, or two of them",
    arguments: [
      "", "\n", "a.zip", "<html>sorry</html>", String(repeating: "0", count: 64),
      String(repeating: "0", count: 63) + "  a.zip", String(repeating: "g", count: 64) + "  a.zip",
      String(repeating: "0", count: 64) + "  b.zip",
      String(repeating: "0", count: 64) + "  a.zip\n" + String(repeating: "1", count: 64)
        + "  a.zip",
    ])
  func badChecksums(text: String) {
    #expect(throws: DataError.self) { try Checksum(text, of: "a.zip") }
  }

  @Test("a bucket's page tells files, folders, entities, and where the next one begins")
  func listing() throws {
    let page = try BucketListing(
      xml: """
        <?xml version="1.0"?><ListBucketResult xmlns="x"><Prefix>p/</Prefix>
        <IsTruncated>true</IsTruncated><NextMarker>p/a&amp;b/</NextMarker>
        <Contents><Key>p/1.zip</Key><Size>12</Size></Contents>
        <Contents><Key>p/&#x5e01;&#65;.zip</Key><Size>0</Size></Contents>
        <CommonPrefixes><Prefix>p/a&amp;b/</Prefix></CommonPrefixes></ListBucketResult>
        """)
    #expect(page.files.map(\.key) == ["p/1.zip", "p/币A.zip"])
    #expect(page.files.map(\.bytes) == [12, 0])
    #expect(page.folders == ["p/a&b/"])
    #expect(page.nextMarker == "p/a&b/")
    let whole = try BucketListing(
      xml: "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>")
    #expect(whole.files.isEmpty && whole.nextMarker == nil)
  }

  @Test(
    "what is no bucket's page is refused",
    arguments: [
      "", "<html>sorry</html>", "<ListBucketResult>", "<ListBucketResult></ListBucketResult>",
      "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
      "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key></Contents>"
        + "</ListBucketResult>",
      "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key><Size>-1</Size>"
        + "</Contents></ListBucketResult>",
      "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>&nbsp;</Key><Size>1</Size>"
        + "</Contents></ListBucketResult>",
    ])
  func badListings(xml: String) {
    #expect(throws: DataError.self) { try BucketListing(xml: xml) }
  }

  @Test("candles are copied as they came, and refused where they are none")
  func klines() throws {
    let rows = try RESTTable.klines(
      """
      [[1000,"1.10","2","1","1.5","10.000",1999,"15",7,"4","6","0"],
       [2000,"1.5","2","1","1.5","0",2999,"0",0,"0","0","0"]]
      """)
    #expect(
      RESTTable.klineCSV(rows, header: true) == RESTTable.klineHeader + "\n"
        + "1000,1.10,2,1,1.5,10.000,1999,15,7,4,6,0\n2000,1.5,2,1,1.5,0,2999,0,0,0,0,0\n")
    for bad in [
      "{}", "[1]", "[[]]", "[[1,2]]", #"[["a",1,1,1,1,1,1,1,1,1,1,1]]"#,
      #"[[1,"1,5",1,1,1,1,1,1,1,1,1,1]]"#, #"[[1,"nan",1,1,1,1,1,1,1,1,1,1]]"#,
      #"[[1,null,1,1,1,1,1,1,1,1,1,1]]"#, #"[[1,"0x1p3",1,1,1,1,1,1,1,1,1,1]]"#,
      "[[2,1,1,1,1,1,1,1,1,1,1,1],[2,1,1,1,1,1,1,1,1,1,1,1]]", "[[1,1,1", "<html>",
    ] {
      #expect(throws: DataError.self) { try RESTTable.klines(bad) }
    }
  }

  @Test("funding gets its interval from the one before, where there is one")
  func funding() throws {
    let hour: Int64 = 3_600_000
    let rows = [0, 8, 12].map {
      RESTTable.Row(time: 100 * hour + Int64($0) * hour + 3, cells: ["0.0001"])
    }
    #expect(
      RESTTable.fundingCSV(rows, from: 101 * hour)
        == "\(RESTTable.fundingHeader)\n\(108 * hour + 3),8,0.0001\n\(112 * hour + 3),4,0.0001\n")
    #expect(RESTTable.fundingCSV(Array(rows.suffix(1)), from: 0)?.contains(",,") == true)
    #expect(RESTTable.fundingCSV(rows, from: 200 * hour) == nil)
  }

  @Test("metrics are laid beside each other by time, and what one table lacks is left empty")
  func metrics() {
    let at = day("2025-05-25").start.nanoseconds / 1_000_000
    func row(_ minute: Int64, _ cells: String...) -> RESTTable.Row {
      RESTTable.Row(time: at + minute * 60_000, cells: cells)
    }
    let text = RESTTable.metricsCSV(
      symbol: "AUSDT",
      [
        [row(0, "10", "20"), row(5, "11", "21")], [row(0, "1")], [row(5, "2")], [row(0, "3")],
        [row(0, "4"), row(5, "5")],
      ])
    #expect(
      text == """
        \(RESTTable.metricsHeader)
        2025-05-25 00:00:00,AUSDT,10,20,1,,3,4
        2025-05-25 00:05:00,AUSDT,11,21,,2,,5

        """)
  }

  @Test("no text makes a parser crash", arguments: UInt64(0)..<300)
  func fuzz(seed: UInt64) {
    var random = SeededRandom(seed)
    let seeds = [
      "<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>a&amp;&#65;</Key><Size>1"
        + "</Size></Contents><CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes></ListBucketResult>",
      String(repeating: "0a", count: 32) + "  a.zip\n",
      #"[[1000,"1.10","2","1","1.5","10.000",1999,"15",7,"4","6","0"]]"#,
      #"[{"symbol":"A","fundingTime":12,"fundingRate":"0.1","x":[1,{"y":null}]}]"#,
    ]
    var bytes = Array(seeds[Int(seed % 4)].utf8)
    for _ in 0..<Int.random(in: 1...8, using: &random) {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes.remove(at: place)
      case 2: bytes.insert(contentsOf: bytes[place...].prefix(9), at: place)
      default: bytes.removeLast(min(bytes.count - 1, 5))
      }
    }
    let text = String(decoding: bytes, as: UTF8.self)
    _ = try? BucketListing(xml: text)
    _ = try? Checksum(text, of: "a.zip")
    _ = try? RESTTable.klines(text)
    _ = try? RESTTable.objects(text, time: "fundingTime", ["fundingRate"])
  }

  @Test("a symbol is part of a path, and nothing that leaves it")
  func symbols() {
    for name in ["BTCUSDT", "1000PEPEUSDT", "BTCUSD_PERP", "币安人生USDT"] {
      #expect(isSymbol(name))
    }
    for name in ["", "..", "A/B", "A.B", "A B", "A\n", "%2E", String(repeating: "A", count: 61)] {
      #expect(!isSymbol(name))
    }
    #expect(percentEncoded("a b/币&", keeping: "/") == "a%20b/%E5%B8%81%26")
  }

  @Test("periods have the archive's names, also at the end of a year and in leap years")
  func periods() {
    let series = ArchiveSeries(
      market: .usdm, symbol: "BTCUSDT", kind: .klines, interval: .minute)
    #expect(
      series.file(.day(day("2025-05-25")))
        == "data/futures/um/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2025-05-25.zip")
    #expect(
      series.file(.month(of: day("2024-02-10")))
        == "data/futures/um/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2024-02.zip")
    #expect(ArchivePeriod.month(of: day("2024-02-10")).last == day("2024-02-29"))
    #expect(ArchivePeriod.month(of: day("2025-12-31")).first == day("2025-12-01"))
    #expect(ArchivePeriod.month(of: day("2025-12-31")).last == day("2025-12-31"))
    let metrics = ArchiveSeries(
      market: .coinm, symbol: "BTCUSD_PERP", kind: .metrics, interval: .minute)
    #expect(
      metrics.file(.day(day("2025-05-25")))
        == "data/futures/cm/daily/metrics/BTCUSD_PERP/BTCUSD_PERP-metrics-2025-05-25.zip")
    let spot = ArchiveSeries(market: .spot, symbol: "A", kind: .klines, interval: .hour)
    #expect(
      spot.restFile(day("2025-05-25")) == "data/spot/daily/klines/A/1h/A-1h-2025-05-25.rest.csv")
    let funding = ArchiveSeries(market: .usdm, symbol: "A", kind: .funding, interval: .minute)
    #expect(
      funding.file(.month(of: day("2025-05-25")))
        == "data/futures/um/monthly/fundingRate/A/A-fundingRate-2025-05.zip")
  }
}
