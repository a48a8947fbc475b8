//! Whether a full stop ends a sentence or belongs to an abbreviation.

/// Behind these a full stop ends no sentence.
const TITLES: &str = "dr mr mrs ms prof gen col sen rep gov lt sgt capt cmdr rev hon \
    pres st mt ft fig figs eq vs e.g i.e eg cf approx ca sra srta \
    dra hr fr bzw z.b d.h mme mlle m nr vol pp p art sec ch \
    op messrs supt adm maj";
/// Behind these a sentence ends only where the next word looks like the beginning of one.
const MAYBE: &str = "inc ltd co corp jr sr etc a.m p.m u.s u.k u.n e.u ph.d b.c a.d \
    u.s.a al jan feb mar apr jun jul aug sep sept oct nov dec dept est \
    no nos bros d.c b.a m.a min max avg usw ave blvd";
/// Capitalised words that begin sentences far more often than names.
const OPENERS: &str = "the an it he she they we you this that these those there in on at \
    by for from with after before but and however its his her their when while as \
    if since although to one some most all no both each meanwhile during according";

fn listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|listed| listed == word)
}

/// True where a sentence ends between `word` with its full stop (or other mark) and `rest`.
pub(super) fn breaks(
    word: &str,
    rest: &str,
    character: char,
    single: bool,
    capitals: bool,
) -> bool {
    let next = rest.trim_start_matches(['"', '\'', '“', '‘', '«', '(', '[', '*', '_', '¿', '¡']);
    let lower = next.chars().next().is_some_and(char::is_lowercase);
    if capitals && lower {
        return false;
    }
    if !single || character != '.' {
        // An ellipsis in running text, unless a capital follows.
        return capitals || character != '…';
    }
    let word = word
        .trim_start_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    if listed(TITLES, &word) {
        return false;
    }
    let opener = next
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .is_some_and(|next| listed(OPENERS, &next.to_lowercase()));
    let initial = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    if initial
        || listed(MAYBE, &word)
        || (word.contains('.') && word.chars().all(|c| c.is_alphabetic() || c == '.'))
    {
        return if capitals { opener } else { !initial && opener };
    }
    true
}
