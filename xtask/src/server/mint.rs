//! Ephemeral tokens: what is asked for, how, and what the page is told.

use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use gemini_live_web::error::{Code, Error};
use gemini_live_web::protocol::endpoint::Credential;
use gemini_live_web::protocol::token::{AuthToken, AuthTokenRequest, HttpRequest, TokenService};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::key::ApiKey;
use super::upstream::is_loopback;

/// A token could not be had. Its text is for the page and for the terminal, and has no key in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MintError {
    /// Stable and kebab-case.
    pub(super) code: Code,
    /// What happened, and what to do.
    pub(super) message: String,
}

impl From<Error> for MintError {
    fn from(error: Error) -> Self {
        Self { code: error.code, message: error.to_string() }
    }
}

/// A token for one new session, to be begun within two minutes, within half an hour. It is not bound to a setup, since the
/// page of the demo lets a person change it: an application's own should be.
#[derive(Debug)]
pub(super) struct Wish {
    now: SystemTime,
}

impl Wish {
    /// As of now.
    pub(super) fn at(now: SystemTime) -> Self {
        Self { now }
    }

    fn expires(&self) -> String {
        rfc3339(self.now + Duration::from_secs(30 * 60))
    }

    fn starts_until(&self) -> String {
        rfc3339(self.now + Duration::from_secs(2 * 60))
    }

    fn request(&self, base: &str, key: &str) -> Result<HttpRequest, Error> {
        let request =
            AuthTokenRequest::unlocked().uses(1).expires(self.expires()).starts_until(self.starts_until());
        let now_ms =
            self.now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1000.0;
        let service = TokenService { base: base.to_owned(), version: None };
        service.request(&Credential::ApiKey(key.to_owned()), &request, now_ms)
    }

    /// What the page is told, out of what came back. The service does not repeat the times.
    fn answer(&self, status: StatusCode, body: &str) -> Result<Value, MintError> {
        let token = AuthToken::parse(status.as_u16(), body).map_err(|error| match status.as_u16() {
            400 | 401 | 403 => {
                error.with_remedy("Set GEMINI_API_KEY to a valid key, or unset it to use the simulator.")
            }
            200..=299 | 404 => error.with_remedy("Is GEMINI_API_BASE_URL the service?"),
            _ => error,
        })?;
        Ok(json!({
            "token": token.name,
            "expireTime": token.expire_time.unwrap_or_else(|| self.expires()),
            "newSessionExpireTime": token.new_session_expire_time.unwrap_or_else(|| self.starts_until()),
        }))
    }
}

/// A moment as the service writes it: RFC 3339, UTC, whole seconds.
fn rfc3339(moment: SystemTime) -> String {
    jiff::Timestamp::try_from(moment).map(|moment| format!("{moment:.0}")).unwrap_or_default()
}

/// Asks the service. Blocks, for at most [`LONGEST`].
pub(super) fn from_service(base: &str, key: &ApiKey, wish: &Wish) -> Result<Value, MintError> {
    let request = wish.request(base, key.reveal())?;
    let answer = post(base, &request).map_err(|error| {
        unusable(
            &format!("{base} could not be asked for a token ({}).", key.redact(&error.to_string())),
            "Check the network, or unset GEMINI_API_KEY to use the simulator.",
        )
    })?;
    let answer = wish.answer(answer.0, &answer.1);
    answer.map_err(|error| MintError { message: key.redact(&error.message), ..error })
}

/// Asks the simulator in this process.
pub(super) async fn from_simulator(simulator: Router, wish: &Wish) -> Result<Value, MintError> {
    let HttpRequest { url, headers, body } = wish.request("http://127.0.0.1", "simulated")?;
    let failed = |error: &dyn std::fmt::Display| {
        unusable(&format!("The simulator could not be asked for a token: {error}."), "Restart the demo.")
    };
    let mut asked = Request::post(url);
    for (name, value) in headers {
        asked = asked.header(name, value);
    }
    let asked = asked.body(Body::from(body)).map_err(|error| failed(&error))?;
    let Ok(answer) = simulator.oneshot(asked).await;
    let status = answer.status();
    let body = to_bytes(answer.into_body(), LARGEST_ANSWER).await.map_err(|error| failed(&error))?;
    wish.answer(status, &String::from_utf8_lossy(&body))
}

/// Nobody answered.
pub(super) fn unusable(message: &str, remedy: &str) -> MintError {
    Error::new(Code::TokenUnavailable, message).with_remedy(remedy).into()
}

fn post(base: &str, request: &HttpRequest) -> Result<(StatusCode, String), ureq::Error> {
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
    let mut asked = agent.post(&request.url);
    for (name, value) in &request.headers {
        asked = asked.header(*name, value);
    }
    let mut answer = asked.send(&request.body)?;
    let body = answer.body_mut().with_config().limit(LARGEST_ANSWER as u64).read_to_string()?;
    Ok((answer.status(), body))
}

/// How long a token may take.
const LONGEST: Duration = Duration::from_secs(15);

/// No answer with a token in it is as long as this, in bytes.
const LARGEST_ANSWER: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn wish() -> Wish {
        Wish::at(SystemTime::UNIX_EPOCH)
    }

    #[test]
    fn a_token_is_for_one_session_soon() {
        let request = wish().request("https://a.example", "k").expect("a request");
        let expected = json!({
            "uses": 1,
            "expireTime": "1970-01-01T00:30:00Z",
            "newSessionExpireTime": "1970-01-01T00:02:00Z",
        });
        assert_eq!(serde_json::from_str::<Value>(&request.body).expect("json"), expected);
    }

    #[test]
    fn moments_are_written_as_the_service_reads_them() {
        for (milliseconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400_999, "2000-02-29T00:00:00Z"),
            (1_709_251_199_000, "2024-02-29T23:59:59Z"),
            (4_107_542_400_500, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds)), text);
        }
    }

    #[test]
    fn the_page_gets_the_token_and_both_expiries() {
        let answer = wish().answer(StatusCode::OK, r#"{"name":"auth_tokens/1"}"#).expect("a token");
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
        let error = wish().answer(StatusCode::BAD_REQUEST, body).expect_err("refused");
        assert_eq!(error.code, Code::TokenUnavailable);
        assert!(error.message.contains("API key not valid") && error.message.contains("GEMINI_API_KEY"));
        let busy = wish().answer(StatusCode::TOO_MANY_REQUESTS, "").expect_err("refused");
        assert!(busy.message.contains("429") && busy.message.contains("quota"), "{busy:?}");
    }

    #[test]
    fn an_answer_that_is_not_the_services_is_no_token() {
        for body in ["", "<html>", "[]", r#"{"name":7}"#] {
            let error = wish().answer(StatusCode::OK, body).expect_err(body);
            assert!(error.message.contains("GEMINI_API_BASE_URL"), "{error:?}");
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
        let answer = from_service(&base, &key, &wish()).expect("a token");
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
        let error = from_service(&base, &key, &wish()).expect_err("refused");
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
        let error = from_service(&base, &key, &wish()).expect_err("not followed");
        assert!(error.message.contains("307"), "{error:?}");
        assert!(!heard.is_finished());
    }
}
