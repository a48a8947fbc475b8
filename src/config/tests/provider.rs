use super::*;

use secrecy::SecretString;

#[test]
fn a_provider_is_one_server_and_one_key() {
    let settings = |base_url: &str, key: Option<&str>| JudgeSettings {
        base_url: base_url.to_owned(),
        api_key_env: base_url.to_owned(),
        api_key: key.map(SecretString::from),
        ..JudgeSettings::new("j", JudgeKind::OpenAi)
    };
    let judge = |base_url, key| Provider::of(&settings(base_url, key));
    let one = judge("https://api.example.org/v1", Some("a"));
    for alike in [
        "https://api.example.org/v1/",
        "HTTPS://API.example.org:443/v1",
    ] {
        assert_eq!(judge(alike, Some("a")), one, "{alike}");
    }
    let others = [
        judge("https://api.example.org/v2", Some("a")),
        judge("https://api.example.org/v1", Some("b")),
        judge("https://api.example.org/v1", None),
    ];
    for other in others {
        assert_ne!(other, one);
    }
    let printed = format!("{:?}", judge("http://h", Some("sk-secret")));
    assert!(!printed.contains("sk-secret"), "{printed}");
}
