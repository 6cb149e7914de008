//! Step definitions, an area a file. `verdicts` holds the generic Then steps.

pub mod names;
pub mod payload;
pub mod presigned;
pub mod replay;
pub mod signatures;
pub mod time;
pub mod verdicts;
