use crate::text::claims::{cut, extract};
use crate::text::non_claims::NonClaim;

fn texts(candidate: &str) -> Vec<String> {
    extract(candidate)
        .into_iter()
        .map(|claim| claim.text)
        .collect()
}

#[test]
fn a_statement_above_a_list_is_a_claim() {
    for line in [
        "The plant closed in 2019:",
        "The dam holds 3,500 litres of water:",
        "On 3 May 2021 the council approved the plan for the harbour:",
        "Acme sold its mills to Tarn Holdings:",
        "Anna Berg sold the mill to a bank:",
        "The ferry was rebuilt for 40 million euros:",
        "Nobody was hurt in the fire:",
        "No data was lost during the outage:",
        "**The plant closed in 2019:**",
        "### The plant closed in 2019:",
        "1. The plant was closed in 2019:",
        "Das Werk wurde 2019 in Bremen geschlossen:",
        "Das Werk schloss 2019:",
        "L'usine fut fermée en 2019 :",
        "La fábrica cerró en 2019:",
        "Lo stabilimento chiuse nel 2019:",
        "A fábrica fechou em 2019:",
    ] {
        let candidate = format!("{line}\n- Lena Moor left\n- Jon Berg stayed\n");
        let bare = line.trim_start_matches(['#', '1', '.', ' ', '*']);
        let stated = bare.trim_end_matches(['*', ' ', ':', '：']);
        assert_eq!(
            texts(&candidate),
            [stated, "Lena Moor left", "Jon Berg stayed"],
            "{line}"
        );
    }
}

#[test]
fn so_it_is_in_other_scripts() {
    for line in [
        "Завод закрылся в 2019 году:",
        "工厂于2019年关闭：",
        "公司在2019年收购了工厂：",
        "工場は2019年に閉鎖した：",
        "공장은 2019년에 문을 닫았다:",
    ] {
        // The items are too short to make it a text of another script.
        let candidate = format!("{line}\n- 7 km\n- 9 km\n");
        let stated = line.trim_end_matches([':', '：']);
        assert_eq!(texts(&candidate), [stated, "7 km", "9 km"], "{line}");
    }
}

#[test]
fn a_line_that_only_announces_is_none() {
    for line in [
        "Here are the key points:",
        "The key points of 2019 are as follows:",
        "The main events of 2019 were:",
        "In 2019 the following was decided:",
        "The council took three decisions:",
        "The committee of Corrin decided:",
        "The library offers:",
        "Key facts about the Elbe:",
        "The results for 2019 are listed below:",
        "The figures of the second quarter were:",
        "Anna Vries said:",
        "In 2019 the mill was run by:",
        "The text names two reasons:",
        "According to the report of 2019:",
        "Hier sind die wichtigsten Punkte:",
        "Die wichtigsten Ergebnisse waren 2019:",
        "Im Jahr 2019 wurde Folgendes beschlossen:",
        "Voici les points clés :",
        "Les principaux événements de 2019 sont :",
        "Aquí están los puntos clave:",
        "Los hechos principales de 2019 son los siguientes:",
        "Ecco i punti principali:",
        "I punti principali del 2019 sono:",
        "Aqui estão os pontos principais:",
        "Os principais pontos de 2019 são os seguintes:",
        "Hier zijn de belangrijkste punten:",
        "Вот основные пункты:",
        "События 2019 года были следующие:",
        "以下是2019年的要点：",
        "2019年的主要数据如下：",
        "2019年の要点は次のとおりです：",
        "다음은 2019년의 주요 사건이다:",
    ] {
        let candidate = format!("{line}\n- Lena Moor left\n- Jon Berg stayed\n");
        let (claims, others) = cut(&candidate);
        let texts: Vec<&str> = claims.iter().map(|claim| claim.text.as_str()).collect();
        assert_eq!(texts, ["Lena Moor left", "Jon Berg stayed"], "{line}");
        let reasons: Vec<NonClaim> = others.into_iter().map(|(_, reason)| reason).collect();
        assert!(
            matches!(reasons[..], [NonClaim::Announcement | NonClaim::Courtesy]),
            "{line}: {reasons:?}"
        );
    }
}
