//! Steps of features/replay.
