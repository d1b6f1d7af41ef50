internal import CSQLite
internal import HogaCore
