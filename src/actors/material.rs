//! The texts of a run, and what is made of them: claims, an index, the case that judges get to see.

use std::sync::{Arc, OnceLock};

use crate::domain::claim::Claim;
use crate::domain::document::Retrieved;
use crate::domain::injection::InjectionSign;
use crate::domain::result::NonClaim;
use crate::evidence::SourceIndex;
use crate::evidence::passages::{self, Passage};
use crate::judges::Case;
use crate::judges::budget::Purse;
use crate::judges::injection::{self, AllowedPhrases};
use crate::neural::Encoder;
use crate::store::new_id;
use crate::text::claims::{ClaimDraft, cut, extract};
use crate::text::non_claims;
use crate::text::span::Utf16Index;

/// The texts of a run, and the source's index, which is made when it is first wanted.
pub(super) struct Material {
    pub(super) source: Arc<str>,
    pub(super) candidate: Arc<str>,
    pub(super) question: Option<Arc<str>>,
    /// What a collection has for the claims; it counts like the source.
    retrieved: Vec<Retrieved>,
    /// The encoder that looks at them, where it is used.
    encoder: Option<Arc<Encoder>>,
    /// What an operator knows to be no attack.
    allowed: Arc<AllowedPhrases>,
    index: OnceLock<Arc<SourceIndex>>,
    signs: OnceLock<Vec<InjectionSign>>,
}

impl Material {
    pub(super) fn new(
        source: String,
        candidate: String,
        question: Option<String>,
        encoder: Option<Arc<Encoder>>,
        allowed: Arc<AllowedPhrases>,
    ) -> Self {
        Self {
            source: source.into(),
            candidate: candidate.into(),
            question: question.map(Into::into),
            retrieved: Vec::new(),
            encoder,
            allowed,
            index: OnceLock::new(),
            signs: OnceLock::new(),
        }
    }

    /// The same texts, and what was retrieved for them.
    pub(super) fn with(&self, retrieved: Vec<Retrieved>) -> Self {
        Self {
            source: Arc::clone(&self.source),
            candidate: Arc::clone(&self.candidate),
            question: self.question.clone(),
            retrieved,
            encoder: self.encoder.clone(),
            allowed: Arc::clone(&self.allowed),
            index: OnceLock::new(),
            signs: OnceLock::new(),
        }
    }

    /// Heavy the first time: only on a thread for computations.
    pub(super) fn index(&self) -> &Arc<SourceIndex> {
        self.index.get_or_init(|| {
            let index = SourceIndex::with(&self.source, self.retrieved.clone());
            Arc::new(index.looked_at_by(self.encoder.as_ref()))
        })
    }

    /// What speaks to the judges in the texts; heavy the first time too.
    pub(super) fn signs(&self) -> &[InjectionSign] {
        self.signs.get_or_init(|| {
            injection::signs(
                &self.candidate,
                self.index().text(),
                self.question.as_deref(),
                &self.allowed,
            )
        })
    }

    /// What judges get to see, for nobody to pay for; heavy the first time too.
    pub(super) fn case(&self, claims: Vec<Claim>, passages: Option<Vec<Passage>>) -> Case {
        Case {
            source: Arc::clone(self.index().text()),
            candidate: Arc::clone(&self.candidate),
            question: self.question.clone(),
            claims,
            index: Arc::clone(self.index()),
            passages,
            signs: self.signs().to_vec(),
            user: None,
            purse: Purse::default(),
        }
    }
}

/// A candidate cut into claims.
pub(super) fn claims_of(candidate: &str) -> Vec<Claim> {
    let claim = |(index, draft): (usize, ClaimDraft)| Claim {
        id: new_id(),
        index,
        text: draft.text,
        kind: draft.kind,
        span: draft.span,
    };
    extract(candidate)
        .into_iter()
        .enumerate()
        .map(claim)
        .collect()
}

/// What of a candidate states nothing, in its order.
pub(super) fn non_claims_of(candidate: &str) -> Vec<NonClaim> {
    let spans = Utf16Index::new(candidate);
    let named = |(range, reason): (_, non_claims::NonClaim)| NonClaim {
        span: spans.span(range),
        reason: reason.as_str().to_owned(),
    };
    cut(candidate).1.into_iter().map(named).collect()
}

/// Why there is nothing to check in a candidate without a claim.
pub(super) fn nothing_because(non_claims: &[NonClaim]) -> &'static str {
    let abstention = non_claims::NonClaim::Abstention.as_str();
    if non_claims.iter().any(|part| part.reason == abstention) {
        "abstained"
    } else {
        "no_claim"
    }
}

/// The case that a run would make of these texts and of what was retrieved beside them; `retrieval` is
/// how many characters it would choose. Heavy: on a thread for computations.
pub fn prepare(
    source: String,
    candidate: String,
    question: Option<String>,
    retrieved: Vec<Retrieved>,
    retrieval: Option<usize>,
    (encoder, allowed): (Option<Arc<Encoder>>, Arc<AllowedPhrases>),
) -> Case {
    let material = Material::new(source, candidate, question, encoder, allowed).with(retrieved);
    let claims = claims_of(&material.candidate);
    let question = material.question.as_deref();
    let select = |max_chars| passages::select(material.index(), &claims, question, max_chars);
    let passages = retrieval.map(select);
    material.case(claims, passages)
}
