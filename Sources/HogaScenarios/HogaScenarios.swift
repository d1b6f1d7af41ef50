internal import HogaCore
