//! The texts: own writing about places and firms that do not exist.

use crate::domain::issue::IssueType;

pub(super) const MILL: &str = "The Harlow Mill was founded in 1902 by Anna Vries in the port of Dunmore. The mill employs 1,200 workers \
    and exports flour to nine countries. In March 2019 the town council approved a plan to restore the old tower. The \
    restoration cost 3.2 million euros. Revenue rose by 12% in 2020. Most visitors come in summer. Dr. Paul Keane may open \
    a second bakery next year.";
pub(super) const MERGER: &str = "Norvik Shipping acquired Baltra Lines in 2015 for $450 million. The board of Norvik did not approve the \
    sale of its Oslo office. The company, based in Bergen, operates 34 vessels. Its chief executive, Ingrid Solheim, took \
    over from Lars Moen after the annual meeting. All crew members received a bonus. The World Health Organization praised \
    the firm's safety record.";
pub(super) const GERMAN: &str = "Die Brauerei Altmann wurde 1887 in Kaltenbach gegründet. Der Stadtrat genehmigte den Umbau im Mai 2021. \
    Das Unternehmen beschäftigt 85 Mitarbeiter und braut drei Sorten Bier.";
pub(super) const FRENCH: &str = "La bibliothèque de Varenne a été fondée en 1934 par Louise Morel. Elle possède 48 000 livres. Le conseil \
    a approuvé la rénovation du bâtiment.";
pub(super) const SPANISH: &str = "El museo de Alcaraz abrió sus puertas en 1976. Recibe 25.000 visitantes cada año. El alcalde aprobó la \
    ampliación del edificio.";
pub(super) const RUSSIAN: &str = "Завод в Заречье был построен в 1954 году. На заводе работает 3200 человек. Совет одобрил новый проект.";
pub(super) const CHINESE: &str =
    "海港图书馆于1998年建成。图书馆有三层，收藏了25000册图书。市政府批准了扩建计划。";
pub(super) const ARABIC: &str =
    "تأسست مكتبة المنارة في عام 1965. تضم المكتبة 40000 كتاب. وافق المجلس على خطة التوسيع.";
pub(super) const HINDI: &str =
    "सूरजपुर का पुस्तकालय 1972 में खुला। पुस्तकालय में 18000 किताबें हैं। परिषद ने नई योजना को मंजूरी दी।";

pub(super) const CITY: &str = "Brenn is the capital of Oltavia. Its population was 3.6 million in 2019. The city hosted the \
    Winter Regatta in 1936. Marta Kell became governor in 2005 and left office in December 2021. The river Sarn flows through \
    the city. Unemployment fell from 8.1% to 7.6% between 2018 and 2019. The Copper Gate was completed in 1791 and designed by \
    Carl Gotthard Lund. No one was injured in the fire at the town hall. The mayor said the budget would not be cut.";
pub(super) const LOWER: &str = "john smith joined acme in 1999. he was promoted to director in 2004. the firm sells pumps in \
    12 countries.";
pub(super) const ITALIAN: &str = "La società Bellini ha venduto 3.500 biciclette nel 2018. Il presidente Marco Neri non ha \
    accettato la proposta.";
pub(super) const PORTUGUESE: &str =
    "A empresa Lusomar foi fundada em 1972 no Porto. O governo aprovou a nova lei.";
pub(super) const JAPANESE: &str = "会社は1985年に大阪で設立された。従業員は320人です。";

/// A source, a candidate with one fault, the kind of issue and the words at fault.
pub(super) const FAULTS: &[(&str, &str, IssueType, &str)] = &[
    (
        MILL,
        "The mill employs 1,500 workers.",
        IssueType::NumericalError,
        "1,500",
    ),
    (
        MILL,
        "The restoration cost 4.7 million euros.",
        IssueType::NumericalError,
        "4.7 million",
    ),
    (
        MILL,
        "Revenue rose by 21 percent in 2020.",
        IssueType::NumericalError,
        "21 percent",
    ),
    (
        MILL,
        "The mill exports flour to seven countries.",
        IssueType::NumericalError,
        "seven",
    ),
    (
        MILL,
        "The Harlow Mill was founded in 1912.",
        IssueType::TemporalInconsistency,
        "1912",
    ),
    (
        MILL,
        "In May 2019 the town council approved a plan to restore the tower.",
        IssueType::TemporalInconsistency,
        "May 2019",
    ),
    (
        MILL,
        "The Harlow Mill was founded by Clara Boyd.",
        IssueType::FactualError,
        "Clara Boyd",
    ),
    (
        MILL,
        "The Harlow Mill was founded in the port of Zurich.",
        IssueType::FactualError,
        "Zurich",
    ),
    (
        MILL,
        "The town council did not approve a plan to restore the old tower.",
        IssueType::FactualError,
        "not approve",
    ),
    (
        MILL,
        "The town council rejected a plan to restore the old tower.",
        IssueType::FactualError,
        "rejected",
    ),
    (
        MILL,
        "Revenue fell by 12% in 2020.",
        IssueType::FactualError,
        "fell",
    ),
    (
        MILL,
        "All visitors come in summer.",
        IssueType::FactualError,
        "All",
    ),
    (
        MILL,
        "Paul Keane opened a second bakery.",
        IssueType::Bias,
        "opened",
    ),
    (
        MILL,
        "The owners plant tulips beside a secret railway museum.",
        IssueType::Hallucination,
        "tulips",
    ),
    (
        MERGER,
        "Baltra Lines acquired Norvik Shipping in 2015.",
        IssueType::FactualError,
        "acquired",
    ),
    (
        MERGER,
        "The board of Norvik approved the sale of its Oslo office.",
        IssueType::FactualError,
        "approved",
    ),
    (
        MERGER,
        "The company operates 43 vessels.",
        IssueType::NumericalError,
        "43",
    ),
    (
        MERGER,
        "Norvik Shipping acquired Baltra Lines for $540 million.",
        IssueType::NumericalError,
        "$540 million",
    ),
    (
        MERGER,
        "Ingrid Solheim took over from Lars Moen before the annual meeting.",
        IssueType::TemporalInconsistency,
        "before",
    ),
    (
        MERGER,
        "Some dolphins rescued a drowning surgeon near Madagascar.",
        IssueType::Hallucination,
        "dolphins",
    ),
    (
        GERMAN,
        "Das Unternehmen beschäftigt 95 Mitarbeiter.",
        IssueType::NumericalError,
        "95",
    ),
    (
        GERMAN,
        "Der Stadtrat genehmigte den Umbau nicht.",
        IssueType::FactualError,
        "nicht",
    ),
    (
        FRENCH,
        "La bibliothèque de Varenne a été fondée en 1943 par Louise Morel.",
        IssueType::TemporalInconsistency,
        "1943",
    ),
    (
        FRENCH,
        "Le conseil n'a pas approuvé la rénovation du bâtiment.",
        IssueType::FactualError,
        "pas approuvé",
    ),
    (
        SPANISH,
        "El museo de Alcaraz recibe 52.000 visitantes cada año.",
        IssueType::NumericalError,
        "52.000",
    ),
    (
        SPANISH,
        "El alcalde no aprobó la ampliación del edificio.",
        IssueType::FactualError,
        "no aprobó",
    ),
    (
        RUSSIAN,
        "На заводе работает 2300 человек.",
        IssueType::NumericalError,
        "2300",
    ),
    (
        RUSSIAN,
        "Совет не одобрил новый проект.",
        IssueType::FactualError,
        "не одобрил",
    ),
    (
        CHINESE,
        "图书馆收藏了52000册图书。",
        IssueType::NumericalError,
        "52000",
    ),
    (
        CHINESE,
        "市政府没有批准扩建计划。",
        IssueType::FactualError,
        "没有批准",
    ),
    (
        ARABIC,
        "تضم المكتبة 90000 كتاب.",
        IssueType::NumericalError,
        "90000",
    ),
    (
        HINDI,
        "पुस्तकालय में 81000 किताबें हैं।",
        IssueType::NumericalError,
        "81000",
    ),
    (
        CITY,
        "Brenn had 3.8 million inhabitants in 2019.",
        IssueType::NumericalError,
        "3.8 million",
    ),
    (
        CITY,
        "Marta Kell became governor in 2021.",
        IssueType::TemporalInconsistency,
        "2021",
    ),
    (
        CITY,
        "Unemployment rose from 7.6% to 8.1%.",
        IssueType::FactualError,
        "rose",
    ),
    (
        CITY,
        "Several people were injured in the fire at the town hall.",
        IssueType::FactualError,
        "injured",
    ),
    (
        CITY,
        "The mayor said the budget would be cut.",
        IssueType::FactualError,
        "cut",
    ),
    (
        LOWER,
        "John Smith joined Acme in 1998.",
        IssueType::TemporalInconsistency,
        "1998",
    ),
    (
        LOWER,
        "the firm sells pumps in 15 countries.",
        IssueType::NumericalError,
        "15",
    ),
    (
        ITALIAN,
        "Bellini ha venduto 5300 biciclette nel 2018.",
        IssueType::NumericalError,
        "5300",
    ),
    (
        ITALIAN,
        "Marco Neri ha accettato la proposta.",
        IssueType::FactualError,
        "accettato",
    ),
    (
        PORTUGUESE,
        "O governo não aprovou a nova lei.",
        IssueType::FactualError,
        "não aprovou",
    ),
    (
        JAPANESE,
        "会社は1995年に大阪で設立された。",
        IssueType::TemporalInconsistency,
        "1995年",
    ),
    (
        JAPANESE,
        "従業員は450人です。",
        IssueType::NumericalError,
        "450",
    ),
    (
        JAPANESE,
        "会社は大阪で設立されなかった。",
        IssueType::FactualError,
        "なかった",
    ),
];

/// Candidates that say what their source says, in other words.
pub(super) const FAITHFUL: &[(&str, &str)] = &[
    (MILL, "Anna Vries established the Harlow Mill in 1902."),
    (
        MILL,
        "The mill has a workforce of 1200 and exports flour to 9 countries.",
    ),
    (
        MILL,
        "In March 2019, a plan for restoring the old tower was approved by the town council.",
    ),
    (MILL, "The restoration cost more than 3 million euros."),
    (MILL, "Revenue grew by 12 percent in 2020."),
    (MILL, "Dr. Keane may open a second bakery."),
    (
        MERGER,
        "Norvik Shipping bought Baltra Lines for 450 million dollars in 2015.",
    ),
    (MERGER, "Baltra Lines was acquired by Norvik Shipping."),
    (
        MERGER,
        "The board did not approve the sale of the Oslo office.",
    ),
    (MERGER, "The WHO praised the safety record of the firm."),
    (
        MERGER,
        "Ingrid Solheim took over from Lars Moen. She did so after the annual meeting.",
    ),
    (
        GERMAN,
        "Die Brauerei Altmann wurde im Jahr 1887 in Kaltenbach gegründet.",
    ),
    (
        FRENCH,
        "Louise Morel a fondé la bibliothèque de Varenne en 1934.",
    ),
    (SPANISH, "El museo de Alcaraz abrió en 1976."),
    (RUSSIAN, "Завод в Заречье построен в 1954 году."),
    (CHINESE, "海港图书馆建成于1998年。"),
    (ARABIC, "تأسست مكتبة المنارة عام 1965."),
    (HINDI, "सूरजपुर का पुस्तकालय 1972 में खुला।"),
    (CITY, "Brenn is Oltavia's capital city."),
    (CITY, "The Winter Regatta was held in Brenn in 1936."),
    (CITY, "Unemployment fell to 7.6% in 2019."),
    (CITY, "Nobody was hurt in the town hall fire."),
    (
        CITY,
        "The Copper Gate, designed by Lund, was finished in 1791.",
    ),
    (LOWER, "John Smith joined Acme in 1999."),
    (ITALIAN, "Bellini ha venduto 3500 biciclette nel 2018."),
    (PORTUGUESE, "A Lusomar foi fundada em 1972."),
    (JAPANESE, "会社は1985年に大阪で設立された。"),
];
