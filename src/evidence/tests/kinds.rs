//! Whole audits by the rules: what stands around a value, and how it is written, changes no verdict.

use crate::domain::claim::Claim;
use crate::domain::ids::ClaimId;
use crate::domain::verdict::Label;
use crate::evidence::{SourceIndex, decide};
use crate::text::claims::extract;

fn labels(source: &str, candidate: &str) -> String {
    let claims: Vec<Claim> = extract(candidate)
        .into_iter()
        .enumerate()
        .map(|(index, draft)| Claim {
            id: ClaimId::new(uuid::Uuid::from_u128(index as u128 + 1)),
            index,
            text: draft.text,
            kind: draft.kind,
            span: draft.span,
        })
        .collect();
    let index = SourceIndex::new(source);
    (0..claims.len())
        .map(|at| match decide(&index, &claims, at).label {
            Label::Supported => 'S',
            Label::Refuted => 'R',
            Label::NotEnoughInfo => 'N',
        })
        .collect()
}

/// Each candidate has a letter a claim: supported, refuted, not enough information.
fn check(source: &str, cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .map(|(candidate, expected)| (candidate, expected, labels(source, candidate)))
        .filter(|(_, expected, got)| got != *expected)
        .map(|(candidate, expected, got)| format!("{candidate:?}: {got}, not {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const BRIDGE: &str =
    "The Lorn Bridge is 340 metres long. It was built in 1931. About 9,000 cars cross it each day.";
const MUSEUM: &str = "The Hale Museum opened in 1952. It owns 4,300 paintings. Its director is Nora Feld. \
    It stands in Brekke. It offers guided tours and a café.";

#[test]
fn marks_around_a_value() {
    check(
        BRIDGE,
        &[
            ("The Lorn Bridge is **340** metres long.", "S"),
            ("The Lorn Bridge is ***430*** metres long.", "R"),
            ("The Lorn Bridge is _430_ metres long.", "R"),
            ("The Lorn Bridge is <strong>430</strong> metres long.", "R"),
            ("The Lorn Bridge is <em>340</em> metres long.", "S"),
            ("The Lorn Bridge is ~~430~~ metres long.", "R"),
            ("The Lorn Bridge is $\\mathbf{430}$ metres long.", "R"),
            ("The Lorn Bridge is \\[430\\] metres long.", "R"),
            ("**The Lorn Bridge is 430 metres long.**", "R"),
            ("The **Lorn Bridge** is **340 metres** long.", "S"),
            (
                "The Lorn Bridge is [430](https://example.org/a) metres long.",
                "R",
            ),
            ("The Lorn Bridge is ==430== metres long.", "R"),
            ("The Lorn Bridge is \"430\" metres long.", "R"),
        ],
    );
    check(
        "Die Lorn-Brücke ist 340 Meter lang.",
        &[
            ("Die Lorn-Brücke ist **430** Meter lang.", "R"),
            ("Die Lorn-Brücke ist `340` Meter lang.", "S"),
        ],
    );
}

#[test]
fn marks_of_citation() {
    for mark in [
        " [12].",
        ".[12]",
        " [1][2][3].",
        " [1–3].",
        " [Doc 1].",
        " (see [2]).",
        " 【12:3†source】.",
        " (p. 4).",
        " <sup>[2]</sup>.",
        ".²",
        " (Source 2).",
        " [1](https://a.example).",
        " [Quelle 3].",
        " [web:3].",
        " (2).",
        " (Ref. 3).",
        " [^note].",
        " †.",
    ] {
        check(
            BRIDGE,
            &[(&format!("The Lorn Bridge is 340 metres long{mark}"), "S")],
        );
        check(
            BRIDGE,
            &[(&format!("The Lorn Bridge is 430 metres long{mark}"), "R")],
        );
    }
}

#[test]
fn lists_fields_tables_and_headings() {
    check(
        MUSEUM,
        &[
            (
                "* Opened: 1952\n* Director: Per Aune\n* City: Bergen",
                "SRR",
            ),
            ("Director — Nora Feld\nLocation — Brekke", "SS"),
            ("Opened | 1952\n---|---\nDirector | Per Aune", "R"),
            (
                "| Opened | Director |\n|---|---|\n| 1952 | Nora Feld |",
                "S",
            ),
            (
                "The museum offers:\n* guided tours\n* a café\n* a cinema",
                "SSN",
            ),
            ("## The museum opened in 1925\nIt stands in Brekke.", "RS"),
            ("**Paintings:** 3,400\n\nThe museum opened in 1952.", "RS"),
            ("- Paintings: 4,300\n- Founded: 1925", "SR"),
            ("Location: Brekke\nFounded: 1952", "SS"),
            ("Key facts:\n- Opened: 1952\n- Paintings: 5,300", "SR"),
        ],
    );
    check(
        "Das Museum Hale wurde 1952 eröffnet. Direktorin ist Nora Feld. Es steht in Brekke.",
        &[
            (
                "- **Eröffnet:** 1925\n- **Direktorin:** Nora Feld\n- **Ort:** Bergen",
                "RSR",
            ),
            ("### Das Museum wurde 1925 eröffnet", "R"),
        ],
    );
    check(
        "Do not take Zelor if:\n- you are pregnant\n- you have kidney disease\n\nZelor may cause:\n- dizziness",
        &[
            ("You should not take Zelor if you are pregnant.", "S"),
            ("You can take Zelor if you are pregnant.", "R"),
            ("Zelor may cause dizziness.", "S"),
        ],
    );
}

#[test]
fn figures_of_a_table_are_read_with_its_unit() {
    let source = "Results of Orlen\n\nin EUR million\n\n| | 2022 | 2023 |\n|---|---|---|\n| Revenue | 131.0 | 148.2 |\n| Profit | 16.9 | 17.8 |";
    check(
        source,
        &[
            ("Revenue was €148.2 million.", "S"),
            ("Revenue was €148.2 billion.", "R"),
            ("Profit was €17.8 million.", "S"),
            ("Profit was €19.8 million.", "R"),
        ],
    );
}

#[test]
fn identifiers_are_right_to_the_last_character() {
    check(
        "The server listens on 10.4.0.12. It runs release 2.14.3, image sha 7be41d0c. Configuration is read from \
         /etc/vault/main.yaml. The dashboard is at https://dash.orlen.example/v2/home. Contact ops@orlen.example. \
         Ticket INC-20417 is open.",
        &[
            ("The server listens on 10.4.0.12.", "S"),
            ("The server listens on `10.4.0.21`.", "R"),
            ("It runs release v2.14.3.", "S"),
            ("It runs release 2.41.3.", "R"),
            ("The image sha is 7be41d0e.", "R"),
            ("Configuration is read from /etc/vaults/main.yaml.", "R"),
            ("Configuration is read from main.yaml.", "S"),
            (
                "The dashboard is at https://dash.orlan.example/v2/home.",
                "R",
            ),
            ("Contact dev@orlen.example.", "R"),
            ("Ticket INC-20471 is open.", "R"),
            ("Ticket INC-20417 is open.", "S"),
        ],
    );
    check(
        "The primary is at 10.0.0.1 and the backup is at 10.0.0.2.",
        &[
            ("The backup is at 10.0.0.1.", "R"),
            ("The primary is at 10.0.0.1.", "S"),
        ],
    );
}

#[test]
fn one_form_of_unicode() {
    check(
        "Señor Núñez visited São Paulo. The tower is 84 metres high. The dish holds 4×10⁵ cells. Add ¾ cup of milk. \
         The room has 30 m² of space. The ﬂight oﬀers ﬁfteen seats.",
        &[
            (
                "Sen\u{303}or Nu\u{301}n\u{303}ez visited Sa\u{303}o Paulo.",
                "S",
            ),
            ("The flight offers fifteen seats.", "S"),
            ("The flight offers fifty seats.", "R"),
            ("The to\u{200b}wer is 8\u{200b}4 metres high.", "S"),
            ("The tower is ８４ metres high.", "S"),
            ("The tower is ４８ metres high.", "R"),
            ("\u{feff}The tow\u{ad}er is 84\u{a0}metres high.", "S"),
            ("The dish holds 4×10⁸ cells.", "R"),
            ("The dish holds 400,000 cells.", "S"),
            ("The dish holds 4e7 cells.", "R"),
            ("Add ¼ cup of milk.", "R"),
            ("Add 0.75 cup of milk.", "S"),
            ("The room has 30 m2 of space.", "S"),
            ("The room has 50 m² of space.", "R"),
        ],
    );
}

#[test]
fn german_days_ordinals_and_titles() {
    check(
        "Am 7. April 2019 öffnete das Bad. Im 17. Jahrhundert stand hier ein Kloster. Die Schließung war am 9. Juli. \
         Prof. Dr. Eva Rau leitet das Amt. Der Verein belegte den 2. Platz.",
        &[
            ("Am 9. April 2019 öffnete das Bad.", "R"),
            ("Das Bad öffnete am 7. Mai 2019.", "R"),
            ("Im 18. Jahrhundert stand hier ein Kloster.", "R"),
            ("Im 17. Jahrhundert stand hier ein Kloster.", "S"),
            ("Die Schließung war am 9. August.", "R"),
            ("Das Bad öffnete am 07.04.2019.", "S"),
            ("Prof. Dr. Eva Rau leitet das Amt.", "S"),
            ("Dr. Ina Kolb leitet das Amt.", "R"),
            ("Der Verein belegte den 3. Platz.", "R"),
        ],
    );
}

#[test]
fn korean_numbers_and_negations_of_korean_and_chinese() {
    check(
        "건물의 높이는 250미터이다. 예산은 3억 원이다. 박물관은 2005년 3월 5일에 개관했다. 회사는 공장을 팔지 않았다.",
        &[
            ("건물의 높이는 520미터이다.", "R"),
            ("건물의 높이는 250미터이다.", "S"),
            ("예산은 5억 원이다.", "R"),
            ("박물관은 2005년 4월 5일에 개관했다.", "R"),
            ("박물관은 2005년 3월 5일에 개관했다.", "S"),
            ("회사는 공장을 팔았다.", "R"),
        ],
    );
    check(
        "公司没有在2010年出售工厂。董事会批准了计划。会议不在北京举行。",
        &[
            ("公司在2010年出售工厂。", "R"),
            ("公司没有在2010年出售工厂。", "S"),
            ("董事会未批准计划。", "R"),
            ("会议在北京举行。", "R"),
        ],
    );
}

#[test]
fn a_letter_that_names_something_is_no_article() {
    let rooms = "Room A costs 120 euros a day and seats ten people. Room B costs 180 euros a day and seats thirty people.";
    check(
        rooms,
        &[
            ("Room A costs 180 euros a day.", "R"),
            ("Room A costs 120 euros a day.", "S"),
            ("Room B costs 120 euros a day.", "R"),
            ("Room B costs 180 euros a day.", "S"),
            ("Room A seats thirty people.", "R"),
            ("Room B seats thirty people.", "S"),
        ],
    );
}

#[test]
fn rows_that_are_alike_are_told_apart() {
    let halls = "Room 1 has 20 seats and costs 90 euros. Room 2 has 40 seats and costs 150 euros. \
        Room 3 has 60 seats and costs 210 euros.";
    check(
        halls,
        &[
            ("Room 2 has 40 seats.", "S"),
            ("Room 2 has 60 seats.", "R"),
            ("Room 3 costs 150 euros.", "R"),
            ("Room 1 has 20 seats and costs 90 euros.", "S"),
            ("Room 1 has 20 seats and costs 210 euros.", "R"),
        ],
    );
    check(
        "The north depot holds 40 buses and is open at night. The south depot holds 60 buses and is closed at night. \
         The east depot holds 25 buses and is open at night.",
        &[
            ("The south depot holds 60 buses.", "S"),
            ("The south depot is open at night.", "R"),
            ("The east depot holds 60 buses.", "R"),
            ("The north depot is open at night.", "S"),
        ],
    );
}
