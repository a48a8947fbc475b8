//! The judges on texts of seven kinds, each with a faithful paraphrase and one that has a single thing
//! changed. What the verifier makes of them is tested where they are.

use std::sync::Arc;

use super::{Answer, answers, case, mean, of_indexed, verdicts};
use crate::evidence::SourceIndex;
use crate::evidence::tests::perturbations::{KINDS, texts};

/// Paraphrases, in percent, whose flip must have the lower score.
const ORDERED: usize = 90;

#[test]
fn a_flip_scores_lower_than_the_paraphrase() {
    for (kind, lines, _) in KINDS {
        let triples = texts(lines);
        let wrong: Vec<String> = triples
            .iter()
            .filter_map(|triple| {
                let faithful = mean(&case(triple.source, triple.faithful));
                let flipped = mean(&case(triple.source, triple.changed));
                (flipped >= faithful)
                    .then(|| format!("{faithful:.1} {flipped:.1} {}", triple.changed))
            })
            .collect();
        assert!(
            (triples.len() - wrong.len()) * 100 >= ORDERED * triples.len(),
            "{kind}: {}",
            wrong.join("\n")
        );
    }
}

/// The scores of the judges that do not abstain.
fn scores(source: &str, candidate: &str) -> Vec<(&'static str, f64)> {
    answers(&case(source, candidate))
        .into_iter()
        .filter_map(|(name, answer)| match answer {
            Answer::Scored(assessment) => Some((name, assessment.score)),
            Answer::Abstained(_) => None,
        })
        .collect()
}

#[test]
fn neither_repeating_nor_padding_raises_a_judges_score() {
    let filler = "Hello! How are you? I hope this helps.";
    let mut wrong = Vec::new();
    for triple in KINDS.iter().flat_map(|(_, lines, _)| texts(lines)) {
        for candidate in [triple.faithful, triple.changed] {
            let alone = scores(triple.source, candidate);
            for padded in [
                format!("{candidate} {candidate}"),
                format!("{candidate} {candidate} {candidate} {candidate}"),
                format!("{candidate} {filler}"),
            ] {
                for (name, score) in scores(triple.source, &padded) {
                    // A judge that had nothing to say of the candidate alone is not held against it.
                    if let Some((_, before)) = alone.iter().find(|(other, _)| *other == name)
                        && score > before + 1e-9
                    {
                        wrong.push(format!("{name} {before:.2} {score:.2} {padded}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_evidence_names_the_sentence_that_a_paraphrase_is_of() {
    let (mut total, mut wrong) = (0, Vec::new());
    for (_, lines, _) in KINDS {
        // All sources of a kind together are one document, in which the right sentence has to be found.
        let triples = texts(lines);
        let sources: Vec<&str> = triples.iter().map(|triple| triple.source).collect();
        let document = Arc::new(SourceIndex::new(&sources.join("\n")));
        for triple in &triples {
            total += 1;
            let found = verdicts(&of_indexed(Arc::clone(&document), triple.faithful))
                .iter()
                .flat_map(|verdict| &verdict.evidence)
                .any(|evidence| triple.source.contains(evidence.text.trim()));
            if !found {
                wrong.push(triple.faithful);
            }
        }
    }
    // 95 of 100 with the sentence among the three that are shown.
    assert!(wrong.len() * 100 <= 5 * total, "{}", wrong.join("\n"));
}
