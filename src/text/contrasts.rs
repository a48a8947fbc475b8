//! Words that stand in each other's place and never mean the same: days, months, units, directions, sizes.
//!
//! A model's vectors put them side by side, since they are used alike; what they say differs. Opposites of
//! verbs and adjectives in general are `lexicon`'s part.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Sets of which any two members differ; members joined by `=` are the same.
const SETS: [&str; 30] = [
    "monday=mondays=mon tuesday=tuesdays=tue wednesday=wednesdays=wed thursday=thursdays=thu friday=fridays=fri saturday=saturdays=sat sunday=sundays=sun weekday=weekdays weekend=weekends daily",
    "january=jan february=feb march=mar april=apr may june=jun july=jul august=aug september=sep=sept october=oct november=nov december=dec",
    "spring summer autumn=fall winter",
    "north=northern south=southern east=eastern west=western centre=center=central",
    "second=seconds minute=minutes hour=hours=hourly day=days=daily week=weeks=weekly fortnight month=months=monthly quarter=quarters=quarterly year=years=annual=annually=yearly decade=decades century=centuries",
    "morning=mornings noon=midday afternoon=afternoons evening=evenings night=nights midnight",
    "metre=metres=meter=meters=m kilometre=kilometres=kilometer=kilometers=km mile=miles centimetre=centimetres=cm millimetre=millimetres=mm foot=feet inch=inches yard=yards",
    "gram=grams=g kilogram=kilograms=kg=kilo=kilos milligram=milligrams=mg tonne=tonnes=ton=tons pound=pounds ounce=ounces",
    "litre=litres=liter=liters millilitre=millilitres=ml gallon=gallons pint=pints",
    "watt=watts kilowatt=kilowatts=kw megawatt=megawatts=mw gigawatt=gigawatts=gw",
    "byte=bytes kilobyte=kilobytes=kb megabyte=megabytes=mb gigabyte=gigabytes=gb terabyte=terabytes=tb",
    "dozen dozens hundred=hundreds thousand=thousands million=millions billion=billions trillion=trillions",
    "dollar=dollars euro=euros pound=pounds yen franc=francs krone=kroner krona=kronor rupee=rupees",
    "red blue green yellow black white grey=gray brown orange purple pink",
    "first second third fourth fifth sixth seventh eighth ninth tenth last=final",
    "one=single two=both=pair three four five six seven eight nine ten eleven twelve",
    "half third quarter fifth whole",
    "once twice thrice",
    "single double=doubled triple=tripled quadruple=quadrupled halve=halved",
    "new=newer=newest=newly old=older=oldest=former=formerly=previous=previously",
    "early=earlier=earliest late=later=latest",
    "next=following=upcoming previous=preceding=last current=present",
    "large=larger=largest=big=bigger=biggest small=smaller=smallest=little medium",
    "high=higher=highest low=lower=lowest",
    "long=longer=longest short=shorter=shortest",
    "more=most fewer=fewest less=least",
    "man=men=male woman=women=female boy=boys girl=girls",
    "father=fathers mother=mothers son=sons daughter=daughters brother=brothers sister=sisters husband=husbands wife=wives uncle=uncles aunt=aunts",
    "gold silver bronze",
    "left right",
];

/// For each word the sets that it is in, with its place there.
static PLACES: LazyLock<HashMap<&str, Vec<(usize, usize)>>> = LazyLock::new(|| {
    let mut places: HashMap<&str, Vec<(usize, usize)>> = HashMap::new();
    for (set, members) in SETS.into_iter().enumerate() {
        for (member, names) in members.split(' ').enumerate() {
            for name in names.split('=') {
                places.entry(name).or_default().push((set, member));
            }
        }
    }
    places
});

/// True where two lower-case words are members of one set and differ there.
pub fn contrast(one: &str, other: &str) -> bool {
    let (Some(one), Some(other)) = (PLACES.get(one), PLACES.get(other)) else {
        return false;
    };
    let same = one.iter().any(|place| other.contains(place));
    let beside = |(set, _): &(usize, usize)| other.iter().any(|(theirs, _)| theirs == set);
    !same && one.iter().any(beside)
}

#[cfg(test)]
#[path = "tests/contrasts.rs"]
mod tests;
