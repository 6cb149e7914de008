//! Raw requests with total control over every byte, for what no SDK would send.
