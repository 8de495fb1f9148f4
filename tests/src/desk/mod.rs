//! A person's desk, private to one test: a display, a session bus, a panel with a tray, notifications and a keyring.

mod app;
mod driver;
mod menu;
mod notices;
mod screen;
mod widgets;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::blocking::fdo::DBusProxy;
use zbus::names::BusName;

pub use crate::desk::app::App;
pub use crate::desk::driver::Page;
pub use crate::desk::menu::{Entry, Tray};
pub use crate::desk::notices::{Notice, Notices};
pub use crate::desk::screen::{Area, colours};
pub use crate::desk::widgets::{Dialog, PanelMenu};
use crate::processes::wait_until;
use crate::scene::Scene;

/// How long anything on the desk may take: the machine may be busy.
pub const LIMIT: Duration = Duration::from_secs(60);

/// The panel has a tray at its right end and nothing else.
const PANEL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array"><value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="30"/>
      <property name="plugin-ids" type="array"><value type="int" value="2"/><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
      <property name="known-legacy-items" type="array"/>
      <property name="hide-new-items" type="bool" value="false"/>
    </property>
    <property name="plugin-2" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
      <property name="style" type="uint" value="0"/>
    </property>
  </property>
</channel>
"#;

/// A desk in a scene. What was started for it ends with the scene.
pub struct Desk {
    env: BTreeMap<String, String>,
    home: PathBuf,
    folder: PathBuf,
    bus: Connection,
    notices: Notices,
    // In the order of their start; they are collected at the end.
    children: Vec<Child>,
}

impl Desk {
    /// Sets it up and waits until it is ready.
    pub fn new(scene: &Scene) -> Desk {
        let mut env = scene.env().clone();
        let folder = scene.path().to_owned();
        for name in ["run", "log", "screen"] {
            std::fs::create_dir_all(folder.join(name)).expect("a folder for the desk");
        }
        keep_private(&folder.join("run"));
        let at = |name: &str| folder.join(name).display().to_string();
        for (name, value) in [
            ("XDG_RUNTIME_DIR", at("run")),
            ("XDG_SESSION_TYPE", "x11".to_owned()),
            ("XDG_CURRENT_DESKTOP", "XFCE".to_owned()),
            ("GDK_BACKEND", "x11".to_owned()),
            ("LIBGL_ALWAYS_SOFTWARE", "1".to_owned()),
            ("NO_AT_BRIDGE", "1".to_owned()),
        ] {
            env.insert(name.to_owned(), value);
        }
        if std::env::var_os("CODEX_BRIDGE_THEME").is_some_and(|theme| theme == "dark") {
            env.insert("GTK_THEME".to_owned(), "Adwaita:dark".to_owned());
        }
        let home = PathBuf::from(&env["HOME"]);
        let settings = home.join(".config/xfce4/xfconf/xfce-perchannel-xml");
        std::fs::create_dir_all(&settings).expect("a folder for the panel");
        std::fs::write(settings.join("xfce4-panel.xml"), PANEL).expect("the panel's settings");

        let mut children = Vec::new();
        // It chooses a number that is free and tells it.
        let words = "-displayfd 1 -screen 0 1280x800x24 -nolisten tcp -noreset -fbdir screen";
        let display = first_line(&mut children, start(&env, &folder, "Xvfb", words));
        env.insert("DISPLAY".to_owned(), format!(":{display}"));
        // What it starts by itself later on gets the same environment.
        let words = "--session --nofork --print-address=1";
        let address = first_line(&mut children, start(&env, &folder, "dbus-daemon", words));
        env.insert("DBUS_SESSION_BUS_ADDRESS".to_owned(), address.clone());
        let bus = Builder::address(address.as_str())
            .and_then(Builder::build)
            .expect("the bus is there");
        let notices = Notices::serve(&address);

        let words = "--foreground --unlock --components=secrets";
        let mut keyring = start(&env, &folder, "gnome-keyring-daemon", words);
        // The password of a keyring that it makes for it.
        let mut stdin = keyring.stdin.take().expect("a pipe");
        stdin.write_all(b"desk").expect("the keyring reads");
        drop(stdin);
        children.push(keyring);
        children.push(start(&env, &folder, "openbox", ""));
        children.push(start(&env, &folder, "xfce4-panel", "--disable-wm-check"));
        let desk = Desk {
            env,
            home,
            folder,
            bus,
            notices,
            children,
        };
        desk.wait_for_name("org.freedesktop.secrets");
        desk.wait_for_name("org.kde.StatusNotifierWatcher");
        desk
    }

    /// Starts the app, as a click on it does.
    pub fn app(&self) -> App {
        App::start(self, &[])
    }

    /// Starts the app with a deep link or the like.
    pub fn app_with(&self, args: &[&str]) -> App {
        App::start(self, args)
    }

    /// Starts the app so that its window can be looked into, and opens that by this entry of its menu.
    pub fn driven_app(&self, entry: &str) -> (Tray, Page) {
        let page = Page::begin(self);
        let tray = Tray::wait(self);
        tray.click(entry);
        (tray, page.wait())
    }

    /// What was shown as a notification.
    pub fn notices(&self) -> &Notices {
        &self.notices
    }

    /// A program on this desk.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(&self.env).current_dir(&self.home);
        command
    }

    /// Runs a program on this desk, which has to succeed, and gives what it printed.
    pub fn run(&self, program: &str, args: &[&str]) -> String {
        let output = self.command(program).args(args).output();
        let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
        assert!(output.status.success(), "{program} {args:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned()
    }

    /// Moves the mouse, presses keys and so on.
    pub fn hand(&self, words: &str) {
        self.run("xdotool", &words.split(' ').collect::<Vec<_>>());
    }

    /// A picture of all that is seen, or of a part of it.
    pub fn picture(&self, file: &Path, part: Option<Area>) {
        let file = file.display().to_string();
        let mut args = vec!["-window", "root"];
        let part = part.map(|part| {
            let Area {
                x,
                y,
                width,
                height,
            } = part;
            format!("{width}x{height}+{x}+{y}")
        });
        if let Some(part) = &part {
            args.extend(["-crop", part, "+repage"]);
        }
        args.push(&file);
        self.run("import", &args);
    }

    /// The picture in a part of the screen at this moment, four bytes for each point.
    pub fn points(&self, area: Area) -> Vec<u8> {
        screen::points(&self.folder.join("screen/Xvfb_screen0"), area)
    }

    pub(crate) fn bus(&self) -> &Connection {
        &self.bus
    }

    fn wait_for_name(&self, name: &str) {
        let names = DBusProxy::new(&self.bus).expect("the bus answers");
        let wanted = BusName::try_from(name).expect("a name");
        wait_until(LIMIT, &format!("{name} is there"), || {
            names.name_has_owner(wanted.clone()).unwrap_or(false)
        });
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            // Both fail only when it has ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn start(env: &BTreeMap<String, String>, folder: &Path, program: &str, words: &str) -> Child {
    let log = std::fs::File::create(folder.join("log").join(program)).expect("a log");
    Command::new(program)
        .args(words.split(' ').filter(|word| !word.is_empty()))
        .env_clear()
        .envs(env)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .unwrap_or_else(|error| {
            panic!("`{program}` does not start ({error}): run scripts/test-desk")
        })
}

/// Keeps the program and gives the first line that it prints.
fn first_line(children: &mut Vec<Child>, mut child: Child) -> String {
    let mut line = String::new();
    let stdout = child.stdout.as_mut().expect("a pipe");
    BufReader::new(stdout)
        .read_line(&mut line)
        .expect("it tells where it is");
    children.push(child);
    line.trim_end().to_owned()
}

fn keep_private(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(folder, mode).expect("its mode");
}
