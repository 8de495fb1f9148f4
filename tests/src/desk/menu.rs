//! The icon in the tray and its menu, as a panel reads them.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

use crate::desk::{Desk, LIMIT};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";

/// One entry of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    id: i32,
    /// Its words; empty for a line between.
    pub label: String,
    /// Whether a click does something.
    pub enabled: bool,
}

/// The app's icon in the tray.
#[derive(Debug)]
pub struct Tray {
    bus: Connection,
    owner: String,
    path: String,
    menu: OwnedObjectPath,
}

type Layout = (u32, (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>));
type Node = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

impl Tray {
    /// Waits for the icon, the only one in the tray.
    pub fn wait(desk: &Desk) -> Tray {
        let begin = Instant::now();
        loop {
            if let Some(tray) = Tray::find(desk) {
                return tray;
            }
            assert!(begin.elapsed() < LIMIT, "no icon in the tray");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The icon, if it is there.
    pub fn find(desk: &Desk) -> Option<Tray> {
        let bus = desk.bus().clone();
        let watcher = Proxy::new(&bus, WATCHER, "/StatusNotifierWatcher", WATCHER).ok()?;
        // Without the proxy's memory, which may be older than the last change.
        let items: Vec<String> = property(&watcher, "RegisteredStatusNotifierItems")?;
        let item = items.first()?;
        let (owner, path) = item.split_at(item.find('/')?);
        let (owner, path) = (owner.to_owned(), path.to_owned());
        let proxy = Proxy::new(&bus, owner.clone(), path.clone(), ITEM).ok()?;
        let menu = property(&proxy, "Menu")?;
        drop(proxy);
        drop(watcher);
        Some(Tray {
            bus,
            owner,
            path,
            menu,
        })
    }

    /// The name of the picture that it has now.
    pub fn picture(&self) -> String {
        let item = self.proxy(&self.path, ITEM);
        property(&item, "IconName").expect("it has a picture")
    }

    /// The number beside it.
    pub fn count(&self) -> String {
        let item = self.proxy(&self.path, ITEM);
        property(&item, "XAyatanaLabel").unwrap_or_default()
    }

    /// The menu as it stands.
    pub fn entries(&self) -> Vec<Entry> {
        let menu = self.proxy(self.menu.as_str(), "com.canonical.dbusmenu");
        let _: bool = menu.call("AboutToShow", &(0,)).unwrap_or_default();
        let none: [&str; 0] = [];
        // The icon is there a moment before its menu.
        let Ok(layout) = menu.call::<_, _, Layout>("GetLayout", &(0, -1, &none[..])) else {
            return Vec::new();
        };
        let children = layout.1.2.into_iter();
        children
            .map(|child| {
                let node: Node = child.try_into().expect("an entry");
                Entry::of(&node)
            })
            .collect()
    }

    /// Waits until an entry begins like this, spaces aside.
    pub fn wait_for(&self, beginning: &str) -> Entry {
        self.wait_until(&format!("an entry `{beginning}`"), |entries| {
            entries
                .iter()
                .find(|entry| entry.begins(beginning))
                .cloned()
        })
    }

    /// Waits until no entry begins like this.
    pub fn wait_without(&self, beginning: &str) {
        self.wait_until(&format!("no entry `{beginning}`"), |entries| {
            let has = entries.iter().any(|entry| entry.begins(beginning));
            (!has).then_some(())
        });
    }

    /// Waits until the menu shows something.
    pub fn wait_until<T>(&self, what: &str, shows: impl Fn(&[Entry]) -> Option<T>) -> T {
        let begin = Instant::now();
        loop {
            let entries = self.entries();
            if let Some(found) = shows(&entries) {
                return found;
            }
            assert!(begin.elapsed() < LIMIT, "waited for {what} in {entries:#?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Clicks the first entry that begins like this, once it is there, as a panel tells of a click.
    pub fn click(&self, beginning: &str) {
        let menu = self.proxy(self.menu.as_str(), "com.canonical.dbusmenu");
        self.wait_until(&format!("`{beginning}` to click"), |entries| {
            let mut fitting = entries.iter().filter(|entry| entry.begins(beginning));
            let entry = fitting.find(|entry| entry.enabled)?;
            let click = (entry.id, "clicked", Value::from(""), 0_u32);
            // The menu may have been made anew since it was read: then there is no such entry.
            menu.call::<_, _, ()>("Event", &click).ok()
        });
    }

    fn proxy<'a>(&'a self, path: &'a str, interface: &'static str) -> Proxy<'a> {
        Proxy::new(&self.bus, self.owner.as_str(), path, interface).expect("the item is there")
    }
}

impl Entry {
    fn of((id, properties, _): &Node) -> Entry {
        let label = properties.get("label");
        let label = label.and_then(|label| <&str>::try_from(label).ok());
        let enabled = properties.get("enabled");
        let enabled = enabled.and_then(|enabled| bool::try_from(enabled).ok());
        Entry {
            id: *id,
            // A single one marks the key of an entry.
            label: label.unwrap_or_default().replace('_', ""),
            enabled: enabled.unwrap_or(true),
        }
    }

    fn begins(&self, beginning: &str) -> bool {
        self.label.trim_start().starts_with(beginning)
    }

    /// Whether the keys of the keyboard stop at it.
    pub fn can_be_chosen(&self) -> bool {
        self.enabled && !self.label.is_empty()
    }
}

fn property<T>(proxy: &Proxy<'_>, name: &str) -> Option<T>
where
    T: TryFrom<OwnedValue>,
{
    let interface = proxy.interface().to_string();
    let all = Proxy::new(
        proxy.connection(),
        proxy.destination().to_owned(),
        proxy.path().to_owned(),
        "org.freedesktop.DBus.Properties",
    );
    let value: OwnedValue = all.ok()?.call("Get", &(interface, name)).ok()?;
    value.try_into().ok()
}
