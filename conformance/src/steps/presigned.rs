//! Steps of features/presigned.
