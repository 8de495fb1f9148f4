/** The wire's types under the names that the window uses. */

import type * as wire from "./wire";

export type BridgeError = wire.Error;
export type Run = wire.Run;
export type RunSummary = wire.RunSummary;
export type RunState = wire.State;
export type RunKind = wire.Kind;
export type RunPage = wire.RunPage;
export type RunEvent = wire.Event;
export type Updates = wire.Updates;
export type RunBatch = wire.RunBatch;
export type Live = wire.Live;
export type Session = wire.Session;
export type Usage = wire.Usage;
export type Check = wire.Check;
export type ChangesPage = wire.ChangesPage;
export type FilePatch = wire.FilePatch;
export type Obstacles = wire.Obstacles;
export type Finished = wire.Finished;
export type Steered = wire.Steered;
export type Question = wire.Question;
export type Decision = wire.Decision;
export type Review = wire.Review;
export type Finding = wire.Finding;
export type Code = wire.Code;
export type ReviewCode = wire.ReviewCode;
export type Severity = wire.Severity;
export type Doctor = wire.Doctor;
export type Level = wire.Level;
export type Look = wire.Look;
export type Mended = wire.Mended;
export type AuditEntry = wire.AuditEntry;
export type SelfTest = wire.SelfTest;
export type SelfTestStep = wire.SelfTestStep;
export type Status = wire.Status;
export type Setting = wire.Setting;
export type SettingKind = wire.SettingKind;
export type Root = wire.Root;
export type Candidate = wire.Candidate;
export type Client = wire.McpClient;
export type ClientList = wire.ClientList;
export type ClientChange = wire.ClientChange;
export type Proof = wire.Proof;

export type ClientAct = "install" | "repair" | "remove" | "undo" | "restore" | "take_over" | "leave";
/** What is done where a client runs that would write over its file. */
export type IfRunning = "refuse" | "insist" | "restart" | "when_quit";
export type Page = "runs" | "activity" | "setup" | "settings";
export type AuditPage = wire.AuditPage;
export type ApiKey = wire.ApiKey;
export type LoginItem = wire.LoginItem;
export type About = wire.About;
export type Navigate = { page: Page; run_id?: string | null };

/** What a page shows while and after something is fetched. */
export type Loaded<T> =
  | { at: "loading" }
  | { at: "failed"; error: BridgeError }
  | { at: "ready"; value: T };
