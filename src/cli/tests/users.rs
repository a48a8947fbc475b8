use uuid::Uuid;

use super::*;
use crate::domain::ids::UserId;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000 + second, 123_000_000).unwrap()
}

#[test]
fn a_line_an_account() {
    let user = |name: &str, number, disabled_at| User {
        id: UserId::new(Uuid::from_u128(number)),
        username: name.to_owned(),
        email: format!("{name}@example.org"),
        created_at: at(0),
        disabled_at,
    };
    let all = [user("nora", 1, None), user("otto", 2, Some(at(9)))];
    insta::assert_snapshot!(list_of_users(&all), @r"
    2026-05-28T20:26:40.123Z nora nora@example.org 00000000-0000-0000-0000-000000000001
    2026-05-28T20:26:40.123Z otto otto@example.org 00000000-0000-0000-0000-000000000002 disabled
    ");
    assert_eq!(list_of_users(&[]), "");
}

#[test]
fn a_line_a_login() {
    let login = Login {
        id: FamilyId::new(Uuid::from_u128(3)),
        created_at: at(0),
        renewed_at: at(60),
        expires_at: at(3600),
    };
    insta::assert_snapshot!(list_of_logins(&[login]), @"00000000-0000-0000-0000-000000000003 2026-05-28T20:26:40.123Z 2026-05-28T20:27:40.123Z 2026-05-28T21:26:40.123Z");
}
