//! Looks into the app's window and uses it, by the WebDriver protocol.

use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::Agent;

use crate::desk::{App, Desk, LIMIT};
use crate::processes;
use crate::scene::workspace;

const DRIVER: &str = "target/tools/tauri-driver-2.1.0/bin/tauri-driver";
/// By which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A window that is about to be there: the driver answers once one is.
pub(crate) struct Opening {
    driver: Child,
    base: String,
    agent: Agent,
    session: JoinHandle<Result<Value, String>>,
}

/// The app's window.
pub struct Page {
    driver: Child,
    base: String,
    agent: Agent,
}

impl Page {
    /// Starts the app under a driver.
    pub(crate) fn begin(desk: &Desk) -> Opening {
        let program = workspace().join(DRIVER);
        assert!(program.exists(), "no tauri-driver: run scripts/test-desk");
        let (port, native) = free_ports();
        let log = std::fs::File::create(desk.folder.join("log/driver")).expect("a log");
        let driver = desk
            .command(program)
            .args(["--port", &port.to_string()])
            .args(["--native-port", &native.to_string()])
            .args(["--native-driver", "/usr/bin/WebKitWebDriver"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("tauri-driver starts");
        let base = format!("http://127.0.0.1:{port}");
        let agent: Agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(LIMIT))
            .build()
            .into();
        processes::wait_until(LIMIT, "the driver answers", || {
            agent.get(format!("{base}/status")).call().is_ok()
        });
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "wry",
            "tauri:options": {"application": App::path(), "args": []},
        }}});
        let (asking, address) = (agent.clone(), format!("{base}/session"));
        let session = std::thread::spawn(move || ask(&asking, "POST", &address, &wanted));
        Opening {
            driver,
            base,
            agent,
            session,
        }
    }

    /// The process of the app, which its driver has started.
    pub fn app(&self) -> u32 {
        let name = App::path().display().to_string();
        let found = processes::with_argument(&name).into_iter();
        let own: Vec<u32> = found
            .filter(|pid| processes::has_ancestor(*pid, self.driver.id()))
            .collect();
        *own.first().expect("the app runs")
    }

    /// Waits for an element that this path leads to.
    pub fn find(&self, xpath: &str) -> String {
        let begin = Instant::now();
        loop {
            let wanted = json!({"using": "xpath", "value": xpath});
            match self.post("element", &wanted) {
                Ok(found) => return found[ELEMENT].as_str().expect("an element").to_owned(),
                Err(error) => assert!(
                    begin.elapsed() < LIMIT,
                    "no {xpath} ({error}) in: {}",
                    self.text()
                ),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether there is such an element now.
    pub fn has(&self, xpath: &str) -> bool {
        let wanted = json!({"using": "xpath", "value": xpath});
        self.post("element", &wanted).is_ok()
    }

    /// Waits until the page says this somewhere.
    pub fn wait_for_text(&self, text: &str) {
        self.find(&format!("//*[contains(normalize-space(.), \"{text}\")]"));
    }

    /// Clicks on an element, once it is there and can be clicked.
    pub fn click(&self, xpath: &str) {
        let begin = Instant::now();
        loop {
            let element = self.find(xpath);
            match self.post(&format!("element/{element}/click"), &json!({})) {
                Ok(_) => return,
                // It was replaced, or something lies over it for the moment.
                Err(error) => assert!(begin.elapsed() < LIMIT, "click on {xpath}: {error}"),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Clicks on the button of these words.
    pub fn press(&self, words: &str) {
        self.click(&format!(
            "//button[normalize-space(.)=\"{words}\" and not(@disabled)]"
        ));
    }

    /// Types into a field.
    pub fn type_into(&self, xpath: &str, text: &str) {
        let element = self.find(xpath);
        self.post(&format!("element/{element}/value"), &json!({"text": text}))
            .unwrap_or_else(|error| panic!("typing into {xpath}: {error}"));
    }

    /// What a field has in it.
    pub fn value_of(&self, xpath: &str) -> String {
        let element = self.find(xpath);
        let value = self.post(
            "execute/sync",
            &json!({"script": "return arguments[0].value", "args": [{ELEMENT: element}]}),
        );
        let value = value.unwrap_or_else(|error| panic!("{xpath}: {error}"));
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until there is no such element.
    pub fn wait_without(&self, xpath: &str) {
        processes::wait_until(LIMIT, &format!("{xpath} is gone"), || !self.has(xpath));
    }

    /// Waits until what the page shows by now is on the screen.
    pub fn wait_drawn(&self) {
        let script = "const done = arguments[0];
            requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100)));";
        self.post("execute/async", &json!({"script": script, "args": []}))
            .unwrap_or_else(|error| panic!("the page is not drawn: {error}"));
    }

    /// Goes to one of the pages, by the list at the side.
    pub fn go(&self, page: &str) {
        self.click(&format!("//nav//a[contains(., \"{page}\")]"));
    }

    /// All words that are shown.
    pub fn text(&self) -> String {
        let text = self.run("return document.body.innerText");
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Runs a script in the page and gives what it returns.
    pub fn run(&self, script: &str) -> Value {
        self.post("execute/sync", &json!({"script": script, "args": []}))
            .unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Asks the app for a command, as its page does.
    pub fn ask(&self, command: &str, args: Value) -> Result<Value, Value> {
        let script = "const [command, args, done] = arguments;
            window.__TAURI_INTERNALS__.invoke(command, args)
              .then((ok) => done({ ok }), (error) => done({ error }));";
        let answer = self
            .post(
                "execute/async",
                &json!({"script": script, "args": [command, args]}),
            )
            .unwrap_or_else(|error| panic!("{command}: {error}"));
        match answer.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(answer["ok"].clone()),
        }
    }

    fn post(&self, what: &str, body: &Value) -> Result<Value, String> {
        ask(&self.agent, "POST", &format!("{}/{what}", self.base), body)
    }
}

impl Opening {
    /// Waits until the window is there.
    pub(crate) fn wait(self) -> Page {
        let session = self.session.join().expect("the driver is asked");
        let session = session.unwrap_or_else(|error| panic!("no session: {error}"));
        let id = session["sessionId"].as_str().expect("a session's id");
        Page {
            driver: self.driver,
            base: format!("{}/session/{id}", self.base),
            agent: self.agent,
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // Without it the app would live on. It fails when the app has ended.
        let _ = ask(&self.agent, "DELETE", &self.base, &Value::Null);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn ask(agent: &Agent, method: &str, address: &str, body: &Value) -> Result<Value, String> {
    let answer = match method {
        "DELETE" => agent.delete(address).call(),
        _ => agent.post(address).send_json(body),
    };
    let mut answer = answer.map_err(|error| error.to_string())?;
    let text: Value = answer
        .body_mut()
        .read_json()
        .map_err(|error| error.to_string())?;
    let value = text["value"].clone();
    if answer.status().is_success() {
        Ok(value)
    } else {
        Err(value.to_string())
    }
}

/// Two ports that nobody uses at this moment.
fn free_ports() -> (u16, u16) {
    let any = || TcpListener::bind("127.0.0.1:0").expect("a port");
    let (one, other) = (any(), any());
    let port = |listener: &TcpListener| listener.local_addr().expect("its address").port();
    (port(&one), port(&other))
}
