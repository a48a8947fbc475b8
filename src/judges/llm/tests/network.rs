//! The client against real TLS and real proxies. What only the environment can say is tried in a
//! process of its own: this test binary, asked for the one test that is ignored otherwise.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use reqwest::Client;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::judges::llm::client::client_builder;
use crate::judges::llm::tests::scripted::{Act, Seen, Server, case};
use crate::judges::llm::{Settings, client, ollama, openai};
use crate::judges::{Judge, JudgeError};
use crate::tls;

/// An authority that was made for one test.
fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A TLS server that says no to everything, and the authority that signed its certificate.
fn tls_server() -> (String, Vec<u8>) {
    let authority = authority();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    let pem = authority.pem().into_bytes();
    (serve(certificate.der().clone(), &key), pem)
}

/// A server whose certificate is an authority's own, as `openssl req -x509` makes it.
fn self_signed_server() -> (String, Vec<u8>) {
    let authority = authority();
    let pem = authority.pem().into_bytes();
    (serve(authority.der().clone(), authority.key()), pem)
}

fn serve(certificate: CertificateDer<'static>, key: &KeyPair) -> String {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    // Ends with the process of the test.
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Many of them don't trust it, and end at the handshake.
            let _ = refuse(&config, stream);
        }
    });
    url
}

fn refuse(config: &Arc<ServerConfig>, stream: TcpStream) -> std::io::Result<()> {
    let connection = ServerConnection::new(Arc::clone(config)).map_err(std::io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    let _ = stream.read(&mut [0; 65536])?;
    stream.write_all(b"HTTP/1.1 404 No\r\nConnection: close\r\nContent-Length: 4\r\n\r\nover")?;
    stream.conn.send_close_notify();
    stream.flush()
}

async fn refusal(judge: Arc<dyn Judge>) -> JudgeError {
    let case = case("The mill stands.", "It stands.");
    judge.assess(Arc::new(case)).await.result.unwrap_err()
}

fn settings(url: &str) -> Settings {
    Settings {
        max_attempts: 1,
        timeout: Duration::from_secs(20),
        ..Settings::new("j", url, "m")
    }
}

#[tokio::test]
async fn an_unknown_authority_is_refused_until_it_is_trusted() {
    let (url, pem) = tls_server();
    let strict: Client = client_builder(&[]).unwrap().no_proxy().build().unwrap();
    let error = refusal(openai(settings(&url), strict)).await;
    assert!(matches!(error, JudgeError::Transport(_)), "{error:?}");
    assert!(error.to_string().contains("certificate"), "{error}");

    let trusting = client(&tls::authorities(&pem).unwrap()).unwrap();
    let error = refusal(openai(settings(&url), trusting)).await;
    assert!(
        matches!(error, JudgeError::Rejected { status: 404, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_server_that_is_its_own_authority_is_refused_with_what_to_do() {
    let (url, pem) = self_signed_server();
    let trusting = client(&tls::authorities(&pem).unwrap()).unwrap();
    let error = refusal(openai(settings(&url), trusting)).await;
    assert!(matches!(error, JudgeError::Transport(_)), "{error:?}");
    assert!(
        error.to_string().contains("sign another one with it"),
        "{error}"
    );
}

#[test]
fn what_holds_no_certificate_is_told() {
    for pem in [
        &b""[..],
        b"no PEM at all",
        b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        assert!(tls::authorities(pem).is_err(), "{pem:?}");
    }
}

/// Asks the judge at `PROBE_URL` with the client that the environment makes.
#[tokio::test]
#[ignore = "run by the other tests, in an environment of theirs"]
#[expect(
    clippy::disallowed_methods,
    reason = "no setting: this test's own word"
)]
async fn probe() {
    let url = std::env::var("PROBE_URL").unwrap();
    let error = refusal(ollama(settings(&url), client(&[]).unwrap())).await;
    writeln!(std::io::stdout(), "probed: {error}").unwrap();
}

async fn probed(url: &str, environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "--ignored",
        "--exact",
        "--nocapture",
        "judges::llm::tests::network::probe",
    ]);
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        command.env_remove(name).env_remove(name.to_uppercase());
    }
    command
        .env("PROBE_URL", url)
        .envs(environment.iter().copied());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await;
    let output = output.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let (_, said) = text.split_once("probed: ").expect("the test ran");
    said.lines().next().unwrap().to_owned()
}

/// The TLS library brings no authority along.
#[tokio::test]
async fn the_systems_authorities_are_trusted() {
    let (url, pem) = tls_server();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ca.pem");
    std::fs::write(&file, pem).unwrap();
    let said = probed(&url, &[]).await;
    assert!(said.contains("certificate"), "{said}");
    let said = probed(&url, &[("SSL_CERT_FILE", file.to_str().unwrap())]).await;
    assert!(said.contains("HTTP 404"), "{said}");
}

#[tokio::test]
async fn proxies_of_the_environment_are_honoured() {
    let no = || Act::Answer(404, "", "from the proxy".into());
    let mut server = Server::start(vec![no(), no()]).await;
    let proxy = server.base_url.trim_end_matches("/v1").to_owned();
    let said = probed("http://judge.invalid", &[("HTTP_PROXY", &proxy)]).await;
    assert!(said.contains("from the proxy"), "{said}");
    let Seen::Asked(head, ..) = server.next().await else {
        panic!("the proxy was asked")
    };
    assert!(
        head.starts_with("POST http://judge.invalid/api/chat HTTP/1.1"),
        "{head}"
    );

    let around = [("HTTP_PROXY", &*proxy), ("NO_PROXY", "judge.invalid")];
    let said = probed("http://judge.invalid", &around).await;
    assert!(said.contains("can't be reached"), "{said}");
    assert_eq!(server.unseen(), 0);
}
