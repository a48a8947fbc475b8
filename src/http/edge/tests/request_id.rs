use super::*;

#[test]
fn a_token_is_cut_however_it_is_spelled() {
    let token = "Zk3-_".repeat(8) + "abc";
    assert_eq!(token.len(), 43);
    let escaped: String = token.bytes().map(|byte| format!("%{byte:02x}")).collect();
    for (path, logged) in [
        (format!("/shared/{token}"), "/shared/"),
        (format!("/%73hared/{token}/"), "/%73hared/…/"),
        (format!("/api/v1/shared%2F{token}"), "/api/v1/…"),
        (format!("/api/v1/share%64/{escaped}"), "/api/v1/share%64/…"),
        (
            "/api/v1/evaluations/01890a5d-ac96-774b-bcce-b302099a8057".into(),
            "/api/v1/evaluations/01890a5d-ac96-774b-bcce-b302099a8057",
        ),
        ("/ünï/".into(), "/ünï/"),
        (String::new(), ""),
    ] {
        assert_eq!(loggable(&path), logged);
    }
}
