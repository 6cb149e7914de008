//! Steps of features/names.
