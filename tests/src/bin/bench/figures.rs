//! Samples and what is told of them.

use std::time::Duration;

/// Samples of one figure, in ascending order. Never empty once something is told of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures(Vec<f64>);

impl Figures {
    /// Takes one more.
    pub(crate) fn push(&mut self, value: f64) {
        let at = self.0.partition_point(|known| *known < value);
        self.0.insert(at, value);
    }

    /// Takes a duration, in milliseconds.
    pub(crate) fn push_ms(&mut self, duration: Duration) {
        self.push(duration.as_secs_f64() * 1000.0);
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The value that this share of the samples does not exceed.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss
        )]
        let rank = (share * self.0.len() as f64).ceil().max(1.0) as usize;
        self.0.get(rank - 1).copied().unwrap_or(f64::NAN)
    }

    /// The value in the middle.
    pub(crate) fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// The 99th percentile.
    pub(crate) fn p99(&self) -> f64 {
        self.quantile(0.99)
    }

    /// The middle half, from 25 % to 75 %.
    pub(crate) fn middle(&self) -> (f64, f64) {
        (self.quantile(0.25), self.quantile(0.75))
    }
}

impl FromIterator<f64> for Figures {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Figures {
        let mut all: Vec<f64> = values.into_iter().collect();
        all.sort_by(f64::total_cmp);
        Figures(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_one_of_the_samples() {
        let figures: Figures = [3.0, 1.0, 4.0, 2.0].into_iter().collect();
        assert_eq!(figures.median(), 2.0);
        assert_eq!(figures.middle(), (1.0, 3.0));
        assert_eq!(figures.p99(), 4.0);
        let mut one = Figures::default();
        one.push(7.0);
        assert_eq!((one.median(), one.p99()), (7.0, 7.0));
    }
}
