//! What a client lost is told from what the person took out, and can be had back.

use crate::adapters::clients::tests::{Scene, TEXT};
use crate::adapters::clients::{Standing, Wish};

/// An installation of which a follower has seen everything.
fn followed(text: &str) -> Scene {
    let scene = Scene::with(text);
    scene.install();
    scene.site().take_down().unwrap();
    scene
}

fn names(scene: &Scene) -> Vec<String> {
    scene.site().lost().map_or(Vec::new(), |lost| lost.names)
}

#[test]
fn the_last_state_with_all_servers_comes_back_byte_for_byte() {
    let scene = followed(TEXT);
    // A server that came after ours is lost with the others.
    let whole = scene
        .text()
        .replace("\"a\": {", "\"b\": {\"command\": \"b\"},\n    \"a\": {");
    scene.write(&whole);
    scene.site().take_down().unwrap();
    scene.write("{}");
    assert_eq!(scene.site().take_down().unwrap(), Standing::Wiped);
    assert_eq!(names(&scene), ["b", "a"]);
    // Ours is repaired; what was lost is not forgotten, however often one looks.
    scene.install();
    for _ in 0..2 {
        let seen = scene.site().take_down().unwrap();
        assert!(matches!(seen, Standing::Installed(_)));
        assert_eq!(names(&scene), ["b", "a"]);
    }
    assert!(scene.site().has_state("lost"));
    let restore = Wish::Restore { backup: "lost" };
    scene.act(restore).unwrap().unwrap();
    assert_eq!(scene.text(), whole);
    scene.site().take_down().unwrap();
    assert_eq!(names(&scene), [""; 0]);
    assert!(!scene.site().has_state("lost"));
    // And no other name leads out of our folder.
    for name in ["../receipt.json", "receipt.json", "seen", ""] {
        assert!(!scene.site().has_state(name), "{name}");
    }
}

#[test]
fn what_was_taken_out_is_no_loss_whatever_happens_later() {
    let scene = followed(TEXT);
    scene.write(TEXT);
    assert_eq!(scene.site().take_down().unwrap(), Standing::TakenOut);
    scene.write("{}");
    assert_eq!(scene.site().take_down().unwrap(), Standing::TakenOut);
    assert_eq!(names(&scene), [""; 0]);
    // Until it is installed again.
    scene.install();
    scene.write("{}");
    assert_eq!(scene.site().take_down().unwrap(), Standing::Wiped);
}

#[test]
fn an_empty_list_is_a_loss_where_there_were_others() {
    let empty = "{\"mcpServers\": {}}";
    let scene = followed(TEXT);
    scene.write(empty);
    assert_eq!(scene.site().standing().unwrap(), Standing::Wiped);
    let scene = followed("{}");
    scene.write(empty);
    assert_eq!(scene.site().standing().unwrap(), Standing::TakenOut);
}

#[test]
fn what_the_person_leaves_stays_gone() {
    let scene = followed(TEXT);
    scene.write("{}");
    scene.site().take_down().unwrap();
    assert_eq!(names(&scene), ["a"]);
    scene.site().leave_out().unwrap();
    assert_eq!(scene.site().take_down().unwrap(), Standing::TakenOut);
    assert_eq!(names(&scene), [""; 0]);
    // Of an entry that is there only the loss of the others is left.
    let scene = followed(TEXT);
    scene.write("{}");
    scene.site().take_down().unwrap();
    scene.install();
    scene.site().leave_out().unwrap();
    assert_eq!(names(&scene), [""; 0]);
    scene.write("{}");
    assert_eq!(scene.site().standing().unwrap(), Standing::Wiped);
}

#[test]
fn an_uninstall_leaves_nothing_of_it() {
    let scene = followed(TEXT);
    scene.act(Wish::Remove).unwrap().unwrap();
    let kept = std::fs::read_dir(scene.site().backups_folder()).unwrap();
    let names: Vec<_> = kept.map(|entry| entry.unwrap().file_name()).collect();
    for name in ["seen", "lost", "receipt.json", "original"] {
        assert!(!names.iter().any(|kept| kept == name), "{name}");
    }
}
