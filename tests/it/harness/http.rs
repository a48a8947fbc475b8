//! The REST side: requests go through one door, which checks what holds for every answer.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::DEADLINE;

/// The base of every documented call.
pub(crate) const BASE: &str = "/api/v1";

/// One call as it was answered, for the comparison with the OpenAPI document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) method: String,
    pub(crate) status: u16,
}

/// The way into one server.
pub(crate) struct Door {
    http: reqwest::Client,
    address: Mutex<String>,
    calls: Mutex<Vec<Call>>,
    secrets: Mutex<Vec<String>>,
}

impl Door {
    pub(crate) fn new(address: &str) -> Arc<Self> {
        Self::from(None, address)
    }

    /// Into the same server, from another address of this machine.
    pub(crate) fn beside(&self, source: Ipv4Addr) -> Arc<Self> {
        Self::from(Some(source.into()), &self.address())
    }

    fn from(source: Option<IpAddr>, address: &str) -> Arc<Self> {
        // Connections are not kept: one that the server has closed in a restart would be picked again.
        // reqwest takes no TLS library of itself: this one, which the program has, is not used here.
        let http = judge_auditor::internals::local_client_builder()
            .unwrap()
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .local_address(source)
            .timeout(DEADLINE)
            .connect_timeout(Duration::from_secs(5))
            .build()
            .unwrap();
        Arc::new(Self {
            http,
            address: Mutex::new(address.to_owned()),
            calls: Mutex::default(),
            secrets: Mutex::default(),
        })
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn address(&self) -> String {
        self.address.lock().unwrap().clone()
    }

    pub(crate) fn moved_to(&self, address: &str) {
        *self.address.lock().unwrap() = address.to_owned();
    }

    /// Every call so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// Something that must never be printed.
    pub(crate) fn keep_secret(&self, text: &str) {
        self.secrets.lock().unwrap().push(text.to_owned());
    }

    pub(crate) fn secrets(&self) -> Vec<String> {
        self.secrets.lock().unwrap().clone()
    }

    /// A request without a login to a path under the base.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.outside(method, &format!("{BASE}{path}"))
    }

    /// A request to a path outside the base.
    pub(crate) fn outside(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.address()))
    }

    /// Posts JSON without a login.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// Gets without a login.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn health(&self) -> Value {
        self.send(self.outside(Method::GET, "/healthz"))
            .await
            .has(200)
            .json()
    }

    /// Sends, records, and checks what holds for every answer.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let request = request.build().unwrap();
        let (method, path) = (
            request.method().to_string(),
            request.url().path().to_owned(),
        );
        let what = format!("{method} {}", request.url());
        let response = self.http.execute(request).await;
        let response = response.unwrap_or_else(|why| panic!("{what}: {why:?}"));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await;
        let bytes = bytes.unwrap_or_else(|why| panic!("{what}: {why:?}"));
        let answer = Answer::of(&what, status, headers, bytes.to_vec());
        self.calls.lock().unwrap().push(Call {
            path,
            method,
            status: answer.status,
        });
        answer.is_well_formed();
        answer
    }
}

/// A whole answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    what: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
    /// The same as text, as far as it is.
    pub(crate) text: String,
}

impl Answer {
    /// An answer that came by another way than the client's.
    pub(crate) fn of(what: &str, status: u16, headers: HeaderMap, bytes: Vec<u8>) -> Self {
        Self {
            what: what.to_owned(),
            status,
            headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
            bytes,
        }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .unwrap_or_else(|| panic!("no header {name}: {self:?}"))
            .to_str()
            .unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|why| panic!("{why}: {self:?}"))
    }

    /// Fails the test unless the status is this one.
    pub(crate) fn has(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.what, self.text);
        self
    }

    /// Fails the test unless it is this problem; returns the body.
    pub(crate) fn is_problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.what, self.text);
        let body = self.json();
        assert_eq!(body["code"], code, "{body}");
        body
    }

    /// Fails the test unless it is a validation error that points there.
    pub(crate) fn is_invalid_at(&self, pointer: &str) -> Value {
        let body = self.is_problem(422, "validation");
        let errors = body["errors"]
            .as_array()
            .unwrap_or_else(|| panic!("no errors: {body}"));
        assert!(
            errors.iter().any(|error| error["pointer"] == pointer),
            "nothing points to {pointer}: {body}"
        );
        assert!(
            errors.iter().all(|error| error["detail"].is_string()),
            "{body}"
        );
        body
    }

    /// Every answer has a request id, and every refusal is a problem, or a page for a person, that names the same one.
    pub(crate) fn is_well_formed(&self) {
        let request_id = self.header("x-request-id");
        assert!(!request_id.is_empty());
        assert_eq!(self.header("x-content-type-options"), "nosniff");
        // An answer to HEAD has no body to look at.
        if self.status < 400 || self.what.starts_with("HEAD ") {
            return;
        }
        let kind = self
            .headers
            .get(CONTENT_TYPE)
            .map(|value| value.to_str().unwrap());
        if kind == Some("text/html; charset=utf-8")
            && self.header("vary").eq_ignore_ascii_case("accept")
        {
            assert!(self.text.contains(request_id), "{}", self.text);
            return;
        }
        assert!(
            kind.is_some_and(|kind| kind.starts_with("application/problem+json")),
            "{}: a refusal as {kind:?}: {}",
            self.what,
            self.text
        );
        let body = self.json();
        assert_eq!(body["status"], self.status, "{body}");
        assert_eq!(body["request_id"], request_id, "{body}");
        for member in ["type", "title", "detail", "code"] {
            assert!(
                body[member].is_string(),
                "{}: no {member}: {body}",
                self.what
            );
        }
        assert!(
            body["type"].as_str().unwrap().starts_with("/problems/"),
            "{body}"
        );
    }
}
