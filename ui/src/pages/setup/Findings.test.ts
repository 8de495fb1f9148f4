import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";

import type { Doctor, Mended } from "../../lib/types";
import { doctor as found, loggedOut } from "../../mock/house";
import { Loader } from "../../state/loader.svelte";
import { notes } from "../../state/notes.svelte";
import Findings from "./Findings.svelte";

afterEach(() => {
  clearMocks();
  for (const note of notes.list) notes.dismiss(note.id);
});

function show(report: Doctor) {
  const loader = new Loader(() => Promise.resolve(report));
  loader.set(report);
  let fixed = 0;
  render(Findings, { doctor: loader, onfixed: () => (fixed += 1) });
  return { loader, fixed: () => fixed };
}

const well: Doctor = { ...found, level: "ok", findings: found.findings.filter((one) => one.level === "ok") };

test("what keeps runs from working stands before what is to be looked at", () => {
  show({ ...found, level: "fault", findings: [...found.findings, loggedOut] });
  expect(screen.getByText("1 problem keeps runs from working")).toBeTruthy();
  expect(screen.getByText("4 things to look at")).toBeTruthy();
  const list = within(screen.getByRole("list", { name: "What is to be looked at" }));
  const [first] = list.getAllByRole("listitem");
  expect(first?.textContent).toContain("login_refused");
  expect(first?.textContent).toContain("codex login");
});

test("where all is well nothing is to be done", () => {
  show(well);
  expect(screen.getByText("All is well.")).toBeTruthy();
  expect(screen.queryByRole("list", { name: "What is to be looked at" })).toBeNull();
  expect(screen.queryByRole("button", { name: /Mend/ })).toBeNull();
});

test("a button mends what it stands beside, and what is left is shown", async () => {
  const asked: unknown[] = [];
  mockIPC((command, args): Mended => {
    asked.push([command, args]);
    return { done: [{ id: "root_missing", what: "", key: "", label: "", said: "it is off the list", error: null }], report: well };
  });
  const { fixed } = show(found);
  await fireEvent.click(screen.getByRole("button", { name: /^Take it off the list: / }));
  expect(await screen.findByText("All is well.")).toBeTruthy();
  expect(asked).toEqual([["fix_finding", { args: { key: "remove_root:/Volumes/Work/old" } }]]);
  expect(notes.list.map((note) => note.kind === "done" && note.text)).toEqual(["it is off the list"]);
  expect(fixed()).toBe(1);
});

test("all that can be mended without loss is mended with one button", async () => {
  const asked: unknown[] = [];
  mockIPC((_, args): Mended => {
    asked.push(args);
    return { done: [], report: well };
  });
  show(found);
  await fireEvent.click(screen.getByRole("button", { name: "Mend 2 of them" }));
  expect(await screen.findByText("All is well.")).toBeTruthy();
  expect(asked).toEqual([{ args: { key: null } }]);
});

test("what could not be mended says why and stays", async () => {
  const error = { code: "client_config", message: "somebody else was faster", hint: "Look again." };
  mockIPC((): Mended => ({ done: [{ id: "client_wiped", what: "", key: "", label: "", said: null, error }], report: found }));
  show(found);
  await fireEvent.click(screen.getByRole("button", { name: /^Repair the entry: / }));
  await expect.poll(() => notes.list.map((note) => note.kind === "failed" && note.error.message)).toEqual(["somebody else was faster"]);
  expect(screen.getByText("client_wiped")).toBeTruthy();
});

test("several looks of one name are shown each", () => {
  show({ ...well, findings: [...well.findings, ...well.findings] });
  expect(screen.getByText(`${2 * well.findings.length} checks without a finding`)).toBeTruthy();
});
