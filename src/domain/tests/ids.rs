use super::*;

#[test]
fn text_form_round_trips_and_garbage_is_refused() {
    let text = "01890a5d-ac96-774b-bcce-b302099a8057";
    let id: RunId = text.parse().unwrap();
    assert_eq!(id.to_string(), text);
    assert_eq!(
        serde_json::from_str::<RunId>(&format!("\"{text}\"")).unwrap(),
        id
    );
    assert!("not-an-id".parse::<RunId>().is_err());
}
