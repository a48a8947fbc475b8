use super::*;

#[test]
fn a_fault_points_into_the_arguments() {
    let faults = vec![
        FieldError::new("/config/judges/0", "is unknown"),
        FieldError::new("/source_text", "must not be blank"),
    ];
    let refusal = in_arguments(Refusal::invalid(faults));
    let pointers: Vec<&str> = refusal
        .fields
        .iter()
        .map(|fault| fault.pointer.as_str())
        .collect();
    assert_eq!(pointers, ["/judges/0", "/source_text"]);
    let alone = vec![FieldError::new("/config/collection_id", "is unknown")];
    let refusal = in_arguments(Refusal::invalid(alone));
    assert_eq!(refusal.message, "/collection_id: is unknown");
    let other = Refusal::new(ErrorCode::NotFound, "there is none");
    assert_eq!(in_arguments(other.clone()), other);
}
