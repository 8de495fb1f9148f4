//! The secrets: one of a known shape, and one that is known only by the environment, for each source.

use codex_bridge_tests::scene::Scene;

/// What was planted, and where.
#[derive(Default)]
pub(super) struct Canaries(Vec<Canary>);

pub(super) struct Canary {
    pub(super) source: &'static str,
    /// Of the shape of a GitHub token.
    pub(super) token: String,
    /// Words, which only the environment tells to be secret.
    pub(super) words: String,
}

impl Canaries {
    /// A text for a source.
    pub(super) fn plant(&mut self, source: &'static str) -> String {
        let canary = self.add(source);
        format!("{} {}", canary.token, canary.words)
    }

    /// A name for a source, in which no blank may stand.
    pub(super) fn name(&mut self, source: &'static str) -> String {
        let canary = self.add(source);
        format!("{}.{}", canary.words, canary.token)
    }

    fn add(&mut self, source: &'static str) -> &Canary {
        let number = self.0.len();
        // Not one that anybody was given: it is made up here.
        let mut state = 0x2545_F491_4F6C_DD1D_u64.wrapping_mul(number as u64 + 1);
        let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let mut token = String::from("ghp_");
        for _ in 0..36 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            token.push(char::from(digits[(state >> 33) as usize % digits.len()]));
        }
        self.0.push(Canary {
            source,
            token,
            words: format!("kestrel-quarry-{number:03}-harbour"),
        });
        &self.0[number]
    }

    /// Puts the words into the environment, as the values of keys.
    pub(super) fn know(&self, scene: &mut Scene) {
        for (number, canary) in self.0.iter().enumerate() {
            scene.set(&format!("SERVICE_{number}_API_KEY"), &canary.words);
        }
    }

    pub(super) fn all(&self) -> &[Canary] {
        &self.0
    }
}
