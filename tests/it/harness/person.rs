//! Somebody with an account, and what one does with it.

use std::sync::Arc;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::http::{Answer, Door};
use super::server::Server;
use super::socket::{Frame, Knock, Socket};
use crate::samples;

/// A password for all: what is tested is never how good it is.
pub(crate) const PASSWORD: &str = "a long walk along the river";

/// One login of one account.
#[derive(Clone)]
pub(crate) struct Person {
    door: Arc<Door>,
    pub(crate) id: String,
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Server {
    /// Makes an account and logs in to it.
    pub(crate) async fn register(&self, name: &str) -> Person {
        let email = format!("{name}@example.org");
        let body = json!({ "username": name, "email": email, "password": PASSWORD });
        self.door().keep_secret(PASSWORD);
        self.door().post("/auth/register", &body).await.has(201);
        self.login(name).await
    }

    /// Logs in to an account, on one more device.
    pub(crate) async fn login(&self, name: &str) -> Person {
        let body = json!({ "username": name, "password": PASSWORD });
        let tokens = self.door().post("/auth/login", &body).await.has(200).json();
        let mut person = Person {
            door: Arc::clone(self.door()),
            id: String::new(),
            access: String::new(),
            refresh: String::new(),
        };
        person.take(&tokens);
        person.id = text(&person.get("/auth/me").await.has(200).json()["id"]);
        person
    }
}

impl Person {
    /// Uses these tokens from now on.
    pub(crate) fn take(&mut self, tokens: &Value) {
        assert_eq!(tokens["token_type"], "bearer", "{tokens}");
        self.access = text(&tokens["access_token"]);
        self.refresh = text(&tokens["refresh_token"]);
        self.door.keep_secret(&self.access);
        self.door.keep_secret(&self.refresh);
    }

    /// The same login by another way.
    pub(crate) fn through(self, door: &Arc<Door>) -> Self {
        Self {
            door: Arc::clone(door),
            ..self
        }
    }

    pub(crate) fn door(&self) -> &Arc<Door> {
        &self.door
    }

    /// A request of this login.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.door.request(method, path).bearer_auth(&self.access)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.door.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.door
            .send(self.request(Method::POST, path).json(body))
            .await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.door
            .send(self.request(Method::PATCH, path).json(body))
            .await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.door.send(self.request(Method::DELETE, path)).await
    }

    /// Creates an evaluation of the sample texts with the server's own judges; its id.
    pub(crate) async fn create_evaluation(&self) -> String {
        self.create(&samples::evaluation()).await
    }

    /// Creates this evaluation; its id.
    pub(crate) async fn create(&self, body: &Value) -> String {
        text(&self.post("/evaluations", body).await.has(201).json()["id"])
    }

    /// The evaluation as it is now.
    pub(crate) async fn evaluation(&self, id: &str) -> Value {
        self.get(&format!("/evaluations/{id}"))
            .await
            .has(200)
            .json()
    }

    /// Starts a run; its id.
    pub(crate) async fn start(&self, id: &str) -> String {
        let answer = self
            .post(&format!("/evaluations/{id}/start"), &json!({}))
            .await;
        text(&answer.has(202).json()["run_id"])
    }

    /// Asks for the end of a run.
    pub(crate) async fn cancel(&self, id: &str) -> Answer {
        self.post(&format!("/evaluations/{id}/cancel"), &json!({}))
            .await
    }

    /// Connects, authenticated by the header, and takes the welcome.
    pub(crate) async fn connect(&self) -> Socket {
        let mut socket = Knock::at(&self.door).bearer(&self.access).open().await;
        let welcome = socket.next_frame().await;
        assert_eq!(welcome.kind(), "welcome", "{}", welcome.text);
        socket
    }

    /// Runs an evaluation to its end and returns all events of its log.
    pub(crate) async fn audit(&self, id: &str) -> Vec<Frame> {
        let mut socket = self.connect().await;
        let joined = socket.join(id).await;
        assert_eq!(joined["type"], "session_joined", "{joined}");
        self.start(id).await;
        let events = socket.until_terminal().await;
        socket.close().await;
        events
    }
}

/// The string that must be there.
pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("not a string: {value}"))
        .to_owned()
}
