//! The client against real TLS and real proxies. What only the environment can say is tried in a
//! process of its own: this test binary, asked for the one test that is ignored otherwise.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::ssl::{SslAcceptor, SslMethod};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};
use reqwest::Client;

use super::scripted::{Act, Seen, Server, case};
use super::{Settings, client_builder, client_trusting, ollama, openai};
use crate::judges::{Judge, JudgeError};

/// A TLS server that says no to everything, and the authority that signed its certificate: itself.
fn tls_server() -> (String, Vec<u8>) {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "judge-auditor test")
        .unwrap();
    let name = name.build();
    let mut certificate = X509::builder().unwrap();
    certificate.set_version(2).unwrap();
    let serial = BigNum::from_u32(1).unwrap().to_asn1_integer().unwrap();
    certificate.set_serial_number(&serial).unwrap();
    certificate.set_subject_name(&name).unwrap();
    certificate.set_issuer_name(&name).unwrap();
    certificate.set_pubkey(&key).unwrap();
    let (from, to) = (Asn1Time::days_from_now(0), Asn1Time::days_from_now(2));
    certificate.set_not_before(&from.unwrap()).unwrap();
    certificate.set_not_after(&to.unwrap()).unwrap();
    let constraints = BasicConstraints::new().critical().ca().build().unwrap();
    certificate.append_extension(constraints).unwrap();
    let names = SubjectAlternativeName::new()
        .ip("127.0.0.1")
        .build(&certificate.x509v3_context(None, None))
        .unwrap();
    certificate.append_extension(names).unwrap();
    certificate.sign(&key, MessageDigest::sha256()).unwrap();
    let certificate = certificate.build();

    let mut acceptor = SslAcceptor::mozilla_intermediate(SslMethod::tls()).unwrap();
    acceptor.set_private_key(&key).unwrap();
    acceptor.set_certificate(&certificate).unwrap();
    let acceptor = acceptor.build();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    // Ends with the process of the test.
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let Ok(mut stream) = acceptor.accept(stream) else {
                continue;
            };
            let _ = stream.read(&mut [0; 65536]);
            let answer = "HTTP/1.1 404 No\r\nConnection: close\r\nContent-Length: 4\r\n\r\nover";
            let _ = stream.write_all(answer.as_bytes());
            let _ = stream.shutdown();
        }
    });
    (url, certificate.to_pem().unwrap())
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
    let strict: Client = client_builder().no_proxy().build().unwrap();
    let error = refusal(openai(settings(&url), strict)).await;
    assert!(matches!(error, JudgeError::Transport(_)), "{error:?}");
    assert!(error.to_string().contains("certificate"), "{error}");

    let trusting = client_trusting(&pem).unwrap();
    let error = refusal(openai(settings(&url), trusting)).await;
    assert!(
        matches!(error, JudgeError::Rejected { status: 404, .. }),
        "{error:?}"
    );
    assert!(
        client_trusting(b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n").is_err()
    );
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
    let error = refusal(ollama(settings(&url), super::client().unwrap())).await;
    writeln!(std::io::stdout(), "probed: {error}").unwrap();
}

async fn probed(url: &str, environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "--ignored",
        "--exact",
        "--nocapture",
        "judges::llm::network::probe",
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

/// OpenSSL is built from source and knows no place of the system's of itself.
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
