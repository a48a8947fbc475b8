//! What nobody can do to the faithfulness of an output by adding to it, on the way that `audit` and
//! `benchmark` take: from texts to claims, verdicts, judges and figures.

use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::panel as panel_of;
use crate::audit::panel::{Panel, Question};
use crate::config::{Config, Sources};
use crate::domain::result::Faithfulness;

/// Sources with outputs that are wrong in something, of several domains.
const WRONG: [(&str, &str); 12] = [
    (
        "The Alder Street library reopened on 4 May after a renovation that took fourteen months. The works cost \
         2.3 million euros, of which the city paid half. The reading room now has 120 seats, twice as many as \
         before. Librarian Ida Brandt said that the roof no longer leaks. The children's corner moved to the \
         ground floor. On Sundays the building stays closed.",
        "The Alder Street library reopened on 4 May. The renovation cost 3.2 million euros. The reading room has \
         120 seats.",
    ),
    (
        "Shipments are free of charge for orders over 50 euros. Smaller orders cost 4.90 euros. Goods can be \
         returned within 30 days if they are unworn. The refund is paid within a week of the arrival of the \
         parcel. Gift cards can't be returned.",
        "You can return unworn goods within 90 days. Gift cards can't be returned.",
    ),
    (
        "Take one tablet of Norvadil in the morning and one in the evening, after a meal. Do not drink alcohol \
         while you take it. The most common side effect is a dry mouth. Adults over 65 take half a tablet. Store \
         the package below 25 degrees.",
        "Take one tablet of Norvadil in the morning and one in the evening. You may drink alcohol while you take \
         it.",
    ),
    (
        "Revenue of Calder Instruments rose by 12 percent to 48 million dollars in 2023. Operating profit fell to \
         3.1 million dollars. The company hired 70 engineers in Leeds. Chief executive Owen Hale expects revenue \
         of 52 million dollars in 2024. The dividend stays at 40 cents a share.",
        "Revenue of Calder Instruments fell by 12 percent in 2023. The company hired 70 engineers in Leeds.",
    ),
    (
        "The tenant pays the rent by the third working day of each month. The deposit is two months' rent. Either \
         party may end the contract with three months' notice. Pets need the landlord's consent. The cellar is \
         shared by all tenants.",
        "The deposit is two months' rent. Pets are allowed without the consent of the landlord. The garden has a \
         sauna.",
    ),
    (
        "Marta Oss won the Sarn marathon in 2 hours 31 minutes. Second was Lena Park, who had won in 2019. About \
         4,000 runners started in the rain. The course led along the river and back through the old town. Nobody \
         was hurt.",
        "Lena Park won the Sarn marathon in 2 hours 31 minutes.",
    ),
    (
        "Der Gemeinderat von Aldorf beschloss am 12. März den Bau einer Turnhalle. Sie soll 4,2 Millionen Euro \
         kosten. Die Halle wird 2027 eröffnet. Sieben Mitglieder stimmten dafür, drei dagegen. Der alte Sportplatz \
         bleibt erhalten.",
        "Der Gemeinderat von Aldorf beschloss am 12. März den Bau einer Turnhalle. Sie soll 6,9 Millionen Euro \
         kosten.",
    ),
    (
        "| Plant | Output in tonnes | Staff |\n|---|---|---|\n| Arden | 1,200 | 85 |\n| Brill | 940 | 60 |\n\n\
         Arden runs three shifts. Brill was closed for a month in 2022.",
        "Arden has an output of 940 tonnes. Brill was closed for a month in 2022.",
    ),
    // What ends with an abbreviation, has no capitals, or is a word.
    (
        "The mill in Harlow belongs to Tarn Ltd. and grinds rye. Anna Vries founded it in 1902. Visitors pay 4 euros. \
         The stones come from Calder Corp.",
        "The mill in Harlow belongs to Calder Corp.",
    ),
    (
        "The ferry to Ennis leaves at nine. Children under six travel free. Bicycles cost three pounds each way. Dogs \
         have to stay on deck.",
        "the ferry to ennis leaves at noon. bicycles travel free. dogs have to stay on deck",
    ),
    (
        "The council of Baltra met on Monday. Rosa Lind chaired the meeting. It was held in the old school. Nobody \
         voted against the budget of 2 million euros.",
        "Vessen.",
    ),
    (
        "the harbour of Corrin handled 340 ships in 2021. most of them carried timber. the pilot station moved to the \
         northern pier. repairs cost 90,000 euros.",
        "The harbour of Corrin handled 430 ships in 2021. The pilot station moved to the southern pier.",
    ),
];

const GREETINGS: [&str; 4] = [
    "Hello! How are you?",
    "Thank you for asking!",
    "I hope this helps.",
    "Let me know if you need anything else.",
];

fn panel() -> (tempfile::TempDir, Panel) {
    let home = tempfile::TempDir::new().unwrap();
    let sources = Sources {
        flags: [("data_dir", home.path().to_str().unwrap())]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
        ..Sources::default()
    };
    let config = Config::load(&sources).unwrap();
    let panel = panel_of(&config, &[]).unwrap();
    (home, panel)
}

async fn faithfulness(panel: &Panel, source: &str, candidate: &str) -> Faithfulness {
    let texts = Question {
        source: source.to_owned(),
        candidate: candidate.to_owned(),
        question: None,
    };
    let opinion = panel.ask(texts).await.unwrap();
    let result = opinion.result.expect("there is a claim to judge");
    result.faithfulness.expect("there is a claim to judge")
}

/// The sentences of a source; where one is cut at "12. März", the parts have to help as little.
fn sentences(source: &str) -> Vec<&str> {
    source
        .split_inclusive(". ")
        .map(str::trim)
        .filter(|sentence| sentence.len() > 8)
        .collect()
}

/// What was worse after an addition than before, as lines.
async fn helped(panel: &Panel, source: &str, candidate: &str, additions: &[String]) -> Vec<String> {
    let alone = faithfulness(panel, source, candidate).await;
    let mut wrong = Vec::new();
    for (addition, between) in additions.iter().zip([" ", "\n\n"].into_iter().cycle()) {
        let added = format!("{candidate}{between}{addition}");
        let after = faithfulness(panel, source, &added).await;
        if after.probability > alone.probability || (alone.flagged && !after.flagged) {
            wrong.push(format!(
                "{:.4} -> {:.4}: {candidate} + {:.80}",
                alone.probability, after.probability, addition
            ));
        }
    }
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_added_to_an_output_makes_it_more_faithful() {
    let (_home, panel) = panel();
    let mut wrong = Vec::new();
    for (source, candidate) in WRONG {
        let mut additions: Vec<String> = sentences(source).into_iter().map(str::to_owned).collect();
        additions.push(source.to_owned());
        additions.push(candidate.to_owned());
        additions.push(format!("{candidate} ").repeat(5));
        additions.extend(GREETINGS.map(str::to_owned));
        wrong.extend(helped(&panel, source, candidate, &additions).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_true_sentences_hide_no_false_one() {
    let (_home, panel) = panel();
    let source: String = (0..1_000).fold(String::new(), |mut text, at| {
        let year = 1_000 + at;
        write!(text, "Mill {at} of Harlow was built in the year {year}. ").unwrap();
        text
    });
    let wrong = "Mill 17 of Harlow was built in the year 1018.";
    let alone = faithfulness(&panel, &source, wrong).await;
    let buried = faithfulness(&panel, &source, &format!("{wrong} {source}")).await;
    assert!(alone.flagged && buried.flagged, "{alone:?} {buried:?}");
    assert!(buried.probability <= alone.probability);
}

/// Texts made of facts, of which the output has some right and some wrong.
fn made() -> impl Strategy<Value = (String, String, Vec<String>)> {
    let fact = (0..6usize, 1..200u32, 1900..2020u32, any::<bool>());
    let facts = prop::collection::vec(fact, 2..6);
    (
        facts,
        prop::collection::vec(any::<prop::sample::Index>(), 1..4),
    )
        .prop_map(|(facts, more)| {
            let subjects = [
                "The harbour of Corrin",
                "Anna Vries",
                "The Ellery foundation",
                "The northern depot",
                "Tarn College",
                "The Bright Lane clinic",
            ];
            let tell = |(subject, count, year): (usize, u32, u32)| {
                format!("{} sold {count} boats in {year}.", subjects[subject])
            };
            let told: Vec<String> = facts
                .iter()
                .map(|(s, c, y, _)| tell((*s, *c, *y)))
                .collect();
            let output: Vec<String> = facts
                .iter()
                .map(|(s, c, y, right)| tell((*s, if *right { *c } else { c + 211 }, *y)))
                .collect();
            let mut additions: Vec<String> = more.iter().map(|at| at.get(&told).clone()).collect();
            additions.push(told.join(" "));
            additions.push(output.join(" "));
            (told.join(" "), output.join(" "), additions)
        })
}

#[test]
fn nothing_that_is_added_to_made_texts_helps() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    // One for all cases: it loads its model once.
    let (_home, panel) = panel();
    let mut runner = TestRunner::new(ProptestConfig::with_cases(16));
    let outcome = runner.run(&made(), |(source, output, additions)| {
        let wrong = runtime.block_on(helped(&panel, &source, &output, &additions));
        prop_assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
