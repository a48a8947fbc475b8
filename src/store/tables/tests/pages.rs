use super::*;

proptest::proptest! {
    #[test]
    fn pages_hold_everything_once_and_the_last_one_names_no_next(length in 0_usize..40, limit in 1_i64..12) {
        let all: Vec<usize> = (1..=length).collect();
        let (mut walked, mut after, mut pages) = (Vec::new(), 0, 0);
        loop {
            let most = usize::try_from(rows_to_read(limit)).unwrap();
            let rows: Vec<usize> = all.iter().copied().filter(|row| *row > after).take(most).collect();
            let (items, next) = page(rows, limit, |row| *row);
            pages += 1;
            walked.extend(items);
            match next {
                Some(next) => after = next,
                None => break,
            }
        }
        proptest::prop_assert_eq!(walked, all);
        let limit = usize::try_from(limit).unwrap();
        proptest::prop_assert_eq!(pages, length.div_ceil(limit).max(1));
    }
}
