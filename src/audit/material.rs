//! The texts of an audit and what is derived from them: an index, and the case for the judges.

use std::sync::{Arc, OnceLock};

use crate::domain::claim::Claim;
use crate::domain::document::Retrieved;
use crate::domain::injection::InjectionSign;
use crate::domain::source::NamedSource;
use crate::evidence::SourceIndex;
use crate::evidence::compared::ComparedClaims;
use crate::evidence::passages::{self, Passage};
use crate::judges::Case;
use crate::judges::budget::RunBudget;
use crate::judges::injection::{self, AllowedPhrases};
use crate::neural::Encoder;

use super::citations;
use super::claims::claims_of;

/// The texts of an audit, and the source's index, which is computed on first use.
pub(crate) struct Material {
    source: Arc<str>,
    /// The spans of the sources in the source text; empty for a single one without a name.
    sources: Arc<[NamedSource]>,
    candidate: Arc<str>,
    question: Option<Arc<str>>,
    /// The passages that a collection has for the claims; they count like the source.
    retrieved: Vec<Retrieved>,
    /// The encoder that reads the texts, if it is used.
    encoder: Option<Arc<Encoder>>,
    /// Phrases that the operator has declared harmless for the injection check.
    allowed: Arc<AllowedPhrases>,
    index: OnceLock<Arc<SourceIndex>>,
    /// The comparison of the claims with the source, shared by all users.
    compared: OnceLock<Arc<ComparedClaims>>,
    signs: OnceLock<Vec<InjectionSign>>,
}

impl Material {
    /// Creates the material of texts without retrieved passages.
    pub(crate) fn new(
        (source, sources): (String, Vec<NamedSource>),
        candidate: String,
        question: Option<String>,
        encoder: Option<Arc<Encoder>>,
        allowed: Arc<AllowedPhrases>,
    ) -> Self {
        Self {
            source: source.into(),
            sources: sources.into(),
            candidate: candidate.into(),
            question: question.map(Into::into),
            retrieved: Vec::new(),
            encoder,
            allowed,
            index: OnceLock::new(),
            compared: OnceLock::new(),
            signs: OnceLock::new(),
        }
    }

    /// Returns the same texts with retrieved passages.
    pub(crate) fn with(&self, retrieved: Vec<Retrieved>) -> Self {
        Self {
            source: Arc::clone(&self.source),
            sources: Arc::clone(&self.sources),
            candidate: Arc::clone(&self.candidate),
            question: self.question.clone(),
            retrieved,
            encoder: self.encoder.clone(),
            allowed: Arc::clone(&self.allowed),
            index: OnceLock::new(),
            compared: OnceLock::new(),
            signs: OnceLock::new(),
        }
    }

    /// The total length of the texts, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let question = self.question.as_ref().map_or(0, |question| question.len());
        self.source.len() + self.candidate.len() + question
    }

    pub(crate) fn candidate(&self) -> &Arc<str> {
        &self.candidate
    }

    /// The question that the candidate answers.
    pub(crate) fn question(&self) -> Option<&Arc<str>> {
        self.question.as_ref()
    }

    /// The source's index. Computed on first use, so call it on a computation thread.
    pub(crate) fn index(&self) -> &Arc<SourceIndex> {
        self.index.get_or_init(|| {
            let index = SourceIndex::of(&self.source, &self.sources, self.retrieved.clone());
            Arc::new(index.looked_at_by(self.encoder.as_ref()))
        })
    }

    /// The comparison of the candidate's claims with the source, computed once for the verifier and
    /// all judges. The claims are the same at each call, since a candidate is split once. Also
    /// computed on first use.
    pub(crate) fn compared(&self, claims: &[Claim]) -> &Arc<ComparedClaims> {
        let compared = self.compared.get_or_init(|| {
            let index = Arc::clone(self.index());
            let claims: Arc<[Claim]> = claims.into();
            let read = citations::without_marks(&self.candidate, &claims, &self.sources);
            Arc::new(ComparedClaims::reading(index, claims, read))
        });
        debug_assert_eq!(compared.claims(), claims, "a candidate is cut once");
        compared
    }

    /// Returns the named sources; empty for a single one without a name.
    pub(crate) fn sources(&self) -> &[NamedSource] {
        &self.sources
    }

    /// Returns the source text without retrieved passages.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// Returns the encoder, if it is used.
    pub(crate) fn encoder(&self) -> Option<&Arc<Encoder>> {
        self.encoder.as_ref()
    }

    /// Passages of the texts that try to influence the judges; also computed on first use.
    pub(crate) fn signs(&self) -> &[InjectionSign] {
        self.signs.get_or_init(|| {
            injection::signs(
                &self.candidate,
                self.index().text(),
                self.question.as_deref(),
                &self.allowed,
            )
        })
    }

    /// The case for the judges, without a user to charge; also computed on first use.
    pub(crate) fn case(&self, claims: &[Claim], passages: Option<Vec<Passage>>) -> Case {
        Case {
            source: Arc::clone(self.index().text()),
            candidate: Arc::clone(&self.candidate),
            question: self.question.clone(),
            compared: Arc::clone(self.compared(claims)),
            passages,
            signs: self.signs().to_vec(),
            user: None,
            run_budget: RunBudget::default(),
        }
    }
}

/// Returns the case that a run would make of these texts and the retrieved passages;
/// `retrieval` is the maximum length of the selected passages in characters. Takes long, so
/// call it on a computation thread.
pub(crate) fn prepare(
    source: (String, Vec<NamedSource>),
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
    material.case(&claims, passages)
}
