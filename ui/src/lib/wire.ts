/** What goes over the wire, as `bridge-core/src/faces/wire` writes it. */

export type StateDto =
  | "queued" | "starting" | "running" | "waiting" | "stopping"
  | "succeeded" | "failed" | "cancelled" | "timed_out" | "lost";
export type KindDto = "task" | "review" | "continue" | "resume";
export type CancellerDto = "client" | "person" | "owner";
export type LimitDto = "total" | "silence" | "first_event";
export type WorkspaceModeDto = "in_place" | "worktree";
export type FateDto = "applied" | "branched" | "discarded" | "expired";
export type CheckDto = "confirmed" | "differs" | "unconfirmed";
export type LevelDto = "ok" | "warning" | "fault";
export type VerdictDto = "correct" | "needs_work" | "unknown";
export type SeverityDto = "critical" | "high" | "medium" | "low" | "unrated";
export type PlaceDto = "verified" | "moved" | "unverified";

export interface ErrorDto { code: string; message: string; hint: string }

export interface WorkspaceDto {
  mode: WorkspaceModeDto;
  path: string;
  base_commit?: string | null;
  carried: boolean;
  fell_back?: string | null;
  fate?: FateDto | null;
  branch?: string | null;
}
export interface ClientDto { name: string; version?: string | null; session?: string | null }
export interface UsageDto {
  input_tokens: number;
  cached_input_tokens: number;
  output_tokens: number;
  reasoning_tokens: number;
}
export interface RequestedDto {
  sandbox: string;
  network: boolean;
  web_search: boolean;
  model?: string | null;
  effort?: string | null;
  timeout_s: number;
  persist: boolean;
  images: number;
  output_schema: boolean;
}
export interface AppliedDto {
  model?: string | null;
  effort?: string | null;
  sandbox?: string | null;
  network?: boolean | null;
  working_dir?: string | null;
}
export interface ChecksDto {
  model: CheckDto;
  effort: CheckDto;
  sandbox: CheckDto;
  network: CheckDto;
  working_dir: CheckDto;
}
export interface FileSummaryDto {
  path: string;
  change: string;
  lines_added?: number | null;
  lines_removed?: number | null;
}
export interface ChangesDto {
  diff_hash?: string | null;
  files: number;
  lines_added: number;
  lines_removed: number;
  first: FileSummaryDto[];
  left_out: number;
  dirty_before: number;
  unknown_because?: string | null;
}
export interface FindingDto {
  severity: SeverityDto;
  title: string;
  file: string;
  start_line?: number | null;
  end_line?: number | null;
  place: PlaceDto;
  place_note?: string | null;
  in_change: boolean;
  confidence?: number | null;
  body: string;
  suggested_fix?: string | null;
  reports: number;
}
export interface CoverageDto {
  files: number;
  covered: number;
  complete: boolean;
  parts: { files: number; result: "reviewed" | "unreadable" | "not_reached" }[];
  uncovered: { file: string; why: "binary" | "too_large" | "too_many" }[];
  uncovered_more?: number;
}
export interface ReviewDto {
  verdict: VerdictDto;
  explanation: string;
  confidence?: number | null;
  subject: string;
  before?: string | null;
  after?: string | null;
  findings_total: number;
  findings_left_out?: number;
  findings: FindingDto[];
  findings_offset: number;
  findings_next_offset: number | null;
  coverage: CoverageDto;
}
export interface RunDto {
  run_id: string;
  state: StateDto;
  is_final: boolean;
  title: string;
  kind: KindDto;
  working_dir: string;
  workspace: WorkspaceDto;
  client: ClientDto;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  duration_ms: number | null;
  activity: string | null;
  message: string | null;
  message_offset: number;
  message_bytes: number;
  message_truncated: boolean;
  message_next_offset: number | null;
  message_left_out: number;
  usage: UsageDto | null;
  changes: ChangesDto | null;
  review: ReviewDto | null;
  requested: RequestedDto;
  applied: AppliedDto;
  checks: ChecksDto;
  error: ErrorDto | null;
  cancelled_by: CancellerDto | null;
  time_limit: LimitDto | null;
  exit: { code?: number | null; signal?: number | null } | null;
  codex: { path: string; version: string } | null;
  thread_id: string | null;
  continues: string | null;
  request_id: string | null;
  prompt: string;
  prompt_left_out: number;
  events: { recorded: number; bytes: number; left_out: number };
  resources: { run: string; events: string; message: string; diff?: string | null; review?: string | null };
}
export interface RunSummaryDto {
  run_id: string;
  state: StateDto;
  is_final: boolean;
  title: string;
  kind: KindDto;
  working_dir: string;
  client: string;
  created_at: string;
  ended_at?: string | null;
  duration_ms?: number | null;
  activity?: string | null;
  error?: ErrorDto | null;
}
export interface SessionDto {
  session_id: string;
  title?: string | null;
  working_dir?: string | null;
  created_at?: string | null;
  updated_at?: string | null;
  source?: string | null;
  codex_version?: string | null;
  bytes: number;
  archived: boolean;
  run_id?: string | null;
}
export interface RunPageDto {
  runs: RunSummaryDto[];
  sessions?: SessionDto[] | null;
  skipped?: number | null;
  next_cursor: number | null;
}
export interface EventDto {
  seq: number;
  at: string;
  kind: string;
  state?: StateDto | null;
  thread_id?: string | null;
  item_id?: string | null;
  phase?: string | null;
  status?: string | null;
  text?: string | null;
  text_left_out?: number;
  command?: string | null;
  command_left_out?: number;
  output?: string | null;
  output_left_out?: number;
  exit_code?: number | null;
  changes?: { path: string; kind: string }[] | null;
  changes_left_out?: number;
  steps?: { text: string; done: boolean }[] | null;
  steps_left_out?: number;
  query?: string | null;
  query_left_out?: number;
  server?: string | null;
  tool?: string | null;
  usage?: UsageDto | null;
  about?: string | null;
  codex_kind?: string | null;
  raw?: string | null;
  raw_left_out?: number;
}
export interface UpdatesDto {
  run_id: string;
  state: StateDto;
  is_final: boolean;
  activity: string | null;
  error: ErrorDto | null;
  events: EventDto[];
  next_cursor: number;
  more: boolean;
}
export interface FilePatchDto {
  path: string;
  from?: string | null;
  change: string;
  mode_before?: string | null;
  mode_after?: string | null;
  binary: boolean;
  lines_added?: number | null;
  lines_removed?: number | null;
  patch: string;
  patch_offset: number;
  patch_bytes: number;
  patch_cut: boolean;
}
export interface ConflictDto {
  path: string;
  reason: string;
  hunks?: { before: string; after: string; fate: string }[];
}
export interface ObstaclesDto {
  possible: boolean;
  head_moved: boolean;
  conflicts: ConflictDto[];
  conflicts_more: number;
}
export interface ChangesPageDto {
  run_id: string;
  diff_hash: string;
  total_files: number;
  lines_added: number;
  lines_removed: number;
  files: FilePatchDto[];
  next_cursor: number | null;
  workspace: WorkspaceDto;
  head: string | null;
  hidden: boolean;
  left_out: { path: string; why: string }[];
  left_out_more: number;
  apply?: ObstaclesDto | null;
}
export interface FinishedDto {
  files_changed: number;
  files_already_there: number;
  branch?: string | null;
  commit?: string | null;
  hidden: boolean;
  notes?: string[];
  run: RunDto;
}
export interface ModelDto {
  name: string;
  is_default: boolean;
  efforts: string[];
  default_effort?: string | null;
  about?: string | null;
}
export interface DoctorFindingDto { id: string; level: LevelDto; what: string; remedy?: string | null }
export interface DoctorDto {
  level: LevelDto;
  bridge_version: string;
  codex: {
    path: string;
    origin: string;
    version: string;
    login: string;
    lacks: string[];
    models: ModelDto[];
  } | null;
  allowed_roots: string[];
  running: number;
  queued: number;
  findings: DoctorFindingDto[];
}
export interface AuditEntryDto {
  n: number;
  at: string;
  client: string;
  action: string;
  subject: string;
  outcome: string;
  detail: string;
}
export interface SelfTestDto {
  passed: boolean;
  took_ms: number;
  steps: {
    name: string;
    title: string;
    state: string;
    took_ms: number;
    detail: string | null;
    remedy: string | null;
  }[];
}
export interface StatusDto {
  paused: boolean;
  waiting: RunDto[];
  running: RunDto[];
  queued: number;
  recent: RunDto[];
  health: { level: LevelDto; text: string; page: "setup" | "settings" | null };
}
export interface RunBatchDto { run: RunDto; events: EventDto[]; next_cursor: number; is_final: boolean }
export type SettingKindDto =
  | { type: "bool" }
  | { type: "number"; min: number; max: number; unit: string | null }
  | { type: "text" }
  | { type: "path" }
  | { type: "choice"; options: string[] }
  | { type: "list" };
export interface SettingDto {
  key: string;
  group: string;
  title: string;
  meaning: string;
  kind: SettingKindDto;
  default: unknown;
  value: unknown;
  source: "default" | "file" | "environment";
  overridden_by: string | null;
}
export interface RootDto {
  path: string;
  source: "file" | "environment";
  access: { ok: boolean; text: string };
  broad: string | null;
}
export interface CandidateDto {
  path: string;
  source: string;
  version: string | null;
  usable: boolean;
  lacks: string[];
  chosen: boolean;
  login: "logged_in" | "not_logged_in" | "unknown";
  problem: string | null;
}
export interface SelfTestStepDto { step: string; state: "running" | "ok" | "failed" | "skipped"; text: string }
