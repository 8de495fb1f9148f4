//! What lies around the app's own page, used as a hand does: the menu in the panel, dialogs, choosers of folders.

use std::time::{Duration, Instant};

use crate::desk::{Desk, LIMIT, Tray};
use crate::processes::wait_until;

/// Where the panel has its only icon.
const ICON: &str = "mousemove 1265 15 click 1";

/// A dialog, known by its title.
pub struct Dialog<'a> {
    desk: &'a Desk,
    window: String,
}

impl Desk {
    /// Opens the menu with the mouse, as the panel shows it.
    pub fn open_menu(&self, tray: &Tray) -> PanelMenu<'_> {
        // The icon may be known to the panel a moment before it is drawn.
        let begin = Instant::now();
        let before = self.panel_windows();
        while begin.elapsed() < LIMIT {
            self.hand(ICON);
            let clicked = Instant::now();
            while clicked.elapsed() < Duration::from_secs(4) {
                let new = self.panel_windows().into_iter();
                if let Some(window) = new.into_iter().find(|window| !before.contains(window)) {
                    return PanelMenu {
                        desk: self,
                        window,
                        lines: tray
                            .entries()
                            .iter()
                            .map(|entry| entry.label.clone())
                            .collect(),
                    };
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        panic!("the panel shows no menu")
    }

    fn panel_windows(&self) -> Vec<String> {
        let output = self
            .command("xdotool")
            .args(["search", "--onlyvisible", "--class", "wrapper-2.0"])
            .output()
            .expect("xdotool runs");
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        lines.lines().map(str::to_owned).collect()
    }

    /// Width and height of a window.
    fn size_of(&self, window: &str) -> [i32; 2] {
        let words = self.run("xdotool", &["getwindowgeometry", "--shell", window]);
        let field = |name: &str| {
            let line = words.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|number| number.parse().ok())
                .expect("a number")
        };
        ["WIDTH=", "HEIGHT="].map(field)
    }

    /// The numbers of the windows that can be seen and have this in their title.
    pub fn windows(&self, title: &str) -> Vec<String> {
        let output = self
            .command("xdotool")
            .args(["search", "--onlyvisible", "--name", title])
            .output()
            .expect("xdotool runs");
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        lines.lines().map(str::to_owned).collect()
    }

    /// The window that has the keyboard, by its title.
    pub fn focused(&self) -> String {
        let output = self
            .command("xdotool")
            .args(["getactivewindow", "getwindowname"])
            .output()
            .expect("xdotool runs");
        String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned()
    }

    /// Waits for a dialog of this title, and that it has the keyboard.
    pub fn dialog(&self, title: &str) -> Dialog<'_> {
        let mut window = None;
        wait_until(LIMIT, &format!("a dialog `{title}` is there"), || {
            window = self.windows(title).pop();
            window.is_some()
        });
        let window = window.expect("it was just found");
        wait_until(LIMIT, &format!("`{title}` has the keyboard"), || {
            let active = self.command("xdotool").arg("getactivewindow").output();
            let active = active.expect("xdotool runs").stdout;
            if String::from_utf8_lossy(&active).trim_end() == window {
                return true;
            }
            // As a click on it does.
            let _ = self
                .command("xdotool")
                .args(["windowactivate", &window])
                .output();
            false
        });
        Dialog { desk: self, window }
    }
}

/// The menu that the panel shows.
pub struct PanelMenu<'a> {
    desk: &'a Desk,
    window: String,
    lines: Vec<String>,
}

impl PanelMenu<'_> {
    /// Clicks on the entry that begins like this.
    pub fn click(&self, beginning: &str) {
        let at = self
            .lines
            .iter()
            .position(|line| line.trim_start().starts_with(beginning));
        let at = at.unwrap_or_else(|| panic!("no `{beginning}` in {:#?}", self.lines));
        // Entries share the height, but for a frame and for lines of one pixel.
        let [_, height] = self.desk.size_of(&self.window);
        let is_line = |label: &&String| label.is_empty();
        let number = |count: usize| i32::try_from(count).expect("a short menu");
        let lines = number(self.lines.iter().filter(is_line).count());
        let lines_above = number(self.lines[..at].iter().filter(is_line).count());
        let entries = number(self.lines.len()) - lines;
        let entries_above = number(at) - lines_above;
        let room = height - 8 - lines;
        let y = 4 + lines_above + (2 * entries_above + 1) * room / (2 * entries);
        // Into the menu first, and then to the entry, as a hand moves.
        let window = &self.window;
        self.desk
            .hand(&format!("mousemove --window {window} 30 {}", y - 3));
        self.desk
            .hand(&format!("mousemove --window {window} 40 {y} click 1"));
    }

    /// Closes it.
    pub fn close(&self) {
        self.desk.hand("key Escape");
    }
}

impl Dialog<'_> {
    /// Clicks on the button at this place of so many, which share the lower edge.
    pub fn press(&self, at: i32, of: i32) {
        let [width, height] = self.desk.size_of(&self.window);
        let (x, y) = (width * (2 * at + 1) / (2 * of), height - 17);
        let window = &self.window;
        self.desk
            .hand(&format!("mousemove --window {window} {x} {y} click 1"));
    }

    /// Presses keys in it, one after another.
    pub fn keys(&self, keys: &[&str]) {
        for key in keys {
            self.desk.run("xdotool", &["key", "--clearmodifiers", key]);
        }
    }

    /// Takes the first folder of the home folder in a chooser: goes there at the left, clicks on the first line of the
    /// list, and then on the button at the lower right.
    pub fn choose_first_at_home(&self) {
        let [width, height] = self.desk.size_of(&self.window);
        for (x, y) in [(60, 60), (300, 85), (width - 50, height - 26)] {
            self.wait_calm();
            let window = &self.window;
            self.desk
                .hand(&format!("mousemove --window {window} {x} {y} click 1"));
        }
        self.wait_gone();
    }

    /// Waits until it looks the same for a while: nothing tells when a chooser has read its folder.
    fn wait_calm(&self) {
        let look = || {
            let seen = self
                .desk
                .command("import")
                .args(["-window", &self.window, "rgb:-"])
                .output();
            seen.expect("import runs").stdout
        };
        let mut last = look();
        wait_until(LIMIT, "the dialog is calm", || {
            std::thread::sleep(Duration::from_millis(400));
            let now = look();
            let calm = now == last;
            last = now;
            calm
        });
    }

    /// Puts it out of sight.
    pub fn minimize(&self) {
        self.desk.run("xdotool", &["windowminimize", &self.window]);
    }

    /// Waits until it is gone.
    pub fn wait_gone(&self) {
        wait_until(LIMIT, "the dialog is gone", || self.is_gone());
    }

    fn is_gone(&self) -> bool {
        // It may only be hidden.
        !self.desk.windows(".*").contains(&self.window)
    }
}
