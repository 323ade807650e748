//! What the server's messages carry inside: tokens, sources, words.

use super::enums::{ServiceTier, TokenModality, UrlRetrievalStatus};
use crate::{json::Value, protocol::schema::received};

received! {
    /// Usage metadata: what one turn used, in tokens; not the session. The prompt counts the whole
    /// conversation again each time. Counts that are 0 are absent.
    UsageMetadata {
        /// Prompt token count: what went in.
        prompt_token_count "promptTokenCount": u64,
        /// Cached content token count: what of that came from a cache.
        cached_content_token_count "cachedContentTokenCount": u64,
        /// Response token count: what came out.
        response_token_count "responseTokenCount": u64,
        /// Tool use prompt token count: what tools put in.
        tool_use_prompt_token_count "toolUsePromptTokenCount": u64,
        /// Thoughts token count: what the model thought.
        thoughts_token_count "thoughtsTokenCount": u64,
        /// Total token count.
        total_token_count "totalTokenCount": u64,
        /// Prompt tokens by modality.
        prompt_tokens_details "promptTokensDetails": Vec<ModalityTokenCount>,
        /// Cached tokens by modality.
        cache_tokens_details "cacheTokensDetails": Vec<ModalityTokenCount>,
        /// Response tokens by modality.
        response_tokens_details "responseTokensDetails": Vec<ModalityTokenCount>,
        /// Tool use prompt tokens by modality.
        tool_use_prompt_tokens_details "toolUsePromptTokensDetails": Vec<ModalityTokenCount>,
        /// Service tier.
        service_tier "serviceTier": Option<ServiceTier>,
    }
}

received! {
    /// Modality token count: tokens of one modality.
    ModalityTokenCount {
        /// Modality.
        modality "modality": Option<TokenModality>,
        /// Token count; absent where it is 0.
        token_count "tokenCount": u64,
    }
}

received! {
    /// Grounding metadata: sources, which part of the answer rests on them, and what was searched for.
    GroundingMetadata {
        /// Grounding chunks: the sources.
        grounding_chunks "groundingChunks": Vec<GroundingChunk>,
        /// Grounding supports: which part of the answer rests on which sources.
        grounding_supports "groundingSupports": Vec<GroundingSupport>,
        /// Web search queries.
        web_search_queries "webSearchQueries": Vec<String>,
        /// Image search queries.
        image_search_queries "imageSearchQueries": Vec<String>,
        /// Retrieval queries: what was searched for in stored files.
        retrieval_queries "retrievalQueries": Vec<String>,
        /// Search entry point: the search suggestions that are to be shown.
        search_entry_point "searchEntryPoint": Option<SearchEntryPoint>,
        /// Retrieval metadata: how the search was decided upon.
        retrieval_metadata "retrievalMetadata": Option<RetrievalMetadata>,
        /// Google Maps widget context token.
        google_maps_widget_context_token "googleMapsWidgetContextToken": Option<String>,
    }
}

received! {
    /// Retrieval metadata: how the search was decided upon.
    RetrievalMetadata {
        /// Google Search dynamic retrieval score, 0 to 1.
        google_search_dynamic_retrieval_score "googleSearchDynamicRetrievalScore": Option<f64>,
    }
}

received! {
    /// Search entry point: search suggestions.
    SearchEntryPoint {
        /// Rendered content: HTML and CSS to show as they are.
        rendered_content "renderedContent": Option<String>,
        /// SDK blob: queries and addresses as JSON, in base64.
        sdk_blob "sdkBlob": Option<String>,
    }
}

received! {
    /// Grounding chunk: a source. One of the fields is set.
    GroundingChunk {
        /// Web: a page.
        web "web": Option<WebSource>,
        /// Image.
        image "image": Option<ImageSource>,
        /// Maps: a place.
        maps "maps": Option<MapsSource>,
        /// Retrieved context: a stored file.
        retrieved_context "retrievedContext": Option<RetrievedContext>,
    }
}

received! {
    /// Web source: a page.
    WebSource {
        /// URI.
        uri "uri": Option<String>,
        /// Title.
        title "title": Option<String>,
        /// Domain.
        domain "domain": Option<String>,
    }
}

received! {
    /// Image source.
    ImageSource {
        /// Source URI: the page that shows it.
        source_uri "sourceUri": Option<String>,
        /// Image URI: its own address.
        image_uri "imageUri": Option<String>,
        /// Title.
        title "title": Option<String>,
        /// Domain.
        domain "domain": Option<String>,
    }
}

received! {
    /// Maps source: a place.
    MapsSource {
        /// URI on the map.
        uri "uri": Option<String>,
        /// Title: its name.
        title "title": Option<String>,
        /// Text: what is said about it.
        text "text": Option<String>,
        /// Place id, `places/…`.
        place_id "placeId": Option<String>,
        /// Place answer sources: reviews the answer rests on.
        place_answer_sources "placeAnswerSources": Option<Value>,
        /// Route: the way there.
        route "route": Option<Value>,
    }
}

received! {
    /// Retrieved context: a stored file.
    RetrievedContext {
        /// URI.
        uri "uri": Option<String>,
        /// Title.
        title "title": Option<String>,
        /// Text: the passage.
        text "text": Option<String>,
        /// File search store it is in.
        file_search_store "fileSearchStore": Option<String>,
        /// Media id.
        media_id "mediaId": Option<String>,
        /// Page number of the passage.
        page_number "pageNumber": Option<u64>,
        /// Custom metadata.
        custom_metadata "customMetadata": Vec<Value>,
    }
}

received! {
    /// Grounding support: which part of the answer rests on which sources.
    GroundingSupport {
        /// Segment: the part of the answer.
        segment "segment": Option<Segment>,
        /// Grounding chunk indices: places in `groundingChunks`.
        grounding_chunk_indices "groundingChunkIndices": Vec<u64>,
        /// Confidence scores: how sure each source is, 0 to 1.
        confidence_scores "confidenceScores": Vec<f64>,
        /// Rendered parts: their places.
        rendered_parts "renderedParts": Vec<u64>,
    }
}

received! {
    /// Segment: a part of an answer's text.
    Segment {
        /// Part index: which part of the content.
        part_index "partIndex": u64,
        /// Start index: its first byte.
        start_index "startIndex": u64,
        /// End index: the byte after its last.
        end_index "endIndex": u64,
        /// Text.
        text "text": String,
    }
}

received! {
    /// URL context metadata: what became of the addresses the model was asked to read.
    UrlContextMetadata {
        /// URL metadata: one entry for each address.
        url_metadata "urlMetadata": Vec<UrlMetadata>,
    }
}

received! {
    /// URL metadata: what became of one address.
    UrlMetadata {
        /// Retrieved URL.
        retrieved_url "retrievedUrl": Option<String>,
        /// URL retrieval status.
        url_retrieval_status "urlRetrievalStatus": Option<UrlRetrievalStatus>,
    }
}

received! {
    /// Word info: a word and its times.
    WordInfo {
        /// Word.
        word "word": String,
        /// Start offset, in seconds such as `"0.200s"`.
        start_offset "startOffset": Option<String>,
        /// End offset.
        end_offset "endOffset": Option<String>,
    }
}
