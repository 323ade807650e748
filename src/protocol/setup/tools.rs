//! Tools: functions of the application, what they answer, and what the service runs itself.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Behavior, Blob, FileData, FunctionResponseScheduling, Schema};
use crate::protocol::{
    VERTEX_ONLY,
    schema::{
        Kind, message,
        validator::{Validated, Validator},
    },
};

message! {
    /// Something the model may use. Several kinds may stand in one tool or each in its own.
    Tool {
        /// Functions of the application.
        function_declarations "functionDeclarations": Vec<FunctionDeclaration>,
        /// Web search by the service.
        google_search "googleSearch": GoogleSearch,
        /// Python, written by the model and run by the service.
        code_execution "codeExecution": Map<String, Value>,
        /// Reading web addresses that the conversation names.
        url_context "urlContext": Map<String, Value>,
        /// Maps and places.
        google_maps "googleMaps": GoogleMaps,
        /// Search in stored files.
        file_search "fileSearch": FileSearch,
        /// Control of a computer.
        computer_use "computerUse": ComputerUse,
        /// Servers of the Model Context Protocol.
        mcp_servers "mcpServers": Vec<McpServer>,
        /// Web search of older models.
        google_search_retrieval "googleSearchRetrieval": GoogleSearchRetrieval,
    }
    hidden {
        "retrieval": Kind::Unsupported(&VERTEX_ONLY),
        "enterpriseWebSearch": Kind::Unsupported(&VERTEX_ONLY),
        "exaAiSearch": Kind::Unsupported(&VERTEX_ONLY),
        "parallelAiSearch": Kind::Unsupported(&VERTEX_ONLY),
    }
}

message! {
    /// A function of the application that the model may call.
    FunctionDeclaration {
        /// Its name: letters, digits, `_`, `.`, `-`; at most 64.
        name "name": String,
        /// What it does and when to call it; the model reads this.
        description "description": String,
        /// What it takes.
        parameters "parameters": Schema,
        /// The same as JSON Schema, sent untouched. Excludes `parameters`.
        parameters_json_schema "parametersJsonSchema": Value,
        /// What it returns.
        response "response": Schema,
        /// The same as JSON Schema, sent untouched. Excludes `response`.
        response_json_schema "responseJsonSchema": Value,
        /// Whether the model waits for it. Default: the model's own, `BLOCKING` before 3.8.
        behavior "behavior": Behavior,
    }
    adjust declaration
}

message! {
    /// What a function returned.
    FunctionResponse {
        /// The id of the call that this answers. Needed.
        id "id": String,
        /// The function's name. Needed.
        name "name": String,
        /// What it returned: an object; by custom `result` or `error` inside. Needed.
        response "response": Map<String, Value>,
        /// What the model does with it, if it did not wait.
        scheduling "scheduling": FunctionResponseScheduling,
        /// Whether more answers to the same call follow. Default `false`.
        will_continue "willContinue": bool,
        /// Media that belong to the answer.
        parts "parts": Vec<FunctionResponsePart>,
    }
}

message! {
    /// A medium in a function's answer.
    FunctionResponsePart {
        /// In the message itself.
        inline_data "inlineData": Blob,
        /// By its address.
        file_data "fileData": FileData,
        /// How the medium is processed.
        media_processing "mediaProcessing": Value,
    }
}

message! {
    /// Web search by the service.
    GoogleSearch {
        /// Only what was found in this span of time.
        time_range_filter "timeRangeFilter": Interval,
        /// What is searched for. Default: web pages.
        search_types "searchTypes": SearchTypes,
    }
    hidden {
        "excludeDomains": Kind::Unsupported(&VERTEX_ONLY),
        "blockingConfidence": Kind::Unsupported(&VERTEX_ONLY),
    }
}

message! {
    /// A span of time.
    Interval {
        /// From then on, such as `2026-01-01T00:00:00Z`.
        start_time "startTime": String,
        /// Until before then.
        end_time "endTime": String,
    }
}

message! {
    /// What is searched for.
    SearchTypes {
        /// Web pages.
        web_search "webSearch": Map<String, Value>,
        /// Pictures.
        image_search "imageSearch": Map<String, Value>,
    }
}

message! {
    /// Web search of older models.
    GoogleSearchRetrieval {
        /// When the model searches.
        dynamic_retrieval_config "dynamicRetrievalConfig": DynamicRetrievalConfig,
    }
}

message! {
    /// When an older model searches.
    DynamicRetrievalConfig {
        /// `MODE_DYNAMIC` or `MODE_UNSPECIFIED`.
        mode "mode": String,
        /// From which probability on, 0 to 1.
        dynamic_threshold "dynamicThreshold": f64,
    }
}

message! {
    /// Maps and places.
    GoogleMaps {
        /// Whether a token for the map widget is returned. Deprecated.
        enable_widget "enableWidget": bool,
        /// A key of one's own.
        auth_config "authConfig": AuthConfig,
    }
    hidden { "groundingTypes": Kind::Unsupported(&VERTEX_ONLY), }
}

message! {
    /// A key of one's own for maps.
    AuthConfig {
        /// The key. Whoever sees the setup sees it.
        api_key "apiKey": String,
    }
    hidden {
        "apiKeyConfig": Kind::Unsupported(&VERTEX_ONLY),
        "authType": Kind::Unsupported(&VERTEX_ONLY),
        "googleServiceAccountConfig": Kind::Unsupported(&VERTEX_ONLY),
        "httpBasicAuthConfig": Kind::Unsupported(&VERTEX_ONLY),
        "oauthConfig": Kind::Unsupported(&VERTEX_ONLY),
        "oidcConfig": Kind::Unsupported(&VERTEX_ONLY),
    }
}

message! {
    /// Search in stored files.
    FileSearch {
        /// The stores, such as `fileSearchStores/my-store`.
        file_search_store_names "fileSearchStoreNames": Vec<String>,
        /// How many pieces are found at most.
        top_k "topK": i32,
        /// Only files whose metadata fit.
        metadata_filter "metadataFilter": String,
    }
}

message! {
    /// Control of a computer.
    ComputerUse {
        /// What is controlled, such as `ENVIRONMENT_BROWSER`.
        environment "environment": String,
        /// Ready-made functions that are left out.
        excluded_predefined_functions "excludedPredefinedFunctions": Vec<String>,
        /// Whether instructions hidden in what is seen are looked for.
        enable_prompt_injection_detection "enablePromptInjectionDetection": bool,
        /// Safety policies that are switched off.
        disabled_safety_policies "disabledSafetyPolicies": Vec<String>,
    }
}

message! {
    /// A server of the Model Context Protocol.
    McpServer {
        /// Its name.
        name "name": String,
        /// How it is reached.
        streamable_http_transport "streamableHttpTransport": StreamableHttpTransport,
    }
}

message! {
    /// How a server of the Model Context Protocol is reached.
    StreamableHttpTransport {
        /// Its address.
        url "url": String,
        /// Headers to send. Whoever sees the setup sees them.
        headers "headers": BTreeMap<String, String>,
        /// How long a call may take, in seconds such as `"5s"`.
        timeout "timeout": String,
        /// How long the stream may be silent, in seconds such as `"60s"`.
        sse_read_timeout "sseReadTimeout": String,
        /// Whether the server's session ends with this one.
        terminate_on_close "terminateOnClose": bool,
    }
}

/// A schema that names its dialect (`$schema`) is JSON Schema and belongs into the field for that.
fn declaration(validator: &mut Validator, fields: &mut Map<String, Value>) -> Validated {
    for (name, json_name) in [("parameters", "parametersJsonSchema"), ("response", "responseJsonSchema")] {
        let has_both = fields.get(json_name).is_some_and(|schema| !schema.is_null());
        let Some(schema) = fields.get_mut(name).filter(|schema| !schema.is_null()) else { continue };
        if has_both {
            return Err(
                validator.error_at(json_name, &["This excludes `", name, "`: give one of them."].concat())
            );
        }
        if schema.get("$schema").is_some() {
            let schema = schema.take();
            fields.insert(json_name.to_owned(), schema);
        }
    }
    Ok(())
}
