//! Which judges ask the same provider, and so share what it takes.

use reqwest::Url;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use super::judge::{JudgeKind, JudgeSettings};

/// One server and one key, however the address is spelled and wherever the key was read from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Provider {
    kind: JudgeKind,
    server: String,
    /// Its SHA-256: whoever prints this learns nothing.
    key: Option<[u8; 32]>,
}

impl Provider {
    /// The provider of a judge whose key was read.
    pub fn of(judge: &JudgeSettings) -> Self {
        let url = Url::parse(&judge.base_url);
        let url = url.map_or_else(|_| judge.base_url.clone(), String::from);
        let key = judge.api_key.as_ref().map(ExposeSecret::expose_secret);
        Self {
            kind: judge.kind,
            server: url.trim_end_matches('/').to_owned(),
            key: key.map(|key| Sha256::digest(key).into()),
        }
    }
}

#[cfg(test)]
mod tests {
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
}
