//! Working folders and images: what lies below an allowed root, whatever its name looks like, and nothing else.

mod swapped;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use codex_bridge_tests::scene::{Codex, Scene};
use codex_bridge_tests::sidecar::Opener;
use serde_json::{Value, json};

use crate::traces::{Tap, assert_is_useful, assert_nothing_is_left, runs};

const LIMIT: Duration = Duration::from_secs(60);

/// A scene with a folder outside of the root, and things in the root that lead to it.
fn scene() -> (Scene, PathBuf) {
    let scene = Scene::new(&Codex::Fake);
    let work = scene.work();
    let outside = scene.path().join("outside");
    fs::create_dir_all(outside.join("deep")).unwrap();
    fs::create_dir_all(scene.path().join("work-sibling")).unwrap();
    for folder in [
        "inner",
        "inner/deep",
        "with space",
        "caf\u{e9}",
        "cafe\u{301}x",
        "\u{202e}bidi",
        "-C",
    ] {
        fs::create_dir(work.join(folder)).unwrap();
    }
    fs::create_dir(work.join("new\nline")).unwrap();
    fs::create_dir(work.join("carriage\rreturn")).unwrap();
    fs::write(work.join("file"), "").unwrap();
    let links: [(&Path, &str); 9] = [
        (&outside, "absolute-link"),
        (Path::new("../outside"), "relative-link"),
        (Path::new("relative-link"), "chained-link"),
        (Path::new("/"), "root-link"),
        (&outside.join("deep"), "deep-link"),
        (Path::new("loop"), "loop"),
        (Path::new("nowhere"), "dangling"),
        (Path::new("inner"), "inner-link"),
        (Path::new("/proc/self/cwd"), "magic-link"),
    ];
    for (to, name) in links {
        symlink(to, work.join(name)).unwrap();
    }
    let made = std::process::Command::new("mkfifo")
        .arg(work.join("fifo"))
        .status();
    assert!(made.unwrap().success());
    (scene, outside)
}

#[test]
fn every_folder_that_is_not_below_a_root_is_refused_and_leaves_nothing_behind() {
    let (scene, outside) = scene();
    let mut sidecar = scene.sidecar();
    let work = scene.work().display().to_string();
    let outside = outside.display().to_string();
    let mut check = |folder: &str, code: &str| {
        let arguments = json!({"prompt": "FAKE: cwd", "working_dir": folder});
        let answer = sidecar.call("codex_run_task", arguments);
        assert!(answer.is_error, "`{folder}` was admitted");
        assert_eq!(answer.content["code"], code, "{folder}: {}", answer.content);
        let thing = match code {
            "invalid_argument" => "working_dir",
            // Odd characters are shown in another form.
            _ => folder.get(..20).unwrap_or(folder),
        };
        assert_is_useful(&answer.content, thing, folder);
    };
    let invalid = "invalid_argument";
    for folder in [
        "",
        ".",
        "..",
        "src",
        "../outside",
        "~",
        "~/src",
        "$HOME",
        "%2fetc",
        "file:///etc",
        "-C",
        "C:\\Windows",
        "\\\\server\\share",
        "\u{feff}/etc",
    ] {
        check(folder, invalid);
    }
    for odd in ["new\nline", "carriage\rreturn", "a\u{0}b", "\u{7f}"] {
        check(&format!("{work}/{odd}"), invalid);
    }
    for folder in [
        "/proc/self/cwd",
        "/proc/self/root",
        "/proc/1/root",
        "/dev/fd/3",
        "/dev/shm",
    ] {
        check(folder, invalid);
    }
    check(&format!("/proc/self/root{work}"), invalid);
    check(&format!("{work}/{}", "d/".repeat(3000)), invalid);

    for folder in ["/", "//", "/etc", "/tmp", "//etc", "/./etc", "/../etc"] {
        check(folder, "outside_roots");
    }
    for folder in [
        outside.clone(),
        format!("{outside}/deep"),
        format!("{work}-sibling"),
        format!("{work}/.."),
        format!("{work}/../outside"),
        format!("{work}/inner/../../outside"),
        format!("{work}//..//outside"),
        format!("{work}/absolute-link"),
        format!("{work}/absolute-link/deep"),
        format!("{work}/relative-link"),
        format!("{work}/chained-link"),
        format!("{work}/root-link"),
        format!("{work}/root-link/etc"),
        format!("{work}/deep-link/.."),
        format!("{work}/deep-link/../deep"),
        format!("{work}/magic-link"),
        scene.path().display().to_string(),
        scene.state().display().to_string(),
    ] {
        check(&folder, "outside_roots");
    }
    for name in [
        "missing",
        "loop",
        "dangling",
        "file",
        "file/",
        "file/x",
        "fifo",
        "INNER",
        "\u{0456}nner",
        "inn\u{200b}er",
        "%69nner",
        "inner%00",
        "inner\\..\\..",
        "${HOME}",
        "*",
        "inner ",
    ] {
        check(&format!("{work}/{name}"), "folder_unusable");
    }
    check(&format!("{work}/{}", "n".repeat(256)), "folder_unusable");
    check(&work.to_uppercase(), "folder_unusable");
    assert_nothing_is_left(&scene, sidecar.pid());
}

#[test]
fn every_way_to_write_a_folder_below_a_root_is_taken() {
    let (scene, _) = scene();
    let mut sidecar = scene.sidecar();
    let work = scene.work().display().to_string();
    let mut check = |folder: &str, expected: &str| {
        let arguments =
            json!({"prompt": "FAKE: thread\nFAKE: cwd\nFAKE: complete", "working_dir": folder});
        let run = sidecar.call("codex_run_task", arguments).ok();
        let run = sidecar.wait_for_end(run["run_id"].as_str().unwrap(), LIMIT);
        assert_eq!(run["message"], expected, "{folder}: {run}");
        assert_eq!(run["working_dir"], expected, "{folder}: {run}");
    };
    check(&work, &work);
    check(&format!("{work}/"), &work);
    check(
        &format!("{work}//inner///deep"),
        &format!("{work}/inner/deep"),
    );
    check(
        &format!("{work}/inner/../inner/./deep/.."),
        &format!("{work}/inner"),
    );
    check(&format!("{work}/../work/inner"), &format!("{work}/inner"));
    check(&format!("{work}/inner-link"), &format!("{work}/inner"));
    check(
        &format!("{work}/inner-link/deep"),
        &format!("{work}/inner/deep"),
    );
    for name in ["with space", "caf\u{e9}", "cafe\u{301}x", "-C"] {
        check(&format!("{work}/{name}"), &format!("{work}/{name}"));
    }
}

#[test]
fn a_folder_without_permission_is_refused_by_that_name() {
    let (scene, _) = scene();
    let shut = scene.work().join("shut");
    fs::create_dir(&shut).unwrap();
    let inner = shut.join("inner");
    fs::create_dir(&inner).unwrap();
    set_mode(&shut, 0o000);
    let mut sidecar = scene.unprivileged_sidecar(Opener::Initialize("2025-11-25"));
    for folder in [&shut, &inner] {
        let arguments = json!({"prompt": "x", "working_dir": folder});
        let answer = sidecar.call("codex_run_task", arguments);
        assert_eq!(answer.code(), "folder_unusable", "{}", answer.content);
        assert!(
            answer.text_at("/message").contains("permission"),
            "{}",
            answer.content
        );
    }
    let arguments =
        json!({"prompt": "x", "working_dir": scene.work(), "images": [inner.join("a.png")]});
    let answer = sidecar.call("codex_run_task", arguments);
    assert_is_useful(&answer.content, "images", "an image without permission");
    set_mode(&shut, 0o700);
    assert_nothing_is_left(&scene, sidecar.pid());
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn an_image_lies_below_a_root_however_it_is_reached() {
    let (mut scene, outside) = scene();
    let tap = Tap::into(&mut scene);
    let work = scene.work();
    fs::write(work.join("in.png"), "png").unwrap();
    fs::write(outside.join("out.png"), "png").unwrap();
    symlink("in.png", work.join("to-in.png")).unwrap();
    symlink(outside.join("out.png"), work.join("to-out.png")).unwrap();
    symlink("to-out.png", work.join("chained.png")).unwrap();
    symlink("gone.png", work.join("dangling.png")).unwrap();
    let mut sidecar = scene.sidecar();
    let mut start = |image: &Path| {
        let arguments = json!({"prompt": "look", "working_dir": work, "images": [image]});
        sidecar.call("codex_run_task", arguments)
    };
    let mut check = |image: &Path, code: &str| {
        let answer = start(image);
        assert_eq!(
            answer.code(),
            code,
            "{}: {}",
            image.display(),
            answer.content
        );
        let thing = if code == "invalid_argument" {
            "images"
        } else {
            image.to_str().unwrap()
        };
        assert_is_useful(&answer.content, thing, code);
    };
    for name in [
        "missing.png",
        "dangling.png",
        "loop",
        "inner",
        "fifo",
        "inner/..",
        "in.png/",
    ] {
        check(&work.join(name), "invalid_argument");
    }
    for image in [
        "in.png",
        "work/in.png",
        "/proc/self/environ",
        "/dev/null",
        "/dev/zero",
    ] {
        check(Path::new(image), "invalid_argument");
    }
    for name in [
        "to-out.png",
        "chained.png",
        "absolute-link/out.png",
        "../outside/out.png",
    ] {
        check(&work.join(name), "outside_roots");
    }
    check(&outside.join("out.png"), "outside_roots");
    // What lies outside is refused the same way whether it is there or not: no client learns what is on the disk.
    check(&outside.join("gone.png"), "outside_roots");
    check(&outside.join("deep"), "outside_roots");
    assert_eq!(runs(&scene), 0);

    let mut started = Vec::new();
    for name in [
        "in.png",
        "to-in.png",
        "inner/../in.png",
        "inner-link/../in.png",
    ] {
        started.push(
            start(&work.join(name)).ok()["run_id"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
    }
    for run in &started {
        let run = sidecar.wait_for_end(run, LIMIT);
        assert_eq!(run["state"], "succeeded", "{run}");
    }
    let real = work.join("in.png").display().to_string();
    for argv in tap.arguments() {
        assert!(
            argv.windows(2).any(|pair| pair == ["--image", &real]),
            "{argv:?}"
        );
    }
}

/// What a start without, and one with, a working folder says, where the roots are these.
fn with_roots(roots: Option<&str>, config: &str, folder: Option<&Path>) -> (Value, Scene) {
    let (mut scene, _) = scene();
    match roots {
        Some(roots) => {
            let roots = roots.replace("SCENE", scene.path().to_str().unwrap());
            scene.set("CODEX_CLI_MCP_ALLOWED_ROOTS", &roots)
        }
        None => scene.unset("CODEX_CLI_MCP_ALLOWED_ROOTS"),
    };
    scene.write_config(&config.replace("SCENE", scene.path().to_str().unwrap()));
    let mut sidecar = scene.sidecar();
    let mut arguments = json!({"prompt": "FAKE: thread\nFAKE: cwd\nFAKE: complete"});
    if let Some(folder) = folder {
        arguments["working_dir"] = json!(scene.path().join(folder));
    }
    let answer = sidecar.call("codex_run_task", arguments);
    let content = match answer.content["run_id"].as_str() {
        Some(run) => sidecar.wait_for_end(run, LIMIT),
        None => answer.content,
    };
    (content, scene)
}

#[test]
fn roots_that_are_configured_wrongly_admit_nothing() {
    let work = Some(Path::new("work"));
    let check =
        |roots: Option<&str>, config: &str, folder: Option<&Path>, code: &str, names: &str| {
            let (content, scene) = with_roots(roots, config, folder);
            assert_eq!(content["code"], code, "{roots:?} {config:?}: {content}");
            assert_is_useful(&content, names, config);
            assert_eq!(runs(&scene), 0);
        };
    for folder in [None, work] {
        check(None, "", folder, "no_roots", "no folder");
        check(Some(""), "", folder, "no_roots", "no folder");
        check(Some(":"), "", folder, "no_roots", "no folder");
        check(
            Some("::"),
            "allowed_roots = [\"/\"]\n",
            folder,
            "no_roots",
            "no folder",
        );
        check(
            None,
            "allowed_roots = []\n",
            folder,
            "no_roots",
            "no folder",
        );
        check(
            Some("work"),
            "",
            folder,
            "config_invalid",
            "CODEX_CLI_MCP_ALLOWED_ROOTS",
        );
        check(
            Some("SCENE/work:."),
            "",
            folder,
            "config_invalid",
            "CODEX_CLI_MCP_ALLOWED_ROOTS",
        );
        check(
            None,
            "allowed_roots = [\"work\"]\n",
            folder,
            "config_invalid",
            "allowed_roots",
        );
        check(
            None,
            "allowed_roots = [\"\"]\n",
            folder,
            "config_invalid",
            "allowed_roots",
        );
        check(
            None,
            "allowed_roots = \"/\"\n",
            folder,
            "config_invalid",
            "allowed_roots",
        );
        check(
            None,
            "allowed_roots = [5]\n",
            folder,
            "config_invalid",
            "line 1",
        );
    }
    check(Some("SCENE/gone"), "", work, "outside_roots", "work");
    check(Some("SCENE/gone"), "", None, "folder_unusable", "gone");
    check(Some("SCENE/work/file"), "", work, "outside_roots", "work");
    check(Some("/proc/self/cwd"), "", work, "outside_roots", "work");
}

#[test]
fn the_default_folder_is_the_only_root_and_several_have_to_be_chosen_from() {
    let at = |scene: &Scene, name: &str| scene.path().join(name).display().to_string();
    let (run, scene) = with_roots(Some(":SCENE/work::"), "", None);
    assert_eq!(run["message"], at(&scene, "work"), "{run}");
    let (run, scene) = with_roots(None, "allowed_roots = [\"SCENE/work/inner-link\"]\n", None);
    assert_eq!(run["message"], at(&scene, "work/inner"), "{run}");
    let (refused, _) = with_roots(Some("SCENE/work:SCENE/outside"), "", None);
    assert_eq!(refused["code"], "invalid_argument");
    assert_is_useful(&refused, "working_dir", "several roots");
    let message = refused["message"].as_str().unwrap();
    assert!(
        message.contains("/work, ") && message.contains("/outside"),
        "{message}"
    );
    let (run, scene) = with_roots(
        Some("SCENE/gone:SCENE/outside"),
        "",
        Some(Path::new("work/absolute-link/deep")),
    );
    assert_eq!(run["message"], at(&scene, "outside/deep"), "{run}");
}

#[test]
fn the_root_of_all_admits_only_when_the_person_insists_and_the_doctor_says_that_it_is_much() {
    for (roots, config) in [(Some("/"), ""), (None, "allowed_roots = [\"/\"]\n")] {
        let (refused, _) = with_roots(roots, config, Some(Path::new("outside")));
        assert_eq!(refused["code"], "outside_roots", "{refused}");
        assert_is_useful(&refused, "the whole disk", "not insisted on");
    }
    let insisted = "broad_roots = [\"/\"]\n";
    let (run, scene) = with_roots(None, insisted, Some(Path::new("outside")));
    assert_eq!(run["state"], "succeeded", "{run}");
    let mut sidecar = scene.sidecar();
    for folder in ["/proc/self/cwd", "/dev/fd"] {
        let arguments = json!({"prompt": "x", "working_dir": folder});
        assert_eq!(
            sidecar.call("codex_run_task", arguments).code(),
            "invalid_argument"
        );
    }
    let magic = scene.work().join("magic-link/proc");
    let arguments = json!({"prompt": "x", "working_dir": magic});
    assert_eq!(
        sidecar.call("codex_run_task", arguments).code(),
        "invalid_argument"
    );
    let report = sidecar.call("codex_doctor", json!({})).ok();
    let findings = report["findings"].as_array().unwrap();
    let told = findings.iter().any(|finding| {
        let what = finding["what"].as_str().unwrap();
        finding["id"] == "roots" && what.contains("because you insist (it is the whole disk)")
    });
    assert!(told, "{report}");
}
