import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test, vi } from "vitest";

import { settings } from "../../mock/house";
import type { Setting } from "../../lib/types";
import SettingRow from "./SettingRow.svelte";

function setting(key: string): Setting {
  const found = settings.find((one) => one.key === key);
  if (!found) throw new Error(key);
  return found;
}

test("a bad value is not taken, and the row says why", async () => {
  const onsave = vi.fn(() => Promise.reject({ code: "invalid_argument", message: "too many", hint: "" }));
  render(SettingRow, { setting: setting("limits.running"), onsave });
  const field = screen.getByLabelText("Runs at once");
  await fireEvent.input(field, { target: { value: "9000" } });
  await fireEvent.blur(field);
  expect((await screen.findByRole("alert")).textContent).toContain("too many");
  expect(field.getAttribute("aria-invalid")).toBe("true");
});

test("what is no number is not even asked for", async () => {
  const onsave = vi.fn(() => Promise.resolve());
  render(SettingRow, { setting: setting("limits.running"), onsave });
  const field = screen.getByLabelText("Runs at once");
  await fireEvent.input(field, { target: { value: "many" } });
  await fireEvent.blur(field);
  expect(await screen.findByRole("alert")).toBeTruthy();
  expect(onsave).not.toHaveBeenCalled();
});

test("a good value is saved as what it is", async () => {
  const onsave = vi.fn(() => Promise.resolve());
  render(SettingRow, { setting: setting("limits.running"), onsave });
  const field = screen.getByLabelText("Runs at once");
  await fireEvent.input(field, { target: { value: " 8 " } });
  await fireEvent.keyDown(field, { key: "Enter" });
  expect(onsave).toHaveBeenCalledWith(8);
});

test("what the environment overrides can't be changed and says by what", () => {
  render(SettingRow, { setting: setting("codex.home"), onsave: () => Promise.resolve() });
  expect(screen.getByLabelText("Codex folder")).toHaveProperty("disabled", true);
  expect(screen.getByText("CODEX_HOME overrides this")).toBeTruthy();
});

test("a setting of the file can go back to its default", async () => {
  const onsave = vi.fn(() => Promise.resolve());
  render(SettingRow, { setting: setting("ceilings.minutes"), onsave });
  await fireEvent.click(screen.getByRole("button", { name: /Back to the default/ }));
  expect(onsave).toHaveBeenCalledWith(null);
});
