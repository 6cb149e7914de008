//! Steps of features/signatures.
