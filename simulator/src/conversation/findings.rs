//! What tools that run at the service's side leave in an answer.

use serde_json::{Value, json};

use crate::settings::Tools;

/// What was found for a turn: parts that come before the answer, and what is told when it has been generated.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) parts: Vec<Value>,
    pub(super) told: Vec<Value>,
}

/// What these words make the declared tools find: `search` makes a search, `calculate` or `compute` runs code, and an
/// address is read.
pub(super) fn findings(words: &str, tools: &Tools) -> Findings {
    let lower = words.to_lowercase();
    let mut findings = Findings::default();
    if tools.runs_code && (lower.contains("calculate") || lower.contains("compute")) {
        findings.parts = vec![
            json!({"executableCode": {"language": "PYTHON", "code": "print(6 * 7)"}}),
            json!({"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "42\n"}}),
        ];
    }
    if tools.searches && lower.contains("search") {
        findings.told.push(json!({ "groundingMetadata": grounding(words) }));
    }
    let addresses: Vec<Value> = addresses(words)
        .map(|address| json!({"retrievedUrl": address, "urlRetrievalStatus": "URL_RETRIEVAL_STATUS_SUCCESS"}))
        .collect();
    if tools.reads_urls && !addresses.is_empty() {
        findings.told.push(json!({"urlContextMetadata": {"urlMetadata": addresses}}));
    }
    findings
}

fn grounding(query: &str) -> Value {
    json!({
        "searchEntryPoint": {"renderedContent": "<div>Search results</div>"},
        "groundingChunks": [{"web": {"uri": "https://example.com/answer", "title": "example.com"}}],
        "groundingSupports": [
            {"segment": {"endIndex": query.len(), "text": query}, "groundingChunkIndices": [0]},
        ],
        "webSearchQueries": [query],
    })
}

fn addresses(words: &str) -> impl Iterator<Item = &str> {
    let is_address = |word: &&str| word.starts_with("http://") || word.starts_with("https://");
    let words = words.split_whitespace().map(|word| word.trim_end_matches(['.', ',', '!', '?', ')']));
    words.filter(is_address).take(MOST_ADDRESSES)
}

const MOST_ADDRESSES: usize = 20;
