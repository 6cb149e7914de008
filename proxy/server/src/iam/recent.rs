//! The last requests and how they were decided, so that "why?" has an answer.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use deltaglider_core::policy::Access;
use deltaglider_core::s3::Operation;

/// About 4 MiB when full.
const KEPT: usize = 4096;

/// What was asked, by whom as the rules stood then.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The request's id.
    pub(crate) request_id: String,
    /// When, in UTC.
    pub(crate) time: time::OffsetDateTime,
    /// Caller and address.
    pub(crate) access: Access,
    /// What it asked for.
    pub(crate) operation: Operation,
}

/// A bounded memory of decided requests, the oldest going first.
#[derive(Default)]
pub(crate) struct Recent {
    asked: Mutex<VecDeque<Asked>>,
}

impl Recent {
    pub(crate) fn remember(&self, asked: Asked) {
        let mut kept = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back(asked);
    }

    pub(crate) fn find(&self, request_id: &str) -> Option<Asked> {
        let kept = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().rev().find(|asked| asked.request_id == request_id).cloned()
    }
}
