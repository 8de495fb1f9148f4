/** The one place that talks to the app. Every command has one shape, and every failure is a `BridgeError`. */

import { Channel, invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import { getCurrentWebview } from "@tauri-apps/api/webview";
import { getCurrentWindow } from "@tauri-apps/api/window";

import { t } from "./strings";
import type * as types from "./types";

export type TaskArgs = {
  prompt: string;
  working_dir?: string;
  workspace?: "in_place" | "worktree";
  carry_changes?: boolean;
  sandbox?: "read-only" | "workspace-write";
  network?: boolean;
  web_search?: boolean;
  model?: string;
  effort?: string;
  timeout_s?: number;
  title?: string;
  request_id?: string;
};
export type ReviewArgs = {
  working_dir?: string;
  target?: "uncommitted" | "branch" | "commit";
  base?: string;
  commit?: string;
  instructions?: string;
  model?: string;
  effort?: string;
  timeout_s?: number;
  request_id?: string;
};
export type TurnArgs = { prompt: string; model?: string; effort?: string; request_id?: string };
export type ListArgs = {
  source?: "bridge" | "codex";
  states?: types.RunState[];
  folder?: string;
  client?: string;
  text?: string;
  kind?: types.RunKind;
  limit?: number;
  cursor?: number;
};
export type FinishArgs = {
  run_id: string;
  action: "apply" | "branch" | "discard";
  diff_hash?: string;
  branch?: string;
  message?: string;
};
export type ChangesArgs = {
  run_id: string;
  path?: string;
  cursor?: number;
  diff_hash?: string;
  patches?: boolean;
  check_apply?: boolean;
};
export type AuditArgs = { client?: string; action?: string; text?: string; before?: number; limit?: number };
export type ClientArgs = { client: string; act: types.ClientAct; backup?: string; dry_run?: boolean; if_running?: types.IfRunning };

/** Whatever was thrown, as an error that can be shown. */
export function toError(thrown: unknown): types.BridgeError {
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && "message" in thrown) {
    const hint = "hint" in thrown ? String(thrown.hint) : "";
    return { code: String(thrown.code), message: String(thrown.message), hint };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: "internal", message, hint: t.errors.internalHint };
}

async function call<T>(command: string, args?: object, channel?: Channel<never>): Promise<T> {
  try {
    return await invoke<T>(command, { ...(args && { args }), ...(channel && { channel }) });
  } catch (thrown) {
    throw toError(thrown);
  }
}

function channelOf<T>(heard: (news: T) => void): Channel<never> {
  const channel = new Channel<T>();
  channel.onmessage = heard;
  return channel as Channel<never>;
}

export const api = {
  runTask: (args: TaskArgs) => call<types.Run>("run_task", args),
  reviewRepo: (args: ReviewArgs) => call<types.Run>("review_repo", args),
  continueRun: (args: TurnArgs & { run_id: string }) => call<types.Run>("continue_run", args),
  resumeSession: (args: TurnArgs & { session_id: string }) => call<types.Run>("resume_session", args),
  getRun: (args: { run_id: string; message_offset?: number; findings_offset?: number }) =>
    call<types.Run>("get_run", args),
  getRunUpdates: (args: { run_id: string; cursor?: number; limit?: number }) =>
    call<types.Updates>("get_run_updates", args),
  steerRun: (run_id: string, message: string) => call<types.Steered>("steer_run", { run_id, message }),
  answerRun: (run_id: string, question: number, answer: types.Decision) => call<types.Steered>("answer_run", { run_id, question, answer }),
  cancelRun: (run_id: string) => call<types.Run>("cancel_run", { run_id }),
  listRuns: (args: ListArgs) => call<types.RunPage>("list_runs", args),
  getChanges: (args: ChangesArgs) => call<types.ChangesPage>("get_changes", args),
  finishRun: (args: FinishArgs) => call<types.Finished>("finish_run", args),
  doctor: () => call<types.Doctor>("doctor", {}),
  /** Mends what has this key; without one all that can be mended without loss. */
  fixFinding: (key: string | null) => call<types.Mended>("fix_finding", { key }),
  /** The lines that the findings of a review speak of. */
  reviewCode: (run_id: string) => call<types.ReviewCode>("review_code", { run_id }),

  status: () => call<types.Status>("status"),
  watchStatus: (heard: (status: types.Status) => void) => call<{ watch: number }>("watch_status", undefined, channelOf(heard)),
  watchRun: (run_id: string, cursor: number, heard: (batch: types.RunBatch) => void) =>
    call<{ watch: number }>("watch_run", { run_id, cursor }, channelOf(heard)),
  unwatch: (watch: number) => call<null>("unwatch", { watch }),
  setPaused: (paused: boolean) => call<null>("set_paused", { paused }),
  settings: () => call<types.Setting[]>("settings"),
  setSetting: (key: string, value: unknown) => call<types.Setting[]>("set_setting", { key, value }),
  roots: () => call<types.Root[]>("roots"),
  addRoot: (path: string, insist: boolean) => call<types.Root[]>("add_root", { path, insist }),
  removeRoot: (path: string) => call<types.Root[]>("remove_root", { path }),
  pickFolder: (title: string) => call<string | null>("pick_folder", { title }),
  codexCandidates: () => call<types.Candidate[]>("codex_candidates"),
  pickCodex: (path: string | null) => call<types.Candidate[]>("pick_codex", { path }),
  apiKey: () => call<types.ApiKey>("api_key"),
  setApiKey: (key: string) => call<types.ApiKey>("set_api_key", { key }),
  clearApiKey: () => call<types.ApiKey>("clear_api_key"),
  selfTest: (heard: (step: types.SelfTestStep) => void) =>
    call<types.SelfTest>("self_test", undefined, channelOf(heard)),
  clients: () => call<types.ClientList>("clients"),
  watchClients: (heard: (clients: types.ClientList) => void) => call<{ watch: number }>("watch_clients", undefined, channelOf(heard)),
  changeClient: (args: ClientArgs) => call<types.ClientChange>("change_client", args),
  forgetClientWish: (client: string) => call<null>("forget_client_wish", { client }),
  startClient: (client: string) => call<null>("start_client", { client }),
  /** Waits until the client has started the bridge, or its log says why it can't. */
  awaitClient: (client: string, since: number) => call<types.Proof>("await_client", { client, since }),
  auditLog: (args: AuditArgs) => call<types.AuditPage>("audit_log", args),
  exportAudit: () => call<string | null>("export_audit"),
  exportRun: (run_id: string) => call<string | null>("export_run", { run_id }),
  scrubPreview: (text: string) => call<{ text: string }>("scrub_preview", { text }),
  diagnostics: () => call<string>("diagnostics"),
  openRunFolder: (run_id: string, which: "folder" | "worktree") => call<null>("open_run_folder", { run_id, which }),
  loginItem: () => call<types.LoginItem>("login_item"),
  setLoginItem: (enabled: boolean) => call<types.LoginItem>("set_login_item", { enabled }),
  openWindow: (args: { page?: types.Page; run_id?: string }) => call<null>("open_window", args),
  hidePopover: () => call<null>("hide_popover"),
  /** Quits; where something runs, the app asks first. */
  quit: () => call<null>("quit", {}),
  about: () => call<types.About>("about"),
};

/** Which of the app's windows this is. */
export function windowLabel(): string {
  return getCurrentWindow().label;
}

/** Hears where the app wants the window to go. Returns what ends it. */
export function onNavigate(heard: (to: types.Navigate) => void): () => void {
  return ending(listen<types.Navigate>("navigate", (event) => heard(event.payload)));
}

export type FolderDrop = { type: "over" } | { type: "left" } | { type: "dropped"; paths: string[] };

/** Hears of folders that are dragged over the window and dropped on it. */
export function onFolderDrop(heard: (drop: FolderDrop) => void): () => void {
  const listening = getCurrentWebview().onDragDropEvent(({ payload }) => {
    switch (payload.type) {
      case "enter":
      case "over":
        return heard({ type: "over" });
      case "leave":
        return heard({ type: "left" });
      case "drop":
        return heard({ type: "dropped", paths: payload.paths });
    }
  });
  return ending(listening);
}

/** Puts text on the clipboard, also where the web view has no clipboard of its own. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("aria-hidden", "true");
    area.className = "offscreen";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

/** An ending that works before the listening has begun. */
function ending(listening: Promise<() => void>): () => void {
  listening.catch(() => undefined);
  return () => void listening.then((end) => end(), () => undefined);
}
