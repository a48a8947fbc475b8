//! Sentences that say that the source does not tell, or that the answerer does not know.

use std::sync::LazyLock;

use super::phrases::Patterns;
use super::tokens::Token;

/// Words before which an abstention begins.
const FIRST: usize = 4;
/// Tokens of a sentence that only abstains.
const LONGEST: usize = 45;

/// English, from any of the first words of the sentence on.
const ENGLISH: &[&str] = &[
    // The source does not tell.
    "@which% @source @behind% does|do|did|has|have|can|could|would not|never ~ @tell|mentioned|said|specified|elaborate",
    "@which% @source @behind% doesn't|don't|didn't|can't|cannot|couldn't|hasn't|haven't|never ~ @tell|mentioned|said|specified",
    "@which% @source @behind% does|do|did|has|can|could not|never ~ contain|include|provide|have|offer|hold|give|supply * @knowledge",
    "@which% @source @behind% doesn't|don't|didn't ~ contain|include|provide|have|offer|hold|give|supply * @knowledge",
    "@which% @text @behind% does|do|did not|never ~ contain|include|provide|cover|list|@tell",
    "@which% @text @behind% doesn't|don't|didn't|never ~ contain|include|provide|cover|list|@tell",
    "@which% @source @behind% gives|give|gave|contains|contain|contained|provides|provide|provided|offers|has|have|had|makes|make|made|includes|include|holds|lists no|little|nothing ~ @knowledge",
    "@which% @source @behind% gives|give|gave|contains|makes|made|provides no ~ for|on|about",
    "@which% @source @behind% says|say|said|tells|mentions|reveals|contains|gives nothing",
    "@which% @source @behind% is|are|remains|remain|stays silent|unclear|vague|insufficient",
    "@which% @source @behind% leaves|leave ~ open|unclear",
    "@which% @source @behind% fails|fail|failed|neglects to @tell",
    "@which% @source @behind% is|are not sufficient|enough|clear",
    "@which% @source @behind% isn't|aren't sufficient|enough|clear",
    "@which% @source @behind% lacks|lack|lacked * @knowledge",
    "@which% @source @behind% neither @tell",
    "nobody|nothing|none|no ~ in|from @which+ @source @behind% @tell",
    "nothing ~ in|from|about * @which+ @source",
    "nothing is|was said|stated|mentioned|written|given about|on|regarding|in|$",
    "none of @which% @source @behind% @tell",
    "neither @which% @source ~ @tell",
    "no source|document|passage|text ~ @tell",
    // There is nothing to know it from.
    "there is|are|was|were no|not|isn't|aren't ~ information|info|mention|mentions|details|indication|reference|references|answer|data|specifics about|on|of|in|to|regarding|for|as|available|given|provided|here|concerning|whether|that|$",
    "there's|there no|not|isn't|aren't ~ information|info|mention|details|indication|reference|answer|data|context about|on|of|in|to|regarding|for|as|available|given|provided|here|concerning|$",
    "there is|are|was|were no|nothing * in|from|within @which+ @source",
    "there's no|nothing * in|from|within @which+ @source",
    "no|insufficient|inadequate ~ information|info|mention|mentions|details|data|answer|indication|context available|provided|given|found|about|on|regarding|of|to|here|$",
    "no|insufficient|inadequate ~ information|info|mention|details|data|answer|indication|context is|are|was|were available|provided|given|found|mentioned|included|stated|made",
    "not enough|sufficient ~ information|info|data|context|details",
    "no mention|indication|word of|about|on|regarding|that|whether",
    // It can't be told.
    "it|this|that|they is|are|was|were|it's|that's not|never|nowhere ~ @told in|by|within|from|anywhere @which% @source",
    "it's|that's not|never|nowhere ~ @told in|by|within|from|anywhere @which% @source",
    "it|this|that isn't|wasn't ~ @told in|by|within|from|anywhere @which% @source",
    "it|this|that is|was|it's|that's|isn't|wasn't not|never|explicitly? explicitly? mentioned|specified|stated $",
    "it's not ~ mentioned|specified|stated $",
    "it|this|that is|was not ~ possible|clear|known|evident ~ from|by|based|in|given @which% @source",
    "it's not ~ possible|clear|known|evident ~ from|by|based|in|given @which% @source",
    "it|this|that isn't|wasn't ~ possible|clear|known|evident ~ from|by|based|in|given @which% @source",
    "it|this is|was impossible to ~ tell|say|determine|answer|conclude|infer|ascertain",
    "it|this is|was not possible|able|clear to ~ tell|say|determine|answer|conclude|infer|ascertain",
    "it's impossible|not possible? to ~ tell|say|determine|answer|conclude|infer|ascertain",
    "it|this isn't|wasn't possible to ~ tell|say|determine|answer|conclude|infer|ascertain",
    "it|this|that is|was|remains|it's unclear|unknown|unspecified|impossible * from|based|in * @source",
    "it's|that's unclear|unknown|unspecified|impossible * from|based|in * @source",
    "it|this|that cannot|can't|couldn't|may|could|can not? be answered|determined|inferred|established|derived|concluded|ascertained",
    "the|this|your question|questions|answer|answers cannot|can't|couldn't|can|could not? be answered|determined|found|established|inferred|derived|given",
    "the? answer|answers|details|information|data * not|cannot|isn't|aren't|can't|wasn't|unavailable|missing * in|from|by * @which% @source",
    "the? answer|answers|details|information|data * not|isn't|aren't|wasn't @told|available|clear|known|there|here $",
    "this|that|such|the information|detail|details|fact|answer is|are|was|were not ~ @told|available|known $",
    "this|that|such|the information|detail|details|fact|answer isn't|aren't|wasn't ~ @told|available|known $",
    "* is|are not answerable",
    "the? answer|information|data is|are unknown|unavailable|missing|unclear",
    "* not|never|nowhere ~ @told in|by|within|from|anywhere @which% @source",
    "* isn't|aren't|wasn't|weren't|hasn't ~ @told in|by|within|from|anywhere @which% @source",
    "* not|never explicitly|directly|specifically|clearly|further|explicitly? mentioned|specified|stated $",
    "* isn't|aren't|wasn't|weren't explicitly|directly|specifically|clearly|further? mentioned|specified|stated $",
    "* cannot|can't|couldn't be answered|determined|found|established|inferred|derived|known|verified|concluded ~ from|by|based|with|in * @source",
    "* can|could not be answered|determined|found|established|inferred|derived|known|verified|concluded ~ from|by|based|with|in * @source",
    "* is|are|remains|was|were unknown|unclear|unspecified|unstated ~ from|in|by|within|based @which+ @source",
    "who|what|when|where|why|how|which|whether * not|isn't|wasn't|never|doesn't|cannot|can't|unclear|unknown * @source",
    // The answerer does not know.
    "i don't|didn't|cannot|can't|couldn't|haven't|wouldn't * know|find|answer|determine|tell|say|locate|have|confirm|verify|identify|provide|access|infer|conclude|establish|speculate|help|see",
    "i do|did|can|could|have|would not|never * know|find|answer|determine|tell|say|locate|have|confirm|verify|identify|provide|access|infer|conclude|establish|speculate|help|see",
    "i am|was|feel not|unable * know|find|answer|determine|tell|say|locate|confirm|verify|identify|provide|access|infer|conclude|establish|sure|able|certain",
    "i'm not|unable|afraid|sorry * sure|able|know|find|answer|say|certain|tell|information|determine|cannot|can't|don't|couldn't",
    "i have|had|found|find|see no|nothing|insufficient|not * information|idea|data|knowledge|answer|context|details|mention|indication|clue|record",
    "i lack * information|data|knowledge|context|details",
    "we don't|cannot|can't|couldn't|didn't * know|answer|determine|tell|say|find|have|infer|conclude * from|based|in|enough|with * @source|information",
    "we do|can|could|did not * know|answer|determine|tell|say|find|have|infer|conclude * from|based|in|enough|with * @source|information",
    "we don't|do not? know $",
    "unable to ~ answer|say|tell|determine|find|provide",
    "impossible|unclear|unknown|unspecified ~ from|in|based|to|by @which% @source|say|tell|answer|determine",
    "cannot|can't ~ answer|determine|say|tell|be ~ $",
    "cannot|can't|couldn't ~ answer|determine|say|tell|find|be * @source|information",
    "could not ~ answer|determine|find|be|say * @source|information|$",
    "don't|do not? know ~ $",
    "no idea|clue ~ $",
    "not|never mentioned|specified|stated|given|provided|available|found|applicable|disclosed|known|indicated|answered|sure|certain|clear $",
    "not|never|nowhere mentioned|specified|stated|given|provided|available|found|disclosed|known|indicated|answered|said|clear in|by|from|anywhere|here",
    "not in @which+ @source",
    "beyond|outside the scope of @which% @source",
    "that|this|it is beyond|outside the scope of @which% @source",
    "i'd need|i would? need? more|additional|further * information|context|details|data",
    "more|additional|further information|context|details|data is|are needed|required|necessary",
    "based on @which% @source @behind% * not|cannot|can't|couldn't|impossible|unable|unclear|isn't|unknown * answer|determine|tell|say|answered|determined|possible|find|known|clear",
];

/// English words of which every abstention has one.
const DENIALS: &[&str] = &[
    "not",
    "no",
    "nothing",
    "none",
    "nobody",
    "never",
    "neither",
    "nowhere",
    "cannot",
    "unable",
    "unclear",
    "unknown",
    "insufficient",
    "inadequate",
    "lack",
    "lacks",
    "lacked",
    "fail",
    "fails",
    "failed",
    "neglects",
    "silent",
    "impossible",
    "n/a",
    "n",
    "unanswerable",
    "without",
    "more",
    "additional",
    "further",
    "beyond",
    "outside",
    "leave",
    "leaves",
    "vague",
    "sorry",
    "unspecified",
    "unstated",
    "little",
    "afraid",
    "remains",
    "remain",
];

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(ENGLISH.iter().copied()));

/// Whole answers.
const WHOLE: &[&str] = &[
    "n/a",
    "na",
    "n.a.",
    "none",
    "null",
    "unknown",
    "unbekannt",
    "k. a.",
    "k.a.",
    "keine angabe",
    "keine angaben",
    "nicht angegeben",
    "nicht erwähnt",
    "nicht genannt",
    "nicht bekannt",
    "weiß nicht",
    "keine ahnung",
    "inconnu",
    "non précisé",
    "non mentionné",
    "non spécifié",
    "aucune idée",
    "non indiqué",
    "desconocido",
    "no especificado",
    "no mencionado",
    "no consta",
    "ni idea",
    "non specificato",
    "non menzionato",
    "sconosciuto",
    "não informado",
    "não mencionado",
    "não especificado",
    "desconhecido",
    "niet vermeld",
    "onbekend",
    "geen idee",
    "неизвестно",
    "не указано",
    "не упоминается",
    "нет данных",
    "无",
    "不详",
    "未知",
    "未提及",
    "不知道",
    "不明",
    "わかりません",
    "分かりません",
    "該当なし",
    "記載なし",
    "不明です",
    "모름",
    "알 수 없음",
    "해당 없음",
    "정보 없음",
    "غير معروف",
    "غير مذكور",
    "لا أعرف",
    "لا أعلم",
    "पता नहीं",
    "?",
    "-",
    "–",
];

/// A language's words for the source, for not, for telling, for what is told, and for what a speaker does not do.
struct Words {
    source: &'static str,
    not: &'static str,
    tell: &'static str,
    knowledge: &'static str,
    speaker: &'static str,
    know: &'static str,
}

/// Beginnings of words, but for `source`, `not` and `speaker`, which are whole ones.
const LANGUAGES: [Words; 8] = [
    Words {
        source: "text texte textes quelle quellen dokument dokumente dokumenten dokuments artikel artikels passage kontext auszug bericht \
            unterlagen vorlage abschnitt material informationen angaben textstelle vertrag protokoll hier",
        not: "nicht nichts kein keine keinen keinerlei keiner nirgends weder",
        tell: "sag erwähn nenn enthäl enthalten gib geb angegeben steht stehen mach hervor beantwort liefer find gefunden zu_entnehm entnehm ersichtlich \
            entnomm beschrieb beschreib erklär spezifizier genannt erläuter informier äußer ausgesagt thematis berichte vermerk bestimm lässt",
        knowledge: "angabe information auskunft hinweis aussage antwort daten erwähnung",
        speaker: "ich wir mir",
        know: "weiß weiss wissen beantwort find sagen sage bestimm beurteil kenne sicher erkenn entnehm bekannt information antwort",
    },
    Words {
        source: "texte source sources document documents article passage contexte extrait rapport contrat informations",
        not: "pas ne n rien aucun aucune jamais non",
        tell: "dit dis mention précis indiqu contien contenu donn fourni fournit figur trouv répond spécifi parl expliqu préc révèl détermin évoqu aborde connu possible permet",
        knowledge: "information indication mention réponse détail donnée précision renseignement",
        speaker: "je j nous",
        know: "sais savoir savons peux pouvons trouv répond détermin information connais capable mesure sûr",
    },
    Words {
        source: "texto textos fuente fuentes documento documentos artículo pasaje contexto fragmento informe contrato información",
        not: "no ni nada ningún ninguna ninguno nunca sin",
        tell: "dice mencion indic especific conten contien da dan proporcion ofrece aparec encuentr encontr respond explic revel aclar informa señal figura consta determin detalla",
        knowledge: "información mención dato detalle respuesta indicación referencia",
        speaker: "yo nosotros",
        know: "sé sabemos puedo podemos encuentr encontr respond determin información tengo tenemos seguro conozco",
    },
    Words {
        source: "testo testi fonte fonti documento documenti articolo brano contesto estratto rapporto passo contratto informazioni",
        not: "non né nulla niente nessun nessuna nessuno mai",
        tell: "dice menzion specific indic contien fornisc forni riport trov rispond spieg rivel precis parla determin cita figura emerge risulta afferma detto",
        knowledge: "informazion menzione indicazion risposta dettagli dati riferiment",
        speaker: "io noi",
        know: "so sappiamo posso possiamo trov rispond determin informazion ho abbiamo sicuro conosco grado riesco",
    },
    Words {
        source: "texto textos fonte fontes documento documentos artigo trecho contexto passagem relatório contrato informações",
        not: "não nem nada nenhum nenhuma nunca sem",
        tell: "diz mencion especific indic contém contêm fornec oferec traz inform encontr respond explic revel esclarec consta determin cita dito aparece possível dá",
        knowledge: "informaç menção dado detalhe resposta indicaç referência",
        speaker: "eu nós",
        know: "sei sabemos posso podemos encontr respond determin informaç tenho temos certeza conheço consigo",
    },
    Words {
        source: "tekst teksten bron bronnen document documenten artikel passage context fragment rapport contract informatie",
        not: "niet niets geen nergens nooit noch",
        tell: "zegt zeggen vermeld noemt genoemd staat staan geeft gegeven bevat bied gevonden vind beantwoord specific beschr uitgelegd leg aangegeven maakt blijkt onthul antwoord afgeleid bepa",
        knowledge: "informatie vermelding gegevens details antwoord aanwijzing",
        speaker: "ik wij we",
        know: "weet weten kan vind gevonden beantwoord zeggen bepal informatie zeker antwoord heb",
    },
    Words {
        source: "текст тексте текста источник источнике источника документ документе документа статья статье статьи контекст контексте отрывок отрывке \
            отчёт отчет отчете материале",
        not: "не нет ни ничего никак",
        tell: "говор упомина упомян сообща указ содерж сказан уточн найти найд ответ опис приведен привод объясн информац данн раскрыв определ",
        knowledge: "информаци упоминани данны сведени ответ деталей указани",
        speaker: "я мы мне",
        know: "знаю знаем могу можем наш найти ответ определ информац уверен известно",
    },
    Words {
        source: "النص المصدر الوثيقة المقال السياق المستند الفقرة",
        not: "لا لم ليس ليست لن غير",
        tell: "يذكر تذكر يقول يوضح يحدد يحتوي يشير ذكر مذكور يتضمن يجيب يوجد توجد ترد يرد",
        knowledge: "معلومات إجابة ذكر تفاصيل",
        speaker: "أنا",
        know: "أعرف أعلم أستطيع يمكنني أجد لدي",
    },
];

/// Scripts without gaps: what is named and what is said of it, both somewhere in the sentence.
const GLUED: &[(&[&str], &[&str])] = &[
    (
        &["記載", "情報", "言及", "説明", "答え"],
        &["ありません", "がない", "はない", "見当たりません", "なし"],
    ),
    (
        &[
            "文中",
            "原文",
            "文本",
            "文章",
            "文档",
            "资料",
            "材料",
            "上下文",
            "本文",
            "来源",
            "段落",
            "信息",
            "答案",
            "内容",
            "报告",
            "合同",
        ],
        &[
            "没有提到",
            "没有提及",
            "未提及",
            "未提到",
            "没有说明",
            "未说明",
            "没有提供",
            "未提供",
            "没有给出",
            "未给出",
            "没有指出",
            "没有明确",
            "未明确",
            "没有足够",
            "不足",
            "没有相关",
            "没有关于",
            "未涉及",
            "没有涉及",
            "没有写",
            "没有记载",
            "沒有提到",
            "沒有說明",
            "无法",
            "没有包含",
            "不包含",
            "没有说",
            "不在",
            "没有答案",
            "不够",
            "找不到",
            "并未",
            "没有具体",
        ],
    ),
    (
        &["我"],
        &[
            "不知道",
            "不清楚",
            "无法回答",
            "无法确定",
            "不确定",
            "无法从",
            "没有找到",
            "找不到",
            "没有足够",
            "不能回答",
            "回答不了",
            "无法判断",
        ],
    ),
    (&["无法", "不能"], &["回答", "确定", "判断", "得知", "得出"]),
    (
        &["没有"],
        &["相关信息", "的信息", "足够的信息", "任何信息", "有关信息"],
    ),
    (
        &[
            "本文",
            "文章",
            "文中",
            "資料",
            "文書",
            "記事",
            "テキスト",
            "原文",
            "情報",
            "ソース",
            "文脈",
            "答え",
            "回答",
            "報告書",
            "契約",
        ],
        &[
            "触れられていません",
            "触れられていない",
            "記載されていません",
            "記載されていない",
            "記載がありません",
            "記載がない",
            "記載はありません",
            "書かれていません",
            "書かれていない",
            "述べられていません",
            "述べられていない",
            "言及されていません",
            "言及されていない",
            "言及していません",
            "言及がありません",
            "言及はありません",
            "含まれていません",
            "含まれていない",
            "見つかりません",
            "ありません",
            "わかりません",
            "分かりません",
            "不明",
            "示されていません",
            "示されていない",
            "説明されていません",
            "明記されていません",
            "明記されていない",
            "提供されていません",
            "足りません",
            "不足",
        ],
    ),
    (
        &[
            "わかりません",
            "分かりません",
            "存じません",
            "答えられません",
            "お答えできません",
            "判断できません",
            "回答できません",
        ],
        &["ん"],
    ),
    (
        &[
            "본문",
            "문서",
            "자료",
            "텍스트",
            "원문",
            "글",
            "기사",
            "출처",
            "정보",
            "내용",
            "답",
            "보고서",
            "지문",
            "문맥",
        ],
        &[
            "언급되지 않",
            "언급되어 있지 않",
            "언급하지 않",
            "언급이 없",
            "나와 있지 않",
            "나오지 않",
            "없습니다",
            "없다",
            "없음",
            "명시되지 않",
            "명시되어 있지 않",
            "명시하지 않",
            "포함되어 있지 않",
            "설명하지 않",
            "제공되지 않",
            "제공하지 않",
            "찾을 수 없",
            "알 수 없",
            "밝히지 않",
            "적혀 있지 않",
            "부족",
            "말하지 않",
        ],
    ),
    (
        &[
            "모르",
            "모릅",
            "알 수 없",
            "답변할 수 없",
            "대답할 수 없",
            "답할 수 없",
            "확인할 수 없",
        ],
        &["습니다", "니다", "다", "요", "음", "없"],
    ),
    (
        &["पाठ", "स्रोत", "दस्तावेज़", "लेख", "संदर्भ"],
        &["नहीं बताया", "नहीं है", "उल्लेख नहीं", "नहीं कहा", "जानकारी नहीं"],
    ),
    (
        &["मुझे", "मैं"],
        &["नहीं पता", "पता नहीं", "नहीं जानता", "नहीं जानती"],
    ),
];

/// Whether a clause, whose tokens are given, says nothing but that the source is silent.
pub(super) fn abstains(clause: &str, tokens: &[Token]) -> bool {
    let lower = clause.trim().to_lowercase().replace('’', "'");
    let bare = lower
        .trim_end_matches(['.', '!', '。', '！', '*', '_', '"', ')'])
        .trim_start_matches(['*', '_', '"', '(']);
    if WHOLE.contains(&bare) {
        return true;
    }
    if tokens.is_empty() || tokens.len() > LONGEST {
        return false;
    }
    let has = |list: &[&str]| list.iter().any(|part| bare.contains(part));
    let turned = [
        "但",
        "然而",
        "不过",
        "ただし",
        "しかし",
        "하지만",
        "그러나",
        "लेकिन",
    ];
    // Latin text holds none of these, and most text is Latin.
    let foreign = bare.chars().any(|c| c >= '\u{900}');
    if foreign && GLUED.iter().any(|(whose, what)| has(whose) && has(what)) && !has(&turned) {
        return true;
    }
    let words: Vec<&str> = tokens.iter().map(|token| token.word.as_str()).collect();
    if turns(&words) {
        return false;
    }
    // Nearly every sentence ends here: nothing in it denies anything.
    if words
        .iter()
        .any(|word| DENIALS.contains(word) || word.ends_with("n't"))
        && (0..words.len().min(FIRST))
            .any(|at| starts(&words, at) && PATTERNS.begins(&words[at..]).next().is_some())
    {
        return true;
    }
    LANGUAGES
        .iter()
        .any(|language| in_language(&words, language))
}

/// Whether an English abstention may begin at a word: at the first, or behind what only opens the sentence.
fn starts(words: &[&str], at: usize) -> bool {
    words[..at].iter().all(|word| {
        matches!(
            *word,
            "unfortunately"
                | "sorry"
                | "however"
                | "i'm"
                | "i"
                | "am"
                | "afraid"
                | "but"
                | "and"
                | "though"
                | "although"
                | "while"
                | "even"
                | "that"
                | "so"
                | "honestly"
                | "apologies"
                | "since"
                | "because"
                | "as"
                | "note"
                | "also"
                | "regrettably"
                | "sadly"
        )
    })
}

/// What follows may state something after all.
fn turns(words: &[&str]) -> bool {
    words.iter().skip(1).any(|word| {
        matches!(
            *word,
            "but"
                | "however"
                | "although"
                | "though"
                | "while"
                | "aber"
                | "jedoch"
                | "mais"
                | "pero"
                | "ma"
                | "mas"
                | "maar"
                | "но"
                | "лишь"
        )
    })
}

fn whole(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|listed| listed == word)
}

fn beginning(list: &str, word: &str) -> bool {
    list.split_whitespace()
        .any(|listed| word.starts_with(listed))
}

/// Tokens within which the source, the denial and the telling stand.
const NEAR: usize = 12;

fn in_language(words: &[&str], language: &Words) -> bool {
    // French and Italian join an article or a pronoun.
    let bare = |word: &'_ str| -> usize { word.find('\'').map_or(0, |at| at + 1) };
    let place = |fits: &dyn Fn(&str) -> bool| {
        words
            .iter()
            .position(|word| fits(word) || fits(&word[bare(word)..]))
    };
    let Some(not) = place(&|word| whole(language.not, word) || word == "n'") else {
        return false;
    };
    let tell = place(&|word| beginning(language.tell, word));
    let source = place(&|word| whole(language.source, word));
    let near = |one: usize, two: usize| one.abs_diff(two) <= NEAR;
    if let (Some(source), Some(tell)) = (source, tell)
        && near(source, not)
        && near(not, tell)
        && near(source, tell)
        && source < NEAR.min(words.len())
    {
        return true;
    }
    // "keine Angaben dazu", "aucune information sur".
    let knowledge = place(&|word| beginning(language.knowledge, word));
    if knowledge.is_some_and(|at| at > not && at - not <= 3 && not <= 4) {
        return true;
    }
    // Some languages leave the speaker out: "no lo sé", "não sei", "non lo so".
    let know = place(&|word| beginning(language.know, word) && word.len() <= 16);
    let speaker = place(&|word| whole(language.speaker, word));
    let silent = words.len() <= 4 && not <= 1;
    know.is_some_and(|know| {
        (speaker.is_some_and(|speaker| speaker <= 3) && near(know, not) && not <= 8 && opens(words))
            || silent && knows(words[know])
    })
}

/// Verbs of knowing whose form says that the speaker knows.
fn knows(word: &str) -> bool {
    matches!(
        word,
        "sé" | "sabemos"
            | "sei"
            | "so"
            | "sappiamo"
            | "posso"
            | "puedo"
            | "sais"
            | "weiß"
            | "weiss"
            | "weet"
            | "знаю"
            | "знаем"
            | "أعرف"
            | "أعلم"
            | "tengo"
            | "tenho"
            | "ho"
    )
}

/// True where the sentence is short enough, or speaks of an answer, so that "ich fand keinen Schlüssel" stays a claim.
fn opens(words: &[&str]) -> bool {
    let about = "frage question pregunta domanda pergunta vraag вопрос antwort réponse respuesta risposta resposta antwoord ответ information \
        informationen información informazioni informações informatie информации beantworten répondre responder rispondere beantwoorden \
        ответить weiß weiss sais savoir sé sei so weet знаю sagen dire decir dizer zeggen сказать text texte texto testo tekst тексте bestimmen \
        déterminer determinar determinare bepalen определить أعرف أعلم";
    words.iter().any(|word| whole(about, word))
}

#[cfg(test)]
mod tests {
    use crate::text::language::Language;
    use crate::text::tokens::Tokenizer;

    fn abstains(text: &str) -> bool {
        let tokens = Tokenizer::new(Language::of(text)).tokens(text, 0..text.len());
        super::abstains(text, &tokens)
    }

    #[test]
    fn who_does_not_know_abstains() {
        for text in [
            "I could not find the opening time in the provided text.",
            "I don't have enough information to answer.",
            "I cannot answer this based on the given documents.",
            "I'm unable to determine the price from the passage.",
            "I'm sorry, I don't know.",
            "I do not know who built it.",
            "The answer is not in the text.",
            "The answer cannot be found in the document.",
            "It is not possible to determine this from the text.",
            "It's unclear from the context who paid.",
            "There is no information about opening hours.",
            "There is no mention of a director.",
            "There isn't enough information to say.",
            "No information is given on the price.",
            "Not enough information.",
            "Not mentioned.",
            "N/A",
            "Unknown.",
            "The text does not say.",
            "The article didn't mention the price.",
            "The article did not say when it opens.",
            "The provided context doesn't contain information about fees.",
            "The report gives no figure for research spending.",
            "The agreement does not name the site supervisor.",
            "The documents say nothing about the roof.",
            "Nobody in the thread mentions hotel bookings.",
            "The price is not mentioned in the passage.",
            "The year of birth is not stated.",
            "The question cannot be answered from the given sources.",
            "This is not specified in the source.",
            "Unfortunately, the source does not specify a date.",
            "The source is silent on this.",
            "Insufficient information to answer the question.",
            "Based on the text, it is impossible to say.",
            "None of the documents mention the cost.",
            "I have no information about that.",
            "The author does not specify.",
            "The context provided does not include the price.",
            "This information is not provided.",
            "The question is not answerable from the passage.",
            "Insufficient information.",
            "Cannot be determined.",
            "This cannot be determined.",
            "The information is not available.",
            "There's not enough context to answer this.",
            "Nothing is said about the roof.",
            "The name of the architect isn't given in the text.",
            "The source material doesn't provide any details on this.",
            "I am not able to answer that question.",
        ] {
            assert!(abstains(text), "{text}");
        }
    }

    #[test]
    fn in_many_languages() {
        for text in [
            "Das steht nicht im Text.",
            "Der Text sagt dazu nichts.",
            "Dazu gibt es im Dokument keine Angaben.",
            "Im Artikel wird der Preis nicht genannt.",
            "Aus dem Text geht nicht hervor, wer bezahlt hat.",
            "Ich weiß es nicht.",
            "Ich kann die Frage nicht beantworten.",
            "Es gibt keine Informationen zu den Öffnungszeiten.",
            "Keine Angabe.",
            "Le texte ne le dit pas.",
            "Cela n'est pas mentionné dans le document.",
            "Je ne sais pas.",
            "Il n'y a aucune information sur le prix.",
            "Je ne peux pas répondre à cette question.",
            "El texto no lo menciona.",
            "No lo sé.",
            "No hay información sobre el precio.",
            "No se menciona en el documento.",
            "Il testo non lo dice.",
            "Non lo so.",
            "Non ci sono informazioni sul prezzo.",
            "O texto não menciona o preço.",
            "Não sei.",
            "Não há informações sobre o preço.",
            "De tekst zegt daar niets over.",
            "Dat staat niet in de tekst.",
            "Ik weet het niet.",
            "Я не знаю.",
            "В тексте об этом не говорится.",
            "Нет информации о цене.",
            "我不知道。",
            "文中没有提到价格。",
            "无法根据文本确定。",
            "没有相关信息。",
            "わかりません。",
            "本文には記載されていません。",
            "記載がありません。",
            "모르겠습니다.",
            "본문에 언급되지 않았습니다.",
            "لا أعرف.",
            "النص لا يذكر السعر.",
            "मुझे नहीं पता।",
        ] {
            assert!(abstains(text), "{text}");
        }
    }

    #[test]
    fn who_states_something_does_not() {
        for text in [
            "The mayor does not say why he left.",
            "There is no evidence of fraud.",
            "The report does not include the costs of the roof.",
            "The committee did not approve the report.",
            "The text was not published.",
            "The museum is not open on Monday.",
            "No one was hurt in the fire.",
            "The dam does not leak.",
            "We do not sell shoes in this shop.",
            "The witness said nothing about the car.",
            "The contract is not valid without a stamp.",
            "The firm did not disclose the price.",
            "The price was not disclosed.",
            "The text does not say who built it, but the mill opened in 1902.",
            "Der Rat stimmte nicht zu.",
            "Der Verein betreibt keinen Kindergarten.",
            "Le conseil n'a pas approuvé le projet.",
            "El museo no abre los lunes.",
            "Il ponte non è stato riparato.",
            "O museu não abre às segundas.",
            "De brug is niet hersteld.",
            "Совет не одобрил проект.",
            "政府没有批准计划。",
            "会社は計画を承認していません。",
            "회사는 문을 열지 않았다.",
            "None of the rooms has a bath.",
            "No survivors were found.",
            "No data was lost.",
            "They were not found in time.",
            "It was impossible to find a buyer.",
            "The cause could not be determined.",
            "We have more information on Anna Berg.",
            "Not in service on Sundays.",
            "Window cleaning is included in the monthly price and needs no separate order.",
            "It is clear from the text that no one was hurt.",
            "This can be found in no other town.",
            "The record was never broken.",
            "The data were not encrypted.",
            "More money is needed for the roof.",
            "Nothing was stolen from the museum.",
            "Who built the mill is not a secret.",
            "The firm gave no reason for the delay.",
        ] {
            assert!(!abstains(text), "{text}");
        }
    }
}
