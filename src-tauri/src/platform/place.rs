//! Where the popover comes up and what a click on the icon does to it, as plain data. Points, from the top left of the
//! first display.

use std::time::Duration;

/// The popover's size.
pub(crate) const SIZE: (f64, f64) = (360.0, 560.0);
/// Between the popover and the icon, and the edges of the display.
const GAP: f64 = 6.0;
/// A click on the icon takes the focus from the popover, which closes it, before the click itself is told (macOS 27).
const SAME_CLICK: Duration = Duration::from_millis(250);

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    /// From the left.
    pub(crate) x: f64,
    /// From the top.
    pub(crate) y: f64,
    /// How wide.
    pub(crate) width: f64,
    /// How high.
    pub(crate) height: f64,
}

/// A display. Systems tell places in its own pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Display {
    /// All of it, in pixels.
    pub(crate) whole: Area,
    /// What neither menu bar nor Dock takes, in pixels.
    pub(crate) free: Area,
    /// Pixels per point.
    pub(crate) scale: f64,
}

/// What a click on the icon does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Toggle {
    /// The popover comes up.
    Show,
    /// It goes.
    Hide,
    /// It went by this very click.
    Stay,
}

/// What a click does to a popover that is there or not, and lost the focus so long ago.
pub(crate) fn toggle(is_shown: bool, since_blur: Option<Duration>) -> Toggle {
    match (is_shown, since_blur) {
        (true, _) => Toggle::Hide,
        (false, Some(since)) if since < SAME_CLICK => Toggle::Stay,
        (false, _) => Toggle::Show,
    }
}

/// Where it comes up: below the middle of the icon, on the display that the icon was clicked on, and wholly there.
/// The icon is told in the pixels of its display, and so is each display: the pixels of two may overlap. Then it is the
/// one whose menu bar is as high as the icon.
pub(crate) fn place(icon: Area, displays: &[Display]) -> Option<Area> {
    let is_on = |display: &&Display| display.whole.contains(icon.middle());
    let misfit = |display: &&Display| (display.bar() - icon.height).abs();
    let fits = |one: &&Display, other: &&Display| misfit(one).total_cmp(&misfit(other));
    let found = displays.iter().filter(is_on).min_by(fits);
    let display = found.or(displays.first())?;
    let icon = icon.in_points(display.scale);
    let free = display.free.in_points(display.scale);
    let width = SIZE.0.min(free.width - 2.0 * GAP);
    let y = (icon.y + icon.height + GAP).max(free.y + GAP);
    let height = SIZE.1.min(free.y + free.height - GAP - y);
    let left = free.x + GAP;
    let right = free.x + free.width - GAP - width;
    Some(Area {
        x: (icon.middle().0 - width / 2.0).min(right).max(left),
        y,
        width,
        height,
    })
}

impl Display {
    /// How high its menu bar is.
    fn bar(&self) -> f64 {
        self.free.y - self.whole.y
    }
}

impl Area {
    fn middle(&self) -> (f64, f64) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    fn contains(&self, (x, y): (f64, f64)) -> bool {
        (self.x..self.x + self.width).contains(&x) && (self.y..self.y + self.height).contains(&y)
    }

    fn in_points(&self, scale: f64) -> Area {
        Area {
            x: self.x / scale,
            y: self.y / scale,
            width: self.width / scale,
            height: self.height / scale,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(x: f64, y: f64, width: f64, height: f64) -> Area {
        Area {
            x,
            y,
            width,
            height,
        }
    }

    /// A MacBook's display, and an ordinary one to its right; their pixels overlap.
    fn displays() -> [Display; 2] {
        [
            Display {
                whole: area(0.0, 0.0, 3024.0, 1964.0),
                free: area(0.0, 76.0, 3024.0, 1750.0),
                scale: 2.0,
            },
            Display {
                whole: area(1512.0, 0.0, 1920.0, 1080.0),
                free: area(1512.0, 25.0, 1920.0, 1055.0),
                scale: 1.0,
            },
        ]
    }

    fn check(icon: Area, expected: Area) {
        assert_eq!(place(icon, &displays()), Some(expected), "{icon:?}");
    }

    #[test]
    fn it_comes_up_below_the_middle_of_the_icon() {
        let icon = area(2000.0, 0.0, 60.0, 76.0);
        check(icon, area(835.0, 44.0, 360.0, 560.0));
    }

    #[test]
    fn it_stays_on_the_display_that_was_clicked_on() {
        // At the right end of the first display, and at the left end of the second one.
        check(
            area(2980.0, 0.0, 40.0, 76.0),
            area(1146.0, 44.0, 360.0, 560.0),
        );
        check(
            area(1520.0, 0.0, 30.0, 24.0),
            area(1518.0, 31.0, 360.0, 560.0),
        );
    }

    #[test]
    fn a_small_display_has_a_small_popover_and_an_icon_nowhere_the_first_display() {
        let small = Display {
            whole: area(0.0, 0.0, 340.0, 400.0),
            free: area(0.0, 24.0, 340.0, 376.0),
            scale: 1.0,
        };
        let found = place(area(-500.0, 0.0, 20.0, 24.0), &[small]);
        assert_eq!(found, Some(area(6.0, 30.0, 328.0, 364.0)));
        assert_eq!(place(area(0.0, 0.0, 1.0, 1.0), &[]), None);
    }

    #[test]
    fn the_click_that_took_its_focus_does_not_bring_it_back() {
        let ms = Duration::from_millis;
        assert_eq!(toggle(false, None), Toggle::Show);
        assert_eq!(toggle(true, None), Toggle::Hide);
        assert_eq!(toggle(true, Some(ms(10))), Toggle::Hide);
        assert_eq!(toggle(false, Some(ms(80))), Toggle::Stay);
        assert_eq!(toggle(false, Some(ms(400))), Toggle::Show);
    }
}
