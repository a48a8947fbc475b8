// Three texts of our own to begin with.

export interface Example {
  name: string;
  question: string;
  source: string;
  candidate: string;
}

export const EXAMPLES: Example[] = [
  {
    name: "A ferry's timetable",
    question: "When does the ferry leave, and what does it cost?",
    source:
      "The ferry to Holm leaves the north quay at 7.15 every morning, except on Sundays. The crossing takes 40 minutes. " +
      "A single ticket costs 8.50 crowns; children under six travel free of charge. Bicycles can be taken along at no extra cost. " +
      "The ferry was built in 1998 and carries 220 passengers.",
    candidate:
      "The ferry to Holm leaves the north quay at 7.15. The crossing takes 90 minutes. Bicycles travel free of charge. " +
      "The ferry carries 220 passengers and was built in Norway. I hope this helps!",
  },
  {
    name: "A quarterly report",
    question: "How did the company do?",
    source:
      "Larch & Hale reported revenue of 412 million crowns for the second quarter, up 12 percent from a year earlier. " +
      "Operating profit fell to 31 million crowns from 38 million, because of higher energy prices. " +
      "The company employs 2,300 people and plans to open a plant in Vessen in 2027. Mira Oland has been its chief executive since 2021.",
    candidate:
      "Revenue rose by 12 percent to 412 million crowns. Operating profit rose to 38 million crowns. " +
      "Mira Oland, chief executive since 2021, plans to open a plant in Vessen in 2025. All employees received a bonus.",
  },
  {
    name: "Ein Museum (German)",
    question: "",
    source:
      "Das Stadtmuseum wurde 1904 eröffnet. Es zeigt etwa 6.000 Objekte aus der Geschichte der Stadt. " +
      "Montags ist es geschlossen. Der Eintritt kostet sieben Euro; für Kinder ist er frei.",
    candidate: "Das Stadtmuseum wurde 1904 eröffnet. Es zeigt etwa 9.000 Objekte. Montags ist es geöffnet. Für Kinder ist der Eintritt frei.",
  },
];
