use super::*;

#[test]
fn passing_troubles_are_told_from_refusals() {
    for (message, unavailable) in [
        ("database or disk is full", true),
        ("attempt to write a readonly database", true),
        (
            "FATAL:  terminating connection due to administrator command",
            true,
        ),
        ("canceling statement due to statement timeout", true),
        ("invalid byte sequence for encoding \"UTF8\": 0x00", false),
        ("no such table: users", false),
    ] {
        let error =
            DieselError::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned()));
        let found = StoreError::from(error);
        assert_eq!(
            matches!(found, StoreError::Unavailable(_)),
            unavailable,
            "{message}"
        );
    }
}

#[test]
fn a_unique_violation_names_the_field() {
    for (message, field) in [
        ("UNIQUE constraint failed: users.email_lower", "email"),
        ("UNIQUE constraint failed: users.username_lower", "username"),
        ("UNIQUE constraint failed: evaluation_sessions.id", "id"),
    ] {
        let error = DieselError::DatabaseError(
            DatabaseErrorKind::UniqueViolation,
            Box::new(message.to_owned()),
        );
        assert_eq!(StoreError::from(error), StoreError::Duplicate(field));
    }
}
