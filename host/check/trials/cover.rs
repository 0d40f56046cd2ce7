//! Which values are taken together: each value of each factor once, and of factors that are read together each pair.
//!
//! Always true here: plain numbers, nothing random, and nothing depends on threads: the same factors give the same rows.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Pairs that are looked for at the most; factors that are read together with very many others are not paired.
const MOST_PAIRS: usize = 20_000;

/// A value of a factor: the factor, and the number of its value.
pub type Point = (usize, usize);

/// What was taken so far.
#[derive(Debug)]
pub struct Cover {
    /// How many values each factor has.
    sizes: Vec<usize>,
    open: BTreeSet<Point>,
    open_pairs: BTreeSet<(Point, Point)>,
    /// Which factors each is paired with.
    partners: Vec<Vec<usize>>,
    /// What rows were made for, whatever came of them.
    tried: usize,
    goals: Vec<(Point, Option<Point>)>,
    pairs: usize,
    /// Pairs that are too many to be looked for.
    unpaired: usize,
    /// What rows had, and what reads it was left out of.
    lacking: BTreeSet<(Point, Option<Point>)>,
}

impl Cover {
    /// Begins with nothing taken. `groups` are factors that are read together.
    pub fn new(sizes: Vec<usize>, groups: &BTreeSet<Vec<usize>>) -> Self {
        let points = |factor: usize, size: usize| (0..size).map(move |value| (factor, value));
        let open: BTreeSet<Point> = sizes.iter().enumerate().flat_map(|(factor, size)| points(factor, *size)).collect();
        let mut groups: Vec<&Vec<usize>> = groups.iter().collect();
        groups.sort_by_key(|group| group.len());
        let mut partners: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); sizes.len()];
        let mut pairs = 0;
        let mut unpaired: BTreeSet<(usize, usize)> = BTreeSet::new();
        for group in groups {
            for (place, one) in group.iter().enumerate() {
                for other in &group[place + 1..] {
                    let count = sizes[*one] * sizes[*other];
                    if partners[*one].contains(other) {
                        continue;
                    }
                    if pairs + count <= MOST_PAIRS {
                        partners[*one].insert(*other);
                        partners[*other].insert(*one);
                        pairs += count;
                    } else {
                        unpaired.insert((*one, *other));
                    }
                }
            }
        }
        let mut open_pairs = BTreeSet::new();
        for (one, others) in partners.iter().enumerate() {
            for other in others.iter().filter(|other| **other > one) {
                for first in points(one, sizes[one]) {
                    open_pairs.extend(points(*other, sizes[*other]).map(|second| (first, second)));
                }
            }
        }
        let single = open.iter().map(|point| (*point, None));
        let goals = single.chain(open_pairs.iter().map(|(one, other)| (*one, Some(*other)))).collect();
        let partners = partners.into_iter().map(|partners| partners.into_iter().collect()).collect();
        let unpaired = unpaired.iter().map(|(one, other)| sizes[*one].saturating_mul(sizes[*other])).sum();
        Self { sizes, open, open_pairs, partners, tried: 0, goals, pairs, unpaired, lacking: BTreeSet::new() }
    }

    /// Takes note of a row as it turned out: of the value of each factor, or of none where nobody is asked for it, but for
    /// the values and pairs of factors that something reads together, and that was left out. Says whether anything in it is
    /// new.
    pub fn note(&mut self, row: &[Option<usize>], left_out: &BTreeSet<Vec<usize>>) -> bool {
        let before = self.open.len() + self.open_pairs.len();
        let lacks = |one: usize, other: Option<usize>| {
            let reads =
                |factors: &Vec<usize>| factors.contains(&one) && other.is_none_or(|other| factors.contains(&other));
            left_out.iter().any(reads)
        };
        let points: Vec<Option<Point>> =
            row.iter().enumerate().map(|(factor, value)| value.map(|value| (factor, value))).collect();
        for point in points.iter().flatten() {
            if lacks(point.0, None) {
                self.lacking.extend(self.open.contains(point).then_some((*point, None)));
            } else {
                self.open.remove(point);
            }
            for other in self.partners[point.0].iter().filter(|other| **other > point.0) {
                let Some(other) = points[*other] else { continue };
                if lacks(point.0, Some(other.0)) {
                    let is_open = self.open_pairs.contains(&(*point, other));
                    self.lacking.extend(is_open.then_some((*point, Some(other))));
                } else {
                    self.open_pairs.remove(&(*point, other));
                }
            }
        }
        self.open.len() + self.open_pairs.len() < before
    }

    /// What no row has taken yet and no row was made for: one value, or a pair.
    pub fn next_goal(&mut self) -> Option<(Point, Option<Point>)> {
        while let Some(goal) = self.goals.get(self.tried).copied() {
            self.tried += 1;
            let is_open = match goal {
                (one, None) => self.open.contains(&one),
                (one, Some(other)) => self.open_pairs.contains(&(one, other)),
            };
            if is_open {
                return Some(goal);
            }
        }
        None
    }

    /// Gives each factor with values to take that `seed` leaves open the value that takes most of what is left, and of several the first.
    pub fn complete(&self, seed: &BTreeMap<usize, usize>) -> Vec<Option<usize>> {
        let mut row: Vec<Option<usize>> = (0..self.sizes.len()).map(|factor| seed.get(&factor).copied()).collect();
        // What has most left to be paired with may still be.
        let mut left: BTreeMap<Point, usize> = BTreeMap::new();
        for point in self.open_pairs.iter().flat_map(|(one, other)| [one, other]) {
            *left.entry(*point).or_default() += 1;
        }
        for factor in 0..self.sizes.len() {
            if row[factor].is_none() {
                let gain = |value: &usize| {
                    let point = (factor, *value);
                    (self.gain(&row, point), left.get(&point).copied(), Reverse(*value))
                };
                row[factor] = (0..self.sizes[factor]).max_by_key(gain);
            }
        }
        row
    }

    fn gain(&self, row: &[Option<usize>], point: Point) -> usize {
        let pair = |other: &usize| {
            let other = (*other, row[*other]?);
            Some((point.min(other), point.max(other)))
        };
        let pairs = self.partners[point.0].iter().filter_map(pair).filter(|pair| self.open_pairs.contains(pair));
        pairs.count() + usize::from(self.open.contains(&point))
    }

    /// How many values were taken, of how many.
    pub fn values(&self) -> (usize, usize) {
        let of = self.sizes.iter().sum();
        (of - self.open.len(), of)
    }

    /// How many pairs were taken, of how many; without those that exclude each other, as rows that were made for them
    /// turned out otherwise.
    pub fn pairs(&self) -> (usize, usize) {
        let tried = self.goals[..self.tried].iter().filter_map(|(one, other)| Some((*one, (*other)?)));
        let open = tried.filter(|pair| self.open_pairs.contains(pair));
        let excluded = open.filter(|(one, other)| !self.lacking.contains(&(*one, Some(*other)))).count();
        (self.pairs - self.open_pairs.len(), (self.pairs - excluded).saturating_add(self.unpaired))
    }

    /// Pairs that were not looked for, as they are too many.
    pub fn unpaired(&self) -> usize {
        self.unpaired
    }

    /// The values that were not taken.
    pub fn untaken(&self) -> impl Iterator<Item = Point> {
        self.open.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(sizes: &[usize], groups: &[&[usize]]) -> (Vec<Vec<usize>>, Cover) {
        let groups = groups.iter().map(|group| group.to_vec()).collect();
        let mut cover = Cover::new(sizes.to_vec(), &groups);
        let mut rows = Vec::new();
        while let Some((one, other)) = cover.next_goal() {
            let row = cover.complete(&std::iter::once(one).chain(other).collect());
            assert!(cover.note(&row, &BTreeSet::new()));
            rows.push(row.into_iter().flatten().collect());
        }
        (rows, cover)
    }

    #[test]
    fn each_value_and_each_pair_is_taken_in_few_rows() {
        for (sizes, groups, most) in [
            (&[2, 3][..], &[][..], 3),
            (&[2, 3], &[&[0, 1][..]], 6),
            (&[2; 10], &[&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]], 12),
            // What is not read together needs no pairs.
            (&[3, 3, 3, 3], &[&[0, 1], &[2, 3]], 9),
            (&[4, 2, 2], &[&[0, 1, 2]], 10),
        ] {
            let (rows, cover) = rows(sizes, groups);
            assert!(rows.len() <= most, "{sizes:?} {groups:?}: {rows:?}");
            assert_eq!(cover.values().0, cover.values().1);
            assert_eq!(cover.pairs().0, cover.pairs().1);
            for group in groups {
                for (place, one) in group.iter().enumerate() {
                    for other in &group[place + 1..] {
                        let taken: BTreeSet<_> = rows.iter().map(|row| (row[*one], row[*other])).collect();
                        assert_eq!(taken.len(), sizes[*one] * sizes[*other]);
                    }
                }
            }
        }
    }

    #[test]
    fn too_many_pairs_are_left_out() {
        let all: Vec<usize> = (0..200).collect();
        let (rows, cover) = rows(&[2; 200], &[&all]);
        assert!(rows.len() < 40, "{} rows", rows.len());
        // What is left out is counted.
        let (taken, of) = cover.pairs();
        assert!(taken <= MOST_PAIRS && of == 4 * 200 * 199 / 2 && cover.unpaired() == of - taken, "{taken} of {of}");
    }

    #[test]
    fn what_was_left_out_is_not_taken() {
        let mut cover = Cover::new(vec![2, 2, 2], &BTreeSet::from([vec![0, 1, 2]]));
        let mut rows = 0;
        while let Some((one, other)) = cover.next_goal() {
            let row = cover.complete(&std::iter::once(one).chain(other).collect());
            cover.note(&row, &BTreeSet::from([vec![0, 1]]));
            rows += 1;
        }
        assert!(rows <= 18, "{rows}");
        // The values of two factors, and their pairs, were never rendered; the others were.
        assert_eq!((cover.values(), cover.pairs()), ((2, 6), (8, 12)));
    }

    #[test]
    fn what_turns_out_otherwise_is_tried_once() {
        let mut cover = Cover::new(vec![2, 2], &BTreeSet::from([vec![0, 1]]));
        let mut tries = 0;
        while cover.next_goal().is_some() {
            tries += 1;
            cover.note(&[Some(0), None], &BTreeSet::new());
        }
        assert!(tries == 8 && cover.values() == (1, 4) && cover.pairs() == (0, 0));
        assert_eq!(cover.untaken().next(), Some((0, 1)));
    }
}
