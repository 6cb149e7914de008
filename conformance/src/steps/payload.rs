//! Steps of features/payload.
