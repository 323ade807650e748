//! Tools: functions of the application, and what the service runs itself.

use std::collections::BTreeMap;

use super::{Behavior, Schema};
use crate::protocol::{
    json::{Map, Value},
    schema::{Kind, VERTEX_ONLY, Validated, Validator, message},
};

message! {
    /// Tool: something the model may use. Several kinds may stand in one tool or each in its own.
    Tool {
        /// Function declarations: functions of the application.
        function_declarations "functionDeclarations": Vec<FunctionDeclaration>,
        /// Google Search: web search by the service.
        google_search "googleSearch": GoogleSearch,
        /// Code execution: Python, written by the model and run by the service.
        code_execution "codeExecution": Map as "object",
        /// URL context: web addresses that the conversation names are read.
        url_context "urlContext": Map as "object",
        /// Google Maps: maps and places.
        google_maps "googleMaps": GoogleMaps,
        /// File search: search in stored files.
        file_search "fileSearch": FileSearch,
        /// Computer use: control of a computer.
        computer_use "computerUse": ComputerUse,
        /// MCP servers: servers of the Model Context Protocol.
        mcp_servers "mcpServers": Vec<McpServer>,
        /// Google Search retrieval: web search of older models.
        google_search_retrieval "googleSearchRetrieval": GoogleSearchRetrieval,
    }
    hidden {
        "retrieval": Kind::Unsupported(&VERTEX_ONLY),
        "enterpriseWebSearch": Kind::Unsupported(&VERTEX_ONLY),
        "exaAiSearch": Kind::Unsupported(&VERTEX_ONLY),
        "parallelAiSearch": Kind::Unsupported(&VERTEX_ONLY),
        "callTool": Kind::Moved(&CALLABLE_TOOL),
        "mcpClients": Kind::Moved(&CALLABLE_TOOL),
        "mcpTools": Kind::Moved(&CALLABLE_TOOL),
        "functionNameToMcpClient": Kind::Moved(&CALLABLE_TOOL),
    }
}

/// A `CallableTool` of `@google/genai` is an object with functions in it. They cannot be sent, and without
/// them nothing of the tool is left that could be.
pub(crate) const CALLABLE_TOOL: &str = "A CallableTool (mcpToTool) cannot be sent: give the functionDeclarations of \
    (await tool.tool()), and answer the event `toolCall` with what tool.callTool() returns.";

message! {
    /// Function declaration: a function of the application that the model may call.
    FunctionDeclaration {
        /// Name: letters, digits, `_`, `.`, `-`; at most 64.
        name "name": String,
        /// Description: what it does and when to call it; the model reads this.
        description "description": String,
        /// Parameters: what it takes.
        parameters "parameters": Schema,
        /// Parameters as JSON Schema, sent untouched. Excludes `parameters`.
        parameters_json_schema "parametersJsonSchema": Value,
        /// Response: what it returns.
        response "response": Schema,
        /// Response as JSON Schema, sent untouched. Excludes `response`.
        response_json_schema "responseJsonSchema": Value,
        /// Behavior: whether the model waits for it. Default: the model's own, `BLOCKING` before 3.8.
        behavior "behavior": Behavior,
    }
    adjust declaration
}

message! {
    /// Google Search: web search by the service.
    GoogleSearch {
        /// Time range filter: only what was found in this span of time.
        time_range_filter "timeRangeFilter": Interval,
        /// Search types: what is searched for. Default: web pages.
        search_types "searchTypes": SearchTypes,
    }
    hidden {
        "excludeDomains": Kind::Unsupported(&VERTEX_ONLY),
        "blockingConfidence": Kind::Unsupported(&VERTEX_ONLY),
    }
}

message! {
    /// Interval: a span of time.
    Interval {
        /// Start time, inclusive, such as `2026-01-01T00:00:00Z`.
        start_time "startTime": String,
        /// End time, exclusive.
        end_time "endTime": String,
    }
}

message! {
    /// Search types: what is searched for.
    SearchTypes {
        /// Web search.
        web_search "webSearch": Map as "object",
        /// Image search.
        image_search "imageSearch": Map as "object",
    }
}

message! {
    /// Google Search retrieval: web search of older models.
    GoogleSearchRetrieval {
        /// Dynamic retrieval config: when the model searches.
        dynamic_retrieval_config "dynamicRetrievalConfig": DynamicRetrievalConfig,
    }
}

message! {
    /// Dynamic retrieval config: when an older model searches.
    DynamicRetrievalConfig {
        /// Mode: `MODE_DYNAMIC` or `MODE_UNSPECIFIED`.
        mode "mode": String,
        /// Dynamic threshold, 0 to 1: from which probability on.
        dynamic_threshold "dynamicThreshold": f64,
    }
}

message! {
    /// Google Maps: maps and places.
    GoogleMaps {
        /// Enable widget: whether a token for the map widget is returned. Deprecated.
        enable_widget "enableWidget": bool,
        /// Auth config: a key of your own.
        auth_config "authConfig": AuthConfig,
    }
    hidden { "groundingTypes": Kind::Unsupported(&VERTEX_ONLY), }
}

message! {
    /// Auth config: a key of your own for maps.
    AuthConfig {
        /// API key. Whoever sees the setup sees it.
        api_key "apiKey" secret: String,
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
    /// File search: search in stored files.
    FileSearch {
        /// File search store names, such as `fileSearchStores/my-store`.
        file_search_store_names "fileSearchStoreNames": Vec<String>,
        /// Top-k: how many chunks are found at most.
        top_k "topK": i32,
        /// Metadata filter: only files whose metadata fit.
        metadata_filter "metadataFilter": String,
    }
}

message! {
    /// Computer use: control of a computer.
    ComputerUse {
        /// Environment: what is controlled, such as `ENVIRONMENT_BROWSER`.
        environment "environment": String,
        /// Excluded predefined functions: ready-made ones that are left out.
        excluded_predefined_functions "excludedPredefinedFunctions": Vec<String>,
        /// Prompt injection detection: whether instructions hidden in what is seen are looked for.
        enable_prompt_injection_detection "enablePromptInjectionDetection": bool,
        /// Disabled safety policies.
        disabled_safety_policies "disabledSafetyPolicies": Vec<String>,
    }
}

message! {
    /// MCP server: a server of the Model Context Protocol.
    McpServer {
        /// Name.
        name "name": String,
        /// Streamable HTTP transport: how it is reached.
        streamable_http_transport "streamableHttpTransport": StreamableHttpTransport,
    }
}

message! {
    /// Streamable HTTP transport: how a server of the Model Context Protocol is reached.
    StreamableHttpTransport {
        /// URL.
        url "url": String,
        /// Headers to send. Whoever sees the setup sees them.
        headers "headers" secret: BTreeMap<String, String>,
        /// Timeout of a call, in seconds such as `"5s"`.
        timeout "timeout": String,
        /// SSE read timeout: how long the stream may be silent, in seconds such as `"60s"`.
        sse_read_timeout "sseReadTimeout": String,
        /// Terminate on close: whether the server's session ends with this one.
        terminate_on_close "terminateOnClose": bool,
    }
}

impl Tool {
    /// Functions of the application.
    #[must_use]
    pub fn functions(declarations: impl Into<Vec<FunctionDeclaration>>) -> Self {
        Self { function_declarations: Some(declarations.into()), ..Self::default() }
    }
}

impl FunctionDeclaration {
    /// A function that takes nothing yet.
    #[must_use]
    pub fn new(name: impl Into<String>, description: impl Into<String>) -> Self {
        Self { name: Some(name.into()), description: Some(description.into()), ..Self::default() }
    }
}

/// A schema that names its dialect (`$schema`) is JSON Schema and belongs into the field for that.
fn declaration(validator: &mut Validator, fields: &mut Map) -> Validated {
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
            fields.set(json_name, schema);
        }
    }
    Ok(())
}
