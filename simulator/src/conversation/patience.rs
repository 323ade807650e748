//! How the model waits for its functions.

use super::call::Answered;
use super::dialogue::{Dialogue, Turn};
use super::session::Stage;
use crate::behaviour::{EmptyResult, UnansweredCall};

impl Dialogue {
    /// Whether the model waits for the answer to a call, and for nothing else.
    pub(super) fn is_wedged(&self) -> bool {
        let by_family = if self.settings.family.cancels_calls {
            UnansweredCall::Cancelled
        } else {
            UnansweredCall::Wedges
        };
        let ways = self.ways.unanswered_call.unwrap_or(by_family);
        matches!(self.turn, Turn::Calling { .. }) && ways == UnansweredCall::Wedges
    }

    /// Some models do not believe in a result that holds nothing.
    pub(super) fn call_again(&mut self, answered: &Answered, stage: &mut Stage<'_>) -> bool {
        let by_family =
            if self.settings.family.repeats_calls { EmptyResult::Repeats } else { EmptyResult::Taken };
        let Some(call) = &answered.unserved else { return false };
        if self.ways.empty_result.unwrap_or(by_family) == EmptyResult::Taken {
            return false;
        }
        self.called_at = stage.now;
        let id = stage.service.next_call_id();
        stage.service.handles.called(self.chain.session, id.clone());
        let again = self.calls.repeat(id, call);
        again.into_iter().map(|call| stage.send(call)).count() > 0
    }
}
