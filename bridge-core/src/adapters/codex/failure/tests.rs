use super::*;

fn classified(errors: &[&str], stderr: &str, exit: Option<Exit>) -> Failure {
    let scrubber = Scrubber::builtin();
    let errors: Vec<_> = errors.iter().map(|error| scrubber.scrub(error)).collect();
    let evidence = Evidence {
        errors: &errors,
        stderr,
        exit,
    };
    classify(&evidence, &scrubber)
}
