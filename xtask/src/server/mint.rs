//! Ephemeral tokens: what is asked for, how, and what the page is told.

use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode};
use gemini_live_web::protocol::token::AuthTokenRequest;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::key::ApiKey;
use super::time::rfc3339;
use super::upstream::is_loopback;

/// A token could not be had. Its text is for the page and for the terminal, and has no key in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MintError {
    /// Stable and kebab-case.
    pub(super) code: &'static str,
    /// What happened, and what to do.
    pub(super) message: String,
}

/// The request for a token: one new session, to be begun within two minutes, within half an hour. It is not bound to
/// a setup: the page of the demo lets the user change it.
pub(super) fn request(now: SystemTime) -> Value {
    let now_ms = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1000.0;
    let request = AuthTokenRequest::unlocked()
        .uses(1)
        .expires(rfc3339(now + Duration::from_secs(30 * 60)))
        .starts_until(rfc3339(now + Duration::from_secs(2 * 60)));
    // Times written here are times, and in order.
    request.body(now_ms).unwrap_or_default().into()
}

/// Asks the service. Blocks, for at most [`LONGEST`].
pub(super) fn from_service(base: &str, key: &ApiKey, request: &Value) -> Result<Value, MintError> {
    let answer = post(base, key, request).map_err(|error| MintError {
        code: "token-unreachable",
        message: format!(
            "{base} could not be asked for a token ({}): check the network, or unset GEMINI_API_KEY to use the simulator",
            key.redact(&error.to_string())
        ),
    })?;
    understand(answer.0, &answer.1, request)
        .map_err(|error| MintError { message: key.redact(&error.message), ..error })
}

/// Asks the simulator in this process.
pub(super) async fn from_simulator(simulator: Router, request: &Value) -> Result<Value, MintError> {
    let unusable = |error: &dyn std::fmt::Display| MintError {
        code: "token-unreachable",
        message: format!("the simulator could not be asked for a token: {error}"),
    };
    let asked = Request::builder()
        .method(Method::POST)
        .uri("/v1alpha/auth_tokens")
        .header("content-type", "application/json")
        .header("x-goog-api-key", "simulated")
        .body(Body::from(request.to_string()))
        .map_err(|error| unusable(&error))?;
    let Ok(answer) = simulator.oneshot(asked).await;
    let status = answer.status();
    let body = to_bytes(answer.into_body(), LARGEST_ANSWER).await.map_err(|error| unusable(&error))?;
    understand(status, &String::from_utf8_lossy(&body), request)
}

fn post(base: &str, key: &ApiKey, request: &Value) -> Result<(StatusCode, String), ureq::Error> {
    let is_near = base
        .strip_prefix("http://")
        .is_some_and(|rest| is_loopback(rest.split([':', '/']).next().unwrap_or_default()));
    let mut config = ureq::Agent::config_builder()
        .timeout_global(Some(LONGEST))
        .http_status_as_error(false)
        // A redirect would take the key along to wherever it points.
        .max_redirects(0)
        .max_redirects_will_error(false);
    if is_near {
        config = config.proxy(None);
    }
    let agent: ureq::Agent = config.build().into();
    let mut answer = agent
        .post(format!("{base}/v1alpha/auth_tokens"))
        .header("content-type", "application/json")
        .header("x-goog-api-key", key.reveal())
        .send(request.to_string())?;
    let body = answer.body_mut().with_config().limit(LARGEST_ANSWER as u64).read_to_string()?;
    Ok((answer.status(), body))
}

/// What the page is told, out of what came back.
fn understand(status: StatusCode, body: &str, request: &Value) -> Result<Value, MintError> {
    let answer: Value = serde_json::from_str(body).unwrap_or_default();
    if status.is_success() {
        let Some(token) = answer.get("name").and_then(Value::as_str) else {
            let message =
                "the answer to the request for a token holds none: is GEMINI_API_BASE_URL the service?"
                    .to_owned();
            return Err(MintError { code: "token-not-understood", message });
        };
        let time = |name: &str| answer.get(name).or_else(|| request.get(name)).cloned().unwrap_or_default();
        return Ok(json!({
            "token": token,
            "expireTime": time("expireTime"),
            "newSessionExpireTime": time("newSessionExpireTime"),
        }));
    }
    let said = answer.pointer("/error/message").and_then(Value::as_str).unwrap_or("no reason given");
    let (code, advice) = match status.as_u16() {
        400 | 401 | 403 => {
            ("token-refused", "set GEMINI_API_KEY to a valid key, or unset it to use the simulator")
        }
        404 => ("token-failed", "is GEMINI_API_BASE_URL the service?"),
        429 => ("token-quota", "wait, or look at the quota of the key"),
        _ => ("token-failed", "try again later"),
    };
    Err(MintError {
        code,
        message: format!("no token: {} {} ({advice})", status.as_u16(), said.trim_end_matches('.')),
    })
}

/// How long a token may take.
const LONGEST: Duration = Duration::from_secs(15);

/// No answer with a token in it is as long as this, in bytes.
const LARGEST_ANSWER: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Value {
        request(SystemTime::UNIX_EPOCH)
    }

    #[test]
    fn a_token_is_for_one_session_soon() {
        let expected = json!({
            "uses": 1,
            "expireTime": "1970-01-01T00:30:00Z",
            "newSessionExpireTime": "1970-01-01T00:02:00Z",
        });
        assert_eq!(asked(), expected);
    }

    #[test]
    fn the_page_gets_the_token_and_both_expiries() {
        let answer = understand(StatusCode::OK, r#"{"name":"auth_tokens/1"}"#, &asked()).expect("a token");
        let expected = json!({
            "token": "auth_tokens/1",
            "expireTime": "1970-01-01T00:30:00Z",
            "newSessionExpireTime": "1970-01-01T00:02:00Z",
        });
        assert_eq!(answer, expected);
    }

    #[test]
    fn a_refusal_says_what_to_do() {
        let body = r#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key."}}"#;
        let error = understand(StatusCode::BAD_REQUEST, body, &asked()).expect_err("refused");
        assert_eq!(error.code, "token-refused");
        assert!(error.message.contains("API key not valid") && error.message.contains("GEMINI_API_KEY"));
    }

    #[test]
    fn an_answer_that_is_not_the_services_is_no_token() {
        for body in ["", "<html>", "[]", r#"{"name":7}"#] {
            assert_eq!(
                understand(StatusCode::OK, body, &asked()).expect_err(body).code,
                "token-not-understood"
            );
        }
    }

    /// A server that answers one request with `answer`, and hands back what it was sent.
    fn answering(answer: String) -> (String, std::thread::JoinHandle<String>) {
        use std::io::{Read, Write};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let heard = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut heard = Vec::new();
            let mut block = [0; 4096];
            while !String::from_utf8_lossy(&heard).contains("\"uses\"") {
                let count = stream.read(&mut block).expect("a request");
                heard.extend_from_slice(&block[..count]);
            }
            stream.write_all(answer.as_bytes()).expect("answered");
            String::from_utf8(heard).expect("text")
        });
        (base, heard)
    }

    fn http(status: &str, body: &str) -> String {
        format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
    }

    #[test]
    fn the_key_travels_in_its_header_alone() {
        let key = ApiKey::parse("secret-2").expect("a key");
        let (base, heard) = answering(http("200 OK", r#"{"name":"auth_tokens/2"}"#));
        let answer = from_service(&base, &key, &asked()).expect("a token");
        assert_eq!(answer["token"], "auth_tokens/2");
        let heard = heard.join().expect("heard");
        assert!(heard.starts_with("POST /v1alpha/auth_tokens HTTP/1.1\r\n"), "{heard}");
        assert!(heard.to_lowercase().contains("x-goog-api-key: secret-2\r\n"), "{heard}");
        assert_eq!(heard.matches("secret-2").count(), 1);
    }

    #[test]
    fn an_error_that_repeats_the_key_is_shown_without_it() {
        let key = ApiKey::parse("secret-3").expect("a key");
        let (base, _heard) =
            answering(http("403 Forbidden", r#"{"error":{"message":"secret-3 is suspended"}}"#));
        let error = from_service(&base, &key, &asked()).expect_err("refused");
        assert!(error.message.contains("is suspended") && !error.message.contains("secret-3"), "{error:?}");
    }

    #[test]
    fn a_redirect_does_not_carry_the_key_away() {
        let key = ApiKey::parse("secret-4").expect("a key");
        let (elsewhere, heard) = answering(http("200 OK", r#"{"name":"stolen"}"#));
        let redirect = format!(
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: {elsewhere}/v1alpha/auth_tokens\r\ncontent-length: 0\r\n\r\n"
        );
        let (base, _first) = answering(redirect);
        assert_eq!(from_service(&base, &key, &asked()).expect_err("not followed").code, "token-failed");
        assert!(!heard.is_finished());
    }
}
