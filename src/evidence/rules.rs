//! The table of rules: all checks that compare a claim with its evidence, in the
//! order of their application.
//!
//! Each row is one rule, with one function in the file of its subject. `docs/explanation/rules.md`
//! is generated from this table, and a test applies each rule to its examples.

use super::align::Alignment;
use super::finding::{Aspect, Checked};
use super::pair::Pair;
use super::rule::{Asked, Check, Rule, contradicts, not_stated, nothing};
use super::{
    arithmetic, dates, exchanged, fields, identifiers, joint, names, numbers, rows, subject,
};

/// Applies the rules about values and names, fields and table rows.
pub(super) fn facts(alignment: &mut Alignment<'_>) -> Checked {
    let mut checked = Checked::default();
    ask(&mut checked, |check, checked| {
        if let Check::Values(check) = check {
            check(alignment, checked);
        }
    });
    checked.findings.sort_by_key(|finding| finding.range.start);
    fields::forget_name(alignment);
    ask(&mut checked, |check, checked| match check {
        Check::Field(check) => check(alignment, checked),
        Check::Row(check) => check(alignment, checked),
        Check::Values(_) | Check::Sentence(_) => {}
    });
    checked
}

/// Applies the rules about the best sentence; finds nothing if no sentence is aligned.
pub(super) fn logic(alignment: &Alignment<'_>) -> Checked {
    let mut checked = Checked::default();
    let Some(pair) = Pair::of(alignment) else {
        return checked;
    };
    checked.features = 1;
    ask(&mut checked, |check, checked| {
        if let Check::Sentence(check) = check {
            check(&pair, checked);
        }
    });
    checked.findings.sort_by_key(|finding| finding.range.start);
    checked
}

/// Passes each rule to be applied to `each`, in the order of the table; `each` ignores
/// rules of other kinds.
fn ask(checked: &mut Checked, mut each: impl FnMut(&Check, &mut Checked)) {
    let mut is_asked = true;
    for rule in RULES {
        is_asked = match rule.asked {
            Asked::Always => true,
            Asked::UnlessContradicted => !checked.against(),
            Asked::WithTheRuleBefore => is_asked,
        };
        if is_asked {
            each(&rule.check, checked);
        }
    }
}

const TOWERS: &str = "| Tower | Height | Built |\n|---|---|---|\n| Orr Tower | 80 m | 1920 |\n| Tay Tower | 95 m | 1955 |\n";

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "number",
        finds: "A number, an amount or a share that the sentences on the same thing give otherwise, in another unit or for another period, or do not give.",
        asked: Asked::Always,
        check: Check::Values(numbers::check),
        examples: &[
            contradicts(
                Aspect::Number,
                "The Orrin reservoir holds 46 million litres and serves three villages.",
                "The Orrin reservoir holds 64 million litres.",
            ),
            contradicts(
                Aspect::Unit,
                "The harbour sold the crane for £40,000.",
                "The harbour sold the crane for €40,000.",
            ),
            contradicts(
                Aspect::Period,
                "The filter is changed three times a month by the crew.",
                "The filter is changed three times a year by the crew.",
            ),
            not_stated(
                Aspect::Number,
                "The choir sings in the town hall every spring.",
                "The choir of 38 members sings in the town hall every spring.",
            ),
            nothing(
                "Our train covered 412 kilometres in four hours and stopped twice.",
                "In four hours the train covered 412 km.",
            ),
        ],
    },
    Rule {
        name: "date",
        finds: "A date that the sentences on the same thing give otherwise, less exactly, or not at all.",
        asked: Asked::Always,
        check: Check::Values(dates::check),
        examples: &[
            contradicts(
                Aspect::Date,
                "She was born in Graz on 14 February 1932.",
                "She was born in Graz on 14 February 1923.",
            ),
            not_stated(
                Aspect::Date,
                "The mill was built by Anna Berg.",
                "The mill was built by Anna Berg in 1812.",
            ),
            nothing(
                "The theatre opened on 3 March 1911 with a comedy.",
                "In March 1911 the theatre opened.",
            ),
        ],
    },
    Rule {
        name: "name",
        finds: "A name in whose place the source has another one, or that the source does not have.",
        asked: Asked::Always,
        check: Check::Values(names::check),
        examples: &[
            contradicts(
                Aspect::Name,
                "The novel was translated into Dutch by Pieter Claes.",
                "The novel was translated into Swedish by Pieter Claes.",
            ),
            not_stated(
                Aspect::Name,
                "The mill was built in 1812.",
                "The mill was built in 1812 by Anna Berg.",
            ),
            nothing(
                "The ferry Alba sank off Corrin in 1931.",
                "In 1931 the Alba sank off Corrin.",
            ),
        ],
    },
    Rule {
        name: "identifier",
        finds: "An address, a version, a path or a code that is not in the source to the last character.",
        asked: Asked::Always,
        check: Check::Values(identifiers::check),
        examples: &[
            contradicts(
                Aspect::Identifier,
                "The log is kept in /var/log/mill/today.log on each machine.",
                "The log is kept in /var/log/mill/daily.log on each machine.",
            ),
            not_stated(
                Aspect::Identifier,
                "The log is kept on each machine for a week.",
                "The log is kept in /var/log/mill/daily.log for a week.",
            ),
            nothing(
                "The log is kept in /var/log/mill/today.log on each machine.",
                "Each machine keeps its log in /var/log/mill/today.log.",
            ),
        ],
    },
    Rule {
        name: "values_that_belong_together",
        finds: "Two values that the source has in sentences of their own, each with another one beside it.",
        asked: Asked::Always,
        check: Check::Values(joint::check),
        examples: &[
            contradicts(
                Aspect::Number,
                "Pump 17 runs at 1017 rpm. Pump 18 runs at 1018 rpm.",
                "Pump 17 runs at 1018 rpm.",
            ),
            nothing(
                "Pump 17 runs at 1017 rpm. Pump 18 runs at 1018 rpm.",
                "Pump 18 runs at 1018 rpm.",
            ),
        ],
    },
    Rule {
        name: "exchanged_numbers",
        finds: "Two numbers of one sentence that stand beside each other's words.",
        asked: Asked::Always,
        check: Check::Values(exchanged::check),
        examples: &[
            contradicts(
                Aspect::Subject,
                "The contest was judged by twelve pupils and three cooks.",
                "The contest was judged by three pupils and twelve cooks.",
            ),
            nothing(
                "The contest was judged by twelve pupils and three cooks.",
                "Three cooks and twelve pupils judged the contest.",
            ),
        ],
    },
    Rule {
        name: "value_of_another_subject",
        finds: "A value that the source gives of another subject, in another sentence or in the same one.",
        asked: Asked::Always,
        check: Check::Values(subject::check_values),
        examples: &[
            contradicts(
                Aspect::Subject,
                "The Orr mill grinds 12 tonnes a day and the Tay mill 30 tonnes.",
                "The Orr mill grinds 30 tonnes a day.",
            ),
            nothing(
                "The Orr mill grinds 12 tonnes a day and the Tay mill 30 tonnes.",
                "The Tay mill grinds 30 tonnes a day.",
            ),
        ],
    },
    Rule {
        name: "word_of_another_subject",
        finds: "A word that the source says of another subject, in sentences that are alike but for two places.",
        asked: Asked::UnlessContradicted,
        check: Check::Values(subject::check_words),
        examples: &[
            contradicts(
                Aspect::Subject,
                "The premium plan includes support. The basic plan includes backups.",
                "The basic plan includes support.",
            ),
            nothing(
                "The premium plan includes support. The basic plan includes backups.",
                "The basic plan includes backups.",
            ),
        ],
    },
    Rule {
        name: "amount_of_a_change",
        finds: "The amount of a change that does not follow from the values before and after it.",
        asked: Asked::Always,
        check: Check::Values(arithmetic::check_amount),
        examples: &[
            contradicts(
                Aspect::Arithmetic,
                "The output of the mill fell from 355 to 310 tonnes in May.",
                "The output of the mill fell by 65 tonnes in May.",
            ),
            nothing(
                "The output of the mill fell from 355 to 310 tonnes in May.",
                "The output of the mill fell by 45 tonnes in May.",
            ),
        ],
    },
    Rule {
        name: "multiple",
        finds: "\"Doubled\", \"halved\" and the like, where the values before and after make another multiple.",
        asked: Asked::Always,
        check: Check::Values(arithmetic::check_multiple),
        examples: &[
            contradicts(
                Aspect::Arithmetic,
                "The membership of the club grew from 200 to 300 in a year.",
                "The membership of the club doubled in a year.",
            ),
            nothing(
                "The membership of the club grew from 200 to 400 in a year.",
                "The membership of the club doubled in a year.",
            ),
        ],
    },
    Rule {
        name: "field_count",
        finds: "A line that counts things of which the source has another number.",
        asked: Asked::UnlessContradicted,
        check: Check::Field(fields::check_count),
        examples: &[
            contradicts(
                Aspect::Number,
                "The Hale Museum owns 4,300 paintings.",
                "Paintings: 3,400",
            ),
            nothing("The Hale Museum owns 4,300 paintings.", "Paintings: 4,300"),
        ],
    },
    Rule {
        name: "field_place",
        finds: "A line that names a place, where the source has just one, another.",
        asked: Asked::UnlessContradicted,
        check: Check::Field(fields::check_place),
        examples: &[
            contradicts(
                Aspect::Name,
                "The Hale Museum opened in 1952. It stands in Brekke.",
                "City: Bergen",
            ),
            nothing(
                "The Hale Museum opened in 1952. It stands in Brekke.",
                "City: Brekke",
            ),
        ],
    },
    Rule {
        name: "field_leader",
        finds: "A line that names who leads, in a word that the source does not have, where it has just one, another.",
        asked: Asked::UnlessContradicted,
        check: Check::Field(fields::check_leader),
        examples: &[
            contradicts(
                Aspect::Name,
                "The museum is run by Nora Feld.",
                "Director: Ida Aune",
            ),
            nothing("The museum is run by Nora Feld.", "Director: Nora Feld"),
        ],
    },
    Rule {
        name: "field_beginning",
        finds: "A line that says when something began, in a word that the source does not have, where it has just one day, another.",
        asked: Asked::UnlessContradicted,
        check: Check::Field(fields::check_beginning),
        examples: &[
            contradicts(
                Aspect::Date,
                "The Hale Museum was founded in 1952.",
                "Opened: 1925",
            ),
            nothing("The Hale Museum was founded in 1952.", "Opened: 1952"),
        ],
    },
    Rule {
        name: "table_row",
        finds: "A value that the row of a table which the claim names has otherwise, or that stands in another row; findings that rest on other rows are taken back.",
        asked: Asked::Always,
        check: Check::Row(rows::check),
        examples: &[
            contradicts(Aspect::Subject, TOWERS, "Orr Tower was built in 1955."),
            contradicts(Aspect::Number, TOWERS, "Orr Tower has a height of 85 m."),
            contradicts(Aspect::Date, TOWERS, "Orr Tower was built in 1931."),
            nothing(TOWERS, "Orr Tower was built in 1920."),
        ],
    },
    Rule {
        name: "negation_without_gaps",
        finds: "In scripts without gaps between words, and in Korean: one of the two negates what the other states.",
        asked: Asked::Always,
        check: Check::Sentence(|pair, checked| pair.negation_of_characters(checked)),
        examples: &[
            contradicts(
                Aspect::Negation,
                "这座桥在1987年开通。",
                "这座桥没有在1987年开通。",
            ),
            nothing("这座桥没有在1987年开通。", "这座桥没有在1987年开通。"),
        ],
    },
    Rule {
        name: "negation",
        finds: "One of the two negates what the other states.",
        asked: Asked::UnlessContradicted,
        check: Check::Sentence(|pair, checked| pair.negation(checked)),
        examples: &[
            contradicts(
                Aspect::Negation,
                "The committee approved the budget after a long debate.",
                "The committee did not approve the budget.",
            ),
            contradicts(
                Aspect::Negation,
                "The witness did not recognise the driver.",
                "The witness recognised the driver.",
            ),
            nothing(
                "The committee did not reject the budget.",
                "The committee approved the budget.",
            ),
        ],
    },
    Rule {
        name: "double_negation",
        finds: "Both deny something, and one of them denies once more.",
        asked: Asked::UnlessContradicted,
        check: Check::Sentence(|pair, checked| pair.double_negation(checked)),
        examples: &[
            contradicts(
                Aspect::Negation,
                "The pump does not run without oil.",
                "The pump runs without oil.",
            ),
            nothing(
                "The pump does not run without oil.",
                "Without oil the pump does not run.",
            ),
        ],
    },
    Rule {
        name: "opposite",
        finds: "A word in whose place the sentence has its opposite.",
        asked: Asked::Always,
        check: Check::Sentence(|pair, checked| pair.opposite(checked)),
        examples: &[
            contradicts(
                Aspect::Opposite,
                "Prices for timber rose sharply in the spring.",
                "Prices for timber fell sharply in the spring.",
            ),
            contradicts(
                Aspect::Order,
                "The gates open before the concert begins.",
                "The gates open after the concert begins.",
            ),
            nothing("Ann bought the boat from Bob.", "Bob sold the boat to Ann."),
        ],
    },
    Rule {
        name: "direction_of_a_number",
        finds: "Of a word and its opposite, both in the sentence, the wrong one stands beside the claim's number.",
        asked: Asked::UnlessContradicted,
        check: Check::Sentence(|pair, checked| pair.direction(checked)),
        examples: &[
            contradicts(
                Aspect::Opposite,
                "Sales rose by 12% in May and fell by 3% in June.",
                "Sales fell by 12% in May.",
            ),
            nothing(
                "Sales rose by 12% in May and fell by 3% in June.",
                "Sales rose by 12% in May.",
            ),
        ],
    },
    Rule {
        name: "roles",
        finds: "Who did it to whom, what is more than what, or which came first, told the other way round.",
        asked: Asked::Always,
        check: Check::Sentence(|pair, checked| pair.roles(checked)),
        examples: &[
            contradicts(
                Aspect::Roles,
                "The fox chased the hare across the field.",
                "The hare chased the fox across the field.",
            ),
            nothing(
                "The fox chased the hare across the field.",
                "Across the field the hare was chased by the fox.",
            ),
        ],
    },
    Rule {
        name: "reversed",
        finds: "\"From 3 to 5\" beside \"from 5 to 3\", or two names that have changed places with the same words between them.",
        asked: Asked::UnlessContradicted,
        check: Check::Sentence(|pair, checked| pair.reversed(checked)),
        examples: &[
            contradicts(
                Aspect::Order,
                "The limit was changed from 3 to 5 tonnes.",
                "The limit was changed from 5 to 3 tonnes.",
            ),
            contradicts(
                Aspect::Roles,
                "The referee sent Raast off for a foul on Krogh.",
                "The referee sent Krogh off for a foul on Raast.",
            ),
            nothing(
                "The referee sent Raast off for a foul on Krogh.",
                "For a foul on Krogh the referee sent Raast off.",
            ),
        ],
    },
    Rule {
        name: "left_out",
        finds: "What the sentence leaves out by \"but not\" or \"except\", and the claim says.",
        asked: Asked::WithTheRuleBefore,
        check: Check::Sentence(|pair, checked| pair.left_out(checked)),
        examples: &[
            contradicts(
                Aspect::Negation,
                "The castle is open to visitors except the tower.",
                "The tower of the castle is open to visitors.",
            ),
            nothing(
                "The castle is open to visitors except the tower.",
                "The castle is open to visitors.",
            ),
        ],
    },
    Rule {
        name: "not_all",
        finds: "\"All\" on one side and \"not all\" or \"only two\" on the other.",
        asked: Asked::Always,
        check: Check::Sentence(|pair, checked| pair.not_all(checked)),
        examples: &[
            contradicts(
                Aspect::Quantity,
                "Not all windows were broken in the storm.",
                "All windows were broken in the storm.",
            ),
            nothing(
                "Not all windows were broken in the storm.",
                "Not all windows were broken.",
            ),
        ],
    },
    Rule {
        name: "only_some",
        finds: "\"Only on Sundays\" on one side and \"every day\" or \"anyone\" on the other.",
        asked: Asked::UnlessContradicted,
        check: Check::Sentence(|pair, checked| pair.only_some(checked)),
        examples: &[
            contradicts(
                Aspect::Quantity,
                "Only members may vote at the meeting.",
                "Every resident may vote at the meeting.",
            ),
            nothing(
                "Only members may vote at the meeting.",
                "Members may vote at the meeting.",
            ),
        ],
    },
    Rule {
        name: "unless",
        finds: "\"Unless\" on one side and \"if\" on the other, where the one is not the denial of the other.",
        asked: Asked::WithTheRuleBefore,
        check: Check::Sentence(|pair, checked| pair.unless(checked)),
        examples: &[
            contradicts(
                Aspect::Negation,
                "The alarm sounds unless the door is shut.",
                "The alarm sounds if the door is shut.",
            ),
            nothing(
                "The alarm sounds unless the door is shut.",
                "The alarm sounds if the door is not shut.",
            ),
        ],
    },
    Rule {
        name: "quantifier",
        finds: "All, most, some, few or none of the same thing, where the sentence says more or less of it.",
        asked: Asked::Always,
        check: Check::Sentence(|pair, checked| pair.quantifier(checked)),
        examples: &[
            contradicts(
                Aspect::Quantity,
                "Few of the houses have a cellar.",
                "Most of the houses have a cellar.",
            ),
            not_stated(
                Aspect::Quantity,
                "Some of the windows were broken in the storm.",
                "All of the windows were broken in the storm.",
            ),
            nothing(
                "Most of the pupils walk to school.",
                "Some of the pupils walk to school.",
            ),
        ],
    },
    Rule {
        name: "certainty",
        finds: "A possibility or a plan of the source that the claim tells as a fact.",
        asked: Asked::Always,
        check: Check::Sentence(|pair, checked| pair.certainty(checked)),
        examples: &[
            not_stated(
                Aspect::Certainty,
                "The crew may strike in June.",
                "The crew strikes in June.",
            ),
            nothing(
                "The crew may strike in June.",
                "The crew may strike in June.",
            ),
        ],
    },
];

#[cfg(test)]
#[path = "tests/rules.rs"]
mod tests;
