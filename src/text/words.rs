//! Closed word classes: stop words, negators, hedges, quantifiers, pronouns, finite verbs.
//!
//! All lists are lower case with a straight apostrophe. They are searched linearly only while the
//! tables below are built; look-ups are one hash each.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::language::Language;

const ENGLISH: &str = "a an the this that these those there here i me my mine we us our ours you your yours he him his \
    she her hers it its they them their theirs myself himself herself itself themselves who whom whose which what when \
    where why how is are was were be been being am do does did doing done have has had having will would shall should \
    can could may might must ought and or but nor so yet if then than as at by for from in into of off on onto out over \
    to up upon with within about above across after against along among around before behind below beneath beside \
    besides between beyond down during except inside near outside per since through throughout till toward towards \
    under until via because while although though whereas whether unless once also just only very too quite rather \
    such same own other another each every all any both either neither some many much more most few fewer less least \
    several no not none never n't don't doesn't didn't isn't aren't wasn't weren't won't wouldn't can't cannot couldn't \
    shouldn't hasn't haven't hadn't mustn't it's that's he's she's there's they're we're i'm you're i've we've they've \
    i'd i'll again further however therefore thus hence moreover furthermore meanwhile instead indeed according etc one \
    ones ever still already even now else perhaps possibly likely maybe approximately roughly nearly almost s t";
const GERMAN: &str = "der die das den dem des ein eine einer eines einem einen und oder aber auch als am an auf aus bei \
    bis durch er es sie wir ihr ich du für hat haben hatte hatten im in ist sind war waren wird werden wurde wurden mit \
    nach nicht kein keine keinen keiner noch nur ob sehr sein seine seiner sich so über um unter vom von vor wenn wie \
    zu zum zur dass dieser diese dieses dies können kann nie niemals mehr";
const FRENCH: &str = "le la les un une des du de d l et ou mais au aux en dans par pour sur avec sans ce cet cette ces \
    il elle ils elles je tu nous vous on se sa son ses leur leurs est sont était étaient été être a ont avait avaient \
    avoir qui que quoi dont où ne pas plus n y si comme à après avant jamais aucun aucune";
const SPANISH: &str = "el la los las un una unos unas de del y o pero en con por para sin sobre al a se su sus le les lo \
    que quien como es son era eran fue fueron ser está están ha han había este esta estos estas ese esa no ni nunca \
    más muy también entre desde hasta ya";
const ITALIAN: &str = "il lo la i gli le un uno una di del dello della dei degli delle e o ma in con su per tra fra da \
    dal dalla al alla ai alle nel nella nei nelle che chi cui come è sono era erano stato stata essere ha hanno aveva \
    si suo sua suoi sue non né mai più anche questo questa";
const PORTUGUESE: &str = "o a os as um uma uns umas de do da dos das e ou mas em no na nos nas com por para pelo pela \
    sem sobre ao à aos se seu sua seus suas que quem como é são era eram foi foram ser está estão tem têm havia este \
    esta esse essa não nem nunca mais muito também entre desde até já";
const RUSSIAN: &str = "и в во не что он она оно они на я с со как а то все так его её но да ты к у же вы за бы по \
    только ее мне было вот от меня еще нет о из ему ей был была были быть есть для мы их ни если или это этот эта эти \
    тот при до над под об без чем который которая которые также";
const ARABIC: &str = "في من على إلى عن مع هذا هذه ذلك تلك التي الذي الذين أن إن كان كانت قد ما لا لم لن هو هي هم و أو \
    ثم بعد قبل عند كل بين حتى كما";
const HINDI: &str = "के का की को में है हैं था थे थी और से पर ने यह वह ये वे एक भी तो ही कि जो इस उस नहीं हो कर गया गई गए लिए तक";

/// Words that turn what follows into its opposite. "mai" is May to a German and never to an Italian.
const NEGATORS: [(Language, &str); 9] = [
    (
        Language::English,
        "not no never neither nor none nobody nothing nowhere without cannot hardly barely fails fail failed failing \
         refuses refused declines declined unable lacks lacked lacking n't don't doesn't didn't isn't aren't wasn't \
         weren't won't wouldn't can't couldn't shouldn't hasn't haven't hadn't mustn't dont doesnt didnt isnt wasnt",
    ),
    (
        Language::German,
        "nicht kein keine keinen keiner keinem keines nie niemals niemand nirgends ohne weder",
    ),
    (Language::French, "pas jamais aucun aucune sans non ni"),
    (
        Language::Spanish,
        "no nunca sin jamás ningún ninguna ninguno tampoco ni",
    ),
    (Language::Italian, "non né mai senza nessun nessuno nessuna"),
    (
        Language::Portuguese,
        "não nunca nem sem nenhum nenhuma jamais",
    ),
    (Language::Russian, "не нет никогда ни без никто"),
    (Language::Arabic, "لا لم لن ليس ليست دون"),
    (Language::Hindi, "नहीं मत बिना"),
];
const HEDGES: &str = "may might could possibly perhaps maybe likely probably potentially reportedly allegedly expected \
    expects plans planned planning proposed proposes considering considers hopes hoped aims intends intended seems \
    appears suggests suggest suggested rumoured rumored would möglicherweise vielleicht könnte peut-être pourrait \
    podría quizás potrebbe forse poderia talvez возможно";
const PRONOUNS: &str = "he she it they him her them his hers its their theirs this that these those we our who which \
    il elle ils elles er sie es él ella ellos lui lei loro ele ela eles он она оно они его её их";
/// Finite verb forms by which a clause is told from a fragment, besides words in -ed.
const FINITE: &str = "is are was were has have had do does did will would can could may might must should shall isn't \
    aren't wasn't weren't hasn't haven't hadn't don't doesn't didn't won't wouldn't can't couldn't cannot became \
    become becomes began begins came comes went goes gave gives got gets grew grows fell falls rose rises took takes \
    made makes said says told tells won wins lost loses led leads left leaves held holds found finds built builds \
    bought buys sold sells wrote writes ran runs met meets paid pays kept keeps spent spends brought brings stood \
    stands saw sees knew knows thought thinks felt feels taught teaches fought fights chose chooses spoke speaks \
    drove drives broke breaks flew flies drew draws threw throws sang sings lay lies lives works plays serves uses \
    includes contains remains offers allows requires provides produces employs supports shows hosts covers costs \
    reaches houses connects consists features helps causes means needs wants plans stars opens closes publishes \
    died owes owns eats ate drank sent sends put puts set sets cut cuts hit hits let lets hurt shot struck sank swam \
    froze bit ate tore wore bore swore stole hid rode shook woke blew grew sued bound wound forms ends starts begins moves carries gains follows describes ist sind war hat est sont es son fue è";
/// Words that open a subordinate or relative clause.
const SUBORDINATORS: &str = "if when while whenever although though because since as after before unless once that \
    which who whom whose whether until where whereas how why what than lest provided despite";

fn set(lists: &[&'static str]) -> HashSet<&'static str> {
    lists
        .iter()
        .flat_map(|list| list.split_whitespace())
        .collect()
}

static STOP: LazyLock<HashMap<Language, HashSet<&'static str>>> = LazyLock::new(|| {
    HashMap::from([
        (Language::English, set(&[ENGLISH])),
        (Language::German, set(&[GERMAN])),
        (Language::French, set(&[FRENCH])),
        (Language::Spanish, set(&[SPANISH])),
        (Language::Italian, set(&[ITALIAN])),
        (Language::Portuguese, set(&[PORTUGUESE])),
        (Language::Russian, set(&[RUSSIAN])),
        (Language::Arabic, set(&[ARABIC])),
        (Language::Hindi, set(&[HINDI])),
    ])
});
static NEGATOR: LazyLock<HashMap<Language, HashSet<&'static str>>> = LazyLock::new(|| {
    NEGATORS
        .map(|(language, list)| (language, set(&[list])))
        .into()
});
static HEDGE: LazyLock<HashSet<&'static str>> = LazyLock::new(|| set(&[HEDGES]));
static PRONOUN: LazyLock<HashSet<&'static str>> = LazyLock::new(|| set(&[PRONOUNS]));
static FINITE_VERB: LazyLock<HashSet<&'static str>> = LazyLock::new(|| set(&[FINITE]));
static SUBORDINATOR: LazyLock<HashSet<&'static str>> = LazyLock::new(|| set(&[SUBORDINATORS]));

/// True for a function word of the language.
pub fn is_stop(word: &str, language: Language) -> bool {
    STOP.get(&language)
        .is_some_and(|words| words.contains(word))
}

/// True for a word that negates in a text of the language.
pub fn is_negator(word: &str, language: Language) -> bool {
    NEGATOR
        .get(&language)
        .is_some_and(|words| words.contains(word))
}

/// True for a word that weakens a statement to a possibility or a plan.
pub fn is_hedge(word: &str) -> bool {
    HEDGE.contains(word)
}

/// True for a word that stands for something said before.
pub fn is_pronoun(word: &str) -> bool {
    PRONOUN.contains(word)
}

/// True for a word that opens a subordinate or relative clause.
pub fn is_subordinator(word: &str) -> bool {
    SUBORDINATOR.contains(word)
}

/// True for a word that is likely to be a finite verb in English.
pub fn is_finite(word: &str) -> bool {
    FINITE_VERB.contains(word)
        || (word.len() > 4
            && word.ends_with("ed")
            && !word.ends_with("eed")
            && !matches!(word, "hundred" | "sacred" | "naked"))
}

/// How much of a group a quantifier covers: 4 all, 3 most, 2 some, 1 few, 0 none.
pub fn quantifier(word: &str) -> Option<u8> {
    Some(match word {
        "all" | "every" | "each" | "everyone" | "everybody" | "always" | "entire" | "alle"
        | "tous" | "toutes" | "todos" | "todas" | "tutti" | "все" => 4,
        "most" | "majority" | "mostly" | "usually" | "meisten" | "plupart" | "mayoría"
        | "maggioranza" => 3,
        "some" | "several" | "many" | "sometimes" | "often" | "frequently" | "half" | "third"
        | "quarter" | "einige" | "certains" | "algunos" | "alcuni" | "alguns" | "некоторые" => {
            2
        }
        "few" | "rarely" | "seldom" | "minority" | "wenige" | "pocos" | "pochi" => 1,
        "none" | "nobody" | "never" => 0,
        _ => return None,
    })
}

/// True for a part of a group that is said to be large, so that it is not a small one.
pub fn is_large_part(word: &str) -> bool {
    matches!(word, "many" | "often" | "frequently")
}

/// Stop-word hits by which a language is guessed.
pub(super) fn stop_words(language: Language) -> Option<&'static HashSet<&'static str>> {
    STOP.get(&language)
}
