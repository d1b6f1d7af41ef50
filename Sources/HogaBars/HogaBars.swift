internal import HogaCore
internal import HogaSim
internal import HogaStatistics
