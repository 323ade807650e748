//! What is sent beside an answer's own pieces: transcripts, findings, the end of the turn.

use serde_json::{Value, json};

use super::dialogue::Dialogue;
use super::findings::findings;
use super::session::Stage;

impl Dialogue {
    /// The `setupComplete` of the session.
    pub(super) fn setup_complete(&self) -> Value {
        match self.ways.messages.session_id {
            true => json!({"setupComplete": {"sessionId": format!("session-{}", self.chain.session)}}),
            false => json!({"setupComplete": {}}),
        }
    }

    /// Sends content of the server's.
    pub(super) fn send_content(&self, mut content: Value, stage: &mut Stage<'_>) {
        if let Some(turn) = content.get_mut("modelTurn").filter(|_| self.ways.messages.role) {
            turn["role"] = json!("model");
        }
        stage.send(json!({ "serverContent": content }));
    }

    /// Sends what has become known of the user's words while they are spoken.
    pub(super) fn tell_interim(&mut self, stage: &mut Stage<'_>) {
        if self.settings.transcribes_input
            && let Some(content) = self.transcriber.interim(self.ear.heard_so_far())
        {
            self.send_content(content, stage);
        }
    }

    /// Sends the transcripts whose time has come.
    pub(super) fn tell_transcripts(&mut self, stage: &mut Stage<'_>) {
        while let Some(content) = self.transcriber.due(stage.now) {
            self.send_content(content, stage);
        }
    }

    /// Has the service's own tools look at what was said.
    pub(super) fn look_up(&mut self, words: &str, stage: &mut Stage<'_>) {
        let found = findings(words, &self.memory.tools);
        for part in found.parts {
            self.send_content(json!({"modelTurn": {"parts": [part]}}), stage);
        }
        self.findings = found.told;
    }

    /// Everything was generated.
    pub(super) fn generated(&mut self, stage: &mut Stage<'_>) {
        if self.settings.transcribes_output {
            for content in self.transcriber.output_end() {
                self.send_content(content, stage);
            }
        }
        for content in std::mem::take(&mut self.findings) {
            self.send_content(content, stage);
        }
        if self.completes_turns() {
            self.send_content(json!({"generationComplete": true}), stage);
        }
    }

    /// Whether the end of a turn is said; where it is not, nothing cuts a turn short either.
    pub(super) fn completes_turns(&self) -> bool {
        self.ways.turn_end.completes.unwrap_or(self.settings.family.completes_turns)
    }

    /// The content that ends a turn.
    pub(super) fn turn_end(&self) -> Value {
        let ways = &self.ways.turn_end;
        let mut content = json!({"turnComplete": true});
        let fields = [
            ("turnCompleteReason", ways.reason.as_deref().map(Value::from)),
            ("waitingForInput", ways.waiting_for_input.map(Value::from)),
            ("interactionStatus", ways.interaction_status.as_deref().map(Value::from)),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                content[name] = value;
            }
        }
        content
    }
}
