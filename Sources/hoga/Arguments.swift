// A conformance of a public type is public, and so must be what it names.
public import ArgumentParser
public import HogaCore
public import HogaCrossSection
public import HogaImport
public import HogaJobs

extension ErrorPolicy: ExpressibleByArgument {}
extension KlinesContent: ExpressibleByArgument {}
extension CandleInterval: ExpressibleByArgument {}
extension BinanceRawImporter.Market: ExpressibleByArgument {}
extension Workflow.Model.Kind: ExpressibleByArgument {}
extension Workflow.Strategy.Kind: ExpressibleByArgument {}
extension CrossSectionLabel: ExpressibleByArgument {}
extension CrossSectionJob.Format: ExpressibleByArgument {}
