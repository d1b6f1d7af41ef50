internal import Foundation

// The two functions of the C library that statistics need, under names that read.
func exponential(_ value: Double) -> Double { exp(value) }
func logarithm(_ value: Double) -> Double { log(value) }
