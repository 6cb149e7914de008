//! The reference, certified as CI does it.

fn main() {}
