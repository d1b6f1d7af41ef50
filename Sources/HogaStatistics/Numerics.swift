internal import Foundation

// The functions of the C library that statistics need, under names that read.
func exponential(_ value: Double) -> Double { exp(value) }
func logarithm(_ value: Double) -> Double { log(value) }
func complementaryError(_ value: Double) -> Double { erfc(value) }
func cubeRoot(_ value: Double) -> Double { cbrt(value) }
