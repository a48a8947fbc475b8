//! What the README promises of the error codes is what the code has.

use std::collections::BTreeMap;

use judge_auditor::protocol::error::ErrorCode;

#[test]
fn the_table_of_error_codes_is_the_list_in_the_code() {
    let readme = include_str!("../README.md");
    let rows: BTreeMap<&str, (&str, &str)> = readme
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [code, status, retryable, _] = cells.as_slice() else {
                return None;
            };
            let code = code.strip_prefix('`')?.strip_suffix('`')?;
            matches!(*retryable, "yes" | "no").then_some((code, (*status, *retryable)))
        })
        .collect();
    for code in ErrorCode::ALL {
        let (status, retryable) = rows
            .get(code.as_str())
            .unwrap_or_else(|| panic!("{} is missing", code.as_str()));
        assert_eq!(*status, code.http_status().to_string(), "{}", code.as_str());
        assert_eq!(*retryable == "yes", code.retryable(), "{}", code.as_str());
    }
    assert_eq!(
        rows.len(),
        ErrorCode::ALL.len(),
        "the README has a code that does not exist"
    );
}
