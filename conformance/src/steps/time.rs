//! Steps of features/time.
