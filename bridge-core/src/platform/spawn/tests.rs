use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::AsyncReadExt;
use tokio::time::timeout;

use super::*;
use crate::platform::lock::{self, FileLock};
use crate::platform::open_dir::file_id;
use crate::platform::process_table;

const DEADLINE: Duration = Duration::from_secs(20);

fn launch(program: &str, args: &[&str], dir: &Path) -> Launch {
    Launch {
        program: PathBuf::from(program),
        args: args.iter().map(OsString::from).collect(),
        env: vec![
            ("ONLY".into(), "this".into()),
            ("PATH".into(), "/usr/bin:/bin".into()),
        ],
        dir: OpenDir::open(dir).unwrap(),
    }
}

async fn stdout_of(launch: Launch) -> String {
    let output = timeout(DEADLINE, spawn(launch).unwrap().wait_with_output());
    String::from_utf8(output.await.unwrap().unwrap().stdout).unwrap()
}

fn script(path: &Path, text: &[u8]) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test]
async fn a_child_gets_its_arguments_and_environment_and_nothing_else() {
    let tmp = tempfile::tempdir().unwrap();
    let arg = "a 'b' $HOME `id` \n *";
    let args = ["-c", "echo \"[$1]\"; env | sort", "sh", arg];
    let out = stdout_of(launch("/bin/sh", &args, tmp.path())).await;
    let own: Vec<&str> = out
        .strip_prefix(&format!("[{arg}]\n"))
        .unwrap()
        .lines()
        .filter(|line| !["PWD", "SHLVL", "_", "OLDPWD"].contains(&line.split('=').next().unwrap()))
        .collect();
    assert_eq!(own, ["ONLY=this", "PATH=/usr/bin:/bin"]);
}

#[tokio::test]
async fn a_child_starts_in_the_opened_folder_even_after_another_took_its_path() {
    let tmp = tempfile::tempdir().unwrap();
    let (checked, elsewhere) = (tmp.path().join("checked"), tmp.path().join("elsewhere"));
    fs::create_dir(&checked).unwrap();
    fs::create_dir(&elsewhere).unwrap();
    let launch = launch("/bin/sh", &["-c", "pwd -P; ls -di ."], &checked);
    let id = launch.dir.identity().unwrap();
    fs::rename(&checked, tmp.path().join("moved")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &checked).unwrap();
    let out = stdout_of(launch).await;
    let real = fs::canonicalize(tmp.path().join("moved")).unwrap();
    assert_eq!(out, format!("{}\n{} .\n", real.display(), id.ino));
}

#[tokio::test]
async fn a_child_leads_its_own_group() {
    let tmp = tempfile::tempdir().unwrap();
    let mut child = spawn(launch("/bin/cat", &[], tmp.path())).unwrap();
    let row = process_table::process(child.id().unwrap()).unwrap();
    let me = process_table::process(std::process::id()).unwrap();
    assert_eq!((row.pgid, row.sid, row.ppid), (row.pid, me.sid, me.pid));
    drop(child.stdin.take());
    timeout(DEADLINE, child.wait()).await.unwrap().unwrap();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_child_inherits_no_descriptor() {
    let tmp = tempfile::tempdir().unwrap();
    // A descriptor that some careless program left open for its children.
    let leaked = rustix::io::fcntl_dupfd_cloexec(File::open("/dev/null").unwrap(), 50).unwrap();
    rustix::io::fcntl_setfd(&leaked, rustix::io::FdFlags::empty()).unwrap();
    // `ls` itself has the folder open as 3.
    let out = stdout_of(launch("/bin/ls", &["/proc/self/fd/"], tmp.path())).await;
    assert_eq!(out, "0\n1\n2\n3\n");
}

#[tokio::test]
async fn a_folder_that_was_removed_is_not_started_in() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().join("d");
    fs::create_dir(&dir).unwrap();
    let launch = launch("/bin/echo", &["here"], &dir);
    fs::remove_dir(&dir).unwrap();
    let error = spawn(launch).unwrap_err();
    let expected = format!("could not enter the folder `{}`", dir.display());
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn a_dropped_child_is_killed() {
    let tmp = tempfile::tempdir().unwrap();
    let mut child = spawn(launch(
        "/bin/sh",
        &["-c", "echo up; exec sleep 60"],
        tmp.path(),
    ))
    .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut text = String::new();
    drop(child);
    timeout(DEADLINE, stdout.read_to_string(&mut text))
        .await
        .unwrap()
        .unwrap();
}

fn refusal(program: &Path) -> String {
    let tmp = tempfile::tempdir().unwrap();
    let error = spawn(launch(program.to_str().unwrap(), &[], tmp.path())).unwrap_err();
    error
        .to_string()
        .replace(&program.display().to_string(), "P")
}

#[tokio::test]
async fn each_reason_why_a_program_does_not_start_has_its_own_words() {
    let tmp = tempfile::tempdir().unwrap();
    let at = |name: &str| tmp.path().join(name);
    let check = |name: &str, expected: &str| assert_eq!(refusal(&at(name)), expected, "{name}");

    check("gone", "the program `P` does not exist");
    check("gone/deeper", "the program `P` does not exist");
    fs::create_dir(at("folder")).unwrap();
    check("folder", "`P` is a folder, not a program");
    fs::write(at("plain"), "#!/bin/sh\n").unwrap();
    check("plain", "no permission to execute `P`");
    script(&at("no-interpreter"), b"#!/nowhere/node --flag\n");
    check(
        "no-interpreter",
        "`P` needs `/nowhere/node`, which was not found",
    );
    // `execvp` would have given these two to /bin/sh.
    script(&at("no-format"), b"echo a shell ran this\n");
    check("no-format", "`P` is not a program for this machine");
    script(&at("other-machine"), &elf_of_another_machine());
    check("other-machine", "`P` is not a program for this machine");
    assert_eq!(
        refusal(Path::new("sh")),
        "the program `P` is not an absolute path"
    );
}

fn elf_of_another_machine() -> Vec<u8> {
    let mut elf = vec![0_u8; 64];
    elf[..7].copy_from_slice(b"\x7fELF\x02\x02\x01"); // 64 bit, big-endian
    elf[17] = 2;
    elf[19] = 22; // s390
    elf
}

#[tokio::test]
async fn a_program_that_is_being_written_is_tried_again() {
    let tmp = tempfile::tempdir().unwrap();
    let program = tmp.path().join("p");
    script(&program, b"#!/bin/sh\necho done\n");
    let mut writer = fs::OpenOptions::new().append(true).open(&program).unwrap();
    if cfg!(target_os = "linux") {
        assert_eq!(refusal(&program), "`P` is being written by another process");
    }
    writer.write_all(b"\n").unwrap();
    drop(writer);
    assert_eq!(
        stdout_of(launch(program.to_str().unwrap(), &[], tmp.path())).await,
        "done\n"
    );
}

#[tokio::test]
async fn a_nul_byte_can_not_be_passed_on() {
    let tmp = tempfile::tempdir().unwrap();
    let error = spawn(launch("/bin/echo", &["a\0b"], tmp.path())).unwrap_err();
    assert!(matches!(error, SpawnError::Nul { .. }), "{error}");
}

#[tokio::test]
async fn a_detached_child_has_its_own_session_its_folder_and_the_lock_it_inherits() {
    let tmp = tempfile::tempdir().unwrap();
    let (lock_path, log) = (tmp.path().join("lock"), tmp.path().join("log"));
    let lock = FileLock::acquire(&lock_path).unwrap();
    let text = "pwd -P >&2; echo up >&2; sleep 60 & wait";
    let mut child = spawn_detached(Detached {
        program: "/bin/sh".into(),
        args: vec!["-c".into(), text.into()],
        env: vec![("PATH".into(), "/usr/bin:/bin".into())],
        dir: tmp.path().to_path_buf(),
        stdin: Stdio::null(),
        inherited: vec![(lock.into_fd(), 7)],
        stderr_log: File::create(&log).unwrap(),
    })
    .unwrap();
    let pid = child.id().unwrap();
    let logged = || fs::read_to_string(&log).unwrap();
    timeout(DEADLINE, async {
        while !logged().contains("up\n") {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .unwrap();
    let row = process_table::process(pid).unwrap();
    assert_eq!((row.pgid, row.sid), (pid, pid));
    let dir = fs::metadata(logged().lines().next().unwrap()).unwrap();
    assert_eq!(file_id(&dir), file_id(&fs::metadata(tmp.path()).unwrap()));

    assert!(lock::is_held(&lock_path).unwrap());
    assert!(FileLock::try_acquire(&lock_path).unwrap().is_none());
    let group = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    rustix::process::kill_process_group(group, rustix::process::Signal::KILL).unwrap();
    timeout(DEADLINE, child.wait()).await.unwrap().unwrap();
    // The shell's own child held it as well; waiting for the lock waits for that one's end.
    let path = lock_path.clone();
    let again = tokio::task::spawn_blocking(move || FileLock::acquire(&path));
    timeout(DEADLINE, again).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_failed_start_is_reported_whichever_number_is_inherited() {
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join("inherited");
    for child_fd in 3..60 {
        let error = spawn_detached(Detached {
            program: tmp.path().join("gone"),
            args: Vec::new(),
            env: Vec::new(),
            dir: tmp.path().to_path_buf(),
            stdin: Stdio::null(),
            inherited: vec![(File::create(&file).unwrap().into(), child_fd)],
            stderr_log: File::create(tmp.path().join("log")).unwrap(),
        })
        .unwrap_err();
        assert!(
            matches!(error, SpawnError::NotFound { .. }),
            "{child_fd}: {error}"
        );
        assert_eq!(fs::read(&file).unwrap(), b"", "{child_fd}");
    }
}

#[tokio::test]
async fn no_child_starts_outside_while_its_folder_is_swapped_for_a_symlink() {
    let tmp = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(tmp.path()).unwrap();
    let (inside, outside, aside) = (root.join("in"), root.join("out"), root.join("aside"));
    fs::create_dir(&inside).unwrap();
    fs::create_dir(&outside).unwrap();
    let outside_id = file_id(&fs::metadata(&outside).unwrap());
    let over = Arc::new(AtomicBool::new(false));
    let flipper = thread::spawn({
        let (over, inside) = (Arc::clone(&over), inside.clone());
        move || {
            while !over.load(Ordering::Relaxed) {
                fs::rename(&inside, &aside).unwrap();
                std::os::unix::fs::symlink(&outside, &inside).unwrap();
                fs::remove_file(&inside).unwrap();
                fs::rename(&aside, &inside).unwrap();
            }
        }
    });
    let mut started = 0;
    while started < 50 {
        // What the policy does, on the opened folder.
        let Ok(dir) = OpenDir::open(&inside) else {
            continue;
        };
        if dir.real_path().ok().as_ref() != Some(&inside) {
            continue;
        }
        let mut launch = launch("/bin/ls", &["-di", "."], &root);
        launch.dir = dir;
        match spawn(launch) {
            Ok(child) => {
                let output = timeout(DEADLINE, child.wait_with_output())
                    .await
                    .unwrap()
                    .unwrap();
                let out = String::from_utf8(output.stdout).unwrap();
                assert_ne!(out, format!("{} .\n", outside_id.ino));
                started += 1;
            }
            Err(error) => assert!(matches!(error, SpawnError::Dir { .. }), "{error}"),
        }
    }
    over.store(true, Ordering::Relaxed);
    flipper.join().unwrap();
}
