use super::*;

fn taken(password: &str) -> bool {
    password_fault("/password", password, &["margaret.h", "maggie"]).is_none()
}

#[test]
fn a_sentence_or_a_random_password_is_taken() {
    for good in [
        "a long walk along the river",
        "ten characters and more",
        "a long password",
        "long enough",
        "Tr0ub4dor&3",
        "x7!kQz90pL",
        "passwords are for maggie's cat",
        "die lange Straße am Fluss",
        "我的密码很长很长很长的",
        &"p4ssage through time ".repeat(12),
    ] {
        assert!(taken(good), "{good}");
    }
}

#[test]
fn what_is_tried_first_is_refused() {
    for bad in [
        "too short",
        &"long ".repeat(52),
        "          ",
        "\u{3000}\u{3000}\u{a0}\u{a0}\t\t\n\n\u{2003}\u{2003}",
        "aaaaaaaaaaaa",
        "abababababab",
        "password123",
        "Password2026!",
        "P@ssw0rd2026",
        "passwordpassword",
        "pass word 12345",
        "1234567890",
        "12345678901234567890",
        "0987654321",
        "qwertyuiop",
        "QWERTYUIOP12",
        "abcdefghijkl",
        "zyxwvutsrq",
        "asdfghjkl;",
        "qwertz123456",
        "1q2w3e4r5t",
        "1q2w3e4r5t1q2w3e4r5t",
        "iloveyou!!",
        "Welcome2026",
        "letmein-123",
        "correct horse battery staple",
        "margaret.h1",
        "MARGARET.H-2026",
        "margaret.hmargaret.h",
        "maggie123456",
    ] {
        assert!(!taken(bad), "{bad}");
    }
}
