/** The wire's types under the names that the window uses. */

import type * as wire from "./wire";

export type BridgeError = wire.ErrorDto;
export type Run = wire.RunDto;
export type RunSummary = wire.RunSummaryDto;
export type RunState = wire.StateDto;
export type RunKind = wire.KindDto;
export type RunPage = wire.RunPageDto;
export type RunEvent = wire.EventDto;
export type Updates = wire.UpdatesDto;
export type RunBatch = wire.RunBatchDto;
export type Session = wire.SessionDto;
export type Usage = wire.UsageDto;
export type Check = wire.CheckDto;
export type ChangesPage = wire.ChangesPageDto;
export type FilePatch = wire.FilePatchDto;
export type Obstacles = wire.ObstaclesDto;
export type Finished = wire.FinishedDto;
export type Review = wire.ReviewDto;
export type Finding = wire.FindingDto;
export type Severity = wire.SeverityDto;
export type Doctor = wire.DoctorDto;
export type Level = wire.LevelDto;
export type AuditEntry = wire.AuditEntryDto;
export type SelfTest = wire.SelfTestDto;
export type SelfTestStep = wire.SelfTestStepDto;
export type Status = wire.StatusDto;
export type Setting = wire.SettingDto;
export type SettingKind = wire.SettingKindDto;
export type Root = wire.RootDto;
export type Candidate = wire.CandidateDto;

export type Page = "runs" | "activity" | "setup" | "settings";
export type AuditPage = { entries: AuditEntry[]; next: number | null };
export type ApiKey = { stored: boolean; problem: BridgeError | null };
export type LoginItem = { enabled: boolean; note: string | null };
export type About = { version: string; codex: string | null; state_dir: string; config_path: string };
export type Navigate = { page: Page; run_id?: string | null };

/** What a page shows while and after something is fetched. */
export type Loaded<T> =
  | { at: "loading" }
  | { at: "failed"; error: BridgeError }
  | { at: "ready"; value: T };
