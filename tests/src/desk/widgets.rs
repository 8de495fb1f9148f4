//! What lies around the app's own page, used as a hand does: the menu in the panel, dialogs, choosers of folders.

use std::time::{Duration, Instant};

use crate::desk::{Area, Desk, LIMIT, Tray, screen};
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
        numbers(&words, ["WIDTH=", "HEIGHT="])
    }

    /// Left and upper edge of a window, to which the mouse goes. What else tells of it counts its frame twice.
    fn corner_of(&self, window: &str) -> [i32; 2] {
        self.hand(&format!("mousemove --window {window} 0 0"));
        let words = self.run("xdotool", &["getmouselocation", "--shell"]);
        numbers(&words, ["X=", "Y="])
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
        self.click_at(width * (2 * at + 1) / (2 * of), height - 17);
    }

    /// Presses keys in it, one after another. Keys go to the window that is active, and a new one is so a moment later.
    pub fn keys(&self, keys: &[&str]) {
        let activate = ["windowactivate", "--sync", &self.window];
        self.desk.run("xdotool", &activate);
        for key in keys {
            self.desk.run("xdotool", &["key", "--clearmodifiers", key]);
        }
    }

    /// Takes the first folder in a chooser: clicks on the first line of the list, and then on the button at the lower
    /// right.
    pub fn choose_first(&self) {
        let [width, height] = self.desk.size_of(&self.window);
        let [left, top] = self.desk.corner_of(&self.window);
        let number = |at: i32| u32::try_from(at).expect("a place on the screen");
        let line = Area {
            x: number(left + 190),
            y: number(top + 76),
            width: 200,
            height: 18,
        };
        let look = || self.desk.points(line);
        // The folder is read a moment after the chooser is there; then the line has words.
        wait_until(LIMIT, "the chooser has read its folder", || {
            screen::colours(&look()) > 4
        });
        let unchosen = look();
        self.click_at(300, 85);
        wait_until(LIMIT, "the line is chosen", || look() != unchosen);
        self.click_at(width - 50, height - 26);
        self.wait_gone();
    }

    fn click_at(&self, x: i32, y: i32) {
        let window = &self.window;
        self.desk
            .hand(&format!("mousemove --window {window} {x} {y} click 1"));
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

/// Numbers that a program tells by these names.
fn numbers<const N: usize>(words: &str, names: [&str; N]) -> [i32; N] {
    names.map(|name| {
        let line = words.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|number| number.parse().ok())
            .expect("a number")
    })
}
