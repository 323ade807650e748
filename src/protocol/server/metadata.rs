//! What events carry, typed: for applications that want more than the fields an event has itself.
//!
//! An event keeps what the service sent as JSON; [`read`] makes one of these types of it.
//!
//! ```
//! use gemini_live_web::{
//!     event::Event,
//!     protocol::server::{Item, decode, metadata::{GroundingMetadata, read}},
//! };
//!
//! let frame = br#"{"serverContent":{"groundingMetadata":{"webSearchQueries":["weather in London"]}}}"#;
//! for item in decode(frame)? {
//!     if let Item::Event(Event::GroundingMetadata { grounding_metadata }) = item {
//!         let grounding: GroundingMetadata = read(grounding_metadata)?;
//!         assert_eq!(grounding.web_search_queries, ["weather in London"]);
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::{
    error::{Code, Error},
    protocol::json::{Map, Value},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Reads what an event carries as a typed value: `grounding_metadata`, or an `extra`.
///
/// # Errors
///
/// When a field has another type than it should. The event still has everything as it came.
pub fn read<T: DeserializeOwned>(carried: impl Into<Value>) -> Result<T, Error> {
    serde_json::from_value(carried.into().into()).map_err(|error| {
        Error::new(
            Code::Unsupported,
            ["The service sent another shape than is known here: ", &error.to_string()].concat(),
        )
    })
}

/// Declares a message of the server: nothing is missing for certain, and what is new is kept.
macro_rules! payload {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
            /// Fields newer than this library.
            #[serde(flatten)]
            pub extra: Map,
        }
    )*};
}

payload! {
    /// What one turn used, in tokens. The prompt counts the whole conversation again each time.
    UsageMetadata {
        /// What went in.
        prompt_token_count: u64,
        /// What of that came from a cache.
        cached_content_token_count: u64,
        /// What came out.
        response_token_count: u64,
        /// What tools put in.
        tool_use_prompt_token_count: u64,
        /// What the model thought.
        thoughts_token_count: u64,
        /// All of it.
        total_token_count: u64,
        /// What went in, by modality.
        prompt_tokens_details: Vec<ModalityTokenCount>,
        /// What came from a cache, by modality.
        cache_tokens_details: Vec<ModalityTokenCount>,
        /// What came out, by modality.
        response_tokens_details: Vec<ModalityTokenCount>,
        /// What tools put in, by modality.
        tool_use_prompt_tokens_details: Vec<ModalityTokenCount>,
        /// `standard`, `flex` or `priority`.
        service_tier: Option<String>,
    }

    /// Tokens of one modality.
    ModalityTokenCount {
        /// `TEXT`, `AUDIO`, `IMAGE`, `VIDEO` or `DOCUMENT`.
        modality: String,
        /// How many; 0 where the service leaves it out.
        token_count: u64,
    }

    /// Where an answer that was looked up comes from.
    GroundingMetadata {
        /// The sources.
        grounding_chunks: Vec<GroundingChunk>,
        /// Which part of the answer rests on which sources.
        grounding_supports: Vec<GroundingSupport>,
        /// What was searched for on the web.
        web_search_queries: Vec<String>,
        /// What pictures were searched for.
        image_search_queries: Vec<String>,
        /// What was searched for in stored files.
        retrieval_queries: Vec<String>,
        /// The search suggestions that are to be shown.
        search_entry_point: Option<SearchEntryPoint>,
        /// How the search was decided upon.
        retrieval_metadata: Option<Value>,
        /// Token for the map widget.
        google_maps_widget_context_token: Option<String>,
    }

    /// Search suggestions.
    SearchEntryPoint {
        /// HTML and CSS to show as they are.
        rendered_content: Option<String>,
        /// Queries and addresses as JSON, in base64.
        sdk_blob: Option<String>,
    }

    /// A source; one of the fields is set.
    GroundingChunk {
        /// A web page.
        web: Option<WebSource>,
        /// A picture.
        image: Option<ImageSource>,
        /// A place.
        maps: Option<MapsSource>,
        /// A stored file.
        retrieved_context: Option<RetrievedContext>,
    }

    /// A web page.
    WebSource {
        /// Its address, through the service's redirection.
        uri: Option<String>,
        /// Its title.
        title: Option<String>,
        /// Its domain.
        domain: Option<String>,
    }

    /// A picture.
    ImageSource {
        /// The page that shows it.
        source_uri: Option<String>,
        /// Its own address.
        image_uri: Option<String>,
        /// Its title.
        title: Option<String>,
        /// Its domain.
        domain: Option<String>,
    }

    /// A place.
    MapsSource {
        /// Its address on the map.
        uri: Option<String>,
        /// Its name.
        title: Option<String>,
        /// What is said about it.
        text: Option<String>,
        /// Its id, `places/…`.
        place_id: Option<String>,
        /// Reviews the answer rests on.
        place_answer_sources: Option<Value>,
        /// The way there.
        route: Option<Value>,
    }

    /// A stored file.
    RetrievedContext {
        /// Its address.
        uri: Option<String>,
        /// Its title.
        title: Option<String>,
        /// The passage.
        text: Option<String>,
        /// The store it is in.
        file_search_store: Option<String>,
        /// The medium it is.
        media_id: Option<String>,
        /// The page of the passage.
        page_number: Option<i64>,
        /// Its metadata.
        custom_metadata: Vec<Value>,
    }

    /// Which part of the answer rests on which sources.
    GroundingSupport {
        /// The part of the answer.
        segment: Option<Segment>,
        /// Places in `grounding_chunks`.
        grounding_chunk_indices: Vec<u32>,
        /// How sure each source is, 0 to 1.
        confidence_scores: Vec<f64>,
        /// Places of rendered parts.
        rendered_parts: Vec<u32>,
    }

    /// A part of an answer's text.
    Segment {
        /// Which part of the content.
        part_index: u32,
        /// Its first byte.
        start_index: u32,
        /// The byte after its last.
        end_index: u32,
        /// The text.
        text: String,
    }

    /// What became of the addresses the model was asked to read.
    UrlContextMetadata {
        /// One entry per address.
        url_metadata: Vec<UrlMetadata>,
    }

    /// What became of one address.
    UrlMetadata {
        /// The address.
        retrieved_url: Option<String>,
        /// `URL_RETRIEVAL_STATUS_SUCCESS`, `…_ERROR`, `…_PAYWALL` or `…_UNSAFE`.
        url_retrieval_status: Option<String>,
    }

    /// What a transcription tells besides its text: read its `extra`.
    SpokenWords {
        /// Who speaks, if speakers are told apart.
        speaker_label: Option<String>,
        /// Each word.
        words: Vec<SpokenWord>,
        /// When it begins, in seconds such as `"0.200s"`.
        start_offset: Option<String>,
        /// When it ends.
        end_offset: Option<String>,
    }

    /// A word and its times.
    SpokenWord {
        /// The word.
        word: String,
        /// When it begins, in seconds such as `"0.200s"`.
        start_offset: Option<String>,
        /// When it ends.
        end_offset: Option<String>,
    }
}
